//! Checks a catalog file against the real sources of its crate, and prints the paths that were found there.
//!
//! `cargo run --example catalog_paths -- rules/catalog/x.toml <crate source folder> [<folders of crates it re-exports>..]`
//! The output is kept as `tests/it/catalog/x.txt`. Paths of the catalog that the sources do not show are listed on
//! standard error: made by a macro, re-exported from a crate whose folder was not given, or wrong.

mod paths;

use paths::{Crates, describe};
use scale_lint::catalog::CatalogCrate;
use scale_lint::extract::{STACK_SIZE, extract};
use scale_lint::workspace::{Loaded, Locate, PackageId, Request, Workspace, read_text};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

fn main() {
    let run = std::thread::Builder::new().stack_size(STACK_SIZE).spawn(run).expect("a thread starts");
    run.join().expect("the check does not panic");
}

fn run() {
    let mut args = std::env::args().skip(1);
    let file = args.next().expect("a catalog file");
    let text = std::fs::read_to_string(&file).expect("the catalog file can be read");
    let catalog = CatalogCrate::parse(&text).unwrap_or_else(|error| panic!("{file}: {error:?}"));
    let name = catalog.package.replace('-', "_");

    let real = real_paths(args.map(PathBuf::from).collect(), &name);
    let described = [describe(&catalog)];
    let wanted = Crates::new(&Workspace::default(), &described).named_by(&catalog);
    for path in wanted.iter().filter(|path| real.contains(*path)) {
        println!("{path}");
    }
    for path in wanted.iter().filter(|path| !real.contains(*path)) {
        eprintln!("not found: {path}");
    }
}

/// The public paths of a crate, from its sources and those of the crates it re-exports.
fn real_paths(folders: Vec<PathBuf>, name: &str) -> BTreeSet<String> {
    let mut whole = Workspace::default();
    for folder in folders {
        let locate = Locate { current_dir: folder.clone(), ..Locate::default() };
        let mut one = Workspace::discover(&locate).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        one.load(&mut |requests| {
            let read = |request: &Request| {
                let text = read_text(&request.path).map(|content| content.text).unwrap_or_default();
                Loaded { facts: extract(&text).0, notifications: Vec::new() }
            };
            requests.iter().map(read).collect()
        });
        merge(&mut whole, one);
    }
    let dirs: BTreeMap<String, u32> =
        whole.packages.iter().enumerate().map(|(index, package)| (package.name.clone(), index as u32)).collect();
    for package in &mut whole.packages {
        for dependency in &mut package.dependencies {
            dependency.member = dirs.get(&dependency.package).map(|index| PackageId(*index));
        }
    }
    // The standard library's own sources are all there is to it.
    let standard = CatalogCrate::parse(include_str!("../../rules/catalog/std.toml")).expect("the catalog is valid");
    let descriptions: Vec<_> = (name != "std").then(|| describe(&standard)).into_iter().collect();
    Crates::new(&whole, &descriptions).paths(name, |_, _| true)
}

fn merge(whole: &mut Workspace, one: Workspace) {
    let offset = whole.files.len() as u32;
    for mut package in one.packages {
        package.manifest.0 += offset;
        package.targets.retain(|target| target.kind.is_library());
        for module in package.targets.iter_mut().flat_map(|target| &mut target.modules) {
            module.file.0 += offset;
        }
        whole.packages.push(package);
    }
    whole.files.extend(one.files);
}
