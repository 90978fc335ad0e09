use crate::catalog::Role;
use crate::model::Model;
use crate::model::entries::{EntryKind, EntryPoint};
use crate::model::liveness::held;
use crate::model::reach::{Reach, Way};
use crate::model::roles::RoleSet;
use crate::model::site::Site;
use crate::rule::Findings;

crate::rule!("nested_pool_acquire.md");

const TAKES: [Role; 3] = [Role::PoolAcquire, Role::TransactionBegin, Role::Query];

/// Further away than this, which pool it is can hardly be said.
const MAX_HOPS: usize = 3;

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let takes = Reach::of(model, &TAKES, |site| site.pool().is_some(), |_| true);
    let connections = RoleSet::of(&[Role::PooledConnection]);
    for site in model.sites_with(&TAKES[..2]).filter(|site| model.contexts.is_hot(site.callable())) {
        let (Some(pool), Some(held)) = (site.pool(), held(model, site, connections)) else { continue };
        let mut ways = held.events.iter().filter_map(|event| takes.way(model, *event, RoleSet::of(&TAKES)));
        let again = ways.find(|way| way.hops() <= MAX_HOPS && way.end.pool().is_some_and(|other| other.is_same(&pool)));
        if let Some(way) = again {
            report(model, site, &way, findings);
        }
    }
}

fn report(model: &Model<'_>, site: Site<'_>, again: &Way<'_>, findings: &mut Findings<'_>) {
    let serves = |entry: &EntryPoint| entry.kind != EntryKind::Main;
    let Some(mut way) = model.way_in(site, serves, |_, _| true) else { return };
    let message = format!(
        "{} holds a connection and takes another one from the same pool: as many of these at once as the pool is large, \
         and each waits for a connection that the others hold",
        model.actor(&way)
    );
    let finding = findings.report(site.place(), message, "the first connection is taken here");
    finding.related(again.end.head(), "the second one is taken here, while the first is still held");
    way.steps.extend(again.labels(model));
    finding.trace(way.steps);
    finding.help("pass the connection or transaction on (`&mut *tx`) instead of the pool, or drop it before");
}
