//! Loops over elements: what is done for each, and with what of it.

use super::defs::DefKind;
use super::flow::{Use, use_of, uses_of_local};
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
                && !self.is_enough(*around)
                && !around.is_list(element)
                && self.mentions_any(&around.made_of(element))
        })
    }

    /// Whether the loop around is left when this succeeds: it looks for the first that does.
    fn is_enough(self, around: Site<'m>) -> bool {
        let body = self.body();
        let results = around.made_where(|value| body.contains(value.node, self.node));
        let inside = (around.node.0..body.node(around.node).end.0).map(NodeId);
        let mut decisions = inside.filter(|node| matches!(body.kind(*node), NodeKind::If | NodeKind::Match));
        decisions.any(|decision| {
            let asked = body.child(decision, 0).map(|asked| self.at(asked));
            let is_asked = asked.is_some_and(|asked| {
                (body.contains(asked.node, self.node) || asked.mentions_any(&results)) && !asked.expects_failure()
            });
            let ways = body.children(decision).skip(1);
            is_asked
                && ways.map(|way| self.at(way)).any(|way| !way.is_for_failure() && way.leaves_loop() && !way.fails())
        })
    }

    /// Whether a condition holds when something has failed: `if let Err(..) = x`, `x.is_none()`.
    fn expects_failure(self) -> bool {
        match self.kind() {
            NodeKind::LetCondition(pattern) => self.is_failure(pattern),
            NodeKind::Operator(Operator::Not) => true,
            NodeKind::Method { name, .. } => matches!(self.text_of(name), "is_err" | "is_none" | "is_empty"),
            _ => false,
        }
    }

    /// Whether this ends with giving back an error.
    fn fails(self) -> bool {
        match self.kind() {
            NodeKind::Name(name) => self.text_of(name) == "Err",
            NodeKind::Call | NodeKind::Jump { .. } => self.child(0).is_some_and(Site::fails),
            NodeKind::Block { .. } | NodeKind::Arm { .. } => {
                self.body().children(self.node).last().is_some_and(|last| self.at(last).fails())
            }
            _ => false,
        }
    }

    fn is_for_failure(self) -> bool {
        matches!(self.kind(), NodeKind::Arm { pattern, .. } if self.is_failure(pattern))
    }

    /// Whether a pattern takes only what went wrong or is missing.
    pub fn is_failure(self, pattern: PatternId) -> bool {
        match &self.body().pattern(pattern).kind {
            PatternKind::TupleStruct(path, _) | PatternKind::Path(path) => {
                let last = self.body().path(*path).segments.last();
                last.is_some_and(|segment| matches!(self.text_of(segment.name), "Err" | "None"))
            }
            PatternKind::Bind { name, inner: None, .. } => self.text_of(*name) == "None",
            _ => false,
        }
    }

    /// Whether what this gives is waited for in the same round: at once, or by a name. Other than a future, everything
    /// is.
    pub fn is_waited_for(self) -> bool {
        let mut at = self;
        for _ in 0..16 {
            let is_future = self.model.declared.is_future(&at.types(), at.ty());
            match use_of(at.body(), at.node) {
                Use::Awaited(_) => return true,
                _ if !is_future && !at.may_be_future() => return true,
                Use::Receiver(next) | Use::Tried(next) => at = at.at(next),
                Use::Bound(pattern) => {
                    let uses = uses_of_local(at.body(), at.view.types, pattern);
                    return uses.into_iter().any(|node| at.at(node).is_awaited());
                }
                _ => return false,
            }
        }
        false
    }

    /// Whether an async function of the workspace is called.
    fn may_be_future(self) -> bool {
        self.target().and_then(|def| self.model.names.defs.function(def)).is_some_and(|function| function.is_async)
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
        let mut made = FxHashSet::default();
        self.add_names(element, &mut made);
        self.add_made(|_| false, &mut made);
        made
    }

    /// The names below this that are given to a value that fits, or to what is made of it.
    pub fn made_where(self, fits: impl Fn(Site<'m>) -> bool) -> FxHashSet<PatternId> {
        let mut made = FxHashSet::default();
        self.add_made(fits, &mut made);
        made
    }

    /// Adds the names in a loop that are given to what is made of others, or of a value that fits.
    fn add_made(self, fits: impl Fn(Site<'m>) -> bool, made: &mut FxHashSet<PatternId>) {
        let body = self.body();
        for node in (self.node.0..body.node(self.node).end.0).map(NodeId) {
            let taken = match body.kind(node) {
                NodeKind::Let { pattern, .. } | NodeKind::LetCondition(pattern) => Some((pattern, body.child(node, 0))),
                NodeKind::Loop(LoopKind::For(pattern)) => Some((pattern, body.child(node, 0))),
                NodeKind::Arm { pattern, .. } => Some((pattern, body.child(body.node(node).parent, 0))),
                _ => None,
            };
            if let Some((pattern, Some(value))) = taken
                && (fits(self.at(value)) || self.at(value).mentions_any(made))
            {
                self.add_names(pattern, made);
            }
        }
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

    /// Whether one of some locals is used in this expression.
    pub fn mentions_any(self, names: &FxHashSet<PatternId>) -> bool {
        let mut inside = (self.node.0..self.body().node(self.node).end.0).map(NodeId);
        inside.any(|node| self.view.types.locals.get(&node).is_some_and(|local| names.contains(local)))
    }

    /// Whether an expression is a literal list or range, or hands out its elements many at a time.
    fn is_small_or_batched(self) -> bool {
        match self.kind() {
            NodeKind::Sequence(SequenceKind::Array | SequenceKind::Repeat) => true,
            NodeKind::Operator(Operator::Ref { .. }) => self.child(0).is_some_and(Site::is_small_or_batched),
            NodeKind::Name(_) | NodeKind::Path(_) => self.is_constant(),
            NodeKind::Operator(Operator::Range) => self.body().children(self.node).all(|end| self.at(end).is_number()),
            NodeKind::Method { .. } => {
                let name = self.target().map(|def| self.model.names.defs.name(def)).unwrap_or_default();
                BATCHES.contains(&name) || self.child(0).is_some_and(Site::is_small_or_batched)
            }
            _ => false,
        }
    }

    /// Whether this names a constant, or a static that cannot be changed.
    fn is_constant(self) -> bool {
        let Some(def) = self.model.places.named_at((self.view.id, self.node)) else { return false };
        match self.model.names.defs.get(def).kind {
            DefKind::Const => true,
            DefKind::Static => {
                matches!(self.types().kind(self.types().peel_refs(self.ty())), TyKind::Array(_) | TyKind::Slice(_))
            }
            _ => false,
        }
    }

    fn is_number(self) -> bool {
        self.body().int_literal(self.node).is_some()
    }
}

/// Adaptors of slices and iterators that give several elements at a time.
const BATCHES: [&str; 7] =
    ["chunks", "chunks_exact", "array_chunks", "rchunks", "ready_chunks", "try_ready_chunks", "batching"];
