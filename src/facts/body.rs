//! The condensed body of a function or initialiser: one flat list of nodes in source order.
//!
//! A node's descendants are exactly the nodes between it and its `end`, and its children follow one another, so
//! "inside", "before" and "the second argument" are arithmetic.

use super::{ModuleIdx, Name, Path, TypeRef, index};
use crate::source::TextRange;
use serde::{Deserialize, Serialize};

index!(
    /// An index into [`Body::nodes`].
    NodeId
);
index!(
    /// An index into [`Body::patterns`].
    PatternId
);
index!(
    /// An index into [`Body::paths`].
    PathId
);
index!(
    /// An index into [`Body::types`].
    TypeId
);
index!(
    /// An index into [`Body::literals`].
    LiteralId
);
index!(
    /// An index into [`Body::closures`].
    ClosureId
);

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Body {
    /// The first node is the body's root.
    pub nodes: Vec<Node>,
    pub patterns: Vec<Pattern>,
    pub paths: Vec<Path>,
    pub types: Vec<TypeRef>,
    pub literals: Vec<Literal>,
    pub closures: Vec<Closure>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Node {
    pub kind: NodeKind,
    pub range: TextRange,
    /// The root is its own parent.
    pub parent: NodeId,
    /// One past the last descendant.
    pub end: NodeId,
}

/// What a node is; its children are listed in order, `[x]` where one may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeKind {
    /// Statements. `module` when the block declares items; `value` when the last child is the block's value.
    Block {
        module: Option<ModuleIdx>,
        value: bool,
    },
    /// `let pattern: ty = [init] else { [block] }`.
    Let {
        pattern: PatternId,
        ty: Option<TypeId>,
        has_else: bool,
    },
    /// `for pattern in iter`: iter, body. `while`: condition, body. `loop`: body.
    Loop(LoopKind),
    /// Condition, block, and perhaps else.
    If,
    /// Scrutinee, arms.
    Match,
    /// The arms of a `select!`, of which the first ready one runs.
    Select,
    /// Of a match: perhaps a guard, body. Of a select: future, perhaps a guard, body.
    Arm {
        pattern: PatternId,
        guard: bool,
    },
    /// `let pattern = value` as a condition: value.
    LetCondition(PatternId),
    /// Body.
    Closure(ClosureId),
    /// Block.
    Async {
        moves: bool,
    },
    /// Callee, arguments.
    Call,
    /// Receiver, arguments. `turbofish` holds the generic arguments as a tuple type; `at` is where the name starts.
    Method {
        name: Name,
        turbofish: Option<TypeId>,
        at: u32,
    },
    /// Base.
    Field {
        name: Name,
        at: u32,
    },
    /// `Path { .. }`: field initialisers, then the base after `..` when `rest`.
    Struct {
        path: PathId,
        rest: bool,
    },
    /// One field of a struct expression: value.
    Init(Name),
    /// Arguments, as far as understood.
    Macro {
        path: PathId,
        shape: MacroShape,
    },
    /// Future.
    Await,
    /// `value?`: value.
    Try,
    /// `return [value]` and its like.
    Jump {
        kind: JumpKind,
        label: Option<Name>,
    },
    /// A single name: a local, or an item without a path.
    Name(Name),
    Path(PathId),
    Literal(LiteralId),
    /// Operands.
    Operator(Operator),
    /// Elements.
    Sequence(SequenceKind),
    /// An expression known only as tokens.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoopKind {
    For(PatternId),
    While,
    Loop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MacroShape {
    /// The arguments are expressions.
    Arguments,
    /// A format string and its arguments, perhaps after other arguments; captured names are children too.
    Format,
    /// `join!` and `try_join!`: all children are awaited.
    Join,
    /// A list that makes a vector: `vec![a, b]`.
    Vector,
    /// `vec![value; count]`.
    VectorRepeat,
    /// `matches!(value, pattern)`: only the value is a child.
    Matches,
    /// One block, read as an async one: `stream! { .. }`.
    Stream,
    /// Statements read as a block.
    Statements,
    /// No known grammar; children are what could be made out of parts.
    Opaque,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JumpKind {
    Return,
    Break,
    Continue,
    Yield,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    Ref {
        mutable: bool,
    },
    Deref,
    Not,
    Negate,
    Arithmetic(Arithmetic),
    Compare,
    /// `&&`, `||`.
    Logic,
    /// `=`.
    Assign,
    /// `+=` and its like.
    AssignOp,
    Index,
    Range,
    Cast(TypeId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    /// `& | ^`.
    Bits,
    /// `<<`.
    ShiftLeft,
    /// `>>`.
    ShiftRight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SequenceKind {
    Tuple,
    Array,
    /// `[value; count]`.
    Repeat,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Closure {
    pub params: Vec<ClosureParam>,
    pub output: Option<TypeRef>,
    pub is_async: bool,
    pub moves: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClosureParam {
    pub pattern: PatternId,
    pub ty: Option<TypeRef>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pattern {
    pub kind: PatternKind,
    pub range: TextRange,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PatternKind {
    /// A new name, unless the name is a constant or unit variant in scope.
    Bind {
        name: Name,
        by_ref: bool,
        mutable: bool,
        inner: Option<PatternId>,
    },
    Wild,
    /// `..`.
    Rest,
    Path(PathId),
    Literal(LiteralId),
    Tuple(Vec<PatternId>),
    TupleStruct(PathId, Vec<PatternId>),
    Struct(PathId, Vec<(Name, PatternId)>),
    Slice(Vec<PatternId>),
    Or(Vec<PatternId>),
    Ref(PatternId),
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Literal {
    Str(Box<str>),
    /// The value where it fits, and the suffix.
    Int(Option<u64>, Box<str>),
    Float(Box<str>),
    Bool(bool),
    Char,
    Byte,
    Bytes,
}

impl Body {
    pub const ROOT: NodeId = NodeId(0);

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub fn kind(&self, id: NodeId) -> NodeKind {
        self.node(id).kind
    }

    pub fn pattern(&self, id: PatternId) -> &Pattern {
        &self.patterns[id.index()]
    }

    pub fn path(&self, id: PathId) -> &Path {
        &self.paths[id.index()]
    }

    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The children of a node, in source order.
    pub fn children(&self, id: NodeId) -> Children<'_> {
        Children { body: self, next: NodeId(id.0 + 1), end: self.node(id).end }
    }

    pub fn child(&self, id: NodeId, nth: usize) -> Option<NodeId> {
        self.children(id).nth(nth)
    }

    /// Whether `inner` is `outer` or below it.
    pub fn contains(&self, outer: NodeId, inner: NodeId) -> bool {
        outer <= inner && inner < self.node(outer).end
    }

    /// The nodes around a node, innermost first, the root last.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut at = id;
        std::iter::from_fn(move || {
            let parent = self.node(at).parent;
            (parent != at).then(|| {
                at = parent;
                parent
            })
        })
    }

    pub fn str_literal(&self, id: NodeId) -> Option<&str> {
        match self.kind(id) {
            NodeKind::Literal(literal) => match &self.literals[literal.index()] {
                Literal::Str(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    pub fn bool_literal(&self, id: LiteralId) -> Option<bool> {
        match self.literals[id.index()] {
            Literal::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub fn int_literal(&self, id: NodeId) -> Option<u64> {
        match self.kind(id) {
            NodeKind::Literal(literal) => match self.literals[literal.index()] {
                Literal::Int(value, _) => value,
                _ => None,
            },
            _ => None,
        }
    }
}

/// An iterator over the children of a node.
pub struct Children<'b> {
    body: &'b Body,
    next: NodeId,
    end: NodeId,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        (self.next < self.end).then(|| {
            let child = self.next;
            self.next = self.body.node(child).end;
            child
        })
    }
}
