//! No session, business or coordination state hidden in the process.

pub mod ephemeral_signing_key;
pub mod session_store_in_memory;

use crate::rule::Rule;

pub const RULES: &[Rule] = &[ephemeral_signing_key::RULE, session_store_in_memory::RULE];
