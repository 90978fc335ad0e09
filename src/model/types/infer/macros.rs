//! Macro calls.

use super::{Call, CallKind, Infer, Target};
use crate::facts::{MacroShape, NodeId, PathId};
use crate::model::types::bodies::PathStart;
use crate::model::types::ty::{Ty, TyKind, TypeTable};

impl Infer<'_> {
    pub fn macro_call(&mut self, node: NodeId, path: PathId, shape: MacroShape, expected: Option<Ty>) -> Ty {
        let target = match (self.prepared.path(path).start, &self.prepared.path(path).rest[..]) {
            (PathStart::Def(def), []) => Target::Def(def),
            _ => Target::Unknown,
        };
        self.calls.push(Call { node, target, kind: CallKind::Macro });
        let children = self.children(node);
        match shape {
            MacroShape::Vector => {
                let element = self.elements(&children);
                self.vector(element)
            }
            MacroShape::VectorRepeat => {
                let element = self.elements(&children[..1.min(children.len())]);
                children.iter().skip(1).for_each(|child| {
                    self.expr(*child, None);
                });
                self.vector(element)
            }
            MacroShape::Join => {
                let outputs: Vec<Ty> = children
                    .iter()
                    .map(|child| {
                        let future = self.expr(*child, None);
                        self.awaited(future)
                    })
                    .collect();
                self.joined(path, &outputs)
            }
            MacroShape::Stream | MacroShape::Statements => {
                let (wanted, value) = (expected.filter(|_| shape == MacroShape::Statements), Ty::UNKNOWN);
                children.iter().fold(value, |_, child| self.expr(*child, wanted));
                self.macro_type(target)
            }
            _ => {
                for child in children {
                    self.expr(child, None);
                }
                self.macro_type(target)
            }
        }
    }

    /// The outputs of a `join!`, or the good halves of a `try_join!` in one result.
    fn joined(&mut self, path: PathId, outputs: &[Ty]) -> Ty {
        let segments = &self.body.path(path).segments;
        let name = segments.last().map(|segment| self.symbol(segment.name));
        let is_try = name.is_some_and(|name| self.world.names.defs.symbols.text(name) == "try_join");
        if !is_try {
            return self.tys.tuple(outputs);
        }
        let good: Vec<Ty> = outputs.iter().map(|output| self.tried(*output)).collect();
        let good = self.tys.tuple(&good);
        let error = self.fresh();
        match self.world.declared.lang.result {
            Some(result) => self.tys.adt(result, &[good, error]),
            None => Ty::UNKNOWN,
        }
    }

    fn vector(&mut self, element: Ty) -> Ty {
        match self.world.declared.lang.vec {
            Some(vec) => self.tys.adt(vec, &[element]),
            None => Ty::UNKNOWN,
        }
    }

    /// What a described macro makes.
    fn macro_type(&mut self, target: Target) -> Ty {
        match target {
            Target::Def(def) => match self.value_of(def, &[]) {
                ty if matches!(self.tys.kind(ty), TyKind::FnDef(..)) => {
                    let TyKind::FnDef(def, args) = *self.tys.kind(ty) else { return Ty::UNKNOWN };
                    self.fn_signature(def, args).map_or(Ty::UNKNOWN, |(_, output)| output)
                }
                _ => Ty::UNKNOWN,
            },
            _ => Ty::UNKNOWN,
        }
    }
}
