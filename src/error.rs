//! What can go wrong for the user, and what was not seen although nothing failed.

use crate::source::TextRange;
use std::fmt;

/// The tool could not do its work: wrong arguments, no workspace, a broken configuration. Exit code 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The text that is wrong, when it is in a file of the user's.
    pub source: Option<Box<ErrorSource>>,
}

/// A place in a file that an error is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorSource {
    pub path: String,
    pub text: String,
    pub range: TextRange,
    pub label: String,
}

impl UserError {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, source: None }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn at(mut self, source: ErrorSource) -> Self {
        self.source = Some(Box::new(source));
        self
    }
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for UserError {}

/// Something the analysis did not see or could not do. The rest of the run stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notification {
    pub kind: NotificationKind,
    pub path: Option<String>,
    pub line: Option<u32>,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotificationKind {
    /// Packages or dependencies are known only in part.
    IncompleteWorkspace,
    /// A file does not parse, in whole or in part.
    UnparsedFile,
    /// A file was not read: too large, not text, or outside the workspace.
    SkippedFile,
    /// A `mod` names a file that is not there.
    MissingFile,
    /// A file that no `mod` reaches.
    UnreachedFile,
    /// A rule failed; its findings are missing.
    FailedRule,
    /// Rules are off because the configuration asks for those of an older release.
    NewerRules,
    /// The baseline names findings that are gone.
    StaleBaseline,
    /// A fix was not made.
    DroppedFix,
    /// Output was shortened.
    Truncated,
}

impl NotificationKind {
    /// The name used in machine-readable output.
    pub fn id(self) -> &'static str {
        match self {
            NotificationKind::IncompleteWorkspace => "incomplete-workspace",
            NotificationKind::UnparsedFile => "unparsed-file",
            NotificationKind::SkippedFile => "skipped-file",
            NotificationKind::MissingFile => "missing-file",
            NotificationKind::UnreachedFile => "unreached-file",
            NotificationKind::FailedRule => "failed-rule",
            NotificationKind::NewerRules => "newer-rules",
            NotificationKind::StaleBaseline => "stale-baseline",
            NotificationKind::DroppedFix => "dropped-fix",
            NotificationKind::Truncated => "truncated",
        }
    }

    /// Whether the user should hear of it without asking.
    pub fn is_warning(self) -> bool {
        !matches!(self, NotificationKind::UnreachedFile | NotificationKind::NewerRules)
    }
}

/// The candidate most like `word`, if one is near enough to be what was meant.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let limit = (word.chars().count() / 3).max(1);
    let ranked = candidates.into_iter().map(|candidate| (edit_distance(word, candidate), candidate));
    ranked.filter(|(distance, _)| *distance <= limit).min().map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let rules = ["unbounded-channel", "unbounded-cache", "crate-cycle"];
        assert_eq!(nearest("unbouned-chanel", rules), Some("unbounded-channel"));
        assert_eq!(nearest("carte-cycle", rules), Some("crate-cycle"));
        assert_eq!(nearest("select-star", rules), None);
    }
}
