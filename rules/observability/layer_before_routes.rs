use crate::catalog::Role;
use crate::finding::{Applicability, Confidence, Edit, Finding, Fix, Severity};
use crate::model::Model;
use crate::model::backward::history;
use crate::model::coverage::{Coverage, LIMITING, OBSERVING};
use crate::model::forward::{Go, Used, follow};
use crate::model::roles::RoleSet;
use crate::model::routers::{adds_handlers, handlers_behind};
use crate::model::site::Site;
use crate::rule::Findings;
use crate::source::{Span, TextRange};

crate::rule!("layer_before_routes.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let coverage = Coverage::of(model);
    let is_router = |site: &Site<'_>| site.type_def().is_some_and(|def| model.roles.of(def).has(Role::Router));
    for call in model.sites_with(&[Role::LayerSoFar]).filter(|site| model.is_served(site.view.prepared.owner)) {
        let Some(router) = call.receiver().filter(is_router) else { continue };
        let later = added_later(model, call);
        if later.is_empty() {
            continue;
        }
        if covers_nothing(model, router) {
            if let Some(name) = purpose(&coverage, call, &[&OBSERVING[..], &LIMITING, &[Role::LayerFromFn]].concat()) {
                report_idle(call, &later, &name, findings);
            }
        } else if let Some(name) = purpose(&coverage, call, &OBSERVING) {
            let bare = bare_routes(model, &coverage, &later);
            if !bare.is_empty() {
                report_missed(call, &bare, &name, findings).fix = moved(&[call], &later);
            }
        }
    }
}

/// The calls that give the router something to lead to after the layer is put on.
fn added_later<'m>(model: &'m Model<'m>, layer: Site<'m>) -> Vec<Site<'m>> {
    let mut later = Vec::new();
    follow(model, layer, |used| match used {
        Used::Receiver(call) if adds_handlers(call) => {
            later.push(call);
            Go::On
        }
        Used::Receiver(call) if call.type_def() == layer.type_def() => Go::On,
        _ => Go::Stop,
    });
    later.retain(|call| !call.has(Role::RouterFallback));
    later
}

/// Whether a router has been given nothing yet that a layer could be put around.
fn covers_nothing<'m>(model: &'m Model<'m>, router: Site<'m>) -> bool {
    let built = history(model, router);
    built.is_known() && !built.calls.iter().any(|call| adds_handlers(*call) || call.target().is_none())
}

/// What a layer is called, if it has one of some roles.
fn purpose<'m>(coverage: &Coverage<'m>, call: Site<'m>, roles: &[Role]) -> Option<String> {
    let layers = call.args().flat_map(|layer| coverage.stack(layer));
    let mut fitting = layers.filter(|layer| layer.roles.meets(RoleSet::of(roles)));
    fitting.next().map(|layer| layer.name())
}

/// The places where routes are named that nothing observes, though they do work for users.
fn bare_routes<'m>(model: &'m Model<'m>, coverage: &Coverage<'m>, later: &[Site<'m>]) -> Vec<Site<'m>> {
    let behind = later.iter().flat_map(|call| call.args()).flat_map(|arg| handlers_behind(model, arg));
    let bare = behind.filter(|behind| {
        let mut ways = coverage.ways(behind.handler).peekable();
        let entry = model.entries.of(behind.handler).find(|entry| entry.kind.is_request());
        let works = entry.is_some_and(|entry| !coverage.is_operational(model, entry) && model.waits(entry.callable));
        works && ways.peek().is_some() && ways.all(|way| way.is_known && !coverage.has_observing_layer(way))
    });
    bare.map(|behind| behind.at).collect()
}

fn report_idle(call: Site<'_>, later: &[Site<'_>], name: &str, findings: &mut Findings<'_>) {
    let message = format!(
        "`{name}` is put on a router that has no routes yet, so no request passes it: what it should watch, limit or \
         guard goes unwatched, unlimited and unguarded"
    );
    let finding = findings.report(call.place(), message, "covers only what the router has so far: nothing");
    finding.related(later[0].head(), "added after the layer, so not covered");
    finding.help("move the layer behind the last route that it is meant for");
    // Layers that follow one another keep their order.
    let idle: Vec<Site<'_>> =
        std::iter::once(call).chain(call.chained().take_while(|next| next.has(Role::LayerSoFar))).collect();
    finding.fix = moved(&idle, later);
}

fn report_missed<'f>(call: Site<'_>, bare: &[Site<'_>], name: &str, findings: &'f mut Findings<'_>) -> &'f mut Finding {
    let message =
        format!("`{name}` does not cover the routes that are added after it, so nobody sees their requests fail");
    let finding = findings.report(call.place(), message, "covers only the routes that the router has so far");
    for route in bare.iter().take(MAX_NAMED) {
        finding.related(route.head(), "added after the layer, so not covered");
    }
    finding.at_most(Severity::Warning, Confidence::High);
    finding.help("move the layer behind the last route that it is meant for")
}

/// Puts layers behind the last route, when these are all added in the chain of calls in which the layers are.
fn moved(layers: &[Site<'_>], later: &[Site<'_>]) -> Option<Fix> {
    let (first, last_layer) = (layers.first()?, layers.last()?);
    let chain: Vec<Site<'_>> = first.chained().collect();
    let in_chain = |route: &Site<'_>| chain.iter().any(|call| call.is(*route));
    let last = chain.iter().rev().find(|call| later.iter().any(|route| route.is(**call)))?;
    let (from, to) = (first.receiver()?.span().range.end, last_layer.span().range.end);
    let text = Span::new(first.span().file, TextRange::new(from, to));
    let edits = vec![Edit::replace(text, ""), Edit::copy(text.range, last.span())];
    let is_whole = later.iter().all(in_chain);
    is_whole.then(|| Fix::new(Applicability::MaybeIncorrect, "move the layer behind the last route", edits))
}

/// How many routes a finding names.
const MAX_NAMED: usize = 5;
