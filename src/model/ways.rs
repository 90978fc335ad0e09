//! Ways in: from which entry point a place is reached, by the fewest steps.

use super::Model;
use super::callables::CallableId;
use super::calls::Runs;
use super::entries::EntryPoint;
use super::site::Site;
use crate::facts::NodeId;
use crate::finding::Label;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// A way from an entry point to a callable.
pub struct WayIn<'m> {
    pub entry: &'m EntryPoint,
    /// The entry point, then each call.
    pub steps: Vec<Label>,
}

impl<'m> Model<'m> {
    /// The shortest way to a callable from an entry point that fits, through calls that may be passed.
    pub fn way_in(
        &'m self,
        id: CallableId,
        fits: impl Fn(&EntryPoint) -> bool,
        passes: impl Fn(Site<'m>, Runs) -> bool,
    ) -> Option<WayIn<'m>> {
        let mut after: FxHashMap<CallableId, Option<(CallableId, NodeId)>> = FxHashMap::from_iter([(id, None)]);
        let mut queue = VecDeque::from([id]);
        while let Some(at) = queue.pop_front() {
            if let Some(entry) = self.entries.of(at).find(|entry| fits(entry)) {
                return Some(WayIn { entry, steps: self.steps(entry, at, &after) });
            }
            for (caller, edge) in self.calls.callers(at) {
                let runs_on = !matches!(edge.runs, Runs::Job | Runs::Handler | Runs::Later);
                let open = edge.certainty.carries() && runs_on && !after.contains_key(&caller);
                if open && passes(self.callable_site(caller).at(edge.site), edge.runs) {
                    after.insert(caller, Some((at, edge.site)));
                    queue.push_back(caller);
                }
            }
        }
        None
    }

    fn steps(
        &'m self,
        entry: &EntryPoint,
        from: CallableId,
        after: &FxHashMap<CallableId, Option<(CallableId, NodeId)>>,
    ) -> Vec<Label> {
        let mut steps = vec![self.entry_label(entry)];
        let mut at = from;
        while let Some((next, site)) = after[&at] {
            // Closures and async blocks lie inside the step before.
            if self.callables.get(next).parent != Some(at) {
                let span = self.callable_site(at).at(site).head();
                steps.push(Label::new(span, format!("calls `{}`", self.callable_name(next))));
            }
            at = next;
        }
        steps
    }

    /// What an entry point is called in a message: its route, or its function.
    pub fn entry_name(&self, entry: &EntryPoint) -> String {
        match &entry.route {
            Some(route) if entry.kind.is_request() => format!("`{route}`"),
            _ => format!("`{}`", self.callable_name(entry.callable)),
        }
    }
}
