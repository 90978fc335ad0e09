use crate::catalog::Role;
use crate::model::Model;
use crate::model::entries::EntryKind;
use crate::model::liveness::held;
use crate::model::roles::RoleSet;
use crate::rule::Findings;
use rustc_hash::FxHashSet;

crate::rule!("guard_across_await.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let guards = RoleSet::of(&[Role::GuardSync, Role::GuardMap, Role::GuardCell]);
    let mut waits = FxHashSet::default();
    for site in model.sites().filter(|site| model.is_served(site.view.prepared.owner)) {
        let Some(held) = held(model, site, guards) else { continue };
        let wait = held.awaits().find(|wait| model.may_suspend(*wait)).filter(|_| !held.is_of_read_only());
        let Some(wait) = wait.filter(|wait| waits.insert((wait.view.id, wait.node))) else { continue };
        let guard = model.names.defs.name(held.guard);
        let what = match held.name {
            Some(name) => format!("`{name}`, a `{guard}`,"),
            None => format!("a `{guard}`"),
        };
        let roles = model.roles.of(held.guard);
        let harm = if roles.has(Role::GuardCell) {
            "the next task on this thread that borrows the cell panics"
        } else {
            "every worker thread that wants the lock meanwhile stops, until none is left to wake this task"
        };
        let message = format!("{what} is held while the task is suspended: {harm}");
        let finding = findings.report(site.place(), message, "taken here");
        finding.related(wait.span(), "the task is suspended here, and the guard is still alive");
        let from = |served| model.way_in(site, move |entry| (entry.kind != EntryKind::Main) == served, |_, _| true);
        if let Some(way) = from(true).or_else(|| from(false)) {
            finding.trace(way.steps);
        }
        finding.help("end the guard before the `.await`: copy out what is needed in a block of its own, or `drop` it");
    }
}
