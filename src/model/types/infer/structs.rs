//! Fields and struct expressions.

use super::Infer;
use crate::facts::{NodeId, NodeKind, PathId};
use crate::model::defs::{DefId, DefKind};
use crate::model::symbols::Symbol;
use crate::model::types::bodies::PathStart;
use crate::model::types::generics::Substitution;
use crate::model::types::ty::{Args, Ty, TyKind, TypeTable};

impl Infer<'_> {
    /// A field of a value, dereferenced as needed.
    pub fn field(&mut self, base: Ty, name: Symbol) -> Ty {
        let mut at = self.known(base);
        for _ in 0..8 {
            if let Some(ty) = self.own_field(at, name) {
                return self.normalise(ty);
            }
            match self.dereferenced(at) {
                Some(next) => at = self.known(next),
                None => break,
            }
        }
        Ty::UNKNOWN
    }

    fn own_field(&mut self, ty: Ty, name: Symbol) -> Option<Ty> {
        match *self.tys.kind(ty) {
            TyKind::Adt(def, args) => self.field_of(def, def, args, name),
            TyKind::Tuple(args) => {
                let position: usize = self.world.names.defs.symbols.text(name).parse().ok()?;
                self.tys.args(args).get(position).copied()
            }
            _ => None,
        }
    }

    /// A field of a struct, or of a variant of the enum `owner`, with the type's arguments put in.
    pub fn field_of(&mut self, def: DefId, owner: DefId, args: Args, name: Symbol) -> Option<Ty> {
        let fields = self.world.declared.fields.get(&def)?;
        let (_, ty) = fields.iter().find(|(known, _)| *known == name)?;
        let mut substitution = Substitution::default();
        if let Some(generics) = self.world.declared.generics(owner) {
            substitution.push(generics.first, self.tys.args(args).to_vec());
        }
        Some(substitution.apply(&mut self.tys, *ty))
    }

    pub fn struct_expr(&mut self, node: NodeId, path: PathId, rest: bool, expected: Option<Ty>) -> Ty {
        let (ty, def) = self.struct_type(path);
        if let Some(expected) = expected {
            self.try_unify(ty, expected);
        }
        let children = self.children(node);
        let args = match *self.tys.kind(self.shallow(ty)) {
            TyKind::Adt(_, args) => args,
            _ => Args::EMPTY,
        };
        for (position, child) in children.iter().enumerate() {
            let NodeKind::Init(name) = self.body.kind(*child) else {
                if rest && position + 1 == children.len() {
                    self.expr(*child, Some(ty));
                }
                continue;
            };
            let name = self.symbol(name);
            let wanted = def.and_then(|def| {
                let owner = self.generics_owner(def);
                self.field_of(def, owner, args, name)
            });
            let wanted = wanted.map(|wanted| self.normalise(wanted));
            let value = self.expr(*child, wanted);
            if let Some(wanted) = wanted {
                self.coerce(value, wanted);
            }
        }
        ty
    }

    /// The type that a struct expression or pattern names, and the struct or variant whose fields it has.
    pub fn struct_type(&mut self, path: PathId) -> (Ty, Option<DefId>) {
        let prepared = self.prepared;
        let path = prepared.path(path);
        let of_type = |infer: &Self, ty: Ty| match *infer.tys.kind(infer.shallow(ty)) {
            TyKind::Adt(def, _) => Some(def),
            _ => None,
        };
        match (path.start, &path.rest[..]) {
            (PathStart::Def(def), []) => {
                let owner = self.generics_owner(def);
                let given = path.args.clone();
                if self.world.names.defs.get(def).kind == DefKind::TypeAlias {
                    let ty = self.named_type(def, &given);
                    return (ty, of_type(self, ty));
                }
                (self.named_type(owner, &given), Some(def))
            }
            (PathStart::Type(ty), []) => {
                let ty = self.open(ty);
                (ty, of_type(self, ty))
            }
            (PathStart::Type(ty), [variant]) => {
                let ty = self.open(ty);
                let def = of_type(self, ty).and_then(|def| self.world.names.variant(def, *variant));
                (ty, def)
            }
            _ => (Ty::UNKNOWN, None),
        }
    }
}
