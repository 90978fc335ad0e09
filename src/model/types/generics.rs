//! Generic parameters and what they stand for.

use super::ty::{Bound, Flags, ParamId, Ty, TyKind, TypeTable, Tys};
use crate::model::defs::DefId;
use crate::model::symbols::Symbol;

/// The parameters of one item, and what is asked of them.
#[derive(Clone, Debug, Default)]
pub struct Generics {
    /// The impl or trait around a member, whose parameters come first.
    pub parent: Option<DefId>,
    /// Own parameters are numbered from here; a trait's first is `Self`.
    pub first: u32,
    pub names: Vec<Symbol>,
    pub defaults: Vec<Option<Ty>>,
    pub bounds: Vec<(Ty, Bound)>,
}

impl Generics {
    pub fn param(&self, name: Symbol) -> Option<ParamId> {
        let position = self.names.iter().position(|known| *known == name)?;
        Some(ParamId(self.first + position as u32))
    }

    pub fn params(&self) -> impl Iterator<Item = ParamId> + use<> {
        (self.first..self.first + self.names.len() as u32).map(ParamId)
    }
}

/// Types for the parameters of one item.
#[derive(Clone, Debug, Default)]
pub struct Substitution {
    /// Runs of parameters and what stands for them.
    runs: Vec<(u32, Vec<Ty>)>,
}

impl Substitution {
    pub fn push(&mut self, first: u32, types: Vec<Ty>) {
        if !types.is_empty() {
            self.runs.push((first, types));
        }
    }

    pub fn one(param: ParamId, ty: Ty) -> Self {
        Self { runs: vec![(param.0, vec![ty])] }
    }

    pub fn of(&self, param: ParamId) -> Option<Ty> {
        let run = self.runs.iter().find(|(first, types)| (*first..first + types.len() as u32).contains(&param.0));
        run.map(|(first, types)| types[(param.0 - first) as usize])
    }

    pub fn apply(&self, tys: &mut Tys<'_>, ty: Ty) -> Ty {
        tys.fold(ty, Flags::PARAM, &mut |tys, part| match tys.kind(part) {
            TyKind::Param(param) => self.of(*param).unwrap_or(part),
            _ => part,
        })
    }

    pub fn apply_bound(&self, tys: &mut Tys<'_>, bound: &Bound) -> Bound {
        let args: Vec<Ty> = tys.args(bound.args).to_vec().into_iter().map(|ty| self.apply(tys, ty)).collect();
        let assoc = bound.assoc.iter().map(|(name, ty)| (*name, self.apply(tys, *ty))).collect();
        Bound { of: bound.of, args: tys.list(&args), assoc }
    }
}
