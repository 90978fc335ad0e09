//! Small workspaces on disk, and runs over them.

use scale_lint::engine::{self, Options, Outcome};
use scale_lint::finding::Confidence;
use scale_lint::report::Report;
use scale_lint::rules;
use scale_lint::workspace::Locate;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Two packages that depend on each other: one finding of `crate-cycle`, in `util/Cargo.toml`.
pub const CYCLE: [(&str, &str); 4] = [
    (
        "store/Cargo.toml",
        "[package]\nname = \"store\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nutil = { path = \"../util\" }\n",
    ),
    ("store/src/lib.rs", "pub fn open() -> u32 {\n    util::retries()\n}\n"),
    (
        "util/Cargo.toml",
        "[package]\nname = \"util\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dev-dependencies]\nstore = { path = \"../store\" }\n",
    ),
    ("util/src/lib.rs", "pub fn retries() -> u32 {\n    3\n}\n"),
];

/// Writes files into a new folder. Folders with a manifest become members of a workspace when the root has none; without
/// any manifest the files are one package that may use every crate the catalog knows.
pub fn workspace(files: &[(String, String)]) -> TempDir {
    let dir = TempDir::new().expect("a temporary folder can be made");
    for (path, text) in files {
        write(&dir.path().join(path), text);
    }
    if !dir.path().join("Cargo.toml").exists() {
        let members: BTreeSet<&str> = files.iter().filter_map(|(path, _)| path.strip_suffix("/Cargo.toml")).collect();
        let manifest = if members.is_empty() { package_manifest() } else { workspace_manifest(&members) };
        write(&dir.path().join("Cargo.toml"), &manifest);
    }
    if !dir.path().join("Cargo.lock").exists() {
        write(&dir.path().join("Cargo.lock"), &lock_file(files));
    }
    dir
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("folders can be made");
    fs::write(path, text).expect("files can be written");
}

fn workspace_manifest(members: &BTreeSet<&str>) -> String {
    let list: Vec<String> = members.iter().map(|member| format!("{member:?}")).collect();
    format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", list.join(", "))
}

/// A package that depends on all that the catalog describes.
pub fn package_manifest() -> String {
    let mut manifest =
        "[package]\nname = \"example\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n".to_string();
    for krate in rules::CATALOG.iter().filter(|(package, _)| *package != "std") {
        manifest.push_str(&format!("{} = \"*\"\n", krate.0));
    }
    manifest
}

/// Locks the crates that the files name, and those that the catalog names in describing these, so that no others are
/// read. Each has a version above all that the catalog tells apart.
fn lock_file(files: &[(String, String)]) -> String {
    let by_name: BTreeMap<String, (&str, &str)> =
        rules::CATALOG.iter().map(|(package, text)| (package.replace('-', "_"), (*package, *text))).collect();
    let mut open: Vec<&str> = files.iter().map(|(_, text)| text.as_str()).collect();
    let mut used = BTreeSet::new();
    while let Some(text) = open.pop() {
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
            if let Some((package, text)) = by_name.get(word)
                && used.insert(*package)
            {
                open.push(text);
            }
        }
    }
    let packages = used.into_iter().filter(|package| *package != "std");
    let locked = packages.map(|package| format!("[[package]]\nname = {package:?}\nversion = \"1000.0.0\"\n"));
    format!("version = 4\n\n{}", locked.collect::<Vec<_>>().join("\n"))
}

/// Runs all rules over a folder, without cargo and without a cache.
pub fn run(dir: &Path) -> Outcome {
    let locate = Locate {
        manifest_path: Some(PathBuf::from("Cargo.toml")),
        current_dir: dir.to_path_buf(),
        without_cargo: true,
        ..Locate::default()
    };
    let options = Options { locate, min_confidence: Some(Confidence::Low), jobs: 1, ..Options::default() };
    engine::run(&options).unwrap_or_else(|error| panic!("the workspace does not load: {error}"))
}

/// All that a run has to say.
pub fn report(outcome: &Outcome) -> Report<'_> {
    Report {
        workspace: &outcome.workspace,
        sources: &outcome.sources,
        rules: &outcome.rules,
        findings: &outcome.findings,
        notifications: &outcome.workspace.notifications,
        gone: outcome.gone,
        fixed: outcome.fixed,
    }
}

/// Paths and texts, written down shortly.
pub fn files(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
}
