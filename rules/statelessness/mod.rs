//! No session, business or coordination state hidden in the process.

pub mod ephemeral_signing_key;
pub mod handler_mutates_process_state;
pub mod hidden_global_state;
pub mod session_store_in_memory;

use crate::finding::Label;
use crate::model::Model;
use crate::model::entries::EntryPoint;
use crate::model::state::ProcessState;
use crate::rule::{Findings, Rule};

pub const RULES: &[Rule] = &[
    ephemeral_signing_key::RULE,
    handler_mutates_process_state::RULE,
    hidden_global_state::RULE,
    session_store_in_memory::RULE,
];

/// Reports a map that one request fills and another reads.
fn report_state(model: &Model<'_>, state: &ProcessState<'_>, what: &str, findings: &mut Findings<'_>) {
    let serves = |entry: &EntryPoint| entry.kind.is_request() || entry.kind.is_message();
    let (Some(mut writer), Some(mut reader)) =
        (model.way_in(state.write, serves, |_, _| true), model.way_in(state.read, serves, |_, _| true))
    else {
        return;
    };
    let message = format!(
        "{} keeps data in {what}, where only this process finds it: with a second replica {} misses what the other one \
         was told, and a deploy forgets it",
        model.actor(&writer),
        model.actor(&reader)
    );
    let finding = findings.report(state.write.place(), message, "kept in this process alone");
    finding.related(state.read.head(), "and looked up here, by whichever replica is asked");
    writer.steps.push(Label::new(state.write.head(), "puts it in"));
    reader.steps.push(Label::new(state.read.head(), "looks it up"));
    writer.steps.append(&mut reader.steps);
    finding.trace(writer.steps);
    finding.help("keep it in a store that all replicas share, such as the database or a cache server");
}
