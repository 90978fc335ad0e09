//! Pools of connections: which one a call takes from.

use super::Model;
use super::defs::DefId;
use super::site::Site;
use super::types::{Ty, TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::NodeKind;

/// A pool as it is named where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolUse<'m> {
    of: DefId,
    name: &'m str,
}

impl PoolUse<'_> {
    /// Whether both are the same pool, as far as their type and the name of their field or variable tell.
    pub fn is_same(&self, other: &PoolUse<'_>) -> bool {
        self.of == other.of && self.name == other.name
    }
}

impl<'m> Site<'m> {
    /// Whether a call, what it is made on, or what it is given is of a store inside the process or on its disk.
    pub fn is_embedded(self) -> bool {
        let around = [self].into_iter().chain(self.receiver()).chain(self.args());
        around.into_iter().any(|site| site.model.is_embedded(&site.types(), site.ty(), 0))
    }

    /// The pool that a call is made on, or is given.
    pub fn pool(self) -> Option<PoolUse<'m>> {
        let is_pool = |site: &Site<'m>| site.type_def().is_some_and(|def| site.model.roles.of(def).has(Role::Pool));
        let pool = self.receiver().into_iter().chain(self.args()).find(is_pool)?;
        Some(PoolUse { of: pool.type_def()?, name: pool.last_name()? })
    }

    /// The last name of a path of fields: `pool` of `&self.state.pool`.
    fn last_name(self) -> Option<&'m str> {
        match self.kind() {
            NodeKind::Name(name) | NodeKind::Field { name, .. } | NodeKind::Method { name, .. } => {
                Some(self.text_of(name))
            }
            NodeKind::Operator(_) => self.child(0)?.last_name(),
            _ => None,
        }
    }
}

/// How deep types are looked into.
const MAX_DEPTH: usize = 4;

impl Model<'_> {
    fn is_embedded(&self, table: &impl TypeTable, ty: Ty, depth: usize) -> bool {
        let TyKind::Adt(def, args) = *table.kind(table.peel_refs(ty)) else { return false };
        let is_inside = |ty: &Ty| self.is_embedded(table, *ty, depth + 1);
        self.roles.of(def).has(Role::EmbeddedStore) || depth < MAX_DEPTH && table.args(args).iter().any(is_inside)
    }
}
