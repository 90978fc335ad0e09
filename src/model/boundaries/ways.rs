//! Chains of dependencies: how a package comes to what it does not declare itself.

use super::breaches::Way;
use super::edges::{Edge, Edges, Node};
use crate::config::{EdgeKind, Forbid, Kinds};
use crate::workspace::PackageId;
use std::collections::{BTreeMap, VecDeque};

/// For each thing that a package must not reach but does through others, the shortest way by each of its own
/// dependencies, the shortest first. What other packages bring that must not have it either is left to these.
pub fn ways<'w>(edges: &Edges<'w>, from: PackageId, table: &Forbid) -> BTreeMap<Node<'w>, Vec<Way>> {
    let mut found: BTreeMap<Node<'w>, Vec<Way>> = BTreeMap::new();
    for first in edges.from(from).filter(|edge| edge.is_of(&table.kinds)) {
        let Node::Member(next) = first.to else { continue };
        if edges.fits_package(&table.from, next) || edges.fits(&table.to, first.to) {
            continue;
        }
        for (to, chain) in reached(edges, from, next, table) {
            let chain: Vec<&Edge<'w>> = std::iter::once(first).chain(chain).collect();
            found.entry(to).or_default().push(way(edges, &chain, &table.kinds));
        }
    }
    for ways in found.values_mut() {
        ways.sort_by(|a, b| (a.through.len(), &a.through).cmp(&(b.through.len(), &b.through)));
    }
    found
}

/// What must not be reached but is, from `start` on, each by its shortest chain of edges.
fn reached<'e, 'w>(
    edges: &'e Edges<'w>,
    from: PackageId,
    start: PackageId,
    table: &Forbid,
) -> BTreeMap<Node<'w>, Vec<&'e Edge<'w>>> {
    // What is for tests of a package does not come with it.
    let mut kinds = table.kinds.clone();
    kinds.0.remove(&EdgeKind::Dev);
    let mut found = BTreeMap::new();
    let mut came_by: BTreeMap<PackageId, Option<&Edge<'w>>> = [(start, None)].into();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        for edge in edges.from(at).filter(|edge| edge.is_of(&kinds) && edge.to != Node::Member(from)) {
            if edges.fits(&table.to, edge.to) {
                found.entry(edge.to).or_insert_with(|| chain(&came_by, edge));
                continue;
            }
            let Node::Member(next) = edge.to else { continue };
            if !came_by.contains_key(&next) && !edges.fits_package(&table.from, next) {
                came_by.insert(next, Some(edge));
                open.push_back(next);
            }
        }
    }
    found
}

fn chain<'e, 'w>(came_by: &BTreeMap<PackageId, Option<&'e Edge<'w>>>, last: &'e Edge<'w>) -> Vec<&'e Edge<'w>> {
    let before = |edge: &&'e Edge<'w>| came_by.get(&edge.from).copied().flatten();
    let mut chain: Vec<&Edge<'w>> = std::iter::successors(Some(last), before).collect();
    chain.reverse();
    chain
}

fn way(edges: &Edges<'_>, chain: &[&Edge<'_>], kinds: &Kinds) -> Way {
    let named = |edge: &&Edge<'_>| {
        let name = format!("{} -> {}", edges.name(Node::Member(edge.from)), edges.name(edge.to));
        Some((name, edge.declared_as(kinds, edges.workspace).first()?.1))
    };
    let through = chain.iter().skip(1).map(|edge| edges.name(Node::Member(edge.from)).to_string());
    Way { through: through.collect(), edges: chain.iter().filter_map(named).collect() }
}
