//! Data access: queries, results, transactions and connections.

pub mod query_in_loop;
pub mod remote_call_in_transaction;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[query_in_loop::RULE, remote_call_in_transaction::RULE];
