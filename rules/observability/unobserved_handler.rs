use crate::model::Model;
use crate::model::coverage::{Coverage, Service};
use crate::model::entries::EntryPoint;
use crate::model::observation::Evidence;
use crate::model::routers::Behind;
use crate::rule::Findings;
use std::collections::{BTreeMap, BTreeSet};

crate::rule!("unobserved_handler.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let coverage = Coverage::of(model);
    let mut reported = BTreeSet::new();
    for service in &coverage.services {
        for handlers in by_router(model, &coverage, service) {
            let (bare, seen): (Vec<Served<'_>>, Vec<Served<'_>>) =
                handlers.into_iter().partition(|served| is_bare(&coverage, served));
            let bare: Vec<Served<'_>> = bare.into_iter().filter(|served| reported.insert(served.0.callable)).collect();
            if seen.is_empty() && bare.len() > 1 {
                report_router(model, service, &bare, findings);
            } else {
                bare.iter().for_each(|served| report_handler(model, &coverage, service, served, findings));
            }
        }
    }
}

/// A handler, and the way in which it is served.
type Served<'c> = (&'c EntryPoint, &'c Behind<'c>);

/// The handlers that do work for users, by the function that registers them.
fn by_router<'c>(model: &'c Model<'c>, coverage: &'c Coverage<'c>, service: &'c Service<'c>) -> Vec<Vec<Served<'c>>> {
    let mut routers: BTreeMap<u32, BTreeMap<_, Served<'c>>> = BTreeMap::new();
    for behind in &service.handlers {
        let entry = model.entries.of(behind.handler).find(|entry| entry.kind.is_request());
        if let Some(entry) = entry.filter(|entry| !coverage.is_operational(model, entry) && model.waits(entry.callable))
        {
            routers.entry(behind.at.view.id.0).or_default().insert(behind.handler, (entry, behind));
        }
    }
    routers.into_values().map(|handlers| handlers.into_values().collect()).collect()
}

/// Whether nothing observes a handler, whichever way requests come.
fn is_bare(coverage: &Coverage<'_>, (entry, _): &Served<'_>) -> bool {
    coverage.evidence(entry) == Evidence::No
}

const HELP: &str =
    "put a tracing or access-log layer around the whole router, after its routes, or instrument the handler";

fn report_router(model: &Model<'_>, service: &Service<'_>, bare: &[Served<'_>], findings: &mut Findings<'_>) {
    let site = bare[0].1.at;
    let (owner, is_same) = (site.view.prepared.owner, site.view.id == service.server.view.id);
    let span = model.names.defs.span(owner).filter(|_| !is_same).unwrap_or_else(|| service.server.head());
    let count = bare.len();
    let message = format!(
        "requests to all {count} routes leave no span, log record or metric, so nobody can tell which of them fail or \
         are slow"
    );
    let finding = findings.report(site.place_of(span), message, "nothing observes these routes");
    for (entry, behind) in bare.iter().take(MAX_NAMED) {
        finding.related(behind.at.head(), format!("{} is one", model.entry_name(entry)));
    }
    if !is_same {
        finding.related(service.server.head(), "served here");
    }
    finding.help(HELP);
}

/// How many handlers of a router a finding names.
const MAX_NAMED: usize = 5;

fn report_handler(
    model: &Model<'_>,
    coverage: &Coverage<'_>,
    service: &Service<'_>,
    (entry, behind): &Served<'_>,
    findings: &mut Findings<'_>,
) {
    let name = coverage.route(entry).unwrap_or_else(|| model.callable_name(entry.callable));
    let message = format!(
        "requests to `{name}` leave no span, log record or metric, so nobody can tell which of them fail or are slow"
    );
    let finding = findings.report(
        model.callable_site(entry.callable).place_of(model.entry_span(entry)),
        message,
        "nothing observes this handler",
    );
    finding.related(behind.at.head(), "registered here").related(service.server.head(), "served here").help(HELP);
}
