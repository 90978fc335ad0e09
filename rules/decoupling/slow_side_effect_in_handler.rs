use crate::model::Model;
use crate::rule::Findings;

crate::rule!("slow_side_effect_in_handler.md");

/// How many handlers are shown.
const MAX_SHOWN: usize = 4;

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for effect in model.awaited_side_effects() {
        let site = effect.sites[0];
        let Some(((first, way), others)) = effect.waiting.split_first() else { continue };
        let who = match others.len() {
            0 => format!("`{}` answers", model.callable_name(first.callable)),
            more => format!("`{}` and {more} more handlers answer", model.callable_name(first.callable)),
        };
        let message = format!(
            "{who} only after {} has told somebody else: each request takes as long as that does, and fails or hangs \
             when it does",
            model.call_name(site)
        );
        let finding = findings.report(site.place(), message, "requests wait for this");
        for other in &effect.sites[1..] {
            finding.related(other.head(), "and for this");
        }
        for (entry, _) in others.iter().take(MAX_SHOWN) {
            finding.related(model.entry_span(entry), format!("`{}` waits too", model.callable_name(entry.callable)));
        }
        finding.trace(way.clone());
        finding.help("put it into an outbox or job queue, and let a worker send it and try again when that fails");
    }
}
