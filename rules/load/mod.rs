//! Everything bounded, nothing that blocks the runtime, shutdown that drains.

pub mod body_limit_disabled;
pub mod graphql_no_limits;
pub mod permit_not_awaited;
pub mod shutdown_ignores_sigterm;
pub mod unbounded_channel;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[
    body_limit_disabled::RULE,
    graphql_no_limits::RULE,
    permit_not_awaited::RULE,
    shutdown_ignores_sigterm::RULE,
    unbounded_channel::RULE,
];
