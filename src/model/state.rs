//! State that outlives requests: maps in statics and in fields, who writes them on behalf of a request, and who reads them.

use super::Model;
use super::contexts::Origin;
use super::defs::{DefId, DefKind};
use super::forward::{Go, Used, follow};
use super::places::{At, FieldId};
use super::reach::Reach;
use super::roles::RoleSet;
use super::site::Site;
use super::types::{Prim, Ty, TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{Body, LoopKind, NodeId, NodeKind, PatternId, PatternKind};
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};

/// Where a map is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Static(DefId),
    Field(FieldId),
}

/// A map in which what one request leaves is found by another, in this process alone.
pub struct ProcessState<'m> {
    pub cell: Cell,
    /// Put in on behalf of a request or message.
    pub write: Site<'m>,
    /// Looked up by another function, on behalf of a request or message.
    pub read: Site<'m>,
}

/// How deep types are looked into.
const MAX_DEPTH: usize = 4;
/// What makes the same data known to others, or was the source of it.
const SHARES: [Role; 6] =
    [Role::Query, Role::HttpRequest, Role::RemoteCall, Role::CacheCall, Role::Publish, Role::BlockingDb];

impl<'m> Model<'m> {
    /// The maps of data, of those wanted, that handlers or consumers both fill and read, and that are neither a cache of
    /// nor a copy to something outside of the process.
    pub fn process_state(&'m self, wanted: impl Fn(&Cell) -> bool) -> Vec<ProcessState<'m>> {
        let shares = Reach::of(self, &SHARES, |_| true, |_| true);
        let search = Search { model: self, shares };
        let cells = self.cells().into_iter().filter(|(cell, _)| wanted(cell));
        cells.filter_map(|(cell, uses)| search.state(cell, &uses)).collect()
    }

    /// The statics and fields that hold a map of data which can be changed through a shared reference, with their uses.
    fn cells(&self) -> BTreeMap<Cell, Vec<At>> {
        let is_own = |def: &DefId| self.names.defs.is_workspace(*def) && !self.names.defs.get(*def).test;
        let statics = self.declared.values.iter().filter(|(def, ty)| {
            is_own(def) && self.names.defs.get(**def).kind == DefKind::Static && self.holds_data_map(**ty, false, 0)
        });
        let mut found: BTreeMap<Cell, Vec<At>> = BTreeMap::new();
        for (def, _) in statics {
            found.insert(Cell::Static(*def), self.places.static_uses(*def).to_vec());
        }
        let shared = self.shared_types();
        for (of, fields) in self.declared.fields.iter().filter(|(of, _)| is_own(of) && shared.contains(of)) {
            for (name, _) in fields.iter().filter(|(_, ty)| self.holds_data_map(*ty, false, 0)) {
                found.insert(Cell::Field((*of, *name)), self.places.read((*of, *name)).to_vec());
            }
        }
        found
    }

    /// Structs of which one value serves all requests: what handlers are given, what answers remote calls, what statics
    /// hold, and what is inside of these.
    fn shared_types(&self) -> FxHashSet<DefId> {
        let declared = &self.declared;
        let written = &declared.impls[..declared.written_impls];
        let answers = |def: Option<DefId>| def.is_some_and(|of| self.roles.of(of).has(Role::RpcTrait));
        let services = written
            .iter()
            .filter(|found| answers(found.of_trait.map(|(of, _)| of)) || self.is_generated_service(found.def));
        let is_static = |def: &DefId| self.names.defs.get(*def).kind == DefKind::Static;
        let statics = declared.values.iter().filter(|(def, _)| is_static(def)).map(|(_, ty)| *ty);
        let mut open: Vec<Ty> = services.map(|found| found.self_ty).chain(statics).collect();
        let mut found: FxHashSet<DefId> = self.places.extracted_types().collect();
        open.extend(found.iter().flat_map(|def| declared.fields.get(def)).flatten().map(|(_, ty)| *ty));
        let mut seen = FxHashSet::default();
        while let Some(ty) = open.pop() {
            let tys = &declared.tys;
            if !seen.insert(ty) {
                continue;
            }
            match tys.kind(tys.peel_refs(ty)) {
                TyKind::Adt(def, args) => {
                    open.extend(tys.args(*args));
                    if self.names.defs.is_workspace(*def) && found.insert(*def) {
                        open.extend(declared.fields.get(def).into_iter().flatten().map(|(_, ty)| *ty));
                    }
                }
                TyKind::Dyn(bounds) => {
                    let of_trait = |of| bounds.iter().any(|bound| bound.of == of);
                    let impls = written.iter().filter(|found| found.of_trait.is_some_and(|(of, _)| of_trait(of)));
                    open.extend(impls.map(|found| found.self_ty));
                }
                TyKind::Tuple(parts) => open.extend(tys.args(*parts)),
                _ => {}
            }
        }
        found
    }

    fn holds_data_map(&self, ty: Ty, mutable: bool, depth: usize) -> bool {
        let tys = &self.declared.tys;
        let TyKind::Adt(def, args) = *tys.kind(ty) else { return false };
        let roles = self.roles.of(def);
        let mutable = mutable || roles.has(Role::LockType) || roles.has(Role::InteriorMutable);
        let args = tys.args(args);
        if roles.has(Role::Map) {
            let [key, value, ..] = args else { return false };
            return mutable && !self.is_fixed_text(*key) && self.is_data(*value, 0) && !self.is_number(*value);
        }
        let wraps = mutable || roles.has(Role::Lazy) || self.declared.lang.is_pointer(def);
        wraps && depth < MAX_DEPTH && args.iter().any(|arg| self.holds_data_map(*arg, mutable, depth + 1))
    }

    /// `&'static str`: there are only as many as the program writes down.
    fn is_fixed_text(&self, ty: Ty) -> bool {
        let tys = &self.declared.tys;
        tys.peel_refs(ty) != ty && matches!(tys.kind(tys.peel_refs(ty)), TyKind::Prim(Prim::Str))
    }

    /// Counters are statistics as often as not.
    fn is_number(&self, ty: Ty) -> bool {
        matches!(self.declared.tys.kind(ty), TyKind::Prim(prim) if *prim != Prim::Bool && *prim != Prim::Str)
    }

    /// Whether values could be written down elsewhere: texts, numbers, and structs of these; no handles, locks or times
    /// of this process.
    fn is_data(&self, ty: Ty, depth: usize) -> bool {
        let tys = &self.declared.tys;
        match *tys.kind(ty) {
            TyKind::Prim(_) => true,
            TyKind::Tuple(parts) => tys.args(parts).iter().all(|part| self.is_data(*part, depth + 1)),
            TyKind::Adt(def, args) => {
                let path = self.names.defs.path(def);
                let lang = &self.declared.lang;
                let is_container = lang.is_pointer(def)
                    || Some(def) == lang.option
                    || Some(def) == lang.vec
                    || path == "std::string::String";
                let is_plain_map = self.roles.of(def).has(Role::Map) && !self.roles.of(def).has(Role::InteriorMutable);
                if is_container || is_plain_map {
                    return tys.args(args).iter().all(|arg| self.is_data(*arg, depth + 1));
                }
                depth < MAX_DEPTH && self.names.defs.is_workspace(def) && self.is_data_struct(def, depth)
            }
            _ => false,
        }
    }

    fn is_data_struct(&self, def: DefId, depth: usize) -> bool {
        let derives = self.names.defs.attributes(def).iter();
        if derives.into_iter().any(|attribute| attribute.args.contains("Serialize")) {
            return true;
        }
        let fields = self.declared.fields.get(&def);
        fields.is_some_and(|fields| !fields.is_empty() && fields.iter().all(|(_, ty)| self.is_data(*ty, depth + 1)))
    }
}

struct Search<'m> {
    model: &'m Model<'m>,
    shares: Reach,
}

