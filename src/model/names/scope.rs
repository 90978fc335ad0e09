//! What can be named in a module, block, enum or trait.

use crate::model::defs::{DefId, ScopeId};
use crate::model::symbols::Symbol;
use rustc_hash::FxHashMap;

#[derive(Clone, Debug)]
pub struct Scope {
    pub kind: ScopeKind,
    /// The module this is, or that it stands in.
    pub module: ScopeId,
    /// The module around a module; around the module of any other scope.
    pub parent: Option<ScopeId>,
    /// Where a block looks for names that it does not declare.
    pub around: Option<ScopeId>,
    /// The definition of a module, enum or trait; of a block, its module's.
    pub def: DefId,
    pub names: FxHashMap<Symbol, Bindings>,
    /// Traits in scope without a name: `use Trait as _`.
    pub unnamed: Vec<DefId>,
    /// Modules whose content is not known and of which every name is imported.
    pub open_globs: Vec<DefId>,
    /// Names that are not found may exist all the same: a macro may declare them.
    pub open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    Module,
    Block,
    Enum,
    Trait,
}

/// What one name means in each namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bindings {
    pub types: Option<Binding>,
    pub values: Option<Binding>,
    pub macros: Option<Binding>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    pub def: DefId,
    pub visibility: Vis,
    /// Comes from a glob, which any declaration or named import shadows.
    pub glob: bool,
    /// Exists in tests only; anything else shadows it.
    pub test: bool,
}

/// From where a name can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vis {
    Public,
    Within(ScopeId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    Types,
    Values,
    Macros,
}

impl Bindings {
    pub fn get(&self, namespace: Namespace) -> Option<Binding> {
        match namespace {
            Namespace::Types => self.types,
            Namespace::Values => self.values,
            Namespace::Macros => self.macros,
        }
    }

    pub fn all(binding: Binding) -> Self {
        Self { types: Some(binding), values: Some(binding), macros: Some(binding) }
    }

    pub fn is_empty(&self) -> bool {
        self.types.is_none() && self.values.is_none() && self.macros.is_none()
    }

    pub fn any(&self) -> Option<Binding> {
        self.types.or(self.values).or(self.macros)
    }

    /// The bindings that remain when each is changed or dropped.
    pub fn filter_map(self, mut change: impl FnMut(Binding) -> Option<Binding>) -> Self {
        Self {
            types: self.types.and_then(&mut change),
            values: self.values.and_then(&mut change),
            macros: self.macros.and_then(&mut change),
        }
    }
}

/// What became of entering a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    New,
    Known,
    /// Another definition of the same standing is there already.
    Beside(DefId),
}

/// Enters one binding: named ones win over globs, and anything over what exists in tests only.
pub fn enter(slot: &mut Option<Binding>, binding: Binding) -> Entered {
    let rank = |binding: &Binding| (binding.test, binding.glob);
    match slot {
        Some(known) if known.def == binding.def && rank(known) <= rank(&binding) => {
            // The same thing, perhaps more widely visible by this way in.
            if binding.visibility == Vis::Public && known.visibility != Vis::Public {
                known.visibility = Vis::Public;
                return Entered::New;
            }
            Entered::Known
        }
        Some(known) if rank(known) < rank(&binding) => Entered::Known,
        Some(known) if rank(known) == rank(&binding) => Entered::Beside(known.def),
        _ => {
            *slot = Some(binding);
            Entered::New
        }
    }
}
