//! Macro calls: the grammars that are known by the macro's name, then expressions, then what can be made out.

use super::blocks::BodyBuilder;
use super::items::Scope;
use super::{Extractor, tables};
use crate::facts::{GapKind, ItemKind, MacroShape, NodeId, NodeKind, ValueKind};
use crate::source::TextRange;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Block, Expr, Ident, Item, Macro, Pat, Token, Visibility, braced};

/// Macros whose string literal may capture names in braces.
const FORMATS: [&str; 34] = [
    "anyhow",
    "assert",
    "assert_eq",
    "assert_ne",
    "bail",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_span",
    "ensure",
    "eprint",
    "eprintln",
    "error",
    "error_span",
    "event",
    "format",
    "format_args",
    "info",
    "info_span",
    "log",
    "panic",
    "print",
    "println",
    "span",
    "todo",
    "trace",
    "trace_span",
    "unimplemented",
    "unreachable",
    "warn",
    "warn_span",
    "write",
    "writeln",
    "format_err",
];

fn last_name(mac: &Macro) -> String {
    mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// Whether the macro declares statics, by its grammar: `lazy_static!`, `thread_local!`.
pub fn declares_statics(mac: &Macro) -> bool {
    static_kind(&last_name(mac)).is_some()
}

fn static_kind(name: &str) -> Option<ValueKind> {
    match name {
        "lazy_static" => Some(ValueKind::LazyStatic),
        "thread_local" => Some(ValueKind::ThreadLocal),
        _ => None,
    }
}

impl Extractor<'_> {
    /// A macro call among items.
    pub fn item_macro(&mut self, mac: &Macro, attributes: &[Attribute], scope: Scope) {
        let attributes = self.attributes(attributes);
        let scope = Scope { test: scope.test || attributes.test, ..scope };
        let name = last_name(mac);
        if let Some(kind) = static_kind(&name)
            && let Ok(statics) = MacroStatic::list.parse2(mac.tokens.clone())
        {
            return statics.iter().for_each(|item| self.macro_static(item, kind, scope));
        }
        if name == "include"
            && let Ok(path) = syn::parse2::<syn::LitStr>(mac.tokens.clone())
        {
            // The file may be made by a build, and missing.
            self.facts.modules[scope.module.index()].open = true;
            return self.macro_item(mac, ItemKind::Include { path: path.value().into() }, scope);
        }
        if matches!(name.as_str(), "cfg_if" | "cfg_select")
            && let Ok(branches) = ConditionalItems::parse_all.parse2(mac.tokens.clone())
        {
            return branches.iter().for_each(|branch| self.items(&branch.0, scope));
        }
        if name == "table"
            && let Ok(table) = syn::parse2::<tables::Table>(mac.tokens.clone())
        {
            return self.table(&table, mac, scope);
        }
        if let Ok(file) = syn::parse2::<syn::File>(mac.tokens.clone())
            && !file.items.iter().any(|item| matches!(item, Item::Verbatim(_)))
        {
            self.items(&file.items, scope);
        } else {
            let range = self.range(mac.path.span());
            self.gap(GapKind::ItemMacro, range);
        }
        self.facts.modules[scope.module.index()].open = true;
        let path = Box::new(self.path(&mac.path, None));
        self.macro_item(mac, ItemKind::MacroCall(path), scope);
    }

    fn macro_item(&mut self, mac: &Macro, kind: ItemKind, scope: Scope) {
        let range = self.range(mac.path.span());
        self.facts.items.push(crate::facts::Item {
            name: None,
            kind,
            module: scope.module,
            owner: scope.owner,
            visibility: crate::facts::Visibility::Private,
            attributes: Vec::new(),
            cfg: None,
            test: scope.test,
            made_by: None,
            range,
            head: range,
        });
    }
}

impl BodyBuilder<'_, '_> {
    /// A macro call in a body.
    pub fn macro_call(&mut self, mac: &Macro) -> TextRange {
        let first = mac.path.segments.first().map_or_else(|| mac.path.span(), |segment| segment.ident.span());
        let range = self.ex.between(first, mac.delimiter.span().close());
        let name = last_name(mac);
        let path = self.path_id(&mac.path, None);
        if name == "select"
            && let Ok(select) = syn::parse2::<SelectArms>(mac.tokens.clone())
        {
            return self.select(&select, range);
        }
        let id = self.open(NodeKind::Macro { path, shape: MacroShape::Opaque });
        let shape = self.known_macro(&name, mac).unwrap_or_else(|| self.unknown_macro(mac));
        self.set_kind(id, NodeKind::Macro { path, shape });
        self.close(id, range)
    }

    fn select(&mut self, select: &SelectArms, range: TextRange) -> TextRange {
        let id: NodeId = self.open(NodeKind::Select);
        for arm in &select.arms {
            self.arm(&arm.pattern, Some(&arm.future), &arm.body);
        }
        self.close(id, range)
    }

