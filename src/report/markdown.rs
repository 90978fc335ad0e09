//! Markdown for the summary of a job or a comment on a change.

use super::{Report, displayable, plural};
use crate::finding::Finding;

/// Services take summaries of up to 1 MiB.
const MAX_LENGTH: usize = 1_000_000;

/// What was found, worst first, and what was not seen.
pub fn report(report: &Report<'_>) -> String {
    let counts = report.counts();
    let found = [(counts.error, "error"), (counts.warning, "warning"), (counts.note, "note")];
    let found = found.iter().filter(|(count, _)| *count > 0).map(|(count, word)| plural(*count, word));
    let found = found.collect::<Vec<_>>().join(", ");
    let found = if found.is_empty() { "nothing to report" } else { &found };
    let mut text = format!("## scale-lint: {found}\n\n");
    let mut rows: Vec<&Finding> = report.active().collect();
    rows.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    if !rows.is_empty() {
        text.push_str("| severity | rule | place | what happens at scale |\n|---|---|---|---|\n");
        extend(&mut text, rows.into_iter().map(|finding| row(report, finding)), "finding");
        text.push('\n');
    }
    let notes: Vec<_> = report.notifications.iter().filter(|notification| notification.kind.is_warning()).collect();
    if !notes.is_empty() {
        text.push_str("Not all was seen:\n\n");
        let line = |path: &Option<String>, message: &str| match path {
            Some(path) => format!("- {}: {}\n", code(path), markdown(message)),
            None => format!("- {}\n", markdown(message)),
        };
        extend(&mut text, notes.into_iter().map(|note| line(&note.path, &note.message)), "note");
        text.push('\n');
    }
    let size = plural(report.lines() as usize, "line");
    text.push_str(&format!("{} in {size}\n", plural(report.workspace.packages.len(), "package")));
    text
}

/// Adds lines while there is room, and says how many there was none for.
fn extend(text: &mut String, mut lines: impl ExactSizeIterator<Item = String>, what: &str) {
    while let Some(line) = lines.next() {
        if text.len() + line.len() > MAX_LENGTH {
            text.push_str(&format!("\n{} left out, for want of room\n", plural(lines.len() + 1, what)));
            return;
        }
        text.push_str(&line);
    }
}

fn row(report: &Report<'_>, finding: &Finding) -> String {
    let (start, _) = report.positions(finding.primary.span);
    let place = format!("{}:{}", report.path(finding.primary.span), start.line);
    let rule = match report.rule(finding) {
        Some(rule) => format!("[{}]({})", finding.rule, rule.help_uri()),
        None => finding.rule.to_string(),
    };
    let help = finding.help.lines().filter(|line| !line.is_empty());
    let help: String = help.map(|line| format!("<br>How to fix: {}", markdown(line))).collect();
    format!("| {} | {rule} | {} | {}{help} |\n", finding.severity, code(&place), markdown(&finding.message))
}

/// Prose, in which only pairs of backticks mean anything.
fn markdown(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let part = |(index, part): (usize, &&str)| if index % 2 == 1 { code(part) } else { escaped(part) };
    parts.iter().enumerate().map(part).collect()
}

/// Code between tags: between backticks, a backtick could not be written.
fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// A text that stands for itself: each sign that could mean something is written as an entity. A comment keeps services
/// from reading a name behind `@` as a person, and a number behind `#` as an issue.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in displayable(text).chars() {
        match c {
            '@' | '#' => safe.push_str(&format!("&#{};<!-- -->", c as u32)),
            '&' | '<' | '>' | '*' | '_' | '[' | ']' | '\\' | '|' | '`' | '~' | '!' | '$' => {
                safe.push_str(&format!("&#{};", c as u32));
            }
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_of_backticks_mean_anything() {
        assert_eq!(markdown("keeps `a<b>` waiting"), "keeps <code>a&#60;b&#62;</code> waiting");
        assert_eq!(markdown("odd ` one"), "odd &#96; one");
        assert_eq!(markdown("a|b @me #1 [x](y)\n"), "a&#124;b &#64;<!-- -->me &#35;<!-- -->1 &#91;x&#93;(y)&#92;n");
    }
}
