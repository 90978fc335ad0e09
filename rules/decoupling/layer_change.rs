use crate::finding::{Confidence, Severity};
use crate::model::Model;
use crate::rule::Findings;
use crate::source::Span;

crate::rule!("layer_change.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for moved in &model.boundaries.moved {
        let package = model.workspace.package(moved.package);
        let to = moved.to.as_ref().map_or("no layer".to_string(), |to| format!("the layer `{to}`"));
        let name = &package.name;
        let hidden = match moved.silenced.len() {
            0 => String::new(),
            1 => ", which hides a dependency that breaks the boundaries as they were".to_string(),
            count => format!(", which hides {count} dependencies that break the boundaries as they were"),
        };
        let message = format!("`{name}` went from the layer `{}` to {to}{hidden}", moved.from);
        let place = model.manifest_place(moved.package, Span::new(package.manifest, package.name_range));
        let finding = findings.report(place, message, format!("first in the layer `{}`", moved.from));
        for (edge, span) in &moved.silenced {
            finding.related(*span, format!("hidden: `{}`", edge.replace(" -> ", "` depends on `")));
        }
        let part = format!("{name}: {} -> {}", moved.from, moved.to.as_deref().unwrap_or_default());
        finding.part(part, finding.primary.span);
        finding.help("if it belongs there, `cargo scale-lint baseline` takes note of it, for all to see in review");
        if moved.silenced.is_empty() {
            finding.at_most(Severity::Note, Confidence::High);
        }
    }
}
