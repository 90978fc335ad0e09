//! Observability: every handler, consumer and task is seen by spans, metrics or logs.

pub mod span_guard_across_await;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[span_guard_across_await::RULE];
