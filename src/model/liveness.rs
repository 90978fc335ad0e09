//! What happens while a guard is alive: from the call that gives it to where it is dropped or moved away.
//!
//! Follows the language's rules for temporaries: they live to the end of their statement, those of a condition to the
//! end of the condition, those of a `match` or `if let` for the whole of it (up to the `else`, since the 2024 edition).

use super::Model;
use super::defs::DefId;
use super::flow::{Use, use_of};
use super::roles::RoleSet;
use super::site::Site;
use super::types::{Head, Ty, TyKind, TypeTable};
use crate::facts::{
    Body, JumpKind, LoopKind, MacroShape, NodeId, NodeKind, Operator, PatternId, PatternKind, Receiver,
};
use rustc_hash::FxHashSet;

/// A guard, and what is evaluated while it is alive.
pub struct Held<'m> {
    /// The type that guards.
    pub guard: DefId,
    /// The call that gives it.
    pub made: Site<'m>,
    /// The name it is given, if it is no temporary.
    pub name: Option<&'m str>,
    /// Calls, awaits and the like, in the order of evaluation.
    pub events: Vec<Site<'m>>,
}

impl<'m> Held<'m> {
    /// The places at which the task may be suspended.
    pub fn awaits(&self) -> impl Iterator<Item = Site<'m>> {
        self.events.iter().copied().filter(|site| is_await(site.kind()))
    }

    /// Leaves out the calls that only make a future, which is awaited when the guard is gone.
    fn without_kept_futures(mut self) -> Self {
        let awaits: Vec<Site<'m>> = self.awaits().collect();
        self.events.retain(|event| {
            event.future_kept_in().is_none_or(|local| {
                let local = FxHashSet::from_iter([local]);
                awaits.iter().any(|wait| wait.mentions_any(&local))
            })
        });
        self
    }
}

fn is_await(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Await | NodeKind::Select | NodeKind::Macro { shape: MacroShape::Join, .. })
}

/// What happens while the guard is alive that a call gives; `None` when it gives none, or where it goes is not seen.
pub fn held<'m>(model: &'m Model<'m>, site: Site<'m>, guards: RoleSet) -> Option<Held<'m>> {
    let guard = model.owned_guard(&site.types(), site.awaited_type(), guards)?;
    let tracker = Tracker { model, guards, guard };
    tracker.track(site).map(|held| Held { made: site, ..held }.without_kept_futures())
}

/// What happens while a guard is alive that a function is given by value: all of it, up to where it gives it away.
pub fn held_from_the_start<'m>(model: &'m Model<'m>, function: Site<'m>, guards: RoleSet) -> Vec<Held<'m>> {
    let given = function.params().into_iter().filter_map(|pattern| {
        let guard = model.owned_guard(&function.types(), function.view.types.pattern(pattern), guards)?;
        let tracker = Tracker { model, guards, guard };
        let local = tracker.named_part(function, pattern)?;
        let mut walk = Walk::of(function, Some(local));
        walk.node(function.node, true);
        Some(tracker.held(local, walk).without_kept_futures())
    });
    given.collect()
}

impl<'m> Site<'m> {
    /// The local from which a chain of fields, methods and operators starts.
    pub fn root_local(self) -> Option<PatternId> {
        match self.kind() {
            NodeKind::Name(_) => self.view.types.locals.get(&self.node).copied(),
            NodeKind::Field { .. }
            | NodeKind::Method { .. }
            | NodeKind::Operator(_)
            | NodeKind::Await
            | NodeKind::Try => self.child(0)?.root_local(),
            _ => None,
        }
    }

    /// The type of the value, or of what it gives when awaited at once.
    pub fn awaited_type(self) -> Ty {
        match use_of(self.body(), self.node) {
            Use::Awaited(node) if matches!(self.body().kind(node), NodeKind::Await) => self.at(node).ty(),
            _ => self.ty(),
        }
    }
}

impl<'w> Model<'w> {
    /// The guard that a type is or owns: itself, in an option, result, tuple or box, but not behind a reference.
    pub fn guard_in(&self, table: &impl TypeTable, ty: Ty, guards: RoleSet) -> Option<DefId> {
        match *table.kind(ty) {
            TyKind::Adt(def, _) if self.roles.of(def).meets(guards) => Some(def),
            TyKind::Adt(def, args) if self.holds_content(def) => {
                table.args(args).to_vec().into_iter().find_map(|arg| self.guard_in(table, arg, guards))
            }
            TyKind::Tuple(args) => {
                table.args(args).to_vec().into_iter().find_map(|arg| self.guard_in(table, arg, guards))
            }
            _ => None,
        }
    }

