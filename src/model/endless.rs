//! Loops that go on for ever.

use super::Model;
use super::callables::CallableId;
use super::calls::Runs;
use super::site::Site;
use crate::facts::{JumpKind, LoopKind, NodeId, NodeKind};

impl Model<'_> {
    /// Whether a callable has a loop that does not end by itself, or hands over to a function that has.
    pub fn runs_for_ever(&self, id: CallableId) -> bool {
        if self.has_endless_loop(id) {
            return true;
        }
        let awaited = self.calls.callees(id).iter().filter(|edge| edge.certainty.carries());
        let mut awaited = awaited.filter(|edge| edge.runs == Runs::Inline);
        awaited.any(|edge| self.has_endless_loop(edge.to))
    }

    /// Whether something is done before a callable hands over to a function with a loop that does not end, or has one.
    pub fn begins_before(&self, id: CallableId, site: Site<'_>) -> bool {
        let inline = self.calls.callees(id).iter().filter(|edge| edge.runs == Runs::Inline && edge.certainty.carries());
        let mut handing = inline.filter(|edge| self.has_endless_loop(edge.to));
        self.has_endless_loop(id) || handing.any(|edge| site.node < edge.site)
    }

    fn has_endless_loop(&self, id: CallableId) -> bool {
        let site = self.callable_site(id);
        let body = site.body();
        let inside = (site.node.0..body.node(site.node).end.0).map(NodeId);
        let own = inside.filter(|node| self.callables.around(body, site.view.id, *node) == id);
        own.filter(|node| match body.kind(*node) {
            NodeKind::Loop(LoopKind::Loop) => true,
            NodeKind::Loop(LoopKind::While) => self.waits_in_head(site.at(*node)),
            _ => false,
        })
        .any(|node| {
            (node.0..body.node(node).end.0)
                .any(|inner| matches!(body.kind(NodeId(inner)), NodeKind::Await | NodeKind::Select))
        })
    }

    /// A `loop` of a callable that waits for something in each round and that nothing in it leaves.
    pub fn loop_never_left(&self, id: CallableId) -> Option<Site<'_>> {
        let site = self.callable_site(id);
        let body = site.body();
        let inside = |node: NodeId| (node.0..body.node(node).end.0).map(NodeId);
        let mut loops = inside(site.node).filter(|node| {
            matches!(body.kind(*node), NodeKind::Loop(LoopKind::Loop))
                && self.callables.around(body, site.view.id, *node) == id
        });
        let is_endless = |around: &NodeId| {
            let waits = inside(*around).any(|node| matches!(body.kind(node), NodeKind::Await | NodeKind::Select));
            waits
                && !inside(*around).any(|node| {
                    matches!(body.kind(node), NodeKind::Jump { kind: JumpKind::Break | JumpKind::Return, .. })
                })
        };
        loops.find(is_endless).map(|node| site.at(node))
    }

    /// `while let Some(x) = source.next().await`, and `while true`.
    fn waits_in_head(&self, site: Site<'_>) -> bool {
        let body = site.body();
        let Some(head) = body.child(site.node, 0) else { return false };
        let mut inner = (head.0..body.node(head).end.0).map(NodeId);
        inner.any(|node| matches!(body.kind(node), NodeKind::Await))
    }
}
