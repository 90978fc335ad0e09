//! Bodies: the flat node list, blocks and statements.

use super::Extractor;
use super::items::Scope;
use super::macros;
use crate::facts::{
    Body, Literal, LiteralId, ModuleIdx, ModuleKind, Name, Node, NodeId, NodeKind, PathId, PatternId, TypeId, TypeRef,
};
use crate::source::TextRange;
use syn::{Block, Expr, Item, Pat, Stmt};

/// Writes one body. Nodes are opened before their children and closed after them, which gives source order and ranges.
pub struct BodyBuilder<'e, 't> {
    pub ex: &'e mut Extractor<'t>,
    pub body: Body,
    /// Where items declared in blocks of this body belong.
    pub scope: Scope,
    parent: NodeId,
}

impl<'e, 't> BodyBuilder<'e, 't> {
    pub fn new(ex: &'e mut Extractor<'t>, scope: Scope) -> Self {
        Self { ex, body: Body::default(), scope, parent: Body::ROOT }
    }

    /// Starts a node; everything up to its [`Self::close`] is below it.
    pub fn open(&mut self, kind: NodeKind) -> NodeId {
        let id = NodeId(self.body.nodes.len() as u32);
        self.body.nodes.push(Node { kind, range: TextRange::default(), parent: self.parent, end: id });
        self.parent = id;
        id
    }

    pub fn close(&mut self, id: NodeId, range: TextRange) -> TextRange {
        let end = NodeId(self.body.nodes.len() as u32);
        let node = &mut self.body.nodes[id.index()];
        node.end = end;
        node.range = range;
        self.parent = node.parent;
        range
    }

    pub fn leaf(&mut self, kind: NodeKind, range: TextRange) -> TextRange {
        let id = self.open(kind);
        self.close(id, range)
    }

    pub fn set_kind(&mut self, id: NodeId, kind: NodeKind) {
        self.body.nodes[id.index()].kind = kind;
    }

    pub fn type_id(&mut self, ty: &syn::Type) -> TypeId {
        let ty = self.ex.ty(ty);
        self.push_type(ty)
    }

    pub fn push_type(&mut self, ty: TypeRef) -> TypeId {
        self.body.types.push(ty);
        TypeId(self.body.types.len() as u32 - 1)
    }

    pub fn path_id(&mut self, path: &syn::Path, qself: Option<&syn::QSelf>) -> PathId {
        let path = self.ex.path(path, qself);
        self.body.paths.push(path);
        PathId(self.body.paths.len() as u32 - 1)
    }

    pub fn literal(&mut self, literal: &syn::Lit) -> LiteralId {
        let value = match literal {
            syn::Lit::Str(text) => Literal::Str(text.value().into()),
            syn::Lit::Int(int) => Literal::Int(int.base10_parse().ok(), int.suffix().into()),
            syn::Lit::Float(float) => Literal::Float(float.suffix().into()),
            syn::Lit::Bool(value) => Literal::Bool(value.value),
            syn::Lit::Char(_) => Literal::Char,
            syn::Lit::Byte(_) => Literal::Byte,
            _ => Literal::Bytes,
        };
        self.body.literals.push(value);
        LiteralId(self.body.literals.len() as u32 - 1)
    }

    pub fn block(&mut self, block: &Block) -> TextRange {
        let range = self.ex.between(block.brace_token.span.open(), block.brace_token.span.close());
        let id = self.open(NodeKind::Block { module: None, value: false });
        let outer = self.scope;
        let module = self.declare_items(&block.stmts);
        let value = self.statements(&block.stmts);
        self.scope = outer;
        self.set_kind(id, NodeKind::Block { module, value });
        self.close(id, range)
    }

    /// Gives a block that declares items a module of its own, and reads those items.
    pub fn declare_items(&mut self, statements: &[Stmt]) -> Option<ModuleIdx> {
        if !statements.iter().any(declares) {
            return None;
        }
        let module = self.ex.new_module(ModuleKind::Block, self.scope.module);
        self.scope = Scope { module, owner: None, ..self.scope };
        for statement in statements {
            match statement {
                Stmt::Item(item) => self.ex.item(item, self.scope),
                Stmt::Macro(call) if macros::declares_statics(&call.mac) => {
                    self.ex.item_macro(&call.mac, &call.attrs, self.scope);
                }
                _ => {}
            }
        }
        Some(module)
    }

    /// Reads statements; whether the last one is the block's value.
    pub fn statements(&mut self, statements: &[Stmt]) -> bool {
        for statement in statements {
            match statement {
                Stmt::Local(local) => self.local(local),
                Stmt::Item(_) => {}
                Stmt::Expr(expr, _) if self.is_test(expr_attributes(expr)) => {}
                Stmt::Expr(expr, _) => {
                    self.expr(expr);
                }
                Stmt::Macro(call) if macros::declares_statics(&call.mac) || self.is_test(&call.attrs) => {}
                Stmt::Macro(call) => {
                    self.macro_call(&call.mac);
                }
            }
        }
        match statements.last() {
            Some(Stmt::Expr(_, None)) => true,
            Some(Stmt::Macro(call)) => call.semi_token.is_none(),
            _ => false,
        }
    }

    fn is_test(&mut self, attributes: &[syn::Attribute]) -> bool {
        !attributes.is_empty() && self.ex.attributes(attributes).test
    }

    fn local(&mut self, local: &syn::Local) {
        if self.is_test(&local.attrs) {
            return;
        }
        let range = self.ex.between(local.let_token.span, local.semi_token.span);
        let has_else = local.init.as_ref().is_some_and(|init| init.diverge.is_some());
        let placeholder = NodeKind::Let { pattern: PatternId(0), ty: None, has_else };
        let id = self.open(placeholder);
        let (pattern, ty) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(self.type_id(&typed.ty))),
            pattern => (pattern, None),
        };
        let pattern = self.pattern(pattern);
        self.set_kind(id, NodeKind::Let { pattern, ty, has_else });
        if let Some(init) = &local.init {
            self.expr(&init.expr);
            if let Some((_, block)) = &init.diverge {
                self.expr(block);
            }
        }
        self.close(id, range);
    }

    /// A name that a format string captures, as an expression at the string's place.
    pub fn captured(&mut self, name: &str, range: TextRange) {
        let name: Name = self.ex.intern(name);
        self.leaf(NodeKind::Name(name), range);
    }
}

fn declares(statement: &Stmt) -> bool {
    match statement {
        Stmt::Item(Item::Macro(item)) => item.ident.is_some() || macros::declares_statics(&item.mac),
        Stmt::Item(_) => true,
        Stmt::Macro(call) => macros::declares_statics(&call.mac),
        _ => false,
    }
}

/// The attributes of an expression statement, for the kinds that carry conditions in practice.
fn expr_attributes(expr: &Expr) -> &[syn::Attribute] {
    match expr {
        Expr::Assign(e) => &e.attrs,
        Expr::Block(e) => &e.attrs,
        Expr::Call(e) => &e.attrs,
        Expr::ForLoop(e) => &e.attrs,
        Expr::If(e) => &e.attrs,
        Expr::Macro(e) => &e.attrs,
        Expr::Match(e) => &e.attrs,
        Expr::MethodCall(e) => &e.attrs,
        Expr::Return(e) => &e.attrs,
        Expr::Try(e) => &e.attrs,
        Expr::Unsafe(e) => &e.attrs,
        Expr::While(e) => &e.attrs,
        _ => &[],
    }
}
