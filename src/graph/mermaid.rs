//! The graph for Mermaid, which forges draw in Markdown.

use super::{Edge, EdgeKind, Graph, Node, NodeKind};
use crate::report::displayable;

const STYLES: &str = "  classDef cycle stroke:#c02020,stroke-width:2px,stroke-dasharray:5 3\n  \
                      classDef service stroke-width:2px\n";

impl Graph {
    pub fn mermaid(&self) -> String {
        let mut text = "flowchart TB\n".to_string();
        for (index, node) in self.nodes.iter().enumerate() {
            text += &format!("  n{index}{}\n", shape(node));
        }
        for edge in &self.edges {
            text += &format!("  n{} {} n{}\n", edge.from, arrow(edge), edge.to);
        }
        text += STYLES;
        let of_class = |class: &str, belongs: &dyn Fn(&Node) -> bool| {
            let nodes = self.nodes.iter().enumerate().filter(|(_, node)| belongs(node));
            let names: Vec<String> = nodes.map(|(index, _)| format!("n{index}")).collect();
            if names.is_empty() { String::new() } else { format!("  class {} {class}\n", names.join(",")) }
        };
        text += &of_class("cycle", &|node| node.cycle.is_some());
        text += &of_class("service", &|node| node.is_service && node.cycle.is_none());
        let cut: Vec<String> =
            (0..self.edges.len()).filter(|at| self.edges[*at].is_cut).map(|at| at.to_string()).collect();
        if !cut.is_empty() {
            text += &format!("  linkStyle {} stroke:#c02020,stroke-width:2px\n", cut.join(","));
        }
        text
    }
}

fn shape(node: &Node) -> String {
    let label = escaped(&node.name);
    match node.kind {
        NodeKind::Topic => format!("[/\"{label}\"/]"),
        NodeKind::Endpoint => format!("([\"{label}\"])"),
        NodeKind::Table => format!("[(\"{label}\")]"),
        NodeKind::Crate | NodeKind::Service if node.is_service => format!("(\"{label}\")"),
        _ => format!("[\"{label}\"]"),
    }
}

fn arrow(edge: &Edge) -> String {
    let line = match edge.kind {
        EdgeKind::Dev | EdgeKind::Build => "-.->",
        _ if edge.cycle.is_some() || !edge.breaks.is_empty() => "==>",
        _ => "-->",
    };
    let mut words = Vec::new();
    words.extend((edge.kind != EdgeKind::Normal).then(|| edge.kind.word().to_string()));
    words.extend((edge.weight > 0).then(|| edge.weight.to_string()));
    words.extend(edge.is_cut.then(|| "cut".to_string()));
    words.extend((!edge.breaks.is_empty()).then(|| "breach".to_string()));
    if words.is_empty() { line.to_string() } else { format!("{line}|\"{}\"|", words.join(" ")) }
}

/// Whatever could end a label or begin Markdown is written as a number.
fn escaped(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./: ".contains(c);
    let write = |c: char| if is_plain(c) { c.to_string() } else { format!("#{};", u32::from(c)) };
    displayable(text).chars().map(write).collect()
}
