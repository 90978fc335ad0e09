//! Data access: queries, results, transactions and connections.

pub mod blocking_db_driver_in_async;
pub mod nested_pool_acquire;
pub mod query_in_loop;
pub mod remote_call_in_transaction;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[
    blocking_db_driver_in_async::RULE,
    nested_pool_acquire::RULE,
    query_in_loop::RULE,
    remote_call_in_transaction::RULE,
];
