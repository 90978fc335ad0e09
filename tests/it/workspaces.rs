//! Small workspaces on disk, and runs over them.

use scale_lint::engine::{self, Options, Outcome};
use scale_lint::finding::Confidence;
use scale_lint::workspace::Locate;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

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
    for krate in engine::read_catalog(|_| true).crates.iter().filter(|krate| krate.package != "std") {
        manifest.push_str(&format!("{} = \"*\"\n", krate.package));
    }
    manifest
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
