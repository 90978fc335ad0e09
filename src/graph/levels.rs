//! How high each node stands, and which edges say nothing that others do not.

use super::{Edge, Graph};
use crate::model::cycles::tangles;
use fixedbitset::FixedBitSet;
use std::collections::BTreeSet;

/// Gives each node the length of the longest way down from it.
pub(super) fn assign(graph: &mut Graph) {
    let order = Order::of(graph, Edge::leads_down);
    for (node, level) in graph.nodes.iter_mut().zip(order.levels()) {
        node.level = level;
    }
}

/// How high each node would stand among those of its own level, were its cycle cut.
pub(super) fn within(graph: &Graph) -> Vec<usize> {
    let is_level = |edge: &Edge| graph.nodes[edge.from].level == graph.nodes[edge.to].level;
    Order::of(graph, |edge| edge.leads_down() && !edge.is_cut && is_level(edge)).levels()
}

/// Marks the edges whose goal is reached by another way as well. Cycles are taken as cut.
pub(super) fn mark_implied(graph: &mut Graph) {
    let order = Order::of(graph, |edge| edge.leads_down() && !edge.is_cut);
    let below = order.below();
    let is_implied = |from: usize, to: usize| {
        let [from, to] = [from, to].map(|node| order.group[node]);
        from != to && order.next[from].iter().any(|next| *next != to && below[*next].contains(to))
    };
    for edge in &mut graph.edges {
        edge.is_implied = edge.leads_down() && !edge.is_cut && is_implied(edge.from, edge.to);
    }
}

/// The nodes in groups that hold a cycle each, or a single node.
struct Order {
    group: Vec<usize>,
    next: Vec<BTreeSet<usize>>,
    /// All groups, each after those that it leads to.
    bottom_up: Vec<usize>,
}

impl Order {
    fn of(graph: &Graph, counts: impl Fn(&Edge) -> bool) -> Self {
        let down = || graph.edges.iter().filter(|edge| counts(edge));
        let mut group: Vec<usize> = (0..graph.nodes.len()).collect();
        for tangle in tangles(down().map(|edge| (edge.from, edge.to))) {
            tangle.iter().for_each(|node| group[*node] = tangle[0]);
        }
        let mut next = vec![BTreeSet::new(); graph.nodes.len()];
        for edge in down() {
            let [from, to] = [edge.from, edge.to].map(|node| group[node]);
            if from != to {
                next[from].insert(to);
            }
        }
        let bottom_up = bottom_up(&next);
        Self { group, next, bottom_up }
    }

    fn levels(&self) -> Vec<usize> {
        let mut levels = vec![0; self.group.len()];
        for group in &self.bottom_up {
            levels[*group] = self.next[*group].iter().map(|next| levels[*next] + 1).max().unwrap_or(0);
        }
        self.group.iter().map(|group| levels[*group]).collect()
    }

    /// All groups that each leads to.
    fn below(&self) -> Vec<FixedBitSet> {
        let mut below = vec![FixedBitSet::with_capacity(self.group.len()); self.group.len()];
        for group in &self.bottom_up {
            let mut found = below[*group].clone();
            for next in &self.next[*group] {
                found.insert(*next);
                found.union_with(&below[*next]);
            }
            below[*group] = found;
        }
        below
    }
}

/// Takes away what leads to nothing that is left, again and again.
fn bottom_up(next: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut open: Vec<usize> = next.iter().map(BTreeSet::len).collect();
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); next.len()];
    for (from, goals) in next.iter().enumerate() {
        goals.iter().for_each(|to| before[*to].push(from));
    }
    let mut order: Vec<usize> = (0..next.len()).filter(|node| open[*node] == 0).collect();
    let mut done = 0;
    while let Some(node) = order.get(done).copied() {
        done += 1;
        for from in &before[node] {
            open[*from] -= 1;
            if open[*from] == 0 {
                order.push(*from);
            }
        }
    }
    order
}
