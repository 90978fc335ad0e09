use crate::catalog::Role;
use crate::facts::NodeKind;
use crate::finding::{Confidence, Severity};
use crate::model::Model;
use crate::model::backward::{Origin, history};
use crate::model::discard::{Discarded, discarded};
use crate::model::roles::RoleSet;
use crate::model::site::Site;
use crate::model::types::Ty;
use crate::rule::Findings;

crate::rule!("permit_not_awaited.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let sites = model.sites().filter(|site| gives_permit(*site));
    for site in sites.filter(|site| model.is_served(site.view.prepared.owner)) {
        match discarded(site, |site| is_permit(site, site.ty())) {
            Some(Discarded::Future) => report_future(site, findings),
            Some(Discarded::Value) if !is_wait(model, site) => report_permit(site, findings),
            _ => {}
        }
    }
}

/// A call that waits for a permit, by itself or through a function of the workspace that hands the permit on.
fn gives_permit(site: Site<'_>) -> bool {
    let is_own = || site.target().is_some_and(|def| site.model.callables.of_def(def).is_some());
    site.has(Role::PermitAcquire) || is_own() && is_permit(site, site.outcome_ty())
}

fn is_permit(site: Site<'_>, ty: Ty) -> bool {
    site.model.guard_in(&site.types(), ty, RoleSet::of(&[Role::Permit])).is_some()
}

/// Whether the permit is only waited for: several at a time, as a signal, or with nothing after it to be limited.
fn is_wait(model: &Model<'_>, site: Site<'_>) -> bool {
    let asks_for_several = site.has(Role::PermitAcquire) && site.args().next().is_some();
    asks_for_several || !work_follows(model, site) || site.receiver().is_some_and(|limit| is_signal(model, limit))
}

/// Whether anything is called or awaited after the statement, in the same function or block.
fn work_follows(model: &Model<'_>, site: Site<'_>) -> bool {
    let body = site.body();
    let in_block = |node: &_| matches!(body.kind(body.node(*node).parent), NodeKind::Block { .. });
    let mut around = std::iter::once(site.node).chain(body.ancestors(site.node));
    let Some(statement) = around.find(in_block) else { return false };
    let callable = model.callables.get(site.callable()).node;
    let is_work = |kind| matches!(kind, NodeKind::Call | NodeKind::Method { .. } | NodeKind::Await | NodeKind::Select);
    let mut later = body.ids().filter(|node| *node >= body.node(statement).end && body.contains(callable, *node));
    later.any(|node| is_work(body.kind(node)))
}

/// A semaphore that begins without permits is there to be waited on, and limits nothing.
fn is_signal<'m>(model: &'m Model<'m>, semaphore: Site<'m>) -> bool {
    let begins_empty = |origin: &Origin<'m>| match origin {
        Origin::Made(site) => site.arg(0).and_then(Site::const_value) == Some(0),
        _ => false,
    };
    history(model, semaphore).origins.iter().any(begins_empty)
}

fn name(site: Site<'_>) -> String {
    site.target().map(|def| site.model.short_path(def)).unwrap_or_default()
}

fn report_future(site: Site<'_>, findings: &mut Findings<'_>) {
    let message = format!(
        "the future of `{}` is never awaited: no permit is taken, and all of the work runs at once",
        name(site)
    );
    let finding = findings.report(site.place(), message, "gives a future, not yet a permit");
    finding.help("await it, and keep the permit while the work goes on: `let _permit = semaphore.acquire().await?;`");
}

fn report_permit(site: Site<'_>, findings: &mut Findings<'_>) {
    let message = format!(
        "the permit of `{}` is given back as soon as it is taken, so the work after it runs without a limit",
        name(site)
    );
    let finding = findings.report(site.place(), message, "the permit is dropped by this statement");
    finding.at_most(Severity::Warning, Confidence::Medium);
    finding
        .help("give the permit a name that lives as long as the work, such as `_permit`; a bare `_` drops it at once");
}
