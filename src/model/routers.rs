//! Routers: the handlers that lie behind a place in the chain that builds one, and the layers between.

use super::Model;
use super::backward::{History, Origin, history};
use super::callables::CallableId;
use super::defs::{CrateOrigin, DefKind};
use super::flow::{Use, use_of, uses_of_local};
use super::forward::{Go, Used, follow};
use super::roles::RoleSet;
use super::site::Site;
use super::types::{BodyId, TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{NodeId, NodeKind, PatternKind};

/// A handler behind a router, or behind a part of one.
#[derive(Clone)]
pub struct Behind<'m> {
    pub handler: CallableId,
    /// Where it is named.
    pub at: Site<'m>,
    /// The layers that requests pass on their way to it, as they were passed to what adds them.
    pub layers: Vec<Site<'m>>,
    /// The literal paths of the routers around it.
    pub prefix: String,
    /// Whether all that was done to the routers around it is in sight.
    pub is_known: bool,
}

/// Where a layer is put.
pub struct Layered<'m> {
    /// What it is put around.
    pub routers: Vec<Site<'m>>,
    /// The layers that it is stacked with, and those that are put around it later.
    pub around: Vec<Site<'m>>,
    /// Whether all that becomes of it is in sight.
    pub is_known: bool,
}

/// Follows a layer from where it is made to the routers it is put around, and these to where they are served.
pub fn layered<'m>(model: &'m Model<'m>, layer: Site<'m>) -> Layered<'m> {
    let mut found = Layered { routers: Vec::new(), around: Vec::new(), is_known: true };
    follow(model, layer, |used| match used {
        Used::Argument(call, _) => {
            if adds_layer(call) {
                found.routers.extend(call.receiver());
            } else if !adds_handlers(call) {
                found.around.extend(call.receiver());
            }
            lives_on(call)
        }
        Used::Receiver(call) => {
            if adds_layer(call) || is_stack(call) {
                found.around.extend(call.args());
            }
            lives_on(call)
        }
        Used::Exported(_) | Used::Lost => {
            found.is_known = false;
            Go::Stop
        }
        Used::Kept(_) | Used::Static(_) => Go::On,
    });
    found
}

/// Whether the result of a call still is a router or a layer, and no server.
fn lives_on(call: Site<'_>) -> Go {
    let kinds = RoleSet::of(&[Role::Router, Role::LayerBuilder, Role::LayerBodyLimit]);
    let is_method = matches!(call.kind(), NodeKind::Method { .. });
    let lives = match call.type_def() {
        _ if call.has(Role::ServerStart) => false,
        _ if adds_layer(call) || adds_handlers(call) => true,
        Some(def) => call.model.roles.of(def).meets(kinds),
        None => is_method,
    };
    if lives { Go::On } else { Go::Stop }
}

fn adds_layer(call: Site<'_>) -> bool {
    call.roles().meets(RoleSet::of(&[Role::LayerSoFar, Role::LayerAll]))
}

fn is_stack(site: Site<'_>) -> bool {
    site.type_def().is_some_and(|def| site.model.roles.of(def).has(Role::LayerBuilder))
}

/// What all behind a place in a chain has around it.
#[derive(Clone)]
struct Around<'m> {
    layers: Vec<Site<'m>>,
    prefix: String,
    is_known: bool,
}

impl<'m> Around<'m> {
    fn with(&self, layers: impl Iterator<Item = Site<'m>>) -> Self {
        let layers = self.layers.iter().copied().chain(layers).collect();
        Self { layers, prefix: self.prefix.clone(), is_known: self.is_known }
    }
}

/// The handlers that a router, as it is at a place, leads to, as far as they are in sight.
pub fn handlers_behind<'m>(model: &'m Model<'m>, router: Site<'m>) -> Vec<Behind<'m>> {
    let mut walk = Walk { model, found: Vec::new(), open: Vec::new(), steps: 0 };
    walk.value(router, &Around { layers: Vec::new(), prefix: String::new(), is_known: true });
    if walk.steps >= MAX_STEPS {
        walk.found.iter_mut().for_each(|behind| behind.is_known = false);
    }
    walk.found
}

/// How many values are looked at.
const MAX_STEPS: usize = 4000;

struct Walk<'m> {
    model: &'m Model<'m>,
    found: Vec<Behind<'m>>,
    /// The values that are being looked at: one of them inside itself is a loop.
    open: Vec<(BodyId, NodeId)>,
    steps: usize,
}

impl<'m> Walk<'m> {
    /// Back along the chain that makes a router, or a service of one.
    fn value(&mut self, site: Site<'m>, around: &Around<'m>) {
        let key = (site.view.id, site.node);
        if self.steps >= MAX_STEPS || self.open.contains(&key) || is_plain(site) {
            return;
        }
        self.steps += 1;
        self.open.push(key);
        self.methods(site, around);
        let built = history(self.model, site);
        let is_known = around.is_known && built.calls.iter().all(|call| is_understood(*call)) && has_known_base(&built);
        let around = Around { is_known, ..around.clone() };
        let layers = Put::all(self.model, &built);
        for call in &built.calls {
            self.call(*call, &around.with(layers.iter().filter(|put| put.covers(*call)).flat_map(Put::layers)));
        }
        // What begins the chain is behind all of it.
        let around = around.with(layers.iter().flat_map(Put::layers));
        for origin in built.origins {
            self.origin(origin, &around);
        }
        self.open.pop();
    }

