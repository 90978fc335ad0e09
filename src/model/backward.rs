//! Where a value comes from: along method chains, names, parameters and returns, to what made it.

use super::Model;
use super::callables::CallableKind;
use super::defs::{DefId, DefKind};
use super::flow::uses_of_local;
use super::places::FieldId;
use super::site::Site;
use super::types::{PathStart, TyKind, TypeTable};
use crate::facts::{Body, ItemKind, JumpKind, NodeId, NodeKind, Operator, PatternId, PatternKind, SequenceKind};
use rustc_hash::FxHashSet;

/// How a value came to be what it is.
#[derive(Clone, Default)]
pub struct History<'m> {
    /// The calls that the value went through, the last one first.
    pub calls: Vec<Site<'m>>,
    /// What made it, for each way it may have been made.
    pub origins: Vec<Origin<'m>>,
}

#[derive(Clone, Copy)]
pub enum Origin<'m> {
    /// A call of something outside, or an expression that makes it here.
    Made(Site<'m>),
    /// A literal or constant expression.
    Literal(Site<'m>),
    /// A field, whose content is not followed further.
    Field(Site<'m>, Option<FieldId>),
    Static(DefId),
    /// A parameter of a function that is called from where it cannot be seen, or of a closure.
    Given(Site<'m>),
    Unknown(Site<'m>),
}

impl<'m> History<'m> {
    /// Whether all that made the value is in sight.
    pub fn is_known(&self) -> bool {
        self.origins.iter().all(|origin| matches!(origin, Origin::Made(_) | Origin::Literal(_)))
    }
}

/// How many expressions are looked at.
const MAX_STEPS: usize = 200;

/// The history of an expression's value.
pub fn history<'m>(model: &'m Model<'m>, site: Site<'m>) -> History<'m> {
    let mut walk = Walk { model, history: History::default(), seen: FxHashSet::default(), steps: 0 };
    walk.value(site);
    walk.history
}

/// How deep the arguments of calls are looked into.
const MAX_ARGUMENTS: usize = 6;

/// All calls in sight that have a part in a value: those it went through, what made it, and those of their arguments.
pub fn parts<'m>(model: &'m Model<'m>, site: Site<'m>) -> Vec<Site<'m>> {
    let mut found = Vec::new();
    let mut open = vec![(site, 0)];
    while let Some((site, depth)) = open.pop() {
        let history = history(model, site);
        let made = history.origins.iter().filter_map(|origin| match origin {
            Origin::Made(made) | Origin::Unknown(made) => Some(*made),
            _ => None,
        });
        for part in history.calls.iter().copied().chain(made) {
            let has_arguments = matches!(part.kind(), NodeKind::Call | NodeKind::Method { .. } | NodeKind::Sequence(_));
            if has_arguments && depth < MAX_ARGUMENTS {
                open.extend(part.args().map(|arg| (arg, depth + 1)));
            }
            found.push(part);
        }
    }
    found
}

struct Walk<'m> {
    model: &'m Model<'m>,
    history: History<'m>,
    seen: FxHashSet<(super::types::BodyId, NodeId)>,
    steps: usize,
}

impl<'m> Walk<'m> {
    fn origin(&mut self, origin: Origin<'m>) {
        self.history.origins.push(origin);
    }

