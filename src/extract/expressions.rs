//! Expressions. Each method writes one node with its children and returns the range it covers.

use super::blocks::BodyBuilder;
use super::patterns;
use crate::facts::{
    Arithmetic, Closure, ClosureId, ClosureParam, GapKind, JumpKind, LoopKind, NodeKind, Operator, PatternId,
    SequenceKind, TypeRef,
};
use crate::source::TextRange;
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, Pat, UnOp};

impl BodyBuilder<'_, '_> {
    pub fn expr(&mut self, expr: &Expr) -> TextRange {
        match expr {
            Expr::Paren(inner) => self.expr(&inner.expr),
            Expr::Group(inner) => self.expr(&inner.expr),
            Expr::Path(path) => self.path_expr(path),
            Expr::Lit(literal) => {
                let id = self.literal(&literal.lit);
                let range = self.ex.range(literal.lit.span());
                self.leaf(NodeKind::Literal(id), range)
            }
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method(call),
            Expr::Field(field) => self.field(field),
            Expr::Macro(call) => self.macro_call(&call.mac),
            Expr::Await(future) => self.suffix(NodeKind::Await, &future.base, future.await_token.span),
            Expr::Try(value) => self.suffix(NodeKind::Try, &value.expr, value.question_token.span),
            Expr::Struct(fields) => self.struct_expr(fields),
            Expr::Closure(closure) => self.closure(closure),
            Expr::Tuple(tuple) => self.sequence(SequenceKind::Tuple, &tuple.elems, tuple.paren_token.span),
            Expr::Array(array) => self.sequence(SequenceKind::Array, &array.elems, array.bracket_token.span),
            Expr::Repeat(repeat) => {
                let both = [&*repeat.expr, &*repeat.len];
                self.sequence(SequenceKind::Repeat, both, repeat.bracket_token.span)
            }
            _ => self.control(expr).unwrap_or_else(|| self.operator(expr)),
        }
    }

    fn path_expr(&mut self, path: &syn::ExprPath) -> TextRange {
        let first = path.path.segments.first().map_or_else(|| path.span(), |segment| segment.ident.span());
        let last = path.path.segments.last();
        let end = match last.map(|segment| &segment.arguments) {
            Some(syn::PathArguments::AngleBracketed(args)) => args.gt_token.span,
            _ => last.map_or(first, |segment| segment.ident.span()),
        };
        let start = match (&path.qself, &path.path.leading_colon) {
            (Some(qself), _) => qself.lt_token.span,
            (None, Some(colon)) => colon.spans[0],
            (None, None) => first,
        };
        let range = self.ex.between(start, end);
        match path.path.get_ident() {
            Some(ident) if path.qself.is_none() => {
                let name = self.ex.ident(ident);
                self.leaf(NodeKind::Name(name), range)
            }
            _ => {
                let id = self.path_id(&path.path, path.qself.as_ref());
                self.leaf(NodeKind::Path(id), range)
            }
        }
    }

    fn call(&mut self, call: &syn::ExprCall) -> TextRange {
        let id = self.open(NodeKind::Call);
        let callee = self.expr(&call.func);
        for arg in &call.args {
            self.expr(arg);
        }
        let end = self.ex.range(call.paren_token.span.close()).end;
        self.close(id, TextRange::new(callee.start, end))
    }

    fn method(&mut self, call: &syn::ExprMethodCall) -> TextRange {
        let name = self.ex.ident(&call.method);
        let at = self.ex.range(call.method.span()).start;
        let turbofish = call.turbofish.as_ref().map(|generics| {
            let args = self.ex.generic_args(&generics.args);
            self.push_type(TypeRef::Tuple(args.types))
        });
        let id = self.open(NodeKind::Method { name, turbofish, at });
        let receiver = self.expr(&call.receiver);
        for arg in &call.args {
            self.expr(arg);
        }
        let end = self.ex.range(call.paren_token.span.close()).end;
        self.close(id, TextRange::new(receiver.start, end))
    }

