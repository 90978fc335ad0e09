use crate::catalog::Role;
use crate::finding::{Confidence, Severity};
use crate::model::Model;
use crate::model::backward::history;
use crate::model::entries::{EntryKind, EntryPoint};
use crate::model::sharing::Making;
use crate::model::site::Site;
use crate::model::ways::WayIn;
use crate::rule::Findings;

crate::rule!("client_per_request.md");

const HTTP: [Role; 3] = [Role::HttpClientNew, Role::HttpClientBuild, Role::HttpOneShot];
/// How many of the places that have a client made are named.
const MAX_NAMED: usize = 3;
/// What is not for any peer may, so far from where requests enter, be for one that somebody has just set up.
const MAX_STEPS: usize = 4;

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let made = [Role::ClientNew, HTTP[0], HTTP[1], HTTP[2]];
    for site in model.sites_with(&made).filter(|site| !site.is_embedded() && !is_pinned(model, *site)) {
        let all = makings(model, site).into_iter();
        let mut repeated = all.filter_map(|making| Some((way(model, site, &making)?, making)));
        let Some((mut way, making)) = repeated.next() else { continue };
        let what = model.call_name(site);
        let message = format!(
            "{} makes a new client with {what} each time: no connection is used twice, and under load the handshakes \
             and sockets cost more than the work",
            model.actor(&way)
        );
        let finding = findings.report(site.place(), message, "made anew each time");
        let others = repeated.map(|(_, making)| making.site);
        for call in [making.site].into_iter().chain(others).filter(|call| !call.is(site)).take(MAX_NAMED) {
            finding.related(call.head(), "has it made");
        }
        way.steps.extend(making.labels(model));
        let is_far = way.steps.len() > MAX_STEPS && !is_http(site) && is_for_given(model, site);
        finding.trace(way.steps);
        if is_far || !making.calls.is_empty() {
            finding.at_most(Severity::Warning, if is_far { Confidence::Low } else { Confidence::Medium });
        }
        finding.help("make it once when the service starts and hand it on: clients and pools are cheap to clone");
    }
}

/// Whether what the client is made of comes from elsewhere: it may be for another peer each time.
fn is_for_given<'m>(model: &'m Model<'m>, site: Site<'m>) -> bool {
    let is_given = |part: Site<'m>| !history(model, part).is_known();
    let built = site.receiver().map(|builder| history(model, builder).calls).unwrap_or_default();
    let mut parts = site.receiver().into_iter().chain(site.args()).chain(built.into_iter().flat_map(Site::args));
    parts.any(is_given)
}

fn is_http(site: Site<'_>) -> bool {
    HTTP.iter().any(|role| site.has(*role))
}

/// Whether the client is made for the addresses of one peer, which another request would not reach.
fn is_pinned<'m>(model: &'m Model<'m>, site: Site<'m>) -> bool {
    let builder = site.receiver().filter(|_| site.has(Role::HttpClientBuild));
    builder.is_some_and(|builder| history(model, builder).calls.iter().any(|call| call.has(Role::HttpClientPinned)))
}

/// The places at which the client is made for nobody who keeps it. What sends one request keeps its client to itself.
fn makings<'m>(model: &'m Model<'m>, site: Site<'m>) -> Vec<Making<'m>> {
    if site.has(Role::HttpOneShot) { vec![Making { site, calls: Vec::new() }] } else { model.makings(site) }
}

/// How it comes that this is done for each request, or for each element of a loop.
fn way<'m>(model: &'m Model<'m>, site: Site<'m>, making: &Making<'m>) -> Option<WayIn<'m>> {
    let passes = |call: Site<'m>, _| !call.is_called_once();
    let is_request = |entry: &EntryPoint| entry.kind.is_request();
    let for_requests = model.way_in(making.site, is_request, passes);
    let in_loop = || is_http(site) && model.is_in_loop(making.site);
    let serves = |entry: &EntryPoint| entry.kind != EntryKind::Main;
    for_requests.or_else(|| in_loop().then(|| model.way_in(making.site, serves, passes)).flatten())
}
