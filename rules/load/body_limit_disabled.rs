use crate::catalog::Role;
use crate::finding::{Applicability, Finding, Fix, Label};
use crate::model::Model;
use crate::model::backward::history;
use crate::model::body_limits::may_limit_bodies;
use crate::model::callables::CallableId;
use crate::model::forward::{Go, Used, follow};
use crate::model::reach::Reach;
use crate::model::routers::{Layered, handlers_behind, layered};
use crate::model::site::Site;
use crate::rule::Findings;
use crate::source::Span;

crate::rule!("body_limit_disabled.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let parts_read = Reach::of(model, &[Role::BodyPartBuffer], |_| true, |_| true);
    let lifts = model.sites_with(&[Role::BodyLimitOff, Role::BodyLimitSet]).filter(|site| !site.limits_bodies());
    for site in lifts.filter(|site| model.is_served(site.view.prepared.owner)) {
        if site.changes_default_limit() {
            let put = layered(model, site);
            let exposed = exposed_handlers(model, site, &put).into_iter();
            if let Some(read) = exposed.rev().find_map(|handler| whole_body(model, &parts_read, handler)) {
                report_routes(site, read, idle_limit(model, &put), findings);
            }
        } else if !site.is_body_limit_layer() {
            report_setting(site, LARGE, "more than 1 GiB", findings);
        }
    }
    let filters = model.sites_with(&[Role::BodyBuffer]).filter(|site| site.has(Role::RequestExtract));
    for site in filters.filter(|site| model.is_served(site.view.prepared.owner)) {
        if is_open_filter(model, site) {
            report_filter(site, findings);
        }
    }
}

/// The handlers for which nothing takes the place of the default limit.
fn exposed_handlers<'m>(model: &'m Model<'m>, site: Site<'m>, put: &Layered<'m>) -> Vec<CallableId> {
    let Layered { routers, around, is_known } = put;
    // The innermost default counts, so one that is further out changes nothing.
    if !is_known
        || site.is_choice_of_limit()
        || around.iter().any(|layer| may_limit_bodies(model, *layer, site.type_def()))
    {
        return Vec::new();
    }
    let behind = routers.iter().flat_map(|router| handlers_behind(model, *router));
    let open = behind.filter(|behind| !behind.layers.iter().any(|layer| may_limit_bodies(model, *layer, None)));
    open.map(|behind| behind.handler).collect()
}

/// A limit on the same router that is put on before any route, and so is around none.
fn idle_limit<'m>(model: &'m Model<'m>, put: &Layered<'m>) -> Option<Site<'m>> {
    let calls = put.routers.iter().flat_map(|router| history(model, *router).calls);
    let limits = |call: &Site<'m>| call.args().any(|layer| may_limit_bodies(model, layer, None));
    let mut layers = calls.filter(|call| call.has(Role::LayerSoFar) && limits(call));
    layers.find(|call| call.receiver().is_some_and(|router| handlers_behind(model, router).is_empty()))
}

/// Where a handler holds a whole body, or a part of one, in memory.
fn whole_body(model: &Model<'_>, parts_read: &Reach, handler: CallableId) -> Option<Label> {
    let view = model.body(model.callables.get(handler).body);
    let name = model.callable_name(handler);
    if let Some(param) = model.body_param(handler) {
        let span = Span::new(view.prepared.file, view.facts().pattern(param).range);
        return Some(Label::new(span, format!("`{name}` takes the body whole")));
    }
    let span = model.names.defs.span(view.prepared.owner).filter(|_| parts_read.reaches(handler))?;
    Some(Label::new(span, format!("`{name}` reads parts of the body whole")))
}

/// Whether nothing that comes before a filter looks at the length of the body.
fn is_open_filter<'m>(model: &'m Model<'m>, site: Site<'m>) -> bool {
    let (mut is_checked, mut is_known) = (false, true);
    follow(model, site, |used| match used {
        // A function takes the filter to serve it; all that combines filters are methods.
        Used::Argument(call, _) if call.receiver().is_none() => Go::Stop,
        Used::Argument(call, _) if !call.has(Role::RouterMerge) => {
            is_checked |= call.receiver().is_some_and(|before| may_limit_bodies(model, before, None));
            Go::On
        }
        Used::Exported(_) | Used::Lost => {
            is_known = false;
            Go::Stop
        }
        _ => Go::On,
    });
    is_known && !is_checked
}

const LARGE: &str = "request bodies may be so large that a few of them at a time take all memory";

fn report_routes(site: Site<'_>, read: Label, idle: Option<Site<'_>>, findings: &mut Findings<'_>) {
    let (message, label) = if site.has(Role::BodyLimitOff) {
        ("request bodies may be of any size, so a few large ones at a time take all memory", "the limit is lifted here")
    } else {
        (LARGE, "more than 1 GiB")
    };
    let finding = report_setting(site, message, label, findings);
    finding.related(read.span, read.message);
    if let Some(idle) = idle {
        finding.related(idle.head(), "this limit is put on before the routes, so it is around none of them");
        finding.fix = None; // That one is to be moved.
    }
    finding.help("set a limit that fits the largest body you want to take, and lift it only for routes that stream");
}

fn report_setting<'f>(site: Site<'_>, message: &str, label: &str, findings: &'f mut Findings<'_>) -> &'f mut Finding {
    let finding = findings.report(site.place(), message, label);
    let fix = |edits| Fix::new(Applicability::MaybeIncorrect, "limit bodies to 10 MiB", edits);
    finding.fix = site.rewrite(&[Role::BodyLimitSet]).map(fix);
    finding.help("set a limit that fits the largest body you want to take")
}

fn report_filter(site: Site<'_>, findings: &mut Findings<'_>) {
    let message = "request bodies are read whole, whatever their size, so a few large ones at a time take all memory";
    let finding = findings.report(site.place(), message, "reads the body into memory");
    finding.help("turn away long bodies before: `warp::body::content_length_limit(limit).and(..)`");
}
