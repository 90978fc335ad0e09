//! The versions in `Cargo.lock`, for behaviour that changed between versions of a library.

use super::read::{read_text, stat};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
struct LockFile {
    #[serde(default)]
    package: Vec<LockedPackage>,
}

#[derive(Deserialize)]
struct LockedPackage {
    name: String,
    version: String,
}

/// The versions of each package; empty when there is no lock file or it does not parse, which only widens what is assumed.
pub fn read(root: &Path) -> BTreeMap<String, Vec<String>> {
    let path = root.join("Cargo.lock");
    let text = stat(root, &path).and_then(|_| read_text(&path)).map(|content| content.text).unwrap_or_default();
    let lock: LockFile = toml::from_str(&text).unwrap_or(LockFile { package: Vec::new() });
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in lock.package {
        versions.entry(package.name).or_default().push(package.version);
    }
    versions
}
