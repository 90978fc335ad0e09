use crate::catalog::Role;
use crate::finding::{Confidence, Severity};
use crate::model::Model;
use crate::model::entries::{EntryKind, EntryPoint};
use crate::model::liveness::held;
use crate::model::reach::{Reach, Way};
use crate::model::roles::RoleSet;
use crate::rule::Findings;

crate::rule!("remote_call_in_transaction.md");

/// What takes as long as somebody else does.
const AWAY: [Role; 4] = [Role::HttpRequest, Role::RemoteCall, Role::Publish, Role::Sleep];

/// What takes a connection out of its pool.
const TAKES: [Role; 2] = [Role::TransactionBegin, Role::PoolAcquire];

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let away = Reach::of(model, &AWAY, |_| true, |_| true);
    let takes = Reach::of(model, &TAKES, |_| true, |_| true);
    let connections = RoleSet::of(&[Role::PooledConnection]);
    for site in model.sites() {
        let taken = || takes.way(model, site, RoleSet::of(&TAKES));
        let Some((held, taken)) = held(model, site, connections).and_then(|held| Some((held, taken()?))) else {
            continue;
        };
        // What is sent over the connection itself, or asked of what owns it, is what it was taken for.
        let locals = held.locals();
        let is_own = |way: &Way<'_>| (way.hops() == 0 || taken.hops() > 0) && held.is_part_of(way.steps[0], &locals);
        let mut ways = held.events.iter().filter_map(|event| away.way(model, *event, RoleSet::of(&AWAY)));
        if let Some(way) = ways.find(|way| !is_own(way)) {
            report(model, &taken, &way, findings);
        }
    }
}

fn report(model: &Model<'_>, taken: &Way<'_>, away: &Way<'_>, findings: &mut Findings<'_>) {
    let site = taken.steps[0];
    let serves = |entry: &EntryPoint| entry.kind != EntryKind::Main;
    let Some(mut way) = model.way_in(site, serves, |_, _| true) else { return };
    let is_transaction = taken.end.has(Role::TransactionBegin);
    let what = if is_transaction { "a transaction" } else { "a pooled connection" };
    let call = model.call_name(away.end);
    let sleeps = away.end.has(Role::Sleep);
    let waits = if sleeps { format!("sleeps in {call}") } else { format!("waits for {call}") };
    let message = format!(
        "{} keeps {what} open while it {waits}: nobody else has the connection meanwhile, and when enough of these wait \
         at once the pool runs dry",
        model.actor(&way)
    );
    let finding = findings.report(site.place(), message, format!("{what} is taken here"));
    if taken.hops() > 0 {
        finding.related(taken.end.head(), "by this call");
    }
    finding.related(away.steps[0].head(), "and still held while this waits");
    way.steps.extend(away.labels(model));
    finding.trace(way.steps);
    finding.help(if sleeps {
        "end the transaction or give the connection back before sleeping"
    } else {
        "call first and open the transaction afterwards, or write the call down in the transaction (outbox)"
    });
    if !is_transaction {
        finding.at_most(Severity::Warning, Confidence::Medium);
    }
    // What runs once takes one connection from the others.
    if matches!(way.entry.kind, EntryKind::Task | EntryKind::Job) {
        finding.at_most(Severity::Warning, Confidence::Low);
    }
}
