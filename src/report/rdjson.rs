//! Reviewdog's own format.

use super::{Change, Report, advice, displayable, to_json};
use crate::finding::{Finding, Label, Severity};
use crate::source::{Span, TextRange};
use serde::Serialize;

#[derive(Serialize)]
struct DiagnosticResult<'r> {
    source: Source,
    diagnostics: Vec<Diagnostic<'r>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'r> {
    message: String,
    location: Location<'r>,
    severity: &'static str,
    code: Code<'r>,
    related_locations: Vec<RelatedLocation<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
}

/// One that spans more lines than this would be shown as a change of them all.
const MAX_LINES: u32 = 40;

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

#[derive(Serialize)]
struct Location<'r> {
    path: &'r str,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

/// Columns count bytes from 1.
#[derive(Serialize)]
struct Position {
    line: u32,
    column: usize,
}

#[derive(Serialize)]
struct Code<'r> {
    value: &'r str,
    url: Option<String>,
}

#[derive(Serialize)]
struct RelatedLocation<'r> {
    message: String,
    location: Location<'r>,
}

/// One result with all diagnostics.
pub fn report(report: &Report<'_>) -> String {
    to_json(&DiagnosticResult {
        source: Source { name: "scale-lint", url: crate::rule::HOME },
        diagnostics: report.active().map(|finding| diagnostic(report, finding)).collect(),
    })
}

fn diagnostic<'r>(report: &'r Report<'_>, finding: &'r Finding) -> Diagnostic<'r> {
    let related = |label: &'r Label| RelatedLocation {
        message: displayable(&label.message),
        location: location(report, label.span),
    };
    Diagnostic {
        message: advice(finding).join("\n"),
        location: location(report, finding.primary.span),
        severity: match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Note => "INFO",
        },
        code: Code { value: finding.rule, url: report.rule(finding).map(|rule| rule.help_uri()) },
        related_locations: finding.trace.iter().chain(&finding.related).map(related).collect(),
        suggestions: report.change(finding).and_then(|change| suggestion(report, &change)).into_iter().collect(),
    }
}

/// All of a change as one text in the place of another: a suggestion has no parts.
fn suggestion(report: &Report<'_>, change: &Change<'_>) -> Option<Suggestion> {
    let (first, last) = (change.replacements.first()?.span, change.replacements.last()?.span);
    let source = report.sources.get(first.file).filter(|_| first.file == last.file)?;
    let (mut text, mut at) = (String::new(), first.range.start);
    for replacement in &change.replacements {
        text.push_str(source.slice(TextRange::new(at, replacement.span.range.start)));
        text.push_str(&replacement.text);
        at = replacement.span.range.end;
    }
    let range = range(report, Span::new(first.file, TextRange::new(first.range.start, last.range.end)));
    (range.end.line - range.start.line <= MAX_LINES).then_some(Suggestion { range, text })
}

fn location<'r>(report: &'r Report<'_>, span: Span) -> Location<'r> {
    Location { path: report.path(span), range: range(report, span) }
}

fn range(report: &Report<'_>, span: Span) -> Range {
    let (start, end) = report.positions(span);
    let (before_start, before_end) = report.sources.before(span);
    Range {
        start: Position { line: start.line, column: before_start.len() + 1 },
        end: Position { line: end.line, column: before_end.len() + 1 },
    }
}
