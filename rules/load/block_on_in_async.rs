use crate::catalog::Role;
use crate::model::Model;
use crate::rule::Findings;

crate::rule!("block_on_in_async.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for found in model.on_workers(&[Role::BlockOn]) {
        let message = format!(
            "{} waits for a future on a thread that is there to run futures: it panics, or the worker is gone until the \
             future ends, and once all workers wait like this none ever does",
            model.call_name(found.sites[0])
        );
        let finding = findings.report_on_worker(&found, message, "blocks the worker");
        finding.help("await the future, or run the code around this with `spawn_blocking`");
    }
}
