use crate::catalog::Role;
use crate::model::Model;
use crate::rule::Findings;

crate::rule!("cpu_heavy_in_async.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for found in model.on_workers(&[Role::CpuHeavy]) {
        let message = format!(
            "{} computes for milliseconds or more on a thread of the async runtime: a handful of them at once take all \
             workers, and every other request waits",
            model.call_name(found.sites[0])
        );
        let finding = findings.report_on_worker(&found, message, "keeps the thread busy");
        finding.help("move it to `spawn_blocking`, and limit with a semaphore how many run at once");
    }
}
