//! Types: what is declared, and what follows for each expression of each body.
//!
//! Light and honest. What does not follow is unknown, and unknown is a value.

mod bodies;
mod declare;
mod declared;
mod generics;
mod infer;
mod lower;
mod ty;

pub use bodies::{BodyId, PathStart, PreparedBody, PreparedPath, prepare};
pub use declare::declare;
pub use declared::{Declared, Head, Impl, ImplId, Lang, Signature};
pub use generics::{Generics, Substitution};
pub use infer::{BodyTypes, Call, CallKind, Target, Words, World, infer};
pub use ty::{Args, Bound, OwnTypes, ParamId, Prim, Ty, TyKind, TypeTable, TypeView, Tys};
