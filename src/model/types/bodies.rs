//! Bodies made ready for inference: every path resolved and every written type lowered, where it stands.

use super::declared::Declared;
use super::lower::{Lowering, Place};
use super::ty::{ParamId, Prim, Ty};
use crate::facts::{Body, ItemKind, NodeId, NodeKind, PathId, Pattern, PatternKind};
use crate::model::defs::{DefId, ItemRef, ScopeId};
use crate::model::names::{Names, Namespace, Resolution};
use crate::model::symbols::Symbol;
use crate::source::FileId;
use rustc_hash::{FxHashMap, FxHashSet};

/// A body of the workspace, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BodyId(pub u32);

/// A function, constant or static with its body, and what its paths and types mean.
pub struct PreparedBody<'w> {
    pub owner: DefId,
    pub file: FileId,
    pub body: &'w Body,
    pub paths: Vec<PreparedPath>,
    pub types: Vec<Ty>,
    pub closures: Vec<PreparedClosure>,
    /// What names that no pattern of the body binds refer to.
    pub globals: FxHashMap<NodeId, DefId>,
    /// Scopes by the nodes they span, outermost first. The first spans all.
    pub scopes: Vec<(NodeId, NodeId, ScopeId)>,
}

#[derive(Clone, Debug, Default)]
pub struct PreparedClosure {
    pub params: Vec<Option<Ty>>,
    pub output: Option<Ty>,
}

#[derive(Clone, Debug)]
pub struct PreparedPath {
    pub start: PathStart,
    /// Names to look up on what the path starts with.
    pub rest: Vec<Symbol>,
    /// Generic arguments of the part that is resolved, and of the last segment.
    pub args: Vec<Ty>,
    pub last_args: Vec<Ty>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathStart {
    Def(DefId),
    /// A type: `Self`, a parameter, a primitive, or the type of a qualified path with its trait.
    Type(Ty),
    Trait(Ty, DefId),
    Param(ParamId),
    Unknown,
}

impl PreparedBody<'_> {
    pub fn scope_at(&self, node: NodeId) -> ScopeId {
        let around = self.scopes.iter().rev().find(|(start, end, _)| *start <= node && node < *end);
        around.map_or(self.scopes[0].2, |(_, _, scope)| *scope)
    }

    pub fn path(&self, path: PathId) -> &PreparedPath {
        &self.paths[path.index()]
    }
}

/// Prepares all bodies outside of test code, in the order of their definitions.
pub fn prepare<'w>(names: &mut Names<'w>, declared: &mut Declared) -> Vec<PreparedBody<'w>> {
    let owners: Vec<DefId> = names.defs.ids().collect();
    let mut prepared = Vec::new();
    for owner in owners {
        let def = names.defs.get(owner);
        let (Some(item), false) = (def.item, def.test) else { continue };
        if let Some(body) = body_of(names, item).filter(|_| names.defs.is_workspace(owner)) {
            prepared.extend(prepare_body(names, declared, owner, item, body));
        }
    }
    prepared
}

fn body_of<'w>(names: &Names<'w>, item: ItemRef) -> Option<&'w Body> {
    match &names.defs.facts(item.file).item(item.item).kind {
        ItemKind::Function(function) => function.body.as_ref(),
        ItemKind::Value(value) => value.body.as_ref(),
        _ => None,
    }
}

fn prepare_body<'w>(
    names: &mut Names<'w>,
    declared: &mut Declared,
    owner: DefId,
    item: ItemRef,
    body: &'w Body,
) -> Option<PreparedBody<'w>> {
    let krate = names.defs.get(owner).krate;
    let lowering = &mut Lowering::new(names, declared);
    let place = Place { missing: Ty::HOLE, ..lowering.place(owner)? };
    let mut prepared = PreparedBody {
        owner,
        file: item.file,
        body,
        paths: vec![PreparedPath::unknown(); body.paths.len()],
        types: vec![Ty::UNKNOWN; body.types.len()],
        closures: vec![PreparedClosure::default(); body.closures.len()],
        globals: FxHashMap::default(),
        scopes: vec![(Body::ROOT, NodeId(body.nodes.len() as u32), place.scope)],
    };
    for id in body.ids() {
        if let NodeKind::Block { module: Some(module), .. } = body.kind(id)
            && let Some(scope) = lowering.names.file_scope(krate, item.file, module)
        {
            prepared.scopes.push((id, body.node(id).end, scope));
        }
    }
    Preparation { lowering, place, prepared: &mut prepared }.run();
    Some(prepared)
}

struct Preparation<'p, 'l, 'w> {
    lowering: &'p mut Lowering<'l, 'w>,
    place: Place,
    prepared: &'p mut PreparedBody<'w>,
}

