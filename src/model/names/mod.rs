//! Names: which definition a path leads to, in the workspace or outside of it.
//!
//! Modules are built from target roots, imports are followed until nothing new is found, and what remains unknown stays
//! unknown. The rules are the compiler's: local before glob, glob before the outer crates, those before the prelude.

mod collect;
mod crates;
mod imports;
mod resolve;
mod scope;

pub use crates::Description;
pub use resolve::{PathEnd, Resolution};
pub use scope::{Binding, Bindings, Namespace, Scope, ScopeKind, Vis};

use super::defs::{CrateId, DefId, Defs, ItemRef, ScopeId};
use super::symbols::{Symbol, Symbols};
use crate::source::FileId;
use rustc_hash::FxHashMap;

pub struct Names<'w> {
    pub defs: Defs<'w>,
    pub words: Words,
    scopes: Vec<Scope>,
    pub imports: Vec<Import>,
    /// Which item names which in its head, its fields or the types of its body; some more than once.
    pub mentions: Vec<(DefId, DefId)>,
    /// All impls, in the order they were met.
    pub impls: Vec<DefId>,
    /// The associated items of each impl and trait.
    pub members: FxHashMap<DefId, Vec<DefId>>,
    /// Other declarations of a name, under other conditions.
    pub alternatives: FxHashMap<DefId, Vec<DefId>>,
    of_item: FxHashMap<(CrateId, ItemRef), DefId>,
    /// The scopes that the modules of each file became, in each crate.
    file_scopes: FxHashMap<(CrateId, FileId), Vec<ScopeId>>,
    textual_macros: FxHashMap<(CrateId, Symbol), DefId>,
    /// What each crate of the workspace may name from outside.
    extern_preludes: Vec<FxHashMap<Symbol, DefId>>,
    /// The crates whose macros are in scope everywhere in each crate.
    macro_crates: Vec<Vec<DefId>>,
    /// What derive macros declare beside a type, by their names.
    derives: FxHashMap<Symbol, FileId>,
    /// Outer crates by their own name.
    outer: FxHashMap<Symbol, CrateId>,
    /// Things known only by path, by parent and name.
    external: FxHashMap<(DefId, Symbol), DefId>,
    /// The scope whose names are in scope everywhere.
    prelude: Option<ScopeId>,
    /// The standard library's root module.
    standard: Option<ScopeId>,
}

/// One name or glob brought in by a `use`.
#[derive(Clone, Debug)]
pub struct Import {
    pub krate: CrateId,
    pub scope: ScopeId,
    pub path: Vec<Symbol>,
    pub global: bool,
    pub binding: ImportBinding,
    pub visibility: Vis,
    pub test: bool,
    pub file: FileId,
    /// The position among the file's uses.
    pub index: usize,
    /// What it was found to lead to.
    pub target: Option<DefId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportBinding {
    Name(Symbol),
    Unnamed,
    Glob,
}

/// Names with a meaning in the language.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    pub crate_root: Symbol,
    pub dollar_crate: Symbol,
    pub self_value: Symbol,
    pub self_type: Symbol,
    pub super_module: Symbol,
    pub std: Symbol,
    pub core: Symbol,
    pub alloc: Symbol,
    pub unnamed: Symbol,
}

impl Words {
    fn new(symbols: &mut Symbols) -> Self {
        let mut word = |text| symbols.intern(text);
        Self {
            crate_root: word("crate"),
            dollar_crate: word("$crate"),
            self_value: word("self"),
            self_type: word("Self"),
            super_module: word("super"),
            std: word("std"),
            core: word("core"),
            alloc: word("alloc"),
            unnamed: word("_"),
        }
    }
}

impl<'w> Names<'w> {
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    pub fn scope_ids(&self) -> impl Iterator<Item = ScopeId> + use<> {
        (0..self.scopes.len() as u32).map(ScopeId)
    }

    /// The definition that an item became in a crate.
    pub fn def_of(&self, krate: CrateId, item: ItemRef) -> Option<DefId> {
        self.of_item.get(&(krate, item)).copied()
    }

    /// The scope that a module of a file became in a crate.
    pub fn file_scope(&self, krate: CrateId, file: FileId, module: crate::facts::ModuleIdx) -> Option<ScopeId> {
        self.file_scopes.get(&(krate, file))?.get(module.index()).copied()
    }

    /// Whether `scope` is `module` or below it.
    pub fn is_within(&self, scope: ScopeId, module: ScopeId) -> bool {
        let mut at = Some(self.scope(scope).module);
        while let Some(current) = at {
            if current == module {
                return true;
            }
            at = self.scope(current).parent;
        }
        false
    }

    pub fn can_see(&self, from: ScopeId, visibility: Vis) -> bool {
        match visibility {
            Vis::Public => true,
            Vis::Within(module) => self.is_within(from, module),
        }
    }
}
