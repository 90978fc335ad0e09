use crate::model::Model;
use crate::model::boundaries::Uses;
use crate::model::crates::{CrateCycle, CrateEdge};
use crate::rule::Findings;

crate::rule!("crate_cycle.md");

/// How many packages of a circle are named.
const MAX_NAMED: usize = 5;

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let cycles = model.crates.cycles();
    if cycles.is_empty() {
        return;
    }
    let uses = Uses::of(model);
    for cycle in cycles {
        report(model, &cycle, &uses, findings);
    }
}

fn report(model: &Model<'_>, cycle: &CrateCycle, uses: &Uses, findings: &mut Findings<'_>) {
    let Some((first, others)) = cycle.cut.split_first() else { return };
    let name = |package| model.workspace.package(package).name.as_str();
    let mut members: Vec<String> = cycle.packages.iter().map(|package| format!("`{}`", name(*package))).collect();
    let others_left = members.split_off(members.len().min(MAX_NAMED)).len();
    if others_left > 0 {
        members.push(format!("{others_left} others"));
    }
    let message = format!(
        "{} depend on each other, so none can be changed, tested or published without the rest",
        members.join(", ")
    );
    let edge = |edge: &CrateEdge| format!("`{}` depends on `{}`", name(edge.from), name(edge.to));
    let cuts: Vec<String> = cycle.cut.iter().map(|cut| format!("`{}` → `{}`", name(cut.from), name(cut.to))).collect();
    let label = match first.weight {
        0 => "the cheapest edge to cut".to_string(),
        1 => "the cheapest edge to cut: one item is imported".to_string(),
        items => format!("the cheapest edge to cut: {items} items are imported"),
    };
    let finding = findings.report(model.manifest_place(first.from, first.span), message, label);
    for other in others {
        finding.related(other.span, format!("{}; this edge must go too", edge(other)));
    }
    for cut in &cycle.cut {
        for found in uses.of_member(model, cut.from, cut.to) {
            finding.related(found.span, format!("`{}` names `{}` here", name(cut.from), name(cut.to)));
        }
    }
    for kept in cycle.edges.iter().filter(|kept| cycle.cut.iter().all(|cut| cut.span != kept.span)) {
        finding.related(kept.span, edge(kept));
    }
    for edge in &cycle.edges {
        finding.part(model.workspace.edge_name(edge.from, edge.to), edge.span);
    }
    finding.help(format!(
        "cut {}: move the tests that need it into the higher crate or into a crate above both",
        cuts.join(" and ")
    ));
}
