//! Circles in graphs of modules or crates, and the cheapest edges that open them.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Up to so many nodes, the cheapest cut is found for sure: the table has an entry for each set of them.
const MAX_EXACT: usize = 16;
/// Beyond, single nodes are moved this often at most.
const MAX_ROUNDS: usize = 20;

/// An edge with what it costs to remove it; `None` when it cannot be.
#[derive(Clone, Copy, Debug)]
pub struct Weighted<N> {
    pub from: N,
    pub to: N,
    pub cost: Option<usize>,
}

/// The sets of nodes that all lead to one another, each sorted, of at least two.
pub fn tangles<N: Copy + Ord>(edges: impl Iterator<Item = (N, N)>) -> Vec<Vec<N>> {
    let mut graph: DiGraph<N, ()> = DiGraph::new();
    let mut nodes: BTreeMap<N, NodeIndex> = BTreeMap::new();
    for (from, to) in edges {
        let [from, to] = [from, to].map(|node| *nodes.entry(node).or_insert_with(|| graph.add_node(node)));
        graph.update_edge(from, to, ());
    }
    let components = kosaraju_scc(&graph).into_iter().filter(|component| component.len() > 1);
    let mut tangles: Vec<Vec<N>> = components
        .map(|component| {
            let mut tangle: Vec<N> = component.into_iter().map(|node| graph[node]).collect();
            tangle.sort_unstable();
            tangle
        })
        .collect();
    tangles.sort();
    tangles
}

/// The positions of edges whose removal leaves no circle, at the least cost that was found, the cheapest first. Edges
/// that cannot be removed must not form a circle by themselves.
pub fn cheapest_cut<N: Copy + Ord>(edges: &[Weighted<N>]) -> Vec<usize> {
    let mut nodes: Vec<N> = edges.iter().flat_map(|edge| [edge.from, edge.to]).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let at = |node: N| nodes.binary_search(&node).expect("the list holds the ends of all edges");
    let edges: Vec<Weighted<usize>> =
        edges.iter().map(|edge| Weighted { from: at(edge.from), to: at(edge.to), cost: edge.cost }).collect();
    let order =
        if nodes.len() <= MAX_EXACT { best_order(nodes.len(), &edges) } else { good_order(nodes.len(), &edges) };
    let mut cut: Vec<usize> =
        (0..edges.len()).filter(|index| order[edges[*index].from] > order[edges[*index].to]).collect();
    cut.sort_by_key(|index| (edges[*index].cost, edges[*index].from, edges[*index].to));
    cut
}

/// More than all that can be removed together.
fn forbidden(edges: &[Weighted<usize>]) -> usize {
    edges.iter().filter_map(|edge| edge.cost).sum::<usize>() + edges.len() + 1
}

/// The place of each node in an order against which the edges cost least, by trying all sets of nodes that may come
/// first.
fn best_order(nodes: usize, edges: &[Weighted<usize>]) -> Vec<usize> {
    let dear = forbidden(edges);
    let mut costs = vec![vec![0; nodes]; nodes];
    for edge in edges {
        // An edge that costs nothing is still one that has to go.
        costs[edge.from][edge.to] += edge.cost.unwrap_or(dear) * nodes * nodes + 1;
    }
    let sets = 1usize << nodes;
    let mut best = vec![(usize::MAX, 0); sets];
    best[0] = (0, 0);
    for set in 0..sets {
        let (so_far, _) = best[set];
        for next in (0..nodes).filter(|node| set & (1 << node) == 0) {
            // What the next one is the goal of, from nodes that come later, stays; what it leads back to has to go.
            let back: usize = (0..nodes).filter(|node| set & (1 << node) != 0).map(|node| costs[next][node]).sum();
            let with = set | (1 << next);
            best[with] = best[with].min((so_far.saturating_add(back), next));
        }
    }
    let mut order = vec![0; nodes];
    let mut set = sets - 1;
    for place in (0..nodes).rev() {
        let (_, last) = best[set];
        order[last] = place;
        set &= !(1 << last);
    }
    order
}

