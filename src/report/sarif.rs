//! SARIF 2.1.0, with the fields that code scanning services read.

mod fixes;
mod limits;

use super::line_hash::line_hashes;
use super::{Report, displayable, to_json};
use crate::error::{Notification, NotificationKind};
use crate::finding::{BaselineState, Confidence, Finding, Label, Severity, SuppressedBy};
use crate::rule::RuleInfo;
use crate::source::{FileId, Span};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The identifier of the workspace root in `originalUriBaseIds`.
const ROOT: &str = "%SRCROOT%";
/// More steps of a trace, or related places, are left out: services keep no more of a result.
const MAX_STEPS: usize = 1000;
const MAX_RELATED: usize = 100;

/// What becomes of findings that do not count: suppressed ones, and those that were there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suppressed {
    /// Most services would show them as open.
    LeftOut,
    /// For readers that know of suppressions and of `baselineState`.
    Marked,
}

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
    invocations: [Invocation; 1],
    column_kind: &'static str,
    original_uri_base_ids: BTreeMap<&'static str, BaseId>,
    automation_details: AutomationDetails,
    results: Vec<ResultOutput<'r>>,
}

#[derive(Serialize)]
struct BaseId {
    description: Text,
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
    short_description: Text,
    full_description: Text,
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

/// Text in which nothing hostile is left.
#[derive(Serialize)]
struct Text {
    text: String,
}

impl Text {
    fn new(text: &str) -> Self {
        Self { text: displayable(text) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<NotificationOutput>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NotificationOutput {
    level: &'static str,
    message: Text,
    descriptor: Descriptor,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
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
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_flows: Vec<CodeFlow>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<Vec<Suppression>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<fixes::FixOutput>,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    justification: String,
}

#[derive(Serialize)]
struct MessageOutput {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeFlow {
    thread_flows: [ThreadFlow; 1],
}

#[derive(Serialize)]
struct ThreadFlow {
    locations: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    location: Location,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
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
    #[serde(flatten)]
    columns: Option<Columns>,
}

/// What a region has beyond its line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Columns {
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

/// One SARIF log with a line break at the end.
pub fn report(report: &Report<'_>, suppressed: Suppressed) -> String {
    let (findings, left_out) = limits::within_limits(report, suppressed);
    let failed = report.notifications.iter().any(|found| found.kind == NotificationKind::FailedRule);
    let notifications = report.notifications.iter().chain(&left_out);
    let lines = hashed_lines(report, &findings);
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "scale-lint",
                version: env!("CARGO_PKG_VERSION"),
                semantic_version: env!("CARGO_PKG_VERSION"),
                information_uri: crate::rule::HOME,
                rules: report.rules.iter().map(rule_output).collect(),
            },
        },
        invocations: [Invocation {
            execution_successful: !failed,
            tool_execution_notifications: notifications.map(|found| notification_output(report, found)).collect(),
        }],
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: [(ROOT, BaseId { description: Text::new("The root of the repository.") })].into(),
        automation_details: AutomationDetails { id: "scale-lint/" },
        results: findings.into_iter().map(|finding| result(report, finding, &lines, suppressed)).collect(),
    };
    to_json(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] })
}

/// The hashes of the lines on which findings start.
fn hashed_lines(report: &Report<'_>, findings: &[&Finding]) -> BTreeMap<(FileId, u32), String> {
    let place = |finding: &&Finding| (finding.primary.span.file, report.positions(finding.primary.span).0.line);
    let places: BTreeSet<(FileId, u32)> = findings.iter().map(place).collect();
    let files: BTreeSet<FileId> = places.iter().map(|(file, _)| *file).collect();
    let mut hashes = BTreeMap::new();
    for (file, source) in files.into_iter().filter_map(|file| Some((file, report.sources.get(file)?))) {
        line_hashes(&source.text, |line, hash| {
            if places.contains(&(file, line)) {
                hashes.insert((file, line), hash);
            }
        });
    }
    hashes
}

fn level(severity: Severity) -> &'static str {
    severity.word()
}

