//! Which fixes a run makes.

use crate::finding::Applicability;
use crate::fix::Wanted;
use clap::Args;

#[derive(Debug, Args)]
pub struct FixArgs {
    /// Mend what can be mended without changing what the code does, and report what is left
    #[arg(long, conflicts_with = "message_format")]
    fix: bool,
    /// With --fix, make fixes too that somebody has to look at
    #[arg(long, requires = "fix")]
    unsafe_fixes: bool,
    /// Fix code even if the workspace has changes that are not committed
    #[arg(long, requires = "fix")]
    allow_dirty: bool,
    /// Fix code even if the workspace has changes that are staged
    #[arg(long, requires = "fix")]
    allow_staged: bool,
    /// Fix code even if there is no version control
    #[arg(long, requires = "fix")]
    allow_no_vcs: bool,
}

impl FixArgs {
    pub fn wanted(&self) -> Option<Wanted> {
        self.fix.then_some(Wanted {
            applicability: match self.unsafe_fixes {
                true => Applicability::MaybeIncorrect,
                false => Applicability::MachineApplicable,
            },
            allow_dirty: self.allow_dirty,
            allow_staged: self.allow_staged,
            allow_no_vcs: self.allow_no_vcs,
        })
    }
}
