//! What is declared about types: parameters, fields, signatures, impls.

use super::generics::Generics;
use super::ty::{Args, Bound, ParamId, Ty, TyKind, TypeTable, Tys};
use crate::model::defs::{DefId, DefKind, Defs};
use crate::model::symbols::Symbol;
use rustc_hash::{FxHashMap, FxHashSet};

#[derive(Debug)]
pub struct Declared {
    pub tys: Tys<'static>,
    pub lang: Lang,
    generics: FxHashMap<DefId, Generics>,
    pub next_param: u32,
    /// Fields of structs and variants.
    pub fields: FxHashMap<DefId, Vec<(Symbol, Ty)>>,
    pub signatures: FxHashMap<DefId, Signature>,
    /// Types of constants and statics.
    pub values: FxHashMap<DefId, Ty>,
    /// Written impls in the order of their definitions, then derived ones.
    pub impls: Vec<Impl>,
    pub written_impls: usize,
    /// Impls by `#[derive]`, until they are indexed with the others.
    pub derived: Vec<Impl>,
    /// Types with a `#[derive]` that nothing is known of: it may implement any trait.
    pub derives_unknown: FxHashSet<DefId>,
    /// What `Self` is inside types and traits.
    pub self_types: FxHashMap<DefId, Ty>,
    /// What aliases stand for, in terms of their own parameters.
    pub aliases: FxHashMap<DefId, Ty>,
    pub supertraits: FxHashMap<DefId, Vec<Bound>>,
    /// What traits ask of their associated types.
    pub assoc_bounds: FxHashMap<(DefId, Symbol), Vec<Bound>>,
    /// What is asked of each parameter.
    pub param_bounds: FxHashMap<ParamId, Vec<Bound>>,
    /// Impls of types themselves, by the type's head and the member's name.
    pub inherent: FxHashMap<(Head, Symbol), Vec<(ImplId, DefId)>>,
    /// Members of impls of traits, in the same way.
    pub by_trait: FxHashMap<(Head, Symbol), Vec<(ImplId, DefId)>>,
    /// Impls that give an associated type, by the type's head.
    pub of_assoc: FxHashMap<(Head, Symbol), Vec<ImplId>>,
    /// Impls of each trait, by the type's head.
    pub of_trait: FxHashMap<(DefId, Head), Vec<ImplId>>,
    /// Traits that have a member of a name, with the member.
    pub trait_members: FxHashMap<Symbol, Vec<(DefId, DefId)>>,
    /// The members of each impl, by name.
    pub impl_members: FxHashMap<(ImplId, Symbol), DefId>,
}

#[derive(Clone, Debug)]
pub struct Signature {
    /// The receiver first, if there is one.
    pub params: Vec<Ty>,
    pub output: Ty,
    pub has_receiver: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImplId(pub u32);

#[derive(Clone, Debug)]
pub struct Impl {
    /// The impl, or the type that derives the trait.
    pub def: DefId,
    pub self_ty: Ty,
    pub of_trait: Option<(DefId, Args)>,
    pub assoc: Vec<(Symbol, Ty)>,
}

/// What a type is at its outermost, for finding impls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Head {
    Adt(DefId),
    Prim(super::ty::Prim),
    Ref,
    Slice,
    Array,
    Tuple,
    Function,
    Dyn(DefId),
    /// A parameter: the impl is for every type.
    Any,
}

/// Definitions of the standard library that the language itself refers to. All may be missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lang {
    pub result: Option<DefId>,
    pub option: Option<DefId>,
    pub vec: Option<DefId>,
    pub string: Option<DefId>,
    pub boxed: Option<DefId>,
    pub arc: Option<DefId>,
    pub rc: Option<DefId>,
    pub cow: Option<DefId>,
    pub pin: Option<DefId>,
    pub deref: Option<DefId>,
    pub drop: Option<DefId>,
    pub future: Option<DefId>,
    pub into_future: Option<DefId>,
    pub iterator: Option<DefId>,
    pub into_iterator: Option<DefId>,
    pub index: Option<DefId>,
    pub fn_once: Option<DefId>,
    pub fn_mut: Option<DefId>,
    pub function: Option<DefId>,
    pub range: Option<DefId>,
    pub local_key: Option<DefId>,
    pub stream: Option<DefId>,
    /// The traits behind `+ - * / %`.
    pub arithmetic: [Option<DefId>; 5],
}

impl Lang {
    /// Whether a type only holds one of another type, which can be looked at through it.
    pub fn is_pointer(&self, def: DefId) -> bool {
        [self.boxed, self.arc, self.rc, self.pin, self.option].contains(&Some(def))
    }
}

