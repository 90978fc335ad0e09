//! Suppression comments. The parser drops comments; the lexer kept those that speak to this tool.

use super::Extractor;
use crate::facts::{Body, ItemKind, ModuleKind, NodeKind, Suppression, SuppressionScope};
use crate::source::TextRange;

/// What a comment that speaks to this tool starts with.
pub const MARKER: &str = "scale-lint:";

/// Whether a line comment, slashes included, speaks to this tool.
pub fn is_addressed(comment: &str) -> bool {
    after_slashes(comment).starts_with(MARKER)
}

fn after_slashes(comment: &str) -> &str {
    comment.trim_start_matches('/').trim_start_matches('!').trim_start()
}

impl Extractor<'_> {
    pub fn suppressions(&mut self, comments: &[TextRange]) {
        for comment in comments {
            let suppression = self.suppression(*comment);
            self.facts.suppressions.push(suppression);
        }
    }

    fn suppression(&self, range: TextRange) -> Suppression {
        let comment = &self.text[range.start as usize..range.end as usize];
        let line = self.offsets.line_at(range.start);
        let alone = self.text[line.start as usize..range.start as usize].trim().is_empty();
        let (rules, reason) = parse(after_slashes(comment)[MARKER.len()..].trim()).unwrap_or_default();
        let scope = if comment.starts_with("//!") {
            SuppressionScope::Module(self.module_around(range))
        } else if alone {
            SuppressionScope::Range(self.next_code(line))
        } else {
            SuppressionScope::Range(line)
        };
        Suppression { malformed: rules.is_empty(), rules, reason, scope, range }
    }

    /// The innermost module around a place.
    fn module_around(&self, place: TextRange) -> TextRange {
        let inline = self.facts.items.iter().filter(|item| {
            matches!(item.kind, ItemKind::Module(module) if self.facts.module(module).kind == ModuleKind::Inline)
        });
        let around = inline.map(|item| item.range).filter(|range| range.contains(place));
        around.min_by_key(|range| range.end - range.start).unwrap_or(TextRange::new(0, self.text.len() as u32))
    }

    /// What the first code below a comment line begins: an item, a statement, or just its line.
    fn next_code(&self, comment: TextRange) -> TextRange {
        let mut line = comment;
        let mut first = None;
        while (line.end as usize) < self.text.len() {
            line = self.offsets.line_at(line.end + 1);
            let text = self.text[line.start as usize..line.end as usize].trim();
            if text.is_empty() || text.starts_with("//") {
                continue;
            }
            first.get_or_insert(line);
            if !text.starts_with("#[") {
                break;
            }
        }
        let start = first.unwrap_or(comment);
        let covered = TextRange::new(start.start, line.end);
        let begun = self.begun_on(line);
        TextRange::new(covered.start, begun.map_or(covered.end, |range| range.end.max(covered.end)))
    }

    /// The largest item or statement that begins on a line.
    fn begun_on(&self, line: TextRange) -> Option<TextRange> {
        let begins = |range: &TextRange| line.start <= range.start && range.start < line.end;
        let items = self.facts.items.iter().map(|item| item.range);
        let bodies = self.facts.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Function(function) => function.body.as_ref(),
            ItemKind::Value(value) => value.body.as_ref(),
            _ => None,
        });
        let statements = bodies.flat_map(statements);
        items.chain(statements).filter(begins).max_by_key(|range| range.end)
    }
}

/// The statements of all blocks of a body.
fn statements(body: &Body) -> impl Iterator<Item = TextRange> + '_ {
    let is_block = |id: crate::facts::NodeId| matches!(body.kind(id), NodeKind::Block { .. });
    body.ids().filter(move |id| is_block(body.node(*id).parent)).map(|id| body.node(id).range)
}

/// `allow(rule, rule) reason`, or as attributes of the compiler have it, `allow(rule, reason = "reason")`.
fn parse(text: &str) -> Option<(Vec<Box<str>>, Box<str>)> {
    let inside = text.strip_prefix("allow")?.trim_start().strip_prefix('(')?;
    let quoted = inside.split_once("reason = \"").filter(|(list, _)| !list.contains(')'));
    let (list, reason) = match quoted {
        Some((list, rest)) => (list, rest.split_once('"')?.0),
        None => inside.split_once(')')?,
    };
    let rules: Vec<Box<str>> = list.split(',').map(str::trim).filter(|rule| !rule.is_empty()).map(Into::into).collect();
    let reason = reason.trim().trim_start_matches([':', '-']).trim();
    (!rules.is_empty()).then(|| (rules, reason.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_stands_behind_or_inside() {
        let read = |text| parse(text).map(|(rules, reason)| (rules.join(" "), reason.into_string()));
        let both = |rules: &str, reason: &str| Some((rules.to_string(), reason.to_string()));
        assert_eq!(read("allow(a, b) two (of them)"), both("a b", "two (of them)"));
        assert_eq!(read("allow(a): why"), both("a", "why"));
        assert_eq!(read("allow(a, reason = \"once (a day)\")"), both("a", "once (a day)"));
        assert_eq!(read("allow(a) its reason = \"why\""), both("a", "its reason = \"why\""));
        assert_eq!(read("allow(a, reason = \"\")"), both("a", ""));
        assert_eq!((read("allow()"), read("allow a"), read("allow(a, reason = \"why)")), (None, None, None));
    }
}
