use crate::model::Model;
use crate::rule::Findings;

crate::rule!("hardcoded_endpoint.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for found in model.addressed() {
        let message = format!(
            "`{}` is where this service looks for a peer wherever it runs: the peer cannot move, and no second \
             environment or replica can have one of its own",
            found.host
        );
        let at = found.written.place_of(found.written.span());
        let finding = findings.report(at, message, "the address is part of the program");
        if !found.written.is(found.call) {
            finding.related(found.call.head(), format!("it is used here, by {}", model.call_name(found.call)));
        }
        let id = found.call.callable();
        if let Some(context) = model.contexts.find(id, |_| true) {
            finding.trace(model.contexts.trace(model, id, context));
        }
        finding.help("take the address from the configuration or the environment");
    }
}
