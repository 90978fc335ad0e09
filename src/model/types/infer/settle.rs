//! What follows from bounds once more is known.

use super::Infer;
use crate::model::types::ty::{Bound, Ty, TyKind, TypeTable};

impl Infer<'_> {
    /// Follows up on bounds and associated types for which more may be known by now.
    pub fn settle(&mut self) {
        for _ in 0..4 {
            let pending = std::mem::take(&mut self.pending);
            let projections = std::mem::take(&mut self.projections);
            if pending.is_empty() && projections.is_empty() {
                return;
            }
            let mut moved = false;
            for (ty, bound) in pending {
                let shallow = self.shallow(ty);
                if matches!(self.tys.kind(shallow), TyKind::Var(_)) {
                    self.pending.push((ty, bound));
                } else {
                    moved |= self.oblige(ty, &bound);
                }
            }
            for (projection, var) in projections {
                let TyKind::Projection(of, ..) = *self.tys.kind(projection) else { continue };
                let of = self.shallow(of);
                if matches!(self.tys.kind(of), TyKind::Var(_)) {
                    self.projections.push((projection, var));
                } else {
                    let ty = self.normalise(projection);
                    moved |= self.try_unify(ty, var);
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Draws what follows from a type having to satisfy a bound. Whether anything did.
    pub fn oblige(&mut self, ty: Ty, bound: &Bound) -> bool {
        let ty = self.shallow(ty);
        if self.is_fn_trait(bound.of) {
            return self.oblige_function(ty, bound);
        }
        let mut moved = false;
        for (name, wanted) in &bound.assoc {
            if let Some(found) = self.project(ty, Some(bound.of), bound.args, *name) {
                moved |= self.try_unify(found, *wanted);
            }
        }
        moved
    }

    fn oblige_function(&mut self, ty: Ty, bound: &Bound) -> bool {
        let (params, output) = match *self.tys.kind(ty) {
            TyKind::Closure(closure) => {
                let closure = self.closures[closure as usize].clone();
                (closure.params, closure.output)
            }
            TyKind::FnDef(def, args) => match self.fn_signature(def, args) {
                Some(signature) => signature,
                None => return false,
            },
            TyKind::FnPointer(params, output) => (self.tys.args(params).to_vec(), output),
            _ => return false,
        };
        let params = self.tys.tuple(&params);
        let mut moved = false;
        if let Some(wanted) = self.tys.args(bound.args).first().copied() {
            moved |= self.try_unify(params, wanted);
        }
        if let Some((_, wanted)) = bound.assoc.first() {
            let output = self.normalise(output);
            moved |= self.try_unify(output, *wanted);
        }
        moved
    }
}
