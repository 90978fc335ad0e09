//! What a lock is for, and who has to wait for it.

use super::backward::Binding;
use super::flow::{Use, use_of, uses_of_local};
use super::liveness::Held;
use super::places::At;
use super::reach::Way;
use super::roles::RoleSet;
use super::site::Site;
use super::types::{TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{Body, NodeKind, Operator, PatternId};
use rustc_hash::FxHashSet;

/// Through how many names, calls and parameters it is followed where a lock comes from.
const MAX_STEPS: usize = 12;

impl<'m> Held<'m> {
    /// The locals that hold the guard, or what was made of it.
    pub fn locals(&self) -> FxHashSet<PatternId> {
        let root = self.made.at(Body::ROOT);
        let mut made = root.made_where(|value| value.body().contains(value.node, self.made.node));
        made.retain(|local| !root.is_handle(*local));
        made
    }

    /// Whether something is done with what is guarded: it is called on the guard or what was made of it, is given a
    /// connection that was or may change it, or a closure that takes it along. `locals` are the guard's.
    pub fn is_part_of(&self, event: Site<'m>, locals: &FxHashSet<PatternId>) -> bool {
        let is_made = |site: Site<'m>| site.root_local().is_some_and(|local| locals.contains(&local));
        let connections = RoleSet::of(&[Role::Pool, Role::PooledConnection]);
        let may_use = |site: &Site<'m>| {
            let is_connection = |def| self.made.model.roles.of(def).meets(connections);
            matches!(site.types().kind(site.ty()), TyKind::Ref(true, _)) || site.type_def().is_some_and(is_connection)
        };
        let is_closure = |site: &Site<'m>| matches!(site.kind(), NodeKind::Closure(_) | NodeKind::Async { .. });
        event.body().contains(event.node, self.made.node)
            || event.receiver().is_some_and(is_made)
            || event.args().filter(may_use).any(is_made)
            || event.args().filter(is_closure).any(|closure| closure.mentions_any(locals))
    }

    /// Whether a way leads through a method of what is guarded: it is what the lock is there for.
    pub fn is_on(&self, way: &Way<'m>) -> bool {
        let (table, model) = (self.made.types(), self.made.model);
        let content = match *table.kind(self.made.awaited_type()) {
            TyKind::Adt(_, args) => table.args(args).first().and_then(|inner| model.peeled_def(&table, *inner)),
            _ => None,
        };
        let is_content = |step: &Site<'m>| step.receiver().is_some_and(|of| of.type_def() == content);
        content.is_some() && way.steps.iter().any(is_content)
    }

    /// Whether what is guarded is assigned to.
    pub fn is_filled(&self) -> bool {
        let body = self.made.body();
        let assigned = body.ids().filter(|node| matches!(body.kind(*node), NodeKind::Operator(Operator::Assign)));
        let mut places = assigned.filter_map(|node| body.child(node, 0)).map(|place| self.made.at(place));
        self.name.is_some_and(|name| places.any(|place| place.mentions(name)))
    }

    /// Whether nothing is guarded: the lock is there to let one through at a time.
    pub fn is_of_nothing(&self) -> bool {
        let made = self.made.awaited_type();
        let table = self.made.types();
        let TyKind::Adt(_, args) = *table.kind(made) else { return false };
        matches!(table.args(args), [content] if matches!(table.kind(*content), TyKind::Tuple(parts) if table.args(*parts).is_empty()))
    }

    /// Whether the lock is one that everybody shares, not one that was looked up by a key or made for one use.
    pub fn is_shared_lock(&self) -> bool {
        self.made.receiver().is_some_and(|lock| lock.is_shared(MAX_STEPS))
    }

    /// Whether the guard lets other readers in, and whoever uses the field or static that it is of reads it as well.
    pub fn is_of_read_only(&self) -> bool {
        let model = self.made.model;
        let is_shared = model.roles.of(self.guard).has(Role::GuardShared);
        let uses = self.made.uses_of_owner().filter(|_| is_shared);
        uses.is_some_and(|uses| {
            uses.iter().all(|(body, node)| Site { model, view: model.body(*body), node: *node }.is_read())
        })
    }
}

