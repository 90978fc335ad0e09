//! `table! { name (key) { column -> Type, .. } }`: a macro whose items are named all over the code that uses it.

use super::Extractor;
use super::items::Scope;
use crate::facts::ItemKind;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Macro, Token, Type, braced, parenthesized};

/// One table with its columns.
pub struct Table {
    name: Ident,
    columns: Vec<Ident>,
}

struct Column(Ident);

impl Parse for Column {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        let name = input.parse()?;
        input.parse::<Token![->]>()?;
        input.parse::<Type>()?;
        Ok(Self(name))
    }
}

impl Parse for Table {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        while input.peek(Token![use]) {
            input.parse::<syn::ItemUse>()?;
        }
        input.call(Attribute::parse_outer)?;
        let mut name: Ident = input.parse()?;
        if input.parse::<Option<Token![.]>>()?.is_some() {
            name = input.parse()?;
        }
        if input.peek(syn::token::Paren) {
            let key;
            parenthesized!(key in input);
            key.parse::<proc_macro2::TokenStream>()?;
        }
        let body;
        braced!(body in input);
        let columns = Punctuated::<Column, Token![,]>::parse_terminated(&body)?;
        Ok(Self { name, columns: columns.into_iter().map(|column| column.0).collect() })
    }
}

impl Extractor<'_> {
    /// Declares what the macro declares, as far as other code names it: the table, its columns and their `dsl`.
    pub fn table(&mut self, table: &Table, mac: &Macro, scope: Scope) {
        let Table { name, columns } = table;
        let module = quote! {
            pub mod #name {
                pub struct table;
                pub struct all_columns;
                #(pub struct #columns;)*
                pub mod columns { pub use super::{#(#columns,)* }; }
                pub mod dsl { pub use super::{#(#columns,)* }; pub use super::table as #name; }
            }
        };
        let Ok(module) = syn::parse2::<syn::Item>(module) else { return };
        let before = self.facts.items.len();
        self.item(&module, scope);
        let path = Box::new(self.path(&mac.path, None));
        for item in &mut self.facts.items[before..] {
            // Only the names stand in the source.
            item.range = item.head;
            if matches!(item.kind, ItemKind::Struct(_)) {
                item.made_by = Some(path.clone());
            }
        }
    }
}
