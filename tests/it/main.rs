//! All tests that look at the tool from outside, in one binary.

mod catalog;
mod cli;
mod command;
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
