use crate::catalog::Role;
use crate::finding::{Confidence, Label, Severity};
use crate::model::Model;
use crate::model::contexts::{Origin, Thread};
use crate::rule::Findings;

crate::rule!("blocking_call_in_async.md");

const BLOCKS: [(Role, &str); 5] = [
    (Role::BlockingSleep, "sleeps"),
    (Role::BlockingHttp, "waits for an answer over HTTP"),
    (Role::BlockingNet, "waits for the network"),
    (Role::BlockingProcess, "waits for another process"),
    (Role::BlockingFs, "waits for the disk"),
];

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let roles = BLOCKS.map(|(role, _)| role);
    for site in model.sites_with(&roles) {
        let on_worker = model
            .contexts
            .find(site.callable(), |context| context.origin != Origin::Boot && context.thread == Thread::AsyncWorker);
        let (Some(context), Some((role, what))) = (on_worker, BLOCKS.iter().find(|(role, _)| site.has(*role))) else {
            continue;
        };
        let called = site.target().map(|def| model.short_path(def)).unwrap_or_default();
        let message = format!(
            "`{called}` {what} on a thread of the async runtime: all tasks of that thread stand still meanwhile, and a \
             few calls at once stop the service"
        );
        let finding = findings.report(site.place(), message, "blocks the thread");
        let mut trace = model.contexts.trace(model, site.callable(), context);
        trace.push(Label::new(site.head(), "blocks the thread here"));
        finding.trace(trace);
        finding.help("use the runtime's own version of it, or move it to `spawn_blocking`");
        if *role == Role::BlockingFs {
            finding.at_most(Severity::Warning, Confidence::Medium);
        }
    }
}
