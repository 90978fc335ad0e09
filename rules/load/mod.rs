//! Everything bounded, nothing that blocks the runtime, shutdown that drains.

pub mod shutdown_ignores_sigterm;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[shutdown_ignores_sigterm::RULE];
