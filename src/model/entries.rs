//! Entry points: what is called from outside, by requests, messages, timers and the system.

use super::Model;
use super::backward::{Origin, history};
use super::callables::{CallableId, CallableKind};
use super::calls::Runs;
use super::defs::{DefId, DefKind};
use super::flow::{Use, use_of};
use super::forward::{Go, Used, follow};
use super::roles::RoleSet;
use super::site::Site;
use super::types::{TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{ItemKind, LoopKind, NodeKind};
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// Answers a request over HTTP.
    Handler,
    /// Runs around handlers.
    Middleware,
    /// Answers a remote call.
    Rpc,
    /// Answers a part of a query.
    Resolver,
    /// Takes messages from a broker or queue.
    Consumer,
    /// Runs at times.
    Job,
    /// Takes the messages of an actor.
    Actor,
    /// A task without an end.
    Task,
    /// Where the program begins.
    Main,
}

impl EntryKind {
    /// Whether it runs on behalf of a request.
    pub fn is_request(self) -> bool {
        matches!(self, EntryKind::Handler | EntryKind::Middleware | EntryKind::Rpc | EntryKind::Resolver)
    }

    /// Whether it runs on behalf of a message.
    pub fn is_message(self) -> bool {
        matches!(self, EntryKind::Consumer | EntryKind::Actor)
    }

    pub fn word(self) -> &'static str {
        match self {
            EntryKind::Handler => "handler",
            EntryKind::Middleware => "middleware",
            EntryKind::Rpc => "rpc method",
            EntryKind::Resolver => "resolver",
            EntryKind::Consumer => "consumer",
            EntryKind::Job => "job",
            EntryKind::Actor => "actor",
            EntryKind::Task => "task",
            EntryKind::Main => "main",
        }
    }
}

#[derive(Clone, Debug)]
pub struct EntryPoint {
    pub kind: EntryKind,
    pub callable: CallableId,
    /// `POST /orders`, where literal.
    pub route: Option<String>,
    /// The crate whose registration or attribute it is; none for `main` and tasks.
    pub framework: Option<String>,
    /// Where it is registered or declared.
    pub span: Span,
}

/// All entry points, one for each callable and kind, in the order of callables.
#[derive(Debug, Default)]
pub struct EntryPoints {
    list: Vec<EntryPoint>,
    /// The places in the list of each callable's.
    of: FxHashMap<CallableId, Vec<usize>>,
    /// The methods of each type that answer requests as its own, whatever registers the type.
    methods: FxHashMap<DefId, Vec<CallableId>>,
}

impl EntryPoints {
    pub fn build(model: &Model<'_>) -> Self {
        let mut search = Search { model, found: BTreeMap::new() };
        search.registrations();
        search.attributes();
        search.impls();
        search.consumers();
        search.tasks();
        search.mains();
        search.loops_of_mains();
        let list: Vec<EntryPoint> = search.found.into_values().collect();
        let mut methods: FxHashMap<DefId, Vec<CallableId>> = FxHashMap::default();
        for entry in &list {
            if let Some(of) = model.answers_as_method(entry) {
                methods.entry(of).or_default().push(entry.callable);
            }
        }
        let mut of: FxHashMap<CallableId, Vec<usize>> = FxHashMap::default();
        for (index, entry) in list.iter().enumerate() {
            of.entry(entry.callable).or_default().push(index);
        }
        Self { list, of, methods }
    }

    /// The methods by which values of a type answer requests.
    pub fn methods_of(&self, of: DefId) -> &[CallableId] {
        self.methods.get(&of).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = &EntryPoint> {
        self.list.iter()
    }

    pub fn of(&self, callable: CallableId) -> impl Iterator<Item = &EntryPoint> {
        self.of.get(&callable).into_iter().flatten().map(|index| &self.list[*index])
    }
}

struct Search<'m> {
    model: &'m Model<'m>,
    found: BTreeMap<(CallableId, EntryKind), EntryPoint>,
}