    fn field(&mut self, field: &syn::ExprField) -> TextRange {
        let name = self.member(&field.member);
        let member = self.ex.range(field.member.span());
        let id = self.open(NodeKind::Field { name, at: member.start });
        let base = self.expr(&field.base);
        self.close(id, TextRange::new(base.start, member.end))
    }

    /// An operand followed by a token: `.await`, `?`.
    fn suffix(&mut self, kind: NodeKind, operand: &Expr, last: Span) -> TextRange {
        let id = self.open(kind);
        let operand = self.expr(operand);
        let end = self.ex.range(last).end;
        self.close(id, TextRange::new(operand.start, end))
    }

    /// A token followed by an operand, or nothing: `return x`, `*x`.
    fn prefix(&mut self, kind: NodeKind, first: Span, operand: Option<&Expr>) -> TextRange {
        let id = self.open(kind);
        let first = self.ex.range(first);
        let end = operand.map_or(first.end, |operand| self.expr(operand).end);
        self.close(id, TextRange::new(first.start, end))
    }

    fn pair(&mut self, operator: Operator, left: &Expr, right: &Expr) -> TextRange {
        let id = self.open(NodeKind::Operator(operator));
        let (left, right) = (self.expr(left), self.expr(right));
        self.close(id, TextRange::new(left.start, right.end))
    }

