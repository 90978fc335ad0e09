//! Locks that nobody has to wait for: those that are only ever read.

use super::flow::{Use, use_of, uses_of_local};
use super::liveness::Held;
use super::places::At;
use super::roles::RoleSet;
use super::site::Site;
use crate::catalog::Role;
use crate::facts::{NodeKind, Operator};

impl Held<'_> {
    /// Whether the guard lets other readers in, and whoever uses the field or static that it is of reads it as well.
    pub fn is_of_read_only(&self) -> bool {
        let model = self.made.model;
        let is_shared = model.roles.of(self.guard).has(Role::GuardShared);
        let uses = self.made.uses_of_owner().filter(|_| is_shared);
        uses.is_some_and(|uses| {
            uses.iter().all(|(body, node)| Site { model, view: model.body(*body), node: *node }.is_read())
        })
    }
}

impl<'m> Site<'m> {
    /// Where the field or static that a method is called on, or on what it gives, is used.
    fn uses_of_owner(self) -> Option<&'m [At]> {
        let owner = self.receiver()?;
        let places = &self.model.places;
        if let Some(field) = owner.field() {
            return Some(places.read(field));
        }
        let named = places.named_at((owner.view.id, owner.node));
        named.map(|def| places.static_uses(def)).or_else(|| owner.uses_of_owner())
    }

    /// Whether a lock or map, or a reference to it, is used here in a way that lets other readers in.
    fn is_read(self) -> bool {
        match use_of(self.body(), self.node) {
            Use::Receiver(call) => {
                let call = self.at(call);
                let shared = RoleSet::of(&[Role::GuardShared]);
                call.has(Role::StateRead) || self.model.guard_in(&call.types(), call.ty(), shared).is_some()
            }
            Use::Looked(borrow) => {
                let is_shared = self.body().kind(borrow) == NodeKind::Operator(Operator::Ref { mutable: false });
                is_shared && self.at(borrow).is_read()
            }
            Use::Bound(pattern) => {
                let uses = uses_of_local(self.body(), self.view.types, pattern);
                uses.into_iter().all(|node| self.at(node).is_read())
            }
            _ => false,
        }
    }
}