impl<'m> Search<'m> {
    /// What no service is made of is no entry point.
    fn add(&mut self, kind: EntryKind, callable: CallableId, route: Option<String>, by: Option<DefId>, span: Span) {
        let owner = self.model.body(self.model.callables.get(callable).body).prepared.owner;
        if !self.model.is_served(owner) {
            return;
        }
        let framework = by.map(|def| self.model.crate_name(def).to_string());
        let entry = EntryPoint { kind, callable, route, framework, span };
        let slot = self.found.entry((callable, kind)).or_insert_with(|| entry.clone());
        if slot.route.is_none() {
            *slot = entry;
        }
    }

    /// Handlers, middleware and jobs that are passed to what registers them.
    fn registrations(&mut self) {
        let kinds = [
            (Role::MethodRouter, EntryKind::Handler),
            (Role::Route, EntryKind::Handler),
            (Role::RouterFallback, EntryKind::Handler),
            (Role::ServiceFn, EntryKind::Handler),
            (Role::LayerFromFn, EntryKind::Middleware),
            (Role::JobRegister, EntryKind::Job),
        ];
        let all: Vec<Role> = kinds.iter().map(|(role, _)| *role).collect();
        for site in self.model.sites_with(&all) {
            let Some((_, kind)) = kinds.iter().find(|(role, _)| site.has(*role)) else { continue };
            let passed: Vec<Vec<Site<'m>>> = site.args().map(|arg| self.callables_in(arg)).collect();
            // A macro lists handlers; what a call is given after the handler only describes it.
            let most = if matches!(site.kind(), NodeKind::Macro { .. }) { usize::MAX } else { 1 };
            for named in passed.into_iter().filter(|found| !found.is_empty()).take(most).flatten() {
                let Some(callable) = named.as_callable() else { continue };
                // What is given to a function that registers it belongs to where that is called.
                let place = match use_of(named.body(), named.node) {
                    Use::Argument(call, _) if named.view.id != site.view.id => named.at(call),
                    _ => site,
                };
                self.add(*kind, callable, route_of(site, place), site.target(), place.head());
            }
        }
    }

