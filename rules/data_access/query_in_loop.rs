use crate::catalog::Role;
use crate::finding::{Confidence, Severity};
use crate::model::Model;
use crate::rule::Findings;

crate::rule!("query_in_loop.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for round in model.rounds(&[Role::Query]) {
        let message = format!(
            "{} makes one round trip to the database for each element: a thousand elements are a thousand times its \
             latency",
            model.actor(&round.way)
        );
        let finding = findings.report(round.site.place(), message, "one query for each round");
        if let Some(beginning) = round.beginning() {
            finding.related(beginning.head(), "this query");
        }
        if let Some(over) = round.over() {
            finding.related(over.span(), "the loop runs over this");
        }
        finding.trace(round.trace(model));
        if round.may_be_spared() || round.is_work_list() {
            finding.at_most(Severity::Warning, Confidence::Low);
        }
        finding.help(
            "ask once for all elements (`= ANY($1)`, `IN (..)`, a join), or write them in one statement or batch",
        );
    }
}
