//! What layers cannot say by themselves: edges inside of one, and packages that change from one to another.

use super::breaches::Violation;
use super::edges::{Edge, Edges, Node};
use crate::config;
use crate::source::Span;
use crate::workspace::{PackageId, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// What a baseline keeps of layers, by names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The layer in which each package was first.
    pub layers: BTreeMap<String, String>,
    /// The edges inside layers, as `from -> to`.
    pub within_layers: BTreeSet<String>,
}

/// A package that is in another layer than it was first.
#[derive(Clone, Debug)]
pub struct Moved {
    pub package: PackageId,
    pub from: String,
    /// `None` when it is in no layer any more.
    pub to: Option<String>,
    /// What would break the boundaries had it stayed.
    pub silenced: Vec<(String, Span)>,
}

/// The edges of a package inside its layer that the baseline does not know.
#[derive(Clone, Debug)]
pub struct WithinLayer {
    pub package: PackageId,
    pub layer: String,
    /// Each by its name, with its declaration.
    pub edges: Vec<(String, Span)>,
}

pub struct Guarded<'g> {
    pub workspace: &'g Workspace,
    pub config: &'g config::Boundaries,
    pub edges: &'g Edges<'g>,
    pub layers: &'g [Option<usize>],
}

impl Guarded<'_> {
    pub fn unlayered(&self) -> Vec<PackageId> {
        let none = |package: &PackageId| self.config.exhaustive && self.layers[package.0 as usize].is_none();
        self.workspace.package_ids().filter(none).collect()
    }

    pub fn inventory(&self) -> Inventory {
        let layer = |package: PackageId| Some((self.name(package).to_string(), self.layer(package)?.to_string()));
        Inventory {
            layers: self.workspace.package_ids().filter_map(layer).collect(),
            within_layers: self.within().map(|edge| self.edge_name(edge)).collect(),
        }
    }

    /// A layer that was only given another name has all the packages that the old one had. `hidden` would be violations
    /// if nothing had moved.
    pub fn moved(&self, frozen: &Inventory, hidden: &[Violation]) -> Vec<Moved> {
        let first = |package: PackageId| frozen.layers.get(self.name(package));
        let renamed = |old: &String| {
            let packages = self.workspace.package_ids().filter(|package| first(*package) == Some(old));
            let now: BTreeSet<Option<&str>> = packages.map(|package| self.layer(package)).collect();
            self.position(old).is_none() && now.len() == 1 && !now.contains(&None)
        };
        let mut moved = Vec::new();
        for package in self.workspace.package_ids() {
            let Some(from) = first(package).filter(|from| self.layer(package) != Some(from) && !renamed(from)) else {
                continue;
            };
            let of_package = |found: &&Violation| found.from == package || found.to == self.name(package);
            let edge = |found: &Violation| (format!("{} -> {}", self.name(found.from), found.to), found.place());
            moved.push(Moved {
                package,
                from: from.clone(),
                to: self.layer(package).map(str::to_string),
                silenced: hidden.iter().filter(of_package).map(edge).collect(),
            });
        }
        moved
    }

    /// All packages where they were first, as far as there are such layers still.
    pub fn first_layers(&self, frozen: &Inventory) -> Vec<Option<usize>> {
        let first = |package: PackageId| self.position(frozen.layers.get(self.name(package))?);
        self.workspace.package_ids().map(|package| first(package).or(self.layers[package.0 as usize])).collect()
    }

    /// Those of packages that moved are new for another reason.
    pub fn within_layers(&self, frozen: &Inventory) -> Vec<WithinLayer> {
        let mut found: BTreeMap<PackageId, WithinLayer> = BTreeMap::new();
        let has_moved = |package: PackageId| {
            let first = frozen.layers.get(self.name(package));
            first.is_some_and(|first| self.position(first).is_some() && self.layer(package) != Some(first))
        };
        for edge in self.within().filter(|_| !frozen.layers.is_empty()) {
            let Node::Member(to) = edge.to else { continue };
            let Some((name, span)) = self.declared(edge).filter(|(name, _)| !frozen.within_layers.contains(name))
            else {
                continue;
            };
            if !has_moved(edge.from) && !has_moved(to) {
                let layer = self.layer(edge.from).unwrap_or_default().to_string();
                let new = || WithinLayer { package: edge.from, layer, edges: Vec::new() };
                found.entry(edge.from).or_insert_with(new).edges.push((name, span));
            }
        }
        found.into_values().collect()
    }

    /// Edges between packages of one layer about which it says nothing.
    fn within(&self) -> impl Iterator<Item = &Edge<'_>> {
        self.edges.iter().filter(|edge| {
            let Node::Member(to) = edge.to else { return false };
            let (own, other) = (self.layers[edge.from.0 as usize], self.layers[to.0 as usize]);
            let says_nothing = own.is_some_and(|own| !self.config.layers[own].independent);
            own == other && says_nothing && edge.is_of(&self.config.kinds)
        })
    }

    fn declared(&self, edge: &Edge<'_>) -> Option<(String, Span)> {
        let declared = edge.declared_as(&self.config.kinds, self.workspace);
        Some((self.edge_name(edge), declared.first()?.1))
    }

    fn edge_name(&self, edge: &Edge<'_>) -> String {
        format!("{} -> {}", self.name(edge.from), self.edges.name(edge.to))
    }

    fn name(&self, package: PackageId) -> &str {
        &self.workspace.package(package).name
    }

    fn layer(&self, package: PackageId) -> Option<&str> {
        self.layers[package.0 as usize].map(|layer| self.config.layers[layer].name.as_str())
    }

    fn position(&self, layer: &str) -> Option<usize> {
        self.config.layers.iter().position(|found| found.name == layer)
    }
}
