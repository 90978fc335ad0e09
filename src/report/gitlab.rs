//! GitLab's code quality report, as merge requests show it.

use super::{Report, displayable, to_json};
use crate::finding::{Finding, Severity};
use serde::Serialize;

#[derive(Serialize)]
struct Issue<'r> {
    description: String,
    check_name: &'r str,
    fingerprint: &'r str,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// A list of issues.
pub fn report(report: &Report<'_>) -> String {
    to_json(&report.active().map(|finding| issue(report, finding)).collect::<Vec<_>>())
}

fn issue<'r>(report: &'r Report<'_>, finding: &'r Finding) -> Issue<'r> {
    let (start, end) = report.positions(finding.primary.span);
    Issue {
        // The name of the check is not shown anywhere else.
        description: format!("{}: {}", finding.rule, displayable(&finding.message)),
        check_name: finding.rule,
        fingerprint: &finding.fingerprint,
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Note => "minor",
        },
        location: Location {
            path: report.path_in_repository(report.path(finding.primary.span)),
            lines: Lines { begin: start.line, end: end.line },
        },
    }
}
