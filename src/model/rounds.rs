//! What loops over elements do away from this process, once for each element.

use super::Model;
use super::entries::{EntryKind, EntryPoint};
use super::reach::{Reach, Way};
use super::roles::RoleSet;
use super::site::Site;
use super::ways::WayIn;
use crate::catalog::Role;
use crate::finding::Label;
use rustc_hash::FxHashSet;

/// A call made for each element of a loop.
pub struct Round<'m> {
    /// The call in the loop.
    pub site: Site<'m>,
    /// The loop.
    pub around: Site<'m>,
    /// From the call to one of the roles sought.
    pub away: Way<'m>,
    /// From an entry point to the function with the loop.
    pub way: WayIn<'m>,
}

/// Further away than this, a call is rarely the loop's own business.
const MAX_HOPS: usize = 5;

/// A chain of more calls than this does not fit on a line.
const MAX_LINKS: usize = 3;

impl<'m> Model<'m> {
    /// The first call of each loop over elements that comes to one of some roles while the service serves.
    pub fn rounds(&'m self, roles: &[Role]) -> Vec<Round<'m>> {
        let reach = Reach::of(self, roles, |site| site.has(Role::Query) || !site.is_embedded(), |_| true);
        let roles = RoleSet::of(roles);
        let serves = |entry: &EntryPoint| entry.kind != EntryKind::Main;
        let mut loops = FxHashSet::default();
        let mut found = Vec::new();
        for site in self.sites().filter(|site| self.contexts.is_hot(site.callable())) {
            let Some(away) = reach.way(self, site, roles) else { continue };
            let Some(around) = site.loop_over_elements().filter(|_| away.hops() <= MAX_HOPS) else { continue };
            if !site.is_waited_for() || site.is_on_miss(around) {
                continue;
            }
            let is_for_many = |call: Site<'m>, _| !around.is_over_few_of(call);
            if loops.insert((around.view.id, around.node))
                && let Some(way) = self.way_in(site, serves, is_for_many)
                // A query of a database in the process costs little, unless somebody waits for all of them.
                && (way.entry.kind.is_request() || !away.end.is_embedded() && !away.has_inner_loop())
            {
                found.push(Round { site, around, away, way });
            }
        }
        found
    }
}

impl Way<'_> {
    /// Whether a loop further down, which is reported itself, does the work.
    fn has_inner_loop(&self) -> bool {
        self.steps.iter().skip(1).any(|step| step.loop_over_elements().is_some())
    }
}

impl<'m> Round<'m> {
    /// Whether the call may be spared: on the way to it something is looked up first, or one of many backends is chosen.
    pub fn may_be_spared(&self) -> bool {
        self.away.steps.iter().skip(1).any(|step| step.is_after_lookup() || step.is_for_one_backend())
    }

    /// Whether nobody waits for the whole loop, and each element may fail by itself: messages, events, jobs.
    pub fn is_work_list(&self) -> bool {
        let is_work = !self.way.entry.kind.is_request();
        is_work && (self.over().is_some_and(Site::is_received) || self.site.fails_alone(self.around))
    }

    /// Where the chain of calls begins that says what is sent, when that is far from where it is sent.
    pub fn beginning(&self) -> Option<Site<'m>> {
        let chain: Vec<Site<'m>> = std::iter::successors(Some(self.site), |call| call.receiver()).collect();
        chain.last().copied().filter(|_| chain.len() > MAX_LINKS)
    }

    /// What the loop runs over.
    pub fn over(&self) -> Option<Site<'m>> {
        self.around.child(0)
    }

    /// From the entry point through the loop to the call sought.
    pub fn trace(&self, model: &'m Model<'m>) -> Vec<Label> {
        let element = self.over().map(|over| Label::new(over.span(), "for each element of this"));
        self.way.steps.iter().cloned().chain(element).chain(self.away.labels(model)).collect()
    }
}
