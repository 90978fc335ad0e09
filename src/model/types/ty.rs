//! Types, interned: equal types are the same number.

use crate::model::defs::DefId;
use crate::model::symbols::Symbol;
use rustc_hash::FxHashMap;

/// An interned type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ty(u32);

/// An interned list of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Args(u32);

/// A generic parameter of some item, numbered across the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParamId(pub u32);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TyKind {
    Unknown,
    /// `_`, to be inferred.
    Hole,
    Never,
    Prim(Prim),
    /// A struct, enum or union, or something outside that may be one.
    Adt(DefId, Args),
    Ref(bool, Ty),
    Pointer(Ty),
    Slice(Ty),
    Array(Ty),
    Tuple(Args),
    /// A function, or the constructor of a tuple struct or variant, with its generic arguments.
    FnDef(DefId, Args),
    FnPointer(Args, Ty),
    /// A closure of the body at hand.
    Closure(u32),
    /// What an async function or block makes: a future of this.
    Async(Ty),
    Param(ParamId),
    Dyn(Vec<Bound>),
    Opaque(Vec<Bound>),
    /// `<T as Trait<..>>::Name`; the trait is left out in `T::Name`.
    Projection(Ty, Option<DefId>, Args, Symbol),
    /// Not known yet.
    Var(u32),
}

/// A trait that something implements, with what is said of its arguments and associated types.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bound {
    pub of: DefId,
    pub args: Args,
    pub assoc: Vec<(Symbol, Ty)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prim {
    Bool,
    Char,
    Str,
    I8,
    I16,
    I32,
    I64,
    I128,
    Isize,
    U8,
    U16,
    U32,
    U64,
    U128,
    Usize,
    F32,
    F64,
}

impl Prim {
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "bool" => Prim::Bool,
            "char" => Prim::Char,
            "str" => Prim::Str,
            "i8" => Prim::I8,
            "i16" => Prim::I16,
            "i32" => Prim::I32,
            "i64" => Prim::I64,
            "i128" => Prim::I128,
            "isize" => Prim::Isize,
            "u8" => Prim::U8,
            "u16" => Prim::U16,
            "u32" => Prim::U32,
            "u64" => Prim::U64,
            "u128" => Prim::U128,
            "usize" => Prim::Usize,
            "f32" => Prim::F32,
            "f64" => Prim::F64,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Prim::Bool => "bool",
            Prim::Char => "char",
            Prim::Str => "str",
            Prim::I8 => "i8",
            Prim::I16 => "i16",
            Prim::I32 => "i32",
            Prim::I64 => "i64",
            Prim::I128 => "i128",
            Prim::Isize => "isize",
            Prim::U8 => "u8",
            Prim::U16 => "u16",
            Prim::U32 => "u32",
            Prim::U64 => "u64",
            Prim::U128 => "u128",
            Prim::Usize => "usize",
            Prim::F32 => "f32",
            Prim::F64 => "f64",
        }
    }
}

/// Anything that knows what types are.
pub trait TypeTable {
    fn kind(&self, ty: Ty) -> &TyKind;
    fn args(&self, args: Args) -> &[Ty];

    /// The type without its references.
    fn peel_refs(&self, mut ty: Ty) -> Ty {
        while let TyKind::Ref(_, inner) = self.kind(ty) {
            ty = *inner;
        }
        ty
    }
}

/// A table of types. One made on top of another shares its types and adds its own, so that bodies can be inferred side
/// by side.
#[derive(Debug, Default)]
pub struct Tys<'b> {
    base: Option<&'b Tys<'b>>,
    kinds: Vec<TyKind>,
    flags: Vec<Flags>,
    known: FxHashMap<TyKind, Ty>,
    lists: Vec<Box<[Ty]>>,
    known_lists: FxHashMap<Box<[Ty]>, Args>,
}

/// What occurs somewhere in a type, so that most types need not be walked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    pub const PARAM: Flags = Flags(1);
    pub const VAR: Flags = Flags(2);
    pub const HOLE: Flags = Flags(4);
    pub const PROJECTION: Flags = Flags(8);

    fn or(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    pub fn has(self, wanted: Flags) -> bool {
        self.0 & wanted.0 != 0
    }
}

/// Types that every table holds at the same number.
impl Ty {
    pub const UNKNOWN: Ty = Ty(0);
    pub const NEVER: Ty = Ty(1);
    pub const UNIT: Ty = Ty(2);
    pub const BOOL: Ty = Ty(3);
    pub const STR: Ty = Ty(4);
    pub const HOLE: Ty = Ty(5);
}

impl Args {
    pub const EMPTY: Args = Args(0);
}

