//! The workspace as rules see it.

pub mod defs;
pub mod names;
pub mod symbols;
pub mod types;
