//! The call graph: which callable leads to which, how sure that is, and on whose time the other runs.

use super::callables::{BodyView, Callable, CallableId, Callables};
use super::defs::{DefId, DefKind};
use super::dispatch::{forwarders, keep_made};
use super::flow::{Use, use_of, uses_of_local};
use super::made::Made;
use super::names::Names;
use super::roles::{RoleSet, Roles};
use super::types::{CallKind, Declared, Target, TyKind, TypeTable, TypeView};
use crate::catalog::Role;
use crate::facts::{Body, MacroShape, NodeId, NodeKind, PatternId, PatternKind};
use rustc_hash::{FxHashMap, FxHashSet};

#[derive(Debug, Default)]
pub struct CallGraph {
    out: Vec<Vec<Edge>>,
    into: Vec<Vec<(CallableId, u32)>>,
    /// How many calls of methods of unknown receiver could go to several methods of the workspace.
    pub ambiguous: usize,
    /// Methods that hand the call on to another impl of their trait.
    forwarders: FxHashSet<CallableId>,
}

/// From a callable to another, at a node of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    pub site: NodeId,
    pub to: CallableId,
    pub certainty: Certainty,
    pub runs: Runs,
}

/// How an edge was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// By its path, or by lying inside.
    Path,
    /// A method, by the type of its receiver.
    Typed,
    /// A method of a trait, to one of few impls in the workspace.
    Dispatch,
    /// A method of a trait, to one of so many impls that the call says little of where it leads.
    Ambiguous,
    /// A method of unknown receiver, to the only one of that name in the workspace.
    UniqueName,
}

impl Certainty {
    /// Whether conclusions are drawn along the edge.
    pub fn carries(self) -> bool {
        !matches!(self, Certainty::Ambiguous | Certainty::UniqueName)
    }

    /// Whether a value may go along the edge. What is done to it there cannot be left out.
    pub fn passes_values(self) -> bool {
        self != Certainty::UniqueName
    }
}

/// On whose time a callable runs, seen from the one that leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Runs {
    /// As part of the caller, who waits for it.
    Inline,
    /// As a task of its own.
    Task,
    /// As a task of a set that is waited for.
    OwnedTask,
    /// On the pool for blocking work.
    BlockingPool,
    /// On a thread of its own.
    OwnThread,
    /// When a scheduler says so.
    Job,
    /// When a request comes in.
    Handler,
    /// Later: it is kept somewhere.
    Later,
    /// As part of a closure that the function gives back, when that is called.
    GivenBack,
}

/// What the graph is built from.
#[derive(Clone, Copy)]
pub struct Source<'m> {
    pub names: &'m Names<'m>,
    pub declared: &'m Declared,
    pub roles: &'m Roles,
    pub callables: &'m Callables,
    pub bodies: &'m [BodyView<'m>],
}

impl Source<'_> {
    /// The function, constant or static in which a callable stands.
    pub fn owner_of(self, id: CallableId) -> DefId {
        self.bodies[self.callables.get(id).body.0 as usize].prepared.owner
    }
}

impl CallGraph {
    pub fn build(source: Source<'_>) -> Self {
        let mut builder = Builder::new(source);
        for view in source.bodies {
            builder.body(*view);
        }
        let mut graph = Self { out: builder.out, ambiguous: builder.ambiguous, ..Self::default() };
        graph.index();
        let made = Made::of(source, &graph);
        graph.forwarders = forwarders(source, &graph);
        let forwarders = &graph.forwarders;
        graph.out.iter_mut().for_each(|edges| keep_made(edges, &made, forwarders));
        graph.index();
        graph
    }

    fn index(&mut self) {
        self.into = vec![Vec::new(); self.out.len()];
        for (from, edges) in self.out.iter().enumerate() {
            for (index, edge) in edges.iter().enumerate() {
                self.into[edge.to.0 as usize].push((CallableId(from as u32), index as u32));
            }
        }
    }

