//! Loops over elements: what is done for each, and with what of it.

use super::site::Site;
use super::types::{TyKind, TypeTable};
use crate::facts::{LoopKind, NodeId, NodeKind, Operator, PatternId, PatternKind, SequenceKind};
use rustc_hash::FxHashSet;

impl<'m> Site<'m> {
    /// The innermost `for` loop around this place of which an element reaches this expression, by name or through what was
    /// made of it. The loop must run over something whose length is known at run time only.
    pub fn loop_over_elements(self) -> Option<Site<'m>> {
        self.loops().find(|around| {
            let NodeKind::Loop(LoopKind::For(element)) = around.kind() else { return false };
            let over = around.child(0);
            over.is_some_and(|over| !over.is_small_or_batched())
                && !self.ends_loop(*around)
                && !around.is_list(element)
                && self.mentions_any(&around.made_of(element))
        })
    }

    /// Whether what a pattern takes is a list itself, so that it is handled many at a time.
    fn is_list(self, pattern: PatternId) -> bool {
        let table = self.types();
        let ty = table.peel_refs(self.view.types.pattern(pattern));
        match *table.kind(ty) {
            TyKind::Slice(_) | TyKind::Array(_) => true,
            TyKind::Adt(def, _) => Some(def) == self.model.declared.lang.vec,
            _ => false,
        }
    }

    /// The names in a loop that hold an element, or something made of one.
    fn made_of(self, element: PatternId) -> FxHashSet<PatternId> {
        let body = self.body();
        let mut made = FxHashSet::default();
        self.add_names(element, &mut made);
        for node in (self.node.0..body.node(self.node).end.0).map(NodeId) {
            let taken = match body.kind(node) {
                NodeKind::Let { pattern, .. } | NodeKind::LetCondition(pattern) => Some((pattern, body.child(node, 0))),
                NodeKind::Loop(LoopKind::For(pattern)) => Some((pattern, body.child(node, 0))),
                NodeKind::Arm { pattern, .. } => Some((pattern, body.child(body.node(node).parent, 0))),
                _ => None,
            };
            if let Some((pattern, Some(value))) = taken
                && self.at(value).mentions_any(&made)
            {
                self.add_names(pattern, &mut made);
            }
        }
        made
    }

    /// Adds all names that a pattern binds.
    fn add_names(self, pattern: PatternId, names: &mut FxHashSet<PatternId>) {
        match &self.body().pattern(pattern).kind {
            PatternKind::Bind { inner, .. } => {
                names.insert(pattern);
                inner.iter().for_each(|inner| self.add_names(*inner, names));
            }
            PatternKind::Ref(inner) => self.add_names(*inner, names),
            PatternKind::Tuple(parts) | PatternKind::TupleStruct(_, parts) => {
                parts.iter().for_each(|part| self.add_names(*part, names));
            }
            PatternKind::Struct(_, fields) => fields.iter().for_each(|(_, part)| self.add_names(*part, names)),
            _ => {}
        }
    }

    fn mentions_any(self, names: &FxHashSet<PatternId>) -> bool {
        let mut inside = (self.node.0..self.body().node(self.node).end.0).map(NodeId);
        inside.any(|node| self.view.types.locals.get(&node).is_some_and(|local| names.contains(local)))
    }

    /// Whether an expression is a literal list or range, or hands out its elements many at a time.
    fn is_small_or_batched(self) -> bool {
        match self.kind() {
            NodeKind::Sequence(SequenceKind::Array | SequenceKind::Repeat) => true,
            NodeKind::Operator(Operator::Ref { .. }) => self.child(0).is_some_and(Site::is_small_or_batched),
            NodeKind::Operator(Operator::Range) => self.body().children(self.node).all(|end| self.at(end).is_number()),
            NodeKind::Method { .. } => {
                let name = self.target().map(|def| self.model.names.defs.name(def)).unwrap_or_default();
                BATCHES.contains(&name) || self.child(0).is_some_and(Site::is_small_or_batched)
            }
            _ => false,
        }
    }

    fn is_number(self) -> bool {
        self.body().int_literal(self.node).is_some()
    }
}

/// Adaptors of slices and iterators that give several elements at a time.
const BATCHES: [&str; 6] = ["chunks", "chunks_exact", "array_chunks", "rchunks", "ready_chunks", "try_ready_chunks"];
