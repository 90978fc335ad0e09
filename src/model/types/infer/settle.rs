//! What follows from bounds once more is known.

use super::{Infer, Owed};
use crate::model::types::declared::{Head, ImplId, head};
use crate::model::types::generics::Substitution;
use crate::model::types::ty::{Bound, Flags, Ty, TyKind, TypeTable};

/// How many impls may ask for something of one another's parameters.
const MAX_OWED_DEPTH: u8 = 3;

impl Infer<'_> {
    /// Bounds to be looked at when more is known.
    pub fn owe(&mut self, bounds: impl IntoIterator<Item = (Ty, Bound)>) {
        self.pending.extend(bounds.into_iter().map(|(ty, bound)| Owed { ty, bound, depth: 0 }));
    }

    /// Follows up on bounds and associated types for which more may be known by now.
    pub fn settle(&mut self) {
        for _ in 0..4 {
            let pending = std::mem::take(&mut self.pending);
            let projections = std::mem::take(&mut self.projections);
            if pending.is_empty() && projections.is_empty() {
                return;
            }
            let mut moved = false;
            for owed in pending {
                let shallow = self.shallow(owed.ty);
                if matches!(self.tys.kind(shallow), TyKind::Var(_)) {
                    self.pending.push(owed);
                } else {
                    moved |= self.oblige(&owed);
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
    pub fn oblige(&mut self, owed: &Owed) -> bool {
        let (ty, bound) = (self.shallow(owed.ty), &owed.bound);
        if self.is_fn_trait(bound.of) {
            return self.oblige_function(ty, bound);
        }
        let mut moved = self.oblige_arguments(ty, owed);
        for (name, wanted) in &bound.assoc {
            if let Some(found) = self.project(ty, Some(bound.of), bound.args, *name) {
                moved |= self.try_unify(found, *wanted);
            }
        }
        moved
    }

    /// `Vec<_>: FromIterator<T>`: when only one impl can be meant, its arguments say what is missing.
    fn oblige_arguments(&mut self, ty: Ty, Owed { bound, depth, .. }: &Owed) -> bool {
        let wanted = self.tys.args(bound.args).to_vec();
        if wanted.iter().all(|ty| !self.tys.flags(self.shallow(*ty)).has(Flags::VAR)) {
            return false;
        }
        let Some(own) = head(&self.tys, ty).filter(|head| *head != Head::Any) else { return false };
        let declared = self.world.declared;
        let candidates = declared.of_trait.get(&(bound.of, own)).map(Vec::as_slice).unwrap_or_default();
        let mut fitting = None;
        for id in candidates {
            let snapshot = self.snapshot();
            let fits = self.fit_impl(*id, ty, &wanted).is_some();
            self.roll_back(snapshot);
            if fits && fitting.replace(*id).is_some() {
                return false;
            }
        }
        let Some(substitution) = fitting.and_then(|id| self.fit_impl(id, ty, &wanted).map(|found| (id, found))) else {
            return false;
        };
        let (id, substitution) = substitution;
        // What the impl asks of its own parameters is owed as well.
        if *depth >= MAX_OWED_DEPTH {
            return true;
        }
        let asked = declared.generics(declared.impl_of(id).def).map(|generics| generics.bounds.as_slice());
        for (ty, bound) in asked.unwrap_or_default() {
            let ty = substitution.apply(&mut self.tys, *ty);
            let bound = substitution.apply_bound(&mut self.tys, bound);
            self.pending.push(Owed { ty, bound, depth: depth + 1 });
        }
        true
    }

    fn fit_impl(&mut self, id: ImplId, ty: Ty, wanted: &[Ty]) -> Option<Substitution> {
        let found = self.world.declared.impl_of(id);
        let (_, args) = found.of_trait?;
        let substitution = self.impl_substitution(found);
        let self_ty = substitution.apply(&mut self.tys, found.self_ty);
        let args = self.tys.args(args).to_vec();
        let fits = self.unify(self_ty, ty)
            && args.into_iter().zip(wanted).all(|(arg, wanted)| {
                let arg = substitution.apply(&mut self.tys, arg);
                let arg = self.normalise(arg);
                self.unify(arg, *wanted)
            });
        fits.then_some(substitution)
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
