//! `cargo check` for editors, which run one command only. It is the one thing that runs programs of the workspace, and
//! only when asked to.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Runs cargo and passes its messages on as they come, all but the last one, which says that it has finished. Whether
/// it succeeded.
///
/// # Errors
/// When cargo cannot be started or its messages cannot be passed on.
pub fn pass_on(options: &[OsString], out: &mut impl Write) -> io::Result<bool> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut child = Command::new(cargo).args(options).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let passed = child.stdout.take().map_or(Ok(()), |stdout| pass_lines(BufReader::new(stdout), out));
    let status = child.wait()?;
    passed.map(|()| status.success())
}

fn pass_lines(mut lines: impl BufRead, out: &mut impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        if !is_finish(&line) {
            out.write_all(&line)?;
        }
        line.clear();
    }
    Ok(())
}

fn is_finish(line: &[u8]) -> bool {
    let message: Option<serde_json::Value> = serde_json::from_slice(line).ok();
    message.is_some_and(|message| message["reason"] == "build-finished")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_held_back() {
        let lines = "{\"reason\":\"compiler-artifact\", \"odd\" : 1}\nno json\n{\"reason\":\"build-finished\",\"success\":true}\nlast";
        let mut out = Vec::new();
        pass_lines(lines.as_bytes(), &mut out).expect("memory can be written");
        assert_eq!(out, b"{\"reason\":\"compiler-artifact\", \"odd\" : 1}\nno json\nlast");
    }
}
