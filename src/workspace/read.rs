//! Reading files that may be anything: only regular files below the root, up to a size, as text.

use crate::source::Stat;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Larger sources are generated; they are named in a notification and not read.
pub const MAX_FILE_SIZE: u64 = 4 << 20;

/// A file's text, or why it has none. Bytes that are not UTF-8 are replaced, and that is said.
#[derive(Debug)]
pub struct Content {
    pub text: String,
    pub lossy: bool,
}

/// The size and time of a regular file below `root`, links resolved.
///
/// # Errors
/// Says in a few words why the file is not read.
pub fn stat(root: &Path, path: &Path) -> Result<Stat, String> {
    let real = path.canonicalize().map_err(|error| format!("cannot be read: {error}"))?;
    if !real.starts_with(root) {
        return Err("lies outside of the workspace".into());
    }
    let metadata = fs::metadata(&real).map_err(|error| format!("cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("is not a regular file".into());
    }
    if metadata.len() > MAX_FILE_SIZE {
        return Err(format!("is larger than {} MiB", MAX_FILE_SIZE >> 20));
    }
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Ok(Stat { size: metadata.len(), modified: since.map_or(0, |since| since.as_nanos() as u64) })
}

/// Reads a file that [`stat`] found fit. Reads no more than the limit even if the file has grown since.
///
/// # Errors
/// Says in a few words why the file is not read.
pub fn read_text(path: &Path) -> Result<Content, String> {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        fs::File::open(path)?.take(MAX_FILE_SIZE).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| format!("cannot be read: {error}"))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Content { text, lossy: false },
        Err(error) => Content { text: String::from_utf8_lossy(error.as_bytes()).into_owned(), lossy: true },
    })
}

/// What the system says of this process, where it keeps such a file.
pub fn process_status() -> Option<String> {
    fs::read_to_string("/proc/self/status").ok()
}
