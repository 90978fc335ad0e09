//! Paths and types as they are written.

use super::Name;
use serde::{Deserialize, Serialize};

/// A path as written: `a::b::<T>::c`, `<T as Trait>::c`, `::a`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// Starts with `::`.
    pub global: bool,
    pub qself: Option<Box<QSelf>>,
    pub segments: Vec<Segment>,
}

impl Path {
    /// The only name of a plain one-segment path.
    pub fn as_name(&self) -> Option<Name> {
        match &self.segments[..] {
            [only] if self.qself.is_none() && !self.global && only.args.is_none() => Some(only.name),
            _ => None,
        }
    }
}

/// The `<T as Trait>` of a qualified path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QSelf {
    pub ty: TypeRef,
    /// How many of the path's segments name the trait; 0 for `<T>::c`.
    pub trait_segments: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub name: Name,
    pub args: Option<Box<GenericArgs>>,
}

/// `<A, B, Item = C>`; `Fn(A, B) -> C` is kept as `Fn<(A, B), Output = C>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenericArgs {
    pub types: Vec<TypeRef>,
    pub bindings: Vec<Binding>,
}

/// `Item = T` or `Item: Bound` among generic arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    pub name: Name,
    pub ty: TypeRef,
}

/// A type as written. Lifetimes, `?Sized` and array lengths are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TypeRef {
    Path(Path),
    Ref {
        mutable: bool,
        inner: Box<TypeRef>,
    },
    Pointer(Box<TypeRef>),
    Slice(Box<TypeRef>),
    Array(Box<TypeRef>),
    Tuple(Vec<TypeRef>),
    Function {
        params: Vec<TypeRef>,
        output: Box<TypeRef>,
    },
    /// `impl A + B`.
    Impl(Vec<Path>),
    /// `dyn A + B`.
    Dyn(Vec<Path>),
    Never,
    /// `_`.
    Infer,
    /// A macro or anything else that says nothing here; also a const argument.
    Unknown,
}

impl TypeRef {
    pub fn unit() -> Self {
        TypeRef::Tuple(Vec::new())
    }
}
