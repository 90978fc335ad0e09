use crate::catalog::Role;
use crate::model::Model;
use crate::model::entries::{EntryKind, EntryPoint};
use crate::model::site::Site;
use crate::model::ways::WayIn;
use crate::rule::Findings;

crate::rule!("client_per_request.md");

const HTTP: [Role; 3] = [Role::HttpClientNew, Role::HttpClientBuild, Role::HttpOneShot];

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let made = [Role::ClientNew, HTTP[0], HTTP[1], HTTP[2]];
    for site in model.sites_with(&made).filter(|site| !model.is_kept(*site)) {
        let Some(way) = way(model, site) else { continue };
        let what = model.call_name(site);
        let message = format!(
            "{} makes a new client with {what} each time: no connection is used twice, and under load the handshakes \
             and sockets cost more than the work",
            model.actor(&way)
        );
        let finding = findings.report(site.place(), message, "made anew each time");
        finding.trace(way.steps);
        finding.help("make it once when the service starts and hand it on: clients and pools are cheap to clone");
    }
}

/// How it comes that this is done for each request, or for each element of a loop.
fn way<'m>(model: &'m Model<'m>, site: Site<'m>) -> Option<WayIn<'m>> {
    let passes = |call: Site<'m>, _| !call.is_made_once();
    if site.is_made_once() {
        return None;
    }
    let is_request = |entry: &EntryPoint| entry.kind.is_request();
    let for_requests = model.way_in(site.callable(), is_request, passes);
    let in_loop = || HTTP.iter().any(|role| site.has(*role)) && site.loop_over_elements().is_some();
    let serves = |entry: &EntryPoint| entry.kind != EntryKind::Main;
    for_requests.or_else(|| in_loop().then(|| model.way_in(site.callable(), serves, passes)).flatten())
}