    /// Where the function or closure is named that an argument is, or that a call chain in it starts from.
    fn callables_in(&self, arg: Site<'m>) -> Vec<Site<'m>> {
        let mut at = arg;
        loop {
            match at.kind() {
                NodeKind::Name(_) if at.view.types.locals.contains_key(&at.node) => {
                    let made = history(self.model, at).origins.into_iter().filter_map(|origin| match origin {
                        Origin::Made(made) => Some(made),
                        _ => None,
                    });
                    return made.filter(|made| made.as_callable().is_some()).collect();
                }
                NodeKind::Closure(_) | NodeKind::Name(_) | NodeKind::Path(_) => return vec![at],
                // `handler.layer(..)`, and wrappers of handlers such as `traced(handler)`.
                NodeKind::Method { .. } => match at.child(0) {
                    Some(receiver) if !at.roles().meets(RoleSet::of(&[Role::MethodRouter])) => at = receiver,
                    _ => return Vec::new(),
                },
                NodeKind::Operator(_) => match at.child(0) {
                    Some(inner) => at = inner,
                    None => return Vec::new(),
                },
                _ => return Vec::new(),
            }
        }
    }

    /// Functions marked as handlers.
    fn attributes(&mut self) {
        let kinds = [(Role::HandlerAttribute, EntryKind::Handler)];
        for id in self.model.callables.ids() {
            let callable = self.model.callables.get(id);
            if !matches!(callable.kind, CallableKind::Function { .. }) {
                continue;
            }
            let def = self.model.body(callable.body).prepared.owner;
            let roles = self.model.roles.of_attributes(def);
            let Some((role, kind)) = kinds.iter().find(|(role, _)| roles.has(*role)) else { continue };
            let (Some(span), by) = (self.model.names.defs.span(def), self.model.roles.attribute_with(def, *role))
            else {
                continue;
            };
            self.add(*kind, id, attribute_route(self.model, def, by), by, span);
        }
    }

    /// Methods of impls that answer calls, queries, messages or jobs.
    fn impls(&mut self) {
        let model = self.model;
        for found in &model.declared.impls[..model.declared.written_impls] {
            let attributes = model.roles.of_attributes(found.def);
            let of_trait = found.of_trait.map(|(of, _)| of);
            let roles = of_trait.map_or(RoleSet::EMPTY, |of| model.roles.of(of));
            let kind = if attributes.has(Role::GraphqlObject) {
                EntryKind::Resolver
            } else if attributes.has(Role::HandlerAttribute) {
                EntryKind::Handler
            } else if roles.has(Role::RpcTrait) || model.is_generated_service(found.def) {
                EntryKind::Rpc
            } else if roles.has(Role::ActorTrait) || attributes.has(Role::ActorAttribute) {
                EntryKind::Actor
            } else if roles.has(Role::JobTrait) {
                EntryKind::Job
            } else {
                continue;
            };
            let marks = [Role::GraphqlObject, Role::HandlerAttribute, Role::ActorAttribute];
            let mark = marks.into_iter().find_map(|role| model.roles.attribute_with(found.def, role));
            let by = mark.or(of_trait);
            for member in model.names.members.get(&found.def).into_iter().flatten() {
                let (Some(id), Some(span)) = (model.callables.of_def(*member), model.names.defs.span(*member)) else {
                    continue;
                };
                if model.names.defs.function(*member).is_some_and(|function| function.receiver.is_some()) {
                    self.add(kind, id, Some(model.names.defs.name(*member).to_string()), by, span);
                }
            }
        }
    }

    /// Loops and closures over what a broker or queue delivers.
    fn consumers(&mut self) {
        for site in self.model.sites_with(&[Role::MessageSource]) {
            let topic = site.args().find_map(|arg| arg.str_literal().map(str::to_string));
            let span = site.head();
            let by = site.target();
            if site.loops().next().is_some() || self.feeds_a_loop(site) {
                self.add(EntryKind::Consumer, site.callable(), topic, by, span);
                continue;
            }
            for id in self.loops_elsewhere(site) {
                self.add(EntryKind::Consumer, id, topic.clone(), by, span);
            }
            // `stream.for_each(|message| ..)`.
            let mut at = site;
            while let Use::Receiver(call) | Use::Awaited(call) | Use::Tried(call) = use_of(at.body(), at.node) {
                at = at.at(call);
                for closure in at.args().filter(|arg| matches!(arg.kind(), NodeKind::Closure(_))) {
                    let callable = self.model.callables.at(closure.view.id, closure.node);
                    callable.into_iter().for_each(|id| self.add(EntryKind::Consumer, id, topic.clone(), by, span));
                }
            }
        }
    }

    /// `let mut stream = source(); while let Some(message) = stream.next().await`.
    fn feeds_a_loop(&self, site: Site<'m>) -> bool {
        let mut at = site;
        while let Use::Awaited(next) | Use::Tried(next) | Use::Receiver(next) = use_of(at.body(), at.node) {
            at = at.at(next);
        }
        let Use::Bound(pattern) = use_of(at.body(), at.node) else { return false };
        let uses = super::flow::uses_of_local(at.body(), at.view.types, pattern);
        uses.into_iter().any(|node| {
            let used = at.at(node);
            used.loops().next().is_some() || is_iterated(used)
        })
    }

    /// The functions that a stream is handed to and that take from it in a loop.
    fn loops_elsewhere(&self, source: Site<'m>) -> Vec<CallableId> {
        let mut found = Vec::new();
        follow(self.model, source, |used| match used {
            Used::Receiver(call) if call.view.id != source.view.id && call.loops().next().is_some() => {
                found.push(call.callable());
                Go::Stop
            }
            Used::Receiver(_) => Go::On,
            _ => Go::Stop,
        });
        found
    }

    /// Tasks that go on for ever.
    fn tasks(&mut self) {
        for id in self.model.callables.ids() {
            let into = self.model.calls.callers(id).filter(|(_, edge)| edge.certainty.passes_values());
            let spawned = into.filter(|(_, edge)| {
                matches!(edge.runs, Runs::Task | Runs::OwnedTask | Runs::OwnThread | Runs::BlockingPool)
            });
            let sites: Vec<Span> =
                spawned.map(|(from, edge)| self.model.callable_site(from).at(edge.site).span()).collect();
            if let Some(span) = sites.first().filter(|_| self.model.runs_for_ever(id)) {
                self.add(EntryKind::Task, id, None, None, *span);
            }
        }
    }

    /// Loops that the program goes into itself, once it has started, and never leaves.
    fn loops_of_mains(&mut self) {
        let is_main = |entry: &&EntryPoint| entry.kind == EntryKind::Main;
        let mut open: Vec<CallableId> = self.found.values().filter(is_main).map(|entry| entry.callable).collect();
        let mut seen: FxHashSet<CallableId> = open.iter().copied().collect();
        while let Some(id) = open.pop() {
            if let Some(endless) = self.model.loop_never_left(id) {
                self.add(EntryKind::Task, id, None, None, endless.span());
            }
            let called = self.model.calls.callees(id).iter();
            let inline = called.filter(|edge| edge.certainty.carries() && edge.runs == Runs::Inline);
            open.extend(inline.map(|edge| edge.to).filter(|to| seen.insert(*to)));
        }
    }

    fn mains(&mut self) {
        let model = self.model;
        for id in model.names.defs.crate_ids().filter(|id| model.services.has_binary(*id)) {
            let krate = model.names.defs.krate(id);
            let main = model.names.defs.symbols.find("main");
            let scope = model.names.defs.get(krate.root).scope;
            let found = main.zip(scope).and_then(|(main, scope)| model.names.scope(scope).names.get(&main)?.values);
            let Some(def) = found.map(|binding| binding.def) else { continue };
            if let (Some(id), Some(span)) = (model.callables.of_def(def), model.names.defs.span(def)) {
                self.add(EntryKind::Main, id, None, None, span);
            }
        }
    }
}

fn is_iterated(site: Site<'_>) -> bool {
    let body = site.body();
    let parent = body.node(site.node).parent;
    matches!(body.kind(parent), NodeKind::Loop(LoopKind::For(_)))
}

/// `POST /orders` from `route("/orders", post(handler))`, as far as literal.
fn route_of(site: Site<'_>, place: Site<'_>) -> Option<String> {
    let method = site.target().map(|def| site.model.names.defs.name(def).to_uppercase());
    let method = method.filter(|method| METHODS.contains(&method.as_str())).unwrap_or_default();
    let mut at = place;
    let path = loop {
        if at.has(Role::Route) {
            break at.args().find_map(|arg| arg.str_literal()).or_else(|| resource_path(at));
        }
        match use_of(at.body(), at.node) {
            Use::Receiver(next) => at = at.at(next),
            Use::Argument(next, _) => {
                at = at.at(next);
                // A method of the workspace's own that adds a route.
                let own = at.arg(0).and_then(Site::str_literal).filter(|path| path.starts_with('/'));
                if let Some(path) = own.filter(|_| !at.has(Role::Route)) {
                    break Some(path);
                }
            }
            _ => break None,
        }
    };
    let path = path.or_else(|| site.args().find_map(|arg| arg.str_literal()));
    match (method.is_empty(), path) {
        (_, None) | (true, Some("")) => None,
        (true, Some(path)) => Some(path.to_string()),
        (false, Some(path)) => Some(format!("{method} {path}")),
    }
}

impl Site<'_> {
    /// The function or closure that an expression names or is.
    fn as_callable(self) -> Option<CallableId> {
        match *self.types().kind(self.ty()) {
            _ if matches!(self.kind(), NodeKind::Closure(_)) => self.model.callables.at(self.view.id, self.node),
            TyKind::FnDef(def, _) => self.model.callables.of_def(def),
            _ => None,
        }
    }
}

