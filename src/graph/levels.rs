//! How high each node stands, and which edges say nothing that others do not.

use super::Graph;
use crate::model::cycles::tangles;
use std::collections::BTreeSet;

/// Gives each node the length of the longest way down from it.
pub(super) fn assign(graph: &mut Graph) {
    let order = Order::of(graph);
    for (node, level) in graph.nodes.iter_mut().zip(order.levels()) {
        node.level = level;
    }
}

/// Marks the edges whose goal is reached by another way as well.
pub(super) fn mark_implied(graph: &mut Graph) {
    let order = Order::of(graph);
    let below = order.below();
    let is_implied = |from: usize, to: usize| {
        let [from, to] = [from, to].map(|node| order.group[node]);
        from != to && order.next[from].iter().any(|next| *next != to && below[*next].contains(&to))
    };
    let implied: Vec<bool> =
        graph.edges.iter().map(|edge| edge.leads_down() && is_implied(edge.from, edge.to)).collect();
    graph.edges.iter_mut().zip(implied).for_each(|(edge, implied)| edge.is_implied = implied);
}

/// The nodes in groups that hold a cycle each, or a single node.
struct Order {
    group: Vec<usize>,
    next: Vec<BTreeSet<usize>>,
    /// All groups, each after those that it leads to.
    bottom_up: Vec<usize>,
}

impl Order {
    fn of(graph: &Graph) -> Self {
        let down = || graph.edges.iter().filter(|edge| edge.leads_down());
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
    fn below(&self) -> Vec<BTreeSet<usize>> {
        let mut below: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); self.group.len()];
        for group in &self.bottom_up {
            let found = self.next[*group].iter().flat_map(|next| below[*next].iter().chain([next])).copied().collect();
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
