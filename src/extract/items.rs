//! Items.

use super::attributes::Attributes;
use super::blocks::BodyBuilder;
use super::uses::GroupedUse;
use super::{Extractor, macros};
use crate::facts::{
    Body, Enum, Field, Fields, FieldsShape, Function, GapKind, Impl, Item, ItemIdx, ItemKind, ModuleIdx, ModuleKind,
    Name, Param, PatternId, Receiver, Struct, Trait, TypeAlias, TypeRef, Value, ValueKind, Variant, Visibility,
};
use crate::source::TextRange;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{FnArg, ImplItem, ReceiverKind, StaticMutability, TraitItem};

/// Where an item stands.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    pub module: ModuleIdx,
    pub owner: Option<ItemIdx>,
    /// Inside test code.
    pub test: bool,
}

impl Scope {
    pub fn file() -> Self {
        Self { module: ModuleIdx(0), owner: None, test: false }
    }
}

/// `const NAME: Type;`.
struct BareConst {
    attributes: Vec<syn::Attribute>,
    visibility: syn::Visibility,
    name: syn::Ident,
    ty: syn::Type,
}

impl Parse for BareConst {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attributes = input.call(syn::Attribute::parse_outer)?;
        let visibility = input.parse()?;
        input.parse::<syn::Token![const]>()?;
        let name = input.parse()?;
        input.parse::<syn::Token![:]>()?;
        let ty = input.parse()?;
        input.parse::<syn::Token![;]>()?;
        Ok(Self { attributes, visibility, name, ty })
    }
}

/// The parts of an item that all kinds share.
struct Head {
    name: Option<Name>,
    visibility: Visibility,
    attributes: Attributes,
    range: TextRange,
    head: TextRange,
}

