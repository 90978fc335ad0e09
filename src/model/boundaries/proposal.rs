//! Layers that fit a workspace as it is: by its folders where these are in an order, or else by levels of its graph.

use super::edges::{Edges, Node};
use crate::config::Kinds;
use crate::model::Model;
use crate::workspace::PackageId;
use std::collections::{BTreeMap, BTreeSet};

/// How many layers are few enough to keep in mind.
const MAX_LAYERS: usize = 6;

/// How many edges may be against the order of folders.
const MAX_EXCEPTIONS: usize = 5;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The highest first.
    pub layers: Vec<ProposedLayer>,
    /// The edges that lead up, from and to.
    pub exceptions: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedLayer {
    pub name: String,
    /// Names, or one pattern for a folder.
    pub packages: Vec<String>,
}

impl Proposal {
    /// `None` when all packages would be in one layer.
    pub fn of(model: &Model<'_>) -> Option<Self> {
        let edges = Edges::of(model.workspace, Vec::new());
        let kinds = Kinds::default();
        let ships = edges.iter().filter(|edge| edge.is_of(&kinds));
        let pairs: Vec<(PackageId, PackageId)> = ships
            .filter_map(|edge| match edge.to {
                Node::Member(to) => Some((edge.from, to)),
                Node::Outside(_) => None,
            })
            .collect();
        // What nothing depends on stands above what it tries out.
        let is_top = |package: PackageId| edges.iter().all(|edge| edge.to != Node::Member(package));
        let all = edges.iter().filter_map(|edge| match edge.to {
            Node::Member(to) if is_top(edge.from) => Some((edge.from, to)),
            _ => None,
        });
        let above: Vec<(PackageId, PackageId)> = pairs.iter().copied().chain(all).collect();
        let graph = Graph { model, heights: heights(model.workspace.packages.len(), &above), pairs };
        graph.by_folder().or_else(|| graph.by_level()).filter(|proposal| proposal.layers.len() > 1)
    }
}

struct Graph<'g, 'w> {
    model: &'g Model<'w>,
    pairs: Vec<(PackageId, PackageId)>,
    heights: Vec<usize>,
}

/// How long the longest chain of dependencies is that begins at each package.
fn heights(packages: usize, pairs: &[(PackageId, PackageId)]) -> Vec<usize> {
    let mut heights = vec![0; packages];
    // More rounds than packages only a circle takes.
    for _ in 0..packages {
        let before = heights.clone();
        for (from, to) in pairs {
            heights[from.0 as usize] = heights[from.0 as usize].max((heights[to.0 as usize] + 1).min(packages));
        }
        if heights == before {
            break;
        }
    }
    heights
}

impl Graph<'_, '_> {
    fn name(&self, package: PackageId) -> &str {
        &self.model.workspace.package(package).name
    }

