//! What one file says, as plain data: no syntax tree, no other file, no catalog and no setting is needed to understand it.
//!
//! Facts are written by `extract`, kept by `cache`, and read by `model`. Names are interned per file; every other
//! cross-reference is an index into a table of the same file.

mod body;
mod item;
mod path;

pub use body::*;
pub use item::*;
pub use path::*;

use crate::source::TextRange;
use serde::{Deserialize, Serialize};

/// Bumped whenever the meaning of facts changes, so that a cache written before is not read.
pub const FACTS_VERSION: u32 = 6;

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}
pub(crate) use index;

index!(
    /// An interned identifier: an index into [`FileFacts::names`].
    Name
);
index!(
    /// An index into [`FileFacts::modules`].
    ModuleIdx
);
index!(
    /// An index into [`FileFacts::items`].
    ItemIdx
);

/// Everything known about one file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FileFacts {
    pub names: Vec<Box<str>>,
    /// The file's own module first, then inline modules and blocks that declare items.
    pub modules: Vec<Module>,
    pub items: Vec<Item>,
    pub uses: Vec<Use>,
    pub suppressions: Vec<Suppression>,
    /// Parts that were not understood. Nothing is concluded from what they do not show.
    pub gaps: Vec<Gap>,
    pub lines: u32,
}

impl FileFacts {
    pub fn name(&self, name: Name) -> &str {
        &self.names[name.index()]
    }

    pub fn item(&self, item: ItemIdx) -> &Item {
        &self.items[item.index()]
    }

    pub fn module(&self, module: ModuleIdx) -> &Module {
        &self.modules[module.index()]
    }
}

/// A scope that holds items.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Module {
    pub kind: ModuleKind,
    /// `None` for the file's own module.
    pub parent: Option<ModuleIdx>,
    /// Items here may come from a macro that was not understood, so a name that is not found may still exist.
    pub open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModuleKind {
    /// The module that the file itself is.
    File,
    /// `mod name { .. }`.
    Inline,
    /// A block that declares items or imports; names it does not know are looked up around it.
    Block,
}

/// One name (or glob) brought in by a `use` item; trees are flattened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Use {
    pub module: ModuleIdx,
    pub path: Vec<Name>,
    /// The path starts with `::`.
    pub global: bool,
    pub binding: UseBinding,
    pub visibility: Visibility,
    pub cfg: Option<Cfg>,
    pub test: bool,
    pub range: TextRange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UseBinding {
    Name(Name),
    /// `as _`: a trait whose methods are in scope without its name.
    Unnamed,
    Glob,
}

/// A comment that allows findings: `// scale-lint: allow(rule-id) reason`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The rule ids as written.
    pub rules: Vec<Box<str>>,
    pub reason: Box<str>,
    /// What it covers; for a comment that covers nothing sensible, its own line.
    pub scope: SuppressionScope,
    /// The comment itself.
    pub range: TextRange,
    /// Set when the comment names the tool but is not of the known form.
    pub malformed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SuppressionScope {
    /// Findings whose primary span starts in this range: a line or an item.
    Range(TextRange),
    /// The whole module the inner comment stands in.
    Module(TextRange),
}

/// A part of a file that was not understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub kind: GapKind,
    pub range: TextRange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GapKind {
    /// An item that does not parse; the rest of the file was read.
    Item,
    /// A macro call among items, whose expansion may declare anything.
    ItemMacro,
    /// A macro call in a body whose arguments have no known grammar.
    BodyMacro,
    /// An expression the parser knows only as tokens.
    Expression,
}
