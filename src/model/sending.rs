//! Whether a task can be suspended at a place where it never was: all that is alive there must be fit to go to another
//! thread.

use super::Model;
use super::flow::callable_around;
use super::liveness::held;
use super::roles::RoleSet;
use super::site::Site;
use super::types::{Ty, TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{Body, LoopKind, NodeId, NodeKind, PatternId, PatternKind};
use crate::finding::Applicability;

/// Guards that a task must not hold while it is suspended.
const GUARDS: [Role; 4] = [Role::GuardSync, Role::GuardMap, Role::GuardCell, Role::GuardSpan];

/// Whether values of a type can go to another thread.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sendable {
    Yes,
    Unknown,
    No,
}

impl<'m> Site<'m> {
    /// Whether an `.await` here would compile, and mean no more than to wait; `None` when it would not.
    pub fn awaitable(self) -> Option<Applicability> {
        let body = self.body();
        let callable = self.model.callables.get(self.callable());
        let calls = self.view.types.calls.iter().map(|call| self.at(call.node));
        let mut guards = calls.filter_map(|site| held(self.model, site, RoleSet::of(&GUARDS)));
        if !callable.kind.is_async() || guards.any(|held| held.events.iter().any(|event| event.is(self))) {
            return None;
        }
        let own = |node: &NodeId| *node < self.node && callable_around(body, *node) == callable.node;
        let alive = body.ids().filter(own).flat_map(|node| self.alive_from(node));
        match alive.chain(self.args().map(|arg| self.sendable(arg.ty()))).max() {
            Some(Sendable::No) => None,
            Some(Sendable::Unknown) => Some(Applicability::MaybeIncorrect),
            Some(Sendable::Yes) | None => Some(Applicability::MachineApplicable),
        }
    }

    /// What a node binds, or keeps for what is in it, that is alive here. What is alive at another `.await` already
    /// can go to another thread, whatever it is.
    fn alive_from(self, node: NodeId) -> Vec<Sendable> {
        let body = self.body();
        let parent = body.node(node).parent;
        let (pattern, kept, scope) = match body.kind(node) {
            NodeKind::Let { pattern, .. } if !body.contains(node, self.node) => (Some(pattern), None, parent),
            NodeKind::Loop(LoopKind::For(pattern)) => (Some(pattern), body.child(node, 0), node),
            NodeKind::LetCondition(pattern) => (Some(pattern), body.child(node, 0), self.condition_around(node)),
            NodeKind::Arm { pattern, .. } => (Some(pattern), None, node),
            NodeKind::Match => (None, body.child(node, 0), node),
            _ => return Vec::new(),
        };
        let is_kept_only = kept.is_some_and(|kept| body.contains(kept, self.node));
        if !body.contains(scope, self.node) || is_kept_only {
            return Vec::new();
        }
        let inside = (node.0..body.node(scope).end.0).map(NodeId);
        let mut others = inside.filter(|other| callable_around(body, *other) == callable_around(body, self.node));
        if others
            .any(|other| body.kind(other) == NodeKind::Await && !kept.is_some_and(|kept| body.contains(kept, other)))
        {
            return Vec::new();
        }
        let mut bound = Vec::new();
        pattern.into_iter().for_each(|pattern| names(body, pattern, &mut bound));
        let bound = bound.into_iter().map(|pattern| self.view.types.pattern(pattern));
        bound.chain(kept.map(|kept| self.at(kept).ty())).map(|ty| self.sendable(ty)).collect()
    }

    /// The `if` or loop of which this is a condition, or a part of it.
    fn condition_around(self, node: NodeId) -> NodeId {
        let body = self.body();
        let mut around = body.ancestors(node);
        around.find(|node| matches!(body.kind(*node), NodeKind::If | NodeKind::Loop(_))).unwrap_or(node)
    }

    fn sendable(self, ty: Ty) -> Sendable {
        self.model.sendable(&self.types(), ty)
    }
}

/// The names that a pattern binds.
fn names(body: &Body, pattern: PatternId, bound: &mut Vec<PatternId>) {
    match &body.pattern(pattern).kind {
        PatternKind::Bind { inner, .. } => {
            bound.push(pattern);
            inner.iter().for_each(|inner| names(body, *inner, bound));
        }
        PatternKind::Tuple(parts) | PatternKind::TupleStruct(_, parts) | PatternKind::Slice(parts) => {
            parts.iter().for_each(|part| names(body, *part, bound));
        }
        // Each branch binds the same.
        PatternKind::Or(parts) => parts.iter().take(1).for_each(|part| names(body, *part, bound)),
        PatternKind::Struct(_, fields) => fields.iter().for_each(|(_, part)| names(body, *part, bound)),
        PatternKind::Ref(of) => names(body, *of, bound),
        _ => {}
    }
}

impl Model<'_> {
    fn sendable(&self, table: &impl TypeTable, ty: Ty) -> Sendable {
        let all = |parts: &[Ty]| parts.iter().map(|part| self.sendable(table, *part)).max().unwrap_or(Sendable::Yes);
        match table.kind(ty) {
            TyKind::Prim(_) | TyKind::Never | TyKind::FnDef(..) | TyKind::FnPointer(..) => Sendable::Yes,
            TyKind::Ref(_, of) | TyKind::Slice(of) | TyKind::Array(of) => self.sendable(table, *of),
            TyKind::Tuple(parts) => all(table.args(*parts)),
            TyKind::Pointer(_) => Sendable::No,
            TyKind::Adt(def, args) => self.sendable_type(*def).max(all(table.args(*args))),
            TyKind::Dyn(bounds) => {
                let is_send = |name: &str| bounds.iter().any(|bound| self.names.defs.name(bound.of) == name);
                let is_own = bounds.iter().any(|bound| self.names.defs.is_workspace(bound.of));
                // A trait of the workspace may ask for it.
                if is_send("Send") {
                    Sendable::Yes
                } else if is_own {
                    Sendable::Unknown
                } else {
                    Sendable::No
                }
            }
            _ => Sendable::Unknown,
        }
    }

    fn sendable_type(&self, def: super::defs::DefId) -> Sendable {
        let stays = RoleSet::of(&GUARDS);
        if self.declared.lang.rc == Some(def)
            || self.roles.of(def).has(Role::ThreadBound)
            || self.roles.of(def).meets(stays)
        {
            return Sendable::No;
        }
        let is_known = self.names.defs.item(def).is_some();
        if is_known { Sendable::Yes } else { Sendable::Unknown }
    }
}
