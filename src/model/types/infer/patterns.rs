//! Patterns: the type of each name they bind.

use super::Infer;
use crate::facts::{PathId, PatternId, PatternKind};
use crate::model::defs::{DefId, DefKind};
use crate::model::types::bodies::PathStart;
use crate::model::types::ty::{Args, Ty, TyKind, TypeTable};

/// How a pattern that does not say so binds: by value, or by reference because what it looks into is one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Move,
    Ref(bool),
}

impl Infer<'_> {
    /// Matches a pattern with a type: its names come into scope.
    pub fn bind_pattern(&mut self, pattern: PatternId, ty: Ty) {
        self.bind(pattern, ty, Mode::Move);
    }

    fn bind(&mut self, id: PatternId, ty: Ty, mode: Mode) {
        let body = self.body;
        let kind = &body.pattern(id).kind;
        let (ty, mode) = match kind {
            // Names, and patterns written with `&`, take the value as it is.
            PatternKind::Bind { .. } | PatternKind::Ref(_) | PatternKind::Wild | PatternKind::Rest => (ty, mode),
            PatternKind::Or(cases) => return self.bind_all(cases, ty, mode),
            _ => self.look_into(ty, mode),
        };
        self.patterns[id.index()] = ty;
        match kind {
            PatternKind::Bind { name, by_ref, mutable, inner } => {
                if inner.is_none() && !by_ref && !mutable && self.is_constant(*name) {
                    return;
                }
                let bound = match mode {
                    _ if *by_ref => self.tys.reference(*mutable, ty),
                    Mode::Ref(mutable) => self.tys.reference(mutable, ty),
                    Mode::Move => ty,
                };
                self.patterns[id.index()] = bound;
                self.locals.push((*name, id));
                if let Some(inner) = inner {
                    self.bind(*inner, ty, mode);
                }
            }
            PatternKind::Ref(inner) => {
                let shallow = self.known(ty);
                let of = if let TyKind::Ref(_, of) = *self.tys.kind(shallow) { of } else { Ty::UNKNOWN };
                self.bind(*inner, of, Mode::Move);
            }
            PatternKind::Tuple(parts) => self.bind_tuple(parts, ty, mode),
            PatternKind::TupleStruct(path, parts) => self.bind_tuple_struct(*path, parts, ty, mode),
            PatternKind::Struct(path, fields) => {
                let (named, def) = self.struct_type(*path);
                self.try_unify(named, ty);
                let args = self.adt_args(ty);
                for (name, part) in fields {
                    let name = self.symbol(*name);
                    let owner = def.map(|def| self.generics_owner(def));
                    let field = def.zip(owner).and_then(|(def, owner)| self.field_of(def, owner, args, name));
                    let field = field.map_or(Ty::UNKNOWN, |field| self.normalise(field));
                    self.bind(*part, field, mode);
                }
            }
            PatternKind::Slice(parts) => {
                let element = match *self.tys.kind(self.shallow(ty)) {
                    TyKind::Slice(element) | TyKind::Array(element) => element,
                    _ => Ty::UNKNOWN,
                };
                for part in parts {
                    let rest = self.rest_of_slice(*part, element);
                    self.bind(*part, rest.unwrap_or(element), mode);
                }
            }
            _ => {}
        }
    }

    fn bind_all(&mut self, cases: &[PatternId], ty: Ty, mode: Mode) {
        for case in cases {
            self.bind(*case, ty, mode);
        }
    }

    /// Through references, of which the last decides how names below bind.
    fn look_into(&mut self, ty: Ty, mut mode: Mode) -> (Ty, Mode) {
        let mut at = self.known(ty);
        while let TyKind::Ref(mutable, inner) = *self.tys.kind(at) {
            mode = match mode {
                Mode::Ref(false) => mode,
                _ => Mode::Ref(mutable),
            };
            at = self.known(inner);
        }
        (at, mode)
    }

    fn bind_tuple(&mut self, parts: &[PatternId], ty: Ty, mode: Mode) {
        let shallow = self.shallow(ty);
        if let TyKind::Var(_) = self.tys.kind(shallow)
            && !parts.iter().any(|part| self.is_rest(*part))
        {
            let fresh: Vec<Ty> = parts.iter().map(|_| self.fresh()).collect();
            let tuple = self.tys.tuple(&fresh);
            self.unify(tuple, shallow);
        }
        let types = match *self.tys.kind(self.shallow(ty)) {
            TyKind::Tuple(args) => self.tys.args(args).to_vec(),
            _ => Vec::new(),
        };
        self.bind_positions(parts, &types, mode);
    }

    fn is_rest(&self, part: PatternId) -> bool {
        matches!(self.body.pattern(part).kind, PatternKind::Rest)
    }

    /// Patterns by position; after a `..` they count from the end.
    fn bind_positions(&mut self, parts: &[PatternId], types: &[Ty], mode: Mode) {
        let rest = parts.iter().position(|part| self.is_rest(*part));
        for (position, part) in parts.iter().enumerate() {
            let at = match rest {
                Some(rest) if position > rest => (types.len() + position).checked_sub(parts.len()),
                _ => Some(position),
            };
            let ty = at.and_then(|at| types.get(at)).copied().unwrap_or(Ty::UNKNOWN);
            self.bind(*part, ty, mode);
        }
    }

    fn bind_tuple_struct(&mut self, path: PathId, parts: &[PatternId], ty: Ty, mode: Mode) {
        let def = self.pattern_def(path);
        let types: Vec<Ty> = match def {
            Some(def) => {
                let owner = self.generics_owner(def);
                let named = self.named_type(owner, &[]);
                self.try_unify(named, ty);
                let known = self.adt_args(ty);
                let args = if known == Args::EMPTY { self.adt_args(named) } else { known };
                let declared = self.world.declared;
                let names = declared.fields.get(&def).map(Vec::as_slice).unwrap_or_default();
                let fields =
                    names.iter().map(|(name, _)| self.field_of(def, owner, args, *name).unwrap_or(Ty::UNKNOWN));
                let fields: Vec<Ty> = fields.collect();
                fields.into_iter().map(|field| self.normalise(field)).collect()
            }
            None => Vec::new(),
        };
        self.bind_positions(parts, &types, mode);
    }

    /// The tuple struct or variant that a pattern names.
    fn pattern_def(&self, path: PathId) -> Option<DefId> {
        let path = self.prepared.path(path);
        match (path.start, &path.rest[..]) {
            (PathStart::Def(def), []) => Some(def),
            (PathStart::Type(ty), []) => self.adt_def(ty),
            (PathStart::Type(ty), [variant]) => self.world.names.variant(self.adt_def(ty)?, *variant),
            (PathStart::Def(alias), [variant]) => {
                let target = self.world.declared.aliases.get(&alias).copied()?;
                self.world.names.variant(self.adt_def(target)?, *variant)
            }
            _ => None,
        }
    }

    fn adt_def(&self, ty: Ty) -> Option<DefId> {
        match *self.tys.kind(self.shallow(ty)) {
            TyKind::Adt(def, _) => Some(def),
            _ => None,
        }
    }

    fn adt_args(&self, ty: Ty) -> Args {
        match *self.tys.kind(self.shallow(ty)) {
            TyKind::Adt(_, args) => args,
            _ => Args::EMPTY,
        }
    }

    /// A type by its definition, with a variable for each parameter.
    pub fn named_type(&mut self, def: DefId, given: &[Ty]) -> Ty {
        match self.world.names.defs.get(def).kind {
            DefKind::Struct | DefKind::Enum | DefKind::External | DefKind::TypeAlias => self.type_of_def(def, given),
            _ => Ty::UNKNOWN,
        }
    }

    /// `rest @ ..` in a slice pattern is a slice.
    fn rest_of_slice(&mut self, part: PatternId, element: Ty) -> Option<Ty> {
        match self.body.pattern(part).kind {
            PatternKind::Bind { inner: Some(inner), .. } if self.is_rest(inner) => {
                Some(self.tys.intern(TyKind::Slice(element)))
            }
            _ => None,
        }
    }

    /// A name that is a constant, a unit struct or a unit variant matches it rather than binding anything.
    fn is_constant(&self, name: crate::facts::Name) -> bool {
        let symbol = self.symbol(name);
        let text = self.world.names.defs.symbols.text(symbol);
        if !text.starts_with(|c: char| c.is_uppercase()) {
            return false;
        }
        let scope = self.prepared.scopes[0].2;
        let found = self.world.names.value_in_scope(scope, symbol);
        let kind = found.map(|def| self.world.names.defs.get(def).kind);
        matches!(kind, Some(DefKind::Const | DefKind::Static | DefKind::Struct | DefKind::Variant(_)))
    }
}
