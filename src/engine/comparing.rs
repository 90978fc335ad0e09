//! What was there before: in the baseline, and where the branch was made.

use super::{BaselineFile, Keeping, Options, Outcome, Prepared, read};
use crate::baseline::{Baseline, counting, mark};
use crate::config::Config;
use crate::diff_base::{Base, point_at_what_is_new};
use crate::error::{NotificationKind, UserError};
use crate::levels::Levels;
use crate::stats::Timings;
use crate::workspace::{Locate, Workspace};
use std::collections::BTreeSet;

pub fn read_baseline(workspace: &Workspace, options: &Options) -> Result<Option<Baseline>, UserError> {
    match &options.baseline {
        BaselineFile::OfWorkspace => Baseline::of_workspace(&workspace.root),
        BaselineFile::Named(path) => {
            let shown = path.display().to_string();
            Baseline::read(&options.locate.current_dir.join(path), &shown).map(Some)
        }
        BaselineFile::Ignored => Ok(None),
    }
}

/// What there was where the branch was made.
#[derive(Default)]
pub struct Before {
    fingerprints: BTreeSet<String>,
    edges: BTreeSet<String>,
}

/// Analyses the old files as the new ones, by today's configuration: what it newly allows or forbids is no finding that
/// the code brings.
pub fn analyse_base(base: &Base, outcome: &Outcome, options: &Options) -> Result<Before, UserError> {
    let Some(prepared) = prepare_base(base, &outcome.workspace, outcome.config.clone(), options)? else {
        return Ok(Before::default());
    };
    let before = prepared.analyse();
    if before.failed {
        return Err(unseen(UserError::new("a rule failed; this is a bug of scale-lint")));
    }
    let fingerprints = counting(&before.findings).into_iter().map(str::to_string).collect();
    Ok(Before { fingerprints, edges: before.edges })
}

/// Reads the old files; `None` when there was no workspace yet.
fn prepare_base(
    base: &Base,
    now: &Workspace,
    config: Config,
    options: &Options,
) -> Result<Option<Prepared>, UserError> {
    let Some(manifest_path) = base.manifest() else { return Ok(None) };
    let locate = Locate { manifest_path: Some(manifest_path), locked: false, ..options.locate.clone() };
    let workspace = Workspace::discover(&locate).map_err(unseen)?;
    if !base.holds(&workspace.root) {
        let message = format!("`{}` takes its manifest for a member", workspace.root.join("Cargo.toml").display());
        return Err(unseen(UserError::new(message).help("remove that file, or set TMPDIR to another folder")));
    }
    let keeping = if options.cache { Keeping::From(now.target_dir.clone()) } else { Keeping::Nothing };
    Ok(Some(read(workspace, config, Timings::default(), &keeping, options.progress.clone())))
}

/// The workspace at the merge base of a revision; its files are there for as long as this lives.
pub struct Past {
    pub prepared: Prepared,
    _files: Base,
}

/// Reads the workspace at the merge base of `rev` and what is checked out; `None` when there was none yet.
///
/// # Errors
/// When git has it not, or its manifests cannot be read.
pub fn at_merge_base(now: &Prepared, rev: &str, options: &Options) -> Result<Option<Past>, UserError> {
    let base = Base::of(&now.workspace.root, rev)?;
    let prepared = prepare_base(&base, &now.workspace, now.config.clone(), options)?;
    Ok(prepared.map(|prepared| Past { prepared, _files: base }))
}

fn unseen(error: UserError) -> UserError {
    UserError::new(format!("the revision compared with cannot be analysed: {}", error.message))
        .help(error.help.unwrap_or_else(|| "name a revision whose manifests cargo can read".to_string()))
}

/// Tells findings that were there before from new ones. Nothing that has gone makes a run fail.
pub fn compare(outcome: &mut Outcome, baseline: Option<&Baseline>, before: Option<&Before>) {
    if baseline.is_none() && before.is_none() {
        return;
    }
    if let Some(baseline) = baseline.filter(|_| !outcome.failed) {
        let off = Levels::new(&outcome.rules, &outcome.config).off();
        outcome.stale = baseline.stale(&outcome.findings, &off);
    }
    let mut known: BTreeSet<&str> = baseline.iter().flat_map(|baseline| baseline.fingerprints()).collect();
    let mut gone: BTreeSet<&str> = outcome.stale.iter().map(String::as_str).collect();
    if let Some(before) = before {
        let present = counting(&outcome.findings);
        known.extend(before.fingerprints.iter().map(String::as_str));
        gone.extend(before.fingerprints.iter().map(String::as_str).filter(|old| !present.contains(old)));
    }
    outcome.gone = Some(gone.len());
    mark(&mut outcome.findings, &known);
    if let Some(before) = before {
        point_at_what_is_new(&mut outcome.findings, &before.edges);
    }
    if !outcome.stale.is_empty() {
        let entries = if outcome.stale.len() == 1 { "entry" } else { "entries" };
        let message = format!(
            "the baseline has {} {entries} whose finding is gone; `cargo scale-lint baseline --prune` removes them",
            outcome.stale.len()
        );
        outcome.workspace.notify(NotificationKind::StaleBaseline, None, message);
    }
}
