//! Which types own a guard: in a field, in a variant, or behind a trait object.

use super::Model;
use super::defs::{DefId, DefKind};
use super::roles::RoleSet;
use super::types::{Args, Ty, TyKind, TypeTable};
use crate::catalog::Role;
use rustc_hash::{FxHashMap, FxHashSet};

/// What guards of all kinds are marked with.
pub const GUARDS: [Role; 7] = [
    Role::GuardSync,
    Role::GuardMap,
    Role::GuardCell,
    Role::GuardAsync,
    Role::GuardSpan,
    Role::PooledConnection,
    Role::Permit,
];

/// What a value owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Owned {
    /// A guard of this type.
    Guard(DefId),
    /// What stands for a parameter, by its position.
    Param(usize),
}

/// The structs and enums of the workspace that own guards or what they are made for, and the traits of which all
/// implementations own a guard.
#[derive(Debug, Default)]
pub struct Owners {
    of_type: FxHashMap<DefId, Vec<Owned>>,
    of_trait: FxHashMap<DefId, DefId>,
}

impl Owners {
    pub fn build(model: &Model<'_>) -> Self {
        let mut owners = Self::default();
        let fields = owned_fields(model);
        // An owner may be a field of another one, in whatever order they are declared.
        loop {
            let mut is_settled = true;
            for (def, ty) in &fields {
                for owned in owners.in_field(model, *def, *ty) {
                    let known = owners.of_type.entry(*def).or_default();
                    if !known.contains(&owned) {
                        known.push(owned);
                        is_settled = false;
                    }
                }
            }
            if is_settled {
                break;
            }
        }
        owners.of_trait = owners.traits(model);
        owners
    }

    fn in_field(&self, model: &Model<'_>, def: DefId, ty: Ty) -> Vec<Owned> {
        let tys = &model.declared.tys;
        match *tys.kind(ty) {
            TyKind::Param(param) => {
                let own = model.declared.generics(def).and_then(|own| own.params().position(|known| known == param));
                own.map(Owned::Param).into_iter().collect()
            }
            TyKind::Adt(of, _) if is_guard(model, of) => vec![Owned::Guard(of)],
            TyKind::Adt(of, args) if model.holds_content(of) => self.in_fields(model, def, tys.args(args)),
            TyKind::Tuple(args) => self.in_fields(model, def, tys.args(args)),
            TyKind::Adt(of, args) => {
                let owned = self.of_type.get(&of).into_iter().flatten();
                let found = owned.flat_map(|owned| match owned {
                    Owned::Guard(_) => vec![*owned],
                    Owned::Param(position) => {
                        tys.args(args).get(*position).map_or_else(Vec::new, |arg| self.in_field(model, def, *arg))
                    }
                });
                found.collect()
            }
            _ => Vec::new(),
        }
    }

    fn in_fields(&self, model: &Model<'_>, def: DefId, fields: &[Ty]) -> Vec<Owned> {
        fields.iter().flat_map(|field| self.in_field(model, def, *field)).collect()
    }

    /// A trait object stands for a guard when all that may be behind it own one. What wraps a parameter is as good as
    /// what it wraps.
    fn traits(&self, model: &Model<'_>) -> FxHashMap<DefId, DefId> {
        let declared = &model.declared;
        let (mut found, mut others) = (FxHashMap::default(), FxHashSet::default());
        let written = declared.impls[..declared.written_impls].iter();
        for implementation in written.filter(|found| !model.names.defs.get(found.def).test) {
            let Some((of, _)) = implementation.of_trait else { continue };
            let own = implementation.self_ty;
            if let Some(guard) = self.guard_in(model, &declared.tys, own, RoleSet::of(&GUARDS)) {
                found.entry(of).or_insert(guard);
            } else if !self.is_wrapper(model, own) {
                others.insert(of);
            }
        }
        found.retain(|of, _| model.names.defs.is_workspace(*of) && !others.contains(of));
        found
    }

    fn is_wrapper(&self, model: &Model<'_>, ty: Ty) -> bool {
        let TyKind::Adt(def, _) = *model.declared.tys.kind(ty) else { return false };
        let wraps = |owned: &Owned| matches!(owned, Owned::Param(_));
        model.holds_content(def) || self.of_type.get(&def).is_some_and(|owned| owned.iter().any(wraps))
    }

    /// The guard that a type is or owns: itself, in an option, result, tuple or box, in a field or variant of something
    /// of the workspace, or behind a trait object, but not behind a reference.
    pub fn guard_in(&self, model: &Model<'_>, table: &impl TypeTable, ty: Ty, guards: RoleSet) -> Option<DefId> {
        let is_meant = |def: &DefId| model.roles.of(*def).meets(guards);
        let of_args = |args: Args| {
            let args = table.args(args).to_vec();
            args.into_iter().find_map(|arg| self.guard_in(model, table, arg, guards))
        };
        match table.kind(ty) {
            TyKind::Adt(def, _) if is_meant(def) => Some(*def),
            TyKind::Adt(def, args) if model.holds_content(*def) => of_args(*args),
            TyKind::Tuple(args) => of_args(*args),
            TyKind::Adt(def, args) => self.of_type.get(def)?.iter().find_map(|owned| match owned {
                Owned::Guard(guard) => Some(*guard).filter(is_meant),
                Owned::Param(position) => self.guard_in(model, table, *table.args(*args).get(*position)?, guards),
            }),
            TyKind::Dyn(bounds) => {
                bounds.iter().find_map(|bound| self.of_trait.get(&bound.of)).copied().filter(is_meant)
            }
            _ => None,
        }
    }
}

fn is_guard(model: &Model<'_>, def: DefId) -> bool {
    model.roles.of(def).meets(RoleSet::of(&GUARDS))
}

/// The types of all fields of structs and enums of the workspace, each with the struct or enum.
fn owned_fields(model: &Model<'_>) -> Vec<(DefId, Ty)> {
    let defs = &model.names.defs;
    let mut found = Vec::new();
    for def in defs.ids().filter(|def| defs.is_workspace(*def)) {
        let owner = match defs.get(def).kind {
            DefKind::Struct => Some(def),
            DefKind::Variant(_) => defs.get(def).parent,
            _ => None,
        };
        let fields = model.declared.fields.get(&def).into_iter().flatten();
        found.extend(owner.into_iter().flat_map(|owner| fields.clone().map(move |(_, ty)| (owner, *ty))));
    }
    found
}
