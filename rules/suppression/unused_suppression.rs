crate::suppression_rule!("unused_suppression.md");
