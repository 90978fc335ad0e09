//! The graph of the workspace's packages, from their manifests: every declared dependency counts, optional and
//! target-specific ones too, whatever features are on.

use super::Model;
use super::cycles::{Weighted, cheapest_cut, tangles};
use super::defs::{CrateOrigin, DefId};
use super::names::{Names, Vis};
use crate::source::Span;
use crate::workspace::{DependencyKind, PackageId, TargetKind, Workspace};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct CrateGraph {
    edges: Vec<CrateEdge>,
}

/// One declaration of one package's dependency on another.
#[derive(Clone, Debug)]
pub struct CrateEdge {
    pub from: PackageId,
    pub to: PackageId,
    pub kind: DependencyKind,
    pub optional: bool,
    pub target: Option<String>,
    /// Where the manifest declares it.
    pub span: Span,
    /// How many different items of the other package are imported.
    pub weight: usize,
    /// What procedural macros are tried out with: the crate that they write code for, which brings them to its users.
    pub tests_macros: bool,
}

/// Packages that all depend on one another.
#[derive(Clone, Debug)]
pub struct CrateCycle {
    pub packages: Vec<PackageId>,
    /// The edges among them.
    pub edges: Vec<CrateEdge>,
    /// The edges whose removal opens the cycle at the least cost.
    pub cut: Vec<CrateEdge>,
}

impl CrateGraph {
    pub fn build(workspace: &Workspace, names: &Names<'_>) -> Self {
        let used = imported_items(names);
        let mut edges = Vec::new();
        for from in workspace.package_ids() {
            let package = workspace.package(from);
            let has_macros = package.targets.iter().any(|target| target.kind == TargetKind::ProcMacro);
            for dependency in &package.dependencies {
                let Some(to) = dependency.member.filter(|to| *to != from) else { continue };
                edges.push(CrateEdge {
                    from,
                    to,
                    kind: dependency.kind,
                    optional: dependency.optional,
                    target: dependency.target.clone(),
                    span: Span::new(package.manifest, dependency.range),
                    weight: used.get(&(from, to)).map_or(0, BTreeSet::len),
                    tests_macros: has_macros && dependency.kind == DependencyKind::Development,
                });
            }
        }
        Self { edges }
    }

    pub fn edges(&self) -> &[CrateEdge] {
        &self.edges
    }

    /// The packages that depend on one another in a circle, in the order of their manifests.
    pub fn cycles(&self) -> Vec<CrateCycle> {
        let edges = self.edges.iter().filter(|edge| !edge.tests_macros).map(|edge| (edge.from, edge.to));
        tangles(edges).into_iter().map(|packages| self.cycle(packages)).collect()
    }

    fn cycle(&self, packages: Vec<PackageId>) -> CrateCycle {
        let inside =
            |edge: &&CrateEdge| !edge.tests_macros && [edge.from, edge.to].iter().all(|end| packages.contains(end));
        let mut edges: Vec<CrateEdge> = self.edges.iter().filter(inside).cloned().collect();
        // A development dependency beside a normal one on the same package adds nothing.
        edges.sort_by_key(|edge| (edge.from, edge.to, edge.kind));
        edges.dedup_by_key(|edge| (edge.from, edge.to));
        // Cargo lets only development dependencies close a circle, so those are what can go.
        let cost = |edge: &CrateEdge| (edge.kind == DependencyKind::Development).then_some(edge.weight);
        let weighted: Vec<Weighted<PackageId>> =
            edges.iter().map(|edge| Weighted { from: edge.from, to: edge.to, cost: cost(edge) }).collect();
        let cut = cheapest_cut(&weighted).into_iter().map(|index| edges[index].clone()).collect();
        CrateCycle { packages, edges, cut }
    }
}

impl Model<'_> {
    /// Whether a package is there to pass others on: it re-exports from at least half of the members it depends on.
    pub fn is_facade(&self, package: PackageId) -> bool {
        let names = &self.names;
        let passed_on = names.imports.iter().filter(|import| {
            let is_own = names.defs.krate(import.krate).origin.package() == Some(package);
            is_own && import.visibility == Vis::Public && !import.test
        });
        let passed_on: BTreeSet<PackageId> =
            passed_on.filter_map(|import| names.defs.package(import.target?)).filter(|from| *from != package).collect();
        let counted =
            self.crates.edges.iter().filter(|edge| edge.from == package && edge.kind == DependencyKind::Normal);
        let below: BTreeSet<PackageId> = counted.map(|edge| edge.to).collect();
        !below.is_empty() && 2 * passed_on.intersection(&below).count() >= below.len()
    }
}

/// The items that each package imports from each other one, tests included.
fn imported_items(names: &Names<'_>) -> BTreeMap<(PackageId, PackageId), BTreeSet<DefId>> {
    let package = |def: DefId| match names.defs.krate(names.defs.get(def).krate).origin {
        CrateOrigin::Target { package, .. } => Some(package),
        _ => None,
    };
    let mut used: BTreeMap<_, BTreeSet<DefId>> = BTreeMap::new();
    for import in &names.imports {
        let from = names.defs.krate(import.krate).origin.package();
        if let (Some(from), Some((to, target))) =
            (from, import.target.and_then(|target| Some((package(target)?, target))))
            && from != to
        {
            used.entry((from, to)).or_default().insert(target);
        }
    }
    used
}
