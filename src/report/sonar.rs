//! SonarQube's generic issues. From SARIF it would make every finding a vulnerability.

use super::{Report, advice, displayable, to_json};
use crate::finding::{Finding, Label, Severity};
use crate::rule::RuleInfo;
use crate::source::Span;
use serde::Serialize;

#[derive(Serialize)]
struct Output<'r> {
    rules: Vec<RuleOutput<'r>>,
    issues: Vec<Issue<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleOutput<'r> {
    id: &'r str,
    name: &'r str,
    description: String,
    engine_id: &'static str,
    clean_code_attribute: &'static str,
    /// For servers that still rate by type.
    #[serde(rename = "type")]
    kind: &'static str,
    severity: &'static str,
    impacts: [Impact; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Impact {
    software_quality: &'static str,
    severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Issue<'r> {
    rule_id: &'r str,
    primary_location: Location<'r>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secondary_locations: Vec<Location<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'r> {
    message: String,
    file_path: &'r str,
    text_range: TextRange,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TextRange {
    start_line: u32,
    end_line: u32,
    #[serde(flatten)]
    columns: Option<Columns>,
}

/// They count UTF-16 units from 0.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Columns {
    start_column: usize,
    end_column: usize,
}

/// All rules, and the findings.
pub fn report(report: &Report<'_>) -> String {
    to_json(&Output {
        rules: report.rules.iter().map(rule).collect(),
        issues: report.active().map(|finding| issue(report, finding)).collect(),
    })
}

fn rule(rule: &RuleInfo) -> RuleOutput<'_> {
    let (severity, impact) = match rule.page.severity {
        Severity::Error => ("CRITICAL", "HIGH"),
        Severity::Warning => ("MAJOR", "MEDIUM"),
        Severity::Note => ("MINOR", "LOW"),
    };
    RuleOutput {
        id: rule.id,
        name: &rule.page.title,
        description: format!("{} {}", rule.page.summary, rule.help_uri()),
        engine_id: "scale-lint",
        clean_code_attribute: "EFFICIENT",
        kind: "CODE_SMELL",
        severity,
        impacts: [Impact { software_quality: "RELIABILITY", severity: impact }],
    }
}

fn issue<'r>(report: &'r Report<'_>, finding: &'r Finding) -> Issue<'r> {
    let labels = finding.trace.iter().chain(&finding.related);
    Issue {
        rule_id: finding.rule,
        primary_location: location(report, finding.primary.span, advice(finding).join("; ")),
        secondary_locations: labels
            .map(|label: &Label| location(report, label.span, displayable(&label.message)))
            .collect(),
    }
}

fn location<'r>(report: &'r Report<'_>, span: Span, message: String) -> Location<'r> {
    let (start, end) = report.positions(span);
    let (before_start, before_end) = report.sources.before(span);
    let units = |text: &str| text.encode_utf16().count();
    let columns = Columns { start_column: units(before_start), end_column: units(before_end) };
    // A range of nothing is refused, with the whole report.
    let columns = Some(columns).filter(|_| start != end);
    let text_range = TextRange { start_line: start.line, end_line: end.line, columns };
    Location { message, file_path: report.path(span), text_range }
}
