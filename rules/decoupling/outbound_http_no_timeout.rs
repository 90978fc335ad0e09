use crate::catalog::Role;
use crate::finding::{Applicability, Confidence, Fix, Label, Severity};
use crate::model::Model;
use crate::model::backward::{Origin, history};
use crate::model::calls::Runs;
use crate::model::entries::{EntryKind, EntryPoint};
use crate::model::forward::{Go, Used, follow};
use crate::model::site::Site;
use crate::model::ways::WayIn;
use crate::rule::Findings;

crate::rule!("outbound_http_no_timeout.md");

const MADE: [Role; 3] = [Role::HttpClientNew, Role::HttpClientBuild, Role::HttpOneShot];

const MISSING: [Role; 2] = [Role::HttpClientConnectTimeout, Role::HttpClientTimeout];

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for site in model.sites_with(&MADE).filter(|site| model.is_served(site.view.prepared.owner)) {
        if site.replaces_failed(Role::HttpClient) {
            continue;
        }
        let (confidence, missing) = match deadline(model, site) {
            Deadline::None => (Confidence::High, &MISSING[..]),
            Deadline::ConnectOnly => (Confidence::Medium, &MISSING[1..]),
            Deadline::SetOrUnknown => continue,
        };
        let mut sends = requests(model, site);
        // What is near to where the client is made says most.
        sends.sort_by_key(|send| (send.span().file != site.span().file, send.span()));
        let mut endless = sends.iter().filter_map(|send| Some((*send, endless(model, site, *send)?)));
        let Some((send, mut way)) = endless.next() else { continue };
        let message = format!(
            "a peer that stops answering keeps {} waiting for ever, with its task, its socket and its place in every \
             queue before it",
            model.actor(&way)
        );
        let finding = findings.report(site.place(), message, "no deadline for requests");
        for (other, _) in endless.take(3) {
            finding.related(other.head(), "sends over it too");
        }
        way.steps.push(Label::new(send.head(), "waits for the answer here, without a deadline"));
        finding.trace(way.steps).at_most(Severity::Error, confidence);
        let fix = |edits| Fix::new(Applicability::MaybeIncorrect, "give the client deadlines", edits);
        finding.fix = site.rewrite(missing).map(fix);
        finding.help(
            "build the client with `.connect_timeout(..)` and `.timeout(..)`, or `.read_timeout(..)` for streams",
        );
    }
}

enum Deadline {
    None,
    ConnectOnly,
    SetOrUnknown,
}

/// What is known of the deadline of a client from how it was made.
fn deadline<'m>(model: &'m Model<'m>, site: Site<'m>) -> Deadline {
    let Some(builder) = site.receiver().filter(|_| site.has(Role::HttpClientBuild)) else { return Deadline::None };
    let past = history(model, builder);
    let starts_here = |origin: &Origin<'_>| matches!(origin, Origin::Made(made) if made.has(Role::HttpClientBuilder));
    let has = |role| past.calls.iter().any(|call| call.has(role));
    if past.origins.is_empty() || !past.origins.iter().all(starts_here) || has(Role::HttpClientTimeout) {
        return Deadline::SetOrUnknown;
    }
    if has(Role::HttpClientConnectTimeout) { Deadline::ConnectOnly } else { Deadline::None }
}

/// Where requests are sent over a client.
fn requests<'m>(model: &'m Model<'m>, client: Site<'m>) -> Vec<Site<'m>> {
    if client.has(Role::HttpOneShot) {
        return vec![client];
    }
    let mut sends: Vec<Site<'m>> = Vec::new();
    follow(model, client, |used| match used {
        Used::Receiver(call) if call.has(Role::HttpRequest) => {
            sends.push(call);
            Go::Stop
        }
        Used::Receiver(_) | Used::Argument(..) | Used::Kept(_) | Used::Static(_) => Go::On,
        Used::Exported(_) | Used::Lost => Go::Stop,
    });
    sends.sort_by_key(|send| send.span());
    sends.dedup_by_key(|send| send.span());
    sends
}

/// How a request is reached while the service serves, when nothing ends its wait.
fn endless<'m>(model: &'m Model<'m>, client: Site<'m>, send: Site<'m>) -> Option<WayIn<'m>> {
    let own = send.receiver().map(|request| history(model, request));
    if own.is_some_and(|past| past.calls.iter().any(|call| call.has(Role::HttpRequestTimeout)))
        || send.is_under_deadline()
        || send.is_bounded_later()
    {
        return None;
    }
    let may_end = model.may_end_requests(client.view.prepared.owner);
    let fits = |entry: &EntryPoint| {
        let runs_here = model.run_together(client.view.prepared.owner, model.owner_of(entry.callable));
        runs_here && entry.kind != EntryKind::Main && !(may_end && entry.kind.is_request())
    };
    model
        .way_in(send, fits, |call, runs| runs != Runs::Inline || !(call.is_under_deadline() || call.is_bounded_later()))
}
