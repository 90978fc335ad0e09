//! Closures, async blocks, and what awaiting gives.

use super::{ClosureType, Infer};
use crate::facts::{NodeId, NodeKind};
use crate::model::types::ty::{Args, Ty, TyKind, TypeTable};

impl Infer<'_> {
    /// A closure, with the parameters and output it is expected to have.
    pub fn closure(&mut self, node: NodeId, expected: Option<(Vec<Ty>, Option<Ty>)>) -> Ty {
        let NodeKind::Closure(id) = self.body.kind(node) else { return Ty::UNKNOWN };
        let facts = &self.body.closures[id.index()];
        let prepared = self.prepared.closures[id.index()].clone();
        let (expected_params, expected_output) = expected.unwrap_or_default();
        let mut params = Vec::new();
        for position in 0..facts.params.len() {
            let written = prepared.params[position].map(|ty| self.open(ty));
            let wanted = expected_params.get(position).copied();
            let ty = written.or(wanted).unwrap_or_else(|| self.fresh());
            if let (Some(written), Some(wanted)) = (written, wanted) {
                self.try_unify(written, wanted);
            }
            params.push(ty);
        }
        let written = prepared.output.map(|ty| self.open(ty));
        let output = written.unwrap_or_else(|| self.fresh());
        let declared = if facts.is_async { self.tys.intern(TyKind::Async(output)) } else { output };
        let index = self.closures.len() as u32;
        self.closures.push(ClosureType { node, params: params.clone(), output: declared });
        let ty = self.tys.intern(TyKind::Closure(index));
        self.nodes[node.index()] = ty;
        if let (Some(wanted), None) = (expected_output, written) {
            self.try_unify(declared, wanted);
        }
        self.returns.push(output);
        let loops = std::mem::take(&mut self.breaks);
        self.scoped(|infer| {
            for (param, ty) in facts.params.iter().zip(&params) {
                infer.bind_pattern(param.pattern, *ty);
            }
            let value = infer.first(node, Some(output));
            infer.coerce(value, output);
        });
        self.breaks = loops;
        self.returns.pop();
        if let Some(wanted) = expected_output {
            self.try_unify(declared, wanted);
        }
        ty
    }

    pub fn async_block(&mut self, node: NodeId, expected: Option<Ty>) -> Ty {
        let output = self.fresh();
        if let Some(expected) = expected {
            let wanted = self.awaited_if_future(expected);
            if let Some(wanted) = wanted {
                self.try_unify(output, wanted);
            }
        }
        self.returns.push(output);
        let loops = std::mem::take(&mut self.breaks);
        let value = self.first(node, Some(output));
        self.coerce(value, output);
        self.breaks = loops;
        self.returns.pop();
        self.tys.intern(TyKind::Async(output))
    }

    fn awaited_if_future(&mut self, ty: Ty) -> Option<Ty> {
        let ty = self.shallow(ty);
        match self.tys.kind(ty) {
            TyKind::Async(_) | TyKind::Opaque(_) | TyKind::Dyn(_) => {
                let lang = &self.world.declared.lang;
                self.project(ty, lang.future, Args::EMPTY, self.world.words.output)
            }
            _ => None,
        }
    }

    /// What `.await` gives.
    pub fn awaited(&mut self, future: Ty) -> Ty {
        let lang = &self.world.declared.lang;
        let (future_trait, into_future) = (lang.future, lang.into_future);
        let output = self.world.words.output;
        let mut at = self.known(future);
        for _ in 0..6 {
            for of in [into_future, future_trait].into_iter().flatten() {
                if let Some(ready) = self.project(at, Some(of), Args::EMPTY, output) {
                    return self.normalise(ready);
                }
            }
            match self.pinned_or_dereferenced(at) {
                Some(next) => at = self.known(next),
                None => return Ty::UNKNOWN,
            }
        }
        Ty::UNKNOWN
    }

    fn pinned_or_dereferenced(&mut self, ty: Ty) -> Option<Ty> {
        match self.is(self.world.declared.lang.pin, ty) {
            Some(args) => self.tys.args(args).first().copied(),
            None => self.dereferenced(ty),
        }
    }
}
