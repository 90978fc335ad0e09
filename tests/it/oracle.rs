//! What the compiler once said of a small crate, and what the model says of it now.
//!
//! `cargo run --example oracle -- fixtures/compiled --write fixtures/compiled/compiler.txt` asks the compiler again.

#[path = "../../examples/oracle/callee.rs"]
mod callee;
#[path = "../../examples/oracle/compare.rs"]
mod compare;
#[path = "../../examples/oracle/compiled.rs"]
mod compiled;

use compare::{Comparison, Said};
use compiled::Compiled;
use std::path::Path;

#[test]
fn the_model_says_what_the_compiler_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/compiled");
    let text = std::fs::read_to_string(folder.join("compiler.txt")).expect("the compiler was asked");
    let compiled = Compiled::read(&text).expect("the file is as it was written");
    assert_eq!(compiled.to_string(), text);
    let comparison = Comparison::new(&Said::of(&folder, &compiled), &compiled);
    let details = comparison.details();
    let otherwise: Vec<&str> = details.lines().filter(|line| !line.starts_with("Agree")).collect();
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
    assert!(comparison.calls.len() > 40 && comparison.guards.len() > 4, "{}", comparison.figures());
}
