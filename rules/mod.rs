//! The knowledge: rules by family, each a page and a detector, and the catalog of outside crates.

pub mod decoupling;
pub mod suppression;

use crate::rule::Rule;

/// All rules, family by family.
pub const ALL: &[&[Rule]] = &[decoupling::RULES, suppression::RULES];

/// The texts of all catalog files.
pub const CATALOG: &[&str] = &[include_str!("catalog/std.toml")];
