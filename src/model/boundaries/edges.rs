//! All dependencies that the manifests declare, one edge for each pair: optional and target-specific ones too, whatever
//! features are on and whatever a manifest calls them.

use crate::config::{EdgeKind, Kinds, Pattern};
use crate::source::Span;
use crate::workspace::{Dependency, DependencyKind, PackageId, Workspace};
use std::collections::BTreeMap;

/// What a package may depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node<'w> {
    Member(PackageId),
    /// By the name of its package.
    Outside(&'w str),
}

/// All that one package declares of another.
#[derive(Clone, Debug)]
pub struct Edge<'w> {
    pub from: PackageId,
    pub to: Node<'w>,
    pub declared: Vec<&'w Dependency>,
}

/// The edges of each package, in the order of packages and of what they lead to.
pub struct Edges<'w> {
    pub workspace: &'w Workspace,
    /// The layer of each package.
    layers: Vec<Option<String>>,
    all: Vec<Edge<'w>>,
}

impl<'w> Edges<'w> {
    /// `layers` has the name of each package's layer.
    pub fn of(workspace: &'w Workspace, layers: Vec<Option<String>>) -> Self {
        let mut found: BTreeMap<(PackageId, Node<'w>), Vec<&Dependency>> = BTreeMap::new();
        for from in workspace.package_ids() {
            for dependency in &workspace.package(from).dependencies {
                let to = dependency.member.map_or(Node::Outside(&dependency.package), Node::Member);
                if to != Node::Member(from) {
                    found.entry((from, to)).or_default().push(dependency);
                }
            }
        }
        let all = found.into_iter().map(|((from, to), declared)| Edge { from, to, declared }).collect();
        Self { workspace, layers, all }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Edge<'w>> {
        self.all.iter()
    }

    pub fn from(&self, package: PackageId) -> impl Iterator<Item = &Edge<'w>> {
        let start = self.all.partition_point(|edge| edge.from < package);
        self.all[start..].iter().take_while(move |edge| edge.from == package)
    }

    pub fn name(&self, node: Node<'w>) -> &'w str {
        match node {
            Node::Member(package) => &self.workspace.package(package).name,
            Node::Outside(name) => name,
        }
    }

    /// Whether one of the patterns fits a node.
    pub fn fits(&self, patterns: &[Pattern], node: Node<'w>) -> bool {
        let (dir, own) = match node {
            Node::Member(package) => {
                let own = self.layers.get(package.0 as usize).and_then(Option::as_deref);
                (Some(self.workspace.package(package).dir.as_str()), own)
            }
            Node::Outside(_) => (None, None),
        };
        patterns.iter().any(|pattern| match pattern.layer() {
            Some(layer) => own == Some(layer),
            None => pattern.fits(self.name(node), dir),
        })
    }

    pub fn fits_package(&self, patterns: &[Pattern], package: PackageId) -> bool {
        self.fits(patterns, Node::Member(package))
    }
}

impl Edge<'_> {
    /// Where it is declared as one of the kinds; what ships comes first.
    pub fn declared_as(&self, kinds: &Kinds, workspace: &Workspace) -> Vec<(EdgeKind, Span)> {
        let manifest = workspace.package(self.from).manifest;
        let all = self.declared.iter().map(|found| (kind(found.kind), Span::new(manifest, found.range)));
        let mut counting: Vec<(EdgeKind, Span)> = all.filter(|(kind, _)| kinds.has(*kind)).collect();
        counting.sort();
        counting
    }

    pub fn is_of(&self, kinds: &Kinds) -> bool {
        self.declared.iter().any(|found| kinds.has(kind(found.kind)))
    }
}

fn kind(kind: DependencyKind) -> EdgeKind {
    match kind {
        DependencyKind::Normal => EdgeKind::Normal,
        DependencyKind::Development => EdgeKind::Dev,
        DependencyKind::Build => EdgeKind::Build,
    }
}