fn rule_output(rule: &RuleInfo) -> RuleOutput<'_> {
    let markdown = rule.page.prose();
    RuleOutput {
        id: rule.id,
        name: pascal_case(rule.id),
        short_description: Text::new(&rule.page.title),
        full_description: Text::new(&rule.page.summary),
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

fn notification_output(report: &Report<'_>, notification: &Notification) -> NotificationOutput {
    let location = |path: &String| Location {
        id: None,
        physical_location: PhysicalLocation {
            artifact_location: artifact(report, path),
            region: notification.line.map(|start_line| Region { start_line, columns: None }),
        },
        message: None,
        logical_locations: Vec::new(),
    };
    NotificationOutput {
        level: if notification.kind.is_warning() { "warning" } else { "note" },
        message: Text::new(&notification.message),
        descriptor: Descriptor { id: notification.kind.id() },
        locations: notification.path.iter().map(location).collect(),
    }
}

fn result<'r>(
    report: &'r Report<'_>,
    finding: &'r Finding,
    lines: &BTreeMap<(FileId, u32), String>,
    suppressed: Suppressed,
) -> ResultOutput<'r> {
    let rule_index = report.rules.iter().position(|rule| rule.id == finding.rule).unwrap_or_default();
    let mut primary = location(report, &finding.primary, None);
    if !finding.symbol.is_empty() {
        primary.logical_locations = vec![LogicalLocation { fully_qualified_name: displayable(&finding.symbol) }];
    }
    let related = finding.related.iter().take(MAX_RELATED).enumerate();
    let related_locations: Vec<Location> =
        related.map(|(index, label)| location(report, label, Some(index + 1))).collect();
    let line = (finding.primary.span.file, report.positions(finding.primary.span).0.line);
    let line_hash = lines.get(&line).map(|hash| ("primaryLocationLineHash", hash.clone()));
    ResultOutput {
        rule_id: finding.rule,
        rule_index,
        level: level(finding.severity),
        message: MessageOutput { text: message(finding) },
        locations: [primary],
        related_locations,
        code_flows: code_flow(report, finding).into_iter().collect(),
        partial_fingerprints: line_hash.into_iter().chain([("scaleLint/v1", finding.fingerprint.clone())]).collect(),
        suppressions: (suppressed == Suppressed::Marked).then(|| finding.suppressed.iter().map(suppression).collect()),
        baseline_state: (suppressed == Suppressed::Marked && report.gone.is_some()).then_some(match finding.baseline {
            BaselineState::New => "new",
            BaselineState::Known => "unchanged",
        }),
        fixes: report.change(finding).iter().map(|change| fixes::fix(report, change)).collect(),
    }
}

fn suppression(suppressed: &crate::finding::Suppressed) -> Suppression {
    let kind = match suppressed.by {
        SuppressedBy::Comment => "inSource",
        SuppressedBy::Config => "external",
    };
    Suppression { kind, justification: displayable(&suppressed.reason) }
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

fn code_flow(report: &Report<'_>, finding: &Finding) -> Option<CodeFlow> {
    if finding.trace.is_empty() {
        return None;
    }
    let steps = finding.trace.iter().take(MAX_STEPS - 1).chain([&finding.primary]);
    let locations = steps.map(|label| Step { location: location(report, label, None) }).collect();
    Some(CodeFlow { thread_flows: [ThreadFlow { locations }] })
}

fn location(report: &Report<'_>, label: &Label, id: Option<usize>) -> Location {
    Location {
        id,
        physical_location: physical(report, label.span),
        message: (!label.message.is_empty()).then(|| Text::new(&label.message)),
        logical_locations: Vec::new(),
    }
}

fn physical(report: &Report<'_>, span: Span) -> PhysicalLocation {
    let (start, end) = report.positions(span);
    let columns = Columns { start_column: start.column, end_line: end.line, end_column: end.column };
    let region = Region { start_line: start.line, columns: Some(columns) };
    PhysicalLocation { artifact_location: artifact(report, report.path(span)), region: Some(region) }
}

fn artifact(report: &Report<'_>, path: &str) -> ArtifactLocation {
    ArtifactLocation { uri: percent_encoded(&report.path_in_repository(path)), uri_base_id: ROOT }
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