    /// A call that the router went through: what it adds is behind it.
    fn call(&mut self, call: Site<'m>, around: &Around<'m>) {
        if call.has(Role::RouterConfigure) {
            return call.args().for_each(|arg| self.configured(arg, around));
        }
        if call.has(Role::StateShare) || adds_layer(call) {
            return;
        }
        let mut around = around.clone();
        if adds_handlers(call) {
            around.prefix.push_str(prefix_of(call));
        } else {
            // `layers.service(router)`: what makes the service is around it.
            around.layers.extend(call.receiver().filter(|receiver| is_layer(*receiver)));
        }
        call.args().for_each(|arg| self.value(arg, &around));
    }

    fn origin(&mut self, origin: Origin<'m>, around: &Around<'m>) {
        match origin {
            Origin::Made(made) => self.made(made, around),
            Origin::Literal(list) | Origin::Unknown(list) if matches!(list.kind(), NodeKind::Sequence(_)) => {
                list.args().for_each(|part| self.value(part, around));
            }
            // `let (router, api) = ..`.
            Origin::Given(name) => {
                if let Some(whole) = taken_apart(name) {
                    self.value(whole, around);
                }
            }
            _ => {}
        }
    }

    fn made(&mut self, site: Site<'m>, around: &Around<'m>) {
        match site.kind() {
            NodeKind::Closure(_) => {
                let closure = self.model.callables.at(site.view.id, site.node);
                self.handler(closure, site, around);
                // What a handler gives back is an answer, what another closure gives back may be a router.
                if closure.is_none_or(|id| self.model.entries.of(id).next().is_none()) {
                    site.args().for_each(|value| self.value(value, around));
                }
            }
            NodeKind::Async { .. } => site.args().for_each(|value| self.value(value, around)),
            NodeKind::Name(_) | NodeKind::Path(_) => {
                if let TyKind::FnDef(def, _) = *site.types().kind(site.ty()) {
                    self.handler(self.model.callables.of_def(def), site, around);
                }
            }
            NodeKind::Call | NodeKind::Macro { .. } | NodeKind::Struct { .. } if !site.has(Role::StateShare) => {
                let mut around = around.clone();
                around.is_known &= is_understood(site);
                around.layers.extend(Some(site).filter(|site| is_layer(*site)));
                around.prefix.push_str(if adds_handlers(site) { prefix_of(site) } else { "" });
                let is_struct = matches!(site.kind(), NodeKind::Struct { .. });
                let parts = site.args().map(|arg| if is_struct { arg.child(0).unwrap_or(arg) } else { arg });
                parts.for_each(|arg| self.value(arg, &around));
            }
            _ => {}
        }
    }

    fn handler(&mut self, handler: Option<CallableId>, at: Site<'m>, around: &Around<'m>) {
        let Around { layers, prefix, is_known } = around.clone();
        self.found.extend(handler.map(|handler| Behind { handler, at, layers, prefix, is_known }));
    }

    /// A value of a type of the workspace brings its methods that answer requests.
    fn methods(&mut self, site: Site<'m>, around: &Around<'m>) {
        let Some(of) = site.type_def().filter(|def| self.model.names.defs.is_workspace(*def)) else { return };
        for method in self.model.entries.methods_of(of) {
            self.handler(Some(*method), site, around);
        }
    }

    /// What a function or closure adds to the router that it is lent.
    fn configured(&mut self, with: Site<'m>, around: &Around<'m>) {
        for origin in history(self.model, with).origins {
            let Origin::Made(made) = origin else { continue };
            let types = made.types();
            match (made.kind(), types.kind(made.ty())) {
                (NodeKind::Closure(_), _) => self.lent(made, 0, around),
                (_, TyKind::FnDef(def, _)) => {
                    if let Some(id) = self.model.callables.of_def(*def) {
                        self.lent(self.model.callable_site(id), 0, around);
                    }
                }
                _ => {}
            }
        }
    }

    /// All that is done to a router through a parameter of a function or closure.
    fn lent(&mut self, root: Site<'m>, position: usize, around: &Around<'m>) {
        let key = (root.view.id, root.node);
        let Some(param) = root.params().get(position).copied().filter(|_| !self.open.contains(&key)) else { return };
        self.open.push(key);
        for node in uses_of_local(root.body(), root.view.types, param) {
            let mut at = root.at(node);
            while let Use::Receiver(call) = use_of(at.body(), at.node) {
                at = at.at(call);
                let around = Around { is_known: around.is_known && is_understood(at), ..around.clone() };
                self.call(at, &around);
            }
            if let Use::Argument(call, position) = use_of(at.body(), at.node)
                && let Some(id) = at.at(call).target().and_then(|def| self.model.callables.of_def(def))
            {
                self.lent(self.model.callable_site(id), position, around);
            }
        }
        self.open.pop();
    }
}

