//! Whether a place is on one of several ways through its function.

use super::defs::DefId;
use super::dispatch::MAX_IMPLS;
use super::flow::{Use, use_of};
use super::roles::RoleSet;
use super::site::Site;
use crate::catalog::Role;
use crate::facts::{JumpKind, NodeId, NodeKind, Operator};

impl<'m> Site<'m> {
    /// Whether another way through the function around passes this place by: a branch, an arm of a match, what an option
    /// or result falls back on, or what is left after an earlier return.
    pub fn is_conditional(self) -> bool {
        let body = self.body();
        let mut at = self.node;
        loop {
            let parent = body.node(at).parent;
            if parent == at {
                return false;
            }
            match body.kind(parent) {
                NodeKind::If if body.child(parent, 0) != Some(at) => return true,
                NodeKind::Arm { .. } => return true,
                NodeKind::Block { .. } if self.returns_before(parent, at) => return true,
                NodeKind::Closure(_) | NodeKind::Async { .. } => return self.at(parent).is_fallback(),
                _ => at = parent,
            }
        }
    }

    /// Whether this is done only when there is no other of its role, because making one has failed: in an arm of a
    /// `match` over a result, or for a method of a result that gives another value.
    pub fn replaces_failed(self, role: Role) -> bool {
        let body = self.body();
        std::iter::once(self.node).chain(body.ancestors(self.node)).any(|node| {
            let tried = match (body.kind(node), use_of(body, node)) {
                (NodeKind::Arm { .. }, _) => body.child(body.node(node).parent, 0),
                (_, Use::Argument(call, _)) => self.at(call).receiver().map(|receiver| receiver.node),
                _ => None,
            };
            tried.is_some_and(|tried| !body.contains(tried, self.node) && self.at(tried).is_result_with(role))
        })
    }

    fn is_result_with(self, role: Role) -> bool {
        let is_result = |def: &DefId| Some(*def) == self.model.declared.lang.result;
        self.type_def().as_ref().is_some_and(is_result)
            && self.model.guard_in(&self.types(), self.ty(), RoleSet::of(&[role])).is_some()
    }

    /// Whether a loop around this ends when this is done: a branch in between leaves it.
    pub fn ends_loop(self, around: Site<'m>) -> bool {
        let body = self.body();
        let mut between = body.ancestors(self.node).take_while(|node| *node != around.node);
        between.any(|node| self.at(node).leaves_loop())
    }

    /// Whether this ends with leaving a loop around it, or the function.
    pub fn leaves_loop(self) -> bool {
        match self.kind() {
            NodeKind::Jump { kind, .. } => matches!(kind, JumpKind::Return | JumpKind::Break),
            NodeKind::Block { .. } | NodeKind::Arm { .. } => {
                self.body().children(self.node).last().is_some_and(|last| self.at(last).leaves_loop())
            }
            _ => false,
        }
    }

    /// Whether the function around may have left before this because something was found in a map or cell.
    pub fn is_after_lookup(self) -> bool {
        let calls = self.view.types.calls.iter().map(|call| self.at(call.node));
        self.is_conditional() && calls.filter(|call| call.node < self.node).any(|call| call.has(Role::StateRead))
    }

    /// Whether this is done in a loop only for what is not in a map yet: what it gives is remembered there.
    pub fn is_on_miss(self, around: Site<'m>) -> bool {
        let body = self.body();
        let mut below = self.node;
        let mut between = body.ancestors(self.node).take_while(|node| *node != around.node);
        between.any(|node| {
            let child = std::mem::replace(&mut below, node);
            let asked = match body.kind(node) {
                NodeKind::If if body.child(node, 1) == Some(child) => {
                    let asked = body.child(node, 0).map(|asked| self.at(asked));
                    asked.filter(|asked| asked.kind() == NodeKind::Operator(Operator::Not))
                }
                NodeKind::If => body.child(node, 0).map(|asked| self.at(asked)),
                NodeKind::Arm { .. } if self.at(node).is_for_failure() => {
                    body.child(body.node(node).parent, 0).map(|asked| self.at(asked))
                }
                NodeKind::Let { .. } if body.child(node, 1) == Some(child) => {
                    body.child(node, 0).map(|asked| self.at(asked))
                }
                _ => None,
            };
            asked.filter(|asked| asked.node != child).is_some_and(|asked| around.is_remembered(asked))
        })
    }

    /// Whether a map that is looked up in an expression is put into in this loop.
    fn is_remembered(self, asked: Site<'m>) -> bool {
        let maps = |inside: Site<'m>, role| {
            let all = (inside.node.0..inside.body().node(inside.node).end.0).map(move |node| inside.at(NodeId(node)));
            all.filter(move |site| site.has(role) && site.is_of_map()).filter_map(|site| site.receiver()?.root_local())
        };
        let read: Vec<_> = maps(asked, Role::StateRead).collect();
        let mut written = maps(self, Role::StateWrite);
        written.any(|map| read.contains(&map))
    }

    fn is_of_map(self) -> bool {
        let owner = self.target().and_then(|def| self.model.member_of(def));
        owner.is_some_and(|owner| self.model.roles.of(owner).has(Role::Map))
    }

    /// Whether this is done in one of many arms of a `match` over what `self` is or has.
    pub fn is_for_one_backend(self) -> bool {
        let body = self.body();
        let mut around = body.ancestors(self.node).map(|node| self.at(node));
        around.any(|choice| {
            let asked = choice.child(0).filter(|_| choice.kind() == NodeKind::Match);
            let arms = body.children(choice.node).skip(1);
            asked.is_some_and(|asked| asked.mentions("self") && !body.contains(asked.node, self.node))
                && arms.count() > MAX_IMPLS
        })
    }

    /// Whether a statement of a block before another may return.
    fn returns_before(self, block: NodeId, statement: NodeId) -> bool {
        let body = self.body();
        let first = body.children(block).next().unwrap_or(statement);
        let mut before = (first.0..statement.0).map(NodeId);
        before.any(|node| matches!(body.kind(node), NodeKind::Jump { kind: JumpKind::Return, .. }))
    }

    /// Whether a closure runs only when an option or result says so.
    fn is_fallback(self) -> bool {
        let Use::Argument(call, _) = use_of(self.body(), self.node) else { return false };
        let owner = self.at(call).target().and_then(|def| self.model.member_of(def));
        let lang = &self.model.declared.lang;
        owner.is_some_and(|owner| Some(owner) == lang.option || Some(owner) == lang.result)
    }
}

impl super::Model<'_> {
    /// Whether a type of the workspace implements a trait of a role.
    pub fn implements_role(&self, def: DefId, role: Role) -> bool {
        let impls = self.declared.impls[..self.declared.written_impls].iter();
        impls
            .filter(|found| found.of_trait.is_some_and(|(of, _)| self.roles.of(of).has(role)))
            .any(|found| self.peeled_def(&self.declared.tys, found.self_ty) == Some(def))
    }

    /// The type of which something is an associated function.
    pub fn member_of(&self, def: DefId) -> Option<DefId> {
        let parent = self.names.defs.get(def).parent?;
        let found = self.declared.find_impl(parent)?;
        self.peeled_def(&self.declared.tys, found.self_ty)
    }
}
