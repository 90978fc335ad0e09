//! All tests that look at the tool from outside, in one binary.

mod adoption;
mod baseline;
mod boundaries;
mod browser;
mod catalog;
mod cli;
mod command;
mod diff_base;
mod entry_points;
mod fixes;
mod fixing;
mod formats;
mod graph;
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
