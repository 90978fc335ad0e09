//! Routers: the handlers that lie behind a place in the chain that builds one, and the layers between.

use super::Model;
use super::backward::{History, Origin, history};
use super::callables::CallableId;
use super::forward::{Go, Used, follow};
use super::roles::RoleSet;
use super::site::Site;
use super::types::{BodyId, TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{NodeId, NodeKind};
use rustc_hash::FxHashSet;

/// A handler behind a router, or behind a part of one.
pub struct Behind<'m> {
    pub handler: CallableId,
    /// The layers that requests pass on their way to it, as they were passed to what adds them.
    pub layers: Vec<Site<'m>>,
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

/// The handlers that a router, as it is at a place, leads to, as far as they are in sight.
pub fn handlers_behind<'m>(model: &'m Model<'m>, router: Site<'m>) -> Vec<Behind<'m>> {
    let mut walk = Walk { model, found: Vec::new(), seen: FxHashSet::default() };
    walk.router(router, &[]);
    walk.found
}

struct Walk<'m> {
    model: &'m Model<'m>,
    found: Vec<Behind<'m>>,
    seen: FxHashSet<(BodyId, NodeId)>,
}

impl<'m> Walk<'m> {
    /// Back along the chain. A layer is around what was added before it.
    fn router(&mut self, site: Site<'m>, layers: &[Site<'m>]) {
        if !self.seen.insert((site.view.id, site.node)) {
            return;
        }
        let built = history(self.model, site);
        let put: Vec<(Site<'m>, History<'m>)> = built
            .calls
            .iter()
            .filter(|call| adds_layer(**call))
            .filter_map(|call| Some((*call, history(self.model, call.receiver()?))))
            .collect();
        for call in built.calls {
            if adds_handlers(call) {
                let later = put.iter().filter(|(_, before)| before.calls.iter().any(|earlier| earlier.is(call)));
                let layers = around(layers, later.map(|(layer, _)| *layer));
                call.args().for_each(|arg| self.router(arg, &layers));
            }
        }
        // What begins the chain is behind all of it.
        let layers = around(layers, put.iter().map(|(layer, _)| *layer));
        for origin in built.origins {
            if let Origin::Made(made) = origin {
                self.made(made, &layers);
            }
        }
    }

    fn made(&mut self, site: Site<'m>, layers: &[Site<'m>]) {
        let handler = match site.kind() {
            NodeKind::Closure(_) => self.model.callables.at(site.view.id, site.node),
            NodeKind::Name(_) | NodeKind::Path(_) => match *site.types().kind(site.ty()) {
                TyKind::FnDef(def, _) => self.model.callables.of_def(def),
                _ => None,
            },
            _ if adds_handlers(site) => return site.args().for_each(|arg| self.router(arg, layers)),
            _ => None,
        };
        self.found.extend(handler.map(|handler| Behind { handler, layers: layers.to_vec() }));
    }
}

fn around<'m>(layers: &[Site<'m>], later: impl Iterator<Item = Site<'m>>) -> Vec<Site<'m>> {
    layers.iter().copied().chain(later.flat_map(Site::args)).collect()
}

fn adds_handlers(call: Site<'_>) -> bool {
    call.roles().meets(RoleSet::of(&[
        Role::Route,
        Role::MethodRouter,
        Role::RouterNest,
        Role::RouterMerge,
        Role::RouterFallback,
        Role::RouterService,
    ]))
}
