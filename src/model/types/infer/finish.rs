//! What remains of inference: the types of nodes and patterns, and the calls.

use super::{Infer, Words};
use crate::facts::{NodeId, PatternId};
use crate::model::defs::DefId;
use crate::model::symbols::Symbol;
use crate::model::types::ty::{Args, MAX_TYPE_DEPTH, OwnTypes, Rewrite, Ty, TyKind, TypeTable, Tys};
use rustc_hash::FxHashMap;

/// The inferred types of one body.
#[derive(Debug, Default)]
pub struct BodyTypes {
    pub types: OwnTypes,
    nodes: Box<[Ty]>,
    patterns: Box<[Ty]>,
    /// Which pattern each use of a local refers to.
    pub locals: FxHashMap<NodeId, PatternId>,
    /// In source order of the nodes.
    pub calls: Vec<Call>,
}

/// A call site and what it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub node: NodeId,
    pub target: Target,
    pub kind: CallKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    Path,
    Method,
    Macro,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Def(DefId),
    /// A member of something outside of which not all members are known.
    Member(DefId, Symbol),
    /// A closure of the same body.
    Closure(NodeId),
    /// A value: a local, a field or a result that is called.
    Value,
    Unknown,
}

impl BodyTypes {
    pub fn node(&self, node: NodeId) -> Ty {
        self.nodes[node.index()]
    }

    /// The call at a node.
    pub fn call_at(&self, node: NodeId) -> Option<&Call> {
        let at = self.calls.binary_search_by_key(&node, |call| call.node).ok()?;
        Some(&self.calls[at])
    }

    pub fn pattern(&self, pattern: PatternId) -> Ty {
        self.patterns[pattern.index()]
    }
}

impl Infer<'_> {
    pub fn finish(mut self) -> BodyTypes {
        let nodes = std::mem::take(&mut self.nodes);
        let patterns = std::mem::take(&mut self.patterns);
        let mut calls = std::mem::take(&mut self.calls);
        calls.sort_by_key(|call| call.node);
        let locals = std::mem::take(&mut self.local_of);
        let into = Tys::on(&self.world.declared.tys);
        let mut finish = Finish { infer: &self, into, known: FxHashMap::default(), depth: 0 };
        let nodes = nodes.into_iter().map(|ty| finish.part(ty)).collect();
        let patterns = patterns.into_iter().map(|ty| finish.part(ty)).collect();
        BodyTypes { types: finish.into.detach(), nodes, patterns, locals, calls }
    }
}

/// Moves types from the attempt to the result: variables replaced, what is left of them unknown.
struct Finish<'f, 'm> {
    infer: &'f Infer<'m>,
    into: Tys<'m>,
    known: FxHashMap<Ty, Ty>,
    depth: usize,
}

impl Rewrite for Finish<'_, '_> {
    fn part(&mut self, ty: Ty) -> Ty {
        let ty = self.infer.shallow(ty);
        if let Some(done) = self.known.get(&ty) {
            return *done;
        }
        if self.depth > MAX_TYPE_DEPTH {
            return Ty::UNKNOWN;
        }
        let kind = match self.infer.tys.kind(ty).clone() {
            TyKind::Var(var) => self.infer.vars.default_of(var).map_or(TyKind::Unknown, TyKind::Prim),
            TyKind::Closure(_) | TyKind::Hole => TyKind::Unknown,
            kind => {
                self.depth += 1;
                let kind = self.rewrite(kind);
                self.depth -= 1;
                kind
            }
        };
        let done = self.into.intern(kind);
        self.known.insert(ty, done);
        done
    }

    fn read(&self, args: Args) -> Vec<Ty> {
        self.infer.tys.args(args).to_vec()
    }

    fn list(&mut self, types: &[Ty]) -> Args {
        self.into.list(types)
    }
}

impl Words {
    pub fn find(symbols: &mut crate::model::symbols::Symbols) -> Self {
        Self { output: symbols.intern("Output"), item: symbols.intern("Item"), target: symbols.intern("Target") }
    }
}
