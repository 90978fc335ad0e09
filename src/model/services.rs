//! Which packages run as services: those that a binary which starts a server, consumer or scheduler is made of.

use super::Model;
use super::crates::CrateGraph;
use super::defs::{CrateId, CrateOrigin};
use crate::catalog::Role;
use crate::workspace::{DependencyKind, PackageId, TargetKind};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct Services {
    /// The crates of the binaries that serve.
    binaries: BTreeSet<CrateId>,
    /// The packages that such binaries are made of.
    packages: BTreeSet<PackageId>,
}

impl Services {
    /// A binary serves when its own crate, or a package that it is made of, holds the start of a server, consumer or
    /// scheduler.
    pub fn build(model: &Model<'_>) -> Self {
        let starts = starting_crates(model);
        let starting_libraries: BTreeSet<PackageId> = starts
            .iter()
            .filter_map(|krate| match model.names.defs.krate(*krate).origin {
                CrateOrigin::Target { package, kind: TargetKind::Library, .. } => Some(package),
                _ => None,
            })
            .collect();
        let below = normal_dependencies(&model.crates);
        let mut services = Self::default();
        for krate in model.names.defs.crate_ids() {
            let CrateOrigin::Target { package, kind: TargetKind::Binary, .. } = model.names.defs.krate(krate).origin
            else {
                continue;
            };
            let parts = closure(package, &below);
            if starts.contains(&krate) || !starting_libraries.is_disjoint(&parts) {
                services.binaries.insert(krate);
                services.packages.extend(parts);
            }
        }
        services
    }

    pub fn has_package(&self, package: PackageId) -> bool {
        self.packages.contains(&package)
    }

    pub fn has_binary(&self, krate: CrateId) -> bool {
        self.binaries.contains(&krate)
    }

    pub fn is_empty(&self) -> bool {
        self.binaries.is_empty()
    }
}

/// The crates in which a server, consumer or scheduler is started, by a call or by an attribute.
fn starting_crates(model: &Model<'_>) -> BTreeSet<CrateId> {
    let defs = &model.names.defs;
    let calls = model.sites_with(&[Role::ServerStart, Role::SchedulerStart, Role::MessageSource]);
    let called = calls.map(|site| defs.get(site.view.prepared.owner).krate);
    let owners = model.bodies().map(|view| view.prepared.owner);
    let marked = owners.filter(|owner| model.roles.of_attributes(*owner).has(Role::ServerStart));
    called.chain(marked.map(|owner| defs.get(owner).krate)).collect()
}

/// The packages that each package is built with.
fn normal_dependencies(crates: &CrateGraph) -> BTreeMap<PackageId, Vec<PackageId>> {
    let mut below: BTreeMap<PackageId, Vec<PackageId>> = BTreeMap::new();
    for edge in crates.edges().iter().filter(|edge| edge.kind == DependencyKind::Normal) {
        below.entry(edge.from).or_default().push(edge.to);
    }
    below
}

/// A package and all that it is built with.
fn closure(package: PackageId, below: &BTreeMap<PackageId, Vec<PackageId>>) -> BTreeSet<PackageId> {
    let mut found = BTreeSet::from([package]);
    let mut open = vec![package];
    while let Some(next) = open.pop() {
        open.extend(below.get(&next).into_iter().flatten().filter(|part| found.insert(**part)));
    }
    found
}
