use crate::catalog::Role;
use crate::model::Model;
use crate::rule::Findings;

crate::rule!("blocking_db_driver_in_async.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for found in model.on_workers(&[Role::BlockingDb]) {
        let message = format!(
            "{} waits for the database on a thread of the async runtime: as many slow queries as there are cores, and \
             the service answers nothing at all",
            model.call_name(found.sites[0])
        );
        let finding = findings.report_on_worker(&found, message, "blocks the thread");
        finding.help("run it with `spawn_blocking`, or use an async driver");
    }
}
