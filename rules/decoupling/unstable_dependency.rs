use crate::model::Model;
use crate::model::metrics::Metrics;
use crate::rule::Findings;
use crate::workspace::PackageId;

crate::rule!("unstable_dependency.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let metrics = Metrics::of_crates(model.workspace.package_ids(), &model.crates);
    let least = findings.option("min-gap-percent") as f64 / 100.0;
    if metrics.nodes().count() < findings.option("min-packages") as usize {
        return;
    }
    for (from, to) in metrics.edges() {
        // Rounded, so that a gap of exactly the limit counts whatever the fractions come to.
        let gap = (metrics.instability_gap(from, to) * 1000.0).round() / 1000.0;
        if gap >= least && metrics.afferent(from) > 0 && !model.is_facade(to) {
            report(model, &metrics, (from, to), findings);
        }
    }
}

fn report(model: &Model<'_>, metrics: &Metrics, (from, to): (PackageId, PackageId), findings: &mut Findings<'_>) {
    let declared = model.crates.edges().iter().filter(|edge| (edge.from, edge.to) == (from, to));
    let Some(edge) = declared.min_by_key(|edge| edge.kind) else { return };
    let name = |package| model.workspace.package(package).name.as_str();
    let message = format!(
        "`{}`, on which {} build, depends on `{}`, which depends on {} itself: what changes there reaches all above",
        name(from),
        crates(metrics.afferent(from)),
        name(to),
        crates(metrics.efferent(to))
    );
    let label = format!("instability {:.2} here, and {:.2} there", metrics.instability(from), metrics.instability(to));
    let finding = findings.report(model.manifest_place(from, edge.span), message, label);
    finding.part(model.workspace.edge_name(from, to), edge.span);
    finding.help(format!(
        "move what `{}` needs of `{}` into a crate that depends on little, or turn the dependency round with a trait",
        name(from),
        name(to)
    ));
}

fn crates(count: usize) -> String {
    if count == 1 { "one crate".to_string() } else { format!("{count} crates") }
}
