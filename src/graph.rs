//! The picture of a workspace: its crates, modules or services, what leads from one to another, and where it is written.

mod crates;
mod dot;
mod html;
mod json;
mod layout;
mod levels;
mod mermaid;
mod metrics;
mod modules;
mod select;
mod services;
mod text;

pub use html::DevEdges;
pub use metrics::Figures;
pub use select::Selection;

use crate::model::Model;
use crate::source::{Sources, Span};
use serde::Serialize;
use std::collections::BTreeSet;

/// What the nodes stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    Crates,
    Modules,
    Services,
}

/// Nodes by name, edges by the names of their ends.
#[derive(Clone, Debug)]
pub struct Graph {
    pub view: View,
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    pub cycles: Vec<Cycle>,
}

#[derive(Clone, Debug)]
pub struct Node {
    /// Unlike that of any other node.
    pub name: String,
    pub kind: NodeKind,
    /// The folder of a package or the file of a module, relative to the root; nothing for what is not in the sources.
    pub path: String,
    /// The longest way down: over normal and build dependencies, a cycle counted as one.
    pub level: usize,
    pub lines: u64,
    pub is_service: bool,
    /// The number of the cycle that it is part of.
    pub cycle: Option<usize>,
    /// What enters a service.
    pub entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    Crate,
    Module,
    Service,
    Topic,
    Endpoint,
    Table,
}

/// An entry point of a service.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub kind: &'static str,
    pub route: Option<String>,
    pub function: String,
    #[serde(flatten)]
    pub place: Place,
}

/// All that leads from one node to another in one way.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Positions in the list of nodes.
    pub from: usize,
    pub to: usize,
    pub kind: EdgeKind,
    pub optional: bool,
    /// The platforms or conditions under which alone it is there; none when it always is.
    pub targets: Vec<String>,
    /// How many different items are used.
    pub weight: usize,
    pub places: Vec<Place>,
    /// The number of the cycle that it is part of.
    pub cycle: Option<usize>,
    /// Whether it is among the cheapest edges to remove for its cycle to open.
    pub is_cut: bool,
    /// Whether it would be clear from other edges that its goal is needed.
    pub is_implied: bool,
    /// How it breaks the boundaries that the user draws; nothing when an exception covers it.
    pub breaks: BTreeSet<&'static str>,
    /// A module's use of one that it is part of, which is no way down.
    is_outward: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeKind {
    Normal,
    Build,
    Dev,
    Publishes,
    Consumes,
    Calls,
    Queries,
}

/// A place that one can jump to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    pub path: String,
    pub line: u32,
}

/// Nodes that all lead to one another, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycle {
    pub id: usize,
}

impl Graph {
    /// The whole graph; of modules, those of the packages named, or of all.
    pub fn of(model: &Model<'_>, view: View, packages: &[String]) -> Self {
        let mut places = PlaceFinder { model, sources: Sources::default() };
        let mut graph = match view {
            View::Crates => crates::gather(&mut places),
            View::Modules => modules::gather(&mut places, packages),
            View::Services => services::gather(&mut places),
        };
        graph.sort();
        graph.name_apart();
        levels::assign(&mut graph);
        graph
    }

    pub fn edges_from(&self, node: usize) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.from == node)
    }

    /// Nodes by name and edges by their ends, so that output is the same from run to run.
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        let key = |node: &Node| (node.kind, node.name.clone(), node.path.clone());
        order.sort_by_key(|index| key(&self.nodes[*index]));
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, index)| places[*index] = place);
        self.nodes.sort_by_key(key);
        for edge in &mut self.edges {
            (edge.from, edge.to) = (places[edge.from], places[edge.to]);
            edge.targets.sort();
            edge.targets.dedup();
            edge.places.sort();
            edge.places.dedup();
        }
        self.edges.sort_by_key(|edge| (edge.from, edge.to, edge.kind));
    }

    /// A library and a binary of one package may share their name: each then says where it is.
    fn name_apart(&mut self) {
        let names: Vec<String> = self.nodes.iter().map(|node| node.name.clone()).collect();
        for (index, node) in self.nodes.iter_mut().enumerate() {
            if names.iter().filter(|name| **name == names[index]).count() > 1 {
                node.name = format!("{} ({})", node.name, node.path);
            }
        }
    }
}

