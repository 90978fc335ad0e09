use crate::catalog::Role;
use crate::finding::{Confidence, Finding, Severity};
use crate::model::Model;
use crate::model::backward::{Origin, history};
use crate::model::defs::DefId;
use crate::model::site::Site;
use crate::rule::Findings;

crate::rule!("session_store_in_memory.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let is_served = |site: &Site<'_>| model.is_served(site.view.prepared.owner);
    let layers: Vec<Site<'_>> = model.sites_with(&[Role::SessionLayer]).filter(is_served).collect();
    for layer in &layers {
        let Some((arg, store)) = memory_store(model, *layer) else { continue };
        let made = history(model, arg).origins.into_iter().find_map(|origin| match origin {
            Origin::Made(site) | Origin::Literal(site) => Some(site),
            _ => None,
        });
        let site = made.unwrap_or(arg);
        // Another layer of the same crate, over another store: which of them runs is a matter of configuration.
        let has_choice = layers.iter().any(|other| {
            let krate = |site: &Site<'_>| model.names.defs.get(site.view.prepared.owner).krate;
            krate(other) == krate(layer) && memory_store(model, *other).is_none()
        });
        let finding = report(model, site, *layer, store, findings);
        if has_choice || layer.is_conditional() || site.is_conditional() {
            finding.at_most(Severity::Note, Confidence::Low);
        }
    }
}

/// The argument of a session layer that is a store in memory.
fn memory_store<'m>(model: &'m Model<'m>, layer: Site<'m>) -> Option<(Site<'m>, DefId)> {
    let in_memory = |def: DefId| {
        model.roles.of(def).has(Role::SessionStoreMemory)
            || model.implements_role(def, Role::SessionStoreTrait) && model.keeps_in_memory(def)
    };
    layer.args().find_map(|arg| Some((arg, arg.type_def().filter(|def| in_memory(*def))?)))
}

fn report<'f>(
    model: &Model<'_>,
    site: Site<'_>,
    layer: Site<'_>,
    store: DefId,
    findings: &'f mut Findings<'_>,
) -> &'f mut Finding {
    let store = model.names.defs.name(store);
    let message = format!(
        "login sessions live in this process alone (`{store}`): another replica does not know them, and a deploy logs \
         everybody out"
    );
    let finding = findings.report(site.place_of(site.span()), message, "the store that is lost with the process");
    finding.related(layer.head(), "requests get their session from it here");
    finding.help("keep sessions where all replicas see them: Redis, the database, or signed cookies")
}
