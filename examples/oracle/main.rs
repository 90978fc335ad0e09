//! Holds the model against the compiler: where calls lead, and which guards are alive where a task may be suspended.
//!
//! `cargo run --release --example oracle -- <crate folder> [--write <file> | --details <file>] [-- <cargo options>]`
//!
//! Compiles one crate (`-p <package>`, `--lib`, `--bin <name>` after a second `--` choose which) with the toolchain at
//! hand and reads from the compiler's dumps, just before coroutines are made state machines, each call with its span and
//! full callee, and what the locals hold at each `.await`. Calls that only exist after expansion are left out: those a
//! macro makes, and those the language makes (`for`, `?`, `.await`, operators).
//! `--write` keeps what the compiler said, as the tests read it; `--details` lists every comparison.

mod callee;
mod compare;
mod compiled;
mod dump;

use compare::{Comparison, Said};
use std::path::PathBuf;

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().expect("the folder of a crate"));
    let folder = folder.canonicalize().expect("the folder exists");
    let (mut write, mut details) = (None, None);
    while let Some(option) = args.next() {
        match option.as_str() {
            "--write" => write = args.next(),
            "--details" => details = args.next(),
            "--" => break,
            other => panic!("`{other}` is no option of this"),
        }
    }
    let cargo_options: Vec<String> = args.collect();
    let compiled = dump::compile(&folder, &cargo_options);
    if let Some(file) = write {
        std::fs::write(&file, compiled.to_string()).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    let comparison = Comparison::new(&Said::of(&folder, &compiled), &compiled);
    print!("{}", comparison.figures());
    if let Some(file) = details {
        std::fs::write(&file, comparison.details()).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}