    pub fn callees(&self, id: CallableId) -> &[Edge] {
        &self.out[id.0 as usize]
    }

    /// The edges that lead to a callable, each with where it starts.
    pub fn callers(&self, id: CallableId) -> impl Iterator<Item = (CallableId, &Edge)> {
        self.into[id.0 as usize].iter().map(|(from, index)| (*from, &self.out[from.0 as usize][*index as usize]))
    }

    /// The impls that a call may go to of which its place says little: those that do the work themselves.
    pub fn alternatives(&self, from: CallableId, site: NodeId) -> impl Iterator<Item = &Edge> {
        let of_site = move |edge: &&Edge| edge.site == site && edge.certainty == Certainty::Ambiguous;
        self.callees(from).iter().filter(of_site).filter(|edge| !self.forwarders.contains(&edge.to))
    }

    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.out.iter().flatten()
    }
}

/// How deep functions that pass on what they are given are looked into.
const MAX_WRAPPERS: usize = 4;

struct Builder<'m> {
    source: Source<'m>,
    out: Vec<Vec<Edge>>,
    /// The impls of each trait method of the workspace.
    impls: FxHashMap<DefId, Vec<DefId>>,
    /// Workspace methods of which no other has the name.
    unique: FxHashMap<super::symbols::Symbol, Option<DefId>>,
    /// What functions do with each of their parameters.
    params: FxHashMap<(DefId, usize), Runs>,
    depth: usize,
    ambiguous: usize,
}

impl<'m> Builder<'m> {
    fn new(source: Source<'m>) -> Self {
        let mut builder = Self {
            source,
            out: vec![Vec::new(); source.callables.len()],
            impls: FxHashMap::default(),
            unique: FxHashMap::default(),
            params: FxHashMap::default(),
            depth: 0,
            ambiguous: 0,
        };
        builder.index_methods();
        builder
    }

    fn index_methods(&mut self) {
        let Source { names, declared, .. } = self.source;
        for found in &declared.impls[..declared.written_impls] {
            for member in names.members.get(&found.def).into_iter().flatten() {
                let entry = names.defs.get(*member);
                if entry.kind != DefKind::Function || entry.test {
                    continue;
                }
                if names.defs.function(*member).is_some_and(|function| function.receiver.is_some()) {
                    let slot = self.unique.entry(entry.name).or_insert(Some(*member));
                    if *slot != Some(*member) {
                        *slot = None;
                    }
                }
                let Some((of, _)) = found.of_trait.filter(|(of, _)| names.defs.is_workspace(*of)) else { continue };
                let method = names.members.get(&of).into_iter().flatten();
                if let Some(method) = method.copied().find(|method| names.defs.get(*method).name == entry.name) {
                    self.impls.entry(method).or_default().push(*member);
                }
            }
        }
    }

    fn body(&mut self, view: BodyView<'m>) {
        for call in &view.types.calls {
            if call.kind == CallKind::Macro {
                continue;
            }
            let from = self.source.callables.evaluating(view.facts(), view.id, call.node);
            for (to, certainty) in self.targets(view, call.node, call.target, call.kind) {
                let runs = if self.source.callables.get(to).kind.is_async() {
                    self.runs_as(view, call.node)
                } else {
                    Runs::Inline
                };
                self.out[from.0 as usize].push(Edge { site: call.node, to, certainty, runs });
            }
        }
        self.inner_callables(view);
        self.passed_functions(view);
    }

