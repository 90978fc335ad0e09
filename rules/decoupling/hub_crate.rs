use crate::model::Model;
use crate::model::metrics::Metrics;
use crate::rule::Findings;
use crate::source::Span;

crate::rule!("hub_crate.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let metrics = Metrics::of_crates(model.workspace.package_ids(), &model.crates);
    let (least_in, least_out) = (findings.option("min-fan-in") as usize, findings.option("min-fan-out") as usize);
    for id in metrics.nodes() {
        let (above, below) = (metrics.afferent(id), metrics.efferent(id));
        if above < least_in || below < least_out || model.is_facade(id) {
            continue;
        }
        let package = model.workspace.package(id);
        let message = format!(
            "a change in any of {below} crates reaches the {above} that depend on `{}`, and none of those can do without the rest",
            package.name
        );
        let at = model.manifest_place(id, Span::new(package.manifest, package.name_range));
        findings.report(at, message, format!("{above} crates depend on it, and it depends on {below}")).help(
            "split it by who needs what: a crate for each group of its items, so that each depends only on what these need",
        );
    }
}