    /// Writes the children of a macro with a grammar of its own; `None` when it has none or does not follow it.
    fn known_macro(&mut self, name: &str, mac: &Macro) -> Option<MacroShape> {
        let tokens = || mac.tokens.clone();
        match name {
            "join" | "try_join" => {
                let args = expressions(tokens())?;
                self.exprs(&args);
                Some(MacroShape::Join)
            }
            "vec" => {
                if let Ok(repeat) = syn::parse2::<Repeat>(tokens()) {
                    self.exprs(&[repeat.value, repeat.count]);
                    return Some(MacroShape::VectorRepeat);
                }
                self.exprs(&expressions(tokens())?);
                Some(MacroShape::Vector)
            }
            "matches" | "assert_matches" => {
                self.expr(&first_expression.parse2(tokens()).ok()?);
                Some(MacroShape::Matches)
            }
            "stream" | "try_stream" => {
                let statements = Block::parse_within.parse2(tokens()).ok()?;
                self.block_of(&statements, mac);
                Some(MacroShape::Stream)
            }
            name if FORMATS.contains(&name) => {
                if !self.parts(tokens(), Captures::Yes) {
                    self.ex.gap(GapKind::BodyMacro, self.ex.range(mac.path.span()));
                }
                Some(MacroShape::Format)
            }
            _ => None,
        }
    }

    fn unknown_macro(&mut self, mac: &Macro) -> MacroShape {
        if let Some(args) = expressions(mac.tokens.clone()) {
            self.exprs(&args);
            return MacroShape::Arguments;
        }
        if let Ok(statements) = Block::parse_within.parse2(mac.tokens.clone()) {
            self.block_of(&statements, mac);
            return MacroShape::Statements;
        }
        if self.parts(mac.tokens.clone(), Captures::No) {
            return MacroShape::Arguments;
        }
        self.ex.gap(GapKind::BodyMacro, self.ex.range(mac.path.span()));
        MacroShape::Opaque
    }

    fn exprs(&mut self, exprs: &[Expr]) {
        for expr in exprs {
            self.argument(expr);
        }
    }

    /// An argument of a macro; `name = value` names its value rather than assigning it.
    fn argument(&mut self, expr: &Expr) {
        if let Expr::Assign(assign) = expr
            && let Some(key) = key_text(&assign.left)
        {
            return self.keyed(&key, assign.left.span(), &assign.right);
        }
        self.expr(expr);
    }

    fn keyed(&mut self, key: &str, at: proc_macro2::Span, value: &Expr) {
        let name = self.ex.intern(key);
        let id = self.open(NodeKind::Init(name));
        let start = self.ex.range(at).start;
        let value = self.expr(value);
        self.close(id, TextRange::new(start, value.end));
    }

    fn block_of(&mut self, statements: &[syn::Stmt], mac: &Macro) {
        let id = self.open(NodeKind::Block { module: None, value: false });
        let outer = self.scope;
        let module = self.declare_items(statements);
        let value = self.statements(statements);
        self.scope = outer;
        self.set_kind(id, NodeKind::Block { module, value });
        let range = self.ex.between(mac.delimiter.span().open(), mac.delimiter.span().close());
        self.close(id, range);
    }

    /// Reads tokens part by part, cut at commas; whether every part was understood.
    fn parts(&mut self, tokens: TokenStream, captures: Captures) -> bool {
        let mut understood = true;
        for part in split(tokens, ',').into_iter().flat_map(|part| split_tokens(part, ';')) {
            understood &= self.part(part, captures);
        }
        understood
    }

    fn part(&mut self, mut part: Vec<TokenTree>, captures: Captures) -> bool {
        let key = take_key(&mut part);
        while matches!(part.first(), Some(TokenTree::Punct(sigil)) if matches!(sigil.as_char(), '%' | '?')) {
            part.remove(0);
        }
        if part.is_empty() {
            return true;
        }
        if let Ok(expr) = syn::parse2::<Expr>(part.iter().cloned().collect()) {
            match key {
                Some((key, at)) => self.keyed(&key, at, &expr),
                None => self.argument(&expr),
            }
            self.captures(&expr, captures);
            return true;
        }
        match &part[..] {
            [TokenTree::Group(group)] => self.parts(group.stream(), captures),
            _ => false,
        }
    }

