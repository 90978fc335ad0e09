//! What can be called: functions, and the closures and async blocks in them, which run where they are passed to.

use super::defs::DefId;
use super::types::{BodyId, BodyTypes, PreparedBody};
use crate::facts::{Body, NodeId, NodeKind};
use rustc_hash::FxHashMap;

/// A function, initialiser, closure or async block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallableId(pub u32);

#[derive(Clone, Copy, Debug)]
pub struct Callable {
    pub body: BodyId,
    /// The body's root, or the closure or async block.
    pub node: NodeId,
    pub kind: CallableKind,
    /// The callable around a closure or async block.
    pub parent: Option<CallableId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallableKind {
    Function {
        is_async: bool,
    },
    /// The initialiser of a constant or static.
    Initialiser,
    Closure {
        is_async: bool,
    },
    Async,
}

impl CallableKind {
    /// Whether calling it only makes a future.
    pub fn is_async(self) -> bool {
        match self {
            CallableKind::Function { is_async } | CallableKind::Closure { is_async } => is_async,
            CallableKind::Async => true,
            CallableKind::Initialiser => false,
        }
    }
}

/// All callables, in the order of bodies and nodes.
#[derive(Debug, Default)]
pub struct Callables {
    list: Vec<Callable>,
    /// The first callable of each body, and one past the last.
    of_body: Vec<u32>,
    of_def: FxHashMap<DefId, CallableId>,
}

impl Callables {
    pub fn build(bodies: &[PreparedBody<'_>], is_async: impl Fn(DefId) -> Option<bool>) -> Self {
        let mut all = Self { of_body: vec![0], ..Self::default() };
        for (index, prepared) in bodies.iter().enumerate() {
            let root = CallableId(all.list.len() as u32);
            let kind = match is_async(prepared.owner) {
                Some(is_async) => CallableKind::Function { is_async },
                None => CallableKind::Initialiser,
            };
            let body = BodyId(index as u32);
            all.list.push(Callable { body, node: Body::ROOT, kind, parent: None });
            all.of_def.insert(prepared.owner, root);
            all.add_inner(prepared.body, body, root);
            all.of_body.push(all.list.len() as u32);
        }
        all
    }

    fn add_inner(&mut self, facts: &Body, body: BodyId, root: CallableId) {
        let mut open = vec![root];
        for node in facts.ids() {
            let kind = match facts.kind(node) {
                NodeKind::Closure(closure) => {
                    CallableKind::Closure { is_async: facts.closures[closure.index()].is_async }
                }
                NodeKind::Async { .. } => CallableKind::Async,
                _ => continue,
            };
            while open.len() > 1 && !facts.contains(self.get(open[open.len() - 1]).node, node) {
                open.pop();
            }
            let id = CallableId(self.list.len() as u32);
            self.list.push(Callable { body, node, kind, parent: open.last().copied() });
            open.push(id);
        }
    }

    pub fn get(&self, id: CallableId) -> &Callable {
        &self.list[id.0 as usize]
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn ids(&self) -> impl DoubleEndedIterator<Item = CallableId> + use<> {
        (0..self.list.len() as u32).map(CallableId)
    }

    pub fn of_body(&self, body: BodyId) -> impl DoubleEndedIterator<Item = CallableId> + use<> {
        (self.of_body[body.0 as usize]..self.of_body[body.0 as usize + 1]).map(CallableId)
    }

    /// The callable that a function or initialiser is.
    pub fn of_def(&self, def: DefId) -> Option<CallableId> {
        self.of_def.get(&def).copied()
    }

    /// The callable that a closure or async block is.
    pub fn at(&self, body: BodyId, node: NodeId) -> Option<CallableId> {
        self.of_body(body).find(|id| self.get(*id).node == node)
    }

    /// The innermost callable around a node; a closure or async block is around itself.
    pub fn around(&self, facts: &Body, body: BodyId, node: NodeId) -> CallableId {
        let around = self.of_body(body).rev().find(|id| facts.contains(self.get(*id).node, node));
        around.expect("the root is around every node of its body")
    }

    /// The callable in which a node is evaluated: for a closure or async block, the one that makes it.
    pub fn evaluating(&self, facts: &Body, body: BodyId, node: NodeId) -> CallableId {
        let around = self.around(facts, body, node);
        let callable = self.get(around);
        match callable.parent {
            Some(parent) if callable.node == node => parent,
            _ => around,
        }
    }
}

impl super::Model<'_> {
    /// The function, constant or static in which a callable stands.
    pub fn owner_of(&self, id: CallableId) -> DefId {
        self.body(self.callables.get(id).body).prepared.owner
    }
}

/// A body with all that is known of it.
#[derive(Clone, Copy)]
pub struct BodyView<'m> {
    pub id: BodyId,
    pub prepared: &'m PreparedBody<'m>,
    pub types: &'m BodyTypes,
}

impl<'m> BodyView<'m> {
    pub fn facts(self) -> &'m Body {
        self.prepared.body
    }
}