impl Extractor<'_> {
    pub fn items(&mut self, items: &[syn::Item], scope: Scope) {
        for item in items {
            self.item(item, scope);
        }
    }

    pub fn item(&mut self, item: &syn::Item, scope: Scope) {
        match item {
            syn::Item::Use(item) => self.use_item(item, scope),
            syn::Item::Mod(item) => self.module(item, scope),
            syn::Item::Fn(item) => {
                let range = self.between(item.sig.fn_token.span, item.block.brace_token.span.close());
                let head = self.head(&item.attrs, Some(&item.vis), &item.sig.ident, range);
                self.function_item(head, &item.sig, Some(&item.block), scope);
            }
            syn::Item::Impl(item) => self.impl_item(item, scope),
            syn::Item::Trait(item) => self.trait_item(item, scope),
            syn::Item::Macro(item) => match &item.ident {
                Some(ident) => {
                    let head = self.head(&item.attrs, None, ident, self.range(item.mac.span()));
                    let exported = head.attributes.macro_export;
                    self.push(head, ItemKind::Macro { exported }, scope);
                }
                None => self.item_macro(&item.mac, &item.attrs, scope),
            },
            syn::Item::ForeignMod(item) => self.foreign(item, scope),
            syn::Item::Verbatim(tokens) => self.verbatim(tokens, scope),
            _ => self.data_item(item, scope),
        }
    }

    /// Types and values.
    fn data_item(&mut self, item: &syn::Item, scope: Scope) {
        let range = self.item_range(item);
        match item {
            syn::Item::Struct(item) => {
                let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
                let kind = Struct { generics: self.generics(&item.generics), fields: self.fields(&item.fields) };
                self.push(head, ItemKind::Struct(Box::new(kind)), scope);
            }
            syn::Item::Union(item) => {
                let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
                let fields = self.named_fields(&item.fields);
                let kind = Struct { generics: self.generics(&item.generics), fields };
                self.push(head, ItemKind::Struct(Box::new(kind)), scope);
            }
            syn::Item::Enum(item) => {
                let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
                let variants = item.variants.iter().map(|variant| self.variant(variant)).collect();
                let kind = Enum { generics: self.generics(&item.generics), variants };
                self.push(head, ItemKind::Enum(Box::new(kind)), scope);
            }
            syn::Item::Type(item) => {
                let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
                let ty = Some(self.ty(&item.ty));
                let kind = TypeAlias { generics: self.generics(&item.generics), bounds: Vec::new(), ty };
                self.push(head, ItemKind::TypeAlias(Box::new(kind)), scope);
            }
            syn::Item::TraitAlias(item) => {
                let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
                let supertraits = self.bounds(&item.bounds);
                let kind = Trait { generics: self.generics(&item.generics), supertraits, items: Vec::new() };
                self.push(head, ItemKind::Trait(Box::new(kind)), scope);
            }
            syn::Item::Const(item) => {
                let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
                self.value(head, ValueKind::Const, &item.ty, Some(&item.expr), scope);
            }
            syn::Item::Static(item) => {
                let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
                let mutable = matches!(item.mutability, StaticMutability::Mut(_));
                self.value(head, ValueKind::Static { mutable }, &item.ty, Some(&item.expr), scope);
            }
            syn::Item::ExternCrate(item) => {
                let name = item.rename.as_ref().map_or(&item.ident, |(_, rename)| rename);
                let head = self.head(&item.attrs, Some(&item.vis), name, range);
                let krate = self.ident(&item.ident);
                let macros = head.attributes.macro_use;
                self.push(head, ItemKind::ExternCrate { krate, macros }, scope);
            }
            _ => self.gap(GapKind::Item, range),
        }
    }

    /// From the keyword to the end, without attributes.
    fn item_range(&self, item: &syn::Item) -> TextRange {
        match item {
            syn::Item::Struct(item) => {
                let end = match &item.fields {
                    syn::Fields::Named(fields) => fields.brace_token.span.close(),
                    syn::Fields::Unnamed(fields) => fields.paren_token.span.close(),
                    syn::Fields::Unit => item.ident.span(),
                };
                self.between(item.struct_token.span, end)
            }
            syn::Item::Union(item) => self.between(item.union_token.span, item.fields.brace_token.span.close()),
            syn::Item::Enum(item) => self.between(item.enum_token.span, item.brace_token.span.close()),
            syn::Item::Type(item) => self.between(item.type_token.span, item.semi_token.span),
            syn::Item::TraitAlias(item) => self.between(item.trait_token.span, item.semi_token.span),
            syn::Item::Const(item) => self.between(item.const_token.span, item.semi_token.span),
            syn::Item::Static(item) => self.between(item.static_token.span, item.semi_token.span),
            syn::Item::ExternCrate(item) => self.between(item.extern_token.span, item.semi_token.span),
            other => self.range(other.span()),
        }
    }

    fn head(
        &mut self,
        attributes: &[syn::Attribute],
        visibility: Option<&syn::Visibility>,
        name: &syn::Ident,
        range: TextRange,
    ) -> Head {
        let attributes = self.attributes(attributes);
        let visibility = visibility.map_or(Visibility::Private, |visibility| self.visibility(visibility));
        Head { name: Some(self.ident(name)), visibility, attributes, range, head: self.range(name.span()) }
    }

    fn push(&mut self, head: Head, kind: ItemKind, scope: Scope) -> ItemIdx {
        self.facts.items.push(Item {
            name: head.name,
            kind,
            module: scope.module,
            owner: scope.owner,
            visibility: head.visibility,
            test: scope.test || head.attributes.test,
            made_by: None,
            attributes: head.attributes.list,
            cfg: head.attributes.cfg,
            range: head.range,
            head: head.head,
        });
        ItemIdx(self.facts.items.len() as u32 - 1)
    }

    fn module(&mut self, item: &syn::ItemMod, scope: Scope) {
        let end = match &item.content {
            Some((brace, _)) => brace.span.close(),
            None => item.ident.span(),
        };
        let range = self.between(item.mod_token.span, end);
        let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
        let test = scope.test || head.attributes.test;
        match &item.content {
            None => {
                let path = head.attributes.path.clone();
                self.push(head, ItemKind::ModuleFile { path }, scope);
            }
            Some((_, items)) => {
                let module = self.new_module(ModuleKind::Inline, scope.module);
                self.push(head, ItemKind::Module(module), scope);
                self.items(items, Scope { module, owner: None, test });
            }
        }
    }

    fn function_item(&mut self, head: Head, signature: &syn::Signature, block: Option<&syn::Block>, scope: Scope) {
        let test = scope.test || head.attributes.test;
        // The item comes before those declared in its body.
        let item = self.push(head, ItemKind::ModuleFile { path: None }, scope);
        let inner = Scope { owner: None, test, ..scope };
        let function = self.function(signature, block.filter(|_| !test), inner);
        self.facts.items[item.0 as usize].kind = ItemKind::Function(Box::new(function));
    }

    fn function(&mut self, signature: &syn::Signature, block: Option<&syn::Block>, scope: Scope) -> Function {
        let generics = self.generics(&signature.generics);
        let output = self.output(&signature.output);
        let mut builder = BodyBuilder::new(self, scope);
        let (mut receiver, mut params) = (None, Vec::new());
        for input in &signature.inputs {
            match input {
                FnArg::Receiver(read) => receiver = Some(builder.receiver(read)),
                FnArg::Typed(typed) => params.push(builder.param(typed)),
            }
        }
        let body = block.map(|block| {
            builder.block(block);
            builder.body
        });
        Function { generics, receiver, params, output, is_async: signature.asyncness.is_some(), body }
    }

    /// The body of an initialiser.
    fn initialiser(&mut self, expr: &syn::Expr, scope: Scope) -> Body {
        let mut builder = BodyBuilder::new(self, Scope { owner: None, ..scope });
        builder.expr(expr);
        builder.body
    }

    fn value(&mut self, head: Head, kind: ValueKind, ty: &syn::Type, init: Option<&syn::Expr>, scope: Scope) {
        let test = scope.test || head.attributes.test;
        let ty = self.ty(ty);
        let item = self.push(head, ItemKind::ModuleFile { path: None }, scope);
        let body = init.filter(|_| !test).map(|init| self.initialiser(init, Scope { test, ..scope }));
        self.facts.items[item.0 as usize].kind = ItemKind::Value(Box::new(Value { kind, ty, body }));
    }

    /// A static declared inside a macro that makes it on first use, or for each thread.
    pub fn macro_static(&mut self, item: &macros::MacroStatic, kind: ValueKind, scope: Scope) {
        let range = self.between(item.name.span(), item.name.span());
        let head = self.head(&item.attributes, Some(&item.visibility), &item.name, range);
        self.value(head, kind, &item.ty, Some(&item.init), scope);
    }

    fn impl_item(&mut self, item: &syn::ItemImpl, scope: Scope) {
        let range = self.between(item.impl_token.span, item.brace_token.span.close());
        let attributes = self.attributes(&item.attrs);
        let test = scope.test || attributes.test;
        let head = self.between(item.impl_token.span, item.self_ty.span());
        let head = Head { name: None, visibility: Visibility::Private, attributes, range, head };
        let kind = Impl {
            generics: self.generics(&item.generics),
            trait_path: item.trait_.as_ref().map(|(path, _)| self.path(path, None)),
            self_ty: self.ty(&item.self_ty),
            items: Vec::new(),
            negative: item.modifiers.polarity.is_some(),
        };
        let owner = self.push(head, ItemKind::Impl(Box::new(kind)), scope);
        let inner = Scope { owner: Some(owner), test, ..scope };
        let before = self.facts.items.len();
        for item in &item.items {
            self.impl_member(item, inner);
        }
        let members = self.members(before, owner);
        if let ItemKind::Impl(kind) = &mut self.facts.items[owner.0 as usize].kind {
            kind.items = members;
        }
    }

    /// The items pushed since `before` that belong to `owner`; bodies may have declared others.
    fn members(&self, before: usize, owner: ItemIdx) -> Vec<ItemIdx> {
        let since = (before..self.facts.items.len()).map(|index| ItemIdx(index as u32));
        since.filter(|item| self.facts.item(*item).owner == Some(owner)).collect()
    }

    fn impl_member(&mut self, item: &ImplItem, scope: Scope) {
        match item {
            ImplItem::Fn(item) => {
                let range = self.between(item.sig.fn_token.span, item.block.brace_token.span.close());
                let head = self.head(&item.attrs, Some(&item.vis), &item.sig.ident, range);
                self.function_item(head, &item.sig, Some(&item.block), scope);
            }
            ImplItem::Const(item) => {
                let range = self.range(item.span());
                let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
                self.value(head, ValueKind::Const, &item.ty, Some(&item.expr), scope);
            }
            ImplItem::Type(item) => {
                let range = self.range(item.span());
                let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
                let ty = Some(self.ty(&item.ty));
                let kind = TypeAlias { generics: self.generics(&item.generics), bounds: Vec::new(), ty };
                self.push(head, ItemKind::TypeAlias(Box::new(kind)), scope);
            }
            ImplItem::Verbatim(tokens) => self.verbatim(tokens, scope),
            other => self.gap(GapKind::ItemMacro, self.range(other.span())),
        }
    }

    fn trait_item(&mut self, item: &syn::ItemTrait, scope: Scope) {
        let range = self.between(item.trait_token.span, item.brace_token.span.close());
        let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
        let test = scope.test || head.attributes.test;
        let supertraits = self.bounds(&item.supertraits);
        let kind = Trait { generics: self.generics(&item.generics), supertraits, items: Vec::new() };
        let owner = self.push(head, ItemKind::Trait(Box::new(kind)), scope);
        let inner = Scope { owner: Some(owner), test, ..scope };
        let before = self.facts.items.len();
        for item in &item.items {
            self.trait_member(item, inner);
        }
        let members = self.members(before, owner);
        if let ItemKind::Trait(kind) = &mut self.facts.items[owner.0 as usize].kind {
            kind.items = members;
        }
    }

    fn trait_member(&mut self, item: &TraitItem, scope: Scope) {
        let range = match item {
            TraitItem::Fn(item) => {
                let end = item.default.as_ref().map_or_else(|| item.sig.span(), |block| block.brace_token.span.close());
                self.between(item.sig.fn_token.span, end)
            }
            other => self.range(other.span()),
        };
        match item {
            TraitItem::Fn(item) => {
                let head = self.head(&item.attrs, None, &item.sig.ident, range);
                self.function_item(head, &item.sig, item.default.as_ref(), scope);
            }
            TraitItem::Const(item) => {
                let head = self.head(&item.attrs, None, &item.ident, range);
                let init = item.default.as_ref().map(|(_, init)| init);
                self.value(head, ValueKind::Const, &item.ty, init, scope);
            }
            TraitItem::Type(item) => {
                let head = self.head(&item.attrs, None, &item.ident, range);
                let ty = item.default.as_ref().map(|(_, ty)| self.ty(ty));
                let (generics, bounds) = (self.generics(&item.generics), self.bounds(&item.bounds));
                self.push(head, ItemKind::TypeAlias(Box::new(TypeAlias { generics, bounds, ty })), scope);
            }
            _ => self.gap(GapKind::ItemMacro, range),
        }
    }

    fn foreign(&mut self, item: &syn::ItemForeignMod, scope: Scope) {
        for item in &item.items {
            let range = self.range(item.span());
            match item {
                syn::ForeignItem::Fn(item) => {
                    let head = self.head(&item.attrs, Some(&item.vis), &item.sig.ident, range);
                    self.function_item(head, &item.sig, None, scope);
                }
                syn::ForeignItem::Static(item) => {
                    let head = self.head(&item.attrs, Some(&item.vis), &item.ident, range);
                    self.value(head, ValueKind::Static { mutable: true }, &item.ty, None, scope);
                }
                _ => {}
            }
        }
    }

    /// A function or constant without a body, as interface descriptions write them, or an import that starts at the
    /// crate root; anything else is not understood.
    fn verbatim(&mut self, tokens: &proc_macro2::TokenStream, scope: Scope) {
        let range = self.range(tokens.span());
        if let Ok(item) = syn::parse2::<syn::ForeignItemFn>(tokens.clone()) {
            let head = self.head(&item.attrs, Some(&item.vis), &item.sig.ident, range);
            self.function_item(head, &item.sig, None, scope);
        } else if let Ok(item) = syn::parse2::<BareConst>(tokens.clone()) {
            let head = self.head(&item.attributes, Some(&item.visibility), &item.name, range);
            self.value(head, ValueKind::Const, &item.ty, None, scope);
        } else if let Ok(group) = syn::parse2::<GroupedUse>(tokens.clone()) {
            self.grouped_use(&group, scope);
        } else {
            self.gap(GapKind::Item, range);
        }
    }

    fn fields(&mut self, fields: &syn::Fields) -> Fields {
        match fields {
            syn::Fields::Named(fields) => self.named_fields(fields),
            syn::Fields::Unnamed(fields) => {
                let list = fields.unnamed.iter().enumerate().map(|(position, field)| self.field(field, position));
                Fields { fields: list.collect(), shape: FieldsShape::Tuple }
            }
            syn::Fields::Unit => Fields { shape: FieldsShape::Unit, fields: Vec::new() },
        }
    }

    fn named_fields(&mut self, fields: &syn::FieldsNamed) -> Fields {
        let list = fields.named.iter().map(|field| self.field(field, 0)).collect();
        Fields { shape: FieldsShape::Named, fields: list }
    }

    fn field(&mut self, field: &syn::Field, position: usize) -> Field {
        let name = match &field.ident {
            Some(ident) => self.ident(ident),
            None => self.intern(&position.to_string()),
        };
        let range = match &field.ident {
            Some(ident) => self.between(ident.span(), field.ty.span()),
            None => self.range(field.ty.span()),
        };
        let attributes = self.attributes(&field.attrs).list;
        Field { name, ty: self.ty(&field.ty), attributes, range }
    }

    fn variant(&mut self, variant: &syn::Variant) -> Variant {
        let attributes = self.attributes(&variant.attrs).list;
        let range = self.range(variant.ident.span());
        Variant { name: self.ident(&variant.ident), fields: self.fields(&variant.fields), attributes, range }
    }
}

impl BodyBuilder<'_, '_> {
    fn receiver(&mut self, receiver: &syn::Receiver) -> Receiver {
        match &receiver.kind {
            ReceiverKind::Reference(_, _, mutable) => Receiver::Ref { mutable: mutable.is_some() },
            ReceiverKind::Typed(_, ty) => Receiver::Typed(self.ex.ty(ty)),
            _ => Receiver::Value,
        }
    }

    fn param(&mut self, param: &syn::PatType) -> Param {
        let name = match &*param.pat {
            syn::Pat::Ident(ident) => Some(self.ex.ident(&ident.ident)),
            _ => None,
        };
        let ty: TypeRef = self.ex.ty(&param.ty);
        let pattern: PatternId = self.pattern(&param.pat);
        Param { pattern, name, ty }
    }
}
