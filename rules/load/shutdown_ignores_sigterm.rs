use crate::catalog::Role;
use crate::finding::{Applicability, Confidence, Fix, Severity};
use crate::model::Model;
use crate::model::roles::RoleSet;
use crate::model::site::Site;
use crate::rule::Findings;

crate::rule!("shutdown_ignores_sigterm.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for (binary, packages) in model.services.binaries() {
        let inside = |site: &Site<'_>| model.is_part_of(site.view.prepared.owner, binary, packages);
        let sites = |roles: &[Role]| model.sites_with(roles).filter(inside).collect::<Vec<_>>();
        let handles_itself = !sites(&[Role::GracefulByDefault]).is_empty() && sites(&[Role::SignalsOff]).is_empty();
        let terminates = !sites(&[Role::SignalTerminate]).is_empty()
            || model.mentions(RoleSet::of(&[Role::SignalTerminate])).any(|site| inside(&site));
        if handles_itself || terminates {
            continue;
        }
        let mut waits = sites(&[Role::SignalInterrupt]);
        waits.sort_by_key(|site| model.contexts.of(site.callable()).is_empty());
        if let Some((first, others)) = waits.split_first() {
            report(model, *first, others, findings);
        }
    }
}

fn report(model: &Model<'_>, first: Site<'_>, others: &[Site<'_>], findings: &mut Findings<'_>) {
    let message = "only Ctrl-C starts the shutdown, so the SIGTERM of a deploy or scale-in kills the process with \
                   requests and jobs in flight";
    let finding = findings.report(first.place(), message, "waits for SIGINT alone");
    for other in others {
        finding.related(other.head(), "so does this");
    }
    // Others are somewhere else, and would be forgotten with the finding.
    let waits = first.rewrite(&[Role::SignalInterrupt]).filter(|_| others.is_empty());
    finding.fix = waits.map(|edits| Fix::new(Applicability::MaybeIncorrect, "wait for SIGTERM too", edits));
    match model.contexts.of(first.callable()).first() {
        Some(context) => finding.trace(model.contexts.trace(model, first.callable(), *context)),
        // Not seen to run, so perhaps not part of what the binary does.
        None => finding.at_most(Severity::Warning, Confidence::Medium),
    };
    finding.help("wait for SIGTERM as well: select over both signals and start the same shutdown");
}
