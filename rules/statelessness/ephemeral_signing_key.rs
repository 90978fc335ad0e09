use crate::catalog::Role;
use crate::finding::{Confidence, Severity};
use crate::model::Model;
use crate::model::backward::{Origin, history};
use crate::model::forward::{Go, Used, follow};
use crate::model::roles::RoleSet;
use crate::model::site::Site;
use crate::rule::Findings;

crate::rule!("ephemeral_signing_key.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for site in model.sites_with(&[Role::KeyGenerate, Role::KeyFromBytes]) {
        let starts_with_process = !model.contexts.is_hot(site.callable());
        if !model.is_served(site.view.prepared.owner) || !starts_with_process || !is_random(model, site) {
            continue;
        }
        if let Some(end) = use_of_key(model, site) {
            report(site, end, findings);
        }
    }
}

/// Whether a key is new each time: made so, or from random bytes and nothing else.
fn is_random(model: &Model<'_>, site: Site<'_>) -> bool {
    if site.has(Role::KeyGenerate) {
        return true;
    }
    let Some(bytes) = site.arg(0) else { return false };
    let past = history(model, bytes);
    let is_random = |site: &Site<'_>| site.has(Role::Random);
    let made_random = past.origins.iter().any(|origin| matches!(origin, Origin::Made(site) if is_random(site)));
    let known = past.origins.iter().all(|origin| matches!(origin, Origin::Made(_) | Origin::Literal(_)));
    known && (made_random || past.calls.iter().any(is_random))
}

/// What signs or encrypts with the key. `None` when nothing is seen to, or when the key is written down somewhere.
fn use_of_key<'m>(model: &'m Model<'m>, site: Site<'m>) -> Option<Site<'m>> {
    let signs = RoleSet::of(&[Role::SessionLayer, Role::KeyUse]);
    let keeps = RoleSet::of(&[Role::BlockingFs, Role::Query, Role::CacheCall, Role::RemoteCall]);
    let (mut found, mut kept) = (None, false);
    follow(model, site, |used| match used {
        Used::Argument(call, _) | Used::Receiver(call) if call.roles().meets(signs) => {
            found.get_or_insert(call);
            Go::Stop
        }
        Used::Argument(call, _) | Used::Receiver(call) if call.has(Role::StateShare) => {
            found.get_or_insert(call);
            Go::On
        }
        Used::Argument(call, _) => {
            kept |= call.roles().meets(keeps) || call.target().is_none();
            Go::Stop
        }
        // What is taken out of the key may be written down as well.
        Used::Receiver(_) | Used::Kept(_) | Used::Static(_) => Go::On,
        Used::Exported(_) | Used::Lost => Go::Stop,
    });
    found.filter(|_| !kept)
}

fn report(site: Site<'_>, end: Site<'_>, findings: &mut Findings<'_>) {
    let message = "each process signs with a key of its own, so one replica rejects what another has signed, and a \
                   deploy logs everybody out";
    let finding = findings.report(site.place(), message, "made anew at each start");
    finding.related(end.head(), "signs or encrypts with it");
    finding.help("read the key from the configuration or a secret store, and refuse to start without it");
    if site.is_conditional() {
        finding.at_most(Severity::Note, Confidence::Low);
    }
}