impl<'m> Site<'m> {
    /// Whether a local is a pointer that shares what it points to: it is as good without the guard that it came from.
    fn is_handle(self, local: PatternId) -> bool {
        let lang = &self.model.declared.lang;
        let ty = self.view.types.pattern(local);
        matches!(self.types().kind(ty), TyKind::Adt(def, _) if [lang.arc, lang.rc].contains(&Some(*def)))
    }

    /// Whether all that come here find the same value: in a static or a field, or made before anything is served.
    fn is_shared(self, steps: usize) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return false };
        let first = || self.child(0).is_some_and(|base| base.is_shared(steps));
        match self.kind() {
            NodeKind::Path(_) => true,
            NodeKind::Name(_) => match self.view.types.locals.get(&self.node) {
                Some(local) => self.is_local_shared(*local, steps),
                None => true,
            },
            NodeKind::Field { .. } => self.child(0).is_none_or(|base| !base.is_one_of_many(steps)),
            NodeKind::Operator(Operator::Index) => false,
            NodeKind::Operator(_) | NodeKind::Await | NodeKind::Try => first(),
            NodeKind::Method { .. } => !self.args().any(Site::is_key) && first(),
            NodeKind::Call if self.is_clone() => self.arg(0).is_some_and(|of| of.is_shared(steps)),
            NodeKind::Call => !self.model.contexts.is_hot(self.callable()),
            _ => false,
        }
    }

    fn is_local_shared(self, local: PatternId, steps: usize) -> bool {
        let model = self.model;
        match model.binding(self, local) {
            Binding::Value(value) => value.is_shared(steps),
            Binding::Param(def, position) => {
                let Some(id) = model.callables.of_def(def) else { return false };
                let mut given =
                    model.calls.callers(id).map(|(from, edge)| model.callable_site(from).at(edge.site)).peekable();
                let is_served = given.peek().is_none() && model.entries.of(id).next().is_some();
                is_served
                    || given.peek().is_some()
                        && given.all(|call| call.arg(position).is_some_and(|arg| arg.is_shared(steps)))
            }
            Binding::Other => false,
        }
    }

    /// Whether what a field is of was looked up by a key, or is an element of something.
    fn is_one_of_many(self, steps: usize) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return false };
        match self.kind() {
            NodeKind::Name(_) => {
                match self.view.types.locals.get(&self.node).map(|local| self.model.binding(self, *local)) {
                    Some(Binding::Value(value)) => value.is_one_of_many(steps),
                    _ => false,
                }
            }
            NodeKind::Operator(Operator::Index) => true,
            NodeKind::Method { .. } if self.args().any(Site::is_key) => true,
            NodeKind::Call if !self.is_clone() => self.args().any(Site::is_key),
            _ => self.child(0).is_some_and(|base| base.is_one_of_many(steps)),
        }
    }

    /// Whether an argument says which one is meant.
    fn is_key(self) -> bool {
        !matches!(self.kind(), NodeKind::Literal(_) | NodeKind::Closure(_) | NodeKind::Macro { .. })
    }

    /// `Arc::clone(&lock)`.
    fn is_clone(self) -> bool {
        self.target().is_some_and(|def| self.model.names.defs.name(def) == "clone")
    }

    /// Where the field or static that a method is called on, or on what it gives, is used.
    fn uses_of_owner(self) -> Option<&'m [At]> {
        let owner = self.receiver()?;
        let places = &self.model.places;
        if let Some(field) = owner.field() {
            return Some(places.read(field));
        }
        let named = places.named_at((owner.view.id, owner.node));
        named.map(|def| places.static_uses(def)).or_else(|| owner.uses_of_owner())
    }

    /// Whether a lock or map, or a reference to it, is used here in a way that lets other readers in.
    fn is_read(self) -> bool {
        match use_of(self.body(), self.node) {
            Use::Receiver(call) => {
                let call = self.at(call);
                let shared = RoleSet::of(&[Role::GuardShared]);
                call.has(Role::StateRead) || self.model.guard_in(&call.types(), call.ty(), shared).is_some()
            }
            Use::Looked(borrow) => {
                let is_shared = self.body().kind(borrow) == NodeKind::Operator(Operator::Ref { mutable: false });
                is_shared && self.at(borrow).is_read()
            }
            Use::Bound(pattern) => {
                let uses = uses_of_local(self.body(), self.view.types, pattern);
                uses.into_iter().all(|node| self.at(node).is_read())
            }
            _ => false,
        }
    }
}
