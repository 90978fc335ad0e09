use crate::model::Model;
use crate::model::metrics::Metrics;
use crate::model::parts::{Part, Parts};
use crate::rule::Findings;
use crate::source::Span;
use crate::workspace::PackageId;

crate::rule!("god_crate.md");

/// How many parts and packages are named.
const MAX_NAMED: usize = 4;

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let metrics = Metrics::of_crates(model.workspace.package_ids(), &model.crates);
    let all: u64 = metrics.nodes().map(|id| model.lines(id)).sum();
    let (least_lines, least_share) = (findings.option("min-lines") as u64, findings.option("min-share") as u64);
    let (least_in, least_out) = (findings.option("min-fan-in") as usize, findings.option("min-fan-out") as usize);
    for id in metrics.nodes() {
        let (lines, below) = (model.lines(id), metrics.efferent(id));
        let is_big = lines >= least_lines.max(1) && 100 * lines >= least_share * all;
        if !is_big || below < least_out || metrics.afferent(id) < least_in || model.is_facade(id) {
            continue;
        }
        let parts = model.parts(id);
        if parts.users().len() >= least_in && parts.fall_apart() {
            let size = format!("{lines} lines, {}% of the workspace", 100 * lines / all);
            report(model, id, (&parts, below, size), findings);
        }
    }
}

fn report(model: &Model<'_>, id: PackageId, found: (&Parts, usize, String), findings: &mut Findings<'_>) {
    let (parts, below, size) = found;
    let package = model.workspace.package(id);
    let message = format!(
        "`{}` is several crates in one: each of the {} crates that use it needs only a part of it, and gets all of it \
         and the {below} crates below it",
        package.name,
        parts.users().len()
    );
    let at = model.manifest_place(id, Span::new(package.manifest, package.name_range));
    let finding = findings.report(at, message, size);
    for part in parts.of_few().take(MAX_NAMED) {
        if let Some(span) = model.names.defs.span(part.module) {
            finding.related(span, format!("{} lines, needed only by {}", part.lines, users(model, part)));
        }
    }
    let first: Vec<String> = parts.of_few().take(2).map(|part| model.names.defs.path(part.module)).collect();
    finding.help(format!(
        "split it by who needs what, beginning with `{}`: a crate for each part, below those that use it",
        first.join("` and `")
    ));
}

fn users(model: &Model<'_>, part: &Part) -> String {
    let names = part.users.iter().map(|user| format!("`{}`", model.workspace.package(*user).name));
    let left = part.users.len().saturating_sub(MAX_NAMED);
    let mut named = names.take(MAX_NAMED).collect::<Vec<_>>().join(", ");
    if left > 0 {
        named.push_str(&format!(" and {left} more"));
    }
    named
}
