//! Findings and notifications, written for people and for programs.
//!
//! Types that travel live here; what the analysis works with is not serialised anywhere else.

pub mod json;
mod sanitise;
pub mod sarif;
pub mod terminal;

pub use sanitise::{displayable, sanitise};

use crate::error::Notification;
use crate::finding::{BaselineState, Finding, Severity};
use crate::rule::RuleInfo;
use crate::source::{Position, Sources, Span};
use crate::workspace::Workspace;

/// All that a run has to say.
pub struct Report<'r> {
    pub workspace: &'r Workspace,
    pub sources: &'r Sources,
    /// All rules, sorted by id, whether they found something or not.
    pub rules: &'r [RuleInfo],
    /// Sorted by place; suppressed and known ones too.
    pub findings: &'r [Finding],
    pub notifications: &'r [Notification],
    /// How many findings that were there before are so no more; `None` when nothing was compared.
    pub gone: Option<usize>,
}

/// How many findings of each severity count, and how many do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub error: usize,
    pub warning: usize,
    pub note: usize,
    pub suppressed: usize,
    pub known: usize,
}

impl Report<'_> {
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for finding in self.findings {
            *match (&finding.suppressed, finding.baseline, finding.severity) {
                (Some(_), _, _) => &mut counts.suppressed,
                (None, BaselineState::Known, _) => &mut counts.known,
                (None, _, Severity::Error) => &mut counts.error,
                (None, _, Severity::Warning) => &mut counts.warning,
                (None, _, Severity::Note) => &mut counts.note,
            } += 1;
        }
        counts
    }

    /// The findings that count.
    pub fn active(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.counts())
    }

    fn path(&self, span: Span) -> &str {
        &self.workspace.file(span.file).path
    }

    fn positions(&self, span: Span) -> (Position, Position) {
        self.sources.positions(span)
    }

    /// The lines of code that were analysed.
    fn lines(&self) -> u64 {
        self.workspace.files.iter().map(|file| u64::from(file.facts.lines)).sum()
    }

    fn source_files(&self) -> usize {
        self.workspace.files.iter().filter(|file| !file.facts.modules.is_empty()).count()
    }
}

/// `1 error`, `2 errors`.
fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
