//! Suppressions that do not do what they seem to.

pub mod invalid_suppression;
pub mod unused_suppression;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[invalid_suppression::RULE, unused_suppression::RULE];