impl Preparation<'_, '_, '_> {
    fn run(mut self) {
        let body = self.prepared.body;
        let bound = self.bound_names();
        for pattern in &body.patterns {
            self.pattern(pattern);
        }
        for id in body.ids() {
            self.node(id, &bound);
        }
    }

    /// The names that some pattern binds; they may be locals wherever they occur.
    fn bound_names(&self) -> FxHashSet<crate::facts::Name> {
        let binds = self.prepared.body.patterns.iter().filter_map(|pattern| match pattern.kind {
            PatternKind::Bind { name, .. } => Some(name),
            _ => None,
        });
        binds.collect()
    }

    fn pattern(&mut self, pattern: &Pattern) {
        // Patterns are no nodes, so the block whose items they may name is found by its text.
        let PreparedBody { body, scopes, .. } = &*self.prepared;
        let around = scopes.iter().rev().find(|(block, ..)| body.node(*block).range.contains(pattern.range));
        let place = Place { scope: around.map_or(self.place.scope, |(.., scope)| *scope), ..self.place };
        match &pattern.kind {
            PatternKind::Path(path) | PatternKind::TupleStruct(path, _) => self.path(*path, Namespace::Values, place),
            PatternKind::Struct(path, _) => self.path(*path, Namespace::Types, place),
            _ => {}
        }
    }

    fn node(&mut self, id: NodeId, bound: &FxHashSet<crate::facts::Name>) {
        let body = self.prepared.body;
        let place = Place { scope: self.prepared.scope_at(id), ..self.place };
        match body.kind(id) {
            NodeKind::Path(path) => self.path(path, Namespace::Values, place),
            NodeKind::Struct { path, .. } => self.path(path, Namespace::Types, place),
            NodeKind::Macro { path, .. } => self.path(path, Namespace::Macros, place),
            NodeKind::Let { ty: Some(ty), .. }
            | NodeKind::Method { turbofish: Some(ty), .. }
            | NodeKind::Operator(crate::facts::Operator::Cast(ty)) => {
                self.prepared.types[ty.index()] = self.lowering.ty(&place, &body.types[ty.index()]);
            }
            NodeKind::Closure(closure) => {
                let facts = &body.closures[closure.index()];
                let params = facts.params.iter().map(|param| param.ty.as_ref().map(|ty| self.lowering.ty(&place, ty)));
                let params = params.collect();
                let output = facts.output.as_ref().map(|ty| self.lowering.ty(&place, ty));
                self.prepared.closures[closure.index()] = PreparedClosure { params, output };
            }
            NodeKind::Name(name) if !bound.contains(&name) => {
                let symbol = self.lowering.names.defs.file(place.file).symbol(name);
                let end = self.lowering.names.resolve(place.scope, &[symbol], false, Namespace::Values);
                if let Resolution::Def(def) = end.resolution {
                    self.prepared.globals.insert(id, def);
                }
            }
            _ => {}
        }
    }

    fn path(&mut self, id: PathId, namespace: Namespace, place: Place) {
        let path = self.prepared.body.path(id);
        let symbols = self.lowering.symbols(&place, path);
        let last_args = self.segment_args(&place, path, path.segments.len() - 1);
        let prepared = if let Some(qself) = &path.qself {
            let of = self.lowering.ty(&place, &qself.ty);
            let split = qself.trait_segments as usize;
            let segments = path.segments[..split].to_vec();
            let named = crate::facts::Path { global: path.global, qself: None, segments };
            let bound = if split > 0 { self.lowering.bound(&place, &named) } else { None };
            let start = bound.map_or(PathStart::Type(of), |bound| PathStart::Trait(of, bound.of));
            PreparedPath { start, rest: symbols[split..].to_vec(), args: Vec::new(), last_args }
        } else {
            self.plain_path(path, &symbols, namespace, &place, last_args)
        };
        self.prepared.paths[id.index()] = prepared;
    }

    fn plain_path(
        &mut self,
        path: &crate::facts::Path,
        symbols: &[Symbol],
        namespace: Namespace,
        place: &Place,
        last_args: Vec<Ty>,
    ) -> PreparedPath {
        let names = &mut *self.lowering.names;
        let param = self.lowering.declared.param_in_scope(&names.defs, place.owner, symbols[0]);
        if let (Some(param), false) = (param, path.global) {
            return PreparedPath {
                start: PathStart::Param(param),
                rest: symbols[1..].to_vec(),
                args: Vec::new(),
                last_args,
            };
        }
        let end = names.resolve(place.scope, symbols, path.global, namespace);
        let (start, used) = match end.resolution {
            Resolution::Def(def) => (PathStart::Def(def), end.used),
            Resolution::SelfType => (PathStart::Type(place.self_ty.unwrap_or(Ty::UNKNOWN)), 1),
            Resolution::Unknown => match Prim::parse(names.defs.symbols.text(symbols[0])) {
                Some(prim) if symbols.len() > 1 => (PathStart::Type(self.lowering.declared.tys.prim(prim)), 1),
                _ => (PathStart::Unknown, symbols.len()),
            },
        };
        let args = if used > 0 { self.segment_args(place, path, used - 1) } else { Vec::new() };
        PreparedPath { start, rest: symbols[used..].to_vec(), args, last_args }
    }

    fn segment_args(&mut self, place: &Place, path: &crate::facts::Path, segment: usize) -> Vec<Ty> {
        let args = path.segments[segment].args.as_deref();
        args.map(|args| args.types.iter().map(|ty| self.lowering.ty(place, ty)).collect()).unwrap_or_default()
    }
}

impl PreparedPath {
    fn unknown() -> Self {
        Self { start: PathStart::Unknown, rest: Vec::new(), args: Vec::new(), last_args: Vec::new() }
    }
}
