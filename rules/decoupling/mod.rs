//! Crates and modules that can change and scale apart, and calls between services that do not pass failures on.

pub mod client_per_request;
pub mod crate_cycle;
pub mod module_cycle;
pub mod outbound_http_no_timeout;
pub mod remote_call_in_loop;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[
    client_per_request::RULE,
    crate_cycle::RULE,
    module_cycle::RULE,
    outbound_http_no_timeout::RULE,
    remote_call_in_loop::RULE,
];
