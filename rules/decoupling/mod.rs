//! Crates and modules that can change and scale apart, and calls between services that do not pass failures on.

pub mod crate_cycle;
pub mod outbound_http_no_timeout;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[crate_cycle::RULE, outbound_http_no_timeout::RULE];