/// The same for many nodes, not always the best: the dearest edges that fit together are kept.
fn good_order(nodes: usize, edges: &[Weighted<usize>]) -> Vec<usize> {
    let dear = forbidden(edges);
    let mut by_cost: Vec<&Weighted<usize>> = edges.iter().collect();
    by_cost.sort_by_key(|edge| (Reverse(edge.cost.unwrap_or(dear)), edge.from, edge.to));
    let mut graph: DiGraph<(), ()> = DiGraph::new();
    let ids: Vec<NodeIndex> = (0..nodes).map(|_| graph.add_node(())).collect();
    for edge in by_cost {
        if !petgraph::algo::has_path_connecting(&graph, ids[edge.to], ids[edge.from], None) {
            graph.add_edge(ids[edge.from], ids[edge.to], ());
        }
    }
    let sorted = petgraph::algo::toposort(&graph, None).expect("edges that close a circle were left out");
    let order: Vec<usize> = sorted.into_iter().map(NodeIndex::index).collect();
    places(&improved(order, edges, dear))
}

fn places(order: &[usize]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, node)| places[*node] = place);
    places
}

/// Moves single nodes to where fewer edges point back, as long as that helps.
fn improved(mut order: Vec<usize>, edges: &[Weighted<usize>], dear: usize) -> Vec<usize> {
    // What is gained when the first of two nodes, which stands before the other, changes places with it.
    let mut gain = vec![vec![0_i64; order.len()]; order.len()];
    for edge in edges {
        let cost = 2 * edge.cost.unwrap_or(dear) as i64 + 1;
        gain[edge.from][edge.to] -= cost;
        gain[edge.to][edge.from] += cost;
    }
    for _ in 0..MAX_ROUNDS {
        let mut is_better = false;
        for node in order.clone() {
            let from = order.iter().position(|found| *found == node).expect("the order holds all nodes");
            let after = order[from + 1..].iter().scan(0, |sum, other| {
                *sum += gain[node][*other];
                Some(*sum)
            });
            let before = order[..from].iter().rev().scan(0, |sum, other| {
                *sum += gain[*other][node];
                Some(*sum)
            });
            let after = after.enumerate().map(|(step, gained)| (gained, from + 1 + step));
            let before = before.enumerate().map(|(step, gained)| (gained, from - 1 - step));
            if let Some((_, to)) =
                after.chain(before).max_by_key(|(gained, to)| (*gained, Reverse(*to))).filter(|(gained, _)| *gained > 0)
            {
                order.remove(from);
                order.insert(to, node);
                is_better = true;
            }
        }
        if !is_better {
            break;
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: u32, to: u32, cost: usize) -> Weighted<u32> {
        Weighted { from, to, cost: Some(cost) }
    }

    fn cut(edges: &[Weighted<u32>]) -> Vec<(u32, u32)> {
        cheapest_cut(edges).into_iter().map(|index| (edges[index].from, edges[index].to)).collect()
    }

    #[test]
    fn the_lightest_edge_of_a_circle_goes() {
        assert_eq!(cut(&[edge(1, 2, 3), edge(2, 3, 1), edge(3, 1, 2)]), [(2, 3)]);
        // Two circles share an edge: one cut opens both, though two others are cheaper each.
        assert_eq!(cut(&[edge(1, 2, 3), edge(2, 1, 2), edge(2, 3, 2), edge(3, 1, 9)]), [(1, 2)]);
        let fixed = Weighted { from: 1, to: 2, cost: None };
        assert_eq!(cut(&[fixed, edge(2, 1, 50)]), [(2, 1)]);
    }

    #[test]
    fn many_nodes_are_left_without_circles() {
        let around = |node: u32| edge(node, (node + 1) % 40, 2 + node as usize % 3);
        let back = |node: u32| edge((node + 1) % 40, node, 1);
        let edges: Vec<Weighted<u32>> = (0..40).flat_map(|node| [around(node), back(node)]).collect();
        let removed = cut(&edges);
        let left = edges.iter().map(|edge| (edge.from, edge.to)).filter(|edge| !removed.contains(edge));
        assert_eq!(tangles(left), Vec::<Vec<u32>>::new());
        assert!(removed.len() <= 41, "{removed:?}");
    }

    #[test]
    fn tangles_are_sorted_and_apart() {
        let edges = [(5, 4), (4, 5), (1, 2), (2, 3), (3, 1), (3, 4)];
        assert_eq!(tangles(edges.into_iter()), [vec![1, 2, 3], vec![4, 5]]);
    }
}
