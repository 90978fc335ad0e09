//! SARIF 2.1.0, with the fields that code scanning services read.

use super::{Report, displayable};
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::rule::RuleInfo;
use crate::source::Span;
use serde::Serialize;
use std::collections::BTreeMap;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The identifier of the workspace root in `originalUriBaseIds`.
const ROOT: &str = "%SRCROOT%";
/// More steps of a trace than this are cut from the middle.
const MAX_STEPS: usize = 1000;

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool<'r>,
    invocations: [Invocation<'r>; 1],
    column_kind: &'static str,
    original_uri_base_ids: BTreeMap<&'static str, BaseId>,
    automation_details: AutomationDetails,
    results: Vec<ResultOutput<'r>>,
}

#[derive(Serialize)]
struct BaseId {
    description: Text<'static>,
}

#[derive(Serialize)]
struct AutomationDetails {
    id: &'static str,
}

#[derive(Serialize)]
struct Tool<'r> {
    driver: Driver<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'r> {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<RuleOutput<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleOutput<'r> {
    id: &'r str,
    name: String,
    short_description: Text<'r>,
    full_description: Text<'r>,
    help: Help,
    help_uri: String,
    default_configuration: Configuration,
    properties: RuleProperties<'r>,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties<'r> {
    tags: Vec<&'r str>,
    precision: &'static str,
    #[serde(rename = "problem.severity")]
    problem_severity: &'static str,
}

#[derive(Serialize)]
struct Text<'r> {
    text: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'r> {
    execution_successful: bool,
    tool_execution_notifications: Vec<NotificationOutput<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NotificationOutput<'r> {
    level: &'static str,
    message: Text<'r>,
    descriptor: Descriptor,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location<'r>>,
}

#[derive(Serialize)]
struct Descriptor {
    id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultOutput<'r> {
    rule_id: &'r str,
    rule_index: usize,
    level: &'static str,
    message: MessageOutput,
    locations: [Location<'r>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_flows: Vec<CodeFlow<'r>>,
    partial_fingerprints: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct MessageOutput {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeFlow<'r> {
    thread_flows: [ThreadFlow<'r>; 1],
}

#[derive(Serialize)]
struct ThreadFlow<'r> {
    locations: Vec<Step<'r>>,
}

#[derive(Serialize)]
struct Step<'r> {
    location: Location<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'r> {
    fully_qualified_name: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

/// One SARIF log with a line break at the end. Suppressed findings are left out: services show them as open.
pub fn report(report: &Report<'_>) -> String {
    let rules = report.rules.iter().map(rule_output).collect();
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "scale-lint",
                version: env!("CARGO_PKG_VERSION"),
                semantic_version: env!("CARGO_PKG_VERSION"),
                information_uri: crate::rule::HOME,
                rules,
            },
        },
        invocations: [Invocation { execution_successful: true, tool_execution_notifications: notifications(report) }],
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: [(ROOT, BaseId { description: Text { text: "The root of the workspace." } })].into(),
        automation_details: AutomationDetails { id: "scale-lint/" },
        results: report.active().map(|finding| result(report, finding)).collect(),
    };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    let mut text = serde_json::to_string_pretty(&log).expect("strings and numbers serialise");
    text.push('\n');
    text
}

fn level(severity: Severity) -> &'static str {
    severity.word()
}

fn rule_output(rule: &RuleInfo) -> RuleOutput<'_> {
    let markdown = rule.page.prose();
    RuleOutput {
        id: rule.id,
        name: pascal_case(rule.id),
        short_description: Text { text: &rule.page.title },
        full_description: Text { text: &rule.page.summary },
        help: Help { text: markdown.clone(), markdown },
        help_uri: rule.help_uri(),
        default_configuration: Configuration { level: level(rule.page.severity) },
        properties: RuleProperties {
            tags: vec!["scalability", rule.family],
            precision: match rule.page.confidence {
                Confidence::High => "high",
                Confidence::Medium => "medium",
                Confidence::Low => "low",
            },
            problem_severity: match rule.page.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            },
        },
    }
}

