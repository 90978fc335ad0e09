//! Items: what a module declares.

use super::{Body, ItemIdx, ModuleIdx, Name, Path, PatternId, TypeRef};
use crate::source::TextRange;
use serde::{Deserialize, Serialize};

/// One declaration. Associated items of an impl or trait are items too, with an owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Item {
    /// `None` for impls and macro calls.
    pub name: Option<Name>,
    pub kind: ItemKind,
    pub module: ModuleIdx,
    /// The impl or trait this is an associated item of.
    pub owner: Option<ItemIdx>,
    pub visibility: Visibility,
    pub attributes: Vec<Attribute>,
    /// The item's own condition; those of the scopes around it are theirs.
    pub cfg: Option<Cfg>,
    /// Test code, by its own attributes or by those of a scope around it.
    pub test: bool,
    /// The macro that declares it, for items that do not stand in the source as such.
    pub made_by: Option<Box<Path>>,
    /// The whole item without outer attributes and documentation.
    pub range: TextRange,
    /// The name, or the head of an impl.
    pub head: TextRange,
}

impl Item {
    pub fn function(&self) -> Option<&Function> {
        match &self.kind {
            ItemKind::Function(function) => Some(function),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ItemKind {
    /// `mod name;`, with the text of a `#[path]` attribute.
    ModuleFile {
        path: Option<Box<str>>,
    },
    /// `include!("path")`: the items of that file stand here.
    Include {
        path: Box<str>,
    },
    /// `mod name { .. }`.
    Module(ModuleIdx),
    Function(Box<Function>),
    Struct(Box<Struct>),
    Enum(Box<Enum>),
    Trait(Box<Trait>),
    Impl(Box<Impl>),
    TypeAlias(Box<TypeAlias>),
    /// A `const` or `static`.
    Value(Box<Value>),
    /// `macro_rules! name`.
    Macro {
        exported: bool,
    },
    /// A macro call among items, such as `routes! { .. }`.
    MacroCall(Box<Path>),
    ExternCrate {
        krate: Name,
        /// `#[macro_use]`: its macros are in scope everywhere.
        macros: bool,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    pub generics: Generics,
    pub receiver: Option<Receiver>,
    /// The parameters after the receiver.
    pub params: Vec<Param>,
    /// `None` when nothing is returned.
    pub output: Option<TypeRef>,
    pub is_async: bool,
    /// `None` for a required trait method, and for test code, whose bodies are not kept.
    pub body: Option<Body>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Param {
    /// A pattern of the function's body; of no use without one.
    pub pattern: PatternId,
    pub name: Option<Name>,
    pub ty: TypeRef,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Receiver {
    /// `self`, `mut self`.
    Value,
    /// `&self`, `&mut self`.
    Ref { mutable: bool },
    /// `self: Arc<Self>`.
    Typed(TypeRef),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Struct {
    pub generics: Generics,
    pub fields: Fields,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fields {
    pub shape: FieldsShape,
    pub fields: Vec<Field>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldsShape {
    Named,
    Tuple,
    Unit,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Field {
    /// The name, or the position of a tuple field.
    pub name: Name,
    pub ty: TypeRef,
    pub attributes: Vec<Attribute>,
    pub range: TextRange,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enum {
    pub generics: Generics,
    pub variants: Vec<Variant>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variant {
    pub name: Name,
    pub fields: Fields,
    pub attributes: Vec<Attribute>,
    pub range: TextRange,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trait {
    pub generics: Generics,
    pub supertraits: Vec<Path>,
    pub items: Vec<ItemIdx>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Impl {
    pub generics: Generics,
    /// `None` for an inherent impl.
    pub trait_path: Option<Path>,
    pub self_ty: TypeRef,
    pub items: Vec<ItemIdx>,
    /// `impl !Trait for T`.
    pub negative: bool,
}

/// `type A = T;`, an associated type of an impl, or one that a trait asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TypeAlias {
    pub generics: Generics,
    pub bounds: Vec<Path>,
    pub ty: Option<TypeRef>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Value {
    pub kind: ValueKind,
    pub ty: TypeRef,
    /// The initialiser; `None` for a declaration without one and in test code.
    pub body: Option<Body>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ValueKind {
    Const,
    Static {
        mutable: bool,
    },
    /// A static that is made on first use by a macro.
    LazyStatic,
    /// One value for each thread.
    ThreadLocal,
}

/// Generic parameters with all their bounds, those of the `where` clause included.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Generics {
    /// Type and const parameters in order; lifetimes are left out.
    pub params: Vec<GenericParam>,
    pub bounds: Vec<Bound>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GenericParam {
    pub name: Name,
    pub is_const: bool,
    pub default: Option<TypeRef>,
}

/// `ty: a + b`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bound {
    pub ty: TypeRef,
    pub traits: Vec<Path>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visibility {
    Private,
    Public,
    Crate,
    Super,
    /// `pub(in path)`.
    In(Vec<Name>),
}

/// An attribute other than documentation and `cfg`. Those within a `cfg_attr` are listed as if they stood alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attribute {
    pub path: Path,
    /// The tokens between the delimiters, or after `=`, in a normal form.
    pub args: Box<str>,
    /// Paths named among the arguments: the traits of a `derive`.
    pub paths: Vec<Path>,
    /// This is `#[macro_export]`.
    pub marks_macro: bool,
    pub range: TextRange,
}

/// The condition of a `#[cfg(..)]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cfg {
    /// `unix`, `test`.
    Flag(Box<str>),
    /// `feature = "x"`.
    Pair(Box<str>, Box<str>),
    All(Vec<Cfg>),
    Any(Vec<Cfg>),
    Not(Box<Cfg>),
}

/// Features by which crates show to tests what others do not see.
const TEST_FEATURES: [&str; 11] = [
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "fuzzing",
    "test",
    "testing",
    "tests",
    "test-helpers",
    "test-util",
    "test-utils",
];

impl Cfg {
    /// Whether code under this condition is there for tests: it asks for `test`, or for a feature that is for tests,
    /// alone or as one of several ways in.
    pub fn is_test(&self) -> bool {
        match self {
            Cfg::Flag(flag) => matches!(&**flag, "test" | "doctest" | "bench"),
            Cfg::Pair(key, name) => &**key == "feature" && TEST_FEATURES.contains(&&*name.replace('_', "-")),
            Cfg::Not(_) => false,
            Cfg::All(parts) | Cfg::Any(parts) => parts.iter().any(Cfg::is_test),
        }
    }

    /// Whether two conditions cannot both hold: one is the other's opposite, or they name two platforms.
    pub fn excludes(&self, other: &Cfg) -> bool {
        match (self, other) {
            (Cfg::All(parts), other) | (other, Cfg::All(parts)) => parts.iter().any(|part| part.excludes(other)),
            (Cfg::Any(parts), other) | (other, Cfg::Any(parts)) => parts.iter().all(|part| part.excludes(other)),
            (Cfg::Not(one), other) | (other, Cfg::Not(one)) => **one == *other,
            (Cfg::Pair(key, one), Cfg::Pair(other_key, other)) => {
                key == other_key
                    && key.starts_with("target_")
                    && one != other
                    && !matches!(&**key, "target_feature" | "target_has_atomic")
            }
            (Cfg::Flag(one), Cfg::Flag(other)) => {
                matches!((&**one, &**other), ("unix", "windows") | ("windows", "unix"))
            }
            _ => false,
        }
    }
}
