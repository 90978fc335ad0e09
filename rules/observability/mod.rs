//! Observability: every handler, consumer and task is seen by spans, metrics or logs.

pub mod layer_before_routes;
pub mod span_guard_across_await;
pub mod unobserved_handler;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[layer_before_routes::RULE, span_guard_across_await::RULE, unobserved_handler::RULE];
