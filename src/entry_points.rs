//! The list of entry points: what is called from outside, on which thread, and what observes and limits it.

use crate::model::Model;
use crate::model::callables::CallableKind;
use crate::model::coverage::{Coverage, LIMITING, Layer};
use crate::model::entries::EntryPoint;
use crate::model::observation::Evidence;
use crate::model::roles::RoleSet;
use crate::report::displayable;
use crate::source::{LineIndex, Span};
use serde::Serialize;
use std::collections::BTreeMap;

/// One entry point, as it is listed.
#[derive(Debug, Serialize)]
struct Listed {
    kind: &'static str,
    framework: Option<String>,
    route: Option<String>,
    function: String,
    path: String,
    line: usize,
    package: String,
    thread: &'static str,
    observed_by: Vec<Mark>,
    limited_by: Vec<Mark>,
    /// Whether anything observes it.
    evidence: &'static str,
}

/// What observes or limits an entry point, and where it is.
#[derive(Debug, PartialEq, Serialize)]
struct Mark {
    what: String,
    path: String,
    line: usize,
}

/// All entry points of what is served, by place.
#[derive(Debug)]
pub struct EntryPointList(Vec<Listed>);

impl EntryPointList {
    pub fn of(model: &Model<'_>) -> Self {
        let mut gather = Gather { model, coverage: Coverage::of(model), texts: BTreeMap::new() };
        let mut list: Vec<Listed> = model.entries.iter().map(|entry| gather.listed(entry)).collect();
        list.sort_by(|a, b| (&a.path, a.line, a.kind, &a.route).cmp(&(&b.path, b.line, b.kind, &b.route)));
        Self(list)
    }

    pub fn json(&self) -> String {
        serde_json::to_string_pretty(&self.0).expect("strings and numbers serialise") + "\n"
    }

    /// A table, and below it how many there are of each kind.
    pub fn human(&self) -> String {
        let head = ["kind", "entry point", "place", "thread", "observed by", "limited by"].map(str::to_string);
        let rows: Vec<[String; 6]> = std::iter::once(head).chain(self.0.iter().map(Listed::row)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: Vec<usize> = (0..6).map(width).collect();
        let line = |row: &[String; 6]| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_string() + "\n"
        };
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        self.0.iter().for_each(|entry| *counts.entry(entry.kind).or_default() += 1);
        let counts: Vec<String> = counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        let table: String = rows.iter().map(line).collect();
        format!("{table}\n{} entry points: {}\n", self.0.len(), counts.join(", "))
    }
}

impl Listed {
    fn row(&self) -> [String; 6] {
        let name = match &self.route {
            Some(route) => format!("{} ({})", displayable(route), displayable(&self.function)),
            None => displayable(&self.function).to_string(),
        };
        let observed = if self.observed_by.is_empty() && self.evidence == "unknown" {
            "unknown".to_string()
        } else {
            words(&self.observed_by)
        };
        [
            self.kind.to_string(),
            name,
            format!("{}:{}", displayable(&self.path), self.line),
            self.thread.to_string(),
            observed,
            words(&self.limited_by),
        ]
    }
}

/// `TraceLayer (src/main.rs:12), log (src/orders.rs:40)`.
fn words(marks: &[Mark]) -> String {
    let word = |mark: &Mark| format!("{} ({}:{})", displayable(&mark.what), displayable(&mark.path), mark.line);
    if marks.is_empty() { "-".to_string() } else { marks.iter().map(word).collect::<Vec<_>>().join(", ") }
}

struct Gather<'m> {
    model: &'m Model<'m>,
    coverage: Coverage<'m>,
    texts: BTreeMap<u32, (String, LineIndex)>,
}

impl<'m> Gather<'m> {
    fn listed(&mut self, entry: &'m EntryPoint) -> Listed {
        let model = self.model;
        let owner = model.owner_of(entry.callable);
        let is_function = matches!(model.callables.get(entry.callable).kind, CallableKind::Function { .. });
        let (mut observed_by, mut limited_by) = self.layer_marks(entry);
        if let Some(seen) = self.coverage.leaves(entry.callable) {
            let mark = self.mark(seen.what.to_string(), seen.span);
            observed_by.push(mark);
        }
        observed_by.dedup();
        limited_by.dedup();
        let (path, line) = self.place(model.entry_span(entry));
        let function = model.names.defs.path(owner);
        Listed {
            kind: entry.kind.word(),
            framework: entry.framework.clone(),
            route: self.coverage.route(entry),
            function: if is_function { function } else { format!("{function}::{{closure}}") },
            path,
            line,
            package: model.package_name(owner).to_string(),
            thread: model.thread_of(entry).word(),
            observed_by,
            limited_by,
            evidence: self.coverage.evidence(entry).word(),
        }
    }

    /// The layers on the best observed way to an entry point.
    fn layer_marks(&mut self, entry: &EntryPoint) -> (Vec<Mark>, Vec<Mark>) {
        let ways = self.coverage.ways(entry.callable);
        let Some(way) = ways.max_by_key(|way| self.coverage.is_observed(way) == Evidence::Yes) else {
            return (Vec::new(), Vec::new());
        };
        let layers = self.coverage.layers(way);
        let observing: Vec<&Layer<'m>> = layers.iter().filter(|layer| layer.observes()).collect();
        let observed_by = observing.into_iter().map(|layer| self.layer_mark(layer)).collect();
        let limits = RoleSet::of(&LIMITING);
        let limiting = layers.iter().filter(|layer| layer.roles.meets(limits));
        (observed_by, limiting.map(|layer| self.layer_mark(layer)).collect())
    }

    fn layer_mark(&mut self, layer: &Layer<'m>) -> Mark {
        self.mark(layer.name(), layer.site.span())
    }

    fn mark(&mut self, what: String, span: Span) -> Mark {
        let (path, line) = self.place(span);
        Mark { what, path, line }
    }

    fn place(&mut self, span: Span) -> (String, usize) {
        let file = self.model.workspace.file(span.file);
        let (text, index) = self.texts.entry(span.file.0).or_insert_with(|| {
            let text = self.model.workspace.read(span.file).unwrap_or_default();
            let index = LineIndex::new(&text);
            (text, index)
        });
        (file.path.clone(), index.position(text, span.range.start).line as usize)
    }
}