fn pascal_case(id: &str) -> String {
    let words = id.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    words.collect()
}

fn notifications<'r>(report: &'r Report<'_>) -> Vec<NotificationOutput<'r>> {
    let outputs = report.notifications.iter().map(|notification| NotificationOutput {
        level: if notification.kind.is_warning() { "warning" } else { "note" },
        message: Text { text: &notification.message },
        descriptor: Descriptor { id: notification.kind.id() },
        locations: notification
            .path
            .iter()
            .map(|path| Location {
                id: None,
                physical_location: PhysicalLocation { artifact_location: artifact(path), region: None },
                message: None,
                logical_locations: Vec::new(),
            })
            .collect(),
    });
    outputs.collect()
}

fn result<'r>(report: &'r Report<'_>, finding: &'r Finding) -> ResultOutput<'r> {
    let rule_index = report.rules.iter().position(|rule| rule.id == finding.rule).unwrap_or_default();
    let mut primary = location(report, &finding.primary, None);
    primary.logical_locations = vec![LogicalLocation { fully_qualified_name: &finding.symbol }];
    let related = finding.related.iter().enumerate();
    let related_locations: Vec<Location<'_>> =
        related.map(|(index, label)| location(report, label, Some(index + 1))).collect();
    ResultOutput {
        rule_id: finding.rule,
        rule_index,
        level: level(finding.severity),
        message: MessageOutput { text: message(finding) },
        locations: [primary],
        related_locations,
        code_flows: code_flow(report, finding).into_iter().collect(),
        partial_fingerprints: [("scaleLint/v1", finding.fingerprint.clone())].into(),
    }
}

/// What happens, then what to do. Related places are shown only when the text links to them.
fn message(finding: &Finding) -> String {
    let mut text = format!("{}.", markdown_text(&finding.message));
    for (index, label) in finding.related.iter().enumerate().take(10) {
        text.push_str(&format!("\n- [{}]({})", markdown_text(&label.message), index + 1));
    }
    if !finding.help.is_empty() {
        text.push_str(&format!("\n\nHow to fix: {}.", markdown_text(&finding.help)));
    }
    text
}

/// Text inside a message, in which brackets would make links.
fn markdown_text(text: &str) -> String {
    displayable(text).replace('[', "(").replace(']', ")")
}

fn code_flow<'r>(report: &'r Report<'_>, finding: &'r Finding) -> Option<CodeFlow<'r>> {
    if finding.trace.is_empty() {
        return None;
    }
    let steps = finding.trace.iter().take(MAX_STEPS - 1).chain([&finding.primary]);
    let locations = steps.map(|label| Step { location: location(report, label, None) }).collect();
    Some(CodeFlow { thread_flows: [ThreadFlow { locations }] })
}

fn location<'r>(report: &'r Report<'_>, label: &'r Label, id: Option<usize>) -> Location<'r> {
    Location {
        id,
        physical_location: physical(report, label.span),
        message: (!label.message.is_empty()).then_some(Text { text: &label.message }),
        logical_locations: Vec::new(),
    }
}

fn physical(report: &Report<'_>, span: Span) -> PhysicalLocation {
    let (start, end) = report.positions(span);
    let region =
        Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column };
    PhysicalLocation { artifact_location: artifact(report.path(span)), region: Some(region) }
}

fn artifact(path: &str) -> ArtifactLocation {
    ArtifactLocation { uri: percent_encoded(path), uri_base_id: ROOT }
}

/// A relative path as a URI reference.
fn percent_encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            uri.push(byte as char);
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(percent_encoded("crates/a b/ü:%.rs"), "crates/a%20b/%C3%BC%3A%25.rs");
    }

    #[test]
    fn ids_become_names() {
        assert_eq!(pascal_case("unbounded-channel"), "UnboundedChannel");
    }
}
