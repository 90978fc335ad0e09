//! Findings and errors for people at a terminal.

use super::sanitise::{displayable, sanitise};
use super::{Report, plural};
use crate::error::{Notification, UserError};
use crate::finding::{Applicability, Finding, Label, Severity};
use crate::source::{FileId, LineIndex, Sources, TextRange, floor_char_boundary};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub color: bool,
    pub width: usize,
}

/// Lines longer than this are shown in part.
const MAX_LINE: usize = 240;
/// How much of a long line is shown on either side of a label.
const LINE_MARGIN: usize = 80;
/// Labels further than this many lines from the primary one are listed below the snippet.
const NEAR_LINES: usize = 12;
/// How many places below a snippet are listed.
const MAX_LISTED: usize = 12;

/// How much to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Findings only.
    Findings,
    /// Notifications worth hearing of, and a summary.
    Normal,
    /// All notifications.
    Everything,
}

/// Draws all findings that count, and what else is asked for.
pub fn report(report: &Report<'_>, style: Style, detail: Detail) -> String {
    let mut text = String::new();
    let drawing = Drawing::new(report, style);
    for finding in report.active() {
        text.push_str(&drawing.finding(finding));
        text.push('\n');
    }
    if detail == Detail::Findings {
        return text;
    }
    for notification in report.notifications {
        if notification.kind.is_warning() || detail == Detail::Everything {
            text.push_str(&note(notification));
        }
    }
    text.push_str(&summary(report));
    text
}

/// The texts of all files with findings, each made safe once.
fn snippets(report: &Report<'_>) -> BTreeMap<FileId, Snippet> {
    let files: BTreeSet<FileId> = report.active().map(|finding| finding.primary.span.file).collect();
    let snippet = |file| {
        let source = report.sources.get(file)?;
        Some((file, Snippet::new(&report.workspace.file(file).path, &source.text)))
    };
    files.into_iter().filter_map(snippet).collect()
}

fn note(notification: &Notification) -> String {
    let path = notification.path.as_deref().map(displayable).unwrap_or_default();
    let line = notification.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = if path.is_empty() { String::new() } else { format!("{path}{line}: ") };
    format!("note: {place}{}\n", displayable(&notification.message))
}

fn summary(report: &Report<'_>) -> String {
    let counts = report.counts();
    let seen = format!(
        "{} in {} and {}",
        plural(report.workspace.packages.len(), "package"),
        plural(report.source_files(), "file"),
        plural(report.lines() as usize, "line")
    );
    let found = [(counts.error, "error"), (counts.warning, "warning"), (counts.note, "note")];
    let new = if report.gone.is_some() { "new " } else { "" };
    let named = |(count, word): &(usize, &str)| plural(*count, &format!("{new}{word}"));
    let found: Vec<String> = found.iter().filter(|(count, _)| *count > 0).map(named).collect();
    let found = if found.is_empty() { format!("nothing {new}to report") } else { found.join(", ") };
    let known = report.gone.map(|gone| format!(", {} known, {gone} gone", counts.known)).unwrap_or_default();
    let suppressed = match counts.suppressed {
        0 => String::new(),
        count => format!(", {count} suppressed"),
    };
    let fixed = if report.fixed == 0 { String::new() } else { format!(", {} fixed", report.fixed) };
    format!("{found}{known}{suppressed}{fixed} ({seen})\n{}", fixable(report))
}

/// How many of the findings can be mended, and by which option.
fn fixable(report: &Report<'_>) -> String {
    match [Applicability::MachineApplicable, Applicability::MaybeIncorrect].map(|how| report.fixable(how)) {
        [0, 0] => String::new(),
        [0, unsure] => format!("{unsure} fixable with `--fix --unsafe-fixes`\n"),
        [sure, 0] => format!("{sure} fixable with `--fix`\n"),
        [sure, unsure] => format!("{sure} fixable with `--fix`, {unsure} more with `--unsafe-fixes`\n"),
    }
}

/// Draws an error of the user's.
pub fn error(error: &UserError, style: Style) -> String {
    let source = error.source.as_ref().map(|source| (Snippet::new(&source.path, &source.text), source));
    let labels = source.iter().map(|(snippet, source)| {
        let range = snippet.clamp(source.range);
        LabeledSpan::new_primary_with_span(Some(displayable(&source.label)), range)
    });
    let shown = Shown {
        code: None,
        severity: miette::Severity::Error,
        message: displayable(&error.message),
        help: error.help.as_deref().map(displayable),
        labels: labels.collect(),
        source: source.as_ref().map(|(snippet, _)| snippet),
    };
    shown.draw(style)
}

/// Draws findings one by one.
pub struct Drawing<'d> {
    report: &'d Report<'d>,
    style: Style,
    snippets: BTreeMap<FileId, Snippet>,
}

impl<'d> Drawing<'d> {
    pub fn new(report: &'d Report<'d>, style: Style) -> Self {
        Self { report, style, snippets: snippets(report) }
    }

