//! Findings and notifications, written for people and for programs.
//!
//! Types that travel live here; what the analysis works with is not serialised anywhere else.

pub mod cargo;
pub mod checkstyle;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
mod line_hash;
pub mod markdown;
pub mod rdjson;
mod sanitise;
pub mod sarif;
pub mod sonar;
pub mod terminal;
mod xml;

pub use sanitise::{displayable, sanitise};

use crate::error::Notification;
use crate::finding::{Applicability, BaselineState, Finding, Fix, Replacement, Severity};
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
    /// How many findings were mended in this run.
    pub fixed: usize,
}

/// A fix with the text that it brings.
struct Change<'f> {
    fix: &'f Fix,
    replacements: Vec<Replacement>,
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

    /// A path from the root of the repository, as services that show findings want it.
    fn path_in_repository(&self, path: &str) -> String {
        let mut parts: Vec<&str> = Vec::new();
        for part in self.workspace.prefix.split_terminator('/').chain(path.split('/')) {
            match (part, parts.last()) {
                ("..", Some(above)) if *above != ".." => drop(parts.pop()),
                _ => parts.push(part),
            }
        }
        parts.join("/")
    }

    /// The change that mends a finding. One that copies text of the sources which may not be shown is left out.
    fn change<'f>(&self, finding: &'f Finding) -> Option<Change<'f>> {
        let fix = finding.fix.as_ref()?;
        let replacements = fix.replacements(self.sources);
        let is_clean = replacements.iter().all(|new| sanitise(&new.text) == new.text);
        (is_clean && !replacements.is_empty()).then_some(Change { fix, replacements })
    }

    /// How many findings could be mended, surely or perhaps.
    fn fixable(&self, applicability: Applicability) -> usize {
        let fixes = self.active().filter_map(|finding| finding.fix.as_ref());
        fixes.filter(|fix| fix.applicability == applicability).count()
    }

    fn rule(&self, finding: &Finding) -> Option<&RuleInfo> {
        self.rules.iter().find(|rule| rule.id == finding.rule)
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

/// What happens and what to do, line by line, for formats that know no more than a text.
fn advice(finding: &Finding) -> Vec<String> {
    let help = finding.help.lines().filter(|line| !line.is_empty());
    let help = help.map(|line| format!("how to fix: {}", displayable(line)));
    std::iter::once(displayable(&finding.message)).chain(help).collect()
}

/// JSON with a line break at the end.
fn to_json(output: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(output).expect("strings and numbers serialise") + "\n"
}

/// `1 error`, `2 errors`.
fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
