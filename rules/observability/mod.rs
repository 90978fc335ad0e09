//! Every request, message and job leaves a trace of what happened to it.

pub mod layer_before_routes;
pub mod unobserved_handler;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[layer_before_routes::RULE, unobserved_handler::RULE];
