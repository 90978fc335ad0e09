//! What the catalog says of outside crates, held against lists of what their sources hold.
//!
//! The lists are made by `examples/catalog_paths`, one for each catalog file: the paths it names that were found in
//! the crate's real sources.

#[path = "../../examples/catalog_paths/paths.rs"]
mod paths;

use scale_lint::engine;
use scale_lint::model::defs::DefKind;
use scale_lint::model::names::Names;
use scale_lint::workspace::Workspace;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

fn lists() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/catalog")
}

/// What the checker cannot see: paths, or with `::*` all below one.
struct Unseen(BTreeSet<String>);

impl Unseen {
    fn read() -> Self {
        let text = fs::read_to_string(lists().join("unseen.txt")).expect("there is a list of what cannot be seen");
        let is_path = |line: &&str| !line.is_empty() && !line.starts_with("# ");
        Self(text.lines().filter(is_path).map(str::to_string).collect())
    }

    fn get(&self, path: &str) -> Option<&str> {
        let above = path.match_indices("::").map(|(at, _)| format!("{}::*", &path[..at]));
        let known = std::iter::once(path.to_string()).chain(above).find_map(|known| self.0.get(&known));
        known.map(String::as_str)
    }
}

#[test]
fn what_the_catalog_names_exists() {
    let unseen = Unseen::read();
    let catalog = engine::read_catalog(|_| true);
    let descriptions: Vec<_> = catalog.crates.iter().map(paths::describe).collect();
    let workspace = Workspace::default();
    let crates = paths::Crates::new(&workspace, &descriptions);
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for catalog in &catalog.crates {
        let list = fs::read_to_string(lists().join(format!("{}.txt", catalog.package))).unwrap_or_default();
        let seen: BTreeSet<&str> = list.lines().collect();
        for path in crates.named_by(catalog) {
            match unseen.get(&path) {
                _ if seen.contains(path.as_str()) => {}
                Some(known) => drop(used.insert(known)),
                None => wrong.push(path),
            }
        }
    }
    let idle = unseen.0.iter().filter(|known| !used.contains(known.as_str()));
    wrong.extend(idle.map(|known| format!("{known} is in unseen.txt for nothing")));
    assert!(wrong.is_empty(), "not in the sources, or the list is out of date:\n{}", wrong.join("\n"));
}

#[test]
fn descriptions_import_what_they_describe() {
    let catalog = engine::read_catalog(|_| true);
    let descriptions: Vec<_> = catalog.crates.iter().map(paths::describe).collect();
    let workspace = Workspace::default();
    let names = Names::build(&workspace, &descriptions);
    let undescribed = names.imports.iter().filter_map(|import| {
        let target = import.target?;
        let def = names.defs.get(target);
        (def.kind == DefKind::External && def.krate == import.krate).then(|| names.defs.path(target))
    });
    let undescribed: Vec<String> = undescribed.collect();
    assert!(undescribed.is_empty(), "named by an import of its own crate:\n{}", undescribed.join("\n"));
}
