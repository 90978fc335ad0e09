//! Everything bounded, nothing that blocks the runtime, shutdown that drains.

pub mod blocking_call_in_async;
pub mod body_limit_disabled;
pub mod graphql_no_limits;
pub mod guard_across_await;
pub mod no_graceful_shutdown;
pub mod permit_not_awaited;
pub mod shutdown_ignores_sigterm;
pub mod unbounded_channel;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[
    blocking_call_in_async::RULE,
    body_limit_disabled::RULE,
    graphql_no_limits::RULE,
    guard_across_await::RULE,
    no_graceful_shutdown::RULE,
    permit_not_awaited::RULE,
    shutdown_ignores_sigterm::RULE,
    unbounded_channel::RULE,
];
