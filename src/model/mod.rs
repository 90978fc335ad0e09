//! The workspace as rules see it: names, types, roles, calls, and the graph of crates. Rules ask it in their own terms.

pub mod actors;
pub mod addresses;
pub mod arguments;
pub mod backward;
pub mod body_limits;
pub mod boundaries;
pub mod branches;
pub mod callables;
pub mod calls;
pub mod channels;
pub mod consts;
pub mod contention;
pub mod contexts;
pub mod coverage;
pub mod crates;
pub mod cycles;
pub mod deadlines;
pub mod defs;
pub mod discard;
pub mod dispatch;
pub mod elements;
pub mod endless;
pub mod entries;
pub mod extractors;
pub mod flow;
pub mod forward;
pub mod liveness;
pub mod made;
pub mod memory;
pub mod metrics;
pub mod modules;
pub mod names;
pub mod observation;
pub mod operations;
pub mod ownership;
pub mod parts;
pub mod places;
pub mod pools;
pub mod reach;
pub mod rewrites;
pub mod roles;
pub mod rounds;
pub mod routers;
pub mod sending;
pub mod services;
pub mod shared_tables;
pub mod sharing;
pub mod shutdown;
pub mod side_effects;
pub mod site;
pub mod sql;
pub mod state;
pub mod suspension;
pub mod symbols;
pub mod types;
pub mod ways;
pub mod workers;

use crate::catalog::{Catalog, Entry};
use crate::finding::Place;
use crate::source::{FileId, Span};
use crate::workspace::{PackageId, Workspace};
use boundaries::Boundaries;
use callables::{BodyView, Callables};
use calls::{CallGraph, Source};
use contexts::Contexts;
use crates::CrateGraph;
use entries::EntryPoints;
use modules::ModuleGraph;
use names::{Description, Names};
use ownership::Owners;
use places::Places;
use rayon::prelude::*;
use rewrites::Rewrites;
use roles::Roles;
use services::Services;
use std::sync::OnceLock;
use types::{BodyId, BodyTypes, Declared, PreparedBody, Target, Words, World};

/// Everything that is known of a workspace. Rules only read it.
pub struct Model<'w> {
    pub workspace: &'w Workspace,
    pub names: Names<'w>,
    pub declared: Declared,
    bodies: Vec<PreparedBody<'w>>,
    types: Vec<BodyTypes>,
    pub roles: Roles,
    pub callables: Callables,
    pub calls: CallGraph,
    pub services: Services,
    pub entries: EntryPoints,
    pub contexts: Contexts,
    pub places: Places,
    pub crates: CrateGraph,
    pub boundaries: Boundaries,
    /// Asked for by few rules, and not for free.
    modules: OnceLock<ModuleGraph>,
    owners: Owners,
    rewrites: Rewrites,
    /// How the modules of generated remote-call traits end.
    generated_services: Vec<String>,
}

impl<'w> Model<'w> {
    /// Builds the model. `descriptions` are the catalog's, read; `own_entries` what the user adds to the catalog.
    pub fn build(
        workspace: &'w Workspace,
        catalog: &Catalog,
        descriptions: &'w [Description],
        own_entries: &[Entry],
    ) -> Self {
        let mut names = Names::build(workspace, descriptions);
        let mut declared = types::declare(&mut names);
        let entries: Vec<Entry> =
            catalog.crates.iter().flat_map(|krate| &krate.entries).chain(own_entries).cloned().collect();
        let roles = Roles::build(&mut names, &declared, &entries, workspace);
        let rewrites = Rewrites::build(&mut names, &declared, catalog);
        let bodies = types::prepare(&mut names, &mut declared);
        let words = Words::find(&mut names.defs.symbols);
        let world = World { names: &names, declared: &declared, words: &words };
        let mut types: Vec<BodyTypes> = bodies.par_iter().map(|body| types::infer(world, body)).collect();
        name_outside_members(&mut names, &mut types);
        let is_async = |def| names.defs.function(def).map(|function| function.is_async);
        let callables = Callables::build(&bodies, is_async);
        let views: Vec<BodyView<'_>> = views(&bodies, &types).collect();
        let source =
            Source { names: &names, declared: &declared, roles: &roles, callables: &callables, bodies: &views };
        let calls = CallGraph::build(source);
        let crates = CrateGraph::build(workspace, &names);
        let generated_services = catalog.crates.iter().flat_map(|krate| krate.generated_services.clone()).collect();
        let mut model = Self {
            workspace,
            names,
            declared,
            bodies,
            types,
            roles,
            callables,
            calls,
            services: Services::default(),
            entries: EntryPoints::default(),
            contexts: Contexts::default(),
            places: Places::default(),
            crates,
            boundaries: Boundaries::default(),
            modules: OnceLock::new(),
            owners: Owners::default(),
            rewrites,
            generated_services,
        };
        model.owners = Owners::build(&model);
        model.services = Services::build(&model);
        model.entries = EntryPoints::build(&model);
        model.contexts = Contexts::build(&model);
        model.places = Places::build(&model);
        model
    }

    pub fn bodies(&self) -> impl Iterator<Item = BodyView<'_>> {
        views(&self.bodies, &self.types)
    }

    pub fn body(&self, id: BodyId) -> BodyView<'_> {
        let index = id.0 as usize;
        BodyView { id, prepared: &self.bodies[index], types: &self.types[index] }
    }

    pub fn modules(&self) -> &ModuleGraph {
        self.modules.get_or_init(|| ModuleGraph::build(self))
    }

    /// A finding's place in a manifest.
    pub fn manifest_place(&self, package: PackageId, span: Span) -> Place<'_> {
        let package = self.workspace.package(package);
        Place { span, symbol: package.name.clone(), package: &package.name }
    }

    /// The file of a package's manifest.
    pub fn manifest(&self, package: PackageId) -> FileId {
        self.workspace.package(package).manifest
    }
}

fn views<'m, 'w: 'm>(bodies: &'m [PreparedBody<'w>], types: &'m [BodyTypes]) -> impl Iterator<Item = BodyView<'m>> {
    let both = bodies.iter().zip(types).enumerate();
    both.map(|(index, (prepared, types))| BodyView { id: BodyId(index as u32), prepared, types })
}

/// Gives members of outside types, which inference knows by type and name, a definition of their own.
fn name_outside_members(names: &mut Names<'_>, types: &mut [BodyTypes]) {
    for call in types.iter_mut().flat_map(|types| &mut types.calls) {
        if let Target::Member(of, name) = call.target {
            call.target = Target::Def(names.external(of, name));
        }
    }
}
