//! Findings that were there before, kept in a file of the workspace so that only new ones are shown.
//!
//! The file is a set: a line for each fingerprint, sorted by it, so that changes from two branches seldom touch. It has
//! no counts and no line numbers, which would change with code that the findings are not about. Beside them it holds
//! the layer in which each package was first, and the edges inside layers, when layers are drawn.

use crate::error::{ErrorSource, UserError};
use crate::finding::{BaselineState, Finding};
use crate::model::boundaries::Inventory;
use crate::source::{LineIndex, TextRange};
use crate::workspace::{Workspace, stat};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

pub const FILE_NAME: &str = "scale-lint.baseline.json";

/// The format of the file.
const VERSION: u64 = 1;

const HOW_TO_WRITE: &str = "`cargo scale-lint baseline` writes it anew, with all findings of today";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeSet<Entry>,
    pub inventory: Inventory,
}

/// Rule and path are there for the reader of the file; the fingerprint alone decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub fingerprint: String,
    pub rule: String,
    pub path: String,
}

#[derive(Deserialize)]
struct Head {
    version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    #[serde(rename = "version")]
    _version: u64,
    findings: Vec<Entry>,
    #[serde(default)]
    layers: BTreeMap<String, String>,
    #[serde(default)]
    within_layers: BTreeSet<String>,
}

impl Baseline {
    /// What it takes to know findings again.
    pub fn of<'f>(workspace: &Workspace, findings: impl Iterator<Item = &'f Finding>) -> Self {
        let entries = findings.flat_map(|finding| {
            let entry = |(fingerprint, span): (&str, crate::source::Span)| Entry {
                fingerprint: fingerprint.to_string(),
                rule: finding.rule.to_string(),
                path: workspace.file(span.file).path.clone(),
            };
            finding.identities().into_iter().map(entry).collect::<Vec<_>>()
        });
        Self { entries: entries.collect(), inventory: Inventory::default() }
    }

    /// With what is to be kept of layers.
    pub fn with(self, inventory: Inventory) -> Self {
        Self { inventory, ..self }
    }

    /// The file at the workspace's root; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read, leads out of the workspace, or is not a baseline.
    pub fn of_workspace(root: &Path) -> Result<Option<Self>, UserError> {
        let path = root.join(FILE_NAME);
        if path.symlink_metadata().is_err() {
            return Ok(None);
        }
        stat(root, &path).map_err(|why| UserError::new(format!("`{FILE_NAME}` {why}")).help(HOW_TO_WRITE))?;
        Self::read(&path, FILE_NAME).map(Some)
    }

    /// # Errors
    /// When the file cannot be read or is not a baseline; `shown` is what it is called.
    pub fn read(path: &Path, shown: &str) -> Result<Self, UserError> {
        let text = fs::read_to_string(path).map_err(|error| {
            let help = match error.kind() {
                ErrorKind::NotFound => format!("`cargo scale-lint baseline --baseline {shown}` writes it"),
                _ => HOW_TO_WRITE.to_string(),
            };
            UserError::new(format!("the baseline `{shown}` cannot be read: {error}")).help(help)
        })?;
        Self::parse(&text, shown)
    }

    fn parse(text: &str, shown: &str) -> Result<Self, UserError> {
        let broken = |error: serde_json::Error| {
            let lines = LineIndex::new(text);
            let at = lines.start_of(error.line().saturating_sub(1)) + error.column().saturating_sub(1) as u32;
            let why = error.to_string();
            let label = why.split(" at line ").next().unwrap_or(&why).to_string();
            let source = ErrorSource {
                path: shown.to_string(),
                text: text.to_string(),
                range: TextRange::new(at, at + 1),
                label,
            };
            UserError::new(format!("`{shown}` is not a baseline")).at(source).help(HOW_TO_WRITE)
        };
        let head: Head = serde_json::from_str(text).map_err(broken)?;
        if head.version != VERSION {
            return Err(UserError::new(format!(
                "`{shown}` is of format {}, and this release reads format {VERSION}",
                head.version
            ))
            .help(format!("use the release that wrote it; or {HOW_TO_WRITE}")));
        }
        let written: Written = serde_json::from_str(text).map_err(broken)?;
        let inventory = Inventory { layers: written.layers, within_layers: written.within_layers };
        Ok(Self { entries: written.findings.into_iter().collect(), inventory })
    }

    /// Writes the file aside and renames it, so that a link in its place is replaced and not followed.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, path: &Path, shown: &str) -> Result<(), UserError> {
        let aside = path.with_extension(format!("{}.tmp", std::process::id()));
        let replace = || -> std::io::Result<()> {
            let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&aside)?;
            file.write_all(self.text().as_bytes())?;
            fs::rename(&aside, path)
        };
        replace().map_err(|error| {
            drop(fs::remove_file(&aside));
            UserError::new(format!("the baseline `{shown}` cannot be written: {error}"))
                .help("name another place with `--baseline path/to/file.json`")
        })
    }

    fn text(&self) -> String {
        let quoted = |text: &String| serde_json::to_string(text).expect("strings serialise");
        let entry = |entry: &Entry| {
            let [fingerprint, rule, path] = [&entry.fingerprint, &entry.rule, &entry.path].map(quoted);
            format!("{{ \"fingerprint\": {fingerprint}, \"rule\": {rule}, \"path\": {path} }}")
        };
        let list = |lines: Vec<String>| match &lines[..] {
            [] => String::new(),
            lines => format!("\n    {}\n  ", lines.join(",\n    ")),
        };
        let findings = list(self.entries.iter().map(entry).collect());
        let layer = |(package, layer): (&String, &String)| format!("{}: {}", quoted(package), quoted(layer));
        let layers = list(self.inventory.layers.iter().map(layer).collect());
        let layers = match layers.as_str() {
            "" => String::new(),
            layers => {
                let within = list(self.inventory.within_layers.iter().map(quoted).collect());
                format!(",\n  \"layers\": {{{layers}}},\n  \"within-layers\": [{within}]")
            }
        };
        format!("{{\n  \"version\": {VERSION},\n  \"findings\": [{findings}]{layers}\n}}\n")
    }

    /// In order, each once: a merge may leave two lines for one.
    pub fn fingerprints(&self) -> impl Iterator<Item = &str> {
        let all: BTreeSet<&str> = self.entries.iter().map(|entry| entry.fingerprint.as_str()).collect();
        all.into_iter()
    }

    /// The fingerprints that no finding has any more. Those of rules that did not run cannot be told.
    pub fn stale(&self, findings: &[Finding], did_not_run: &[&str]) -> BTreeSet<String> {
        let present = counting(findings);
        let judged = self.entries.iter().filter(|entry| !did_not_run.contains(&entry.rule.as_str()));
        let gone = judged.filter(|entry| !present.contains(entry.fingerprint.as_str()));
        gone.map(|entry| entry.fingerprint.clone()).collect()
    }

    /// In one line: how many there are now, and what is different.
    pub fn change_since(&self, old: &Self, shown: &str) -> String {
        let [now, before]: [BTreeSet<&str>; 2] = [self, old].map(|baseline| baseline.fingerprints().collect());
        let (added, removed) = (now.difference(&before).count(), before.difference(&now).count());
        let fingerprints = if now.len() == 1 { "fingerprint" } else { "fingerprints" };
        let mut said = format!("{shown} keeps {} {fingerprints}: {added} added, {removed} removed\n", now.len());
        for (package, layer) in &self.inventory.layers {
            if let Some(before) = old.inventory.layers.get(package).filter(|before| *before != layer) {
                said.push_str(&format!(
                    "`{package}` was in the layer `{before}`, and is now taken to be in `{layer}`\n"
                ));
            }
        }
        said
    }

    /// Forgets of layers what is there no more; the first layer of a package stays.
    pub fn forget(&mut self, now: &Inventory) {
        self.inventory.layers.retain(|package, _| now.layers.contains_key(package));
        self.inventory.within_layers.retain(|edge| now.within_layers.contains(edge));
    }

    pub fn remove(&mut self, fingerprints: &BTreeSet<String>) {
        self.entries.retain(|entry| !fingerprints.contains(&entry.fingerprint));
    }
}

