//! What a rule says, as data.

mod fix;

pub use fix::{Applicability, Edit, Fix, Put, Replacement};

use crate::source::Span;
use std::fmt;
use std::str::FromStr;

/// One result of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: &'static str,
    pub family: &'static str,
    pub severity: Severity,
    pub confidence: Confidence,
    /// What happens at scale, in one sentence that names the real thing.
    pub message: String,
    /// The place to change, kept short.
    pub primary: Label,
    pub related: Vec<Label>,
    /// From an entry point to the primary span, step by step.
    pub trace: Vec<Label>,
    /// What to do here.
    pub help: String,
    /// A change that does it, when there is one.
    pub fix: Option<Fix>,
    /// The path of the item around the primary span.
    pub symbol: String,
    pub package: String,
    /// Who this finding is across edits; see [`crate::fingerprint`].
    pub fingerprint: String,
    /// What it consists of, when that grows and shrinks piece by piece: it is new as soon as one of them is.
    pub parts: Vec<Part>,
    /// Why it does not count, when a suppression covers it.
    pub suppressed: Option<Suppressed>,
    /// Whether it was there before.
    pub baseline: BaselineState,
}

/// One piece of a finding that has several, such as an edge of a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called, whatever else the finding has.
    pub name: String,
    /// The dependency that it is or goes along, by name.
    pub edge: String,
    pub span: Span,
    pub fingerprint: String,
}

impl Finding {
    /// Whether it is shown and makes a run fail.
    pub fn counts(&self) -> bool {
        self.suppressed.is_none() && self.baseline == BaselineState::New
    }

    /// The fingerprints by which it is known again, with the place of each.
    pub fn identities(&self) -> Vec<(&str, Span)> {
        match &self.parts[..] {
            [] => vec![(&self.fingerprint, self.primary.span)],
            parts => parts.iter().map(|part| (part.fingerprint.as_str(), part.span)).collect(),
        }
    }
}

/// A span with words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    pub span: Span,
    pub message: String,
}

impl Label {
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

/// Where a finding is: a span, the item around it and its package.
#[derive(Clone, Debug)]
pub struct Place<'m> {
    pub span: Span,
    pub symbol: String,
    pub package: &'m str,
}

/// How a finding was suppressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    pub by: SuppressedBy,
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuppressedBy {
    /// A comment in the source.
    Comment,
    /// An `[[allow]]` table of the configuration.
    Config,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Note,
    Warning,
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

/// Whether a finding was there before: in the baseline, or in the revision compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaselineState {
    New,
    Known,
}

/// What a configuration can say of a rule: off, or at which severity it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Off,
    On(Severity),
}

/// A word that is none of those expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    pub expected: &'static [&'static str],
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.expected.iter().map(|word| format!("`{word}`")).collect();
        write!(f, "expected one of {}", words.join(", "))
    }
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal,)* }) => {
        impl $name {
            pub const WORDS: &[&str] = &[$($word,)*];

            pub fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok($name::$variant),)*
                    _ => Err(UnknownWord { expected: $name::WORDS }),
                }
            }
        }
    };
}

words!(Severity { Error = "error", Warning = "warning", Note = "note", });
words!(Applicability { MachineApplicable = "machine-applicable", MaybeIncorrect = "maybe-incorrect", });
words!(BaselineState { New = "new", Known = "known", });
words!(Confidence { High = "high", Medium = "medium", Low = "low", });

impl Level {
    pub const WORDS: &[&str] = &["error", "warning", "note", "off"];
}

impl FromStr for Level {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "off" => Ok(Level::Off),
            _ => text.parse().map(Level::On).map_err(|_| UnknownWord { expected: Level::WORDS }),
        }
    }
}
