//! Whether a value is made once and kept for others, or made anew each time.

use super::Model;
use super::calls::Runs;
use super::flow::{Use, use_of};
use super::forward::{Go, Used, follow_holders};
use super::roles::RoleSet;
use super::site::Site;
use crate::catalog::Role;
use crate::facts::{NodeKind, Receiver};
use crate::finding::Label;
use rustc_hash::FxHashSet;

/// What keeps a value that is put in it, or is made for it.
const KEEPERS: [Role; 5] = [Role::Lazy, Role::InteriorMutable, Role::LockType, Role::Map, Role::BoundedCache];

/// Round trips: what they give back has no part in what they are made over.
const TRIPS: [Role; 6] =
    [Role::Query, Role::HttpRequest, Role::HttpRequestNew, Role::RemoteCall, Role::CacheCall, Role::Publish];

/// A place at which a value is made that nobody keeps.
pub struct Making<'m> {
    pub site: Site<'m>,
    /// From here, through the functions that give the value back, to where it is made.
    pub calls: Vec<Site<'m>>,
}

impl<'m> Making<'m> {
    /// The calls that lead from the place to where the value is made.
    pub fn labels(&self, model: &'m Model<'m>) -> Vec<Label> {
        let mut calls = vec![self.site];
        calls.extend(&self.calls);
        calls.pop();
        calls.iter().map(|call| Label::new(call.head(), format!("calls {}", model.call_name(*call)))).collect()
    }
}

/// Through how many functions a value is given back.
const MAX_HOPS: usize = 4;
/// How far around a place a loop over elements is looked for.
const MAX_LOOP_HOPS: usize = 2;

impl<'m> Model<'m> {
    /// The places that make a value, by themselves or through functions that give it back, for nobody who keeps it: in a
    /// static, a cell or a map, in a field of what is there before, or where it cannot be followed.
    pub fn makings(&'m self, made: Site<'m>) -> Vec<Making<'m>> {
        let mut found = Vec::new();
        let mut open = vec![Making { site: made, calls: Vec::new() }];
        let mut seen = FxHashSet::default();
        while let Some(making) = open.pop() {
            let is_far = making.calls.len() > MAX_HOPS;
            if is_far || making.site.is_called_once() || !seen.insert((making.site.view.id, making.site.node)) {
                continue;
            }
            let mut is_kept = false;
            let callers = follow_holders(self, making.site, |used| {
                is_kept |= keeps(&used);
                if is_kept || !self.passes_holder_on(&used) { Go::Stop } else { Go::On }
            });
            match (is_kept, callers.is_empty()) {
                (true, _) => {}
                (false, true) => found.push(making),
                (false, false) => {
                    let calls: Vec<Site<'m>> = [making.site].into_iter().chain(making.calls).collect();
                    open.extend(callers.into_iter().map(|site| Making { site, calls: calls.clone() }));
                }
            }
        }
        found.sort_by_key(|making| making.site.span());
        found
    }

    /// Whether this is done for each element of a loop, here or in a function that calls this one.
    pub fn is_in_loop(&'m self, site: Site<'m>) -> bool {
        let mut around = vec![site];
        for _ in 0..=MAX_LOOP_HOPS {
            if around.iter().any(|site| site.loop_over_elements().is_some()) {
                return true;
            }
            let callers = around.iter().flat_map(|site| self.calls.callers(site.callable()));
            let waiting = callers.filter(|(_, edge)| edge.certainty.carries() && edge.runs == Runs::Inline);
            around = waiting.map(|(from, edge)| self.callable_site(from).at(edge.site)).collect();
        }
        false
    }

    /// Whether what a use gives back may hold the value.
    fn passes_holder_on(&self, used: &Used<'_>) -> bool {
        let (Used::Receiver(call) | Used::Argument(call, _)) = used else { return true };
        let function = call.target().filter(|def| self.callables.of_def(*def).is_some());
        let receiver = function.and_then(|def| self.names.defs.function(def)?.receiver.as_ref());
        let borrows = matches!(receiver, Some(Receiver::Ref { .. })) && matches!(used, Used::Receiver(_));
        !call.roles().meets(RoleSet::of(&TRIPS)) && !borrows
    }
}

fn keeps(used: &Used<'_>) -> bool {
    match used {
        Used::Kept(_) | Used::Static(_) | Used::Exported(_) | Used::Lost => true,
        Used::Argument(call, _) => call.has(Role::StateWrite) || call.has(Role::StateShare),
        Used::Receiver(_) => false,
    }
}

impl Site<'_> {
    /// Whether this runs only when something that keeps its value has none yet: inside what is given to a method of a
    /// lazy value, a cell, a map or a cache.
    pub fn is_made_once(self) -> bool {
        self.is_given_to(&KEEPERS)
    }

    /// Whether a function that is called here is called as such a method calls what it is given.
    pub fn is_called_once(self) -> bool {
        self.is_of(&KEEPERS) || self.is_argument_of(&KEEPERS) || self.is_made_once()
    }

    /// Whether what is called here is called once in the life of the process, to make a lazy value.
    pub fn is_lazy(self) -> bool {
        self.is_of(&[Role::Lazy]) || self.is_argument_of(&[Role::Lazy])
    }

    fn is_given_to(self, keepers: &[Role]) -> bool {
        self.body().ancestors(self.node).map(|node| self.at(node)).any(|site| {
            matches!(site.kind(), NodeKind::Closure(_) | NodeKind::Async { .. }) && site.is_argument_of(keepers)
        })
    }

    fn is_argument_of(self, keepers: &[Role]) -> bool {
        matches!(use_of(self.body(), self.node), Use::Argument(call, _) if self.at(call).is_of(keepers))
    }

    fn is_of(self, keepers: &[Role]) -> bool {
        let owner = self.target().and_then(|def| self.model.member_of(def));
        owner.is_some_and(|owner| keepers.iter().any(|role| self.model.roles.of(owner).has(*role)))
    }
}
