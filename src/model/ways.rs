//! Ways in: from which entry point a place is reached, by the fewest steps.

use super::Model;
use super::callables::CallableId;
use super::calls::Runs;
use super::entries::{EntryKind, EntryPoint};
use super::site::Site;
use crate::facts::NodeId;
use crate::finding::Label;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

#[derive(Clone, Copy)]
struct Step {
    to: CallableId,
    site: NodeId,
    runs: Runs,
}

/// By so many calls a request may be further away than something else that does the same.
const MUCH_FURTHER: usize = 4;

/// A way from an entry point to a callable.
pub struct WayIn<'m> {
    pub entry: &'m EntryPoint,
    /// The entry point, then each call.
    pub steps: Vec<Label>,
    /// A task is started on the way, for which the entry point does not wait.
    pub is_detached: bool,
}

impl<'m> Model<'m> {
    /// The shortest way to a site from an entry point that fits, through calls that may be passed and whose arguments
    /// do not lead another way. A request goes before what the service does by itself, unless that is much nearer: many
    /// requests come at once.
    pub fn way_in(
        &'m self,
        site: Site<'m>,
        fits: impl Fn(&EntryPoint) -> bool,
        passes: impl Fn(Site<'m>, Runs) -> bool,
    ) -> Option<WayIn<'m>> {
        let id = site.callable();
        let mut after: FxHashMap<CallableId, Option<Step>> = FxHashMap::from_iter([(id, None)]);
        let mut queue = VecDeque::from([(id, 0)]);
        let mut nearest: Option<(&EntryPoint, CallableId, usize)> = None;
        while let Some((at, far)) = queue.pop_front() {
            if nearest.is_some_and(|(.., near)| far > near + MUCH_FURTHER) {
                break;
            }
            let next = after[&at].map_or(site, |step| self.callable_site(at).at(step.site));
            // What a task does before its loop it does once.
            let is_once = || match after[&at] {
                Some(step) => self.comes_before_loop(next, step.to),
                None => self.comes_first(site),
            };
            let counts = |entry: &&EntryPoint| fits(entry) && (entry.kind != EntryKind::Task || !is_once());
            let entries = || self.entries.of(at).filter(counts);
            if let Some(entry) = entries().find(|entry| entry.kind.is_request()) {
                return Some(self.way_from(entry, at, &after));
            }
            nearest = nearest.or_else(|| Some((entries().next()?, at, far)));
            for (caller, edge) in self.calls.callers(at) {
                let call = self.callable_site(caller).at(edge.site);
                let runs_on = !matches!(edge.runs, Runs::Job | Runs::Handler | Runs::Later | Runs::GivenBack);
                let open = edge.certainty.carries() && runs_on && !after.contains_key(&caller);
                if open && passes(call, edge.runs) && !next.is_ruled_out_by(call) {
                    after.insert(caller, Some(Step { to: at, site: edge.site, runs: edge.runs }));
                    queue.push_back((caller, far + 1));
                }
            }
        }
        nearest.map(|(entry, at, _)| self.way_from(entry, at, &after))
    }

    fn way_from(
        &'m self,
        entry: &'m EntryPoint,
        from: CallableId,
        after: &FxHashMap<CallableId, Option<Step>>,
    ) -> WayIn<'m> {
        let mut way = WayIn { entry, steps: vec![self.entry_label(entry)], is_detached: false };
        let mut at = from;
        while let Some(step) = after[&at] {
            let starts = matches!(step.runs, Runs::Task | Runs::OwnThread);
            way.is_detached |= starts;
            // Closures and async blocks lie inside the step before.
            let is_inside = self.callables.get(step.to).parent == Some(at);
            let words = match (starts, is_inside) {
                (true, true) => Some("starts a task".to_string()),
                (true, false) => Some(format!("starts `{}` as a task", self.callable_name(step.to))),
                (false, true) => None,
                (false, false) => Some(format!("calls `{}`", self.callable_name(step.to))),
            };
            let span = self.callable_site(at).at(step.site).head();
            way.steps.extend(words.map(|words| Label::new(span, words)));
            at = step.to;
        }
        way
    }

    /// What an entry point is called in a message: its route, or its function.
    pub fn entry_name(&self, entry: &EntryPoint) -> String {
        match &entry.route {
            Some(route) if entry.kind.is_request() => format!("`{route}`"),
            _ if entry.kind == EntryKind::Task => {
                format!("the task started in `{}`", self.callable_name(entry.callable))
            }
            _ => format!("`{}`", self.callable_name(entry.callable)),
        }
    }

    /// Who does what lies at the end of a way: the entry point, or a task of it.
    pub fn actor(&self, way: &WayIn<'_>) -> String {
        let name = self.entry_name(way.entry);
        if way.is_detached { format!("a task of {name}") } else { name }
    }
}