    fn value(&mut self, site: Site<'m>) {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return self.origin(Origin::Unknown(site));
        }
        if !self.seen.insert((site.view.id, site.node)) {
            return;
        }
        match site.kind() {
            NodeKind::Await | NodeKind::Try | NodeKind::Init(_) => self.child(site, 0),
            NodeKind::Operator(Operator::Ref { .. } | Operator::Deref | Operator::Cast(_)) => self.child(site, 0),
            NodeKind::Block { value: true, .. } => self.last(site),
            NodeKind::If => {
                for branch in site.body().children(site.node).skip(1) {
                    self.value(site.at(branch));
                }
            }
            NodeKind::Match | NodeKind::Select => {
                let skip = usize::from(site.kind() == NodeKind::Match);
                for arm in site.body().children(site.node).skip(skip) {
                    self.last(site.at(arm));
                }
            }
            NodeKind::Method { .. } => self.method(site),
            NodeKind::Call => self.call(site),
            NodeKind::Name(_) | NodeKind::Path(_) => self.name(site),
            NodeKind::Field { name, .. } => self.field(site, name),
            NodeKind::Literal(_) | NodeKind::Sequence(SequenceKind::Array | SequenceKind::Repeat) => {
                self.origin(Origin::Literal(site));
            }
            NodeKind::Jump { .. } => {}
            NodeKind::Struct { .. } | NodeKind::Macro { .. } | NodeKind::Closure(_) | NodeKind::Async { .. } => {
                self.origin(Origin::Made(site));
            }
            _ => self.origin(Origin::Unknown(site)),
        }
    }

    fn child(&mut self, site: Site<'m>, nth: usize) {
        match site.child(nth) {
            Some(child) => self.value(child),
            None => self.origin(Origin::Unknown(site)),
        }
    }

    fn last(&mut self, site: Site<'m>) {
        match site.body().children(site.node).last() {
            Some(last) => self.value(site.at(last)),
            None => self.origin(Origin::Unknown(site)),
        }
    }

    /// A method gives back what its body says, or something made of its receiver.
    fn method(&mut self, site: Site<'m>) {
        match site.target().filter(|def| self.model.callables.of_def(*def).is_some()) {
            Some(def) => self.result_of(def),
            None => {
                self.history.calls.push(site);
                self.child(site, 0);
            }
        }
    }

    fn call(&mut self, site: Site<'m>) {
        let Some(def) = site.target() else { return self.origin(Origin::Unknown(site)) };
        if self.model.callables.of_def(def).is_some() {
            return self.result_of(def);
        }
        let is_wrapper = matches!(self.model.names.defs.get(def).kind, DefKind::Variant(_));
        let wraps = is_wrapper && self.model.crate_name(def) == "std";
        let points = self.model.is_pointer_constructor(def);
        match site.arg(0).filter(|_| wraps || points) {
            Some(inner) => self.value(inner),
            None => self.origin(Origin::Made(site)),
        }
    }

    /// All that a function of the workspace may give back.
    fn result_of(&mut self, def: DefId) {
        let id = self.model.callables.of_def(def).expect("the function has a body");
        let root = self.model.callable_site(id);
        let body = root.body();
        self.value(root);
        for node in body.ids() {
            if matches!(body.kind(node), NodeKind::Jump { kind: JumpKind::Return, .. })
                && super::flow::callable_around(body, node) == Body::ROOT
                && let Some(value) = body.child(node, 0)
            {
                self.value(root.at(value));
            }
        }
    }

    fn name(&mut self, site: Site<'m>) {
        if let Some(pattern) = site.view.types.locals.get(&site.node) {
            return self.local(site, *pattern);
        }
        if let TyKind::FnDef(..) = site.types().kind(site.ty()) {
            return self.origin(Origin::Made(site));
        }
        let def = match site.kind() {
            NodeKind::Name(_) => site.view.prepared.globals.get(&site.node).copied(),
            NodeKind::Path(path) => match site.view.prepared.path(path).start {
                PathStart::Def(def) => Some(def),
                _ => None,
            },
            _ => None,
        };
        match def.map(|def| (def, self.model.names.defs.get(def).kind)) {
            Some((def, DefKind::Const)) if self.model.callables.of_def(def).is_some() => self.result_of(def),
            Some((_, DefKind::Const | DefKind::Variant(_) | DefKind::Struct)) => self.origin(Origin::Literal(site)),
            Some((def, DefKind::Static)) => self.origin(Origin::Static(def)),
            _ => self.origin(Origin::Unknown(site)),
        }
    }

    /// A local: what it was bound to, what was assigned to it, and what was called on it in place.
    fn local(&mut self, site: Site<'m>, pattern: PatternId) {
        let body = site.body();
        for node in uses_of_local(body, site.view.types, pattern).into_iter().filter(|node| *node < site.node) {
            let parent = body.node(node).parent;
            match body.kind(parent) {
                NodeKind::Operator(Operator::Assign) if body.child(parent, 0) == Some(node) => {
                    if let Some(value) = body.child(parent, 1) {
                        self.value(site.at(value));
                    }
                }
                // `builder.option(..);` changes the value in place.
                NodeKind::Method { .. } => self.history.calls.push(site.at(parent)),
                // So does `fill(&mut bytes);`.
                NodeKind::Operator(Operator::Ref { mutable: true, .. }) => {
                    let around = body.node(parent).parent;
                    if matches!(body.kind(around), NodeKind::Call | NodeKind::Method { .. }) {
                        self.history.calls.push(site.at(around));
                    }
                }
                _ => {}
            }
        }
        match self.model.binding(site, pattern) {
            Binding::Value(value) => self.value(value),
            Binding::Param(def, position) => self.param(site, def, position),
            Binding::Other => self.origin(Origin::Given(site)),
        }
    }

    /// A parameter: what all callers in sight pass.
    fn param(&mut self, site: Site<'m>, def: DefId, position: usize) {
        let id = self.model.callables.of_def(def).expect("the function has a body");
        let has_receiver = self.model.names.defs.function(def).is_some_and(|function| function.receiver.is_some());
        let callers: Vec<Site<'m>> = self
            .model
            .calls
            .callers(id)
            .filter(|(_, edge)| edge.certainty.passes_values())
            .map(|(from, edge)| self.model.callable_site(from).at(edge.site))
            .collect();
        if callers.is_empty() {
            return self.origin(Origin::Given(site));
        }
        for call in callers {
            let by_path = matches!(call.kind(), NodeKind::Call);
            let nth = position + usize::from(by_path && has_receiver);
            match call.arg(nth) {
                Some(arg) => self.value(arg),
                None => self.origin(Origin::Given(site)),
            }
        }
    }

    /// A field: the values it is given when its struct is made, if all of that is in sight.
    fn field(&mut self, site: Site<'m>, name: crate::facts::Name) {
        let name = self.model.names.defs.file(site.view.prepared.file).symbol(name);
        let holder = site.child(0).and_then(|base| base.type_def());
        let field = holder.map(|def| (def, name));
        let filled = field.map(|field| self.model.places.filled(field)).unwrap_or_default();
        if filled.is_empty() {
            return self.origin(Origin::Field(site, field));
        }
        for (body, node) in filled {
            self.value(Site { model: self.model, view: self.model.body(*body), node: *node });
        }
    }
}

