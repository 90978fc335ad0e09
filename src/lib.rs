pub mod error;
pub mod extract;
pub mod facts;
pub mod source;
pub mod workspace;
pub mod model;
pub mod catalog;
