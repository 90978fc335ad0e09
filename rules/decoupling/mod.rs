//! Crates and modules that can change and scale apart, and calls between services that do not pass failures on.

pub mod crate_cycle;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[crate_cycle::RULE];
