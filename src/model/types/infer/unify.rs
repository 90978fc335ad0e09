//! Variables, and making two types the same.

use super::Infer;
use crate::model::types::ty::{Args, Bound, Prim, Ty, TyKind, TypeTable, Tys};

/// What stands for each variable, and how to take back what a failed attempt wrote.
#[derive(Debug, Default)]
pub struct Vars {
    values: Vec<Option<Ty>>,
    /// Literals whose type is not known default to these.
    defaults: Vec<Option<Prim>>,
    log: Vec<u32>,
}

impl Vars {
    pub fn fresh(&mut self, tys: &mut Tys<'_>) -> Ty {
        self.values.push(None);
        self.defaults.push(None);
        tys.intern(TyKind::Var(self.values.len() as u32 - 1))
    }

    pub fn literal(&mut self, tys: &mut Tys<'_>, default: Prim) -> Ty {
        let ty = self.fresh(tys);
        *self.defaults.last_mut().expect("a variable was just added") = Some(default);
        ty
    }

    fn set(&mut self, var: u32, ty: Ty) {
        self.values[var as usize] = Some(ty);
        self.log.push(var);
    }

    fn roll_back(&mut self, written: usize, made: usize) {
        for var in self.log.drain(written..) {
            self.values[var as usize] = None;
        }
        self.values.truncate(made);
        self.defaults.truncate(made);
    }

    pub fn value(&self, var: u32) -> Option<Ty> {
        self.values[var as usize]
    }

    pub fn default_of(&self, var: u32) -> Option<Prim> {
        self.defaults[var as usize]
    }
}

/// What was known before an attempt.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    written: usize,
    made: usize,
    projections: usize,
}

/// Types that differ only deeper than this are taken to be the same.
const MAX_DEPTH: usize = 16;

impl Infer<'_> {
    pub fn fresh(&mut self) -> Ty {
        self.vars.fresh(&mut self.tys)
    }

    pub fn snapshot(&self) -> Snapshot {
        Snapshot { written: self.vars.log.len(), made: self.vars.values.len(), projections: self.projections.len() }
    }

    /// Forgets what an attempt wrote and made.
    pub fn roll_back(&mut self, snapshot: Snapshot) {
        self.vars.roll_back(snapshot.written, snapshot.made);
        self.projections.truncate(snapshot.projections);
    }

    /// The type a variable stands for, as far as known.
    pub fn shallow(&self, mut ty: Ty) -> Ty {
        while let TyKind::Var(var) = self.tys.kind(ty) {
            match self.vars.value(*var) {
                Some(value) => ty = value,
                None => break,
            }
        }
        ty
    }

    /// Makes two types the same where they leave room. Whether they can be.
    pub fn unify(&mut self, a: Ty, b: Ty) -> bool {
        self.unify_to(a, b, 0)
    }

    /// Like [`Self::unify`], but leaves no trace when the types cannot be the same.
    pub fn try_unify(&mut self, a: Ty, b: Ty) -> bool {
        let snapshot = self.snapshot();
        let same = self.unify(a, b);
        if !same {
            self.roll_back(snapshot);
        }
        same
    }

    fn unify_to(&mut self, a: Ty, b: Ty, depth: usize) -> bool {
        let (a, b) = (self.shallow(a), self.shallow(b));
        if a == b || a == Ty::UNKNOWN || b == Ty::UNKNOWN || depth > MAX_DEPTH {
            return true;
        }
        match (self.tys.kind(a).clone(), self.tys.kind(b).clone()) {
            (TyKind::Var(var), TyKind::Var(other)) => {
                // Keep the one that knows it is a number.
                let (from, to) = if self.vars.default_of(var).is_some() { (other, a) } else { (var, b) };
                self.vars.set(from, to);
                true
            }
            (TyKind::Var(var), _) => self.assign(var, b),
            (_, TyKind::Var(var)) => self.assign(var, a),
            (TyKind::Never, _) | (_, TyKind::Never) => true,
            (TyKind::Adt(def, args), TyKind::Adt(other, others)) => {
                def == other && self.unify_args(args, others, depth)
            }
            (TyKind::Ref(_, inner), TyKind::Ref(_, other))
            | (TyKind::Pointer(inner), TyKind::Pointer(other))
            | (TyKind::Slice(inner), TyKind::Slice(other))
            | (TyKind::Array(inner), TyKind::Array(other))
            | (TyKind::Async(inner), TyKind::Async(other)) => self.unify_to(inner, other, depth + 1),
            (TyKind::Tuple(args), TyKind::Tuple(others)) => {
                self.tys.args(args).len() == self.tys.args(others).len() && self.unify_args(args, others, depth)
            }
            (TyKind::FnPointer(args, output), TyKind::FnPointer(others, other)) => {
                self.unify_args(args, others, depth) && self.unify_to(output, other, depth + 1)
            }
            (TyKind::Projection(..), _) | (_, TyKind::Projection(..)) => self.unify_projections(a, b, depth),
            (TyKind::Dyn(bounds), TyKind::Dyn(others)) | (TyKind::Opaque(bounds), TyKind::Opaque(others)) => {
                self.unify_bounds(&bounds, &others, depth)
            }
            _ => false,
        }
    }

    /// A number can only be a number.
    fn assign(&mut self, var: u32, ty: Ty) -> bool {
        if self.vars.default_of(var).is_some() && !matches!(self.tys.kind(ty), TyKind::Prim(_) | TyKind::Param(_)) {
            return false;
        }
        self.vars.set(var, ty);
        true
    }

    fn unify_args(&mut self, args: Args, others: Args, depth: usize) -> bool {
        let pairs: Vec<(Ty, Ty)> =
            self.tys.args(args).iter().copied().zip(self.tys.args(others).iter().copied()).collect();
        pairs.into_iter().fold(true, |same, (a, b)| self.unify_to(a, b, depth + 1) && same)
    }

    fn unify_bounds(&mut self, bounds: &[Bound], others: &[Bound], depth: usize) -> bool {
        let (Some(bound), Some(other)) = (bounds.first(), others.first()) else { return true };
        if bound.of != other.of {
            return false;
        }
        let mut same = self.unify_args(bound.args, other.args, depth);
        for (name, ty) in &bound.assoc {
            if let Some((_, found)) = other.assoc.iter().find(|(known, _)| known == name) {
                same &= self.unify_to(*ty, *found, depth + 1);
            }
        }
        same
    }

    fn unify_projections(&mut self, a: Ty, b: Ty, depth: usize) -> bool {
        let (normal, other) = (self.normalise(a), self.normalise(b));
        let stuck = |tys: &Tys<'_>, ty: Ty| matches!(tys.kind(ty), TyKind::Projection(..));
        if stuck(&self.tys, normal) || stuck(&self.tys, other) {
            return true;
        }
        self.unify_to(normal, other, depth + 1)
    }
}
