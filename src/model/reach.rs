//! Effects: which callables come, by themselves or through what they call, to a call of some role.

use super::Model;
use super::callables::CallableId;
use super::calls::{Certainty, Edge, Runs};
use super::roles::RoleSet;
use super::site::Site;
use crate::catalog::Role;
use crate::facts::NodeId;
use crate::finding::Label;
use std::collections::VecDeque;

/// The longest way that is followed.
const MAX_STEPS: usize = 64;

/// For each callable the shortest way to a call of one of some roles.
pub struct Reach {
    to: Vec<Option<Step>>,
}

/// The first step of a shortest way.
#[derive(Clone, Copy, Debug)]
struct Step {
    site: NodeId,
    /// Where the step leads; `None` when the site is the call sought.
    next: Option<CallableId>,
    distance: u32,
}

/// A way from a site to a call of the role sought.
#[derive(Clone)]
pub struct Way<'m> {
    /// The call sought.
    pub end: Site<'m>,
    /// The calls that lead there, the last of them the call sought.
    pub steps: Vec<Site<'m>>,
}

impl Way<'_> {
    /// How many functions lie between the start and the call sought.
    pub fn hops(&self) -> usize {
        self.steps.len() - 1
    }
}

impl Reach {
    /// Follows calls that the caller waits for, and that `follow` lets pass, back from all calls of the roles that
    /// `counts` lets count.
    pub fn of<'m>(
        model: &'m Model<'m>,
        roles: &[Role],
        counts: impl Fn(Site<'m>) -> bool,
        follow: impl Fn(&Edge) -> bool,
    ) -> Self {
        let roles = RoleSet::of(roles);
        let mut reach = Self { to: vec![None; model.callables.len()] };
        let mut queue = VecDeque::new();
        for site in model.sites().filter(|site| site.roles().meets(roles)) {
            let id = site.callable();
            if reach.to[id.0 as usize].is_none() && counts(site) {
                reach.to[id.0 as usize] = Some(Step { site: site.node, next: None, distance: 1 });
                queue.push_back(id);
            }
        }
        while let Some(id) = queue.pop_front() {
            let distance = reach.to[id.0 as usize].map_or(0, |step| step.distance) + 1;
            for (caller, edge) in model.calls.callers(id) {
                let passes = edge.runs == Runs::Inline && follow(edge);
                if passes && reach.to[caller.0 as usize].is_none() && reach.carries(model, caller, edge) {
                    reach.to[caller.0 as usize] = Some(Step { site: edge.site, next: Some(id), distance });
                    queue.push_back(caller);
                }
            }
        }
        reach
    }

    /// Whether conclusions are drawn along an edge: where it leads is known, or most of what it may lead to agrees.
    fn carries(&self, model: &Model<'_>, from: CallableId, edge: &Edge) -> bool {
        if edge.certainty != Certainty::Ambiguous {
            return edge.certainty.carries();
        }
        let impls = model.calls.alternatives(from, edge.site);
        let (reaching, others): (Vec<&Edge>, Vec<&Edge>) = impls.partition(|edge| self.reaches(edge.to));
        reaching.len() > others.len()
    }

    /// Whether a callable comes to such a call.
    pub fn reaches(&self, id: CallableId) -> bool {
        self.to[id.0 as usize].is_some()
    }

    /// The way from a call site to a call sought: the site itself, or through what it calls, by steps that no argument
    /// on the way rules out.
    pub fn way<'m>(&self, model: &'m Model<'m>, site: Site<'m>, roles: RoleSet) -> Option<Way<'m>> {
        if site.roles().meets(roles) {
            return Some(Way { end: site, steps: vec![site] });
        }
        let (_, mut at) = self.nearest(model, site)?;
        let mut steps = vec![site];
        for _ in 0..MAX_STEPS {
            let step = self.to[at.0 as usize]?;
            let call = *steps.last().expect("it starts with the site");
            let mut next = model.callable_site(at).at(step.site);
            let mut to = step.next;
            if next.is_ruled_out_by(call) {
                (next, to) = self.another(model, at, call, roles)?;
            }
            // Entering a closure or async block is no call.
            if to.is_none_or(|to| model.callables.get(to).parent != Some(at)) {
                steps.push(next);
            }
            match to {
                Some(to) => at = to,
                None => return Some(Way { end: next, steps }),
            }
        }
        None
    }

    /// What a call leads to that is nearest to a call sought.
    fn nearest(&self, model: &Model<'_>, site: Site<'_>) -> Option<(u32, CallableId)> {
        let from = site.callable();
        let edges = model.calls.callees(from).iter();
        let inline = edges.filter(|edge| edge.site == site.node && edge.runs == Runs::Inline);
        let here = inline.filter(|edge| self.carries(model, from, edge));
        here.filter_map(|edge| Some((self.to[edge.to.0 as usize]?.distance, edge.to))).min()
    }

    /// Another step of a callable than the shortest, which the arguments of a call rule out.
    fn another<'m>(
        &self,
        model: &'m Model<'m>,
        id: CallableId,
        call: Site<'m>,
        roles: RoleSet,
    ) -> Option<(Site<'m>, Option<CallableId>)> {
        let root = model.callable_site(id);
        let calls = root.view.types.calls.iter().map(|call| root.at(call.node));
        let open = calls.filter(|site| site.callable() == id && !site.is_ruled_out_by(call));
        let found = open.filter_map(|site| {
            let (distance, to) = match self.nearest(model, site) {
                _ if site.roles().meets(roles) => (0, None),
                Some((distance, to)) => (distance, Some(to)),
                None => return None,
            };
            Some((distance, site.node, to))
        });
        let (_, node, to) = found.min()?;
        Some((root.at(node), to))
    }
}

impl<'m> Way<'m> {
    /// The steps as labels of a trace: each call, and what is called.
    pub fn labels(&self, model: &'m Model<'m>) -> Vec<Label> {
        let label = |site: &Site<'m>| {
            let called = match site.target() {
                Some(def) => model.short_path(def),
                None => "it".to_string(),
            };
            Label::new(site.head(), format!("calls `{called}`"))
        };
        self.steps.iter().map(label).collect()
    }
}
