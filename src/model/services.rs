//! Which packages run as services: those that a binary which starts a server, consumer or scheduler is made of.

use super::Model;
use super::crates::CrateGraph;
use super::defs::{CrateId, CrateOrigin, DefId};
use super::site::Site;
use crate::catalog::Role;
use crate::workspace::{DependencyKind, PackageId, TargetKind};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct Services {
    /// The crates of the binaries that serve, each with the packages that it is made of.
    binaries: BTreeMap<CrateId, BTreeSet<PackageId>>,
    /// The packages that such binaries are made of.
    packages: BTreeSet<PackageId>,
    /// The crates that start only servers that take one request at a time.
    serial: BTreeSet<CrateId>,
}

/// Packages in folders with these words in their names try others out, and are not run in production.
const TRIAL_FOLDERS: [&str; 5] = ["benches", "examples", "fuzz", "tests", "xtask"];

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
        let mut services = Self { serial: serial_crates(model), ..Self::default() };
        for krate in model.names.defs.crate_ids() {
            let CrateOrigin::Target { package, kind: TargetKind::Binary, .. } = model.names.defs.krate(krate).origin
            else {
                continue;
            };
            if is_trial(model, package) {
                continue;
            }
            let parts = closure(package, &below);
            if starts.contains(&krate) || !starting_libraries.is_disjoint(&parts) {
                services.packages.extend(&parts);
                services.binaries.insert(krate, parts);
            }
        }
        services
    }

    pub fn has_package(&self, package: PackageId) -> bool {
        self.packages.contains(&package)
    }

    /// The binaries that serve, each with the packages that it is made of.
    pub fn binaries(&self) -> impl Iterator<Item = (CrateId, &BTreeSet<PackageId>)> {
        self.binaries.iter().map(|(krate, parts)| (*krate, parts))
    }

    pub fn has_binary(&self, krate: CrateId) -> bool {
        self.binaries.contains_key(&krate)
    }

    /// Whether the servers that a crate starts take one request at a time.
    pub fn is_serial(&self, krate: CrateId) -> bool {
        self.serial.contains(&krate)
    }

    pub fn is_empty(&self) -> bool {
        self.binaries.is_empty()
    }
}

impl<'w> Model<'w> {
    /// Whether something is part of a service: of a binary that serves, or of a library that one is made of.
    pub fn is_served(&self, def: DefId) -> bool {
        match self.names.defs.krate(self.names.defs.get(def).krate).origin {
            CrateOrigin::Target { kind: TargetKind::Binary, .. } => {
                self.services.has_binary(self.names.defs.get(def).krate)
            }
            CrateOrigin::Target { kind: TargetKind::Library, package, .. } => self.services.has_package(package),
            _ => false,
        }
    }

    /// Whether two things are built into one binary that serves.
    pub fn run_together(&self, one: DefId, other: DefId) -> bool {
        let mut binaries = self.services.binaries();
        binaries.any(|(binary, parts)| self.is_part_of(one, binary, parts) && self.is_part_of(other, binary, parts))
    }

    /// Whether something is built into a binary.
    pub fn is_part_of(&self, def: DefId, binary: CrateId, packages: &BTreeSet<PackageId>) -> bool {
        let krate = self.names.defs.get(def).krate;
        match self.names.defs.krate(krate).origin {
            CrateOrigin::Target { kind: TargetKind::Library, package, .. } => packages.contains(&package),
            _ => krate == binary,
        }
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

fn serial_crates(model: &Model<'_>) -> BTreeSet<CrateId> {
    let krate = |site: Site<'_>| model.names.defs.get(site.view.prepared.owner).krate;
    let (serial, others): (Vec<Site<'_>>, Vec<Site<'_>>) =
        model.sites_with(&[Role::ServerStart]).partition(|site| site.has(Role::SerialServer));
    let others: BTreeSet<CrateId> = others.into_iter().map(krate).collect();
    serial.into_iter().map(krate).filter(|found| !others.contains(found)).collect()
}

/// Whether a package only tries others out.
pub(super) fn is_trial(model: &Model<'_>, package: PackageId) -> bool {
    let manifest = &model.workspace.file(model.manifest(package)).path;
    manifest.split(['/', '-', '_']).any(|word| TRIAL_FOLDERS.contains(&word))
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
