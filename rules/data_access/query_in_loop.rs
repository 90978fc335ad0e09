use crate::catalog::Role;
use crate::finding::Label;
use crate::model::Model;
use crate::model::entries::{EntryKind, EntryPoint};
use crate::model::reach::{Reach, Way};
use crate::model::roles::RoleSet;
use crate::model::site::Site;
use crate::rule::Findings;
use std::collections::BTreeSet;

crate::rule!("query_in_loop.md");

/// Further away than this, a query is rarely the loop's own business.
const MAX_HOPS: usize = 3;

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let queries = Reach::of(model, &[Role::Query], |_| true, |_| true);
    let mut loops = BTreeSet::new();
    for site in model.sites().filter(|site| model.contexts.is_hot(site.callable())) {
        let Some(way) = queries.way(model, site, RoleSet::of(&[Role::Query])) else { continue };
        let Some(around) = site.loop_over_elements().filter(|_| way.hops() <= MAX_HOPS) else { continue };
        if loops.insert(around.span()) {
            report(model, site, around, &way, findings);
        }
    }
}

fn report(model: &Model<'_>, site: Site<'_>, around: Site<'_>, query: &Way<'_>, findings: &mut Findings<'_>) {
    let serves = |entry: &EntryPoint| entry.kind != EntryKind::Main;
    let Some(mut way) = model.way_in(site.callable(), serves, |_, _| true) else { return };
    let message = format!(
        "{} makes one round trip to the database for each element: a thousand elements are a thousand times its latency",
        model.actor(&way)
    );
    let finding = findings.report(site.place(), message, "one query for each round");
    if let Some(over) = around.child(0) {
        finding.related(over.span(), "the loop runs over this");
        way.steps.push(Label::new(over.span(), "for each element of this"));
    }
    way.steps.extend(query.labels(model));
    finding.trace(way.steps);
    finding.help("ask once for all elements (`= ANY($1)`, `IN (..)`, a join), or write them in one statement or batch");
}
