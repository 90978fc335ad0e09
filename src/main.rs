//! The program: arguments in, texts out, exit code.

use clap::Parser;
use scale_lint::cli::{Cli, FAILED, run};
use std::io::Write;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Cargo passes the subcommand's own name as the first argument.
    let mut args: Vec<_> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == "scale-lint") {
        args.remove(1);
    }
    let output = run(&Cli::parse_from(args));
    // A reader that has gone away is no failure: what it wanted to see, it has seen.
    let written = std::io::stdout().write_all(output.stdout.as_bytes());
    let closed = matches!(&written, Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe);
    let _ = std::io::stderr().write_all(output.stderr.as_bytes());
    ExitCode::from(if closed { FAILED } else { output.code })
}
