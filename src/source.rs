//! Where things are: files, byte ranges in them, and the lines and columns a reader counts in.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TextRange {
    pub start: u32,
    pub end: u32,
}

impl TextRange {
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end: end.max(start) }
    }

    pub fn contains(self, other: TextRange) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A file of the workspace; an index into [`crate::workspace::Workspace::files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// What tells whether a file has changed without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: u64,
}

/// A byte range in one file of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub range: TextRange,
}

impl Span {
    pub fn new(file: FileId, range: TextRange) -> Self {
        Self { file, range }
    }
}

/// Line and column as people count them: both start at 1, columns count Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// The start of each line of a text, for turning byte offsets into positions and back.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        Self { starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The number of lines; a line break at the very end opens no further line.
    pub fn lines(&self, text: &str) -> u32 {
        let open_last = self.starts.last().is_some_and(|start| (*start as usize) < text.len());
        (self.starts.len() - usize::from(!open_last)) as u32
    }

    /// The zero-based line that holds the byte at `offset`.
    pub fn line_of(&self, offset: u32) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    /// Where the zero-based `line` starts; the last line's start for any line past the end.
    pub fn start_of(&self, line: usize) -> u32 {
        self.starts[line.min(self.starts.len() - 1)]
    }

    /// The position of a byte offset. Offsets past the end or within a character are moved back to the character before.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.line_of(floor_char_boundary(text, offset as usize) as u32);
        Position { line: line as u32 + 1, column: self.before(text, offset).chars().count() as u32 + 1 }
    }

    /// What stands on its line before a byte offset, for readers that count in other units. A byte order mark is no part.
    pub fn before<'t>(&self, text: &'t str, offset: u32) -> &'t str {
        let offset = floor_char_boundary(text, offset as usize);
        let start = self.starts[self.line_of(offset as u32)] as usize;
        text[start..offset].trim_start_matches('\u{feff}')
    }
}

/// The texts of the files that something is to be shown of.
#[derive(Debug, Default)]
pub struct Sources {
    files: BTreeMap<FileId, SourceText>,
}

#[derive(Debug)]
pub struct SourceText {
    pub text: String,
    pub lines: LineIndex,
}

impl SourceText {
    pub fn new(text: String) -> Self {
        let lines = LineIndex::new(&text);
        Self { text, lines }
    }

    /// Whether lines end with a carriage return, too.
    pub fn has_carriage_returns(&self) -> bool {
        self.text.split_once('\n').is_some_and(|(line, _)| line.ends_with('\r'))
    }

    /// A range of this text; one that no longer fits, because the file has changed, is cut to what is there.
    pub fn slice(&self, range: TextRange) -> &str {
        let start = floor_char_boundary(&self.text, range.start as usize);
        let end = floor_char_boundary(&self.text, range.end as usize);
        &self.text[start..end.max(start)]
    }
}

impl Sources {
    pub fn insert(&mut self, file: FileId, text: String) {
        self.files.insert(file, SourceText::new(text));
    }

    pub fn contains(&self, file: FileId) -> bool {
        self.files.contains_key(&file)
    }

    pub fn get(&self, file: FileId) -> Option<&SourceText> {
        self.files.get(&file)
    }

    /// What stands on their lines before the start and the end of a span.
    pub fn before(&self, span: Span) -> (&str, &str) {
        self.get(span.file).map_or(("", ""), |source| {
            let before = |offset| source.lines.before(&source.text, offset);
            (before(span.range.start), before(span.range.end))
        })
    }

    /// Where a span starts and ends; the first position of the file when its text is not at hand.
    pub fn positions(&self, span: Span) -> (Position, Position) {
        let first = Position { line: 1, column: 1 };
        match self.get(span.file) {
            Some(source) => {
                let position = |offset| source.lines.position(&source.text, offset);
                (position(span.range.start), position(span.range.end))
            }
            None => (first, first),
        }
    }
}

/// The largest character boundary of `text` that is not past `offset`.
pub fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_scalar_values_from_one() {
        let text = "ab\né😀x\r\nlast";
        let index = LineIndex::new(text);
        let at = |needle: &str| index.position(text, text.find(needle).expect("needle is in the text") as u32);
        assert_eq!(at("ab"), Position { line: 1, column: 1 });
        assert_eq!(at("x"), Position { line: 2, column: 3 });
        assert_eq!(at("st"), Position { line: 3, column: 3 });
        assert_eq!(index.lines(text), 3);
        assert_eq!(LineIndex::new("a\n").lines("a\n"), 1);
        assert_eq!(LineIndex::new("").lines(""), 0);
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let text = "\u{feff}fn";
        assert_eq!(LineIndex::new(text).position(text, 3), Position { line: 1, column: 1 });
    }

    #[test]
    fn offsets_out_of_place_are_moved_back() {
        let text = "é";
        assert_eq!(LineIndex::new(text).position(text, 1).column, 1);
        assert_eq!(LineIndex::new(text).position(text, 99).column, 2);
    }
}
