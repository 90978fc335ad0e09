//! Figures of a graph of nodes that depend on one another: who depends on whom, how far changes reach, how much is in
//! circles.
//!
//! Each pair counts once, whatever declares it.

use super::crates::CrateGraph;
use super::cycles::tangles;
use crate::workspace::{DependencyKind, PackageId};
use fixedbitset::FixedBitSet;
use std::collections::BTreeSet;

/// Nodes in order, and by position what each depends on.
#[derive(Debug)]
pub struct Metrics<N = PackageId> {
    nodes: Vec<N>,
    below: Vec<BTreeSet<usize>>,
    above: Vec<BTreeSet<usize>>,
    /// All that each depends on, by any number of steps.
    reach: Vec<FixedBitSet>,
    cyclic: BTreeSet<usize>,
}

impl Metrics<PackageId> {
    /// Of members of the workspace; development dependencies do not count.
    pub fn of_crates(packages: impl Iterator<Item = PackageId>, crates: &CrateGraph) -> Self {
        let counted = crates.edges().iter().filter(|edge| edge.kind != DependencyKind::Development);
        Self::new(packages, counted.map(|edge| (edge.from, edge.to)))
    }
}

impl<N: Copy + Ord> Metrics<N> {
    /// Edges are between the nodes named; others do not count.
    pub fn new(nodes: impl Iterator<Item = N>, edges: impl Iterator<Item = (N, N)>) -> Self {
        let nodes: Vec<N> = nodes.collect::<BTreeSet<N>>().into_iter().collect();
        let (mut below, mut above) = (vec![BTreeSet::new(); nodes.len()], vec![BTreeSet::new(); nodes.len()]);
        for (from, to) in edges {
            if let (Ok(from), Ok(to)) = (nodes.binary_search(&from), nodes.binary_search(&to)) {
                below[from].insert(to);
                above[to].insert(from);
            }
        }
        let reach = (0..nodes.len()).map(|node| reach(&below, node)).collect();
        let mut metrics = Self { nodes, below, above, reach, cyclic: BTreeSet::new() };
        metrics.cyclic = tangles(metrics.pairs()).into_iter().flatten().collect();
        metrics
    }

    fn at(&self, node: N) -> Option<usize> {
        self.nodes.binary_search(&node).ok()
    }

    pub fn nodes(&self) -> impl Iterator<Item = N> {
        self.nodes.iter().copied()
    }

    pub fn edges(&self) -> impl Iterator<Item = (N, N)> {
        self.pairs().map(|(from, to)| (self.nodes[from], self.nodes[to]))
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        self.below.iter().enumerate().flat_map(|(from, below)| below.iter().map(move |to| (from, *to)))
    }

    /// Ce: how many a node depends on.
    pub fn efferent(&self, node: N) -> usize {
        self.at(node).map_or(0, |at| self.below[at].len())
    }

    /// Ca: how many depend on a node.
    pub fn afferent(&self, node: N) -> usize {
        self.at(node).map_or(0, |at| self.above[at].len())
    }

    /// How many a node depends on by any number of steps.
    pub fn reach(&self, node: N) -> usize {
        self.at(node).map_or(0, |at| self.reach[at].count_ones(..))
    }

    /// How many depend on a node by any number of steps: all that a change of it reaches.
    pub fn dependents(&self, node: N) -> usize {
        self.at(node).map_or(0, |at| self.reach.iter().filter(|reached| reached.contains(at)).count())
    }

    pub fn is_cyclic(&self, node: N) -> bool {
        self.at(node).is_some_and(|at| self.cyclic.contains(&at))
    }

    /// I = Ce / (Ca + Ce): 0 for what only others depend on, 1 for what nothing depends on.
    pub fn instability(&self, node: N) -> f64 {
        let (above, below) = (self.afferent(node), self.efferent(node));
        if above + below == 0 { 0.0 } else { below as f64 / (above + below) as f64 }
    }

    /// By how much what an edge leads to is less stable than where it comes from.
    pub fn instability_gap(&self, from: N, to: N) -> f64 {
        self.instability(to) - self.instability(from)
    }

    /// The share of all pairs in which the one depends on the other, itself counted: how much a change reaches on
    /// average.
    pub fn propagation_cost(&self) -> f64 {
        let nodes = self.nodes.len();
        if nodes == 0 { 0.0 } else { self.component_dependency() as f64 / (nodes * nodes) as f64 }
    }

    /// Lakos' NCCD: the sum of what each depends on, itself counted, against that of a balanced binary tree.
    pub fn normalised_dependency(&self) -> f64 {
        let nodes = self.nodes.len() as f64;
        let balanced = (nodes + 1.0) * (nodes + 1.0).log2() - nodes;
        if nodes == 0.0 { 0.0 } else { self.component_dependency() as f64 / balanced }
    }

    fn component_dependency(&self) -> usize {
        self.reach.iter().map(|reached| reached.count_ones(..) + 1).sum()
    }

    /// The share of nodes in circles.
    pub fn cyclicity(&self) -> f64 {
        if self.nodes.is_empty() { 0.0 } else { self.cyclic.len() as f64 / self.nodes.len() as f64 }
    }

    /// Edges to what another dependency of the same node depends on already.
    pub fn implied(&self) -> impl Iterator<Item = (N, N)> {
        let is_implied = |(from, to): &(usize, usize)| {
            let mut others = self.below[*from].iter().filter(|other| *other != to);
            others.any(|other| self.reach[*other].contains(*to))
        };
        self.pairs().filter(is_implied).map(|(from, to)| (self.nodes[from], self.nodes[to]))
    }
}

fn reach(below: &[BTreeSet<usize>], node: usize) -> FixedBitSet {
    let mut reached = FixedBitSet::with_capacity(below.len());
    let mut left = vec![node];
    while let Some(next) = left.pop() {
        left.extend(below[next].iter().filter(|below| !reached.put(**below)));
    }
    reached.set(node, false);
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(nodes: u32, edges: &[(u32, u32)]) -> Metrics<PackageId> {
        Metrics::new((0..nodes).map(PackageId), edges.iter().map(|(from, to)| (PackageId(*from), PackageId(*to))))
    }

    #[test]
    fn figures_of_a_diamond() {
        let metrics = metrics(4, &[(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)]);
        let [top, middle, _, bottom] = [0, 1, 2, 3].map(PackageId);
        assert_eq!((metrics.efferent(top), metrics.afferent(bottom)), (3, 3));
        assert_eq!((metrics.reach(top), metrics.dependents(bottom), metrics.dependents(middle)), (3, 3, 1));
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
