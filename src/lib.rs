//! The library behind `cargo scale-lint`: reads a Rust workspace and says what will break when it has to scale.
//!
//! [`engine::run`] is the whole of it, top to bottom.

pub mod baseline;
pub mod cache;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod diff_base;
pub mod engine;
pub mod entry_points;
pub mod error;
pub mod extract;
pub mod facts;
pub mod finding;
pub mod fingerprint;
pub mod fix;
pub mod git;
pub mod graph;
pub mod init;
pub mod levels;
pub mod model;
pub mod page;
pub mod progress;
pub mod report;
pub mod rule;
#[path = "../rules/mod.rs"]
pub mod rules;
pub mod source;
pub mod stats;
pub mod suppress;
pub mod workspace;
