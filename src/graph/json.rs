//! The graph for programs, as `schemas/graph.schema.json` describes it.

use super::{Edge, EdgeKind, Entry, Graph, Node, NodeKind, Place, View};
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Serialize)]
pub(super) struct JsonGraph<'g> {
    schema_version: u32,
    view: View,
    nodes: Vec<JsonNode<'g>>,
    edges: Vec<JsonEdge<'g>>,
    cycles: Vec<JsonCycle<'g>>,
}

#[derive(Serialize)]
struct JsonNode<'g> {
    name: &'g str,
    kind: NodeKind,
    path: Option<&'g str>,
    level: usize,
    lines: u64,
    service: bool,
    cycle: Option<usize>,
    entries: &'g [Entry],
}

#[derive(Serialize)]
struct JsonEdge<'g> {
    from: &'g str,
    to: &'g str,
    kind: EdgeKind,
    optional: bool,
    targets: &'g [String],
    weight: usize,
    cycle: Option<usize>,
    cut: bool,
    implied: bool,
    breaks: &'g BTreeSet<&'static str>,
    places: &'g [Place],
}

#[derive(Serialize)]
struct JsonCycle<'g> {
    id: usize,
    nodes: Vec<&'g str>,
    cut: Vec<[&'g str; 2]>,
}

impl Graph {
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(&self.to_json(usize::MAX)).expect("strings and numbers serialise") + "\n"
    }

    /// With at most so many places of each edge.
    pub(super) fn to_json(&self, places: usize) -> JsonGraph<'_> {
        let name = |node: usize| self.nodes[node].name.as_str();
        let edge = |edge: &'_ Edge| -> [&str; 2] { [name(edge.from), name(edge.to)] };
        let cycle = |id: usize| JsonCycle {
            id,
            nodes: self.nodes.iter().filter(|node| node.cycle == Some(id)).map(|node| node.name.as_str()).collect(),
            cut: self.edges.iter().filter(|edge| edge.cycle == Some(id) && edge.is_cut).map(edge).collect(),
        };
        JsonGraph {
            schema_version: 1,
            view: self.view,
            nodes: self.nodes.iter().map(Node::to_json).collect(),
            edges: self.edges.iter().map(|edge| self.edge_json(edge, places)).collect(),
            cycles: self.cycles.iter().map(|found| cycle(found.id)).collect(),
        }
    }

    fn edge_json<'g>(&'g self, edge: &'g Edge, places: usize) -> JsonEdge<'g> {
        JsonEdge {
            from: &self.nodes[edge.from].name,
            to: &self.nodes[edge.to].name,
            kind: edge.kind,
            optional: edge.optional,
            targets: &edge.targets,
            weight: edge.weight,
            cycle: edge.cycle,
            cut: edge.is_cut,
            implied: edge.is_implied,
            breaks: &edge.breaks,
            places: &edge.places[..edge.places.len().min(places)],
        }
    }
}

impl Node {
    fn to_json(&self) -> JsonNode<'_> {
        JsonNode {
            name: &self.name,
            kind: self.kind,
            path: Some(self.path.as_str()).filter(|path| !path.is_empty()),
            level: self.level,
            lines: self.lines,
            service: self.is_service,
            cycle: self.cycle,
            entries: &self.entries,
        }
    }
}
