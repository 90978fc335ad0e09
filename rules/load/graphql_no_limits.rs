use crate::catalog::Role;
use crate::finding::{Applicability, Fix};
use crate::model::Model;
use crate::model::backward::{History, Origin, history};
use crate::model::forward::{Go, Used, follow, stands_for_receiver};
use crate::model::roles::RoleSet;
use crate::model::site::Site;
use crate::rule::Findings;

crate::rule!("graphql_no_limits.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for site in model.sites_with(&[Role::GraphqlFinish]) {
        let built = site.receiver().map(|builder| history(model, builder));
        let is_open = built.as_ref().is_none_or(|built| is_without_limits(model, built));
        if is_open && model.is_served(site.view.prepared.owner) && answers_queries(model, site) {
            report(site, built.as_ref(), findings);
        }
    }
}

/// Whether all that was done to the builder is in sight, and none of it limits queries.
fn is_without_limits(model: &Model<'_>, built: &History<'_>) -> bool {
    let starts_here = |origin: &Origin<'_>| matches!(origin, Origin::Made(site) if site.has(Role::GraphqlBuild));
    built.origins.iter().all(starts_here) && built.calls.iter().all(|call| !may_limit(model, *call))
}

fn may_limit(model: &Model<'_>, call: Site<'_>) -> bool {
    let limits = RoleSet::of(&[Role::GraphqlLimitDepth, Role::GraphqlLimitComplexity]);
    let is_unknown = call.target().is_none_or(|def| model.names.defs.is_workspace(def));
    // Extensions that come with the framework only watch; one of the workspace may turn queries down.
    let is_outside = |arg: Site<'_>| arg.type_def().is_some_and(|def| !model.names.defs.is_workspace(def));
    let is_own_extension = call.has(Role::GraphqlExtension) && !call.arg(0).is_some_and(is_outside);
    is_unknown || call.roles().meets(limits) || is_own_extension
}

/// Whether queries are run against the schema, or it is handed to something that will run them.
fn answers_queries<'m>(model: &'m Model<'m>, schema: Site<'m>) -> bool {
    let mut answers = false;
    follow(model, schema, |used| match used {
        Used::Receiver(call) if stands_for_receiver(call) => Go::On,
        Used::Receiver(call) | Used::Argument(call, _) => {
            answers |= !call.has(Role::GraphqlExport) && call.target().is_none_or(|def| model.crate_name(def) != "std");
            Go::Stop
        }
        Used::Kept(_) | Used::Static(_) => {
            answers = true;
            Go::Stop
        }
        Used::Exported(_) | Used::Lost => Go::Stop,
    });
    answers
}

fn report(site: Site<'_>, built: Option<&History<'_>>, findings: &mut Findings<'_>) {
    let message =
        "nothing limits the depth or cost of a query, so one nested query makes the service load data without end";
    let finding = findings.report(site.place(), message, "the schema is finished without a limit");
    let start = built.and_then(|built| built.origins.first());
    if let Some(Origin::Made(start)) = start
        && start.view.id != site.view.id
    {
        finding.related(start.head(), "the schema is begun here");
    }
    let limits = site.rewrite(&[Role::GraphqlLimitDepth, Role::GraphqlLimitComplexity]);
    finding.fix = limits.map(|edits| Fix::new(Applicability::MaybeIncorrect, "limit depth and complexity", edits));
    finding.help(match built {
        Some(_) => "limit both before the schema is finished, for example `.limit_depth(10).limit_complexity(1000)`",
        None => "the framework has no limit of its own: measure the depth of each query before it runs, and turn deep ones down",
    });
}
