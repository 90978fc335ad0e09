//! Reviewdog's own format.

use super::{Report, advice, displayable, to_json};
use crate::finding::{Finding, Fix, Label, Severity};
use crate::source::Span;
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

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: &'static str,
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
        suggestions: finding.fix.iter().map(|fix| suggestion(report, fix)).collect(),
    }
}

fn suggestion(report: &Report<'_>, fix: &Fix) -> Suggestion {
    Suggestion { range: range(report, report.removed(fix)), text: "" }
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
