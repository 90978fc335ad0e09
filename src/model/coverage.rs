//! Coverage: which layers requests pass on their way to a handler, and what these see of them or limit.

use super::Model;
use super::backward::{Origin, history};
use super::callables::CallableId;
use super::defs::{CrateOrigin, DefId, DefKind};
use super::entries::{EntryKind, EntryPoint};
use super::observation::{Evidence, Observation, Seen, named_types};
use super::roles::RoleSet;
use super::routers::{Behind, handlers_behind, layers};
use super::site::Site;
use super::types::{TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::NodeKind;
use rustc_hash::{FxHashMap, FxHashSet};

/// A server, with the handlers it leads to.
pub struct Service<'m> {
    /// The call that serves, or the function that is marked to.
    pub server: Site<'m>,
    pub handlers: Vec<Behind<'m>>,
}

/// All servers, and what is around their handlers.
pub struct Coverage<'m> {
    model: &'m Model<'m>,
    pub services: Vec<Service<'m>>,
    pub observation: Observation,
    /// Where each handler is served: a service, and a place in its list.
    served: FxHashMap<CallableId, Vec<(usize, usize)>>,
}

/// What a layer does, as far as it can be read.
pub struct Layer<'m> {
    pub site: Site<'m>,
    pub roles: RoleSet,
    /// What the workspace's own code in it leaves.
    pub seen: Option<Seen>,
    /// Whether all of it can be read.
    pub is_known: bool,
}

impl Layer<'_> {
    /// What the layer is called: its type, or what makes it.
    pub fn name(&self) -> String {
        let model = self.site.model;
        match self.site.type_def().map(|def| (def, model.roles.of(def))) {
            Some((def, roles)) if !roles.has(Role::LayerBuilder) => model.names.defs.name(def).to_string(),
            _ => self.site.target().map_or_else(|| "layer".to_string(), |def| model.short_path(def)),
        }
    }

    pub fn observes(&self) -> bool {
        self.seen.is_some() || self.roles.meets(RoleSet::of(&OBSERVING))
    }
}

/// Layers that see every request.
pub const OBSERVING: [Role; 2] = [Role::LayerTrace, Role::LayerMetrics];

/// Layers that limit what requests may take.
pub const LIMITING: [Role; 4] =
    [Role::LayerTimeout, Role::LayerBodyLimit, Role::LayerConcurrencyLimit, Role::LayerRateLimit];

impl<'m> Coverage<'m> {
    pub fn of(model: &'m Model<'m>) -> Self {
        let services: Vec<Service<'m>> =
            servers(model).into_iter().map(|server| Service { server, handlers: handlers_of(model, server) }).collect();
        let mut served: FxHashMap<CallableId, Vec<(usize, usize)>> = FxHashMap::default();
        for (index, service) in services.iter().enumerate() {
            for (place, behind) in service.handlers.iter().enumerate() {
                served.entry(behind.handler).or_default().push((index, place));
            }
        }
        Self { model, services, observation: Observation::of(model), served }
    }

