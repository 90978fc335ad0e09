//! All tests that look at the tool from outside, in one binary.

mod catalog;
mod cli;
mod command;
mod entry_points;
mod formats;
mod kept;
mod messages;
mod oracle;
mod pages;
mod resolution;
mod robustness;
mod sarif;
mod schemas;
mod tidy;
mod workspaces;
