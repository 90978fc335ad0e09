use crate::catalog::Role;
use crate::model::Model;
use crate::model::contexts::{Context, Thread};
use crate::model::entries::EntryKind;
use crate::model::liveness::held;
use crate::model::roles::RoleSet;
use crate::model::site::Site;
use crate::rule::Findings;

crate::rule!("span_guard_across_await.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let guards = RoleSet::of(&[Role::GuardSpan]);
    // A thread that waits for one future has nothing else to record.
    let is_on_worker = |context: &Context| context.thread == Thread::AsyncWorker;
    let is_shared = |site: &Site<'_>| model.contexts.find(site.callable(), is_on_worker).is_some();
    for site in model.sites().filter(|site| model.contexts.is_hot(site.callable())).filter(is_shared) {
        let Some(held) = held(model, site, guards) else { continue };
        let Some(wait) = held.awaits().next() else { continue };
        let message = "the span stays entered while the task is suspended: whatever else this thread runs meanwhile is \
                       recorded under it, so traces and logs of other requests are wrong";
        let finding = findings.report(site.place(), message, "the span is entered here");
        finding.related(wait.span(), "the task is suspended here, and the span is still entered");
        if let Some(way) = model.way_in(site, |entry| entry.kind != EntryKind::Main, |_, _| true) {
            finding.trace(way.steps);
        }
        finding.help("put the future in the span: `.instrument(span)`, or `#[instrument]` on the function");
    }
}
