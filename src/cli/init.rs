//! `init`: a configuration fitted to the workspace, and a baseline of what it has today.

use super::baseline::keep;
use super::{Output, WorkspaceArgs};
use crate::baseline;
use crate::config;
use crate::engine::{self, BaselineFile, Options};
use crate::error::UserError;
use crate::init::Found;
use clap::Args;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

#[derive(Debug, Args)]
pub struct InitArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    /// Write no baseline: all findings of today are shown
    #[arg(long)]
    no_baseline: bool,
}

/// Writes both files, neither over one that is there.
pub fn init(args: &InitArgs) -> Result<Output, UserError> {
    let options = Options { baseline: BaselineFile::Ignored, ..args.workspace.options() };
    let found = engine::with_threads(&options, || {
        let prepared = engine::prepare(&options)?;
        match &prepared.config.source {
            Some(source) => Err(UserError::new(format!("`{}` configures scale-lint already", source.path))
                .help("to start anew, remove it first; `cargo scale-lint baseline` writes the baseline alone")),
            None => Ok(Found::in_model(&prepared.model())),
        }
    })?;
    let mut outcome = engine::run(&options)?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in outcome.findings.iter().filter(|finding| finding.counts()) {
        *counts.entry(finding.rule).or_default() += 1;
    }
    let root = outcome.workspace.root.clone();
    write_new(&root.join(config::FILE_NAME), &found.configuration(&outcome.rules, &counts))?;
    let mut stdout = format!("wrote {}: {}\n", config::FILE_NAME, found.summary());
    let known = root.join(baseline::FILE_NAME);
    if found.has_layers() {
        // By now there are layers to keep.
        outcome = engine::run(&options)?;
    }
    if !args.no_baseline && (!counts.is_empty() || found.has_layers()) && known.symlink_metadata().is_err() {
        stdout.push_str(&keep(&outcome, &known, baseline::FILE_NAME)?);
        stdout.push_str("commit both; from now on, `cargo scale-lint` shows what is new, and `--no-baseline` all\n");
    }
    Ok(Output { stdout, ..Output::default() })
}

fn write_new(path: &Path, text: &str) -> Result<(), UserError> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        UserError::new(format!("`{}` cannot be written: {error}", config::FILE_NAME))
            .help("run it where the workspace root can be written")
    })
}
