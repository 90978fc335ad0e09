//! A place in a body, and what rules ask of it.

use super::Model;
use super::callables::{BodyView, CallableId};
use super::defs::DefId;
use super::roles::RoleSet;
use super::types::{Call, Target, Ty, TyKind, TypeTable, TypeView};
use crate::catalog::Role;
use crate::facts::{Body, LoopKind, NodeId, NodeKind, PatternId};
use crate::finding::Place;
use crate::source::{Span, TextRange};

/// A node of a body of production code.
#[derive(Clone, Copy)]
pub struct Site<'m> {
    pub model: &'m Model<'m>,
    pub view: BodyView<'m>,
    pub node: NodeId,
}

impl<'m> Site<'m> {
    pub fn at(self, node: NodeId) -> Self {
        Self { node, ..self }
    }

    /// Whether both are the same place.
    pub fn is(self, other: Site<'_>) -> bool {
        (self.view.id, self.node) == (other.view.id, other.node)
    }

    pub fn body(self) -> &'m Body {
        self.view.facts()
    }

    pub fn kind(self) -> NodeKind {
        self.body().kind(self.node)
    }

    /// The whole expression.
    pub fn span(self) -> Span {
        Span::new(self.view.prepared.file, self.body().node(self.node).range)
    }

    /// The part of a call that names what is called: short enough to point at.
    pub fn head(self) -> Span {
        let body = self.body();
        let node = body.node(self.node);
        let range = match node.kind {
            NodeKind::Method { name, at, .. } => {
                let length = self.text_of(name).len() as u32;
                TextRange::new(at, at + length)
            }
            NodeKind::Call => body.child(self.node, 0).map_or(node.range, |callee| body.node(callee).range),
            NodeKind::Macro { path, .. } => {
                let first = body.path(path).segments.first().map_or(0, |segment| self.text_of(segment.name).len());
                let rest: usize =
                    body.path(path).segments.iter().skip(1).map(|segment| self.text_of(segment.name).len() + 2).sum();
                TextRange::new(node.range.start, (node.range.start + (first + rest) as u32 + 1).min(node.range.end))
            }
            _ => node.range,
        };
        Span::new(self.view.prepared.file, range)
    }

    pub fn text_of(self, name: crate::facts::Name) -> &'m str {
        self.model.names.defs.facts(self.view.prepared.file).name(name)
    }

    /// Where a finding about this call is reported.
    pub fn place(self) -> Place<'m> {
        self.place_of(self.head())
    }

    /// A span of this body as a finding's place.
    pub fn place_of(self, span: Span) -> Place<'m> {
        let owner = self.view.prepared.owner;
        Place { span, symbol: self.model.names.defs.path(owner), package: self.model.package_name(owner) }
    }

    pub fn call(self) -> Option<&'m Call> {
        self.view.types.call_at(self.node)
    }

    pub fn target(self) -> Option<DefId> {
        match self.call()?.target {
            Target::Def(def) => Some(def),
            _ => None,
        }
    }

    /// The roles of what is called here.
    pub fn roles(self) -> RoleSet {
        let mut roles = self.target().map_or(RoleSet::EMPTY, |def| self.model.roles.of(def));
        if roles.has(Role::SinkWrite) && self.receiver().is_some_and(|sink| sink.is_peer(sink.ty())) {
            roles.insert(Role::PeerSend);
        }
        roles
    }

    /// Whether a type is a connection to a peer, or one half of it, or a reference to these.
    fn is_peer(self, ty: Ty) -> bool {
        let types = self.types();
        let TyKind::Adt(def, args) = *types.kind(types.peel_refs(ty)) else { return false };
        self.model.roles.of(def).has(Role::PeerConnection) || types.args(args).iter().any(|part| self.is_peer(*part))
    }

    pub fn has(self, role: Role) -> bool {
        self.roles().has(role)
    }

    /// The callable in which this is evaluated.
    pub fn callable(self) -> CallableId {
        self.model.callables.evaluating(self.body(), self.view.id, self.node)
    }

    pub fn child(self, nth: usize) -> Option<Site<'m>> {
        self.body().child(self.node, nth).map(|node| self.at(node))
    }

    /// The arguments of a call, without the receiver of a method.
    pub fn args(self) -> impl Iterator<Item = Site<'m>> {
        let skip = usize::from(matches!(self.kind(), NodeKind::Call | NodeKind::Method { .. }));
        self.body().children(self.node).skip(skip).map(move |node| self.at(node))
    }

    pub fn arg(self, nth: usize) -> Option<Site<'m>> {
        self.args().nth(nth)
    }

    pub fn receiver(self) -> Option<Site<'m>> {
        if matches!(self.kind(), NodeKind::Method { .. }) { self.child(0) } else { None }
    }

    pub fn types(self) -> TypeView<'m> {
        TypeView { base: &self.model.declared.tys, own: &self.view.types.types }
    }

    /// The methods that are called on what this gives, one on another.
    pub fn chained(self) -> impl Iterator<Item = Site<'m>> {
        let next = |site: &Site<'m>| {
            let around = site.at(site.body().node(site.node).parent);
            around.receiver().filter(|receiver| receiver.is(*site)).map(|_| around)
        };
        std::iter::successors(next(&self), next)
    }

    /// The type of this expression.
    pub fn ty(self) -> Ty {
        self.view.types.node(self.node)
    }

    /// The type of what comes of this in the end: what a future gives, or the value itself.
    pub fn outcome_ty(self) -> Ty {
        let (table, lang) = (self.types(), &self.model.declared.lang);
        let mut ty = self.ty();
        loop {
            ty = match table.kind(ty) {
                TyKind::Async(output) => return *output,
                TyKind::Opaque(bounds) | TyKind::Dyn(bounds) => {
                    let future = bounds.iter().find(|bound| Some(bound.of) == lang.future);
                    return future.and_then(|future| future.assoc.first()).map_or(self.ty(), |(_, output)| *output);
                }
                TyKind::Adt(def, args) if [lang.boxed, lang.pin].contains(&Some(*def)) => {
                    table.args(*args).first().copied().unwrap_or(Ty::UNKNOWN)
                }
                _ => return self.ty(),
            };
        }
    }

    /// The struct or enum that the expression is of, references and smart pointers taken away.
    pub fn type_def(self) -> Option<DefId> {
        self.model.peeled_def(&self.types(), self.ty())
    }

    /// The loops around this place, innermost first, up to the callable that evaluates it.
    pub fn loops(self) -> impl Iterator<Item = Site<'m>> {
        let body = self.body();
        let inside = move |id: &NodeId| !matches!(body.kind(*id), NodeKind::Closure(_) | NodeKind::Async { .. });
        let around = body.ancestors(self.node).take_while(inside);
        let loops = around.filter(move |id| match body.kind(*id) {
            // What a `for` loop runs over is made once, before it.
            NodeKind::Loop(LoopKind::For(_)) => body.child(*id, 0).is_none_or(|iter| !body.contains(iter, self.node)),
            NodeKind::Loop(_) => true,
            _ => false,
        });
        loops.map(move |node| self.at(node))
    }

    /// Whether a local of a name is used in this expression.
    pub fn mentions(self, name: &str) -> bool {
        let mut inside = (self.node.0..self.body().node(self.node).end.0).map(NodeId);
        inside.any(|node| matches!(self.body().kind(node), NodeKind::Name(found) if self.text_of(found) == name))
    }

    /// Whether this is below an `.await`, or is one.
    pub fn is_awaited(self) -> bool {
        matches!(super::flow::use_of(self.body(), self.node), super::flow::Use::Awaited(_))
    }

    /// The patterns of the parameters of a callable, of which this is the root; without a receiver.
    pub fn params(self) -> Vec<PatternId> {
        match self.kind() {
            NodeKind::Closure(id) => {
                self.body().closures[id.index()].params.iter().map(|param| param.pattern).collect()
            }
            _ => {
                let function = self.model.names.defs.function(self.view.prepared.owner);
                function.into_iter().flat_map(|function| &function.params).map(|param| param.pattern).collect()
            }
        }
    }

    pub fn str_literal(self) -> Option<&'m str> {
        self.body().str_literal(self.node)
    }
}

