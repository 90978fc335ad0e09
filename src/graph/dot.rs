//! The graph for Graphviz.

use super::{Edge, EdgeKind, Graph, Node, NodeKind};
use crate::report::displayable;
use std::collections::BTreeMap;

impl Graph {
    pub fn dot(&self) -> String {
        let mut text = format!(
            "digraph {} {{\n  rankdir = TB\n  node [shape = box, fontname = \"sans-serif\", fontsize = 11]\n  \
             edge [fontname = \"sans-serif\", fontsize = 9, color = \"#808080\"]\n",
            self.view.word()
        );
        let mut rows: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            text += &format!("  n{index} [{}]\n", attributes(node));
            // A cycle finds its own rows: within one, its edges would have to go around each other.
            if node.cycle.is_none() {
                rows.entry(node.level).or_default().push(format!("n{index}"));
            }
        }
        for edge in &self.edges {
            text += &format!("  n{} -> n{} [{}]\n", edge.from, edge.to, line(edge));
        }
        for names in rows.values().rev() {
            text += &format!("  {{ rank = same; {} }}\n", names.join("; "));
        }
        text + "}\n"
    }
}

fn attributes(node: &Node) -> String {
    let lines = if node.lines > 0 { format!("\\n{} lines", node.lines) } else { String::new() };
    let mut attributes = format!("label = \"{}{lines}\", tooltip = \"{}\"", escaped(&node.name), escaped(&node.path));
    attributes += match node.kind {
        NodeKind::Topic => ", shape = cds",
        NodeKind::Endpoint => ", shape = ellipse",
        NodeKind::Table => ", shape = cylinder",
        _ if node.cycle.is_some() => ", style = \"bold,dashed\", color = \"#c02020\"",
        NodeKind::Crate | NodeKind::Service if node.is_service => ", style = \"rounded,bold\"",
        _ => "",
    };
    attributes
}

fn line(edge: &Edge) -> String {
    let label = if edge.weight > 0 { edge.weight.to_string() } else { String::new() };
    let (mark, color) = match (edge.is_cut, edge.cycle) {
        _ if !edge.breaks.is_empty() => (" breach", ", color = \"#9b3fb5\", penwidth = 2"),
        (true, _) => (" cut", ", color = \"#c02020\", penwidth = 2"),
        (false, Some(_)) => ("", ", color = \"#c02020\""),
        (false, None) => ("", ""),
    };
    let style = match edge.kind {
        _ if edge.is_cut => ", style = dashed, constraint = false",
        EdgeKind::Dev => ", style = dashed, constraint = false",
        EdgeKind::Build => ", style = dotted",
        _ => "",
    };
    format!(
        "label = \"{}\", tooltip = \"{}\"{color}{style}",
        format!("{label}{mark}").trim(),
        escaped(&edge.words().join(", "))
    )
}

/// Graphviz reads backslashes and entities within quotes.
fn escaped(text: &str) -> String {
    displayable(text).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")
}