impl Declared {
    pub fn new(lang: Lang) -> Self {
        Self {
            tys: Tys::new(),
            lang,
            generics: FxHashMap::default(),
            next_param: 0,
            fields: FxHashMap::default(),
            signatures: FxHashMap::default(),
            values: FxHashMap::default(),
            impls: Vec::new(),
            written_impls: 0,
            derived: Vec::new(),
            derives_unknown: FxHashSet::default(),
            self_types: FxHashMap::default(),
            aliases: FxHashMap::default(),
            supertraits: FxHashMap::default(),
            assoc_bounds: FxHashMap::default(),
            param_bounds: FxHashMap::default(),
            inherent: FxHashMap::default(),
            by_trait: FxHashMap::default(),
            of_assoc: FxHashMap::default(),
            of_trait: FxHashMap::default(),
            trait_members: FxHashMap::default(),
            impl_members: FxHashMap::default(),
        }
    }

    pub fn generics(&self, def: DefId) -> Option<&Generics> {
        self.generics.get(&def)
    }

    pub fn set_generics(&mut self, def: DefId, generics: Generics) {
        self.generics.insert(def, generics);
    }

    pub fn generics_mut(&mut self, def: DefId) -> Option<&mut Generics> {
        self.generics.get_mut(&def)
    }

    /// The generic parameter that a name means inside an item.
    pub fn param_in_scope(&self, defs: &Defs<'_>, owner: DefId, name: Symbol) -> Option<ParamId> {
        let mut at = Some(owner);
        while let Some(def) = at {
            if let Some(param) = self.generics.get(&def).and_then(|generics| generics.param(name)) {
                return Some(param);
            }
            let parent = defs.get(def).parent;
            at = parent.filter(|parent| matches!(defs.get(*parent).kind, DefKind::Impl | DefKind::Trait));
        }
        None
    }

    /// `Self::Name` inside an impl that says what `Name` is.
    pub fn own_assoc(&self, defs: &Defs<'_>, owner: DefId, name: Symbol) -> Option<Ty> {
        let owner_impl = if defs.get(owner).kind == DefKind::Impl { owner } else { defs.get(owner).parent? };
        self.find_impl(owner_impl)?.assoc.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty)
    }

    pub fn find_impl(&self, def: DefId) -> Option<&Impl> {
        let written = if self.written_impls > 0 { &self.impls[..self.written_impls] } else { &self.impls[..] };
        let at = written.binary_search_by_key(&def, |found| found.def).ok()?;
        Some(&written[at])
    }

    /// What `Self` means inside an item.
    pub fn self_type_of(&self, defs: &Defs<'_>, def: DefId) -> Option<Ty> {
        let entry = defs.get(def);
        match entry.kind {
            DefKind::Impl => self.find_impl(def).map(|found| found.self_ty),
            DefKind::Trait | DefKind::Struct | DefKind::Enum => self.self_types.get(&def).copied(),
            DefKind::Variant(_) => self.self_type_of(defs, entry.parent?),
            _ => {
                let parent = entry.parent?;
                let is_owner = matches!(defs.get(parent).kind, DefKind::Impl | DefKind::Trait);
                is_owner.then(|| self.self_type_of(defs, parent)).flatten()
            }
        }
    }

    /// Whether a type is a future: anonymous, boxed or pinned.
    pub fn is_future(&self, table: &impl TypeTable, ty: Ty) -> bool {
        match table.kind(ty) {
            TyKind::Async(_) => true,
            TyKind::Opaque(bounds) | TyKind::Dyn(bounds) => {
                bounds.iter().any(|bound| Some(bound.of) == self.lang.future)
            }
            TyKind::Adt(def, args) if [self.lang.boxed, self.lang.pin].contains(&Some(*def)) => {
                table.args(*args).first().is_some_and(|inner| self.is_future(table, *inner))
            }
            TyKind::Adt(def, _) => {
                let is_written = |future| self.of_trait.contains_key(&(future, Head::Adt(*def)));
                self.lang.future.is_some_and(is_written)
            }
            _ => false,
        }
    }

    pub fn impl_of(&self, id: ImplId) -> &Impl {
        &self.impls[id.0 as usize]
    }
}

/// The head of a type; `None` when it is not known.
pub fn head(tys: &Tys<'_>, ty: Ty) -> Option<Head> {
    Some(match tys.kind(ty) {
        TyKind::Adt(def, _) => Head::Adt(*def),
        TyKind::Prim(prim) => Head::Prim(*prim),
        TyKind::Ref(..) => Head::Ref,
        TyKind::Slice(_) => Head::Slice,
        TyKind::Array(_) => Head::Array,
        TyKind::Tuple(_) => Head::Tuple,
        TyKind::FnDef(..) | TyKind::FnPointer(..) | TyKind::Closure(_) => Head::Function,
        TyKind::Dyn(bounds) => Head::Dyn(bounds.first()?.of),
        TyKind::Param(_) | TyKind::Opaque(_) | TyKind::Projection(..) => Head::Any,
        TyKind::Unknown | TyKind::Hole | TyKind::Never | TyKind::Async(_) | TyKind::Pointer(_) | TyKind::Var(_) => {
            return None;
        }
    })
}
