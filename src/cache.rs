//! Facts kept on disk, so that a file that has not changed is not parsed again.
//!
//! One file in the target folder: an index and, behind it, the facts of each source. A file is taken for unchanged when
//! size and time agree, or when its content does. Anything that does not fit is a miss, never an error.

use crate::facts::{FACTS_VERSION, FileFacts};
use crate::source::Stat;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// A time stamp this near to the writing of the cache may belong to an older content.
const RACY_NANOS: u64 = 2_000_000_000;

/// Facts of an earlier run.
#[derive(Default)]
pub struct Cache {
    index: BTreeMap<String, Entry>,
    blobs: Vec<u8>,
    written: u64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Entry {
    size: u64,
    modified: u64,
    content: [u8; 32],
    start: u64,
    length: u64,
}

#[derive(Serialize, Deserialize)]
struct Head {
    version: String,
    written: u64,
    index: BTreeMap<String, Entry>,
}

/// A file whose facts are to be kept.
pub struct Kept {
    pub path: String,
    pub stat: Stat,
    pub content: [u8; 32],
    /// The facts of a file that was parsed; `None` when they are those of the earlier run.
    pub facts: Option<Vec<u8>>,
}

fn version() -> String {
    format!("{} facts {FACTS_VERSION}", env!("CARGO_PKG_VERSION"))
}

/// The hash of a source's content.
pub fn content_hash(text: &str) -> [u8; 32] {
    *blake3::hash(text.as_bytes()).as_bytes()
}

/// Facts as they are kept.
pub fn encode(facts: &FileFacts) -> Vec<u8> {
    postcard::to_allocvec(facts).expect("facts are plain data")
}

impl Cache {
    /// Reads the cache of a workspace; an empty one when there is none, or it is of another version, or damaged.
    pub fn read(target_dir: &Path) -> Self {
        let read = || -> Option<Self> {
            let bytes = fs::read(path(target_dir)).ok()?;
            let length = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
            let end = usize::try_from(length).ok()?.checked_add(8)?;
            let head: Head = postcard::from_bytes(bytes.get(8..end)?).ok()?;
            if head.version != version() {
                return None;
            }
            Some(Self { index: head.index, blobs: bytes.get(end..)?.to_vec(), written: head.written })
        };
        read().unwrap_or_default()
    }

    /// The facts of a file whose size and time are as they were, with their content's hash.
    pub fn by_stat(&self, path: &str, stat: Stat) -> Option<(FileFacts, [u8; 32])> {
        let entry = self.index.get(path)?;
        let same = entry.size == stat.size && entry.modified == stat.modified && stat.modified != 0;
        let racy = entry.modified.saturating_add(RACY_NANOS) >= self.written;
        if !same || racy {
            return None;
        }
        Some((self.facts(entry)?, entry.content))
    }

    /// The facts of a file whose content is as it was.
    pub fn by_content(&self, path: &str, content: &[u8; 32]) -> Option<FileFacts> {
        let entry = self.index.get(path).filter(|entry| entry.content == *content)?;
        self.facts(entry)
    }

    fn facts(&self, entry: &Entry) -> Option<FileFacts> {
        postcard::from_bytes(self.blob(entry)?).ok()
    }

    fn blob(&self, entry: &Entry) -> Option<&[u8]> {
        let start = usize::try_from(entry.start).ok()?;
        let end = start.checked_add(usize::try_from(entry.length).ok()?)?;
        self.blobs.get(start..end)
    }

    /// Replaces the cache by the facts of this run, unless it holds just these. Failure is of no consequence: the next
    /// run parses again.
    pub fn write(self, target_dir: &Path, kept: &[Kept]) {
        let is_current = |file: &Kept| {
            let known = self.index.get(&file.path);
            let same = |entry: &Entry| entry.size == file.stat.size && entry.modified == file.stat.modified;
            file.facts.is_none() && known.is_some_and(same)
        };
        if kept.len() == self.index.len() && kept.iter().all(is_current) {
            return;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
        let mut index = BTreeMap::new();
        let mut blobs = Vec::new();
        for file in kept {
            let Some(facts) = file.facts.as_deref().or_else(|| self.blob(self.index.get(&file.path)?)) else {
                continue;
            };
            let (start, length) = (blobs.len() as u64, facts.len() as u64);
            blobs.extend_from_slice(facts);
            let Stat { size, modified } = file.stat;
            index.insert(file.path.clone(), Entry { size, modified, content: file.content, start, length });
        }
        let head = postcard::to_allocvec(&Head { version: version(), written: now, index }).expect("plain data");
        let mut bytes = (head.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(&blobs);
        let replace = || -> std::io::Result<()> {
            let path = path(target_dir);
            fs::create_dir_all(path.parent().unwrap_or(target_dir))?;
            // Written aside and renamed, so that a reader never sees half of it.
            let aside = path.with_extension(format!("{}.tmp", std::process::id()));
            fs::write(&aside, &bytes)?;
            fs::rename(&aside, &path)
        };
        drop(replace());
    }
}

fn path(target_dir: &Path) -> PathBuf {
    target_dir.join("scale-lint").join("facts")
}