/// The fingerprints of all findings that are not suppressed, sure or not.
pub fn counting(findings: &[Finding]) -> BTreeSet<&str> {
    let counted = findings.iter().filter(|finding| finding.suppressed.is_none());
    counted.flat_map(Finding::identities).map(|(fingerprint, _)| fingerprint).collect()
}

/// Marks the findings of which every part was there before.
pub fn mark(findings: &mut [Finding], known: &BTreeSet<&str>) {
    for finding in findings {
        if finding.identities().iter().all(|(fingerprint, _)| known.contains(fingerprint)) {
            finding.baseline = BaselineState::Known;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(fingerprint: &str) -> Entry {
        Entry { fingerprint: fingerprint.into(), rule: "crate-cycle".into(), path: "a \"b\"/Cargo.toml".into() }
    }

    #[test]
    fn what_is_written_is_read_again_whatever_the_order() {
        let baseline = Baseline { entries: [entry("b"), entry("a")].into(), ..Baseline::default() };
        let text = baseline.text();
        assert_eq!(text.lines().filter(|line| line.contains("fingerprint")).count(), 2);
        assert_eq!(Baseline::parse(&text, "b.json"), Ok(baseline.clone()));
        let swapped = text.replace("\"a\"", "\"c\"");
        assert_eq!(Baseline::parse(&swapped, "b.json").map(|read| read.fingerprints().count()), Ok(2));
        assert_eq!(Baseline::parse(&Baseline::default().text(), "b.json"), Ok(Baseline::default()));
    }

    #[test]
    fn what_is_no_baseline_is_refused_at_its_place() {
        let merged = Baseline { entries: [entry("a")].into(), ..Baseline::default() }
            .text()
            .replace("    {", "<<<<<<< ours\n    {");
        let error = Baseline::parse(&merged, "b.json").expect_err("a conflict is left");
        let source = error.source.expect("the error has a place");
        assert!(merged[source.range.start as usize..].starts_with("<<<"), "{source:?}");
        for wrong in ["", "[]", "{}", "{\"version\": 1}", "{\"version\": 1, \"findings\": [], \"more\": 1}"] {
            assert_eq!(
                Baseline::parse(wrong, "b.json").map_err(|error| error.message),
                Err("`b.json` is not a baseline".into())
            );
        }
        let later = Baseline::parse("{\"version\": 2, \"entries\": {}}", "b.json").expect_err("a later format");
        assert_eq!(later.message, "`b.json` is of format 2, and this release reads format 1");
    }
}