impl<'b> Tys<'b> {
    pub fn new() -> Self {
        let mut tys = Self::default();
        tys.list(&[]);
        let first = [
            TyKind::Unknown,
            TyKind::Never,
            TyKind::Tuple(Args::EMPTY),
            TyKind::Prim(Prim::Bool),
            TyKind::Prim(Prim::Str),
            TyKind::Hole,
        ];
        for kind in first {
            tys.intern(kind);
        }
        tys
    }

    pub fn on(base: &'b Tys<'b>) -> Self {
        Self { base: Some(base), ..Self::default() }
    }

    fn base_len(&self) -> usize {
        self.base.map_or(0, |base| base.kinds.len())
    }

    fn base_lists(&self) -> usize {
        self.base.map_or(0, |base| base.lists.len())
    }

    pub fn intern(&mut self, kind: TyKind) -> Ty {
        if let Some(ty) = self.base.and_then(|base| base.known.get(&kind)).or_else(|| self.known.get(&kind)) {
            return *ty;
        }
        let ty = Ty((self.base_len() + self.kinds.len()) as u32);
        self.flags.push(self.flags_of(&kind));
        self.kinds.push(kind.clone());
        self.known.insert(kind, ty);
        ty
    }

    pub fn flags(&self, ty: Ty) -> Flags {
        let (at, base) = (ty.0 as usize, self.base_len());
        match self.base {
            Some(below) if at < base => below.flags[at],
            _ => self.flags[at - base],
        }
    }

    fn flags_of(&self, kind: &TyKind) -> Flags {
        let list = |args: Args| self.args(args).iter().fold(Flags::default(), |flags, ty| flags.or(self.flags(*ty)));
        match kind {
            TyKind::Param(_) => Flags::PARAM,
            TyKind::Var(_) => Flags::VAR,
            TyKind::Hole => Flags::HOLE,
            TyKind::Adt(_, args) | TyKind::Tuple(args) | TyKind::FnDef(_, args) => list(*args),
            TyKind::Ref(_, inner)
            | TyKind::Pointer(inner)
            | TyKind::Slice(inner)
            | TyKind::Array(inner)
            | TyKind::Async(inner) => self.flags(*inner),
            TyKind::FnPointer(args, output) => list(*args).or(self.flags(*output)),
            TyKind::Projection(of, _, args, _) => Flags::PROJECTION.or(self.flags(*of)).or(list(*args)),
            TyKind::Dyn(bounds) | TyKind::Opaque(bounds) => bounds.iter().fold(Flags::default(), |flags, bound| {
                let assoc = bound.assoc.iter().fold(Flags::default(), |flags, (_, ty)| flags.or(self.flags(*ty)));
                flags.or(list(bound.args)).or(assoc)
            }),
            TyKind::Unknown | TyKind::Never | TyKind::Prim(_) | TyKind::Closure(_) => Flags::default(),
        }
    }

    pub fn list(&mut self, types: &[Ty]) -> Args {
        if let Some(args) =
            self.base.and_then(|base| base.known_lists.get(types)).or_else(|| self.known_lists.get(types))
        {
            return *args;
        }
        let args = Args((self.base_lists() + self.lists.len()) as u32);
        self.lists.push(types.into());
        self.known_lists.insert(types.into(), args);
        args
    }

    pub fn reference(&mut self, mutable: bool, inner: Ty) -> Ty {
        self.intern(TyKind::Ref(mutable, inner))
    }

    pub fn tuple(&mut self, types: &[Ty]) -> Ty {
        let args = self.list(types);
        self.intern(TyKind::Tuple(args))
    }

    pub fn adt(&mut self, def: DefId, args: &[Ty]) -> Ty {
        let args = self.list(args);
        self.intern(TyKind::Adt(def, args))
    }

    pub fn prim(&mut self, prim: Prim) -> Ty {
        self.intern(TyKind::Prim(prim))
    }

    /// The types of this table alone, to be read together with its base.
    pub fn detach(self) -> OwnTypes {
        OwnTypes { kinds: self.kinds.into(), lists: self.lists.into() }
    }

    /// The type with every part that has one of the flags changed, from the inside out: `change` sees each part after
    /// its own parts.
    pub fn fold(&mut self, ty: Ty, wanted: Flags, change: &mut dyn FnMut(&mut Self, Ty) -> Ty) -> Ty {
        Fold { tys: self, wanted, change, depth: 0 }.part(ty)
    }
}

/// A way of writing types anew, part by part.
pub trait Rewrite {
    /// The new form of a part.
    fn part(&mut self, ty: Ty) -> Ty;
    /// The old types in a list.
    fn read(&self, args: Args) -> Vec<Ty>;
    /// A list of new types.
    fn list(&mut self, types: &[Ty]) -> Args;