/// `/orders` of `resource("/orders").route(..)`.
fn resource_path(route: Site<'_>) -> Option<&str> {
    let mut at = route;
    while let Some(receiver) = at.receiver() {
        at = receiver;
    }
    if at.node == route.node { None } else { at.arg(0).and_then(Site::str_literal) }
}

const METHODS: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "ANY"];

/// `GET /orders` from `#[get("/orders")]`.
fn attribute_route(model: &Model<'_>, def: DefId, by: Option<DefId>) -> Option<String> {
    let method = by.map(|def| model.names.defs.name(def).to_uppercase()).unwrap_or_default();
    let args = model.names.defs.attributes(def).iter().map(|attribute| &*attribute.args);
    let path = args.filter_map(|args| args.strip_prefix('"')?.split('"').next()).next()?;
    if METHODS.contains(&method.as_str()) { Some(format!("{method} {path}")) } else { Some(path.to_string()) }
}

impl<'w> Model<'w> {
    /// The type of which an entry point is a method that answers requests without being registered by name.
    fn answers_as_method(&self, entry: &EntryPoint) -> Option<DefId> {
        let owner = self.owner_of(entry.callable);
        let parent = self.names.defs.get(owner).parent?;
        let is_marked = self.roles.of_attributes(parent).has(Role::HandlerAttribute);
        let answers = entry.kind == EntryKind::Rpc || (entry.kind == EntryKind::Handler && is_marked);
        let found = self.declared.find_impl(parent).filter(|_| answers)?;
        self.peeled_def(&self.declared.tys, found.self_ty)
    }

