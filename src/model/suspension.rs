//! Whether waiting for something may suspend the task at all.

use super::Model;
use super::callables::CallableId;
use super::calls::Runs;
use super::flow::{Use, use_of};
use super::site::Site;
use crate::facts::{MacroShape, NodeId, NodeKind, PatternId};
use rustc_hash::FxHashSet;

impl<'m> Model<'m> {
    /// Whether the task may be suspended at an `.await`, `select!` or `join!`. A function that has nothing to wait for, by
    /// itself or in what it calls, goes on at once; what cannot be seen may suspend.
    pub fn may_suspend(&'m self, wait: Site<'m>) -> bool {
        self.suspends_at(wait, &mut FxHashSet::default())
    }

    fn suspends_at(&'m self, wait: Site<'m>, seen: &mut FxHashSet<CallableId>) -> bool {
        let Some(awaited) = wait.child(0).filter(|_| wait.kind() == NodeKind::Await) else { return true };
        let edges = self.calls.callees(wait.callable()).iter().filter(|edge| edge.site == awaited.node);
        let mut called = edges.peekable();
        called.peek().is_none()
            || called.any(|edge| {
                let is_seen = edge.certainty.carries() && edge.runs == Runs::Inline;
                !is_seen || self.suspends(edge.to, seen)
            })
    }

    fn suspends(&'m self, id: CallableId, seen: &mut FxHashSet<CallableId>) -> bool {
        if !seen.insert(id) {
            return false;
        }
        let root = self.callable_site(id);
        let body = root.body();
        let inside = (root.node.0..body.node(root.node).end.0).map(NodeId);
        let mut own = inside.filter(|node| self.callables.around(body, root.view.id, *node) == id);
        !self.callables.get(id).kind.is_async()
            || own.any(|node| match body.kind(node) {
                NodeKind::Await => self.suspends_at(root.at(node), seen),
                NodeKind::Select | NodeKind::Macro { shape: MacroShape::Join | MacroShape::Opaque, .. } => true,
                _ => false,
            })
    }
}

impl<'m> Site<'m> {
    /// The local that a future is kept in, which is made here or of what is made here.
    pub fn future_kept_in(self) -> Option<PatternId> {
        let mut at = self;
        while self.model.declared.is_future(&at.types(), at.ty()) {
            match use_of(at.body(), at.node) {
                Use::Receiver(call) | Use::Argument(call, _) => at = at.at(call),
                Use::Bound(local) => return Some(local),
                _ => return None,
            }
        }
        None
    }
}
