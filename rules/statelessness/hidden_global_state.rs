use crate::model::Model;
use crate::model::state::Cell;
use crate::rule::Findings;

crate::rule!("hidden_global_state.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for state in model.process_state(|cell| matches!(cell, Cell::Static(..))) {
        if let Cell::Static(def) = state.cell {
            let what = format!("the static `{}`", model.names.defs.name(def));
            super::report_state(model, &state, &what, findings);
        }
    }
}
