use crate::model::Model;
use crate::model::state::Cell;
use crate::rule::Findings;

crate::rule!("handler_mutates_process_state.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for state in model.process_state(|cell| matches!(cell, Cell::Field(..))) {
        if let Cell::Field((of, field)) = state.cell {
            let what = format!("`{}::{}`", model.names.defs.name(of), model.names.defs.symbols.text(field));
            super::report_state(model, &state, &what, findings);
        }
    }
}
