use crate::finding::Label;
use crate::model::Model;
use crate::model::shared_tables::{SharedTables, Writer};
use crate::rule::Findings;

crate::rule!("shared_table_across_services.md");

/// How many tables are named.
const MAX_NAMED: usize = 3;

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for shared in model.shared_tables() {
        if !model.boundaries.owners.contains(&shared.through) {
            report(model, &shared, findings);
        }
    }
}

fn report(model: &Model<'_>, shared: &SharedTables<'_>, findings: &mut Findings<'_>) {
    let [one, other] = &shared.writers;
    let defs = &model.names.defs;
    let [first, second] = [one, other].map(|writer| defs.symbols.text(defs.krate(writer.service).name));
    let named: Vec<String> = shared.tables.keys().take(MAX_NAMED).map(|table| format!("`{table}`")).collect();
    let left = shared.tables.len() - named.len();
    let more = if left > 0 { format!(" and {left} more") } else { String::new() };
    let message = format!(
        "`{first}` and `{second}` both write {}{more}: neither service can change or move them without the other",
        named.join(", ")
    );
    let finding = findings.report(one.site.place(), message, "written here");
    finding.trace(way(one));
    for label in way(other) {
        finding.related(label.span, format!("`{second}`: {}", label.message));
    }
    for (table, site) in shared.tables.iter().filter(|(_, site)| !site.is(one.site)) {
        finding.related(site.head(), format!("`{table}` is written here"));
    }
    finding.help(format!(
        "let one of them own each table and the other ask it, by a call or an event; `[[own]]` in scale-lint.toml says \
         that `{}` is the owner",
        model.workspace.package(shared.through).name
    ));
}

fn way(writer: &Writer<'_>) -> Vec<Label> {
    let written = Label::new(writer.site.head(), "writes the table here");
    writer.way.iter().cloned().chain([written]).collect()
}