    fn sequence<'p>(
        &mut self,
        kind: SequenceKind,
        elements: impl IntoIterator<Item = &'p Expr>,
        delimiters: proc_macro2::extra::DelimSpan,
    ) -> TextRange {
        let id = self.open(NodeKind::Sequence(kind));
        for element in elements {
            self.expr(element);
        }
        let range = self.ex.between(delimiters.open(), delimiters.close());
        self.close(id, range)
    }

    fn struct_expr(&mut self, fields: &syn::ExprStruct) -> TextRange {
        let start = self.ex.range(fields.path.segments[0].ident.span()).start;
        let path = self.path_id(&fields.path, fields.qself.as_ref());
        let id = self.open(NodeKind::Struct { path, rest: fields.rest.is_some() });
        for field in &fields.fields {
            let name = self.member(&field.member);
            let init = self.open(NodeKind::Init(name));
            let start = self.ex.range(field.member.span()).start;
            let value = self.expr(&field.expr);
            self.close(init, TextRange::new(start, value.end));
        }
        if let Some(rest) = &fields.rest {
            self.expr(rest);
        }
        let end = self.ex.range(fields.brace_token.span.close()).end;
        self.close(id, TextRange::new(start, end))
    }

    fn closure(&mut self, closure: &syn::ExprClosure) -> TextRange {
        let params = closure.inputs.iter().map(|input| self.closure_param(input)).collect();
        let output = self.ex.output(&closure.output);
        let facts = Closure { params, output, is_async: closure.asyncness.is_some(), moves: closure.capture.is_some() };
        self.body.closures.push(facts);
        let id = self.open(NodeKind::Closure(ClosureId(self.body.closures.len() as u32 - 1)));
        let start = self.ex.range(closure.inputs_begin.span).start;
        let body = self.expr(&closure.body);
        self.close(id, TextRange::new(start, body.end))
    }

    fn closure_param(&mut self, param: &Pat) -> ClosureParam {
        match param {
            Pat::Type(typed) => {
                let ty = Some(self.ex.ty(&typed.ty));
                ClosureParam { pattern: self.pattern(&typed.pat), ty }
            }
            pattern => ClosureParam { pattern: self.pattern(pattern), ty: None },
        }
    }

    /// Blocks, branches, loops and jumps; `None` for any other expression.
    fn control(&mut self, expr: &Expr) -> Option<TextRange> {
        Some(match expr {
            Expr::Block(block) => self.block(&block.block),
            Expr::Unsafe(block) => self.block(&block.block),
            Expr::Const(block) => self.block(&block.block),
            Expr::TryBlock(block) => self.block(&block.block),
            Expr::Async(block) => {
                let id = self.open(NodeKind::Async { moves: block.capture.is_some() });
                let start = self.ex.range(block.async_token.span).start;
                let inner = self.block(&block.block);
                self.close(id, TextRange::new(start, inner.end))
            }
            Expr::If(branch) => self.branch(branch),
            Expr::Match(branch) => self.match_expr(branch),
            Expr::Let(condition) => {
                let pattern = self.pattern(&condition.pat);
                self.prefix(NodeKind::LetCondition(pattern), condition.let_token.span, Some(&condition.expr))
            }
            Expr::ForLoop(each) => {
                let pattern = self.pattern(&each.pat);
                self.loop_expr(LoopKind::For(pattern), each.for_token.span, Some(&each.expr), &each.body)
            }
            Expr::While(each) => self.loop_expr(LoopKind::While, each.while_token.span, Some(&each.cond), &each.body),
            Expr::Loop(each) => self.loop_expr(LoopKind::Loop, each.loop_token.span, None, &each.body),
            Expr::Return(jump) => self.jump(JumpKind::Return, jump.return_token.span, None, jump.expr.as_deref()),
            Expr::Break(jump) => {
                self.jump(JumpKind::Break, jump.break_token.span, jump.label.as_ref(), jump.expr.as_deref())
            }
            Expr::Continue(jump) => self.jump(JumpKind::Continue, jump.continue_token.span, jump.label.as_ref(), None),
            Expr::Yield(jump) => self.jump(JumpKind::Yield, jump.yield_token.span, None, jump.expr.as_deref()),
            _ => return None,
        })
    }

    fn jump(&mut self, kind: JumpKind, first: Span, label: Option<&syn::Lifetime>, value: Option<&Expr>) -> TextRange {
        let label = label.map(|label| self.ex.ident(&label.ident));
        self.prefix(NodeKind::Jump { kind, label }, first, value)
    }

    fn loop_expr(&mut self, kind: LoopKind, first: Span, head: Option<&Expr>, body: &Block) -> TextRange {
        let id = self.open(NodeKind::Loop(kind));
        let start = self.ex.range(first).start;
        if let Some(head) = head {
            self.expr(head);
        }
        let body = self.block(body);
        self.close(id, TextRange::new(start, body.end))
    }

    fn branch(&mut self, branch: &syn::ExprIf) -> TextRange {
        let id = self.open(NodeKind::If);
        let start = self.ex.range(branch.if_token.span).start;
        self.expr(&branch.cond);
        let mut end = self.block(&branch.then_branch).end;
        if let Some((_, otherwise)) = &branch.else_branch {
            end = self.expr(otherwise).end;
        }
        self.close(id, TextRange::new(start, end))
    }

    fn match_expr(&mut self, branch: &syn::ExprMatch) -> TextRange {
        let id = self.open(NodeKind::Match);
        self.expr(&branch.expr);
        for arm in &branch.arms {
            if !arm.attrs.is_empty() && self.ex.attributes(&arm.attrs).test {
                continue;
            }
            self.arm(&arm.pat, None, &arm.body);
        }
        let range = self.ex.between(branch.match_token.span, branch.brace_token.span.close());
        self.close(id, range)
    }

    /// One arm of a match, or of a select when there is a future to wait for.
    pub fn arm(&mut self, pattern: &Pat, future: Option<&Expr>, body: &Expr) -> TextRange {
        let guard = patterns::guard(pattern);
        let id = self.open(NodeKind::Arm { pattern: PatternId(0), guard: guard.is_some() });
        let read = self.pattern(pattern);
        self.set_kind(id, NodeKind::Arm { pattern: read, guard: guard.is_some() });
        let start = self.body.patterns[read.index()].range.start;
        for part in [future, guard].into_iter().flatten() {
            self.expr(part);
        }
        let body = self.expr(body);
        self.close(id, TextRange::new(start, body.end))
    }

    fn operator(&mut self, expr: &Expr) -> TextRange {
        match expr {
            Expr::Reference(reference) => {
                let operator = Operator::Ref { mutable: reference.mutability.is_some() };
                self.prefix(NodeKind::Operator(operator), reference.and_token.span, Some(&reference.expr))
            }
            Expr::RawAddr(address) => {
                let operator = NodeKind::Operator(Operator::Ref { mutable: true });
                self.prefix(operator, address.and_token.span, Some(&address.expr))
            }
            Expr::Unary(unary) => {
                let (operator, first) = unary_operator(&unary.op);
                self.prefix(NodeKind::Operator(operator), first, Some(&unary.expr))
            }
            Expr::Binary(binary) => self.pair(binary_operator(&binary.op), &binary.left, &binary.right),
            Expr::Assign(assign) => self.pair(Operator::Assign, &assign.left, &assign.right),
            Expr::Index(index) => {
                let id = self.open(NodeKind::Operator(Operator::Index));
                let base = self.expr(&index.expr);
                self.expr(&index.index);
                let end = self.ex.range(index.bracket_token.span.close()).end;
                self.close(id, TextRange::new(base.start, end))
            }
            Expr::Cast(cast) => {
                let ty = self.type_id(&cast.ty);
                let id = self.open(NodeKind::Operator(Operator::Cast(ty)));
                let value = self.expr(&cast.expr);
                let end = self.ex.range(cast.ty.span()).end;
                self.close(id, TextRange::new(value.start, end))
            }
            Expr::Range(range) => {
                let id = self.open(NodeKind::Operator(Operator::Range));
                for bound in [&range.start, &range.end].into_iter().flatten() {
                    self.expr(bound);
                }
                let whole = self.ex.range(range.span());
                self.close(id, whole)
            }
            other => {
                let range = self.ex.range(other.span());
                let says_nothing = match other {
                    Expr::Infer(_) => true,
                    Expr::Verbatim(tokens) => tokens.is_empty(),
                    _ => false,
                };
                if !says_nothing {
                    self.ex.gap(GapKind::Expression, range);
                }
                self.leaf(NodeKind::Unknown, range)
            }
        }
    }
}

