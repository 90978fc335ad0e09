//! Where a value goes: through names, borrows, function parameters and returns, fields and statics.

use super::Model;
use super::callables::CallableKind;
use super::defs::{DefId, DefKind};
use super::flow::{Use, use_of, uses_of_local};
use super::places::FieldId;
use super::site::Site;
use super::types::{BodyId, Head, TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{Body, NodeId, NodeKind, Operator, PatternId, PatternKind};
use rustc_hash::FxHashSet;

/// A use that a value is put to.
#[derive(Clone, Copy)]
pub enum Used<'m> {
    /// A method is called on it.
    Receiver(Site<'m>),
    /// It is an argument of a call of something outside, or of something that does not say what it does with it.
    Argument(Site<'m>, usize),
    /// It is kept in a field.
    Kept(FieldId),
    /// It becomes the value of a static.
    Static(DefId),
    /// It is given back by a function that nobody is seen to call.
    Exported(DefId),
    /// It goes where it cannot be followed.
    Lost,
}

/// Whether to go on with what a use gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    On,
    Stop,
}

/// How many steps a value is followed.
const MAX_STEPS: usize = 400;

/// Follows a value from where it is made. `visit` sees each use and says whether the value lives on in its result.
pub fn follow<'m>(model: &'m Model<'m>, start: Site<'m>, visit: impl FnMut(Used<'m>) -> Go) {
    Walk::from(model, vec![start]).run(visit);
}

/// Follows a value with all that is made of it: structs, tuples and lists that hold it stand for it. Where the function
/// that makes it gives it back, it is followed no further; what comes back are the calls of this function.
pub fn follow_holders<'m>(model: &'m Model<'m>, start: Site<'m>, visit: impl FnMut(Used<'m>) -> Go) -> Vec<Site<'m>> {
    let mut walk = Walk::from(model, vec![start]);
    walk.maker = Some(start.view.id);
    walk.run(visit)
}

/// Follows the value that a pattern of a body takes.
pub fn follow_binding<'m>(
    model: &'m Model<'m>,
    inside: Site<'m>,
    pattern: PatternId,
    visit: impl FnMut(Used<'m>) -> Go,
) {
    let mut walk = Walk::from(model, Vec::new());
    walk.bound(inside, pattern);
    walk.run(visit);
}

impl<'m> Model<'m> {
    /// Whether the type of what is made here says what happens to its content when it is dropped: gives it back, mostly.
    fn is_dropped_by_hand(&self, made: &Site<'m>) -> bool {
        let TyKind::Adt(def, _) = *made.types().kind(made.ty()) else { return false };
        let of_trait = |drop| self.declared.of_trait.contains_key(&(drop, Head::Adt(def)));
        self.names.defs.is_workspace(def) && self.declared.lang.drop.is_some_and(of_trait)
    }
}

struct Walk<'m> {
    model: &'m Model<'m>,
    seen: FxHashSet<(BodyId, NodeId)>,
    open: Vec<Site<'m>>,
    /// The body that is left to its callers, when holders stand for what they hold.
    maker: Option<BodyId>,
    /// The calls that the body is left by.
    left: Vec<Site<'m>>,
}

impl<'m> Walk<'m> {
    fn from(model: &'m Model<'m>, open: Vec<Site<'m>>) -> Self {
        Self { model, seen: FxHashSet::default(), open, maker: None, left: Vec::new() }
    }

    fn run(mut self, mut visit: impl FnMut(Used<'m>) -> Go) -> Vec<Site<'m>> {
        let mut steps = 0;
        while let Some(site) = self.open.pop() {
            steps += 1;
            if steps > MAX_STEPS {
                visit(Used::Lost);
                break;
            }
            if self.seen.insert((site.view.id, site.node)) {
                self.step(site, &mut visit);
            }
        }
        self.left
    }

    fn step(&mut self, site: Site<'m>, visit: &mut impl FnMut(Used<'m>) -> Go) {
        match use_of(site.body(), site.node) {
            Use::Receiver(call) => self.decide(site.at(call), Used::Receiver(site.at(call)), visit),
            Use::Argument(call, position) => self.argument(site.at(call), position, visit),
            Use::Bound(pattern) => self.bound(site, pattern),
            Use::Awaited(next) | Use::Tried(next) => self.open.push(site.at(next)),
            Use::Looked(next) => {
                if let NodeKind::Operator(Operator::Ref { .. } | Operator::Deref) = site.body().kind(next) {
                    self.open.push(site.at(next));
                }
            }
            Use::Returned(callable) => self.returned(site, callable, visit),
            Use::Field(owner) if self.maker.is_some() => match self.model.is_dropped_by_hand(&site.at(owner)) {
                true => drop(visit(Used::Lost)),
                false => self.open.push(site.at(owner)),
            },
            Use::Field(owner) => self.kept(site, owner, visit),
            Use::Assigned(assign) => self.assigned(site.at(assign), visit),
            Use::Operand(node) => match site.body().kind(node) {
                NodeKind::Match => self.matched(site.at(node)),
                NodeKind::Sequence(_) if self.maker.is_some() => self.open.push(site.at(node)),
                NodeKind::Sequence(_) | NodeKind::Macro { .. } => {
                    visit(Used::Lost);
                }
                _ => {}
            },
            Use::Called(_) | Use::Dropped => {}
        }
    }

    fn decide(&mut self, next: Site<'m>, used: Used<'m>, visit: &mut impl FnMut(Used<'m>) -> Go) {
        if visit(used) == Go::On {
            self.open.push(next);
        }
    }

    /// Into a function of the workspace, or to the visitor.
    fn argument(&mut self, call: Site<'m>, position: usize, visit: &mut impl FnMut(Used<'m>) -> Go) {
        let own = call.target().filter(|def| self.model.callables.of_def(*def).is_some());
        if let Some(def) = own {
            let function = self.model.names.defs.function(def);
            // A method called by its path has its receiver as the first argument.
            let is_method_call = matches!(call.kind(), NodeKind::Method { .. });
            let skip = usize::from(!is_method_call && function.is_some_and(|function| function.receiver.is_some()));
            let param = position.checked_sub(skip).and_then(|position| function?.params.get(position));
            let id = self.model.callables.of_def(def).expect("the function has a body");
            if let Some(param) = param {
                self.bound(self.model.callable_site(id), param.pattern);
            }
            return;
        }
        if call.has(Role::StateShare) {
            self.shared(call, position);
        }
        match call.target() {
            // An option, result or pointer around the value stands for it.
            Some(def) if self.model.is_pointer_constructor(def) => self.open.push(call),
            Some(def) => match self.model.names.defs.get(def).kind {
                DefKind::Variant(_) if self.model.crate_name(def) == "std" => self.open.push(call),
                DefKind::Variant(_) | DefKind::Struct if self.maker.is_some() => self.open.push(call),
                DefKind::Variant(_) | DefKind::Struct => {
                    match self.model.names.defs.symbols.find(&position.to_string()) {
                        Some(name) => self.in_field((def, name), visit),
                        None => {
                            visit(Used::Lost);
                        }
                    }
                }
                _ => self.decide(call, Used::Argument(call, position), visit),
            },
            None => self.decide(call, Used::Argument(call, position), visit),
        }
    }

    /// To the handlers that are given what is shared.
    fn shared(&mut self, call: Site<'m>, position: usize) {
        let Some(of) = call.arg(position).and_then(|arg| arg.type_def()) else { return };
        for (body, pattern) in self.model.places.extracted(of) {
            let root = Site { model: self.model, view: self.model.body(*body), node: Body::ROOT };
            self.bound(root, *pattern);
        }
    }

    /// To all uses of the names that a pattern binds.
    fn bound(&mut self, site: Site<'m>, pattern: PatternId) {
        match &site.body().pattern(pattern).kind {
            PatternKind::Bind { .. } => {
                let uses = uses_of_local(site.body(), site.view.types, pattern);
                self.open.extend(uses.into_iter().map(|node| site.at(node)));
            }
            PatternKind::TupleStruct(_, parts) => {
                // An error is not what was made.
                if let [only] = parts[..]
                    && !site.is_failure(pattern)
                {
                    self.bound(site, only);
                }
            }
            PatternKind::Tuple(parts) if self.maker.is_some() => {
                parts.iter().for_each(|part| self.bound(site, *part));
            }
            PatternKind::Ref(inner) => self.bound(site, *inner),
            _ => {}
        }
    }

    /// To the arms of a match that take the value out of an option or result.
    fn matched(&mut self, site: Site<'m>) {
        let body = site.body();
        for arm in body.children(site.node).skip(1) {
            if let NodeKind::Arm { pattern, .. } = body.kind(arm) {
                self.bound(site, pattern);
            }
        }
    }

    /// To all calls of the function that gives the value back.
    fn returned(&mut self, site: Site<'m>, callable: NodeId, visit: &mut impl FnMut(Used<'m>) -> Go) {
        if callable != Body::ROOT {
            // A closure's or block's value is what comes of calling or awaiting it.
            if matches!(site.body().kind(callable), NodeKind::Async { .. }) {
                self.open.push(site.at(callable));
            } else {
                self.closure_result(site.at(callable), visit);
            }
            return;
        }
        let owner = site.view.prepared.owner;
        let id = self.model.callables.of_def(owner).expect("the body is of a callable");
        if self.model.callables.get(id).kind == CallableKind::Initialiser {
            self.in_static(owner, visit);
            return;
        }
        let callers: Vec<Site<'m>> = self
            .model
            .calls
            .callers(id)
            .filter(|(_, edge)| edge.certainty.passes_values())
            .map(|(from, edge)| self.model.callable_site(from).at(edge.site))
            .collect();
        if callers.is_empty() {
            visit(Used::Exported(owner));
        }
        let reached = if self.maker == Some(site.view.id) { &mut self.left } else { &mut self.open };
        reached.extend(callers);
    }

    fn in_static(&mut self, def: DefId, visit: &mut impl FnMut(Used<'m>) -> Go) {
        if visit(Used::Static(def)) == Go::On {
            let uses = self.model.places.static_uses(def);
            self.open.extend(uses.iter().map(|(body, node)| Site {
                model: self.model,
                view: self.model.body(*body),
                node: *node,
            }));
        }
    }

    /// `Lazy::new(|| value)`, `get_or_init(|| value)`, `map(|x| value)`: the call's result stands for it.
    fn closure_result(&mut self, closure: Site<'m>, visit: &mut impl FnMut(Used<'m>) -> Go) {
        match use_of(closure.body(), closure.node) {
            Use::Argument(call, _) | Use::Receiver(call) => self.open.push(closure.at(call)),
            _ => {
                visit(Used::Lost);
            }
        }
    }

    /// To all places where the field is read.
    fn kept(&mut self, site: Site<'m>, owner: NodeId, visit: &mut impl FnMut(Used<'m>) -> Go) {
        let body = site.body();
        let struct_def = site.at(owner).type_def();
        let init = body.ancestors(site.node).take_while(|node| *node != owner).last();
        let name = init.and_then(|init| match body.kind(init) {
            NodeKind::Init(name) => Some(self.model.names.defs.file(site.view.prepared.file).symbol(name)),
            _ => None,
        });
        let Some(field) = struct_def.zip(name) else {
            visit(Used::Lost);
            return;
        };
        self.in_field(field, visit);
    }

    fn in_field(&mut self, field: FieldId, visit: &mut impl FnMut(Used<'m>) -> Go) {
        if visit(Used::Kept(field)) == Go::Stop {
            return;
        }
        let places = &self.model.places;
        let site = |body: BodyId, node: NodeId| Site { model: self.model, view: self.model.body(body), node };
        let reads: Vec<Site<'m>> = places.read(field).iter().map(|(body, node)| site(*body, *node)).collect();
        self.open.extend(reads);
        for (body, pattern) in places.taken(field) {
            self.bound(site(*body, Body::ROOT), *pattern);
        }
    }

    /// To the local or field that is assigned to.
    fn assigned(&mut self, assign: Site<'m>, visit: &mut impl FnMut(Used<'m>) -> Go) {
        let Some(place) = assign.child(0) else { return };
        match place.kind() {
            NodeKind::Name(_) => match place.view.types.locals.get(&place.node) {
                Some(pattern) => {
                    let uses = uses_of_local(place.body(), place.view.types, *pattern);
                    self.open.extend(uses.into_iter().filter(|node| *node > assign.node).map(|node| place.at(node)));
                }
                None => {
                    visit(Used::Lost);
                }
            },
            NodeKind::Field { name, .. } => {
                let name = self.model.names.defs.file(place.view.prepared.file).symbol(name);
                match place.child(0).and_then(|base| base.type_def()) {
                    Some(def) => self.in_field((def, name), visit),
                    None => {
                        visit(Used::Lost);
                    }
                }
            }
            _ => {
                visit(Used::Lost);
            }
        }
    }
}

/// Whether a method call gives back the same value, or one that stands for it.
pub fn stands_for_receiver(site: Site<'_>) -> bool {
    let Some(def) = site.target() else { return false };
    let name = site.model.names.defs.name(def);
    let is_standard = site.model.crate_name(def) == "std";
    let keeps = [
        "clone",
        "unwrap",
        "expect",
        "unwrap_or_else",
        "as_ref",
        "as_mut",
        "into",
        "to_owned",
        "map_err",
        "ok",
        "borrow",
    ];
    (is_standard && keeps.contains(&name)) || site.has(Role::SpanInstrument) || name == "context"
}