    /// Each way in which a handler is served.
    pub fn ways(&self, handler: CallableId) -> impl Iterator<Item = &Behind<'m>> {
        self.served.get(&handler).into_iter().flatten().map(|(index, place)| &self.services[*index].handlers[*place])
    }

    /// The layers on a way to a handler.
    pub fn layers(&self, behind: &Behind<'m>) -> Vec<Layer<'m>> {
        behind.layers.iter().flat_map(|site| self.stack(*site)).collect()
    }

    /// The layers of a stack, or the one that something is.
    pub fn stack(&self, site: Site<'m>) -> Vec<Layer<'m>> {
        stacked(self.model, site, MAX_DEPTH).into_iter().map(|site| self.layer(site)).collect()
    }

    /// Whether one of the layers on a way to a handler sees every request.
    pub fn has_observing_layer(&self, behind: &Behind<'m>) -> bool {
        self.layers(behind).iter().any(Layer::observes)
    }

    /// Whether anybody learns that a request came by this way.
    pub fn is_observed(&self, behind: &Behind<'m>) -> Evidence {
        let layers = self.layers(behind);
        if layers.iter().any(Layer::observes) || self.leaves(behind.handler).is_some() {
            return Evidence::Yes;
        }
        let around = self.observation.around(self.model, behind.handler);
        let is_readable = around.iter().chain([&behind.handler]).all(|id| self.observation.is_readable(*id));
        let is_known = behind.is_known && layers.iter().all(|layer| layer.is_known) && is_readable;
        if is_known { Evidence::No } else { Evidence::Unknown }
    }

    /// What a handler leaves of its work, or the types that it takes and gives back.
    pub fn leaves(&self, handler: CallableId) -> Option<Seen> {
        let around = || self.observation.around(self.model, handler);
        self.observation.seen(handler).or_else(|| around().iter().find_map(|id| self.observation.seen(*id)))
    }

    /// Whether anybody learns that an entry point ran.
    pub fn evidence(&self, entry: &EntryPoint) -> Evidence {
        if self.leaves(entry.callable).is_some() {
            return Evidence::Yes;
        }
        if matches!(entry.kind, EntryKind::Handler | EntryKind::Rpc) {
            return self.ways(entry.callable).map(|way| self.is_observed(way)).max().unwrap_or(Evidence::Unknown);
        }
        let is_alone = !matches!(entry.kind, EntryKind::Middleware | EntryKind::Resolver);
        if is_alone && self.observation.is_readable(entry.callable) { Evidence::No } else { Evidence::Unknown }
    }

    /// The route of an entry point, below the paths of the routers around it.
    pub fn route(&self, entry: &EntryPoint) -> Option<String> {
        let route = entry.route.as_ref()?;
        let prefix = self.ways(entry.callable).next().map_or("", |way| way.prefix.as_str());
        Some(match route.split_once(' ') {
            Some((method, path)) => format!("{method} {prefix}{path}"),
            None if route.starts_with('/') => format!("{prefix}{route}"),
            None => route.clone(),
        })
    }

    /// What a layer is and does.
    pub fn layer(&self, site: Site<'m>) -> Layer<'m> {
        let mut read = Reading { coverage: self, roles: RoleSet::EMPTY, own: Vec::new(), is_known: true };
        if is_stack(site) && adds_itself(site) {
            read.call(site, MAX_DEPTH)
        } else {
            read.value(site, MAX_DEPTH)
        }
        let seen = read.own.iter().find_map(|id| self.observation.seen(*id));
        let is_readable = read.own.iter().all(|id| self.observation.is_readable(*id));
        Layer { site, roles: read.roles, seen, is_known: read.is_known && is_readable }
    }
}

/// The layers of a stack, or the one that something is.
fn stacked<'m>(model: &'m Model<'m>, site: Site<'m>, depth: usize) -> Vec<Site<'m>> {
    let is_tuple = matches!(site.kind(), NodeKind::Sequence(_));
    if depth == 0 || !(is_stack(site) || is_tuple) {
        return vec![site];
    }
    let built = history(model, site);
    let is_made_here = |origin: &Origin<'m>| matches!(origin, Origin::Made(_) | Origin::Literal(_));
    if !is_tuple && !built.origins.iter().all(is_made_here) {
        return vec![site];
    }
    let inside = |call: Site<'m>| call.args().flat_map(move |part| stacked(model, part, depth - 1)).collect();
    if is_tuple {
        return inside(site);
    }
    built.calls.into_iter().flat_map(|call| if adds_itself(call) { vec![call] } else { inside(call) }).collect()
}

/// A stack of layers, which may be anything.
fn is_stack(site: Site<'_>) -> bool {
    site.type_def().is_some_and(|def| site.model.roles.of(def).has(Role::LayerBuilder))
}

/// A call that puts a layer of its own on a stack.
fn adds_itself(call: Site<'_>) -> bool {
    call.roles().meets(layers())
}

/// Where servers are started, in what is run.
fn servers<'m>(model: &'m Model<'m>) -> Vec<Site<'m>> {
    let calls = model.sites_with(&[Role::ServerStart]);
    let marked = model.callables.ids().filter(|id| {
        let is_function = model.callables.get(*id).parent.is_none();
        is_function && model.roles.of_attributes(model.owner_of(*id)).has(Role::ServerStart)
    });
    let all = calls.chain(marked.map(|id| model.callable_site(id)));
    all.filter(|site| model.is_served(site.view.prepared.owner)).collect()
}

fn handlers_of<'m>(model: &'m Model<'m>, server: Site<'m>) -> Vec<Behind<'m>> {
    let mut handlers = answering(model, handlers_behind(model, server));
    // What an attribute starts is called by nobody in sight, so what it puts around a router is not either.
    if !server.has(Role::ServerStart) {
        handlers.iter_mut().for_each(|behind| behind.is_known = false);
    }
    handlers
}

/// Only what answers requests: a chain also takes functions that do something else.
fn answering<'m>(model: &Model<'_>, behind: Vec<Behind<'m>>) -> Vec<Behind<'m>> {
    let entries = model.entries.iter().filter(|entry| matches!(entry.kind, EntryKind::Handler | EntryKind::Rpc));
    let handlers: FxHashSet<CallableId> = entries.map(|entry| entry.callable).collect();
    behind.into_iter().filter(|behind| handlers.contains(&behind.handler)).collect()
}

/// How deep layers are looked into.
const MAX_DEPTH: usize = 8;

struct Reading<'c, 'm> {
    coverage: &'c Coverage<'m>,
    roles: RoleSet,
    /// The workspace's own code in the layer.
    own: Vec<CallableId>,
    is_known: bool,
}

