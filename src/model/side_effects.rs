//! Calls that only tell somebody else something, and the handlers that wait for them although no answer depends on it.

use super::Model;
use super::callables::{CallableId, CallableKind};
use super::calls::Runs;
use super::entries::{EntryKind, EntryPoint};
use super::flow::{Use, use_of, uses_of_local};
use super::site::Site;
use super::types::{Ty, TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{JumpKind, NodeId, NodeKind, PatternKind};
use crate::finding::Label;
use std::collections::{BTreeMap, VecDeque};

/// The side effects of one callable, and who waits for them.
pub struct SideEffect<'m> {
    /// The calls, at least one.
    pub sites: Vec<Site<'m>>,
    /// For each handler the way to the call, the handlers that are nearest first.
    pub waiting: Vec<(&'m EntryPoint, Vec<Label>)>,
}

/// What a caller knows of a side effect once what it called has ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    /// Whether it went well.
    Outcome,
    /// Nothing: it has been done on the way.
    Nothing,
}

/// How little is made of what came of something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forgotten {
    /// An error is written down at most.
    Always,
    /// An error ends the function.
    UnlessItFails,
}

/// A callable and what its caller gets to know, with the step that leads on to the side effect.
type Steps = BTreeMap<(CallableId, Known), Option<(NodeId, CallableId, Known)>>;

impl<'m> Model<'m> {
    /// Side effects that handlers wait for, without their answer depending on more than that nothing went wrong.
    pub fn awaited_side_effects(&'m self) -> Vec<SideEffect<'m>> {
        let mut of: BTreeMap<CallableId, Vec<Site<'m>>> = BTreeMap::new();
        for site in self.sites_with(&[Role::SideEffect]).filter(|site| site.is_waited_for()) {
            of.entry(site.callable()).or_default().push(site);
        }
        let found = of.into_values().map(|sites| SideEffect { waiting: self.waiting(sites[0]), sites });
        found.filter(|found| !found.waiting.is_empty()).collect()
    }

    fn waiting(&'m self, effect: Site<'m>) -> Vec<(&'m EntryPoint, Vec<Label>)> {
        let mut steps = Steps::new();
        let mut queue = VecDeque::new();
        let mut waiting = Vec::new();
        let own = effect.callable();
        if let Some(known) = self.known_after(effect, Known::Outcome) {
            steps.insert((own, known), None);
            queue.push_back((own, known));
        }
        while let Some((id, known)) = queue.pop_front() {
            let site = steps[&(id, known)].map_or(effect, |(site, ..)| self.callable_site(id).at(site));
            if known == Known::Nothing || site.forgotten().is_some() {
                let entries = self.entries.of(id).filter(|entry| is_answer(entry.kind));
                waiting.extend(entries.map(|entry| (entry, self.steps_from((entry, known), &steps, effect))));
            }
            for (caller, edge) in self.calls.callers(id).filter(|(_, edge)| edge.certainty.carries()) {
                let site = self.callable_site(caller).at(edge.site);
                let is_waited_for = edge.runs == Runs::Inline && site.is_waited_for();
                for next in self.known_after(site, known).into_iter().filter(|_| is_waited_for) {
                    steps.entry((caller, next)).or_insert_with(|| {
                        queue.push_back((caller, next));
                        Some((edge.site, id, known))
                    });
                }
            }
        }
        waiting
    }

    /// What the callable around a call lets its own caller know of it.
    fn known_after(&self, site: Site<'m>, known: Known) -> Option<Known> {
        match known {
            Known::Nothing => Some(Known::Nothing),
            Known::Outcome => match site.forgotten() {
                Some(Forgotten::Always) => Some(Known::Nothing),
                _ if self.tells_only_outcome(site.callable()) => Some(Known::Outcome),
                Some(Forgotten::UnlessItFails) => Some(Known::Nothing),
                None => None,
            },
        }
    }

    /// Whether a callable gives back nothing, or only that something went wrong.
    fn tells_only_outcome(&self, id: CallableId) -> bool {
        if !matches!(self.callables.get(id).kind, CallableKind::Function { .. }) {
            return true;
        }
        let tys = &self.declared.tys;
        let is_unit = |ty: Ty| matches!(*tys.kind(ty), TyKind::Tuple(args) if tys.args(args).is_empty());
        let Some(signature) = self.declared.signatures.get(&self.owner_of(id)) else { return false };
        let output = match *tys.kind(signature.output) {
            TyKind::Async(output) => output,
            _ => signature.output,
        };
        match *tys.kind(output) {
            TyKind::Adt(def, args) if Some(def) == self.declared.lang.result => {
                tys.args(args).first().is_some_and(|ty| is_unit(*ty))
            }
            _ => is_unit(output),
        }
    }

    fn steps_from(&self, from: (&EntryPoint, Known), steps: &Steps, effect: Site<'m>) -> Vec<Label> {
        let mut labels = vec![self.entry_label(from.0)];
        let mut at = (from.0.callable, from.1);
        while let Some(Some((site, to, known))) = steps.get(&at) {
            if self.callables.get(*to).parent != Some(at.0) {
                let span = self.callable_site(at.0).at(*site).head();
                labels.push(Label::new(span, format!("waits for `{}`", self.callable_name(*to))));
            }
            at = (*to, *known);
        }
        labels.push(Label::new(effect.head(), format!("waits for {}", self.call_name(effect))));
        labels
    }
}

fn is_answer(kind: EntryKind) -> bool {
    kind.is_request() && kind != EntryKind::Middleware
}

impl Site<'_> {
    /// Whether nobody looks at what came of this, except that an error ends the function or is written down.
    fn forgotten(self) -> Option<Forgotten> {
        let mut at = self;
        let mut how = Forgotten::Always;
        for _ in 0..12 {
            at = match use_of(at.body(), at.node) {
                Use::Dropped => return Some(how),
                Use::Awaited(next) if matches!(at.at(next).kind(), NodeKind::Await) => at.at(next),
                Use::Receiver(next) => at.at(next),
                Use::Tried(next) => {
                    how = Forgotten::UnlessItFails;
                    at.at(next)
                }
                Use::Bound(pattern) => {
                    let around = at.at(at.body().node(at.node).parent);
                    let is_ignored = match around.kind() {
                        NodeKind::Let { has_else: false, .. } => match at.body().pattern(pattern).kind {
                            PatternKind::Wild => true,
                            PatternKind::Bind { .. } => uses_of_local(at.body(), at.view.types, pattern).is_empty(),
                            _ => false,
                        },
                        NodeKind::LetCondition(_) => at.is_failure(pattern) && around.only_notes_failure(),
                        _ => false,
                    };
                    return is_ignored.then_some(how);
                }
                _ => return None,
            };
        }
        None
    }

    /// `if let Err(error) = .. { warn!(..) }`, of which this is the condition.
    fn only_notes_failure(self) -> bool {
        let body = self.body();
        let branch = self.at(body.node(self.node).parent);
        let Some(noted) = branch.child(1).filter(|_| branch.kind() == NodeKind::If) else { return false };
        let mut inside = (noted.node.0..body.node(noted.node).end.0).map(NodeId);
        let leaves = |node| {
            matches!(body.kind(node), NodeKind::Try | NodeKind::Jump { kind: JumpKind::Return | JumpKind::Break, .. })
        };
        branch.child(2).is_none() && use_of(body, branch.node) == Use::Dropped && !inside.any(leaves)
    }
}
