//! All tests that look at the tool from outside, in one binary.

mod catalog;
mod pages;
mod resolution;
mod tidy;
mod workspaces;
