use crate::model::Model;
use crate::model::defs::DefId;
use crate::rule::Findings;

crate::rule!("cyclic_service_calls.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for circle in model.actor_circles() {
        let Some((first, others)) = circle.split_first() else { continue };
        let (from, to) = (actor(model, first.from), actor(model, first.to));
        let between = match others {
            [_] => "which waits for one of it".to_string(),
            [next, ..] => format!("and so on by way of {} back to it", actor(model, next.to)),
            [] => continue,
        };
        let message = format!(
            "{from} waits for a reply of {to}, {between}: an actor that waits takes no message, so two at once wait for \
             ever"
        );
        let finding = findings.report(first.site.place(), message, format!("waits for {to}"));
        for other in others {
            let (from, to) = (actor(model, other.from), actor(model, other.to));
            finding.related(other.site.head(), format!("{from} waits for {to} here"));
        }
        finding.trace(first.way.clone());
        finding.help("let one of the two send without waiting for the reply, or give what both need to a third one");
    }
}

/// An actor, as far as its name says which.
fn actor(model: &Model<'_>, of: DefId) -> String {
    let path = model.names.defs.path(of);
    let from = path.rmatch_indices("::").nth(1).map_or(0, |(at, _)| at + 2);
    format!("`{}`", &path[from..])
}
