//! The graph for people at a terminal: level by level, what each node leads to, the cycles at the end.

use super::{Cycle, Edge, EdgeKind, Graph, Node, Place, plural};
use crate::report::displayable;
use std::collections::BTreeSet;

impl Graph {
    pub fn text(&self) -> String {
        let levels: BTreeSet<usize> = self.nodes.iter().map(|node| node.level).collect();
        let mut text = self.summary() + "\n";
        for level in levels.into_iter().rev() {
            text += &format!("\nlevel {level}\n");
            for (index, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.level == level) {
                text += &self.branch(index, node);
            }
        }
        for cycle in &self.cycles {
            text += &self.cycle_lines(cycle);
        }
        text
    }

    /// `118 crates on 9 levels, 324 edges, no cycle`.
    pub(super) fn summary(&self) -> String {
        let levels: BTreeSet<usize> = self.nodes.iter().map(|node| node.level).collect();
        let noun = self.view.word().trim_end_matches('s');
        let count = self.nodes.iter().filter(|node| node.kind.word() == noun).count();
        let rest = self.nodes.len() - count;
        let rest = if rest > 0 { format!(" and {rest} outside of them") } else { String::new() };
        let cycles = if self.cycles.is_empty() { "no cycle".to_string() } else { plural(self.cycles.len(), "cycle") };
        let [levels, edges] = [(levels.len(), "level"), (self.edges.len(), "edge")].map(|(n, word)| plural(n, word));
        let dev = self.edges.iter().filter(|edge| edge.kind == EdgeKind::Dev).count();
        let dev = if dev > 0 { format!(" ({dev} for development)") } else { String::new() };
        format!("{}{rest} on {levels}, {edges}{dev}, {cycles}", plural(count, noun))
    }

    fn branch(&self, index: usize, node: &Node) -> String {
        let mut text = format!("  {}{}\n", displayable(&node.name), in_brackets(&node.words()));
        for entry in &node.entries {
            let name = entry.route.as_ref().unwrap_or(&entry.function);
            text += &format!("    <- {} {}  {}\n", entry.kind, displayable(name), shown(&entry.place));
        }
        for edge in self.edges_from(index) {
            let to = displayable(&self.nodes[edge.to].name);
            text += &format!("    -> {to}{}\n", in_brackets(&edge.words()));
        }
        text
    }

    fn cycle_lines(&self, cycle: &Cycle) -> String {
        let members = self.nodes.iter().filter(|node| node.cycle == Some(cycle.id)).count();
        let mut text = format!("\ncycle {} of {members}\n", cycle.id);
        let name = |node: usize| displayable(&self.nodes[node].name);
        let of_cycle = |edge: &&Edge| edge.cycle == Some(cycle.id);
        for edge in self.edges.iter().filter(of_cycle) {
            let words: Vec<String> = edge.words().into_iter().filter(|word| !word.starts_with("cycle ")).collect();
            text += &format!("  {} -> {}{}\n", name(edge.from), name(edge.to), in_brackets(&words));
            // All places of what is to go; of the rest, one to start from.
            let shown_places = if edge.is_cut { edge.places.len() } else { 1 };
            for place in edge.places.iter().take(shown_places) {
                text += &format!("    {}\n", shown(place));
            }
        }
        text
    }
}

impl Node {
    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        if self.kind.word() != "crate" && self.kind.word() != "module" {
            words.push(self.kind.word().to_string());
        } else if self.is_service && self.kind.word() == "crate" {
            words.push("service".to_string());
        }
        words.extend((!self.path.is_empty()).then(|| displayable(&self.path)));
        words.extend((self.lines > 0).then(|| plural(self.lines as usize, "line")));
        words.extend(self.cycle.map(|cycle| format!("cycle {cycle}")));
        words
    }
}

fn shown(place: &Place) -> String {
    format!("{}:{}", displayable(&place.path), place.line)
}

fn in_brackets(words: &[String]) -> String {
    if words.is_empty() { String::new() } else { format!(" ({})", displayable(&words.join(", "))) }
}