    fn targets(
        &mut self,
        view: BodyView<'m>,
        node: NodeId,
        target: Target,
        kind: CallKind,
    ) -> Vec<(CallableId, Certainty)> {
        let callables = self.source.callables;
        let certainty = if kind == CallKind::Path { Certainty::Path } else { Certainty::Typed };
        match target {
            Target::Def(def) => {
                let mut found: Vec<(CallableId, Certainty)> = Vec::new();
                let alternatives = self.source.names.alternatives.get(&def).into_iter().flatten();
                let own = std::iter::once(&def).chain(alternatives);
                found.extend(own.filter_map(|def| callables.of_def(*def)).map(|id| (id, certainty)));
                if self.is_dispatched(view, node, def, kind) {
                    let impls = self.impls.get(&def).map(Vec::as_slice).unwrap_or_default();
                    let impls = impls.iter().filter_map(|def| callables.of_def(*def));
                    found.extend(impls.map(|id| (id, Certainty::Dispatch)));
                }
                found
            }
            Target::Closure(closure) => callables.at(view.id, closure).map(|id| (id, certainty)).into_iter().collect(),
            Target::Unknown if kind == CallKind::Method => {
                let NodeKind::Method { name, .. } = view.facts().kind(node) else { return Vec::new() };
                let symbol = self.source.names.defs.file(view.prepared.file).symbol(name);
                let found = self.unique.get(&symbol).copied();
                self.ambiguous += usize::from(found == Some(None));
                found
                    .flatten()
                    .and_then(|def| callables.of_def(def))
                    .map(|id| (id, Certainty::UniqueName))
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether a call of a trait's method goes to whatever type is behind it.
    fn is_dispatched(&self, view: BodyView<'m>, node: NodeId, def: DefId, kind: CallKind) -> bool {
        if !self.impls.contains_key(&def) {
            return false;
        }
        let Some(receiver) = view.facts().child(node, 0).filter(|_| kind == CallKind::Method) else { return true };
        let table = TypeView { base: &self.source.declared.tys, own: &view.types.types };
        let mut ty = table.peel_refs(view.types.node(receiver));
        // A pointer to a trait object dispatches as the object does.
        for _ in 0..4 {
            match table.kind(ty) {
                TyKind::Adt(_, args) => match table.args(*args).first() {
                    Some(inner) => ty = table.peel_refs(*inner),
                    None => return false,
                },
                TyKind::Dyn(_) | TyKind::Opaque(_) | TyKind::Param(_) | TyKind::Projection(..) | TyKind::Unknown => {
                    return true;
                }
                _ => return false,
            }
        }
        false
    }

    /// Edges to the closures and async blocks of a body.
    fn inner_callables(&mut self, view: BodyView<'m>) {
        for id in self.source.callables.of_body(view.id) {
            let Callable { node, parent: Some(parent), .. } = *self.source.callables.get(id) else { continue };
            let runs = self.runs_as(view, node);
            self.out[parent.0 as usize].push(Edge { site: node, to: id, certainty: Certainty::Path, runs });
        }
    }

    /// Edges to functions that are passed as values.
    fn passed_functions(&mut self, view: BodyView<'m>) {
        let body = view.facts();
        let table = TypeView { base: &self.source.declared.tys, own: &view.types.types };
        for node in body.ids() {
            if !matches!(body.kind(node), NodeKind::Name(_) | NodeKind::Path(_)) {
                continue;
            }
            let TyKind::FnDef(def, _) = *table.kind(view.types.node(node)) else { continue };
            let (Some(to), false) = (self.source.callables.of_def(def), is_callee(body, node)) else { continue };
            let runs = self.runs_as(view, node);
            let from = self.source.callables.around(body, view.id, node);
            self.out[from.0 as usize].push(Edge { site: node, to, certainty: Certainty::Path, runs });
        }
    }

    /// On whose time a future, closure or function runs that is the value of a node.
    fn runs_as(&mut self, view: BodyView<'m>, node: NodeId) -> Runs {
        let body = view.facts();
        let mut at = node;
        for _ in 0..32 {
            match use_of(body, at) {
                Use::Receiver(call) if self.passes_on(view, call) => at = call,
                Use::Argument(call, position) => match self.argument(view, call, position) {
                    Some(runs) => return runs,
                    None => at = call,
                },
                Use::Bound(pattern) => match self.bound(view, pattern) {
                    Some(next) => at = next,
                    None => return Runs::Inline,
                },
                // When and where an unknown macro runs what it is given, nobody knows.
                Use::Operand(list) if is_unknown_macro(body, list) => return Runs::Later,
                Use::Operand(list) if matches!(body.kind(list), NodeKind::Sequence(_) | NodeKind::Macro { .. }) => {
                    at = list;
                }
                Use::Looked(borrow) if matches!(body.kind(borrow), NodeKind::Operator(_)) => at = borrow,
                // A closure that a function gives back is called by whoever gets it.
                Use::Returned(Body::ROOT) if matches!(body.kind(node), NodeKind::Closure(_)) => return Runs::GivenBack,
                // What a closure gives back goes where the closure goes; for a handler or job it is the rest of it.
                Use::Returned(callable) if callable != Body::ROOT => match self.runs_as(view, callable) {
                    Runs::Handler | Runs::Job => return Runs::Inline,
                    // `KEY.with(|key| move || ..)` gives it back.
                    Runs::Inline if matches!(body.kind(node), NodeKind::Closure(_)) => match use_of(body, callable) {
                        Use::Argument(call, _) => at = call,
                        _ => return Runs::Inline,
                    },
                    runs => return runs,
                },
                // A name that is called in another closure is called when that runs.
                Use::Called(_) if self.is_elsewhere(view, at, node) => return self.runs_inside(view, at),
                // A future that a future is made of runs when that does.
                Use::Field(whole) if self.is_future(view, whole) => at = whole,
                Use::Field(_) | Use::Assigned(_) => return Runs::Later,
                _ => return Runs::Inline,
            }
        }
        Runs::Inline
    }

    fn is_elsewhere(&self, view: BodyView<'m>, one: NodeId, other: NodeId) -> bool {
        let around = |node| self.source.callables.around(view.facts(), view.id, node);
        around(one) != around(other)
    }

    fn is_future(&self, view: BodyView<'m>, node: NodeId) -> bool {
        let table = TypeView { base: &self.source.declared.tys, own: &view.types.types };
        self.source.declared.is_future(&table, view.types.node(node))
    }

    fn roles_of_call(&self, view: BodyView<'m>, call: NodeId) -> RoleSet {
        match view.types.call_at(call).map(|call| call.target) {
            Some(Target::Def(def)) => self.source.roles.of(def),
            _ => RoleSet::EMPTY,
        }
    }

    /// Whether a method gives back a future or closure that stands for its receiver.
    fn passes_on(&self, view: BodyView<'m>, call: NodeId) -> bool {
        if self.roles_of_call(view, call).has(Role::SpanInstrument) {
            return true;
        }
        let table = TypeView { base: &self.source.declared.tys, own: &view.types.types };
        self.source.declared.is_future(&table, view.types.node(call))
    }

    /// What a call does with an argument; `None` when the call's own value stands for it.
    fn argument(&mut self, view: BodyView<'m>, call: NodeId, position: usize) -> Option<Runs> {
        let roles = self.roles_of_call(view, call);
        let by_role = [
            (Role::Spawn, Runs::Task),
            (Role::SpawnOwned, Runs::OwnedTask),
            (Role::SpawnBlocking, Runs::BlockingPool),
            (Role::SpawnThread, Runs::OwnThread),
            (Role::JobRegister, Runs::Job),
            (Role::MethodRouter, Runs::Handler),
            (Role::ServiceFn, Runs::Handler),
            (Role::LayerFromFn, Runs::Handler),
            (Role::Route, Runs::Handler),
            (Role::RouterFallback, Runs::Handler),
        ];
        if let Some((_, runs)) = by_role.iter().find(|(role, _)| roles.has(*role)) {
            return Some(*runs);
        }
        if [Role::ChannelSend, Role::StateShare].iter().any(|role| roles.has(*role)) {
            return Some(Runs::Later);
        }
        let target = view.types.call_at(call).map(|call| call.target);
        match target {
            Some(Target::Def(def)) if self.source.callables.of_def(def).is_some() => {
                Some(self.param(def, position)).filter(|runs| *runs != Runs::GivenBack)
            }
            // Wrapped in a pointer, option or struct, or given a deadline: what becomes of the whole becomes of it.
            Some(Target::Def(def)) if self.wraps(def) || roles.has(Role::TimeoutWrap) => None,
            _ if self.is_future(view, call) => None,
            _ => Some(Runs::Inline),
        }
    }

    fn wraps(&self, def: DefId) -> bool {
        let defs = &self.source.names.defs;
        if matches!(defs.get(def).kind, DefKind::Variant(_) | DefKind::Struct) {
            return true;
        }
        let is_maker = matches!(defs.name(def), "new" | "pin" | "from");
        let owner = defs.get(def).parent.filter(|_| is_maker);
        let of = owner.and_then(|owner| self.source.declared.find_impl(owner)).map(|found| found.self_ty);
        of.is_some_and(|ty| match self.source.declared.tys.kind(ty) {
            TyKind::Adt(found, _) => self.source.declared.lang.is_pointer(*found),
            _ => false,
        })
    }

    /// What a function does with the callable or future it is given.
    fn param(&mut self, def: DefId, position: usize) -> Runs {
        if let Some(known) = self.params.get(&(def, position)) {
            return *known;
        }
        if self.depth >= MAX_WRAPPERS {
            return Runs::Inline;
        }
        self.depth += 1;
        // A function that passes a parameter on to itself says nothing more about it.
        self.params.insert((def, position), Runs::Inline);
        let runs = self.follow_param(def, position).unwrap_or(Runs::Inline);
        self.params.insert((def, position), runs);
        self.depth -= 1;
        runs
    }

    fn follow_param(&mut self, def: DefId, position: usize) -> Option<Runs> {
        let function = self.source.names.defs.function(def)?;
        let pattern = function.params.get(position)?.pattern;
        let id = self.source.callables.of_def(def)?;
        let view = self.source.bodies[self.source.callables.get(id).body.0 as usize];
        let uses = uses_of_local(view.facts(), view.types, pattern);
        uses.into_iter().map(|node| self.runs_inside(view, node)).find(|runs| *runs != Runs::Inline)
    }

    /// On whose time a value runs, seen from outside of the function in which it is used.
    fn runs_inside(&mut self, view: BodyView<'m>, node: NodeId) -> Runs {
        let own = self.runs_as(view, node);
        if own != Runs::Inline {
            return own;
        }
        let mut around = self.source.callables.around(view.facts(), view.id, node);
        loop {
            let Callable { node, parent: Some(parent), .. } = *self.source.callables.get(around) else {
                return Runs::Inline;
            };
            match self.runs_as(view, node) {
                Runs::Inline => around = parent,
                runs => return runs,
            }
        }
    }

    /// The use of a local that decides what becomes of it: the only one, or the first that is not inline.
    fn bound(&mut self, view: BodyView<'m>, pattern: PatternId) -> Option<NodeId> {
        let PatternKind::Bind { .. } = view.facts().pattern(pattern).kind else { return None };
        if self.depth >= MAX_WRAPPERS {
            return None;
        }
        let uses = uses_of_local(view.facts(), view.types, pattern);
        if let [only] = uses[..] {
            return Some(only);
        }
        self.depth += 1;
        let found = uses.into_iter().find(|node| self.runs_as(view, *node) != Runs::Inline);
        self.depth -= 1;
        found
    }
}

/// A macro call of which only the arguments are read.
pub fn is_unknown_macro(body: &Body, node: NodeId) -> bool {
    matches!(body.kind(node), NodeKind::Macro { shape: MacroShape::Arguments | MacroShape::Opaque, .. })
}

fn is_callee(body: &Body, node: NodeId) -> bool {
    let parent = body.node(node).parent;
    matches!(body.kind(parent), NodeKind::Call) && body.child(parent, 0) == Some(node)
}