impl<'m> Model<'m> {
    /// The type behind references, smart pointers and options, when it is one with a definition.
    pub fn peeled_def(&self, table: &impl TypeTable, ty: Ty) -> Option<DefId> {
        let mut ty = table.peel_refs(ty);
        for _ in 0..6 {
            let TyKind::Adt(def, args) = *table.kind(ty) else { return None };
            if !self.declared.lang.is_pointer(def) {
                return Some(def);
            }
            ty = table.peel_refs(*table.args(args).first()?);
        }
        None
    }

    /// A path without the crate and modules: `Type::method`.
    pub fn short_path(&self, def: DefId) -> String {
        let path = self.names.defs.path(def);
        let parts: Vec<&str> = path.split("::").collect();
        let from = parts.iter().position(|part| part.starts_with(char::is_uppercase));
        let from = from.unwrap_or(parts.len().saturating_sub(2));
        parts[from.min(parts.len() - 1)..].join("::")
    }

    /// What a call site calls, as messages name it.
    pub fn call_name(&self, site: Site<'_>) -> String {
        site.target().map_or_else(|| "this call".to_string(), |def| format!("`{}`", self.short_path(def)))
    }

    /// All calls of production code.
    pub fn sites(&'m self) -> impl Iterator<Item = Site<'m>> {
        self.bodies()
            .flat_map(move |view| view.types.calls.iter().map(move |call| Site { model: self, view, node: call.node }))
    }

    /// All calls of things that have one of the roles.
    pub fn sites_with(&'m self, roles: &[Role]) -> impl Iterator<Item = Site<'m>> {
        let roles = RoleSet::of(roles);
        self.sites().filter(move |site| site.roles().meets(roles))
    }

    /// All places of production code where a constant, static or variant with one of the roles is named.
    pub fn mentions(&'m self, roles: RoleSet) -> impl Iterator<Item = Site<'m>> {
        let named = self.places.named().filter(move |(def, _)| self.roles.of(*def).meets(roles));
        named.flat_map(move |(_, at)| {
            at.iter().map(move |(body, node)| Site { model: self, view: self.body(*body), node: *node })
        })
    }

    /// The root of a callable.
    pub fn callable_site(&'m self, id: CallableId) -> Site<'m> {
        let callable = self.callables.get(id);
        Site { model: self, view: self.body(callable.body), node: callable.node }
    }
}
