//! Everything bounded, nothing that blocks the runtime, shutdown that drains.

pub mod async_lock_across_remote_call;
pub mod block_on_in_async;
pub mod blocking_call_in_async;
pub mod body_limit_disabled;
pub mod cpu_heavy_in_async;
pub mod graphql_no_limits;
pub mod guard_across_await;
pub mod no_graceful_shutdown;
pub mod permit_not_awaited;
pub mod shutdown_ignores_sigterm;
pub mod unbounded_channel;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[
    async_lock_across_remote_call::RULE,
    block_on_in_async::RULE,
    blocking_call_in_async::RULE,
    body_limit_disabled::RULE,
    cpu_heavy_in_async::RULE,
    graphql_no_limits::RULE,
    guard_across_await::RULE,
    no_graceful_shutdown::RULE,
    permit_not_awaited::RULE,
    shutdown_ignores_sigterm::RULE,
    unbounded_channel::RULE,
];
