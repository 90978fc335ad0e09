use crate::catalog::Role;
use crate::finding::{Confidence, Severity};
use crate::model::Model;
use crate::model::entries::{EntryKind, EntryPoint};
use crate::model::liveness::{Held, held};
use crate::model::reach::{Reach, Way};
use crate::model::roles::RoleSet;
use crate::model::site::Site;
use crate::rule::Findings;

crate::rule!("async_lock_across_remote_call.md");

/// What takes as long as somebody else does, or is known to take long.
const AWAY: [Role; 6] =
    [Role::HttpRequest, Role::RemoteCall, Role::Query, Role::CacheCall, Role::Publish, Role::SpawnBlocking];

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    // Nobody waits for blocking work that is only started.
    let is_waited_for = |site: Site<'_>| !site.has(Role::SpawnBlocking) || site.is_awaited();
    let away = Reach::of(model, &AWAY, is_waited_for, |_| true);
    let guards = RoleSet::of(&[Role::GuardAsync]);
    for site in model.sites().filter(|site| model.contexts.is_hot(site.callable())) {
        let Some(held) = held(model, site, guards).filter(Held::is_shared_lock) else { continue };
        // What is done with the guarded value is what the lock is for, and so is filling it with the answer.
        if held.is_filled() {
            continue;
        }
        let locals = held.locals();
        let waited = held.events.iter().filter(|event| is_waited_for(**event));
        let elsewhere = waited.filter(|event| !held.is_part_of(**event, &locals));
        let ways = elsewhere.filter_map(|event| away.way(model, *event, RoleSet::of(&AWAY)));
        // The nearest is the one that the reader sees soonest.
        if let Some(way) = ways.filter(|way| !held.is_on(way)).min_by_key(|way| way.hops()) {
            report(model, site, &held, &way, findings);
        }
    }
}

fn report(model: &Model<'_>, site: Site<'_>, held: &Held<'_>, away: &Way<'_>, findings: &mut Findings<'_>) {
    let serves = |entry: &EntryPoint| entry.kind != EntryKind::Main;
    let Some(mut way) = model.way_in(site, serves, |_, _| true) else { return };
    let what = held.name.map_or_else(|| "the lock".to_string(), |name| format!("the lock behind `{name}`"));
    let message = format!(
        "{} holds {what} while it waits for {}: all others who want it queue up behind that one call, and when it hangs \
         they hang",
        model.actor(&way),
        model.call_name(away.end)
    );
    let finding = findings.report(site.place(), message, "locked here");
    finding.related(away.steps[0].head(), "and still held while this waits");
    way.steps.extend(away.labels(model));
    finding.trace(way.steps);
    // To let one through at a time is what such a lock is for, to let many through is not.
    if held.is_of_nothing() && !model.roles.of(held.guard).has(Role::GuardShared) {
        finding.at_most(Severity::Warning, Confidence::Low);
    }
    finding.help("copy what is needed out of the lock and call without it, or give each key a lock of its own");
}
