//! Deadlines: whether something is given up when it takes too long.

use super::Model;
use super::defs::DefId;
use super::flow::{Use, use_of};
use super::site::Site;
use crate::catalog::Role;
use crate::facts::{NodeId, NodeKind};

impl<'m> Site<'m> {
    /// Whether this runs inside something that gives up after a time: as part of what is passed to a timeout, or in a
    /// `select!` beside a timer.
    pub fn is_under_deadline(self) -> bool {
        let body = self.body();
        let around = std::iter::once(self.node).chain(body.ancestors(self.node));
        let mut around = around.map(|node| self.at(node));
        around.any(|site| match site.kind() {
            NodeKind::Call | NodeKind::Method { .. } | NodeKind::Macro { .. } => site.has(Role::TimeoutWrap),
            NodeKind::Select => site.gives_up_on(self.node),
            NodeKind::Async { .. } => site.is_bounded_later(),
            _ => false,
        })
    }

    /// Whether a `select!` drops what one arm waits for when another arm's timer is up first.
    fn gives_up_on(self, node: NodeId) -> bool {
        let body = self.body();
        let heads: Vec<NodeId> = body.children(self.node).filter_map(|arm| body.child(arm, 0)).collect();
        let waited_for = heads.iter().find(|head| body.contains(**head, node));
        waited_for.is_some_and(|own| heads.iter().any(|head| head != own && self.at(*head).has_timer()))
    }

    /// Whether the value of this, a future, is handed to a timeout later.
    pub fn is_bounded_later(self) -> bool {
        match use_of(self.body(), self.node) {
            Use::Bound(pattern) => super::flow::uses_of_local(self.body(), self.view.types, pattern)
                .into_iter()
                .any(|node| self.at(node).is_under_deadline()),
            _ => false,
        }
    }

    /// Whether this waits for a time to pass.
    fn has_timer(self) -> bool {
        let body = self.body();
        let inside = (self.node.0..body.node(self.node).end.0).map(NodeId);
        let timers = [Role::Sleep, Role::Tick];
        inside.map(|node| self.at(node)).any(|site| timers.iter().any(|role| site.has(*role)))
    }
}

impl Model<'_> {
    /// Whether a layer that ends requests after a time is built into a binary together with something, wherever the
    /// layer is attached.
    pub fn may_end_requests(&self, def: DefId) -> bool {
        let mut layers = self.sites_with(&[Role::LayerTimeout]).map(|layer| layer.view.prepared.owner);
        layers.any(|layer| self.run_together(layer, def))
    }
}
