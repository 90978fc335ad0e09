//! Calls that run on the threads of the async runtime.

use super::Model;
use super::backward::{self, history};
use super::calls::is_unknown_macro;
use super::contexts::{Context, Origin, Thread};
use super::defs::DefId;
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
        let counts =
            |site: &Site<'m>| !site.is_in_unknown_macro() && !site.is_made_once() && !site.is_of_kernel_files();
        for site in self.sites_with(roles).filter(counts) {
            let Some(role) = roles.iter().copied().find(|role| site.has(*role)) else { continue };
            let Some(context) = self.contexts.find(site.callable(), is_worker) else { continue };
            if context.origin == Origin::Task && self.comes_first(site) {
                continue;
            }
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

/// Where the kernel shows what it knows as files, which are on no disk.
const KERNEL_FOLDERS: [&str; 3] = ["/proc", "/sys", "/dev"];

impl<'m> Site<'m> {
    /// Whether this works on files that are no more than questions to the kernel.
    fn is_of_kernel_files(self) -> bool {
        let is_for_files = [Role::BlockingFs, Role::BlockingStat].iter().any(|role| self.has(*role));
        is_for_files && self.receiver().into_iter().chain(self.args()).any(Site::is_kernel_path)
    }

    fn is_kernel_path(self) -> bool {
        let past = history(self.model, self);
        let constant = |def: &DefId| self.model.callables.of_def(*def).map(|id| self.model.callable_site(id));
        let mut texts = past.origins.iter().filter_map(|origin| match origin {
            backward::Origin::Literal(site) | backward::Origin::Made(site) => site.str_literal(),
            backward::Origin::Static(def) => constant(def)?.str_literal(),
            _ => None,
        });
        let mut arguments = past.calls.iter().flat_map(|call| call.args());
        let is_shown = |text: &str| KERNEL_FOLDERS.iter().any(|folder| text.starts_with(folder));
        texts.any(is_shown) || arguments.any(|argument| argument.str_literal().is_some_and(is_shown))
    }
    /// Whether a macro of which nothing is known decides when and where this runs.
    pub fn is_in_unknown_macro(self) -> bool {
        self.body().ancestors(self.node).any(|node| is_unknown_macro(self.body(), node))
    }
}
