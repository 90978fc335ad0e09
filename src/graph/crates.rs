//! The packages of the workspace and their dependencies on one another.

use super::{Cycle, Edge, EdgeKind, Graph, Node, NodeKind, PlaceFinder, View};
use crate::model::Model;
use crate::source::FileId;
use crate::workspace::{DependencyKind, PackageId};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn gather(places: &mut PlaceFinder<'_, '_>) -> Graph {
    let model = places.model;
    let serving = serving_packages(model);
    let mut nodes: Vec<Node> = model.workspace.package_ids().map(|id| node(model, id, &serving)).collect();
    let items = model.modules().items_of_packages(model);
    let mut edges: BTreeMap<(PackageId, PackageId, EdgeKind), Edge> = BTreeMap::new();
    for declared in model.crates.edges() {
        let key = (declared.from, declared.to, kind(declared.kind));
        let is_first = !edges.contains_key(&key);
        let edge = edges.entry(key).or_insert_with(|| Edge::new(at(declared.from), at(declared.to), key.2));
        // It is there for sure as soon as one declaration makes it so.
        edge.optional = declared.optional && (is_first || edge.optional);
        match &declared.target {
            Some(target) if is_first || !edge.targets.is_empty() => edge.targets.push(target.clone()),
            _ => edge.targets.clear(),
        }
        edge.weight = match declared.kind {
            // Tests alone use it, and those are no part of the modules' graph.
            DependencyKind::Development => declared.weight,
            _ => items.get(&(declared.from, declared.to)).map_or(0, BTreeSet::len),
        };
        edge.places.push(places.place(declared.span));
    }
    for violation in model.boundaries.violations.iter().filter(|violation| violation.accepted.is_none()) {
        let declared = |edge: &&mut Edge| {
            edge.from == at(violation.from) && nodes[edge.to].name == violation.to && edge.kind != EdgeKind::Dev
        };
        for edge in edges.values_mut().filter(declared) {
            edge.breaks.extend(violation.breaches.iter().map(|breach| breach.kind.word()));
        }
    }
    let mut cycles = Vec::new();
    for (index, cycle) in model.crates.cycles().into_iter().enumerate() {
        let id = index + 1;
        cycle.packages.iter().for_each(|package| nodes[at(*package)].cycle = Some(id));
        for part in &cycle.edges {
            if let Some(edge) = edges.get_mut(&(part.from, part.to, kind(part.kind))) {
                edge.cycle = Some(id);
                edge.is_cut = cycle.cut.iter().any(|cut| (cut.from, cut.to) == (part.from, part.to));
            }
        }
        cycles.push(Cycle { id });
    }
    Graph { view: View::Crates, nodes, edges: edges.into_values().collect(), cycles }
}

/// The packages that have a binary which serves.
pub(super) fn serving_packages(model: &Model<'_>) -> BTreeSet<PackageId> {
    let origin = |krate| model.names.defs.krate(krate).origin.package();
    model.services.binaries().filter_map(|(krate, _)| origin(krate)).collect()
}

fn node(model: &Model<'_>, id: PackageId, serving: &BTreeSet<PackageId>) -> Node {
    let package = model.workspace.package(id);
    let targets = package.targets.iter().filter(|target| target.kind.is_production());
    let files: BTreeSet<FileId> = targets.flat_map(|target| target.modules.iter().map(|module| module.file)).collect();
    let lines = files.into_iter().map(|file| u64::from(model.workspace.file(file).facts.lines)).sum();
    let path = if package.dir.is_empty() { "." } else { &package.dir };
    Node { lines, is_service: serving.contains(&id), ..Node::new(&package.name, NodeKind::Crate, path) }
}

fn at(package: PackageId) -> usize {
    package.0 as usize
}

fn kind(kind: DependencyKind) -> EdgeKind {
    match kind {
        DependencyKind::Normal => EdgeKind::Normal,
        DependencyKind::Development => EdgeKind::Dev,
        DependencyKind::Build => EdgeKind::Build,
    }
}
