//! `baseline`: today's findings become known, or entries of what is gone are removed.

use super::{ConfidenceArg, Output, WorkspaceArgs};
use crate::baseline::{self, Baseline};
use crate::engine::{self, BaselineFile, Outcome};
use crate::error::{NotificationKind, UserError};
use crate::finding::Confidence;
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct BaselineArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    /// Where to keep them [default: scale-lint.baseline.json at the workspace root]
    #[arg(long, value_name = "PATH")]
    baseline: Option<PathBuf>,
    /// Keep findings of at least this confidence
    #[arg(long, value_enum, value_name = "CONFIDENCE", conflicts_with = "prune")]
    min_confidence: Option<ConfidenceArg>,
    /// Add nothing, only remove entries whose finding is gone
    #[arg(long)]
    prune: bool,
}

/// Writes the baseline, or removes from it what is gone.
pub fn baseline(args: &BaselineArgs) -> Result<Output, UserError> {
    let mut options = args.workspace.options();
    options.min_confidence = args.min_confidence.map(Confidence::from);
    options.baseline = match (&args.baseline, args.prune) {
        (_, false) => BaselineFile::Ignored,
        (Some(path), true) => BaselineFile::Named(path.clone()),
        (None, true) => BaselineFile::OfWorkspace,
    };
    let outcome = engine::run(&options)?;
    let shown =
        args.baseline.as_ref().map_or_else(|| baseline::FILE_NAME.to_string(), |path| path.display().to_string());
    let path = match &args.baseline {
        Some(path) => options.locate.current_dir.join(path),
        None => outcome.workspace.root.join(baseline::FILE_NAME),
    };
    let stdout = if args.prune { prune(&outcome, &path, &shown)? } else { keep(&outcome, &path, &shown)? };
    Ok(Output { stdout, ..Output::default() })
}

/// Makes all findings of a run known. Says what is different from before.
///
/// # Errors
/// When a rule failed, or the file cannot be written.
pub fn keep(outcome: &Outcome, path: &Path, shown: &str) -> Result<String, UserError> {
    all_ran(outcome)?;
    let old = Baseline::read(path, shown).unwrap_or_default();
    let kept = Baseline::of(&outcome.workspace, outcome.findings.iter().filter(|finding| finding.counts()))
        .with(outcome.inventory.clone());
    kept.write(path, shown)?;
    Ok(kept.change_since(&old, shown))
}

fn prune(outcome: &Outcome, path: &Path, shown: &str) -> Result<String, UserError> {
    all_ran(outcome)?;
    let old = Baseline::read(path, shown)?;
    let mut kept = old.clone();
    kept.remove(&outcome.stale);
    kept.forget(&outcome.inventory);
    kept.write(path, shown)?;
    Ok(kept.change_since(&old, shown))
}

fn all_ran(outcome: &Outcome) -> Result<(), UserError> {
    let mut notifications = outcome.workspace.notifications.iter();
    match notifications.find(|found| found.kind == NotificationKind::FailedRule) {
        Some(failed) => Err(UserError::new(failed.message.clone())
            .help("the baseline is as it was: one without this rule's findings would show them all as new")),
        None => Ok(()),
    }
}
