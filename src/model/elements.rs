//! Loops over elements: what is done for each, and with what of it.

use super::backward::{Origin, history, parts};
use super::defs::DefKind;
use super::flow::{Use, use_of, uses_of_local};
use super::site::Site;
use super::types::{TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{LoopKind, MacroShape, NodeId, NodeKind, Operator, PatternId, PatternKind, SequenceKind};
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
                && !around.is_paced(self)
                && !over.is_some_and(Site::is_capped)
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

    pub fn is_for_failure(self) -> bool {
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
            NodeKind::Macro { shape: MacroShape::Vector, .. } => true,
            _ if self.type_def().is_some_and(|def| self.model.roles.of(def).has(Role::Batches)) => true,
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

    /// Whether a loop runs over a parameter for which a call gives a list that is written out.
    pub fn is_over_few_of(self, call: Site<'m>) -> bool {
        let owner = self.view.prepared.owner;
        let Some(over) = self.child(0).and_then(Site::root).filter(|_| call.target() == Some(owner)) else {
            return false;
        };
        let params = self.model.callable_site(self.callable()).params();
        let position = params.iter().position(|param| *param == over.0);
        position.and_then(|nth| call.arg(nth)).is_some_and(Site::is_written_out)
    }

    /// Whether an argument is a list literal, perhaps borrowed or optional, or made by a function that gives one back.
    fn is_written_out(self) -> bool {
        match self.kind() {
            NodeKind::Call if self.args().count() == 0 => {
                let past = history(self.model, self);
                let is_list = |origin: &Origin<'m>| matches!(origin, Origin::Made(made) if !made.is(self) && made.is_written_out());
                let is_changed = past.calls.iter().any(|call| matches!(call.kind(), NodeKind::Method { .. }));
                !is_changed && !past.origins.is_empty() && past.origins.iter().all(is_list)
            }
            NodeKind::Call => self.arg(0).is_some_and(Site::is_written_out),
            NodeKind::Operator(Operator::Ref { .. }) => self.child(0).is_some_and(Site::is_written_out),
            NodeKind::Sequence(SequenceKind::Array) | NodeKind::Macro { shape: MacroShape::Vector, .. } => true,
            _ => false,
        }
    }

    /// The local that an expression begins with, and the fields that are taken of it.
    fn root(self) -> Option<(PatternId, Vec<&'m str>)> {
        match self.kind() {
            NodeKind::Name(_) => Some((*self.view.types.locals.get(&self.node)?, Vec::new())),
            NodeKind::Operator(Operator::Ref { .. }) | NodeKind::Method { .. } => self.child(0)?.root(),
            NodeKind::Field { name, .. } => {
                let (local, mut fields) = self.child(0)?.root()?;
                fields.push(self.text_of(name));
                Some((local, fields))
            }
            _ => None,
        }
    }

    /// Whether the function has left before when there are more than a few of these elements: `if x.len() > 10`.
    fn is_capped(self) -> bool {
        let body = self.body();
        let Some(root) = self.root() else { return false };
        let mut before = (0..self.node.0).map(|node| self.at(NodeId(node)));
        before.any(|branch| {
            let asked = branch.child(0).filter(|_| branch.kind() == NodeKind::If);
            let counts = asked.is_some_and(|asked| {
                let mut inside = (asked.node.0..body.node(asked.node).end.0).map(|node| self.at(NodeId(node)));
                inside.any(|compared| compared.is_few_of(&root))
            });
            counts && branch.child(1).is_some_and(Site::leaves_loop)
        })
    }

    /// `x.len() > 10`, for what begins with a local and its fields.
    fn is_few_of(self, root: &(PatternId, Vec<&str>)) -> bool {
        let is_compared = matches!(self.kind(), NodeKind::Operator(Operator::Compare));
        let is_len = |side: &Site<'m>| {
            matches!(side.kind(), NodeKind::Method { name, .. } if side.text_of(name) == "len")
                && side.root().as_ref() == Some(root)
        };
        is_compared
            && self.child(0).as_ref().is_some_and(is_len)
            && self.child(1).and_then(|most| most.body().int_literal(most.node)).is_some_and(|most| most <= FEW)
    }

    /// Whether each round of a loop in which something is done waits for a while: it has been slowed down on purpose.
    fn is_paced(self, done: Site<'m>) -> bool {
        let body = self.body();
        let inside = (self.node.0..body.node(self.node).end.0).map(|node| self.at(NodeId(node)));
        let mut waits = inside.filter(|site| site.has(Role::Sleep) || site.has(Role::Tick));
        waits.any(|wait| {
            let mut between = body.ancestors(wait.node).take_while(|node| *node != self.node);
            let is_another_way =
                |node| matches!(body.kind(node), NodeKind::If | NodeKind::Match) && !body.contains(node, done.node);
            wait.is_awaited() && !between.any(is_another_way)
        })
    }

    /// Whether elements come from a queue or channel.
    pub fn is_received(self) -> bool {
        let received = [Role::MessageSource, Role::ChannelReceive];
        parts(self.model, self).iter().any(|part| received.iter().any(|role| part.has(*role)))
    }

    /// Whether the loop goes on when this fails.
    pub fn fails_alone(self, around: Site<'m>) -> bool {
        let body = self.body();
        let between = body.ancestors(self.node).take_while(|node| *node != around.node).map(|node| self.at(node));
        between.into_iter().any(|at| {
            let asks = at.child(0).is_some_and(|asked| body.contains(asked.node, self.node));
            match at.kind() {
                NodeKind::Match if asks => {
                    let mut arms = body.children(at.node).skip(1).map(|arm| self.at(arm));
                    arms.any(|arm| arm.is_for_failure() && !arm.leaves_loop())
                }
                NodeKind::If if asks => {
                    at.child(0).is_some_and(Site::expects_failure) && !at.child(1).is_some_and(Site::leaves_loop)
                }
                _ => false,
            }
        })
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

/// So many elements may be written down by hand.
const FEW: u64 = 50;

/// Adaptors of slices and iterators that give several elements at a time.
const BATCHES: [&str; 7] =
    ["chunks", "chunks_exact", "array_chunks", "rchunks", "ready_chunks", "try_ready_chunks", "batching"];