impl<'m> Reading<'_, 'm> {
    fn value(&mut self, site: Site<'m>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            self.is_known = false;
            return;
        };
        let model = self.coverage.model;
        let of_type = site.type_def();
        if let Some(own) = of_type.filter(|def| model.names.defs.is_workspace(*def)) {
            return self.own_type(own);
        }
        let by_type = of_type.map(|def| model.roles.of(def)).unwrap_or_default();
        self.roles = self.roles.union(by_type);
        if by_type.meets(layers()) && !by_type.meets(RoleSet::of(&[Role::LayerFromFn, Role::LayerBuilder])) {
            return;
        }
        let built = history(model, site);
        for call in built.calls {
            self.call(call, depth);
        }
        for origin in built.origins {
            match origin {
                Origin::Made(made) => self.made(made, depth),
                Origin::Literal(list) | Origin::Unknown(list) if matches!(list.kind(), NodeKind::Sequence(_)) => {
                    list.args().for_each(|part| self.value(part, depth));
                }
                Origin::Literal(_) if by_type.meets(layers()) => {}
                _ => self.is_known = false,
            }
        }
    }

    /// A call that a layer went through. What stacks layers, and what makes one of a function, is looked into.
    fn call(&mut self, call: Site<'m>, depth: usize) {
        let model = self.coverage.model;
        let Some(target) = call.target() else {
            self.is_known = false;
            return;
        };
        let roles = call.roles();
        self.roles = self.roles.union(roles);
        let holds = RoleSet::of(&[Role::LayerFromFn, Role::LayerBuilder]);
        let of_type = call.type_def().map(|def| model.roles.of(def)).unwrap_or_default();
        let is_std = model.crate_name(target) == "std";
        if roles.union(of_type).meets(holds) || is_std {
            // Beside a function there is only its state.
            let functions: Vec<Site<'m>> = call.args().filter(|arg| is_function(*arg)).collect();
            let parts =
                if functions.is_empty() { call.args().filter(|arg| may_be_layer(*arg)).collect() } else { functions };
            self.is_known &= !(parts.is_empty() && roles.has(Role::LayerFromFn));
            parts.into_iter().for_each(|arg| self.value(arg, depth));
        }
    }

    fn made(&mut self, made: Site<'m>, depth: usize) {
        let model = self.coverage.model;
        match made.kind() {
            NodeKind::Closure(_) => self.own.extend(model.callables.at(made.view.id, made.node)),
            NodeKind::Name(_) | NodeKind::Path(_) => match made.types().kind(made.ty()) {
                TyKind::FnDef(def, _) => match model.callables.of_def(*def) {
                    Some(id) => self.own.push(id),
                    None => self.is_known = false,
                },
                _ => self.is_known = false,
            },
            NodeKind::Call => {
                self.call(made, depth);
                let of_type = made.type_def().map(|def| model.roles.of(def)).unwrap_or_default();
                self.is_known &= made.roles().union(of_type).meets(layers());
            }
            _ => self.is_known = false,
        }
    }

    /// A type of the workspace does what its methods do, and those of the types that they make.
    fn own_type(&mut self, own: DefId) {
        let model = self.coverage.model;
        let mut open = vec![own];
        let mut seen: FxHashSet<DefId> = FxHashSet::default();
        while let Some(of) = open.pop().filter(|_| seen.len() < MAX_TYPES) {
            if !model.names.defs.is_workspace(of) || !seen.insert(of) {
                continue;
            }
            for id in self.coverage.observation.methods(of) {
                self.own.push(*id);
                open.extend(made_in(model, *id));
            }
        }
        self.is_known &= !self.own.is_empty();
    }
}

/// How many types a layer is made of, at most.
const MAX_TYPES: usize = 12;

/// The types of which a callable makes or gives back values.
fn made_in(model: &Model<'_>, id: CallableId) -> Vec<DefId> {
    let root = model.callable_site(id);
    let mut found = Vec::new();
    if let Some(signature) = model.declared.signatures.get(&root.view.prepared.owner) {
        named_types(&model.declared.tys, signature.output, MAX_DEPTH, &mut found);
    }
    let made = root.body().ids().filter(|node| matches!(root.body().kind(*node), NodeKind::Struct { .. }));
    found.extend(made.filter_map(|node| root.at(node).type_def()));
    found
}

fn is_function(arg: Site<'_>) -> bool {
    matches!(arg.types().kind(arg.ty()), TyKind::FnDef(..) | TyKind::Closure(_))
}

/// Literals, and values of described types that are no layers, are settings.
fn may_be_layer(arg: Site<'_>) -> bool {
    let model = arg.model;
    if matches!(arg.kind(), NodeKind::Literal(_)) || matches!(arg.types().kind(arg.ty()), TyKind::Prim(_)) {
        return false;
    }
    let is_setting = |def: DefId| {
        let defs = &model.names.defs;
        let is_described = matches!(defs.krate(defs.get(def).krate).origin, CrateOrigin::Described);
        is_described && defs.get(def).kind != DefKind::External && !model.roles.of(def).meets(layers())
    };
    !arg.type_def().is_some_and(is_setting)
}