impl<'m> Search<'m> {
    fn state(&self, cell: Cell, uses: &[At]) -> Option<ProcessState<'m>> {
        let (mut writes, mut reads) = (Vec::new(), Vec::new());
        for (body, node) in uses {
            let start = Site { model: self.model, view: self.model.body(*body), node: *node };
            follow(self.model, start, |used| self.access(used, &mut writes, &mut reads));
        }
        for sites in [&mut writes, &mut reads] {
            sites.sort_by_key(|site: &Site<'_>| site.span());
            sites.dedup_by_key(|site| site.span());
        }
        if writes.is_empty() || writes.iter().any(|write| self.is_shared(*write)) {
            return None;
        }
        let write = writes.into_iter().find(|write| self.is_for_request(*write))?;
        let read = reads.into_iter().find(|read| read.view.id != write.view.id && self.is_for_request(*read))?;
        Some(ProcessState { cell, write, read })
    }

    /// Notes what is done to a map; a lock around it is passed through.
    fn access(&self, used: Used<'m>, writes: &mut Vec<Site<'m>>, reads: &mut Vec<Site<'m>>) -> Go {
        let Used::Receiver(call) = used else {
            return if matches!(used, Used::Argument(..)) { Go::On } else { Go::Stop };
        };
        let of = call.target().and_then(|def| self.model.member_of(def));
        if !of.is_some_and(|of| self.model.roles.of(of).has(Role::Map)) {
            return Go::On;
        }
        // What removes or changes says nothing of where the data comes from.
        match call.args().count() {
            2 if call.has(Role::StateWrite) && !call.args().any(is_closure) => writes.push(call),
            1 if call.has(Role::StateRead) => reads.push(call),
            _ => {}
        }
        Go::Stop
    }