/// What a name in a pattern is bound to.
pub enum Binding<'m> {
    /// The value of an expression, or a part of it taken out of an option or result.
    Value(Site<'m>),
    /// A parameter of a function.
    Param(DefId, usize),
    /// A parameter of a closure, or a part of something.
    Other,
}

impl<'m> Model<'m> {
    /// What a local of a body was bound to.
    pub fn binding(&'m self, site: Site<'m>, pattern: PatternId) -> Binding<'m> {
        let body = site.body();
        let owner = site.view.prepared.owner;
        if let Some(function) = self.names.defs.function(owner)
            && let Some(position) = function.params.iter().position(|param| binds(body, param.pattern, pattern))
        {
            return Binding::Param(owner, position);
        }
        for node in body.ids() {
            let value = match body.kind(node) {
                NodeKind::Let { pattern: bound, .. } if binds(body, bound, pattern) => body.child(node, 0),
                NodeKind::LetCondition(bound) if binds(body, bound, pattern) => body.child(node, 0),
                NodeKind::Arm { pattern: bound, .. } if binds(body, bound, pattern) => {
                    let parent = body.node(node).parent;
                    let is_match = matches!(body.kind(parent), NodeKind::Match);
                    if is_match { body.child(parent, 0) } else { body.child(node, 0) }
                }
                _ => None,
            };
            if let Some(value) = value {
                return Binding::Value(site.at(value));
            }
        }
        Binding::Other
    }

    /// `Arc::new`, `Box::pin` and their like.
    pub fn is_pointer_constructor(&self, def: DefId) -> bool {
        let owner = self.names.defs.get(def).parent;
        let of = owner.and_then(|owner| self.declared.find_impl(owner)).map(|found| found.self_ty);
        of.is_some_and(|ty| match self.declared.tys.kind(ty) {
            TyKind::Adt(found, _) => self.declared.lang.is_pointer(*found) && self.is_constructor(def),
            _ => false,
        })
    }

    fn is_constructor(&self, def: DefId) -> bool {
        let Some(item) = self.names.defs.item(def) else { return false };
        matches!(&item.kind, ItemKind::Function(function) if function.receiver.is_none() && !function.params.is_empty())
    }

    /// Whether a function is called from somewhere in sight.
    pub fn has_callers(&self, def: DefId) -> bool {
        let id = self.callables.of_def(def);
        id.is_some_and(|id| {
            self.callables.get(id).kind == CallableKind::Initialiser || self.calls.callers(id).next().is_some()
        })
    }
}

/// Whether a pattern is, or takes out of an option, result or reference, the name that another pattern binds.
fn binds(body: &Body, outer: PatternId, inner: PatternId) -> bool {
    if outer == inner {
        return true;
    }
    match &body.pattern(outer).kind {
        PatternKind::TupleStruct(_, parts) => parts.len() == 1 && binds(body, parts[0], inner),
        PatternKind::Ref(of) => binds(body, *of, inner),
        PatternKind::Bind { inner: Some(of), .. } => binds(body, *of, inner),
        _ => false,
    }
}
