//! The pipeline again and again, until nothing is left that can be mended.

use super::{Options, Outcome, analyse};
use crate::error::UserError;
use crate::fix::{Fixing, Wanted, check_clean};

/// Makes fixes and analyses what came of it.
pub fn mend(options: &Options, wanted: &Wanted) -> Result<Outcome, UserError> {
    // Places are only as good as the facts: what is edited is read anew each time.
    let options = Options { cache: false, ..options.clone() };
    let mut outcome = analyse(&options)?;
    check_clean(&outcome.workspace, wanted)?;
    let mut fixing = Fixing::new(wanted);
    while !outcome.failed && fixing.apply(&outcome.workspace, &outcome.findings, &outcome.sources) {
        outcome = analyse(&options)?;
    }
    outcome.fixed = fixing.fixed;
    outcome.workspace.notifications.extend(fixing.notifications);
    outcome.workspace.notifications.sort();
    Ok(outcome)
}
