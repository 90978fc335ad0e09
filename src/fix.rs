//! Mends findings: changes sources of the workspace as the fixes of findings say.
//!
//! A fix is made as a whole or not at all. A file is replaced in one step, and only by one that still parses.

use crate::error::{Notification, NotificationKind, UserError};
use crate::extract::extract;
use crate::finding::{Applicability, Finding, Replacement};
use crate::git::Git;
use crate::source::{FileId, Sources};
use crate::workspace::{Workspace, read_text, stat};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Which fixes to make, and what is no reason not to.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The least sure of the fixes to make.
    pub applicability: Applicability,
    pub allow_dirty: bool,
    pub allow_staged: bool,
    pub allow_no_vcs: bool,
}

/// How often fixes are made, and all is analysed again: what one brings may let another be made.
const MAX_ROUNDS: usize = 6;

/// How many files an error names.
const MAX_NAMED: usize = 8;

/// Rule, path and item: what tells whether a fix helped, whatever it changed around its finding.
type Place = (&'static str, String, String);

/// Fixes that were made, round by round.
pub struct Fixing {
    applicability: Applicability,
    rounds: usize,
    /// Where fixes were made in the last round, and how many findings there were before.
    last: BTreeMap<Place, usize>,
    /// Where a fix did not help. It is not made again.
    in_vain: BTreeSet<Place>,
    pub fixed: usize,
    pub notifications: BTreeSet<Notification>,
}

/// Holds the sources of a workspace against what git could give back.
///
/// # Errors
/// When some have changes that no commit has, or there is no git, and that was not allowed.
pub fn check_clean(workspace: &Workspace, wanted: &Wanted) -> Result<(), UserError> {
    if wanted.allow_no_vcs {
        return Ok(());
    }
    let git = Git::at(&workspace.root).map_err(|error| {
        UserError::new(format!("fixes change files, and nothing here can take that back: {}", error.message))
            .help("`--allow-no-vcs` makes them without version control")
    })?;
    if wanted.allow_dirty {
        return Ok(());
    }
    let files = (0..workspace.files.len() as u32).filter_map(|file| real_path(workspace, FileId(file)).ok());
    let paths: BTreeSet<String> = files.map(|path| workspace.relative(&path)).collect();
    let found = git.uncommitted(&paths)?;
    let staged = if wanted.allow_staged { Vec::new() } else { found.staged };
    let named =
        |paths: Vec<String>, what: &'static str| paths.into_iter().map(move |path| format!("`{path}` ({what})"));
    let named: Vec<String> = named(found.dirty, "dirty").chain(named(staged, "staged")).collect();
    if named.is_empty() {
        return Ok(());
    }
    let more = named.len().saturating_sub(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let shown = named.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
    Err(UserError::new(format!("fixes change files, and these hold changes that are not committed: {shown}{more}"))
        .help("commit them first; or `--allow-dirty`, and `--allow-staged` for what is staged only, makes fixes all the same"))
}

/// Where a file really is, if that is in the workspace.
fn real_path(workspace: &Workspace, file: FileId) -> Result<PathBuf, String> {
    let path = workspace.root.join(&workspace.file(file).path);
    stat(&workspace.root, &path)?;
    path.canonicalize().map_err(|error| format!("cannot be read: {error}"))
}

/// The changes to one file, and where the findings are that they mend.
#[derive(Default)]
struct Changes {
    replacements: Vec<Replacement>,
    mended: Vec<Place>,
}

impl Changes {
    /// Takes a change in, unless it touches what another changes already.
    fn add(&mut self, mut new: Vec<Replacement>, place: Place) {
        let touches = |one: &Replacement, other: &Replacement| {
            let (one, other) = (one.span.range, other.span.range);
            one.start == other.start || (one.start < other.end && other.start < one.end)
        };
        let is_free = |new: &Replacement| !self.replacements.iter().any(|known| touches(known, new));
        if new.windows(2).any(|pair| touches(&pair[0], &pair[1])) || !new.iter().all(is_free) {
            return;
        }
        self.replacements.append(&mut new);
        self.replacements.sort_by_key(|replacement| replacement.span);
        self.mended.push(place);
    }

    fn applied_to(&self, text: &str) -> String {
        let mut text = text.to_string();
        for Replacement { span, text: new } in self.replacements.iter().rev() {
            text.replace_range(span.range.start as usize..span.range.end as usize, new);
        }
        text
    }
}

impl Fixing {
    pub fn new(wanted: &Wanted) -> Self {
        Self {
            applicability: wanted.applicability,
            rounds: 0,
            last: BTreeMap::new(),
            in_vain: BTreeSet::new(),
            fixed: 0,
            notifications: BTreeSet::new(),
        }
    }

    /// Makes the fixes of the findings that count, the first of any that touch each other. Whether anything changed.
    pub fn apply(&mut self, workspace: &Workspace, findings: &[Finding], sources: &Sources) -> bool {
        let counting: Vec<&Finding> = findings.iter().filter(|finding| finding.counts()).collect();
        let found = count(counting.iter().map(|finding| place(workspace, finding)));
        self.settle(&found);
        if self.rounds == MAX_ROUNDS {
            return false;
        }
        self.rounds += 1;
        let mut files: BTreeMap<FileId, Changes> = BTreeMap::new();
        for finding in counting {
            let Some(fix) = finding.fix.as_ref().filter(|fix| fix.applicability <= self.applicability) else {
                continue;
            };
            let (replacements, place) = (fix.replacements(sources), place(workspace, finding));
            if let Some(first) = replacements.first().filter(|_| !self.in_vain.contains(&place)) {
                files.entry(first.span.file).or_default().add(replacements, place);
            }
        }
        for (file, changes) in files {
            match rewrite(workspace, sources, file, &changes) {
                Ok(()) => self.last.extend(changes.mended.into_iter().map(|place| {
                    let before = found.get(&place).copied().unwrap_or_default();
                    (place, before)
                })),
                Err(why) => {
                    let path = Some(workspace.file(file).path.clone());
                    let message = format!("was left as it is: {why}");
                    let kind = NotificationKind::DroppedFix;
                    self.notifications.insert(Notification { kind, path, line: None, message });
                    self.in_vain.extend(changes.mended);
                }
            }
        }
        !self.last.is_empty()
    }

    /// Counts the findings that are gone. A fix after which there are as many as before is not made again.
    fn settle(&mut self, found: &BTreeMap<Place, usize>) {
        for (place, before) in std::mem::take(&mut self.last) {
            let gone = before.saturating_sub(found.get(&place).copied().unwrap_or_default());
            self.fixed += gone;
            if gone == 0 {
                self.in_vain.insert(place);
            }
        }
    }
}

fn place(workspace: &Workspace, finding: &Finding) -> Place {
    (finding.rule, workspace.file(finding.primary.span.file).path.clone(), finding.symbol.clone())
}

fn count(places: impl Iterator<Item = Place>) -> BTreeMap<Place, usize> {
    let mut counts = BTreeMap::new();
    places.for_each(|place| *counts.entry(place).or_default() += 1);
    counts
}

/// Changes one file, or says why not.
fn rewrite(workspace: &Workspace, sources: &Sources, file: FileId, changes: &Changes) -> Result<(), String> {
    let path = real_path(workspace, file)?;
    let source = sources.get(file).ok_or("its text is not known")?;
    let now = read_text(&path)?;
    if now.lossy {
        return Err("it is not valid UTF-8".into());
    }
    if now.text != source.text {
        return Err("it was changed meanwhile".into());
    }
    let edited = changes.applied_to(&source.text);
    let (facts, troubles) = extract(&edited);
    if let Some(trouble) = troubles.first() {
        return Err(format!("with the fixes it would not parse: {}", trouble.message));
    }
    if facts.gaps.len() > workspace.file(file).facts.gaps.len() {
        return Err("with the fixes a part of it would not parse".into());
    }
    replace(&path, &edited).map_err(|error| format!("it cannot be written: {error}"))
}

/// Puts another file in the place of one, with the same permissions: whoever looks sees the old one or the new one.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let permissions = fs::metadata(path)?.permissions();
    if permissions.readonly() {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    let mut new = NamedTempFile::new_in(path.parent().unwrap_or(path))?;
    new.write_all(text.as_bytes())?;
    new.as_file().set_permissions(permissions)?;
    new.as_file().sync_all()?;
    new.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Span, TextRange};

    fn at(start: u32, end: u32, text: &str) -> Replacement {
        Replacement { span: Span::new(FileId(0), TextRange::new(start, end)), text: text.to_string() }
    }

    #[test]
    fn of_changes_that_touch_the_first_is_made_and_as_a_whole() {
        let mut changes = Changes::default();
        let place = || ("rule", String::new(), String::new());
        changes.add(vec![at(0, 1, "A"), at(4, 4, "!")], place());
        changes.add(vec![at(2, 3, "C"), at(4, 4, "?")], place());
        changes.add(vec![at(0, 2, "")], place());
        changes.add(vec![at(2, 3, "c"), at(2, 3, "d")], place());
        changes.add(vec![at(1, 2, "B")], place());
        assert_eq!((changes.applied_to("abcdef"), changes.mended.len()), ("ABcd!ef".to_string(), 2));
    }
}