    fn folder(&self, package: PackageId) -> &str {
        self.model.workspace.package(package).dir.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// A layer for each folder of packages, if most edges are between folders, nearly all in one direction.
    fn by_folder(&self) -> Option<Proposal> {
        let mut folders: BTreeMap<&str, Vec<PackageId>> = BTreeMap::new();
        for package in self.model.workspace.package_ids() {
            folders.entry(self.folder(package)).or_default().push(package);
        }
        let last = |folder: &str| folder.rsplit('/').next().unwrap_or_default().to_string();
        let names: BTreeSet<String> = folders.keys().map(|folder| last(folder)).collect();
        if folders.len() < 2
            || names.len() > MAX_LAYERS
            || names.len() < folders.len()
            || !folders.keys().all(|name| is_plain(name))
        {
            return None;
        }
        let mean = |packages: &[PackageId]| {
            packages.iter().map(|package| self.heights[package.0 as usize]).sum::<usize>() * 1000 / packages.len()
        };
        let mut order: Vec<(&str, Vec<PackageId>)> = folders.into_iter().collect();
        order.sort_by_key(|(_, packages)| std::cmp::Reverse(mean(packages)));
        let layer = |package: PackageId| order.iter().position(|(_, packages)| packages.contains(&package));
        let between = self.pairs.iter().filter(|(from, to)| layer(*from) != layer(*to)).count();
        let up: Vec<&(PackageId, PackageId)> =
            self.pairs.iter().filter(|(from, to)| layer(*from) > layer(*to)).collect();
        if between * 2 < self.pairs.len() || between == 0 || up.len() > MAX_EXCEPTIONS || up.len() * 4 > between {
            return None;
        }
        let proposed = |(folder, _): &(&str, Vec<PackageId>)| ProposedLayer {
            name: last(folder),
            packages: vec![format!("{folder}/*")],
        };
        Some(Proposal {
            layers: order.iter().map(proposed).collect(),
            exceptions: up
                .iter()
                .map(|(from, to)| (self.name(*from).to_string(), self.name(*to).to_string()))
                .collect(),
        })
    }

    /// Services that nothing depends on, then the rest by how much they stand on. No edge leads up.
    fn by_level(&self) -> Option<Proposal> {
        let depended_on: BTreeSet<PackageId> = self.pairs.iter().map(|(_, to)| *to).collect();
        let names = &self.model.names.defs;
        let serving = self.model.services.binaries().filter_map(|(krate, _)| names.krate(krate).origin.package());
        let services: BTreeSet<PackageId> = serving.filter(|package| !depended_on.contains(package)).collect();
        let mut by_height: BTreeMap<usize, Vec<PackageId>> = BTreeMap::new();
        for package in self.model.workspace.package_ids().filter(|package| !services.contains(package)) {
            by_height.entry(self.heights[package.0 as usize]).or_default().push(package);
        }
        let most = MAX_LAYERS - usize::from(!services.is_empty());
        let levels = joined(by_height.into_values().collect(), most);
        let mut layers: Vec<ProposedLayer> = Vec::new();
        for (index, packages) in levels.iter().enumerate() {
            layers.push(ProposedLayer { name: format!("level-{}", index + 1), packages: self.patterns(packages) });
        }
        if !services.is_empty() {
            let packages: Vec<PackageId> = services.into_iter().collect();
            layers.push(ProposedLayer { name: "services".to_string(), packages: self.patterns(&packages) });
        }
        layers.reverse();
        Some(Proposal { layers, exceptions: Vec::new() })
    }
}

impl Graph<'_, '_> {
    /// The names of packages; a pattern for those that are all there is in a folder of several.
    fn patterns(&self, packages: &[PackageId]) -> Vec<String> {
        let all_there = |folder: &str| {
            let is_there = |package: &PackageId| self.folder(*package) == folder;
            let there = self.model.workspace.package_ids().filter(is_there).count();
            is_plain(folder) && there > 2 && packages.iter().filter(|package| is_there(package)).count() == there
        };
        let pattern = |package: &PackageId| match self.folder(*package) {
            folder if all_there(folder) => format!("{folder}/*"),
            _ => self.name(*package).to_string(),
        };
        let mut patterns: Vec<String> = packages.iter().map(pattern).collect();
        patterns.dedup();
        patterns
    }
}

/// Whether a folder's name can stand in a pattern as it is.
fn is_plain(folder: &str) -> bool {
    !folder.is_empty() && !folder.contains(['*', '"', '\\', '.'])
}

/// Neighbouring levels joined to a few of about the same size.
fn joined(levels: Vec<Vec<PackageId>>, most: usize) -> Vec<Vec<PackageId>> {
    if levels.len() <= most {
        return levels;
    }
    let total: usize = levels.iter().map(Vec::len).sum();
    let mut joined: Vec<Vec<PackageId>> = vec![Vec::new()];
    let mut seen = 0;
    for level in levels {
        if seen * most >= total * joined.len() && joined.len() < most {
            joined.push(Vec::new());
        }
        seen += level.len();
        joined.last_mut().expect("one was put there first").extend(level);
    }
    joined.iter_mut().for_each(|level| level.sort());
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_joined_in_order_and_circles_end() {
        let ids = |range: std::ops::Range<u32>| range.map(PackageId).collect::<Vec<_>>();
        let levels = vec![ids(0..5), ids(5..6), ids(6..7), ids(7..9)];
        assert_eq!(joined(levels.clone(), 4), levels);
        assert_eq!(joined(levels, 2), [ids(0..5), ids(5..9)]);
        let pair = |from, to| (PackageId(from), PackageId(to));
        assert_eq!(heights(3, &[pair(2, 1), pair(1, 0)]), [0, 1, 2]);
        assert_eq!(heights(2, &[pair(0, 1), pair(1, 0)]), [2, 2]);
    }
}
