crate::suppression_rule!("invalid_suppression.md");
