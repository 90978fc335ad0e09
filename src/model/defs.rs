//! Definitions: everything that has a path, in the workspace and outside of it.

use super::symbols::{Symbol, Symbols};
use crate::facts::{Attribute, FileFacts, Function, Item, ItemIdx, ItemKind};
use crate::source::{FileId, Span, TextRange};
use crate::workspace::{PackageId, TargetKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DefId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrateId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

#[derive(Clone, Debug)]
pub struct Def {
    pub kind: DefKind,
    pub name: Symbol,
    /// The module, trait, enum or impl around it; `None` for a crate's root module.
    pub parent: Option<DefId>,
    pub krate: CrateId,
    /// What can be named below it: the scope of a module, enum or trait.
    pub scope: Option<ScopeId>,
    /// Where names in it are looked up.
    pub inside: ScopeId,
    /// `None` for things known by their path alone.
    pub item: Option<ItemRef>,
    /// Test code.
    pub test: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DefKind {
    Module,
    Function,
    Struct,
    Enum,
    /// The variant's position in its enum.
    Variant(u32),
    Trait,
    Impl,
    TypeAlias,
    Const,
    Static,
    Macro,
    /// Something of which only the path is known; it may be anything. It is outside of the workspace, or a macro or a
    /// build made it.
    External,
}

/// An item of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemRef {
    pub file: FileId,
    pub item: ItemIdx,
}

/// A crate of the workspace, or one it depends on.
#[derive(Clone, Debug)]
pub struct Crate {
    /// The name that paths begin with, whatever a manifest renames it to.
    pub name: Symbol,
    pub root: DefId,
    pub edition: u16,
    pub origin: CrateOrigin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrateOrigin {
    Target {
        package: PackageId,
        target: usize,
        kind: TargetKind,
    },
    /// Described by the catalog.
    Described,
    /// Known by name only.
    Named,
}

impl CrateOrigin {
    pub fn package(self) -> Option<PackageId> {
        match self {
            CrateOrigin::Target { package, .. } => Some(package),
            _ => None,
        }
    }
}

/// All definitions and the facts they come from.
pub struct Defs<'w> {
    pub symbols: Symbols,
    pub crates: Vec<Crate>,
    defs: Vec<Def>,
    /// The workspace's files, then those of the catalog.
    files: Vec<FileNames<'w>>,
    /// How many files are the workspace's.
    sources: usize,
}

/// A file's facts, with its names as symbols.
pub struct FileNames<'w> {
    pub facts: &'w FileFacts,
    symbols: Vec<Symbol>,
}

impl<'w> FileNames<'w> {
    pub fn symbol(&self, name: crate::facts::Name) -> Symbol {
        self.symbols[name.index()]
    }
}

impl<'w> Defs<'w> {
    pub fn new(sources: impl Iterator<Item = &'w FileFacts>, outside: impl Iterator<Item = &'w FileFacts>) -> Self {
        let mut symbols = Symbols::default();
        let mut own = 0;
        let files = sources.inspect(|_| own += 1).chain(outside).map(|facts| {
            let symbols = facts.names.iter().map(|name| symbols.intern(name)).collect();
            FileNames { facts, symbols }
        });
        let files = files.collect();
        Self { symbols, crates: Vec::new(), defs: Vec::new(), files, sources: own }
    }

    pub fn push(&mut self, def: Def) -> DefId {
        self.defs.push(def);
        DefId(self.defs.len() as u32 - 1)
    }

    pub fn get(&self, id: DefId) -> &Def {
        &self.defs[id.0 as usize]
    }

    pub fn get_mut(&mut self, id: DefId) -> &mut Def {
        &mut self.defs[id.0 as usize]
    }

    pub fn ids(&self) -> impl Iterator<Item = DefId> + use<> {
        (0..self.defs.len() as u32).map(DefId)
    }

    pub fn krate(&self, id: CrateId) -> &Crate {
        &self.crates[id.0 as usize]
    }

    pub fn crate_ids(&self) -> impl Iterator<Item = CrateId> + use<> {
        (0..self.crates.len() as u32).map(CrateId)
    }

    pub fn file(&self, file: FileId) -> &FileNames<'w> {
        &self.files[file.0 as usize]
    }

    pub fn facts(&self, file: FileId) -> &'w FileFacts {
        self.files[file.0 as usize].facts
    }

    /// The item behind a definition; a variant's item is its enum.
    pub fn item(&self, id: DefId) -> Option<&'w Item> {
        let item = self.get(id).item?;
        Some(self.facts(item.file).item(item.item))
    }

    pub fn function(&self, id: DefId) -> Option<&'w Function> {
        self.item(id)?.function()
    }

    pub fn attributes(&self, id: DefId) -> &'w [Attribute] {
        self.item(id).map_or(&[], |item| &item.attributes)
    }

    /// Whether a definition is in the sources of the workspace. What a macro or a build declares in a module of the
    /// workspace is not.
    pub fn is_workspace(&self, id: DefId) -> bool {
        let def = self.get(id);
        let written = def.item.is_none_or(|item| (item.file.0 as usize) < self.sources);
        let of_workspace = matches!(self.krate(def.krate).origin, CrateOrigin::Target { .. });
        def.kind != DefKind::External && written && of_workspace
    }

    pub fn package(&self, id: DefId) -> Option<PackageId> {
        self.krate(self.get(id).krate).origin.package()
    }

    /// Where a definition stands: its name.
    pub fn span(&self, id: DefId) -> Option<Span> {
        let def = self.get(id);
        let item = def.item.filter(|item| (item.file.0 as usize) < self.sources)?;
        let found = self.facts(item.file).item(item.item);
        let range: TextRange = match (def.kind, &found.kind) {
            (DefKind::Variant(position), ItemKind::Enum(all)) => all.variants[position as usize].range,
            _ => found.head,
        };
        Some(Span::new(item.file, range))
    }

    /// The full path, as `krate::module::Type::method`.
    pub fn path(&self, id: DefId) -> String {
        let mut parts = Vec::new();
        let mut at = Some(id);
        while let Some(current) = at {
            let def = self.get(current);
            if def.kind != DefKind::Impl {
                parts.push(self.symbols.text(def.name));
            }
            at = def.parent;
        }
        parts.reverse();
        parts.join("::")
    }

    pub fn name(&self, id: DefId) -> &str {
        self.symbols.text(self.get(id).name)
    }
}
