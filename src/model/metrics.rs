//! Figures of the graph of crates: who depends on whom, how far changes reach, how much is in circles.
//!
//! Each pair of members counts once, whatever declares it; development dependencies do not count.

use super::crates::CrateGraph;
use super::cycles::tangles;
use crate::workspace::{DependencyKind, PackageId};
use std::collections::{BTreeMap, BTreeSet};

/// A graph of nodes that depend on one another, each pair once.
#[derive(Debug, Default)]
pub struct Metrics {
    below: BTreeMap<PackageId, BTreeSet<PackageId>>,
    above: BTreeMap<PackageId, BTreeSet<PackageId>>,
    /// All that each depends on, by any number of steps.
    reach: BTreeMap<PackageId, BTreeSet<PackageId>>,
    cyclic: BTreeSet<PackageId>,
}

impl Metrics {
    pub fn of_crates(packages: impl Iterator<Item = PackageId>, crates: &CrateGraph) -> Self {
        let counted = crates.edges().iter().filter(|edge| edge.kind != DependencyKind::Development);
        Self::new(packages, counted.map(|edge| (edge.from, edge.to)))
    }

    fn new(nodes: impl Iterator<Item = PackageId>, edges: impl Iterator<Item = (PackageId, PackageId)>) -> Self {
        let mut metrics = Self::default();
        for node in nodes {
            metrics.below.entry(node).or_default();
            metrics.above.entry(node).or_default();
        }
        for (from, to) in edges {
            metrics.below.entry(from).or_default().insert(to);
            metrics.above.entry(to).or_default().insert(from);
        }
        metrics.reach = metrics.below.keys().map(|node| (*node, metrics.reach_of(*node))).collect();
        metrics.cyclic = tangles(metrics.edges()).into_iter().flatten().collect();
        metrics
    }

    fn reach_of(&self, node: PackageId) -> BTreeSet<PackageId> {
        let mut reached = BTreeSet::new();
        let mut left = vec![node];
        while let Some(next) = left.pop() {
            left.extend(self.below.get(&next).into_iter().flatten().copied().filter(|below| reached.insert(*below)));
        }
        reached.remove(&node);
        reached
    }

    pub fn nodes(&self) -> impl Iterator<Item = PackageId> {
        self.below.keys().copied()
    }

    pub fn edges(&self) -> impl Iterator<Item = (PackageId, PackageId)> {
        self.below.iter().flat_map(|(from, below)| below.iter().map(move |to| (*from, *to)))
    }

    /// Ce: how many a node depends on.
    pub fn efferent(&self, node: PackageId) -> usize {
        self.below.get(&node).map_or(0, BTreeSet::len)
    }

    /// Ca: how many depend on a node.
    pub fn afferent(&self, node: PackageId) -> usize {
        self.above.get(&node).map_or(0, BTreeSet::len)
    }

    /// How many a node depends on by any number of steps.
    pub fn reach(&self, node: PackageId) -> usize {
        self.reach.get(&node).map_or(0, BTreeSet::len)
    }

    pub fn is_cyclic(&self, node: PackageId) -> bool {
        self.cyclic.contains(&node)
    }

    /// I = Ce / (Ca + Ce): 0 for what only others depend on, 1 for what nothing depends on.
    pub fn instability(&self, node: PackageId) -> f64 {
        let (above, below) = (self.afferent(node), self.efferent(node));
        if above + below == 0 { 0.0 } else { below as f64 / (above + below) as f64 }
    }

    /// By how much what an edge leads to is less stable than where it comes from.
    pub fn instability_gap(&self, from: PackageId, to: PackageId) -> f64 {
        self.instability(to) - self.instability(from)
    }

    /// The share of all pairs in which the one depends on the other, itself counted: how much a change reaches on
    /// average.
    pub fn propagation_cost(&self) -> f64 {
        let nodes = self.below.len();
        if nodes == 0 { 0.0 } else { self.component_dependency() as f64 / (nodes * nodes) as f64 }
    }

    /// Lakos' NCCD: the sum of what each depends on, itself counted, against that of a balanced binary tree.
    pub fn normalised_dependency(&self) -> f64 {
        let nodes = self.below.len() as f64;
        let balanced = (nodes + 1.0) * (nodes + 1.0).log2() - nodes;
        if nodes == 0.0 { 0.0 } else { self.component_dependency() as f64 / balanced }
    }

    fn component_dependency(&self) -> usize {
        self.reach.values().map(|reached| reached.len() + 1).sum()
    }

    /// The share of nodes in circles.
    pub fn cyclicity(&self) -> f64 {
        if self.below.is_empty() { 0.0 } else { self.cyclic.len() as f64 / self.below.len() as f64 }
    }

    /// Edges to what another dependency of the same node depends on already.
    pub fn implied(&self) -> impl Iterator<Item = (PackageId, PackageId)> {
        self.edges().filter(|(from, to)| {
            let others = self.below[from].iter().filter(|other| *other != to);
            others.into_iter().any(|other| self.reach.get(other).is_some_and(|reached| reached.contains(to)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(nodes: u32, edges: &[(u32, u32)]) -> Metrics {
        Metrics::new((0..nodes).map(PackageId), edges.iter().map(|(from, to)| (PackageId(*from), PackageId(*to))))
    }

    #[test]
    fn figures_of_a_diamond() {
        let metrics = metrics(4, &[(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)]);
        let [top, middle, _, bottom] = [0, 1, 2, 3].map(PackageId);
        assert_eq!((metrics.efferent(top), metrics.afferent(bottom), metrics.reach(top)), (3, 3, 3));
        assert_eq!(
            (metrics.instability(top), metrics.instability(middle), metrics.instability(bottom)),
            (1.0, 0.5, 0.0)
        );
        assert_eq!(metrics.instability_gap(top, bottom), -1.0);
        assert_eq!(metrics.propagation_cost(), (4 + 2 + 2 + 1) as f64 / 16.0);
        assert_eq!(metrics.implied().collect::<Vec<_>>(), [(top, bottom)]);
        assert_eq!(metrics.cyclicity(), 0.0);
    }

    #[test]
    fn circles_and_nothing_at_all() {
        let circle = metrics(3, &[(0, 1), (1, 0)]);
        assert!((circle.cyclicity() - 2.0 / 3.0).abs() < 1e-9 && circle.is_cyclic(PackageId(0)));
        let empty = metrics(0, &[]);
        assert_eq!((empty.propagation_cost(), empty.normalised_dependency(), empty.cyclicity()), (0.0, 0.0, 0.0));
    }
}