    /// Whether something lies in a module of generated remote-call code, by how such modules are named.
    pub fn is_generated_path(&self, def: DefId) -> bool {
        let path = self.names.defs.path(def);
        let mut modules = path.split("::");
        modules.any(|module| self.generated_services.iter().any(|suffix| module.ends_with(suffix.as_str())))
    }

    /// Whether an impl is of a trait that a generator of remote-call code has made, by how such traits are named.
    pub fn is_generated_service(&self, def: DefId) -> bool {
        let Some(item) = self.names.defs.item(def) else { return false };
        let ItemKind::Impl(found) = &item.kind else { return false };
        let (Some(path), Some(reference)) = (&found.trait_path, self.names.defs.get(def).item) else { return false };
        let names = self.names.defs.facts(reference.file);
        let segments: Vec<&str> = path.segments.iter().map(|segment| names.name(segment.name)).collect();
        // A trait brought in by `use` is known by its full path.
        let of_trait = self.declared.find_impl(def).and_then(|found| found.of_trait).map(|(of, _)| of);
        let is_known = |of: &DefId| self.names.members.get(of).is_some_and(|members| !members.is_empty());
        if of_trait.is_some_and(|of| self.names.defs.is_workspace(of) && is_known(&of) && !self.takes_requests(of)) {
            return false;
        }
        let resolved = of_trait.map(|of| self.names.defs.path(of));
        let resolved: Vec<&str> = resolved.as_deref().map(|path| path.split("::").collect()).unwrap_or_default();
        [segments, resolved].iter().any(|segments| match segments[..] {
            [.., module, _] => self.generated_services.iter().any(|suffix| module.ends_with(suffix.as_str())),
            _ => false,
        })
    }

    /// Whether a method of a trait is given a request.
    fn takes_requests(&self, of: DefId) -> bool {
        let requests = RoleSet::of(&[Role::RequestExtract]);
        let methods = self.names.members.get(&of).into_iter().flatten();
        let params =
            methods.filter_map(|method| self.declared.signatures.get(method)).flat_map(|method| &method.params);
        params.into_iter().any(|param| self.guard_in(&self.declared.tys, *param, requests).is_some())
    }

    /// The crate that something outside is of.
    pub fn crate_name(&self, def: DefId) -> &str {
        self.names.defs.symbols.text(self.names.defs.krate(self.names.defs.get(def).krate).name)
    }

    /// The package that something of the workspace is of.
    pub fn package_name(&self, def: DefId) -> &str {
        self.names.defs.package(def).map_or("", |package| self.workspace.package(package).name.as_str())
    }

    pub fn is_function(&self, def: DefId) -> bool {
        self.names.defs.get(def).kind == DefKind::Function
    }
}
