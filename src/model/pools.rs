//! Pools of connections: which one a call takes from.

use super::defs::DefId;
use super::site::Site;
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
