use crate::catalog::Role;
use crate::model::Model;
use crate::rule::Findings;

crate::rule!("remote_call_in_loop.md");

const AWAY: [Role; 3] = [Role::HttpRequest, Role::RemoteCall, Role::CacheCall];

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for round in model.rounds(&AWAY) {
        let message = format!(
            "{} waits for {} once for each element, one after the other: a thousand elements are a thousand times its \
             latency",
            model.actor(&round.way),
            model.call_name(round.away.end)
        );
        let finding = findings.report(round.site.place(), message, "one call for each round");
        if let Some(over) = round.over() {
            finding.related(over.span(), "the loop runs over this");
        }
        finding.trace(round.trace(model));
        finding.help("use a batch call or pipeline, or run a bounded number at once (`buffer_unordered(n)`)");
    }
}
