//! What shells and `man` want to know of the commands.

use super::{Cli, Output};
use crate::error::UserError;
use clap::CommandFactory;
use clap_complete::Shell;

/// The name of the binary: cargo's own completions ask for those of `cargo-scale-lint`.
const BINARY: &str = "cargo-scale-lint";

/// The script that makes a shell complete commands and options.
pub fn completions(shell: Shell) -> Output {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command().bin_name(BINARY), BINARY, &mut script);
    Output { stdout: String::from_utf8_lossy(&script).into_owned(), ..Output::default() }
}

/// The manual page, with a section for each command.
///
/// # Errors
/// When it cannot be rendered.
pub fn manual() -> Result<Output, UserError> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command().bin_name(BINARY))
        .render(&mut page)
        .map_err(|error| UserError::new(format!("the manual page cannot be written: {error}")))?;
    Ok(Output { stdout: String::from_utf8_lossy(&page).into_owned(), ..Output::default() })
}
