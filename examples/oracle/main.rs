//! Holds the model against the compiler: where calls lead, and which guards are alive where a task may be suspended.
//!
//! `cargo run --release --example oracle -- <crate folder> [--write <file> | --details <file>] [-- <cargo options>]`
//!
//! Compiles one crate (`-p <package>`, `--lib`, `--bin <name>` after a second `--` choose which) with the toolchain at
//! hand and reads from the compiler's dumps, just before coroutines are made state machines, each call with its span and
//! full callee, and just after, what each `.await` keeps. Calls that only exist after expansion are left out: those a
//! macro makes, and those the language makes (`for`, `?`, `.await`, operators).
//! `--write` keeps what the compiler said, as the tests read it; `--details` lists every comparison.

mod compare;
mod compiled;
mod dump;

use compare::Comparison;
use compiled::Compiled;
use scale_lint::engine::{self, Options};
use scale_lint::stats;
use scale_lint::workspace::Locate;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
    let comparison = compare(&folder, &compiled);
    print!("{}", comparison.figures());
    if let Some(file) = details {
        std::fs::write(&file, comparison.details()).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}

fn compare(folder: &Path, compiled: &Compiled) -> Comparison {
    let manifest_path = Some(folder.join("Cargo.toml"));
    let locate = Locate { manifest_path, current_dir: folder.to_path_buf(), ..Locate::default() };
    let options = Options { locate, ..Options::default() };
    let said = engine::with_threads(0, || {
        let prepared = engine::prepare(&options)?;
        let model = prepared.model();
        let described = prepared.catalog.crates.iter().map(|krate| krate.package.replace('-', "_")).collect();
        let own = prepared.workspace.packages.iter().map(|package| package.name.replace('-', "_")).collect();
        let lock = std::fs::read_to_string(prepared.workspace.root.join("Cargo.lock")).unwrap_or_default();
        let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        let locked = names.map(|name| name.replace('-', "_")).collect();
        let texts: BTreeMap<String, String> = compiled
            .paths()
            .into_iter()
            .filter(|path| Path::new(path).is_relative())
            .filter_map(|path| {
                Some((path.to_string(), std::fs::read_to_string(prepared.workspace.root.join(path)).ok()?))
            })
            .collect();
        Ok(compare::Said {
            calls: stats::calls(&model),
            guards: stats::guards(&model),
            guard_types: stats::guard_types(&model),
            described,
            own,
            locked,
            texts,
        })
    });
    let said = said.unwrap_or_else(|error| panic!("the workspace does not load: {error}"));
    Comparison::new(&said, compiled)
}
