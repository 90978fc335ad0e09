//! Operators.

use super::Infer;
use crate::facts::{Arithmetic, NodeId, NodeKind, Operator};
use crate::model::types::ty::{Args, Prim, Ty, TyKind, TypeTable};

impl Infer<'_> {
    pub fn operator(&mut self, node: NodeId, operator: Operator, expected: Option<Ty>) -> Ty {
        let children = self.children(node);
        let operand = |index: usize| children.get(index).copied();
        match operator {
            Operator::Ref { mutable } => {
                let inner = expected.and_then(|expected| match *self.tys.kind(self.shallow(expected)) {
                    TyKind::Ref(_, inner) => Some(inner),
                    _ => None,
                });
                let inner = self.first(node, inner);
                self.tys.reference(mutable, inner)
            }
            Operator::Deref => {
                let value = self.first(node, None);
                let value = self.known(value);
                match *self.tys.kind(value) {
                    TyKind::Pointer(inner) => inner,
                    _ => self.dereferenced(value).unwrap_or(Ty::UNKNOWN),
                }
            }
            Operator::Not | Operator::Negate => self.first(node, expected),
            Operator::Compare => {
                let left = self.first(node, None);
                if let Some(right) = operand(1) {
                    let right = self.expr(right, Some(left));
                    self.coerce(right, left);
                }
                Ty::BOOL
            }
            Operator::Logic => {
                for child in &children {
                    self.expr(*child, Some(Ty::BOOL));
                }
                Ty::BOOL
            }
            Operator::Assign => {
                let place = self.first(node, None);
                if let Some(value) = operand(1) {
                    let value = self.expr(value, Some(place));
                    self.coerce(value, place);
                }
                Ty::UNIT
            }
            Operator::AssignOp => {
                for child in &children {
                    self.expr(*child, None);
                }
                Ty::UNIT
            }
            Operator::Arithmetic(operation) => self.arithmetic(operation, &children, expected),
            Operator::Index => self.index(&children),
            Operator::Range => self.range(&children),
            Operator::Cast(ty) => {
                self.first(node, None);
                let ty = self.prepared.types[ty.index()];
                self.open(ty)
            }
        }
    }

    fn arithmetic(&mut self, operation: Arithmetic, children: &[NodeId], expected: Option<Ty>) -> Ty {
        let [left, right] = *children else { return Ty::UNKNOWN };
        let left = self.expr(left, expected);
        let left = self.known(left);
        let left = match *self.tys.kind(left) {
            TyKind::Ref(_, inner) if matches!(self.tys.kind(self.shallow(inner)), TyKind::Prim(_)) => inner,
            _ => left,
        };
        let is_number = matches!(self.tys.kind(left), TyKind::Prim(_) | TyKind::Var(_));
        // How far a number is shifted says nothing about its type.
        if is_number && matches!(operation, Arithmetic::ShiftLeft | Arithmetic::ShiftRight) {
            self.expr(right, None);
            return left;
        }
        let right = self.expr(right, Some(left).filter(|_| is_number));
        let right = self.known(right);
        if is_number && !matches!(self.tys.kind(right), TyKind::Adt(..)) {
            let right = if let TyKind::Ref(_, inner) = *self.tys.kind(right) { inner } else { right };
            self.try_unify(left, right);
            return left;
        }
        let of = self.world.declared.lang.arithmetic.get(operation as usize).copied().flatten();
        let args = self.tys.list(&[right]);
        let own = if let TyKind::Ref(_, inner) = *self.tys.kind(left) { inner } else { left };
        let output = self.world.words.output;
        let found = of.and_then(|of| {
            self.project(left, Some(of), args, output).or_else(|| self.project(own, Some(of), args, output))
        });
        found.unwrap_or(Ty::UNKNOWN)
    }

    fn index(&mut self, children: &[NodeId]) -> Ty {
        let [base, index] = *children else { return Ty::UNKNOWN };
        let base = self.expr(base, None);
        let index_ty = self.expr(index, None);
        let by_range = matches!(self.body.kind(index), NodeKind::Operator(Operator::Range))
            || self.is(self.world.declared.lang.range, self.shallow(index_ty)).is_some();
        let mut at = self.known(base);
        for _ in 0..8 {
            match *self.tys.kind(at) {
                TyKind::Array(element) | TyKind::Slice(element) => {
                    return if by_range { self.tys.intern(TyKind::Slice(element)) } else { element };
                }
                TyKind::Prim(Prim::Str) => return Ty::STR,
                _ => {}
            }
            if let Some(of) = self.world.declared.lang.index
                && !by_range
                && let Some(found) = self.project(at, Some(of), Args::EMPTY, self.world.words.output)
            {
                return found;
            }
            match self.dereferenced(at) {
                Some(next) => at = self.known(next),
                None => break,
            }
        }
        Ty::UNKNOWN
    }

    fn range(&mut self, children: &[NodeId]) -> Ty {
        let mut bound = None;
        for child in children {
            let ty = self.expr(*child, bound);
            if let Some(bound) = bound {
                self.try_unify(ty, bound);
            }
            bound = bound.or(Some(ty));
        }
        match (self.world.declared.lang.range, bound) {
            (Some(range), Some(bound)) => self.tys.adt(range, &[bound]),
            _ => Ty::UNKNOWN,
        }
    }
}
