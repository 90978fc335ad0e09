//! The workspace as it was where a branch was made, so that only what the branch brings is shown.
//!
//! The old files come out of git's objects into a folder of their own: the work tree, the index and what is checked out
//! stay as they are.

use crate::error::UserError;
use crate::finding::{BaselineState, Finding, Label};
use crate::git::{Git, TreeFile};
use crate::workspace::MAX_FILE_SIZE;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use tempfile::TempDir;

/// The old files, for as long as this lives.
pub struct Base {
    files: TempDir,
    /// Where the workspace is among them.
    prefix: String,
}

impl Base {
    /// Takes out of git what the analysis reads of the merge base of `rev` and what is checked out.
    ///
    /// # Errors
    /// When git cannot tell or has it not; see [`Git`].
    pub fn of(root: &Path, rev: &str) -> Result<Self, UserError> {
        let git = Git::at(root)?;
        let prefix = git.prefix()?;
        let commit = git.merge_base(rev)?;
        let listed = git.files(&commit)?;
        let unwritable =
            |error: std::io::Error| UserError::new(format!("a temporary folder cannot be written: {error}"));
        let files = TempDir::with_prefix("scale-lint-").map_err(unwritable)?;
        let top = files.path().canonicalize().map_err(unwritable)?;
        let (links, plain): (Vec<TreeFile>, Vec<TreeFile>) =
            listed.into_iter().filter(is_read).partition(|file| file.is_link);
        let mut targets = BTreeMap::new();
        git.contents(&links, |link, content| {
            let mut target = String::new();
            content.take(4096).read_to_string(&mut target)?;
            targets.extend(inside(&link.path, &target).map(|target| (link.path.clone(), target)));
            Ok(())
        })?;
        let by_path: BTreeMap<&str, &TreeFile> = plain.iter().map(|file| (file.path.as_str(), file)).collect();
        // What a link leads to is written in its place; one that leads out of the repository, or nowhere, is left out.
        let copies = targets.iter().filter_map(|(path, target)| {
            let file = by_path.get(target.as_str())?;
            Some(TreeFile { path: path.clone(), ..(*file).clone() })
        });
        let all: Vec<TreeFile> = plain.iter().cloned().chain(copies).collect();
        git.contents(&all, |file, content| write(&top, &file.path, content))?;
        Ok(Self { files, prefix })
    }

    /// Whether a folder is among the old files, and not above them.
    pub fn holds(&self, dir: &Path) -> bool {
        self.files.path().canonicalize().is_ok_and(|top| dir.starts_with(top))
    }

    /// The manifest of the workspace's root; `None` when there was none yet.
    pub fn manifest(&self) -> Option<PathBuf> {
        let manifest = self.files.path().join(&self.prefix).join("Cargo.toml");
        manifest.is_file().then_some(manifest)
    }
}

/// Whether the analysis may read a file: sources and what they include, manifests, and the lock file.
fn is_read(file: &TreeFile) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let wanted = matches!(ending, Some("rs" | "in" | "inc")) || name == "Cargo.toml" || name == "Cargo.lock";
    wanted && file.size.is_none_or(|size| size <= MAX_FILE_SIZE) && is_plain(&file.path)
}

/// Whether a path leads down only. Trees made by hand can hold any name.
fn is_plain(path: &str) -> bool {
    !path.contains('\\') && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Where a link leads, if it stays in the repository.
fn inside(link: &str, target: &str) -> Option<String> {
    let mut path: Vec<&str> = link.split('/').collect();
    path.pop();
    for part in target.split('/') {
        match part {
            // An absolute one starts with nothing.
            "" => return None,
            "." => {}
            ".." => drop(path.pop()?),
            part => path.push(part),
        }
    }
    Some(path.join("/"))
}

fn write(top: &Path, path: &str, content: &mut dyn Read) -> std::io::Result<()> {
    let path = top.join(path);
    fs::create_dir_all(path.parent().unwrap_or(top))?;
    std::io::copy(content, &mut fs::File::create(path)?).map(drop)
}

/// Lets a finding of which some parts are older point at the part that the change adds. `before` names what there was.
pub fn point_at_what_is_new(findings: &mut [Finding], before: &BTreeSet<String>) {
    for finding in findings.iter_mut().filter(|finding| finding.baseline == BaselineState::New) {
        let Some(added) = finding.parts.iter().find(|part| !before.contains(&part.edge)) else { continue };
        let span = added.span;
        finding.related.retain(|label| label.span != span);
        if finding.primary.span == span {
            finding.primary.message.push_str("; it is new");
        } else {
            let old = std::mem::replace(&mut finding.primary, Label::new(span, "this edge is new"));
            finding.related.insert(0, old);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_links_stay_inside() {
        assert!(is_plain("a/b.rs") && !is_plain("../b.rs") && !is_plain("/b.rs") && !is_plain("a/../../b.rs"));
        assert_eq!(inside("a/b.rs", "../c/d.rs").as_deref(), Some("c/d.rs"));
        assert_eq!(inside("a/b.rs", "./d.rs").as_deref(), Some("a/d.rs"));
        assert_eq!(inside("a/b.rs", "../../d.rs"), None);
        assert_eq!(inside("a/b.rs", "/etc/passwd"), None);
    }
}
