//! Expressions.

use super::Infer;
use crate::facts::{JumpKind, Literal, LoopKind, NodeId, NodeKind, SequenceKind};
use crate::model::types::ty::{Args, Prim, Ty, TyKind, TypeTable};

impl Infer<'_> {
    pub fn expr(&mut self, node: NodeId, expected: Option<Ty>) -> Ty {
        let ty = self.expr_kind(node, expected);
        self.nodes[node.index()] = ty;
        ty
    }

    fn expr_kind(&mut self, node: NodeId, expected: Option<Ty>) -> Ty {
        let body = self.body;
        match body.kind(node) {
            NodeKind::Block { value, .. } => self.block(node, value, expected),
            NodeKind::Let { .. } => self.let_statement(node),
            NodeKind::Loop(kind) => self.loop_expr(node, kind),
            NodeKind::If => self.branch(node, expected),
            NodeKind::Match => self.match_expr(node, expected),
            NodeKind::Select => self.select(node, expected),
            NodeKind::Arm { .. } => Ty::UNKNOWN,
            NodeKind::LetCondition(pattern) => {
                let value = self.first(node, None);
                self.bind_pattern(pattern, value);
                Ty::BOOL
            }
            NodeKind::Closure(_) => self.closure(node, None),
            NodeKind::Async { .. } => self.async_block(node, expected),
            NodeKind::Call => self.call(node, expected),
            NodeKind::Method { name, turbofish, .. } => {
                let name = self.symbol(name);
                self.method_call(node, name, turbofish, expected)
            }
            NodeKind::Field { name, .. } => {
                let base = self.first(node, None);
                let name = self.symbol(name);
                self.field(base, name)
            }
            NodeKind::Struct { path, rest } => self.struct_expr(node, path, rest, expected),
            NodeKind::Init(_) => self.first(node, expected),
            NodeKind::Macro { path, shape } => self.macro_call(node, path, shape, expected),
            NodeKind::Await => {
                let future = self.first(node, None);
                self.awaited(future)
            }
            NodeKind::Try => {
                let value = self.first(node, None);
                self.tried(value)
            }
            NodeKind::Jump { kind, .. } => self.jump(node, kind),
            NodeKind::Name(name) => self.name(node, name),
            NodeKind::Path(path) => self.path_value(node, path),
            NodeKind::Literal(literal) => self.literal(&body.literals[literal.index()]),
            NodeKind::Operator(operator) => self.operator(node, operator, expected),
            NodeKind::Sequence(kind) => self.sequence(node, kind, expected),
            NodeKind::Unknown => Ty::UNKNOWN,
        }
    }

    /// Infers the first child.
    pub fn first(&mut self, node: NodeId, expected: Option<Ty>) -> Ty {
        match self.body.child(node, 0) {
            Some(child) => self.expr(child, expected),
            None => Ty::UNIT,
        }
    }

    pub fn children(&self, node: NodeId) -> Vec<NodeId> {
        self.body.children(node).collect()
    }

    pub fn scoped<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.locals.len();
        let result = inner(self);
        self.locals.truncate(outer);
        result
    }

    fn block(&mut self, node: NodeId, value: bool, expected: Option<Ty>) -> Ty {
        self.scoped(|infer| {
            let children = infer.children(node);
            let (mut last, mut diverges) = (Ty::UNIT, false);
            for (index, child) in children.iter().enumerate() {
                let is_value = value && index + 1 == children.len();
                last = infer.expr(*child, expected.filter(|_| is_value));
                diverges |= infer.shallow(last) == Ty::NEVER;
            }
            match (value && !children.is_empty(), diverges) {
                (true, _) => last,
                (false, true) => Ty::NEVER,
                (false, false) => Ty::UNIT,
            }
        })
    }

    fn let_statement(&mut self, node: NodeId) -> Ty {
        let NodeKind::Let { pattern, ty, has_else } = self.body.kind(node) else { return Ty::UNIT };
        let written = ty.map(|ty| {
            let ty = self.prepared.types[ty.index()];
            let ty = self.open(ty);
            self.normalise(ty)
        });
        let children = self.children(node);
        let has_init = children.len() > usize::from(has_else);
        let mut ty = written.unwrap_or_else(|| if has_init { Ty::UNKNOWN } else { self.fresh() });
        if has_init {
            let init = self.expr(children[0], written);
            match written {
                Some(written) => {
                    self.coerce(init, written);
                }
                None => ty = init,
            }
            if has_else {
                self.expr(children[1], None);
            }
        }
        self.bind_pattern(pattern, ty);
        Ty::UNIT
    }

    fn loop_expr(&mut self, node: NodeId, kind: LoopKind) -> Ty {
        let children = self.children(node);
        let result = self.fresh();
        self.breaks.push(result);
        self.scoped(|infer| match (kind, &children[..]) {
            (LoopKind::For(pattern), [iter, body]) => {
                let iter = infer.expr(*iter, None);
                let item = infer.iterated(iter);
                infer.bind_pattern(pattern, item);
                infer.expr(*body, None);
            }
            (LoopKind::While, [condition, body]) => {
                infer.expr(*condition, Some(Ty::BOOL));
                infer.expr(*body, None);
            }
            _ => children.iter().for_each(|child| {
                infer.expr(*child, None);
            }),
        });
        self.breaks.pop();
        match kind {
            LoopKind::Loop => result,
            _ => Ty::UNIT,
        }
    }

    /// What a `for` loop over a value is given.
    fn iterated(&mut self, iter: Ty) -> Ty {
        let iter = self.known(iter);
        let lang = &self.world.declared.lang;
        let item = self.world.words.item;
        if let Some(of) = lang.into_iterator
            && let Some(item) = self.project(iter, Some(of), Args::EMPTY, item)
        {
            return item;
        }
        self.project(iter, lang.iterator, Args::EMPTY, item).unwrap_or(Ty::UNKNOWN)
    }

    fn branch(&mut self, node: NodeId, expected: Option<Ty>) -> Ty {
        let children = self.children(node);
        let then = self.scoped(|infer| {
            infer.expr(children[0], Some(Ty::BOOL));
            infer.expr(children[1], expected)
        });
        match children.get(2) {
            Some(otherwise) => {
                let otherwise = self.expr(*otherwise, expected);
                self.join(then, otherwise)
            }
            None => Ty::UNIT,
        }
    }

    /// The type of a value that comes from either of two ways.
    fn join(&mut self, a: Ty, b: Ty) -> Ty {
        let (a, b) = (self.shallow(a), self.shallow(b));
        if a == Ty::NEVER || a == Ty::UNKNOWN {
            return b;
        }
        if b != Ty::NEVER {
            self.try_unify(a, b);
        }
        a
    }

    fn match_expr(&mut self, node: NodeId, expected: Option<Ty>) -> Ty {
        let children = self.children(node);
        let scrutinee = self.expr(children[0], None);
        let arms = children[1..].to_vec();
        arms.into_iter().fold(Ty::NEVER, |result, arm| {
            let value = self.scoped(|infer| infer.arm(arm, scrutinee, expected, 0));
            self.join(result, value)
        })
    }

    /// An arm whose first `skip` children are already dealt with.
    fn arm(&mut self, arm: NodeId, matched: Ty, expected: Option<Ty>, skip: usize) -> Ty {
        let NodeKind::Arm { pattern, .. } = self.body.kind(arm) else { return Ty::UNKNOWN };
        self.bind_pattern(pattern, matched);
        let parts = self.children(arm);
        let (body, before) = parts.split_last().expect("an arm has a body");
        for guard in &before[skip.min(before.len())..] {
            self.expr(*guard, Some(Ty::BOOL));
        }
        let value = self.expr(*body, expected);
        self.nodes[arm.index()] = value;
        value
    }

    fn select(&mut self, node: NodeId, expected: Option<Ty>) -> Ty {
        self.children(node).into_iter().fold(Ty::NEVER, |result, arm| {
            let value = self.scoped(|infer| {
                let future = infer.first(arm, None);
                let ready = infer.awaited(future);
                infer.arm(arm, ready, expected, 1)
            });
            self.join(result, value)
        })
    }

    /// What `?` passes on: the good half of a result or option.
    pub fn tried(&mut self, value: Ty) -> Ty {
        let value = self.known(value);
        let lang = &self.world.declared.lang;
        let args = self.is(lang.result, value).or_else(|| self.is(lang.option, value));
        args.and_then(|args| self.tys.args(args).first().copied()).unwrap_or(Ty::UNKNOWN)
    }

    fn jump(&mut self, node: NodeId, kind: JumpKind) -> Ty {
        let wanted = match kind {
            JumpKind::Return => self.returns.last().copied(),
            JumpKind::Break => self.breaks.last().copied(),
            JumpKind::Continue | JumpKind::Yield => None,
        };
        let value = self.first(node, wanted);
        if let Some(wanted) = wanted {
            self.coerce(value, wanted);
        }
        if kind == JumpKind::Yield { Ty::UNIT } else { Ty::NEVER }
    }

    fn name(&mut self, node: NodeId, name: crate::facts::Name) -> Ty {
        let symbol = self.symbol(name);
        if symbol == self.world.names.words.self_value
            && let Some(receiver) = self.receiver()
        {
            return receiver;
        }
        if let Some((_, pattern)) = self.locals.iter().rev().find(|(known, _)| *known == name) {
            let pattern = *pattern;
            self.local_of.insert(node, pattern);
            return self.patterns[pattern.index()];
        }
        if symbol == self.world.names.words.self_type {
            let ty = self.prepared_self_type();
            return self.constructor(ty);
        }
        let global = self.prepared.globals.get(&node).copied();
        let global = global.or_else(|| self.world.names.value_in_scope(self.scope(node), symbol));
        match global {
            Some(def) => self.value_of(def, &[]),
            None => Ty::UNKNOWN,
        }
    }

    fn prepared_self_type(&mut self) -> Ty {
        let owner = self.prepared.owner;
        self.world.declared.self_type_of(&self.world.names.defs, owner).unwrap_or(Ty::UNKNOWN)
    }

    fn literal(&mut self, literal: &Literal) -> Ty {
        match literal {
            Literal::Str(_) => self.tys.reference(false, Ty::STR),
            Literal::Int(_, suffix) => match Prim::parse(suffix) {
                Some(prim) => self.tys.prim(prim),
                None => self.vars.literal(&mut self.tys, Prim::I32),
            },
            Literal::Float(suffix) => match Prim::parse(suffix) {
                Some(prim) => self.tys.prim(prim),
                None => self.vars.literal(&mut self.tys, Prim::F64),
            },
            Literal::Bool(_) => Ty::BOOL,
            Literal::Char => self.tys.prim(Prim::Char),
            Literal::Byte => self.tys.prim(Prim::U8),
            Literal::Bytes => {
                let byte = self.tys.prim(Prim::U8);
                let bytes = self.tys.intern(TyKind::Array(byte));
                self.tys.reference(false, bytes)
            }
        }
    }

    fn sequence(&mut self, node: NodeId, kind: SequenceKind, expected: Option<Ty>) -> Ty {
        let children = self.children(node);
        let expected = expected.map(|expected| self.shallow(expected));
        match kind {
            SequenceKind::Tuple => {
                let wanted: Vec<Ty> = match expected.map(|expected| self.tys.kind(expected).clone()) {
                    Some(TyKind::Tuple(args)) => self.tys.args(args).to_vec(),
                    _ => Vec::new(),
                };
                let types: Vec<Ty> = children
                    .iter()
                    .enumerate()
                    .map(|(position, child)| self.expr(*child, wanted.get(position).copied()))
                    .collect();
                self.tys.tuple(&types)
            }
            SequenceKind::Array => {
                let element = self.elements(&children);
                self.tys.intern(TyKind::Array(element))
            }
            SequenceKind::Repeat => {
                let element = self.first(node, None);
                self.tys.intern(TyKind::Array(element))
            }
        }
    }

    pub fn elements(&mut self, children: &[NodeId]) -> Ty {
        let element = self.fresh();
        for child in children {
            let ty = self.expr(*child, Some(element));
            self.coerce(ty, element);
        }
        element
    }
}