    /// The names in braces of a format string.
    fn captures(&mut self, expr: &Expr, captures: Captures) {
        let Expr::Lit(literal) = expr else { return };
        if let (Captures::Yes, syn::Lit::Str(text)) = (captures, &literal.lit) {
            let range = self.ex.range(text.span());
            for name in captured_names(&text.value()) {
                self.captured(&name, range);
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Captures {
    Yes,
    No,
}

/// A comma-separated list of expressions; also none at all.
fn expressions(tokens: TokenStream) -> Option<Vec<Expr>> {
    let list = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens).ok()?;
    Some(list.into_iter().collect())
}

/// The first expression of a list whose rest is of no interest.
fn first_expression(input: ParseStream) -> syn::Result<Expr> {
    let expr = input.parse()?;
    let _: TokenStream = input.parse()?;
    Ok(expr)
}

/// `a`, `a.b` and `"a"` as the key of an argument.
fn key_text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        Expr::Field(field) => match &field.member {
            syn::Member::Named(member) => Some(format!("{}.{member}", key_text(&field.base)?)),
            syn::Member::Unnamed(_) => None,
        },
        Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// Takes `key =`, `key:` or `"key" =>` off the front of an argument.
fn take_key(part: &mut Vec<TokenTree>) -> Option<(String, proc_macro2::Span)> {
    let is = |token: &TokenTree, c: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == c);
    let sign = part.iter().position(|token| is(token, '=') || is(token, ':'))?;
    let next = part.get(sign + 1);
    let arrow = is(&part[sign], '=') && next.is_some_and(|token| is(token, '>'));
    let joined = next.is_some_and(|token| is(token, '=') || is(token, ':'));
    if sign == 0 || joined {
        return None;
    }
    let key: TokenStream = part[..sign].iter().cloned().collect();
    let span = key.span();
    let text = key_text(&syn::parse2(key).ok()?)?;
    part.drain(..sign + 1 + usize::from(arrow));
    Some((text, span))
}

fn split(tokens: TokenStream, at: char) -> Vec<Vec<TokenTree>> {
    split_tokens(tokens.into_iter().collect(), at)
}

fn split_tokens(tokens: Vec<TokenTree>, at: char) -> Vec<Vec<TokenTree>> {
    let is_cut = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == at);
    tokens.split(is_cut).filter(|part| !part.is_empty()).map(<[TokenTree]>::to_vec).collect()
}

/// `{name}` and `{name:?}` in a format string; `{{` is a brace.
fn captured_names(format: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = format;
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        if let Some(escaped) = rest.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let follows = rest[name.len()..].starts_with(['}', ':']);
        if follows && name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            names.push(name);
        }
    }
    names
}

/// `static NAME: Type = init;` as macros that wrap statics write it.
pub struct MacroStatic {
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub name: Ident,
    pub ty: syn::Type,
    pub init: Expr,
}

impl MacroStatic {
    fn list(input: ParseStream) -> syn::Result<Vec<Self>> {
        let mut list = Vec::new();
        while !input.is_empty() {
            list.push(input.parse()?);
        }
        Ok(list)
    }
}

impl Parse for MacroStatic {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        input.parse::<Token![static]>()?;
        input.parse::<Option<Token![ref]>>()?;
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        input.parse::<Token![=]>()?;
        input.parse::<Option<Token![const]>>()?;
        let init = input.parse()?;
        input.parse::<Option<Token![;]>>()?;
        Ok(Self { attributes, visibility, name, ty, init })
    }
}

/// One branch of `cfg_if! { if #[cfg(..)] { items } else { items } }` or `cfg_select! { condition => { items } }`.
struct ConditionalItems(Vec<Item>);

impl ConditionalItems {
    fn parse_all(input: ParseStream) -> syn::Result<Vec<Self>> {
        let mut branches = Vec::new();
        while !input.is_empty() {
            while !input.peek(syn::token::Brace) {
                input.parse::<TokenTree>()?;
            }
            let content;
            braced!(content in input);
            let mut items = Vec::new();
            while !content.is_empty() {
                items.push(content.parse()?);
            }
            branches.push(Self(items));
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(branches)
    }
}

/// `[value; count]` without the brackets.
struct Repeat {
    value: Expr,
    count: Expr,
}

impl Parse for Repeat {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let value = input.parse()?;
        input.parse::<Token![;]>()?;
        Ok(Self { value, count: input.parse()? })
    }
}

/// The arms of a `select!`: `pattern = future, if guard => body`, and `else => body`.
struct SelectArms {
    arms: Vec<SelectArm>,
}

struct SelectArm {
    pattern: Pat,
    future: Expr,
    body: Expr,
}

impl Parse for SelectArms {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut arms = Vec::new();
        if input.peek(Ident) && input.peek2(Token![;]) {
            input.parse::<Ident>()?;
            input.parse::<Token![;]>()?;
        }
        while !input.is_empty() {
            arms.push(input.parse()?);
        }
        Ok(Self { arms })
    }
}

impl Parse for SelectArm {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let (pattern, future) = if input.peek2(Token![=>]) {
            // `else`, `complete` or `default`: nothing to wait for.
            input.step(|cursor| cursor.token_tree().ok_or_else(|| cursor.error("an arm")))?;
            (syn::parse_quote!(_), Expr::Verbatim(TokenStream::new()))
        } else {
            let pattern = Pat::parse_multi_with_leading_vert(input)?;
            input.parse::<Token![=]>()?;
            (pattern, input.parse()?)
        };
        let pattern = match input.parse::<Option<Token![,]>>()? {
            Some(_) => guarded(pattern, input)?,
            None => pattern,
        };
        input.parse::<Token![=>]>()?;
        let is_block = input.cursor().group(Delimiter::Brace).is_some();
        let body = if is_block { Expr::Block(input.parse()?) } else { input.parse()? };
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { pattern, future, body })
    }
}

/// `, if condition` after the future of an arm.
fn guarded(pattern: Pat, input: ParseStream) -> syn::Result<Pat> {
    let if_token = input.parse()?;
    let guard = Box::new(input.parse()?);
    Ok(Pat::Guard(syn::PatGuard { attrs: Vec::new(), pat: Box::new(pattern), if_token, guard }))
}
