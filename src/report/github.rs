//! Annotations for GitHub Actions: workflow commands, one on a line.

use super::{Report, advice, displayable, plural};
use crate::finding::{Finding, Severity};

/// GitHub shows as many annotations of each kind for a step, and drops those after them without a word.
const MAX_OF_A_KIND: usize = 10;

/// Commands for the worst findings, and one that says how many are left.
pub fn report(report: &Report<'_>) -> String {
    let mut text = String::new();
    let mut left = 0;
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        // The last notice is for what is left.
        let limit = MAX_OF_A_KIND - usize::from(severity == Severity::Note);
        let of_severity: Vec<&Finding> = report.active().filter(|finding| finding.severity == severity).collect();
        left += of_severity.len().saturating_sub(limit);
        text.extend(of_severity.into_iter().take(limit).map(|finding| annotation(report, finding)));
    }
    if left > 0 {
        let message = format!("{} not shown here: see the summary of the job", plural(left, "more finding"));
        text.push_str(&command("notice", &[("title", "scale-lint".to_string())], &message));
    }
    text
}

fn annotation(report: &Report<'_>, finding: &Finding) -> String {
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let (start, end) = report.positions(finding.primary.span);
    let mut properties = vec![
        ("file", displayable(&report.path_in_repository(report.path(finding.primary.span)))),
        ("line", start.line.to_string()),
        ("endLine", end.line.to_string()),
    ];
    // Columns are refused for more than one line.
    if start.line == end.line {
        properties.extend([("col", start.column.to_string()), ("endColumn", end.column.to_string())]);
    }
    properties.push(("title", format!("scale-lint: {}", finding.rule)));
    command(kind, &properties, &advice(finding).join("\n"))
}

fn command(kind: &str, properties: &[(&str, String)], message: &str) -> String {
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", escaped_property(value))).collect();
    format!("::{kind} {}::{}\n", properties.join(","), escaped(message))
}

/// A message as the runner reads it back.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which also ends at a comma or colon.
fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        let hostile = "a%0A,b:c\r\n::error::d";
        assert_eq!(
            command("notice", &[("file", hostile.to_string())], hostile),
            "::notice file=a%250A%2Cb%3Ac%0D%0A%3A%3Aerror%3A%3Ad::a%250A,b:c%0D%0A::error::d\n"
        );
    }
}
