//! Observation: which callables leave a trace of their work, a span, log record or metric, themselves or through what
//! they call.

use super::Model;
use super::callables::CallableId;
use super::calls::Runs;
use super::defs::{CrateOrigin, DefId};
use super::site::Site;
use super::symbols::Symbol;
use super::types::{Args, CallKind, Target, Ty, TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::NodeKind;
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;

/// What leaves a trace, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub what: &'static str,
    pub span: Span,
}

/// For each callable the nearest place that leaves a trace.
pub struct Observation {
    seen: Vec<Option<Seen>>,
    /// Whether it comes to a macro that may do anything.
    opaque: Vec<bool>,
    /// The methods of traits that each type of the workspace has.
    methods: FxHashMap<DefId, Vec<CallableId>>,
}

/// An answer that may not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    No,
    Unknown,
    Yes,
}

impl Evidence {
    pub fn word(self) -> &'static str {
        match self {
            Evidence::Yes => "yes",
            Evidence::No => "no",
            Evidence::Unknown => "unknown",
        }
    }
}

/// What each role leaves.
const TRACES: [(Role, &str); 6] = [
    (Role::SpanNew, "span"),
    (Role::SpanEnter, "span"),
    (Role::SpanInstrument, "span"),
    (Role::LogEvent, "log"),
    (Role::LogProblem, "log"),
    (Role::MetricRecord, "metric"),
];

/// How deep the types in a signature are looked into.
const MAX_DEPTH: usize = 4;

impl Observation {
    pub fn of(model: &Model<'_>) -> Self {
        let mut seen = vec![None; model.callables.len()];
        let mut opaque = vec![None; model.callables.len()];
        for id in model.callables.ids() {
            let owner = model.owner_of(id);
            if model.roles.of_attributes(owner).has(Role::InstrumentAttribute) {
                seen[id.0 as usize] = model.names.defs.span(owner).map(|span| Seen { what: "span", span });
            }
        }
        let own = own_methods(model);
        for site in model.sites() {
            let slot = site.callable().0 as usize;
            let left = TRACES.iter().find(|(role, _)| site.has(*role));
            if let Some((_, what)) = left.filter(|_| seen[slot].is_none()) {
                seen[slot] = Some(Seen { what, span: site.head() });
            }
            if is_opaque(site, &own) {
                opaque[slot] = Some(());
            }
        }
        spread(model, &mut seen);
        spread(model, &mut opaque);
        let opaque = opaque.into_iter().map(|found| found.is_some()).collect();
        Self { seen, opaque, methods: trait_methods(model) }
    }

    /// What a callable leaves, itself or through what it calls.
    pub fn seen(&self, id: CallableId) -> Option<Seen> {
        self.seen[id.0 as usize]
    }

    /// Whether all that a callable comes to can be read.
    pub fn is_readable(&self, id: CallableId) -> bool {
        !self.opaque[id.0 as usize]
    }

    pub fn methods(&self, of: DefId) -> &[CallableId] {
        self.methods.get(&of).map(Vec::as_slice).unwrap_or_default()
    }

    /// The methods that a framework calls around a handler: those of the types that it takes and gives back.
    pub fn around(&self, model: &Model<'_>, handler: CallableId) -> Vec<CallableId> {
        let mut types = Vec::new();
        if let Some(signature) = model.declared.signatures.get(&model.owner_of(handler)) {
            signature.params.iter().for_each(|ty| named_types(&model.declared.tys, *ty, MAX_DEPTH, &mut types));
            named_types(&model.declared.tys, signature.output, MAX_DEPTH, &mut types);
        }
        types.into_iter().flat_map(|of| self.methods(of)).copied().collect()
    }
}

/// To all that lead to what is marked, and wait for it or not.
fn spread<T: Copy>(model: &Model<'_>, marks: &mut [Option<T>]) {
    let mut queue: VecDeque<CallableId> = model.callables.ids().filter(|id| marks[id.0 as usize].is_some()).collect();
    while let Some(id) = queue.pop_front() {
        for (caller, edge) in model.calls.callers(id) {
            let runs_for_it = !matches!(edge.runs, Runs::Handler | Runs::Job);
            if runs_for_it && marks[caller.0 as usize].is_none() {
                marks[caller.0 as usize] = marks[id.0 as usize];
                queue.push_back(caller);
            }
        }
    }
}

/// A call of which nobody knows what it does: of a macro that is not described, of a function that is a value, or of a
/// method that may be one of several of the workspace.
fn is_opaque(site: Site<'_>, own: &FxHashSet<Symbol>) -> bool {
    let Some(call) = site.call() else { return false };
    let defs = &site.model.names.defs;
    let is_described = |def| matches!(defs.krate(defs.get(def).krate).origin, CrateOrigin::Described);
    match (call.kind, site.kind()) {
        (CallKind::Macro, _) => !site.target().is_some_and(is_described),
        (CallKind::Path, _) => matches!(call.target, Target::Value | Target::Unknown),
        (CallKind::Method, NodeKind::Method { name, .. }) => {
            call.target == Target::Unknown && own.contains(&defs.file(site.view.prepared.file).symbol(name))
        }
        (CallKind::Method, _) => false,
    }
}

/// The names of the methods of the workspace.
fn own_methods(model: &Model<'_>) -> FxHashSet<Symbol> {
    let defs = &model.names.defs;
    let owners = model.bodies().map(|view| view.prepared.owner);
    let methods = owners.filter(|owner| defs.function(*owner).is_some_and(|function| function.receiver.is_some()));
    methods.map(|method| defs.get(method).name).collect()
}

fn trait_methods(model: &Model<'_>) -> FxHashMap<DefId, Vec<CallableId>> {
    let mut methods: FxHashMap<DefId, Vec<CallableId>> = FxHashMap::default();
    for found in &model.declared.impls[..model.declared.written_impls] {
        let Some(of) = model.peeled_def(&model.declared.tys, found.self_ty).filter(|_| found.of_trait.is_some()) else {
            continue;
        };
        let members = model.names.members.get(&found.def).into_iter().flatten();
        methods.entry(of).or_default().extend(members.filter_map(|member| model.callables.of_def(*member)));
    }
    methods
}

/// All structs and enums that a type is made of.
pub fn named_types(table: &impl TypeTable, ty: Ty, depth: usize, found: &mut Vec<DefId>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let mut parts = |args: Args| table.args(args).iter().for_each(|part| named_types(table, *part, depth, found));
    match *table.kind(table.peel_refs(ty)) {
        TyKind::Adt(def, args) => {
            parts(args);
            found.push(def);
        }
        TyKind::Tuple(args) => parts(args),
        TyKind::Async(output) => named_types(table, output, depth, found),
        _ => {}
    }
}
