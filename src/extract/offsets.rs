//! From the parser's lines and columns to byte ranges of the whole file.

use crate::source::{LineIndex, TextRange};
use proc_macro2::{LineColumn, Span};

/// The text the parser saw, and where it starts in the file.
pub struct Offsets<'t> {
    body: &'t str,
    base: u32,
    lines: LineIndex,
    ascii: bool,
}

impl<'t> Offsets<'t> {
    pub fn new(body: &'t str, base: u32) -> Self {
        Self { body, base, lines: LineIndex::new(body), ascii: body.is_ascii() }
    }

    pub fn lines(&self, text: &str) -> u32 {
        self.lines.lines(self.body) + text[..self.base as usize].matches('\n').count() as u32
    }

    pub fn range(&self, span: Span) -> TextRange {
        TextRange::new(self.offset(span.start()), self.offset(span.end()))
    }

    /// The parser counts lines from 1 and columns, in characters, from 0.
    fn offset(&self, at: LineColumn) -> u32 {
        if at.line == 0 {
            return self.base;
        }
        let start = self.lines.start_of(at.line - 1);
        let bytes = if self.ascii {
            at.column
        } else {
            let line = &self.body[start as usize..];
            line.char_indices().nth(at.column).map_or(line.len(), |(bytes, _)| bytes)
        };
        self.base + start + bytes as u32
    }

    /// The range of the line that holds `offset`, without its line break.
    pub fn line_at(&self, offset: u32) -> TextRange {
        let within = offset.saturating_sub(self.base);
        let start = self.lines.start_of(self.lines.line_of(within));
        let rest = &self.body[start as usize..];
        let length = rest.find('\n').unwrap_or(rest.len());
        TextRange::new(self.base + start, self.base + start + length as u32)
    }
}
