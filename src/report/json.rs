//! The stable JSON output, described by `schemas/report.schema.json`.

use super::{Change, Report, to_json};
use crate::finding::{Finding, Label, SuppressedBy};
use crate::source::Span;
use serde::Serialize;

#[derive(Serialize)]
struct Output<'r> {
    schema_version: u32,
    tool: Tool,
    workspace: WorkspaceOutput,
    findings: Vec<FindingOutput<'r>>,
    notifications: Vec<NotificationOutput<'r>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct WorkspaceOutput {
    root: &'static str,
    packages: usize,
    files: usize,
    lines: u64,
}

#[derive(Serialize)]
struct FindingOutput<'r> {
    rule: &'r str,
    family: &'r str,
    severity: &'static str,
    confidence: &'static str,
    message: &'r str,
    help: &'r str,
    #[serde(flatten)]
    place: PlaceOutput<'r>,
    symbol: &'r str,
    package: &'r str,
    related: Vec<LabelOutput<'r>>,
    trace: Vec<LabelOutput<'r>>,
    fix: Option<FixOutput<'r>>,
    fingerprint: &'r str,
    suppressed: Option<SuppressedOutput<'r>>,
    baseline: &'static str,
}

#[derive(Serialize)]
struct PlaceOutput<'r> {
    path: &'r str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct LabelOutput<'r> {
    #[serde(flatten)]
    place: PlaceOutput<'r>,
    message: &'r str,
}

#[derive(Serialize)]
struct FixOutput<'r> {
    description: &'r str,
    applicability: &'static str,
    edits: Vec<EditOutput<'r>>,
}

#[derive(Serialize)]
struct EditOutput<'r> {
    #[serde(flatten)]
    place: PlaceOutput<'r>,
    replacement: String,
}

#[derive(Serialize)]
struct SuppressedOutput<'r> {
    by: &'static str,
    reason: &'r str,
}

#[derive(Serialize)]
struct NotificationOutput<'r> {
    kind: &'static str,
    path: Option<&'r str>,
    line: Option<u32>,
    message: &'r str,
}

#[derive(Serialize)]
struct Summary {
    error: usize,
    warning: usize,
    note: usize,
    suppressed: usize,
    baselined: usize,
    gone: Option<usize>,
    fixed: usize,
}

/// One JSON document with a line break at the end.
pub fn report(report: &Report<'_>) -> String {
    let counts = report.counts();
    let output = Output {
        schema_version: 1,
        tool: Tool { name: "scale-lint", version: env!("CARGO_PKG_VERSION") },
        workspace: WorkspaceOutput {
            root: ".",
            packages: report.workspace.packages.len(),
            files: report.source_files(),
            lines: report.lines(),
        },
        findings: report.findings.iter().map(|finding| finding_output(report, finding)).collect(),
        notifications: report
            .notifications
            .iter()
            .map(|notification| NotificationOutput {
                kind: notification.kind.id(),
                path: notification.path.as_deref(),
                line: notification.line,
                message: &notification.message,
            })
            .collect(),
        summary: Summary {
            error: counts.error,
            warning: counts.warning,
            note: counts.note,
            suppressed: counts.suppressed,
            baselined: counts.known,
            gone: report.gone,
            fixed: report.fixed,
        },
    };
    to_json(&output)
}

fn finding_output<'r>(report: &'r Report<'_>, finding: &'r Finding) -> FindingOutput<'r> {
    let labels = |labels: &'r [Label]| labels.iter().map(|label| label_output(report, label)).collect();
    FindingOutput {
        rule: finding.rule,
        family: finding.family,
        severity: finding.severity.word(),
        confidence: finding.confidence.word(),
        message: &finding.message,
        help: &finding.help,
        place: place_output(report, finding.primary.span),
        symbol: &finding.symbol,
        package: &finding.package,
        related: labels(&finding.related),
        trace: labels(&finding.trace),
        fix: report.change(finding).map(|change| fix_output(report, change)),
        fingerprint: &finding.fingerprint,
        suppressed: finding.suppressed.as_ref().map(|suppressed| SuppressedOutput {
            by: match suppressed.by {
                SuppressedBy::Comment => "comment",
                SuppressedBy::Config => "config",
            },
            reason: &suppressed.reason,
        }),
        baseline: finding.baseline.word(),
    }
}

fn label_output<'r>(report: &'r Report<'_>, label: &'r Label) -> LabelOutput<'r> {
    LabelOutput { place: place_output(report, label.span), message: &label.message }
}

fn fix_output<'r>(report: &'r Report<'_>, change: Change<'r>) -> FixOutput<'r> {
    let edits = change.replacements.into_iter();
    FixOutput {
        description: &change.fix.description,
        applicability: change.fix.applicability.word(),
        edits: edits
            .map(|edit| EditOutput { place: place_output(report, edit.span), replacement: edit.text })
            .collect(),
    }
}

fn place_output<'r>(report: &'r Report<'_>, span: Span) -> PlaceOutput<'r> {
    let (start, end) = report.positions(span);
    PlaceOutput {
        path: report.path(span),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
