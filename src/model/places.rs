//! Where values are kept: which expressions fill each field, and which read each field, static and constant.

use super::Model;
use super::callables::BodyView;
use super::defs::{DefId, DefKind};
use super::names::Names;
use super::site::Site;
use super::symbols::Symbol;
use super::types::{BodyId, PathStart, Target, Ty, TyKind, TypeTable, TypeView};
use crate::catalog::Role;
use crate::facts::{NodeId, NodeKind, PatternId, PatternKind};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// A node of some body.
pub type At = (BodyId, NodeId);

/// A field of a struct or variant.
pub type FieldId = (DefId, Symbol);

#[derive(Debug, Default)]
pub struct Places {
    filled: FxHashMap<FieldId, Vec<At>>,
    read: FxHashMap<FieldId, Vec<At>>,
    /// Patterns that take a field out: the pattern that gets it.
    taken: FxHashMap<FieldId, Vec<(BodyId, PatternId)>>,
    statics: BTreeMap<DefId, Vec<At>>,
    /// What is named at a place: a static, constant or variant.
    globals: FxHashMap<At, DefId>,
    /// Parameters of handlers that get what was shared with all of them, by its type.
    extracted: FxHashMap<DefId, Vec<(BodyId, PatternId)>>,
}

impl Places {
    pub fn build(model: &Model<'_>) -> Self {
        let mut places = Self::default();
        for view in model.bodies() {
            places.body(model, view);
        }
        places
    }

    fn body(&mut self, model: &Model<'_>, view: BodyView<'_>) {
        let names = &model.names;
        let table = TypeView { base: &model.declared.tys, own: &view.types.types };
        let symbol = |name| names.defs.file(view.prepared.file).symbol(name);
        let body = view.facts();
        for node in body.ids() {
            match body.kind(node) {
                NodeKind::Init(name) => {
                    let owner = body.node(node).parent;
                    let def = model.peeled_def(&table, view.types.node(owner));
                    if let (Some(def), Some(value), NodeKind::Struct { .. }) =
                        (def, body.child(node, 0), body.kind(owner))
                    {
                        self.filled.entry((def, symbol(name))).or_default().push((view.id, value));
                    }
                }
                NodeKind::Field { name, .. } => {
                    let base = body.child(node, 0).map(|base| view.types.node(base));
                    if let Some(def) = base.and_then(|base| holder(model, &table, base, symbol(name))) {
                        self.read.entry((def, symbol(name))).or_default().push((view.id, node));
                    }
                }
                NodeKind::Call => self.constructor(names, view, node),
                NodeKind::Name(_) | NodeKind::Path(_) => self.global(names, view, node),
                _ => {}
            }
        }
        self.patterns(model, view, &table);
        self.extractors(model, view);
    }

    /// `State(client): State<Client>`.
    fn extractors(&mut self, model: &Model<'_>, view: BodyView<'_>) {
        let owner = view.prepared.owner;
        let Some(function) = model.names.defs.function(owner) else { return };
        let signature = &model.declared.signatures[&owner];
        let tys = &model.declared.tys;
        for (param, ty) in function.params.iter().zip(&signature.params[usize::from(signature.has_receiver)..]) {
            let TyKind::Adt(def, args) = *tys.kind(tys.peel_refs(*ty)) else { continue };
            let shared = tys.args(args).first().and_then(|shared| model.peeled_def(tys, *shared));
            if let Some(shared) = shared.filter(|_| model.roles.of(def).has(Role::StateExtract)) {
                self.extracted.entry(shared).or_default().push((view.id, param.pattern));
            }
        }
    }

    /// A tuple struct or variant that is made by a call.
    fn constructor(&mut self, names: &Names<'_>, view: BodyView<'_>, node: NodeId) {
        let Some(Target::Def(def)) = view.types.call_at(node).map(|call| call.target) else { return };
        if !matches!(names.defs.get(def).kind, DefKind::Struct | DefKind::Variant(_)) {
            return;
        }
        for (position, arg) in view.facts().children(node).skip(1).enumerate() {
            if let Some(name) = names.defs.symbols.find(&position.to_string()) {
                self.filled.entry((def, name)).or_default().push((view.id, arg));
            }
        }
    }