    pub fn finding(&self, finding: &Finding) -> String {
        let sources = self.report.sources;
        let snippet = self.snippets.get(&finding.primary.span.file);
        let (near, far): (Vec<&Label>, Vec<&Label>) =
            finding.related.iter().partition(|label| is_near(sources, finding, label));
        let mut labels = Vec::new();
        if let Some(snippet) = snippet {
            let primary = snippet.clamp(finding.primary.span.range);
            labels.push(LabeledSpan::new_primary_with_span(Some(displayable(&finding.primary.message)), primary));
            let related = near.iter().map(|label| {
                LabeledSpan::new_with_span(Some(displayable(&label.message)), snippet.clamp(label.span.range))
            });
            labels.extend(related);
        }
        let shown = Shown {
            code: Some(format!("{}[{}]", finding.severity, finding.rule)),
            severity: match finding.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
                Severity::Note => miette::Severity::Advice,
            },
            message: displayable(&finding.message),
            help: None,
            labels,
            source: snippet,
        };
        let mut text = shown.draw(self.style);
        text.push_str(&self.listed("reached by", &finding.trace.iter().collect::<Vec<_>>()));
        text.push_str(&self.listed("see also", &far));
        for line in finding.help.lines().filter(|line| !line.is_empty()) {
            text.push_str(&format!("  help: {}\n", displayable(line)));
        }
        if let Some(fix) = &finding.fix {
            text.push_str(&format!("  fix: {} ({})\n", displayable(&fix.description), fix.applicability.option()));
        }
        text
    }

    fn listed(&self, title: &str, labels: &[&Label]) -> String {
        if labels.is_empty() {
            return String::new();
        }
        let mut text = format!("  {title}\n");
        for (number, label) in labels.iter().take(MAX_LISTED).enumerate() {
            let (start, _) = self.report.positions(label.span);
            let path = displayable(self.report.path(label.span));
            let message = displayable(&label.message);
            text.push_str(&format!("  {:>3}. {message}  ({path}:{}:{})\n", number + 1, start.line, start.column));
        }
        if labels.len() > MAX_LISTED {
            text.push_str(&format!("       and {} more\n", labels.len() - MAX_LISTED));
        }
        text
    }
}

fn is_near(sources: &Sources, finding: &Finding, label: &Label) -> bool {
    let primary = finding.primary.span;
    let Some(source) = sources.get(primary.file).filter(|_| label.span.file == primary.file) else { return false };
    let line = |offset| source.lines.line_of(offset);
    line(primary.range.start).abs_diff(line(label.span.range.start)) <= NEAR_LINES
}

/// A diagnostic as the renderer wants it.
struct Shown<'s> {
    code: Option<String>,
    severity: miette::Severity,
    message: String,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<&'s Snippet>,
}

impl Shown<'_> {
    fn draw(&self, style: Style) -> String {
        let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(style.width).with_links(false);
        let mut text = String::new();
        match handler.render_report(&mut text, self) {
            Ok(()) => text,
            // Only the snippet can fail to be drawn; what there is to say does not depend on it.
            Err(fmt::Error) => format!("{}\n", self.message),
        }
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }
}

/// A text made safe to show, that hands the renderer only the lines around a label. The renderer's own way of reading
/// a text walks all of it for each label, breaks on lines of 64 kB, and passes control characters on.
struct Snippet {
    name: String,
    text: String,
    lines: LineIndex,
    /// Where the text starts behind a byte order mark.
    body: usize,
}

impl Snippet {
    fn new(name: &str, text: &str) -> Self {
        let body = text.len() - text.trim_start_matches('\u{feff}').len();
        let text = sanitise(text);
        let lines = LineIndex::new(&text);
        Self { name: displayable(name), text, lines, body }
    }

    fn start_of(&self, line: usize) -> usize {
        (self.lines.start_of(line) as usize).max(self.body)
    }

    /// A range that the renderer can draw: within the text, on one line, and not empty if there is anything to mark.
    fn clamp(&self, range: TextRange) -> SourceSpan {
        let start = floor_char_boundary(&self.text, range.start as usize).max(self.body);
        let rest = &self.text[start..];
        let line_end = start + rest.find(['\r', '\n']).unwrap_or(rest.len());
        let end = floor_char_boundary(&self.text, range.end as usize).min(line_end).min(start + MAX_LINE);
        SourceSpan::from(start..floor_char_boundary(&self.text, end).max(start))
    }

    /// A line's start and end, cut around `keep` when it is too long to show.
    fn line(&self, line: usize, keep: usize) -> (usize, usize) {
        let start = self.start_of(line);
        let rest = &self.text[start..];
        let end = start + rest.find('\n').map_or(rest.len(), |length| length + 1);
        if end - start <= MAX_LINE {
            return (start, end);
        }
        let from = floor_char_boundary(&self.text, keep.saturating_sub(LINE_MARGIN)).max(start);
        let to = floor_char_boundary(&self.text, keep + MAX_LINE).min(end);
        (from, to)
    }
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (offset, end) = (span.offset(), span.offset() + span.len());
        if end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let (first, last) = (self.lines.line_of(offset as u32), self.lines.line_of(end as u32));
        let is_long = |line: usize| {
            let start = self.start_of(line);
            self.text[start..].find('\n').unwrap_or(self.text.len() - start) > MAX_LINE
        };
        let total = self.lines.lines(&self.text) as usize;
        let first = (first.saturating_sub(context_lines_before)..first)
            .find(|line| (*line..first).all(|l| !is_long(l)))
            .unwrap_or(first);
        let last = (last + 1..=last + context_lines_after)
            .take_while(|line| *line < total && !is_long(*line))
            .last()
            .unwrap_or(last);
        let (start, _) = self.line(first, offset);
        let (_, stop) = self.line(last, offset);
        // Without lines around it, the renderer asks where the span itself is; else, where what it draws begins.
        let place = if context_lines_before == 0 && context_lines_after == 0 { offset } else { start };
        let column = self.text[self.start_of(first)..place].chars().count();
        let contents = MietteSpanContents::new_named(
            self.name.clone(),
            &self.text.as_bytes()[start..stop.max(end)],
            SourceSpan::from(start..stop.max(end)),
            first,
            column,
            last + 1 - first,
        );
        Ok(Box::new(contents))
    }
}
