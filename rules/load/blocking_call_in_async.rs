use crate::catalog::Role;
use crate::finding::{Applicability, Confidence, Fix, Severity};
use crate::model::Model;
use crate::model::workers::OnWorker;
use crate::rule::Findings;

crate::rule!("blocking_call_in_async.md");

const BLOCKS: [(Role, &str); 7] = [
    (Role::BlockingSleep, "sleeps"),
    (Role::BlockingHttp, "waits for an answer over HTTP"),
    (Role::BlockingNet, "waits for the network"),
    (Role::BlockingProcess, "waits for another process"),
    (Role::BlockingWait, "waits for another thread"),
    (Role::BlockingFs, "waits for the disk"),
    (Role::BlockingStat, "waits for the disk"),
];

/// What lies further away than this from where requests enter is rarely done for each of them.
const MAX_STEPS_TO_DISK: usize = 6;

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for found in model.on_workers(&BLOCKS.map(|(role, _)| role)) {
        let Some((_, what)) = BLOCKS.iter().find(|(role, _)| *role == found.role) else { continue };
        let message = format!(
            "{} {what} on a thread of the async runtime: all tasks of that thread stand still meanwhile, and a few calls \
             at once stop the service",
            model.call_name(found.sites[0])
        );
        let finding = findings.report_on_worker(&found, message, "blocks the thread");
        finding.help("use the runtime's own version of it, or move it to `spawn_blocking`");
        finding.fix = awaited(&found);
        let is_near = found.way.len() <= MAX_STEPS_TO_DISK;
        match found.role {
            Role::BlockingFs if is_near => finding.at_most(Severity::Warning, Confidence::Medium),
            Role::BlockingFs | Role::BlockingStat => finding.at_most(Severity::Warning, Confidence::Low),
            _ => finding,
        };
    }
}

/// All calls in the runtime's own version, when there is one of each and all can be awaited where they are.
fn awaited(found: &OnWorker<'_>) -> Option<Fix> {
    let (mut edits, mut applicability) = (Vec::new(), Applicability::MachineApplicable);
    for site in &found.sites {
        edits.extend(site.rewrite(&[found.role])?);
        applicability = applicability.max(site.awaitable()?);
    }
    Some(Fix::new(applicability, "await the runtime's own version of it", edits))
}
