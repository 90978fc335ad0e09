use crate::model::Model;
use crate::model::boundaries::{BreachKind, Violation};
use crate::rule::Findings;
use crate::source::Span;

crate::rule!("layer_violation.md");

/// How many places are shown at which the code makes use of an edge.
const MAX_USES: usize = 8;

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for violation in &model.boundaries.violations {
        report(model, violation, findings);
    }
    for package in &model.boundaries.unlayered {
        let found = model.workspace.package(*package);
        let message = format!("`{}` is in no layer, so nothing says what it may depend on", found.name);
        let place = model.manifest_place(*package, Span::new(found.manifest, found.name_range));
        findings.report(place, message, "in no layer").help(
            "choose one: name the package in a `[[layer]]`, or set `layer` below `[package.metadata.scale-lint]`",
        );
    }
}

fn report(model: &Model<'_>, violation: &Violation, findings: &mut Findings<'_>) {
    let to = &violation.to;
    let place = violation.place();
    let label = if violation.declared.is_empty() && violation.ways.is_empty() { "here" } else { "this dependency" };
    let finding = findings.report(model.manifest_place(violation.from, place), message(violation), label);
    for other in violation.declared.iter().filter(|span| **span != place) {
        finding.related(*other, "declared here as well");
    }
    for way in &violation.ways {
        for (edge, span) in way.edges.iter().filter(|(_, span)| *span != place) {
            finding.related(*span, format!("`{}`", edge.replace(" -> ", "` depends on `")));
        }
    }
    for (path, span) in violation.named.iter().take(MAX_USES) {
        finding.related(*span, format!("`{path}` of `{to}` is named here"));
    }
    // What is named is shown above with its path.
    let uses: Vec<&Span> = violation.uses.iter().filter(|span| violation.named.is_empty() && **span != place).collect();
    for (index, span) in uses.iter().take(MAX_USES).enumerate() {
        let more = uses.len().saturating_sub(MAX_USES);
        let is_last = index + 1 == MAX_USES && more > 0;
        finding.related(
            **span,
            if is_last { format!("used here, and in {more} more places") } else { "used here".into() },
        );
    }
    for (index, breach) in violation.breaches.iter().enumerate() {
        let drawn = if index == 0 { "the boundary is drawn here" } else { "this boundary is broken as well" };
        if let Some(file) = model.boundaries.file {
            finding.related(Span::new(file, breach.place), drawn);
        }
    }
    for (name, edge, span) in violation.pieces(model.workspace) {
        finding.part_of_edge(name, edge, span);
    }
    finding.help(help(violation));
    if let Some(reason) = &violation.accepted {
        finding.accepted(reason);
    }
}

fn message(violation: &Violation) -> String {
    let (from, to, breach) = (&violation.source, &violation.to, &violation.breaches[0]);
    let said = match &breach.kind {
        BreachKind::Upwards { own, other } => {
            format!("`{from}` in the layer `{own}` depends on `{to}` in the layer `{other}` above it")
        }
        BreachKind::Siblings { layer } => {
            format!("`{from}` depends on `{to}`, although packages of the layer `{layer}` are to be independent")
        }
        BreachKind::Forbidden => match violation.ways.first().filter(|_| violation.declared.is_empty()) {
            Some(way) => {
                format!("`{from}` depends on `{to}`, which it must not, through `{}`", way.through.join("`, `"))
            }
            None => format!("`{from}` {} `{to}`, which it must not", verb(violation)),
        },
        BreachKind::NotAllowed => format!("`{from}` depends on `{to}`, which is none of what it is limited to"),
        BreachKind::Owned { by } => {
            format!("`{from}` {} `{to}`, which is left to {by}", verb(violation))
        }
        BreachKind::OwnedRole { role, by } => format!("`{from}` does by itself what is left to {by} (`{}`)", role.id()),
        BreachKind::Private => {
            let path = violation.named.keys().next().map_or("", String::as_str);
            format!("`{from}` names `{path}` of `{to}`, which is no part of its interface")
        }
    };
    let because = breach.because.as_deref().map(|because| because.trim().trim_end_matches('.'));
    match (because, &breach.kind) {
        (Some(because), _) => format!("{said}: {because}"),
        (None, BreachKind::Upwards { .. }) => format!("{said}: what changes up there reaches all that stands on it"),
        (None, BreachKind::Siblings { .. }) => format!("{said}: neither can be changed or moved without the other"),
        (None, _) => said,
    }
}

fn verb(violation: &Violation) -> &'static str {
    if violation.declared.is_empty() { "names" } else { "depends on" }
}

fn help(violation: &Violation) -> String {
    let (from, to) = (&violation.source, &violation.to);
    let way_out = match violation.breaches[0].kind {
        BreachKind::Upwards { .. } => {
            format!("move what is used below both, or let `{from}` declare a trait that `{to}` implements")
        }
        BreachKind::Siblings { .. } => "move what both need into a layer below, or let a layer above join them".into(),
        BreachKind::Forbidden if !violation.declared.is_empty() || violation.ways.is_empty() => {
            format!("move what needs `{to}` to a package that may have it")
        }
        BreachKind::Forbidden => "cut one dependency of each way there, best the last that is shown".into(),
        BreachKind::NotAllowed => format!("do without it, move what needs it, or add `{to}` to the list"),
        BreachKind::Owned { .. } | BreachKind::OwnedRole { .. } => "ask the owner for what is needed instead".into(),
        BreachKind::Private => format!("name what the interface offers, or let `{to}` offer more"),
    };
    format!("{way_out}; an `[[exception]]` accepts it for a reason, and until a day")
}
