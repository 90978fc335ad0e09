//! What the compiler says of a crate: calls with their callees, and what is kept while a task is suspended.

use std::collections::BTreeSet;
use std::fmt;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compiled {
    pub calls: BTreeSet<Seen>,
    pub awaits: BTreeSet<Seen>,
}

/// Something at a place: the callee of a call, or the types kept across an await, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub span: Span,
    pub what: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub path: String,
    pub start: (u32, u32),
    pub end: (u32, u32),
}

impl Compiled {
    pub fn paths(&self) -> BTreeSet<&str> {
        self.calls.iter().chain(&self.awaits).map(|seen| seen.span.path.as_str()).collect()
    }

    /// Reads what [`fmt::Display`] wrote: for the tests, which ask no compiler.
    #[allow(dead_code)]
    pub fn read(text: &str) -> Option<Self> {
        let mut compiled = Self::default();
        for line in text.lines() {
            let (kind, rest) = line.split_once(' ')?;
            let (span, what) = rest.split_once(" = ")?;
            let seen = Seen { span: Span::parse(span)?, what: what.to_string() };
            match kind {
                "call" => compiled.calls.insert(seen),
                "await" => compiled.awaits.insert(seen),
                _ => return None,
            };
        }
        Some(compiled)
    }
}

impl fmt::Display for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, seen) in [("call", &self.calls), ("await", &self.awaits)] {
            for Seen { span, what } in seen {
                writeln!(f, "{kind} {span} = {what}")?;
            }
        }
        Ok(())
    }
}

impl Span {
    /// Reads the compiler's notation: `src/lib.rs:6:17: 6:30`, perhaps with ` (#0)` behind it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.split(" (#").next()?.trim();
        let (start, end) = text.rsplit_once(": ")?;
        let (rest, column) = start.rsplit_once(':')?;
        let (path, line) = rest.rsplit_once(':')?;
        let (end_line, end_column) = end.split_once(':')?;
        Some(Self {
            path: path.to_string(),
            start: (line.parse().ok()?, column.parse().ok()?),
            end: (end_line.parse().ok()?, end_column.parse().ok()?),
        })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Span { path, start, end } = self;
        write!(f, "{path}:{}:{}: {}:{}", start.0, start.1, end.0, end.1)
    }
}
