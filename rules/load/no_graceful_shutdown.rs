use crate::catalog::Role;
use crate::finding::{Applicability, Fix};
use crate::model::Model;
use crate::model::coverage::{Coverage, Service};
use crate::model::shutdown::{Ending, ending};
use crate::model::site::Site;
use crate::rule::Findings;

crate::rule!("no_graceful_shutdown.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let coverage = Coverage::of(model);
    let endings: Vec<(&Service<'_>, Ending<'_>)> =
        coverage.services.iter().map(|service| (service, ending(model, service.server))).collect();
    for (service, found) in &endings {
        let server = service.server;
        if is_side_server(model, &coverage, service, &endings) || model.contexts.of(server.callable()).is_empty() {
            continue;
        }
        match found {
            Ending::Cut => report_cut(model, server, findings),
            Ending::DroppedFor(signal) => report_drop(server, *signal, findings),
            Ending::Drained | Ending::Unknown => {}
        }
    }
}

/// A server for those who run the service, or one beside the main server, of which nobody knows what it serves.
fn is_side_server<'m>(
    model: &'m Model<'m>,
    coverage: &Coverage<'m>,
    service: &Service<'m>,
    all: &[(&Service<'m>, Ending<'m>)],
) -> bool {
    let entries = service.handlers.iter().flat_map(|behind| model.entries.of(behind.handler));
    let mut requests = entries.filter(|entry| entry.kind.is_request()).peekable();
    if requests.peek().is_some() {
        return requests.all(|entry| coverage.is_operational(model, entry) || !model.waits(entry.callable));
    }
    let owner = |site: Site<'_>| site.view.prepared.owner;
    let has_main = |(other, ending): &(&Service<'m>, Ending<'m>)| {
        matches!(ending, Ending::Drained) && model.run_together(owner(other.server), owner(service.server))
    };
    all.iter().any(has_main)
}

fn report_cut(model: &Model<'_>, server: Site<'_>, findings: &mut Findings<'_>) {
    let message = "nothing lets this server finish what it has begun, so every deploy and scale-in cuts the requests in \
                   flight";
    let finding = findings.report(server.place(), message, "served without a graceful shutdown");
    if let Some(context) = model.contexts.of(server.callable()).first() {
        finding.trace(model.contexts.trace(model, server.callable(), *context));
    }
    let graceful = |edits| Fix::new(Applicability::MaybeIncorrect, "drain the server when a signal comes", edits);
    finding.fix = server.rewrite(&[Role::GracefulShutdown]).map(graceful);
    finding.help(match server.has(Role::GracefulByDefault) {
        true => "leave the signals to the server, or stop it gracefully through its handle when one comes",
        false => "give the server a future that is ready at SIGTERM or Ctrl-C, and wait until it has drained",
    });
}

fn report_drop(server: Site<'_>, signal: Site<'_>, findings: &mut Findings<'_>) {
    let message = "the signal drops the server instead of draining it, so every deploy and scale-in cuts the requests in \
                   flight";
    let finding = findings.report(server.place(), message, "dropped as soon as the other arm is ready");
    finding.related(signal.head(), "this arm wins when the signal comes");
    finding.help("pass the signal to the server as its graceful shutdown, and await the server alone");
}
