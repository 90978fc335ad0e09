//! What whole-number expressions come to, where that is known before the program runs.

use super::Model;
use super::backward::Binding;
use super::defs::DefId;
use super::site::Site;
use super::types::{Head, PathStart, Prim, Ty, TyKind, TypeTable};
use crate::facts::{Arithmetic, NodeKind, Operator, PatternKind};

/// How many names and operators are looked through.
const MAX_DEPTH: u32 = 32;

impl<'m> Site<'m> {
    /// The value of a whole number that is written out: literals, constants and arithmetic over them.
    pub fn const_value(self) -> Option<u128> {
        value(self, MAX_DEPTH)
    }
}

fn value(site: Site<'_>, depth: u32) -> Option<u128> {
    let depth = depth.checked_sub(1)?;
    let operand = |nth| value(site.child(nth)?, depth);
    match site.kind() {
        NodeKind::Literal(_) => site.body().int_literal(site.node).map(u128::from),
        NodeKind::Operator(Operator::Arithmetic(operation)) => apply(operation, operand(0)?, operand(1)?),
        NodeKind::Operator(Operator::Cast(_)) => operand(0),
        NodeKind::Block { value: true, .. } if site.child(1).is_none() => operand(0),
        NodeKind::Name(_) | NodeKind::Path(_) => named(site, depth),
        _ => None,
    }
}

fn apply(operation: Arithmetic, left: u128, right: u128) -> Option<u128> {
    match operation {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
        Arithmetic::ShiftLeft => left.checked_mul(2u128.checked_pow(u32::try_from(right).ok()?)?),
        Arithmetic::ShiftRight => left.checked_shr(u32::try_from(right).ok()?),
        Arithmetic::Bits => None,
    }
}

fn named(site: Site<'_>, depth: u32) -> Option<u128> {
    if let Some(pattern) = site.view.types.locals.get(&site.node) {
        let PatternKind::Bind { mutable: false, .. } = site.body().pattern(*pattern).kind else { return None };
        return match site.model.binding(site, *pattern) {
            Binding::Value(bound) => value(bound, depth),
            _ => None,
        };
    }
    let model = site.model;
    let def = match site.kind() {
        NodeKind::Name(_) => *site.view.prepared.globals.get(&site.node)?,
        NodeKind::Path(path) => {
            let path = site.view.prepared.path(path);
            match (path.start, &path.rest[..]) {
                (PathStart::Def(def), []) => def,
                (PathStart::Def(def), [name]) => model.associated(Head::Adt(def), *name)?,
                (PathStart::Type(ty), [name]) => match head_of(site, ty)? {
                    Head::Prim(prim) if model.names.defs.symbols.text(*name) == "MAX" => return prim.max_value(),
                    head => model.associated(head, *name)?,
                },
                _ => return None,
            }
        }
        _ => return None,
    };
    match model.callables.of_def(def) {
        Some(initialiser) => value(model.callable_site(initialiser), depth),
        None => outside(&model.names.defs.path(def)),
    }
}

fn head_of(site: Site<'_>, ty: Ty) -> Option<Head> {
    match *site.types().kind(ty) {
        TyKind::Prim(prim) => Some(Head::Prim(prim)),
        TyKind::Adt(def, _) => Some(Head::Adt(def)),
        _ => None,
    }
}

/// `std::usize::MAX`, the constant of the module.
fn outside(path: &str) -> Option<u128> {
    let of = path.strip_suffix("::MAX")?.rsplit("::").next()?;
    Prim::parse(of)?.max_value()
}

impl Model<'_> {
    fn associated(&self, of: Head, name: super::symbols::Symbol) -> Option<DefId> {
        self.declared.inherent.get(&(of, name)).map(|found| found[0].1)
    }
}

impl Prim {
    /// The greatest value of a type of whole numbers, on a machine of 64 bits.
    fn max_value(self) -> Option<u128> {
        Some(match self {
            Prim::U8 => u8::MAX.into(),
            Prim::U16 => u16::MAX.into(),
            Prim::U32 => u32::MAX.into(),
            Prim::U64 | Prim::Usize => u64::MAX.into(),
            Prim::U128 => u128::MAX,
            Prim::I8 => i8::MAX.unsigned_abs().into(),
            Prim::I16 => i16::MAX.unsigned_abs().into(),
            Prim::I32 => i32::MAX.unsigned_abs().into(),
            Prim::I64 | Prim::Isize => i64::MAX.unsigned_abs().into(),
            Prim::I128 => i128::MAX.unsigned_abs(),
            Prim::Bool | Prim::Char | Prim::Str | Prim::F32 | Prim::F64 => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_that_does_not_fit_has_no_value() {
        assert_eq!(apply(Arithmetic::ShiftLeft, 1, 30), Some(1 << 30));
        assert_eq!(apply(Arithmetic::ShiftLeft, 1, 128), None);
        assert_eq!(apply(Arithmetic::Subtract, 1, 2), None);
        assert_eq!(apply(Arithmetic::Divide, 1, 0), None);
    }

    #[test]
    fn the_greatest_value_may_be_named_by_module_or_type() {
        assert_eq!(outside("std::u16::MAX"), Some(65_535));
        assert_eq!(outside("std::time::Duration::MAX"), None);
        assert_eq!(Prim::Usize.max_value(), Some(u128::from(u64::MAX)));
        assert_eq!(Prim::F64.max_value(), None);
    }
}
