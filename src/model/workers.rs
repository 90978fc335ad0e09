//! Calls that run on the threads of the async runtime.

use super::Model;
use super::calls::is_unknown_macro;
use super::contexts::{Context, Origin, Thread};
use super::site::Site;
use crate::catalog::Role;
use crate::finding::Label;
use crate::source::Span;
use rustc_hash::FxHashMap;

/// Calls of one role in one function, on a thread of the async runtime.
pub struct OnWorker<'m> {
    pub role: Role,
    /// In the order of the source; never empty.
    pub sites: Vec<Site<'m>>,
    /// From an entry point to the function.
    pub way: Vec<Label>,
    /// Where async code calls the code that is none, and that comes to the function.
    pub left_async: Option<Span>,
}

impl<'m> Model<'m> {
    /// Calls of some roles that run on a thread of the async runtime while the service serves. A call with several of
    /// the roles counts for the first.
    pub fn on_workers(&'m self, roles: &[Role]) -> Vec<OnWorker<'m>> {
        let mut found: Vec<OnWorker<'m>> = Vec::new();
        let mut known = FxHashMap::default();
        for site in self.sites_with(roles).filter(|site| !site.is_in_unknown_macro() && !site.is_made_once()) {
            let Some(role) = roles.iter().copied().find(|role| site.has(*role)) else { continue };
            let Some(context) = self.contexts.find(site.callable(), is_worker) else { continue };
            let index = *known.entry((site.view.id, role)).or_insert_with(|| {
                let way = self.contexts.trace(self, site.callable(), context);
                let left_async = self.contexts.left_async(self, site.callable(), context);
                found.push(OnWorker { role, sites: Vec::new(), way, left_async });
                found.len() - 1
            });
            found[index].sites.push(site);
        }
        found.iter_mut().for_each(|found| found.sites.sort_by_key(|site| site.span()));
        found
    }
}

fn is_worker(context: &Context) -> bool {
    context.origin != Origin::Boot && context.thread == Thread::AsyncWorker
}

impl Site<'_> {
    /// Whether a macro of which nothing is known decides when and where this runs.
    fn is_in_unknown_macro(self) -> bool {
        self.body().ancestors(self.node).any(|node| is_unknown_macro(self.body(), node))
    }
}
