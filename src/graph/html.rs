//! The graph as one page for browsers, which loads nothing: a picture that stands without scripts, and its data.

use super::layout::{BOX_HEIGHT, Layout, Placed, label};
use super::{Edge, EdgeKind, Graph, Node};
use crate::report::displayable;

const TEMPLATE: &str = include_str!("template.html");
/// The page shows so many places of an edge.
const MAX_PLACES: usize = 12;

/// Whether dependencies for development are drawn from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevEdges {
    Hidden,
    Shown,
}

impl Graph {
    pub fn html(&self, dev_edges: DevEdges) -> String {
        let graph = self.displayable();
        let layout = Layout::of(&graph);
        let data = serde_json::to_string(&graph.to_json(MAX_PLACES)).expect("strings and numbers serialise");
        let parts = [
            ("view", graph.view.word().to_string()),
            ("summary", escaped(&graph.summary())),
            ("dev", if dev_edges == DevEdges::Shown { " checked" } else { "" }.to_string()),
            ("width", format!("{:.0}", layout.width)),
            ("height", format!("{:.0}", layout.height)),
            ("svg", graph.svg(&layout)),
            // So that nothing within can end the element that it is in.
            ("data", data.replace('<', "\\u003c")),
        ];
        filled(TEMPLATE, &parts)
    }

    /// All that is drawn, without characters that change what is around them.
    fn displayable(&self) -> Self {
        let mut graph = self.clone();
        for node in &mut graph.nodes {
            (node.name, node.path) = (displayable(&node.name), displayable(&node.path));
            for entry in &mut node.entries {
                entry.route = entry.route.as_deref().map(displayable);
                entry.function = displayable(&entry.function);
                entry.place.path = displayable(&entry.place.path);
            }
        }
        for edge in &mut graph.edges {
            edge.targets.iter_mut().for_each(|target| *target = displayable(target));
            edge.places.iter_mut().for_each(|place| place.path = displayable(&place.path));
        }
        graph
    }

    fn svg(&self, layout: &Layout) -> String {
        let mut svg = String::new();
        let mut last = None;
        for band in &layout.bands {
            if last.replace(band.level) == Some(band.level) {
                continue;
            }
            let name = band.level.map_or("tied to nothing".to_string(), |level| format!("level {level}"));
            let y = band.y - 9.0;
            svg += &format!("<text class=\"level\" x=\"2\" y=\"{y:.0}\">{name}</text>\n");
        }
        for (index, edge) in self.edges.iter().enumerate() {
            let classes = edge_classes(edge).join(" ");
            svg += &format!("<path id=\"e{index}\" class=\"{classes}\" d=\"{}\"/>\n", layout.line(edge));
        }
        for (index, node) in self.nodes.iter().enumerate() {
            svg += &shape(index, node, layout.boxes[index]);
        }
        svg
    }
}

fn edge_classes(edge: &Edge) -> Vec<&'static str> {
    let mut classes = vec!["edge"];
    classes.extend(match edge.kind {
        EdgeKind::Dev => Some("dev"),
        EdgeKind::Build => Some("build"),
        _ => None,
    });
    classes.extend(edge.cycle.map(|_| "cyclic"));
    classes.extend(edge.is_cut.then_some("cut"));
    classes.extend((!edge.breaks.is_empty()).then_some("breach"));
    classes.extend((edge.is_implied && edge.breaks.is_empty()).then_some("implied"));
    classes
}

fn shape(index: usize, node: &Node, placed: Placed) -> String {
    let name = escaped(&node.name);
    let cycle = if node.cycle.is_some() { " cyclic" } else { "" };
    let service = if node.is_service && node.kind.word() != "module" { " service" } else { "" };
    // What is served has round ends, what is outside of all services slanted or half-round ones.
    let corner = if service.is_empty() { 3.0 } else { BOX_HEIGHT / 2.0 };
    let Placed { x, y, width } = placed;
    let left = -width / 2.0;
    let level = node.level;
    let said = if cycle.is_empty() { String::new() } else { ", in a cycle".to_string() };
    format!(
        "<g id=\"n{index}\" class=\"node {kind}{service}{cycle}\" transform=\"translate({x:.0} {y:.0})\" tabindex=\"0\" \
         role=\"button\" aria-label=\"{name}, {kind} on level {level}{said}\"><rect x=\"{left:.1}\" width=\"{width:.1}\" \
         height=\"{BOX_HEIGHT}\" rx=\"{corner}\"/><text y=\"16\">{label}</text></g>\n",
        kind = node.kind.word(),
        label = escaped(&label(node)),
    )
}

/// The template with each `{{name}}` replaced; what is put in is not read again.
fn filled(template: &str, parts: &[(&str, String)]) -> String {
    let mut page = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").expect("the template closes what it opens");
        let (_, text) = parts.iter().find(|(part, _)| *part == name).expect("the template names parts that there are");
        page += before;
        page += text;
        rest = after;
    }
    page + rest
}

/// Text that is neither markup nor ends an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
