//! Messages in the shape of cargo's own, which editors and many tools read.

use super::terminal::{Drawing, Style};
use super::{Change, Report, displayable, sanitise};
use crate::finding::{Applicability, Finding, Label, Replacement};
use crate::source::Span;
use crate::workspace::{Package, Target, TargetKind};
use serde::Serialize;
use std::path::Path;

/// Lines longer than this are not repeated in a message.
const MAX_LINE: usize = 4_096;
/// Of more lines than this, only the first are.
const MAX_LINES: usize = 20;

#[derive(Serialize)]
struct Message<'r> {
    reason: &'static str,
    package_id: &'r str,
    manifest_path: String,
    target: TargetOutput<'r>,
    message: Diagnostic,
}

#[derive(Serialize)]
struct TargetOutput<'r> {
    kind: [&'static str; 1],
    crate_types: [&'static str; 1],
    name: &'r str,
    src_path: String,
    edition: String,
    doc: bool,
    doctest: bool,
    test: bool,
}

#[derive(Serialize)]
struct Diagnostic {
    #[serde(rename = "$message_type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    message: String,
    code: Option<Code>,
    level: &'static str,
    spans: Vec<SpanOutput>,
    children: Vec<Diagnostic>,
    rendered: Option<String>,
}

#[derive(Serialize)]
struct Code {
    code: String,
    explanation: Option<String>,
}

#[derive(Serialize)]
struct SpanOutput {
    file_name: String,
    byte_start: u32,
    byte_end: u32,
    line_start: u32,
    line_end: u32,
    column_start: u32,
    column_end: u32,
    is_primary: bool,
    text: Vec<Line>,
    label: Option<String>,
    suggested_replacement: Option<String>,
    suggestion_applicability: Option<&'static str>,
    expansion: Option<()>,
}

#[derive(Serialize)]
struct Line {
    text: String,
    highlight_start: usize,
    highlight_end: usize,
}

#[derive(Serialize)]
struct Finished {
    reason: &'static str,
    success: bool,
}

/// One message on a line for each finding.
pub fn report(report: &Report<'_>) -> String {
    let drawing = Drawing::new(report, Style { color: false, width: 100 });
    report.active().filter_map(|finding| message(report, finding, &drawing)).map(|message| line(&message)).collect()
}

/// The last message.
pub fn finished(success: bool) -> String {
    line(&Finished { reason: "build-finished", success })
}

fn line(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("strings and numbers serialise") + "\n"
}

fn message<'r>(report: &'r Report<'_>, finding: &Finding, drawing: &Drawing<'_>) -> Option<Message<'r>> {
    let package = package(report, finding)?;
    let manifest = &report.workspace.file(package.manifest).path;
    let of_file = |target: &&Target| target.modules.iter().any(|module| module.file == finding.primary.span.file);
    let target = package.targets.iter().find(of_file).or(package.targets.first());
    Some(Message {
        reason: "compiler-message",
        package_id: &package.id,
        manifest_path: absolute(report, manifest),
        target: target.map_or_else(|| no_target(report, package, manifest), |target| target_output(report, target)),
        message: diagnostic(report, finding, drawing),
    })
}

/// The package of a finding, or that of the file it is in.
fn package<'r>(report: &'r Report<'_>, finding: &Finding) -> Option<&'r Package> {
    let packages = &report.workspace.packages;
    let path = Path::new(report.path(finding.primary.span));
    let holding = packages.iter().filter(|package| path.starts_with(&package.dir));
    let named = packages.iter().find(|package| package.name == finding.package);
    named.or(holding.max_by_key(|package| package.dir.len())).or(packages.first())
}

fn target_output<'r>(report: &Report<'_>, target: &'r Target) -> TargetOutput<'r> {
    let kind = match target.kind {
        TargetKind::Library => "lib",
        TargetKind::ProcMacro => "proc-macro",
        TargetKind::Binary => "bin",
        TargetKind::Example => "example",
        TargetKind::Test => "test",
        TargetKind::Bench => "bench",
        TargetKind::BuildScript => "custom-build",
    };
    let is_library = target.kind.is_library();
    TargetOutput {
        kind: [kind],
        crate_types: [if is_library { kind } else { "bin" }],
        name: &target.name,
        src_path: absolute(report, &target.root),
        edition: target.edition.to_string(),
        doc: target.kind.is_production(),
        doctest: is_library,
        test: target.kind.is_production() || target.kind == TargetKind::Test,
    }
}

