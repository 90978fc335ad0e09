//! All tests that look at the tool from outside, in one binary.

mod baseline;
mod catalog;
mod cli;
mod command;
mod diff_base;
mod entry_points;
mod kept;
mod oracle;
mod pages;
mod resolution;
mod robustness;
mod sarif;
mod schemas;
mod tidy;
mod workspaces;