/// A layer that a call in a chain puts on, with what it is put around.
struct Put<'m> {
    call: Site<'m>,
    /// The calls that the router had gone through before; `None` when the order does not matter.
    before: Option<Vec<Site<'m>>>,
}

impl<'m> Put<'m> {
    fn all(model: &'m Model<'m>, built: &History<'m>) -> Vec<Self> {
        let puts = built.calls.iter().copied().filter(|call| adds_layer(*call) || call.roles().meets(layers()));
        puts.map(|call| {
            let is_ordered = call.has(Role::LayerSoFar);
            let before = call.receiver().filter(|_| is_ordered).map(|receiver| history(model, receiver).calls);
            Put { call, before }
        })
        .collect()
    }

    fn covers(&self, call: Site<'m>) -> bool {
        self.before.as_ref().is_none_or(|before| before.iter().any(|earlier| earlier.is(call)))
    }

    /// What it puts on: what it is given, or itself.
    fn layers(&self) -> impl Iterator<Item = Site<'m>> + use<'m> {
        let is_given = adds_layer(self.call);
        let own = Some(self.call).filter(|_| !is_given);
        own.into_iter().chain(self.call.args().filter(move |_| is_given))
    }
}

/// All roles of layers.
pub fn layers() -> RoleSet {
    RoleSet::of(&[
        Role::LayerTrace,
        Role::LayerMetrics,
        Role::LayerTimeout,
        Role::LayerBodyLimit,
        Role::LayerConcurrencyLimit,
        Role::LayerRateLimit,
        Role::LayerFromFn,
        Role::LayerBuilder,
        Role::LayerOther,
    ])
}

/// Whether a value is a layer, or a service that is one around another.
fn is_layer(site: Site<'_>) -> bool {
    let of_type = |def| site.model.roles.of(def).meets(layers()) || site.model.names.defs.is_workspace(def);
    site.roles().meets(layers()) || site.type_def().is_some_and(of_type)
}

/// Text, numbers and their like, which hold no handlers.
fn is_plain(site: Site<'_>) -> bool {
    let model = site.model;
    let types = site.types();
    let of_std = |def| model.crate_name(def) == "std" && Some(def) != model.declared.lang.vec;
    matches!(site.kind(), NodeKind::Literal(_))
        || matches!(types.kind(types.peel_refs(site.ty())), TyKind::Prim(_))
        || site.type_def().is_some_and(of_std)
}

/// Whether it is known what a call does with a router.
fn is_understood(call: Site<'_>) -> bool {
    let defs = &call.model.names.defs;
    match call.target() {
        // A list, a name or a struct, which only hold it.
        None => matches!(call.kind(), NodeKind::Struct { .. }),
        Some(def) => {
            let is_described = matches!(defs.krate(defs.get(def).krate).origin, CrateOrigin::Described);
            let is_own_struct = matches!(defs.get(def).kind, DefKind::Struct | DefKind::Variant(_));
            is_described || is_own_struct || call.model.is_generated_path(def)
        }
    }
}

fn has_known_base(built: &History<'_>) -> bool {
    built.origins.iter().all(|origin| match origin {
        Origin::Made(_) | Origin::Literal(_) => true,
        Origin::Unknown(list) => matches!(list.kind(), NodeKind::Sequence(_)),
        Origin::Given(name) => taken_apart(*name).is_some(),
        Origin::Field(..) | Origin::Static(_) => false,
    })
}

/// The tuple that a `let` takes a name out of.
fn taken_apart(name: Site<'_>) -> Option<Site<'_>> {
    let (body, bound) = (name.body(), *name.view.types.locals.get(&name.node)?);
    let value = body.ids().find_map(|node| match body.kind(node) {
        NodeKind::Let { pattern, .. } => match &body.pattern(pattern).kind {
            PatternKind::Tuple(parts) if parts.contains(&bound) => body.child(node, 0),
            _ => None,
        },
        _ => None,
    });
    value.map(|value| name.at(value))
}

/// The path below which a call puts routers.
fn prefix_of(call: Site<'_>) -> &str {
    let nests = call.roles().meets(RoleSet::of(&[Role::RouterNest, Role::RouterNew]));
    let path = call.arg(0).filter(|_| nests).and_then(Site::str_literal).unwrap_or_default();
    path.trim_end_matches('/')
}

/// Whether a call gives a router something to lead to.
pub fn adds_handlers(call: Site<'_>) -> bool {
    call.roles().meets(RoleSet::of(&[
        Role::Route,
        Role::MethodRouter,
        Role::RouterNest,
        Role::RouterMerge,
        Role::RouterFallback,
        Role::RouterService,
    ]))
}
