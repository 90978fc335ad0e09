use crate::model::Model;
use crate::rule::Findings;

crate::rule!("same_layer_edge.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for within in &model.boundaries.within_layers {
        let Some(((first, place), others)) = within.edges.split_first() else { continue };
        let name = &model.workspace.package(within.package).name;
        let other = |edge: &str| edge.rsplit(" -> ").next().unwrap_or_default().to_string();
        let also = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        let message = format!(
            "`{name}` now depends on `{}`{also} of its own layer `{}`, about which layers say nothing",
            other(first),
            within.layer
        );
        let finding = findings.report(model.manifest_place(within.package, *place), message, "new inside the layer");
        for (edge, span) in others {
            finding.related(*span, format!("so is the one on `{}`", other(edge)));
        }
        for (edge, span) in &within.edges {
            finding.part(edge.clone(), *span);
        }
        finding.help(format!(
            "split `{}` if one of them is below the other, or mark it `independent = true`; `cargo scale-lint baseline` \
             takes note of the edge",
            within.layer
        ));
    }
}