impl Node {
    fn new(name: impl Into<String>, kind: NodeKind, path: impl Into<String>) -> Self {
        let (name, path) = (name.into(), path.into());
        Self { name, kind, path, level: 0, lines: 0, is_service: false, cycle: None, entries: Vec::new() }
    }
}

impl Edge {
    fn new(from: usize, to: usize, kind: EdgeKind) -> Self {
        Self {
            from,
            to,
            kind,
            optional: false,
            targets: Vec::new(),
            weight: 0,
            places: Vec::new(),
            cycle: None,
            is_cut: false,
            is_implied: false,
            breaks: BTreeSet::new(),
            is_outward: false,
        }
    }

    /// Whether it counts as a way down.
    fn leads_down(&self) -> bool {
        self.kind != EdgeKind::Dev && !self.is_outward
    }

    /// What there is to say of it besides its ends.
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.kind != EdgeKind::Normal {
            words.push(self.kind.word().to_string());
        }
        if self.weight > 0 {
            words.push(plural(self.weight, self.kind.unit()));
        }
        words.extend(self.optional.then(|| "optional".to_string()));
        words.extend(self.targets.iter().map(|target| format!("for {target}")));
        words.extend(self.cycle.map(|cycle| format!("cycle {cycle}")));
        words.extend(self.is_cut.then(|| "cheapest to cut".to_string()));
        words.extend(self.breaks.iter().map(|how| format!("breaks a boundary: {how}")));
        words
    }
}

impl EdgeKind {
    pub fn word(self) -> &'static str {
        match self {
            EdgeKind::Normal => "normal",
            EdgeKind::Build => "build",
            EdgeKind::Dev => "dev",
            EdgeKind::Publishes => "publishes",
            EdgeKind::Consumes => "consumes",
            EdgeKind::Calls => "calls",
            EdgeKind::Queries => "queries",
        }
    }

    /// What its weight counts.
    fn unit(self) -> &'static str {
        match self {
            EdgeKind::Normal | EdgeKind::Build | EdgeKind::Dev => "item",
            _ => "place",
        }
    }
}

impl NodeKind {
    pub fn word(self) -> &'static str {
        match self {
            NodeKind::Crate => "crate",
            NodeKind::Module => "module",
            NodeKind::Service => "service",
            NodeKind::Topic => "topic",
            NodeKind::Endpoint => "endpoint",
            NodeKind::Table => "table",
        }
    }
}

impl View {
    pub fn word(self) -> &'static str {
        match self {
            View::Crates => "crates",
            View::Modules => "modules",
            View::Services => "services",
        }
    }
}

/// Turns spans into places, reading each file once.
struct PlaceFinder<'m, 'w> {
    model: &'m Model<'w>,
    sources: Sources,
}

impl PlaceFinder<'_, '_> {
    fn place(&mut self, span: Span) -> Place {
        self.load(span);
        let (start, _) = self.sources.positions(span);
        Place { path: self.model.workspace.file(span.file).path.clone(), line: start.line }
    }

    /// How many lines a span goes over.
    fn lines(&mut self, span: Span) -> u64 {
        self.load(span);
        let (start, end) = self.sources.positions(span);
        u64::from(end.line - start.line + 1)
    }

    fn load(&mut self, span: Span) {
        if !self.sources.contains(span.file) {
            self.sources.insert(span.file, self.model.workspace.read(span.file).unwrap_or_default());
        }
    }
}

/// `1 item`, `2 items`.
fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