    fn global(&mut self, names: &Names<'_>, view: BodyView<'_>, node: NodeId) {
        let def = match view.facts().kind(node) {
            NodeKind::Name(_) if view.types.locals.contains_key(&node) => None,
            NodeKind::Name(name) => {
                let symbol = names.defs.file(view.prepared.file).symbol(name);
                let known = view.prepared.globals.get(&node).copied();
                known.or_else(|| names.value_in_scope(view.prepared.scope_at(node), symbol))
            }
            NodeKind::Path(path) => match (view.prepared.path(path).start, view.prepared.path(path).rest.is_empty()) {
                (PathStart::Def(def), true) => Some(def),
                _ => None,
            },
            _ => None,
        };
        let is_value = |def: &DefId| {
            let kind = names.defs.get(*def).kind;
            matches!(kind, DefKind::Static | DefKind::Const | DefKind::Variant(_) | DefKind::External)
        };
        if let Some(def) = def.filter(is_value) {
            self.statics.entry(def).or_default().push((view.id, node));
            self.globals.insert((view.id, node), def);
        }
    }

    fn patterns(&mut self, model: &Model<'_>, view: BodyView<'_>, table: &TypeView<'_>) {
        for (index, pattern) in view.facts().patterns.iter().enumerate() {
            let PatternKind::Struct(_, fields) = &pattern.kind else { continue };
            let ty = view.types.pattern(PatternId(index as u32));
            let Some(def) = model.peeled_def(table, ty) else { continue };
            for (name, part) in fields {
                let name = model.names.defs.file(view.prepared.file).symbol(*name);
                self.taken.entry((def, name)).or_default().push((view.id, *part));
            }
        }
    }

    /// The parameters of handlers that get a shared value of a type.
    pub fn extracted(&self, of: DefId) -> &[(BodyId, PatternId)] {
        self.extracted.get(&of).map(Vec::as_slice).unwrap_or_default()
    }

    /// The values that a field is given when its struct is made.
    pub fn filled(&self, field: FieldId) -> &[At] {
        self.filled.get(&field).map(Vec::as_slice).unwrap_or_default()
    }

    /// Where a field is named: read, written or borrowed.
    pub fn read(&self, field: FieldId) -> &[At] {
        self.read.get(&field).map(Vec::as_slice).unwrap_or_default()
    }

    /// The static, constant or variant that a place names.
    pub fn named_at(&self, at: At) -> Option<DefId> {
        self.globals.get(&at).copied()
    }

    /// The types that handlers are given.
    pub fn extracted_types(&self) -> impl Iterator<Item = DefId> {
        self.extracted.keys().copied()
    }

    /// The patterns that take a field out of its struct.
    pub fn taken(&self, field: FieldId) -> &[(BodyId, PatternId)] {
        self.taken.get(&field).map(Vec::as_slice).unwrap_or_default()
    }

    /// All statics, constants and variants that are named somewhere, with where.
    pub fn named(&self) -> impl Iterator<Item = (DefId, &[At])> {
        self.statics.iter().map(|(def, at)| (*def, at.as_slice()))
    }

    /// Where a static or constant is named.
    pub fn static_uses(&self, def: DefId) -> &[At] {
        self.statics.get(&def).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Site<'_> {
    /// The field that a field expression names.
    pub fn field(self) -> Option<FieldId> {
        let NodeKind::Field { name, .. } = self.kind() else { return None };
        let symbol = self.model.names.defs.file(self.view.prepared.file).symbol(name);
        Some((holder(self.model, &self.types(), self.child(0)?.ty(), symbol)?, symbol))
    }
}

/// The struct whose field a field expression names, along dereferences.
fn holder(model: &Model<'_>, table: &impl TypeTable, base: Ty, field: Symbol) -> Option<DefId> {
    let mut ty = table.peel_refs(base);
    for _ in 0..6 {
        let TyKind::Adt(def, args) = *table.kind(ty) else { return None };
        let fields = model.declared.fields.get(&def);
        let has_field = fields.is_some_and(|fields| fields.iter().any(|(name, _)| *name == field));
        if has_field && model.names.defs.is_workspace(def) {
            return Some(def);
        }
        // Pointers, guards and extractors give access to what they hold.
        ty = table.peel_refs(*table.args(args).first()?);
    }
    None
}
