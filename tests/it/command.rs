//! Runs of the program itself, as a user or a pipeline starts it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a run printed, and its exit code.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

/// The program, to be run in a folder, with nothing in the environment that changes what it prints.
pub fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-scale-lint"));
    let mut changing = vec!["NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "CARGO_TERM_COLOR", "COLUMNS", "TERM"];
    // What is built for one workspace is not for another.
    changing.extend(["GITHUB_STEP_SUMMARY", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"]);
    for name in changing {
        command.env_remove(name);
    }
    command.current_dir(dir);
    command
}

pub fn run(dir: &Path, args: &[&str]) -> Ran {
    finish(program(dir).args(args))
}

pub fn finish(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
    let code = status.code().unwrap_or_else(|| panic!("the program ended by a signal: {status}"));
    Ran { stdout: text(stdout), stderr: text(stderr), code }
}

/// A workspace in `fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}
