//! Changes that mend a finding: what a rule says of them, and the text that comes of it.

use crate::source::{SourceText, Sources, Span, TextRange, floor_char_boundary};

/// A change that mends a finding: all of its edits, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the change does, as a command.
    pub description: String,
    pub applicability: Applicability,
    pub edits: Vec<Edit>,
}

/// How sure it is that a change is what is wanted, in the words of rustc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// Does the same as before, and compiles.
    MachineApplicable,
    /// Somebody has to look at it: a number is a guess, or something else may be meant.
    MaybeIncorrect,
}

impl Applicability {
    /// What makes such changes.
    pub fn option(self) -> &'static str {
        match self {
            Applicability::MachineApplicable => "--fix",
            Applicability::MaybeIncorrect => "--fix --unsafe-fixes",
        }
    }
}

/// One place at which a change touches the text. It says what is wanted; what that takes depends on the text around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub at: Span,
    pub put: Put,
}

/// What comes in the place of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    Text(String),
    /// Nothing, and what is blank around goes too.
    Nothing,
    /// Calls of methods behind the expression that ends here; each on a line of its own when the next call has one.
    Calls(Vec<String>),
    /// What stands elsewhere in the file.
    Copy(TextRange),
}

/// A part of a text, and what comes in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    pub span: Span,
    pub text: String,
}

impl Fix {
    pub fn new(applicability: Applicability, description: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { description: description.into(), applicability, edits }
    }

    /// The replacements that make the change, in the order of places; nothing when a text is not at hand.
    pub fn replacements(&self, sources: &Sources) -> Vec<Replacement> {
        let made = self.edits.iter().map(|edit| Some(edit.replacement(sources.get(edit.at.file)?)));
        let mut made: Vec<Replacement> = made.collect::<Option<_>>().unwrap_or_default();
        made.sort_by_key(|replacement| replacement.span);
        made
    }
}

impl Edit {
    pub fn replace(at: Span, text: impl Into<String>) -> Self {
        Self { at, put: Put::Text(text.into()) }
    }

    pub fn insert(after: Span, text: impl Into<String>) -> Self {
        Self::replace(end_of(after), text)
    }

    pub fn remove(at: Span) -> Self {
        Self { at, put: Put::Nothing }
    }

    pub fn call(on: Span, calls: Vec<String>) -> Self {
        Self { at: end_of(on), put: Put::Calls(calls) }
    }

    pub fn copy(from: TextRange, after: Span) -> Self {
        Self { at: end_of(after), put: Put::Copy(from) }
    }

    fn replacement(&self, source: &SourceText) -> Replacement {
        let as_written = |text: String| if source.has_carriage_returns() { text.replace('\n', "\r\n") } else { text };
        let (span, text) = match &self.put {
            Put::Text(text) => (self.at, as_written(text.clone())),
            Put::Nothing => (with_blanks(self.at, source), String::new()),
            Put::Calls(calls) => {
                let before = break_before_call(source, self.at.range.end);
                (self.at, calls.iter().flat_map(|call| [before, call]).collect())
            }
            Put::Copy(from) => (self.at, source.slice(*from).to_string()),
        };
        Replacement { span, text }
    }
}

fn end_of(span: Span) -> Span {
    Span::new(span.file, TextRange::new(span.range.end, span.range.end))
}

/// A span with the blanks before it, or the whole line when nothing else is on it.
fn with_blanks(span: Span, source: &SourceText) -> Span {
    let before = source.lines.before(&source.text, span.range.start);
    let blank_before = before.len() - before.trim_end().len();
    let after = rest(source, span.range.end);
    let (line, line_break) = after.split_once('\n').map_or((after, 0), |(line, _)| (line, 1));
    let is_alone = blank_before == before.len() && line.trim().is_empty();
    let taken_after = if is_alone { line.len() + line_break } else { 0 };
    let (start, end) = (span.range.start - blank_before as u32, span.range.end + taken_after as u32);
    Span::new(span.file, TextRange::new(start, end))
}

/// The line break and indentation before the call that follows an expression.
fn break_before_call(source: &SourceText, at: u32) -> &str {
    let rest = rest(source, at);
    let blank = &rest[..rest.len() - rest.trim_start().len()];
    if rest.trim_start().starts_with('.') && blank.contains('\n') { blank } else { "" }
}

fn rest(source: &SourceText, at: u32) -> &str {
    &source.text[floor_char_boundary(&source.text, at as usize)..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn span(text: &str, part: &str) -> Span {
        let start = text.find(part).expect("the part is in the text");
        Span::new(FileId(0), TextRange::new(start as u32, (start + part.len()) as u32))
    }

    /// A text after some edits.
    fn edited(text: &str, edits: Vec<Edit>) -> String {
        let mut sources = Sources::default();
        sources.insert(FileId(0), text.to_string());
        let fix = Fix::new(Applicability::MachineApplicable, "mend it", edits);
        let mut text = text.to_string();
        for Replacement { span, text: new } in fix.replacements(&sources).into_iter().rev() {
            text.replace_range(span.range.start as usize..span.range.end as usize, &new);
        }
        text
    }

    #[test]
    fn what_is_taken_away_takes_its_line_along() {
        let gone = |text: &str| edited(text, vec![Edit::remove(span(text, "// x"))]);
        assert_eq!(gone("a;\n    // x\nb;"), "a;\nb;");
        assert_eq!(gone("a; // x\nb;"), "a;\nb;");
        assert_eq!(gone("a;\r\n// x\r\nb;"), "a;\r\nb;");
        assert_eq!(gone("// x"), "");
    }

    #[test]
    fn calls_are_laid_out_like_the_next_one() {
        let call = |text: &str| edited(text, vec![Edit::call(span(text, "a()"), vec![".b()".into(), ".c()".into()])]);
        assert_eq!(call("a().z()"), "a().b().c().z()");
        assert_eq!(call("a()\r\n    .z()"), "a()\r\n    .b()\r\n    .c()\r\n    .z()");
        assert_eq!(call("a()\n    + 1"), "a().b().c()\n    + 1");
        assert_eq!(call("a()"), "a().b().c()");
    }

    #[test]
    fn texts_keep_the_line_ends_of_the_file_and_copies_are_exact() {
        let text = "one\r\ntwo\r\n";
        assert_eq!(edited(text, vec![Edit::insert(span(text, "one"), "\nmore")]), "one\r\nmore\r\ntwo\r\n");
        let copied = Edit::copy(span(text, "one\r\n").range, span(text, "two\r\n"));
        assert_eq!(edited(text, vec![Edit::remove(span(text, "one")), copied]), "two\r\none\r\n");
    }
}
