//! Expressions.

use super::{Call, CallKind, ClosureType, Infer, Target};
use crate::facts::{
    JumpKind, Literal, LoopKind, MacroShape, NodeId, NodeKind, Operator, PathId, SequenceKind,
};
use crate::model::defs::{DefId, DefKind};
use crate::model::symbols::Symbol;
use crate::model::types::bodies::PathStart;
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
    fn first(&mut self, node: NodeId, expected: Option<Ty>) -> Ty {
        match self.body.child(node, 0) {
            Some(child) => self.expr(child, expected),
            None => Ty::UNIT,
        }
    }

    fn children(&self, node: NodeId) -> Vec<NodeId> {
        self.body.children(node).collect()
    }

    fn scoped<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
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

    /// A closure, with the parameters and output it is expected to have.
    pub fn closure(&mut self, node: NodeId, expected: Option<(Vec<Ty>, Option<Ty>)>) -> Ty {
        let NodeKind::Closure(id) = self.body.kind(node) else { return Ty::UNKNOWN };
        let facts = &self.body.closures[id.index()];
        let prepared = self.prepared.closures[id.index()].clone();
        let (expected_params, expected_output) = expected.unwrap_or_default();
        let mut params = Vec::new();
        for position in 0..facts.params.len() {
            let written = prepared.params[position].map(|ty| self.open(ty));
            let wanted = expected_params.get(position).copied();
            let ty = written.or(wanted).unwrap_or_else(|| self.fresh());
            if let (Some(written), Some(wanted)) = (written, wanted) {
                self.try_unify(written, wanted);
            }
            params.push(ty);
        }
        let written = prepared.output.map(|ty| self.open(ty));
        let output = written.unwrap_or_else(|| self.fresh());
        let declared = if facts.is_async { self.tys.intern(TyKind::Async(output)) } else { output };
        let index = self.closures.len() as u32;
        self.closures.push(ClosureType { node, params: params.clone(), output: declared });
        let ty = self.tys.intern(TyKind::Closure(index));
        self.nodes[node.index()] = ty;
        if let (Some(wanted), None) = (expected_output, written) {
            self.try_unify(declared, wanted);
        }
        self.returns.push(output);
        let loops = std::mem::take(&mut self.breaks);
        self.scoped(|infer| {
            for (param, ty) in facts.params.iter().zip(&params) {
                infer.bind_pattern(param.pattern, *ty);
            }
            let value = infer.first(node, Some(output));
            infer.coerce(value, output);
        });
        self.breaks = loops;
        self.returns.pop();
        if let Some(wanted) = expected_output {
            self.try_unify(declared, wanted);
        }
        ty
    }

    fn async_block(&mut self, node: NodeId, expected: Option<Ty>) -> Ty {
        let output = self.fresh();
        if let Some(expected) = expected {
            let wanted = self.awaited_if_future(expected);
            if let Some(wanted) = wanted {
                self.try_unify(output, wanted);
            }
        }
        self.returns.push(output);
        let loops = std::mem::take(&mut self.breaks);
        let value = self.first(node, Some(output));
        self.coerce(value, output);
        self.breaks = loops;
        self.returns.pop();
        self.tys.intern(TyKind::Async(output))
    }

    fn awaited_if_future(&mut self, ty: Ty) -> Option<Ty> {
        let ty = self.shallow(ty);
        match self.tys.kind(ty) {
            TyKind::Async(_) | TyKind::Opaque(_) | TyKind::Dyn(_) => {
                let lang = &self.world.declared.lang;
                self.project(ty, lang.future, Args::EMPTY, self.world.words.output)
            }
            _ => None,
        }
    }

    /// What `.await` gives.
    pub fn awaited(&mut self, future: Ty) -> Ty {
        let lang = &self.world.declared.lang;
        let (future_trait, into_future) = (lang.future, lang.into_future);
        let output = self.world.words.output;
        let mut at = self.known(future);
        for _ in 0..6 {
            for of in [into_future, future_trait].into_iter().flatten() {
                if let Some(ready) = self.project(at, Some(of), Args::EMPTY, output) {
                    return self.normalise(ready);
                }
            }
            match self.pinned_or_dereferenced(at) {
                Some(next) => at = self.known(next),
                None => return Ty::UNKNOWN,
            }
        }
        Ty::UNKNOWN
    }

    fn pinned_or_dereferenced(&mut self, ty: Ty) -> Option<Ty> {
        match self.is(self.world.declared.lang.pin, ty) {
            Some(args) => self.tys.args(args).first().copied(),
            None => self.dereferenced(ty),
        }
    }

    /// What `?` passes on: the good half of a result or option.
    fn tried(&mut self, value: Ty) -> Ty {
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

    fn operator(&mut self, node: NodeId, operator: Operator, expected: Option<Ty>) -> Ty {
        let children = self.children(node);
        let operand = |index: usize| children.get(index).copied();
        match operator {
            Operator::Ref { mutable } => {
                let inner = expected.and_then(|expected| match *self.tys.kind(self.shallow(expected)) {
                    TyKind::Ref(_, inner) => Some(inner),
                    _ => None,
                });
                let inner = self.first(node, inner);
                self.tys.reference(mutable, inner)
            }
            Operator::Deref => {
                let value = self.first(node, None);
                let value = self.known(value);
                self.dereferenced(value).unwrap_or(Ty::UNKNOWN)
            }
            Operator::Not | Operator::Negate => self.first(node, expected),
            Operator::Compare => {
                let left = self.first(node, None);
                if let Some(right) = operand(1) {
                    let right = self.expr(right, Some(left));
                    self.coerce(right, left);
                }
                Ty::BOOL
            }
            Operator::Logic => {
                for child in &children {
                    self.expr(*child, Some(Ty::BOOL));
                }
                Ty::BOOL
            }
            Operator::Assign => {
                let place = self.first(node, None);
                if let Some(value) = operand(1) {
                    let value = self.expr(value, Some(place));
                    self.coerce(value, place);
                }
                Ty::UNIT
            }
            Operator::AssignOp => {
                for child in &children {
                    self.expr(*child, None);
                }
                Ty::UNIT
            }
            Operator::Arithmetic => self.arithmetic(&children, expected),
            Operator::Index => self.index(&children),
            Operator::Range => self.range(&children),
            Operator::Cast(ty) => {
                self.first(node, None);
                let ty = self.prepared.types[ty.index()];
                self.open(ty)
            }
        }
    }

    fn arithmetic(&mut self, children: &[NodeId], expected: Option<Ty>) -> Ty {
        let [left, right] = *children else { return Ty::UNKNOWN };
        let left = self.expr(left, expected);
        let left = self.known(left);
        let is_number = matches!(self.tys.kind(left), TyKind::Prim(_) | TyKind::Var(_));
        let right = self.expr(right, Some(left).filter(|_| is_number));
        if is_number {
            let right = self.shallow(right);
            let right = if let TyKind::Ref(_, inner) = *self.tys.kind(right) { inner } else { right };
            self.try_unify(left, right);
            return left;
        }
        match self.tys.kind(left) {
            TyKind::Ref(_, inner) => *inner,
            _ => left,
        }
    }

    fn index(&mut self, children: &[NodeId]) -> Ty {
        let [base, index] = *children else { return Ty::UNKNOWN };
        let base = self.expr(base, None);
        let index_ty = self.expr(index, None);
        let by_range = matches!(self.body.kind(index), NodeKind::Operator(Operator::Range))
            || self.is(self.world.declared.lang.range, self.shallow(index_ty)).is_some();
        let mut at = self.known(base);
        for _ in 0..8 {
            match *self.tys.kind(at) {
                TyKind::Array(element) | TyKind::Slice(element) => {
                    return if by_range { self.tys.intern(TyKind::Slice(element)) } else { element };
                }
                TyKind::Prim(Prim::Str) => return Ty::STR,
                _ => {}
            }
            if let Some(of) = self.world.declared.lang.index
                && !by_range
                && let Some(found) = self.project(at, Some(of), Args::EMPTY, self.world.words.output)
            {
                return found;
            }
            match self.dereferenced(at) {
                Some(next) => at = self.known(next),
                None => break,
            }
        }
        Ty::UNKNOWN
    }

    fn range(&mut self, children: &[NodeId]) -> Ty {
        let mut bound = None;
        for child in children {
            let ty = self.expr(*child, bound);
            if let Some(bound) = bound {
                self.try_unify(ty, bound);
            }
            bound = bound.or(Some(ty));
        }
        match (self.world.declared.lang.range, bound) {
            (Some(range), Some(bound)) => self.tys.adt(range, &[bound]),
            _ => Ty::UNKNOWN,
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

    fn elements(&mut self, children: &[NodeId]) -> Ty {
        let element = self.fresh();
        for child in children {
            let ty = self.expr(*child, Some(element));
            self.coerce(ty, element);
        }
        element
    }

    /// A field of a value, dereferenced as needed.
    pub fn field(&mut self, base: Ty, name: Symbol) -> Ty {
        let mut at = self.known(base);
        for _ in 0..8 {
            if let Some(ty) = self.own_field(at, name) {
                return self.normalise(ty);
            }
            match self.dereferenced(at) {
                Some(next) => at = self.known(next),
                None => break,
            }
        }
        Ty::UNKNOWN
    }

    fn own_field(&mut self, ty: Ty, name: Symbol) -> Option<Ty> {
        match *self.tys.kind(ty) {
            TyKind::Adt(def, args) => self.field_of(def, def, args, name),
            TyKind::Tuple(args) => {
                let position: usize = self.world.names.defs.symbols.text(name).parse().ok()?;
                self.tys.args(args).get(position).copied()
            }
            _ => None,
        }
    }

    /// A field of a struct, or of a variant of the enum `owner`, with the type's arguments put in.
    pub fn field_of(&mut self, def: DefId, owner: DefId, args: Args, name: Symbol) -> Option<Ty> {
        let fields = self.world.declared.fields.get(&def)?;
        let (_, ty) = fields.iter().find(|(known, _)| *known == name)?;
        let mut substitution = crate::model::types::generics::Substitution::default();
        if let Some(generics) = self.world.declared.generics(owner) {
            substitution.push(generics.first, self.tys.args(args).to_vec());
        }
        Some(substitution.apply(&mut self.tys, *ty))
    }

    fn struct_expr(&mut self, node: NodeId, path: PathId, rest: bool, expected: Option<Ty>) -> Ty {
        let (ty, def) = self.struct_type(path);
        if let Some(expected) = expected {
            self.try_unify(ty, expected);
        }
        let children = self.children(node);
        let args = match *self.tys.kind(self.shallow(ty)) {
            TyKind::Adt(_, args) => args,
            _ => Args::EMPTY,
        };
        for (position, child) in children.iter().enumerate() {
            let NodeKind::Init(name) = self.body.kind(*child) else {
                if rest && position + 1 == children.len() {
                    self.expr(*child, Some(ty));
                }
                continue;
            };
            let name = self.symbol(name);
            let wanted = def.and_then(|def| {
                let owner = self.generics_owner(def);
                self.field_of(def, owner, args, name)
            });
            let wanted = wanted.map(|wanted| self.normalise(wanted));
            let value = self.expr(*child, wanted);
            if let Some(wanted) = wanted {
                self.coerce(value, wanted);
            }
        }
        ty
    }

    /// The type that a struct expression or pattern names, and the struct or variant whose fields it has.
    pub fn struct_type(&mut self, path: PathId) -> (Ty, Option<DefId>) {
        let prepared = self.prepared;
        let path = prepared.path(path);
        let of_type = |infer: &Self, ty: Ty| match *infer.tys.kind(infer.shallow(ty)) {
            TyKind::Adt(def, _) => Some(def),
            _ => None,
        };
        match (path.start, &path.rest[..]) {
            (PathStart::Def(def), []) => {
                let owner = self.generics_owner(def);
                let given = path.args.clone();
                if self.world.names.defs.get(def).kind == DefKind::TypeAlias {
                    let ty = self.named_type(def, &given);
                    return (ty, of_type(self, ty));
                }
                (self.named_type(owner, &given), Some(def))
            }
            (PathStart::Type(ty), []) => {
                let ty = self.open(ty);
                (ty, of_type(self, ty))
            }
            (PathStart::Type(ty), [variant]) => {
                let ty = self.open(ty);
                let def = of_type(self, ty).and_then(|def| self.world.names.variant(def, *variant));
                (ty, def)
            }
            _ => (Ty::UNKNOWN, None),
        }
    }

    fn macro_call(&mut self, node: NodeId, path: PathId, shape: MacroShape, expected: Option<Ty>) -> Ty {
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

    /// Follows up on bounds and associated types for which more may be known by now.
    pub fn settle(&mut self) {
        for _ in 0..4 {
            let pending = std::mem::take(&mut self.pending);
            let projections = std::mem::take(&mut self.projections);
            if pending.is_empty() && projections.is_empty() {
                return;
            }
            let mut moved = false;
            for (ty, bound) in pending {
                let shallow = self.shallow(ty);
                if matches!(self.tys.kind(shallow), TyKind::Var(_)) {
                    self.pending.push((ty, bound));
                } else {
                    moved |= self.oblige(ty, &bound);
                }
            }
            for (projection, var) in projections {
                let TyKind::Projection(of, ..) = *self.tys.kind(projection) else { continue };
                let of = self.shallow(of);
                if matches!(self.tys.kind(of), TyKind::Var(_)) {
                    self.projections.push((projection, var));
                } else {
                    let ty = self.normalise(projection);
                    moved |= self.try_unify(ty, var);
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Draws what follows from a type having to satisfy a bound. Whether anything did.
    pub fn oblige(&mut self, ty: Ty, bound: &crate::model::types::ty::Bound) -> bool {
        let ty = self.shallow(ty);
        if self.is_fn_trait(bound.of) {
            return self.oblige_function(ty, bound);
        }
        let mut moved = false;
        for (name, wanted) in &bound.assoc {
            if let Some(found) = self.project(ty, Some(bound.of), bound.args, *name) {
                moved |= self.try_unify(found, *wanted);
            }
        }
        moved
    }

    fn oblige_function(&mut self, ty: Ty, bound: &crate::model::types::ty::Bound) -> bool {
        let (params, output) = match *self.tys.kind(ty) {
            TyKind::Closure(closure) => {
                let closure = self.closures[closure as usize].clone();
                (closure.params, closure.output)
            }
            TyKind::FnDef(def, args) => match self.fn_signature(def, args) {
                Some(signature) => signature,
                None => return false,
            },
            TyKind::FnPointer(params, output) => (self.tys.args(params).to_vec(), output),
            _ => return false,
        };
        let params = self.tys.tuple(&params);
        let mut moved = false;
        if let Some(wanted) = self.tys.args(bound.args).first().copied() {
            moved |= self.try_unify(params, wanted);
        }
        if let Some((_, wanted)) = bound.assoc.first() {
            let output = self.normalise(output);
            moved |= self.try_unify(output, *wanted);
        }
        moved
    }
}