    fn is_for_request(&self, site: Site<'m>) -> bool {
        let for_request = |origin| matches!(origin, Origin::Request | Origin::Consumer);
        self.model.contexts.find(site.callable(), |context| for_request(context.origin)).is_some()
    }

    /// Whether the data that a call puts in also goes to, or comes from, something that other processes see: in the
    /// function around, or in one that calls it.
    fn is_shared(&self, write: Site<'m>) -> bool {
        let callers = self.model.calls.callers(write.callable()).filter(|(_, edge)| edge.certainty.carries());
        let calls = callers.map(|(from, edge)| self.model.callable_site(from).at(edge.site));
        std::iter::once(write).chain(calls).any(|site| self.is_shared_around(site))
    }

    fn is_shared_around(&self, write: Site<'m>) -> bool {
        let body = write.body();
        let names = write.sources();
        let calls = write.view.types.calls.iter().map(|call| write.at(call.node));
        let mut shares = calls.filter(|call| self.shares.way(self.model, *call, RoleSet::of(&SHARES)).is_some());
        shares.any(|call| {
            let is_given = call.node != write.node && names.iter().any(|name| call.mentions(name));
            let bindings = body.ancestors(call.node).filter_map(|node| binding(body, node));
            let mut gives = bindings.filter(|(_, value)| body.contains(*value, call.node));
            is_given || gives.any(|(pattern, _)| names.iter().any(|name| write.binds(pattern, name)))
        })
    }
}

fn is_closure(site: Site<'_>) -> bool {
    matches!(site.kind(), NodeKind::Closure(_))
}

impl Site<'_> {
    /// Whether a pattern of this body gives a name to what it matches, or to a part of it.
    fn binds(self, pattern: PatternId, wanted: &str) -> bool {
        match &self.body().pattern(pattern).kind {
            PatternKind::Bind { name, .. } => self.text_of(*name) == wanted,
            PatternKind::Ref(inner) => self.binds(*inner, wanted),
            PatternKind::Tuple(parts) | PatternKind::TupleStruct(_, parts) => {
                parts.iter().any(|part| self.binds(*part, wanted))
            }
            PatternKind::Struct(_, fields) => fields.iter().any(|(_, part)| self.binds(*part, wanted)),
            _ => false,
        }
    }
}

/// A pattern that takes a value apart or names it, and the value.
fn binding(body: &Body, node: NodeId) -> Option<(PatternId, NodeId)> {
    match body.kind(node) {
        NodeKind::Let { pattern, .. } | NodeKind::LetCondition(pattern) | NodeKind::Loop(LoopKind::For(pattern)) => {
            Some((pattern, body.child(node, 0)?))
        }
        NodeKind::Arm { pattern, .. } => Some((pattern, body.child(body.node(node).parent, 0)?)),
        _ => None,
    }
}

impl<'m> Site<'m> {
    /// The locals from which the arguments of a call are made, near and far.
    fn sources(self) -> BTreeSet<&'m str> {
        let body = self.body();
        let bindings: Vec<(PatternId, NodeId)> = body.ids().filter_map(|node| binding(body, node)).collect();
        let mut open: Vec<&str> = self.args().flat_map(Site::locals).collect();
        let mut found = BTreeSet::new();
        while let Some(name) = open.pop() {
            if found.insert(name) {
                let made = bindings.iter().filter(|(pattern, _)| self.binds(*pattern, name));
                open.extend(made.flat_map(|(_, value)| self.at(*value).locals()));
            }
        }
        found
    }

    /// The names of locals in an expression.
    fn locals(self) -> Vec<&'m str> {
        let body = self.body();
        let inside = (self.node.0..body.node(self.node).end.0).map(NodeId);
        let is_local = |node: &NodeId| self.view.types.locals.contains_key(node);
        let names = inside.filter(is_local).filter_map(|node| match body.kind(node) {
            NodeKind::Name(name) => Some(self.text_of(name)),
            _ => None,
        });
        names.collect()
    }
}