fn unary_operator(operator: &UnOp) -> (Operator, Span) {
    match operator {
        UnOp::Deref(token) => (Operator::Deref, token.span),
        UnOp::Neg(token) => (Operator::Negate, token.span),
        UnOp::Not(token) => (Operator::Not, token.span),
        _ => (Operator::Not, operator.span()),
    }
}

fn binary_operator(operator: &BinOp) -> Operator {
    match operator {
        BinOp::And(_) | BinOp::Or(_) => Operator::Logic,
        BinOp::Eq(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Ne(_) | BinOp::Ge(_) | BinOp::Gt(_) => Operator::Compare,
        BinOp::AddAssign(_)
        | BinOp::SubAssign(_)
        | BinOp::MulAssign(_)
        | BinOp::DivAssign(_)
        | BinOp::RemAssign(_)
        | BinOp::BitXorAssign(_)
        | BinOp::BitAndAssign(_)
        | BinOp::BitOrAssign(_)
        | BinOp::ShlAssign(_)
        | BinOp::ShrAssign(_) => Operator::AssignOp,
        BinOp::Add(_) => Operator::Arithmetic(Arithmetic::Add),
        BinOp::Sub(_) => Operator::Arithmetic(Arithmetic::Subtract),
        BinOp::Mul(_) => Operator::Arithmetic(Arithmetic::Multiply),
        BinOp::Div(_) => Operator::Arithmetic(Arithmetic::Divide),
        BinOp::Rem(_) => Operator::Arithmetic(Arithmetic::Remainder),
        BinOp::Shl(_) => Operator::Arithmetic(Arithmetic::ShiftLeft),
        BinOp::Shr(_) => Operator::Arithmetic(Arithmetic::ShiftRight),
        _ => Operator::Arithmetic(Arithmetic::Bits),
    }
}