    fn parts(&mut self, args: Args) -> Args {
        if args == Args::EMPTY {
            return args;
        }
        let types: Vec<Ty> = self.read(args).into_iter().map(|ty| self.part(ty)).collect();
        self.list(&types)
    }

    fn bounds(&mut self, bounds: Vec<Bound>) -> Vec<Bound> {
        let rewrite = |bound: Bound| Bound {
            of: bound.of,
            args: self.parts(bound.args),
            assoc: bound.assoc.into_iter().map(|(name, ty)| (name, self.part(ty))).collect(),
        };
        bounds.into_iter().map(rewrite).collect()
    }

    /// A type's kind with all parts in their new form.
    fn rewrite(&mut self, kind: TyKind) -> TyKind {
        match kind {
            TyKind::Adt(def, args) => TyKind::Adt(def, self.parts(args)),
            TyKind::Ref(mutable, inner) => TyKind::Ref(mutable, self.part(inner)),
            TyKind::Pointer(inner) => TyKind::Pointer(self.part(inner)),
            TyKind::Slice(inner) => TyKind::Slice(self.part(inner)),
            TyKind::Array(inner) => TyKind::Array(self.part(inner)),
            TyKind::Async(inner) => TyKind::Async(self.part(inner)),
            TyKind::Tuple(args) => TyKind::Tuple(self.parts(args)),
            TyKind::FnDef(def, args) => TyKind::FnDef(def, self.parts(args)),
            TyKind::FnPointer(args, output) => TyKind::FnPointer(self.parts(args), self.part(output)),
            TyKind::Dyn(bounds) => TyKind::Dyn(self.bounds(bounds)),
            TyKind::Opaque(bounds) => TyKind::Opaque(self.bounds(bounds)),
            TyKind::Projection(of, of_trait, args, name) => {
                TyKind::Projection(self.part(of), of_trait, self.parts(args), name)
            }
            TyKind::Unknown
            | TyKind::Hole
            | TyKind::Never
            | TyKind::Prim(_)
            | TyKind::Closure(_)
            | TyKind::Param(_)
            | TyKind::Var(_) => kind,
        }
    }
}

struct Fold<'f, 'b> {
    tys: &'f mut Tys<'b>,
    wanted: Flags,
    change: &'f mut dyn FnMut(&mut Tys<'b>, Ty) -> Ty,
    depth: usize,
}

impl Rewrite for Fold<'_, '_> {
    fn part(&mut self, ty: Ty) -> Ty {
        if !self.tys.flags(ty).has(self.wanted) {
            return ty;
        }
        if self.depth > MAX_TYPE_DEPTH {
            return Ty::UNKNOWN;
        }
        self.depth += 1;
        let kind = self.rewrite(self.tys.kind(ty).clone());
        self.depth -= 1;
        let folded = self.tys.intern(kind);
        (self.change)(self.tys, folded)
    }

    fn read(&self, args: Args) -> Vec<Ty> {
        self.tys.args(args).to_vec()
    }

    fn list(&mut self, types: &[Ty]) -> Args {
        self.tys.list(types)
    }
}

impl TypeTable for Tys<'_> {
    fn kind(&self, ty: Ty) -> &TyKind {
        let (at, base) = (ty.0 as usize, self.base_len());
        match self.base {
            Some(below) if at < base => &below.kinds[at],
            _ => &self.kinds[at - base],
        }
    }

    fn args(&self, args: Args) -> &[Ty] {
        let (at, base) = (args.0 as usize, self.base_lists());
        match self.base {
            Some(below) if at < base => &below.lists[at],
            _ => &self.lists[at - base],
        }
    }
}

/// The types that a body adds to those of all declarations.
#[derive(Debug, Default)]
pub struct OwnTypes {
    kinds: Box<[TyKind]>,
    lists: Box<[Box<[Ty]>]>,
}

/// The types of a body, read together with those of all declarations.
#[derive(Clone, Copy)]
pub struct TypeView<'m> {
    pub base: &'m Tys<'static>,
    pub own: &'m OwnTypes,
}

impl TypeTable for TypeView<'_> {
    fn kind(&self, ty: Ty) -> &TyKind {
        let (at, base) = (ty.0 as usize, self.base.kinds.len());
        if at < base { &self.base.kinds[at] } else { &self.own.kinds[at - base] }
    }

    fn args(&self, args: Args) -> &[Ty] {
        let (at, base) = (args.0 as usize, self.base.lists.len());
        if at < base { &self.base.lists[at] } else { &self.own.lists[at - base] }
    }
}

/// Deeper types are taken for unknown: only a mistake or an attack makes them.
pub const MAX_TYPE_DEPTH: usize = 24;