    /// The guard that a type is or owns, also in its fields or behind a trait object.
    pub fn owned_guard(&self, table: &impl TypeTable, ty: Ty, guards: RoleSet) -> Option<DefId> {
        self.owners.guard_in(self, table, ty, guards)
    }

    /// Whether a type holds what it has as arguments: an option, result or box.
    pub fn holds_content(&self, def: DefId) -> bool {
        let lang = &self.declared.lang;
        [lang.option, lang.result, lang.boxed, lang.pin].contains(&Some(def))
    }
}

struct Tracker<'m> {
    model: &'m Model<'m>,
    guards: RoleSet,
    guard: DefId,
}

impl<'m> Tracker<'m> {
    fn owns_guard(&self, site: Site<'m>) -> bool {
        self.model.owned_guard(&site.types(), site.ty(), self.guards).is_some()
    }

    /// From the call that makes the guard to the name or temporary that owns it.
    fn track(&self, site: Site<'m>) -> Option<Held<'m>> {
        let mut at = site;
        for _ in 0..16 {
            match use_of(at.body(), at.node) {
                Use::Awaited(next) | Use::Tried(next) if self.owns_guard(at.at(next)) => at = at.at(next),
                Use::Receiver(call) => {
                    let call = at.at(call);
                    match (self.takes_by_value(call)?, self.owns_guard(call)) {
                        (true, true) => at = call,
                        (true, false) => return None,
                        (false, _) => return Some(self.temporary(at)),
                    }
                }
                Use::Looked(_) => return Some(self.temporary(at)),
                Use::Bound(pattern) => return self.bound(at, pattern),
                Use::Operand(node) if matches!(at.body().kind(node), NodeKind::Match) => {
                    return self.matched(at.at(node));
                }
                _ => return None,
            }
        }
        None
    }

    /// Whether a method takes its receiver by value; `None` when the method is not known.
    fn takes_by_value(&self, call: Site<'m>) -> Option<bool> {
        let function = self.model.names.defs.function(call.target()?)?;
        match &function.receiver {
            Some(Receiver::Ref { .. }) => Some(false),
            Some(_) => Some(true),
            None => None,
        }
    }

    /// A guard without a name: alive to the end of the scope of temporaries around it.
    fn temporary(&self, site: Site<'m>) -> Held<'m> {
        let body = site.body();
        let edition = self.edition(site);
        let (scope, extended) = temporary_scope(body, site.node, edition);
        let made = body.node(site.node).range.end;
        let mut walk = Walk::of(site, None);
        walk.node(scope, true);
        if let Some(block) = extended {
            let after = body.children(block).skip_while(|child| *child <= scope);
            after.for_each(|child| {
                walk.node(child, true);
            });
        }
        let mut events = walk.events;
        let is_over = match body.kind(scope) {
            NodeKind::If if edition >= 2024 => body.child(scope, 2),
            _ => None,
        };
        let is_in = |around: NodeId, event: &Site<'m>| body.contains(around, event.node);
        events.retain(|event| event.body().node(event.node).range.end > made && !is_in(site.node, event));
        events.retain(|event| !is_over.is_some_and(|otherwise| is_in(otherwise, event)));
        Held { guard: self.guard, made: site, name: None, events }
    }

    fn edition(&self, site: Site<'m>) -> u16 {
        let krate = self.model.names.defs.get(site.view.prepared.owner).krate;
        self.model.names.defs.krate(krate).edition
    }

    /// A guard with a name: alive to the end of the block in which the name lives.
    fn bound(&self, site: Site<'m>, pattern: PatternId) -> Option<Held<'m>> {
        let body = site.body();
        let local = self.named_part(site, pattern)?;
        let binder = body.ancestors(site.node).find(|node| {
            matches!(body.kind(*node), NodeKind::Let { pattern: bound, .. } if bound == pattern)
                || matches!(body.kind(*node), NodeKind::LetCondition(bound) if bound == pattern)
        })?;
        let mut walk = Walk::of(site, Some(local));
        match body.kind(binder) {
            NodeKind::Let { .. } => {
                let block = body.node(binder).parent;
                let mut alive = true;
                for statement in body.children(block).skip_while(|child| *child <= binder) {
                    alive = walk.node(statement, alive);
                }
            }
            _ => {
                let branch =
                    body.ancestors(binder).find(|node| matches!(body.kind(*node), NodeKind::If | NodeKind::Loop(_)))?;
                let then = body.child(branch, 1)?;
                walk.node(then, true);
            }
        }
        Some(self.held(local, walk))
    }

    /// `match lock.try_lock() { Ok(guard) => .. }`.
    fn matched(&self, site: Site<'m>) -> Option<Held<'m>> {
        let body = site.body();
        let mut found = None;
        for arm in body.children(site.node).skip(1) {
            let NodeKind::Arm { pattern, .. } = body.kind(arm) else { continue };
            let Some(local) = self.named_part(site, pattern) else { continue };
            if self.model.owned_guard(&site.types(), site.view.types.pattern(local), self.guards).is_none() {
                continue;
            }
            let mut walk = Walk::of(site, Some(local));
            if let Some(value) = body.children(arm).last() {
                walk.node(value, true);
            }
            found.get_or_insert_with(|| self.held(local, walk));
        }
        found
    }

    /// The name that a pattern gives to the guard in what it matches: itself, or a part of an option, result or tuple.
    /// A `_` gives none: the value is dropped at once, or stays where it is.
    fn named_part(&self, site: Site<'m>, pattern: PatternId) -> Option<PatternId> {
        match &site.body().pattern(pattern).kind {
            PatternKind::Bind { .. } => Some(pattern),
            PatternKind::TupleStruct(_, parts) if parts.len() == 1 => self.named_part(site, parts[0]),
            PatternKind::Tuple(parts) => {
                let is_guard = |part: &&PatternId| {
                    self.model.owned_guard(&site.types(), site.view.types.pattern(**part), self.guards).is_some()
                };
                self.named_part(site, *parts.iter().find(is_guard)?)
            }
            _ => None,
        }
    }

    /// What happens while a local holds the guard, and then while another does to which it is handed on.
    fn held(&self, local: PatternId, walk: Walk<'m>) -> Held<'m> {
        let Walk { site, mut events, moves, .. } = walk;
        let name = match site.body().pattern(local).kind {
            PatternKind::Bind { name, .. } => Some(self.model.names.defs.facts(site.view.prepared.file).name(name)),
            _ => None,
        };
        let mut held = Held { guard: self.guard, made: site, name, events: Vec::new() };
        for heir in moves.into_iter().filter_map(|moved| self.track(site.at(moved))) {
            held.name = heir.name.or(held.name);
            events.extend(heir.events);
        }
        Held { events, ..held }
    }
}

/// The scope at whose end a temporary is dropped, and the block to whose end a `let` extends it.
fn temporary_scope(body: &Body, node: NodeId, edition: u16) -> (NodeId, Option<NodeId>) {
    let mut at = node;
    let mut extending = true;
    loop {
        let parent = body.node(at).parent;
        if parent == at {
            return (at, None);
        }
        let position = body.children(parent).position(|child| child == at).unwrap_or_default();
        let is_last = body.node(parent).end == body.node(at).end;
        match body.kind(parent) {
            NodeKind::Block { value: true, .. } if is_last && edition < 2024 => {}
            NodeKind::Block { .. } => return (at, None),
            NodeKind::Let { .. } => {
                let borrowed = extending && matches!(body.kind(at), NodeKind::Operator(Operator::Ref { .. }));
                // An `else` runs after the temporaries are gone.
                return if borrowed { (parent, Some(body.node(parent).parent)) } else { (at, None) };
            }
            // A plain condition is a scope of its own; that of an `if let` reaches further.
            NodeKind::If | NodeKind::Loop(LoopKind::While) if position == 0 => {
                return if holds_pattern(body, at) { (parent, None) } else { (at, None) };
            }
            NodeKind::If | NodeKind::Loop(_) if position > 0 => return (at, None),
            NodeKind::Arm { .. } | NodeKind::Closure(_) | NodeKind::Async { .. } => return (at, None),
            NodeKind::Operator(Operator::Logic) if !holds_pattern(body, at) => return (at, None),
            NodeKind::Operator(Operator::Ref { .. } | Operator::Deref | Operator::Index) | NodeKind::Field { .. } => {}
            _ => extending = false,
        }
        at = parent;
    }
}

fn holds_pattern(body: &Body, condition: NodeId) -> bool {
    let mut inside = (condition.0..body.node(condition).end.0).map(NodeId);
    inside.any(|node| matches!(body.kind(node), NodeKind::LetCondition(_)))
}

/// Goes through what is evaluated, in order, and notes what happens while the guard is alive.
struct Walk<'m> {
    site: Site<'m>,
    /// The name whose being dropped or moved ends it.
    local: Option<PatternId>,
    events: Vec<Site<'m>>,
    /// Where the name gives the guard away.
    moves: Vec<NodeId>,
}

impl<'m> Walk<'m> {
    fn of(site: Site<'m>, local: Option<PatternId>) -> Self {
        Self { site, local, events: Vec::new(), moves: Vec::new() }
    }

    /// Whether the guard is still alive after a node, if it was before.
    fn node(&mut self, node: NodeId, mut alive: bool) -> bool {
        let body = self.site.body();
        let children: Vec<NodeId> = body.children(node).collect();
        match body.kind(node) {
            // Taken along, the guard lives as long as the block runs.
            NodeKind::Async { moves: true } if alive && self.is_named_in(node) => {
                children.iter().fold(alive, |alive, child| self.node(*child, alive));
                return false;
            }
            NodeKind::Closure(id) if alive && body.closures[id.index()].moves && self.is_named_in(node) => {
                return false;
            }
            // These run later, or not at all.
            NodeKind::Closure(_) | NodeKind::Async { .. } => return alive,
            NodeKind::If => {
                alive = self.node(children[0], alive);
                return self.branches(&children[1..], alive, children.len() < 3);
            }
            NodeKind::Match => {
                alive = self.node(children[0], alive);
                return self.branches(&children[1..], alive, false);
            }
            NodeKind::Select => {
                self.note(node, alive);
                return self.branches(&children, alive, false);
            }
            NodeKind::Loop(_) => {
                // What is dropped in some round is not taken to be alive afterwards.
                for child in children {
                    alive = self.node(child, alive);
                }
                return alive;
            }
            NodeKind::Name(_) if alive && self.is_moved_at(node) => {
                self.moves.push(node);
                return false;
            }
            _ => {}
        }
        for child in children {
            alive = self.node(child, alive);
        }
        if matches!(
            body.kind(node),
            NodeKind::Call | NodeKind::Method { .. } | NodeKind::Await | NodeKind::Macro { .. }
        ) {
            self.note(node, alive);
        }
        alive
    }

    fn note(&mut self, node: NodeId, alive: bool) {
        if alive {
            self.events.push(self.site.at(node));
        }
    }

    fn is_named_in(&self, node: NodeId) -> bool {
        self.local.is_some_and(|local| self.site.at(node).mentions_any(&FxHashSet::from_iter([local])))
    }

    /// Ways of which one is taken. `may_skip` when none need be.
    fn branches(&mut self, branches: &[NodeId], alive: bool, may_skip: bool) -> bool {
        let mut after = may_skip && alive;
        for branch in branches {
            let left = self.node(*branch, alive);
            after |= left && !diverges(self.site.body(), *branch);
        }
        after
    }

    /// Whether a use of the name gives the guard away.
    fn is_moved_at(&self, node: NodeId) -> bool {
        let body = self.site.body();
        if self.local.is_none() || self.site.view.types.locals.get(&node) != self.local.as_ref() {
            return false;
        }
        match use_of(body, node) {
            Use::Argument(..) | Use::Field(_) | Use::Returned(_) | Use::Assigned(_) | Use::Bound(_) => true,
            Use::Operand(list) => matches!(body.kind(list), NodeKind::Sequence(_) | NodeKind::Match),
            Use::Receiver(call) => {
                let call = self.site.at(call);
                let function = call.target().and_then(|def| self.site.model.names.defs.function(def));
                match function.map(|function| &function.receiver) {
                    Some(Some(Receiver::Ref { .. })) => false,
                    Some(Some(_)) => call.consumes_receiver(),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

impl<'m> Site<'m> {
    /// Whether a method that takes its receiver by value takes this one, and not something it is dereferenced to.
    fn consumes_receiver(self) -> bool {
        let Some(receiver) = self.receiver() else { return false };
        let TyKind::Adt(own, _) = *self.types().kind(receiver.ty()) else { return true };
        let declared = &self.model.declared;
        // `self: Box<Self>` takes the box.
        let taken = self.target().and_then(|def| declared.signatures.get(&def)?.params.first());
        if taken.is_some_and(|ty| matches!(declared.tys.kind(*ty), TyKind::Adt(def, _) if *def == own)) {
            return true;
        }
        let Some(owner) = self.target().and_then(|def| self.model.names.defs.get(def).parent) else { return true };
        match declared.find_impl(owner).map(|found| declared.tys.kind(found.self_ty)) {
            Some(TyKind::Adt(def, _)) => *def == own,
            Some(TyKind::Ref(..)) => false,
            Some(_) => true,
            // A trait's method: on the value itself if that has the trait, and references to it have not.
            None => {
                let is_for = |head| declared.of_trait.contains_key(&(owner, head));
                !is_for(Head::Ref) && (is_for(Head::Adt(own)) || is_for(Head::Any))
            }
        }
    }
}

/// Whether a branch ends by leaving: its last statement returns, breaks or continues.
fn diverges(body: &Body, node: NodeId) -> bool {
    match body.kind(node) {
        NodeKind::Jump { kind, .. } => kind != JumpKind::Yield,
        NodeKind::Block { .. } | NodeKind::Arm { .. } => {
            body.children(node).last().is_some_and(|last| diverges(body, last))
        }
        _ => false,
    }
}
