//! Whether a type keeps what it is given in this process alone.

use super::Model;
use super::defs::DefId;
use super::types::{Ty, TyKind, TypeTable};
use crate::catalog::Role;

/// How deep structs in structs are looked into.
const MAX_DEPTH: usize = 4;

impl Model<'_> {
    /// Whether a struct of the workspace holds maps, and besides them nothing that could reach outside: locks, pointers,
    /// numbers and texts.
    pub fn keeps_in_memory(&self, def: DefId) -> bool {
        let mut maps = 0;
        self.is_plain_struct(def, &mut maps, 0) && maps > 0
    }

    fn is_plain_struct(&self, def: DefId, maps: &mut usize, depth: usize) -> bool {
        let Some(fields) = self.declared.fields.get(&def).filter(|_| self.names.defs.is_workspace(def)) else {
            return false;
        };
        depth < MAX_DEPTH && fields.iter().all(|(_, ty)| self.is_plain(*ty, maps, depth))
    }

    fn is_plain(&self, ty: Ty, maps: &mut usize, depth: usize) -> bool {
        let tys = &self.declared.tys;
        match *tys.kind(ty) {
            TyKind::Prim(_) => true,
            TyKind::Adt(def, args) => {
                let roles = self.roles.of(def);
                let lang = &self.declared.lang;
                let wraps = lang.is_pointer(def)
                    || [Role::LockType, Role::InteriorMutable, Role::Lazy].iter().any(|role| roles.has(*role));
                if roles.has(Role::Map) {
                    *maps += 1;
                    return true;
                }
                if wraps || Some(def) == lang.option {
                    return tys.args(args).iter().all(|arg| self.is_plain(*arg, maps, depth));
                }
                self.is_standard_value(def) || self.is_plain_struct(def, maps, depth + 1)
            }
            _ => false,
        }
    }

    /// `String`, `Vec`, `Duration`: what the standard library describes as a value.
    fn is_standard_value(&self, def: DefId) -> bool {
        let path = self.names.defs.path(def);
        ["std::string::", "std::vec::", "std::time::", "std::marker::"].iter().any(|module| path.starts_with(module))
    }
}
