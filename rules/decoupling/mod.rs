//! Crates and modules that can change and scale apart, and calls between services that do not pass failures on.

pub mod client_per_request;
pub mod crate_cycle;
pub mod cyclic_service_calls;
pub mod god_crate;
pub mod hardcoded_endpoint;
pub mod hub_crate;
pub mod layer_change;
pub mod layer_violation;
pub mod module_cycle;
pub mod outbound_http_no_timeout;
pub mod remote_call_in_loop;
pub mod same_layer_edge;
pub mod shared_table_across_services;
pub mod slow_side_effect_in_handler;
pub mod stale_exception;
pub mod unstable_dependency;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[
    client_per_request::RULE,
    crate_cycle::RULE,
    cyclic_service_calls::RULE,
    god_crate::RULE,
    hardcoded_endpoint::RULE,
    hub_crate::RULE,
    layer_change::RULE,
    layer_violation::RULE,
    module_cycle::RULE,
    outbound_http_no_timeout::RULE,
    remote_call_in_loop::RULE,
    same_layer_edge::RULE,
    shared_table_across_services::RULE,
    slow_side_effect_in_handler::RULE,
    stale_exception::RULE,
    unstable_dependency::RULE,
];
