//! The knowledge: rules by family, each a page and a detector, and the catalog of outside crates.

pub mod catalog;
pub mod data_access;
pub mod decoupling;
pub mod load;
pub mod observability;
pub mod statelessness;
pub mod suppression;

use crate::rule::Rule;
pub use catalog::CATALOG;

/// All rules, family by family.
pub const ALL: &[&[Rule]] = &[
    data_access::RULES,
    decoupling::RULES,
    load::RULES,
    observability::RULES,
    statelessness::RULES,
    suppression::RULES,
];
