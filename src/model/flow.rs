//! Where the value of an expression goes next, as far as one body shows.

use crate::facts::{Body, JumpKind, MacroShape, NodeId, NodeKind, Operator, PatternId, PatternKind};
use crate::model::types::BodyTypes;

/// What uses a value first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is awaited, alone or together with others.
    Awaited(NodeId),
    /// It is the receiver of a method call.
    Receiver(NodeId),
    /// It is an argument of a call; the position does not count a receiver.
    Argument(NodeId, usize),
    /// It is called.
    Called(NodeId),
    /// It is given back by the function, closure or async block with this node.
    Returned(NodeId),
    /// It is kept in a field of the struct expression.
    Field(NodeId),
    /// A pattern takes it apart or gives it a name.
    Bound(PatternId),
    /// It is assigned to a place.
    Assigned(NodeId),
    /// It is borrowed, dereferenced, indexed, or a field of it is taken.
    Looked(NodeId),
    /// `?` is applied to it.
    Tried(NodeId),
    /// It is an operand or condition, or part of a list.
    Operand(NodeId),
    /// Nobody uses it: it is dropped at the end of the statement.
    Dropped,
}

/// What uses the value of a node.
pub fn use_of(body: &Body, node: NodeId) -> Use {
    let mut at = node;
    loop {
        let parent = body.node(at).parent;
        if parent == at {
            return Use::Returned(parent);
        }
        let position = body.children(parent).position(|child| child == at).unwrap_or_default();
        let is_last = body.node(parent).end == body.node(at).end;
        return match body.kind(parent) {
            // The value passes through.
            NodeKind::Block { value: true, .. } if is_last => {
                at = parent;
                continue;
            }
            NodeKind::Block { .. } => Use::Dropped,
            NodeKind::If if position > 0 => {
                at = parent;
                continue;
            }
            NodeKind::Arm { .. } if is_last => {
                at = body.node(parent).parent;
                continue;
            }
            NodeKind::Arm { .. } if matches!(body.kind(body.node(parent).parent), NodeKind::Select) => {
                if position == 0 { Use::Awaited(body.node(parent).parent) } else { Use::Operand(parent) }
            }
            NodeKind::Let { pattern, .. } => {
                if position == 0 {
                    Use::Bound(pattern)
                } else {
                    Use::Dropped
                }
            }
            NodeKind::LetCondition(pattern) => Use::Bound(pattern),
            NodeKind::Match => Use::Operand(parent),
            NodeKind::Closure(_) | NodeKind::Async { .. } => Use::Returned(parent),
            NodeKind::Call if position == 0 => Use::Called(parent),
            NodeKind::Call => Use::Argument(parent, position - 1),
            NodeKind::Method { .. } if position == 0 => Use::Receiver(parent),
            NodeKind::Method { .. } => Use::Argument(parent, position - 1),
            NodeKind::Field { .. } => Use::Looked(parent),
            NodeKind::Init(_) => Use::Field(body.node(parent).parent),
            NodeKind::Struct { .. } => Use::Field(parent),
            NodeKind::Macro { shape: MacroShape::Join, .. } | NodeKind::Await => Use::Awaited(parent),
            NodeKind::Try => Use::Tried(parent),
            NodeKind::Jump { kind: JumpKind::Return, .. } => Use::Returned(callable_around(body, parent)),
            NodeKind::Operator(Operator::Assign) if position == 1 => Use::Assigned(parent),
            NodeKind::Operator(Operator::Ref { .. } | Operator::Deref | Operator::Index) => Use::Looked(parent),
            _ => Use::Operand(parent),
        };
    }
}

/// The root, closure or async block around a node.
pub fn callable_around(body: &Body, node: NodeId) -> NodeId {
    let is_callable = |id: &NodeId| matches!(body.kind(*id), NodeKind::Closure(_) | NodeKind::Async { .. });
    body.ancestors(node).find(is_callable).unwrap_or(Body::ROOT)
}

/// The uses of the local that a simple pattern names, in source order; empty for a pattern that takes a value apart.
pub fn uses_of_local(body: &Body, types: &BodyTypes, pattern: PatternId) -> Vec<NodeId> {
    let PatternKind::Bind { .. } = body.pattern(pattern).kind else { return Vec::new() };
    let mut uses: Vec<NodeId> =
        types.locals.iter().filter(|(_, bound)| **bound == pattern).map(|(node, _)| *node).collect();
    uses.sort();
    uses
}
