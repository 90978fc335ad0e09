//! Whether a value is made once and kept for others, or made anew each time.

use super::Model;
use super::flow::{Use, use_of};
use super::forward::{Go, Used, follow};
use super::site::Site;
use crate::catalog::Role;
use crate::facts::NodeKind;

/// What keeps a value that is put in it, or is made for it.
const KEEPERS: [Role; 5] = [Role::Lazy, Role::InteriorMutable, Role::LockType, Role::Map, Role::BoundedCache];

impl<'m> Model<'m> {
    /// Whether a value outlives the function that makes it, or may: it is kept in a field, a static, a cell or a map, or
    /// goes where it cannot be followed.
    pub fn is_kept(&'m self, made: Site<'m>) -> bool {
        let mut kept = false;
        follow(self, made, |used| {
            kept |= match used {
                Used::Kept(_) | Used::Static(_) | Used::Exported(_) | Used::Lost => true,
                Used::Argument(call, _) => call.has(Role::StateWrite) || call.has(Role::StateShare),
                Used::Receiver(_) => false,
            };
            if kept { Go::Stop } else { Go::On }
        });
        kept
    }
}

impl Site<'_> {
    /// Whether this runs only when something that keeps its value has none yet: inside what is given to a method of a
    /// lazy value, a cell, a map or a cache.
    pub fn is_made_once(self) -> bool {
        let body = self.body();
        body.ancestors(self.node).any(|node| {
            let is_callable = matches!(body.kind(node), NodeKind::Closure(_) | NodeKind::Async { .. });
            match use_of(body, node) {
                Use::Argument(call, _) if is_callable => {
                    let owner = self.at(call).target().and_then(|def| self.model.member_of(def));
                    owner.is_some_and(|owner| KEEPERS.iter().any(|role| self.model.roles.of(owner).has(*role)))
                }
                _ => false,
            }
        })
    }
}
