use crate::catalog::Role;
use crate::finding::{Confidence, Severity};
use crate::model::Model;
use crate::model::entries::{EntryKind, EntryPoint};
use crate::model::liveness::held;
use crate::model::reach::{Reach, Way};
use crate::model::roles::RoleSet;
use crate::model::site::Site;
use crate::rule::Findings;

crate::rule!("remote_call_in_transaction.md");

/// What takes as long as somebody else does.
const AWAY: [Role; 4] = [Role::HttpRequest, Role::RemoteCall, Role::Publish, Role::Sleep];

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let away = Reach::of(model, &AWAY, |_| true, |_| true);
    let connections = RoleSet::of(&[Role::PooledConnection]);
    for site in model.sites_with(&[Role::TransactionBegin, Role::PoolAcquire]) {
        let Some(held) = held(model, site, connections) else { continue };
        // What is sent over the connection itself is what it was taken for.
        let locals = held.locals();
        let mut ways = held.events.iter().filter_map(|event| away.way(model, *event, RoleSet::of(&AWAY)));
        let meanwhile = ways.find(|way| way.hops() > 0 || !held.is_part_of(way.end, &locals));
        if let Some(way) = meanwhile {
            report(model, site, &way, findings);
        }
    }
}

fn report(model: &Model<'_>, site: Site<'_>, away: &Way<'_>, findings: &mut Findings<'_>) {
    let serves = |entry: &EntryPoint| entry.kind != EntryKind::Main;
    let Some(mut way) = model.way_in(site.callable(), serves, |_, _| true) else { return };
    let is_transaction = site.has(Role::TransactionBegin);
    let what = if is_transaction { "a transaction" } else { "a pooled connection" };
    let call = model.call_name(away.end);
    let message = format!(
        "{} keeps {what} open while it waits for {call}: nobody else has the connection meanwhile, and when enough of \
         these wait at once the pool runs dry",
        model.actor(&way)
    );
    let finding = findings.report(site.place(), message, format!("{what} is taken here"));
    finding.related(away.steps[0].head(), "and still held while this waits");
    way.steps.extend(away.labels(model));
    finding.trace(way.steps);
    finding.help("call first and open the transaction afterwards, or write the call down in the transaction (outbox)");
    if !is_transaction {
        finding.at_most(Severity::Warning, Confidence::Medium);
    }
}