/// What stands for the target of a package that has none.
fn no_target<'r>(report: &Report<'_>, package: &'r Package, manifest: &str) -> TargetOutput<'r> {
    TargetOutput {
        kind: ["lib"],
        crate_types: ["lib"],
        name: &package.name,
        src_path: absolute(report, manifest),
        edition: "2015".to_string(),
        doc: false,
        doctest: false,
        test: false,
    }
}

fn absolute(report: &Report<'_>, path: &str) -> String {
    report.workspace.root.join(path).to_string_lossy().into_owned()
}

fn diagnostic(report: &Report<'_>, finding: &Finding, drawing: &Drawing<'_>) -> Diagnostic {
    let related = finding.related.iter().map(|label| span(report, label, false));
    let step = |label: &Label| child("note", displayable(&label.message), vec![span(report, label, true)]);
    let help = finding.help.lines().filter(|line| !line.is_empty());
    let help = help.map(|line| child("help", displayable(line), Vec::new()));
    let change = report.change(finding).map(|change| suggestion(report, &change));
    let page = report.rule(finding).map(|rule| format!("for further information visit {}", rule.help_uri()));
    let page = page.map(|text| child("help", text, Vec::new()));
    Diagnostic {
        kind: Some("diagnostic"),
        message: displayable(&finding.message),
        code: Some(Code { code: format!("scale_lint::{}", finding.rule), explanation: None }),
        level: finding.severity.word(),
        spans: std::iter::once(span(report, &finding.primary, true)).chain(related).collect(),
        children: finding.trace.iter().map(step).chain(help).chain(change).chain(page).collect(),
        rendered: Some(drawing.finding(finding)),
    }
}

fn child(level: &'static str, message: String, spans: Vec<SpanOutput>) -> Diagnostic {
    Diagnostic { kind: None, message, code: None, level, spans, children: Vec::new(), rendered: None }
}

fn span(report: &Report<'_>, label: &Label, is_primary: bool) -> SpanOutput {
    let (start, end) = report.positions(label.span);
    SpanOutput {
        file_name: report.path(label.span).to_string(),
        byte_start: label.span.range.start,
        byte_end: label.span.range.end,
        line_start: start.line,
        line_end: end.line,
        column_start: start.column,
        column_end: end.column,
        is_primary,
        text: lines(report, label.span),
        label: (!label.message.is_empty()).then(|| displayable(&label.message)),
        suggested_replacement: None,
        suggestion_applicability: None,
        expansion: None,
    }
}

/// A change as editors and `cargo fix` apply it: all spans of a child together.
fn suggestion(report: &Report<'_>, change: &Change<'_>) -> Diagnostic {
    let replaced = |replacement: &Replacement| SpanOutput {
        suggested_replacement: Some(replacement.text.clone()),
        suggestion_applicability: Some(match change.fix.applicability {
            Applicability::MachineApplicable => "MachineApplicable",
            Applicability::MaybeIncorrect => "MaybeIncorrect",
        }),
        ..span(report, &Label::new(replacement.span, ""), true)
    };
    child("help", displayable(&change.fix.description), change.replacements.iter().map(replaced).collect())
}

/// The lines of a span. Editors turn columns into their own units with them.
fn lines(report: &Report<'_>, span: Span) -> Vec<Line> {
    let Some(source) = report.sources.get(span.file) else { return Vec::new() };
    let (start, end) = report.positions(span);
    let first = source.lines.start_of(start.line as usize - 1) as usize;
    let text = source.text[first..].trim_start_matches('\u{feff}');
    let wanted = (start.line..=end.line).zip(text.lines()).take(MAX_LINES);
    let shown = |(number, line): (u32, &str)| {
        let length = line.chars().count() + 1;
        let from = if number == start.line { start.column as usize } else { 1 };
        let to = if number == end.line { end.column as usize } else { length };
        Line { text: sanitise(line), highlight_start: from.min(length), highlight_end: to.min(length) }
    };
    wanted.take_while(|(_, line)| line.len() <= MAX_LINE).map(shown).collect()
}
