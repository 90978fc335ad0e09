use crate::finding::Place;
use crate::model::Model;
use crate::model::modules::{ModuleCycle, ModuleEdge};
use crate::rule::Findings;

crate::rule!("module_cycle.md");

/// How many modules of a circle, and items of an edge, are named.
const MAX_NAMED: usize = 4;

/// How many modules of one part of the crate may need each other: whoever changes the part has them all at hand.
const MAX_OF_A_PART: usize = 5;

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let is_small = |cycle: &ModuleCycle<'_>| cycle.modules.len() <= MAX_OF_A_PART && cycle.is_within_a_part(model);
    for cycle in model.modules().cycles(model).into_iter().filter(|cycle| !is_small(cycle)) {
        report(model, &cycle, findings);
    }
}

fn report(model: &Model<'_>, cycle: &ModuleCycle<'_>, findings: &mut Findings<'_>) {
    let Some((first, others)) = cycle.cut.split_first() else { return };
    let Some(place) = first.needs().next() else { return };
    let defs = &model.names.defs;
    let members = named(cycle.modules.iter().map(|module| defs.path(*module)));
    let message = format!("{members} need each other, so none can be changed, tested or moved out without the rest");
    let at = Place { span: place.span, symbol: defs.path(first.from), package: model.package_name(first.from) };
    let label = match others.len() {
        0 => format!("the one edge to cut: {}", needs(model, first)),
        more => format!("the cheapest of {} edges to cut: {}", more + 1, needs(model, first)),
    };
    let finding = findings.report(at, message, label);
    let is_cut = |edge: &&&ModuleEdge| cycle.cut.iter().any(|cut| std::ptr::eq(*cut, **edge));
    for cut in &cycle.cut {
        for (position, found) in cut.needs().filter(|found| found.span != place.span).enumerate() {
            let again = position > 0 || std::ptr::eq(*cut, *first);
            finding.related(
                found.span,
                match again {
                    true => format!("`{}` is needed here too", defs.name(found.item)),
                    false => format!("{}; this edge must go too", needs(model, cut)),
                },
            );
        }
    }
    for kept in cycle.edges.iter().filter(|edge| !is_cut(edge)) {
        if let Some(found) = kept.needs().next() {
            finding.related(found.span, needs(model, kept));
        }
    }
    for edge in &cycle.edges {
        let span = edge.needs().next().map_or(place.span, |found| found.span);
        finding.part(model.module_edge_name(edge), span);
    }
    finding.help(format!(
        "`{}` is the lower side: move what it needs of `{}` down into it, or into a module below both",
        defs.path(first.from),
        defs.path(first.to)
    ));
}

/// `a::b` needs `X` and `Y` of `a::c`.
fn needs(model: &Model<'_>, edge: &ModuleEdge) -> String {
    let defs = &model.names.defs;
    let items = named(edge.items().into_iter().map(|item| defs.name(item).to_string()));
    format!("`{}` needs {items} of `{}`", defs.path(edge.from), defs.path(edge.to))
}

/// A few names, and how many more there are.
fn named(names: impl ExactSizeIterator<Item = String>) -> String {
    let left = names.len().saturating_sub(MAX_NAMED);
    let mut named: Vec<String> = names.take(MAX_NAMED).map(|name| format!("`{name}`")).collect();
    match (left, named.pop()) {
        (0, Some(last)) if named.is_empty() => last,
        (0, Some(last)) => format!("{} and {last}", named.join(", ")),
        (_, last) => {
            named.extend(last);
            format!("{} and {left} more", named.join(", "))
        }
    }
}
