//! Imports: `use` trees, flattened.

use super::Extractor;
use super::items::Scope;
use crate::facts::{GapKind, Name, Use, UseBinding};
use crate::source::TextRange;
use proc_macro2::TokenStream;
use quote::quote;
use syn::UseTree;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;

/// `use { a::b, ::c::d };`, which `syn` does not read: some of the trees start at the crate root.
pub struct GroupedUse {
    attributes: Vec<syn::Attribute>,
    visibility: syn::Visibility,
    trees: Punctuated<Tree, syn::Token![,]>,
}

struct Tree(TokenStream);

impl Parse for GroupedUse {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attributes = input.call(syn::Attribute::parse_outer)?;
        let visibility = input.parse()?;
        input.parse::<syn::Token![use]>()?;
        input.parse::<Option<syn::Token![::]>>()?;
        let trees;
        syn::braced!(trees in input);
        let trees = trees.parse_terminated(Tree::parse, syn::Token![,])?;
        input.parse::<syn::Token![;]>()?;
        Ok(Self { attributes, visibility, trees })
    }
}

impl Parse for Tree {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut tokens = TokenStream::new();
        while !input.is_empty() && !input.peek(syn::Token![,]) {
            tokens.extend([input.parse::<proc_macro2::TokenTree>()?]);
        }
        Ok(Self(tokens))
    }
}

impl Extractor<'_> {
    pub fn use_item(&mut self, item: &syn::ItemUse, scope: Scope) {
        let attributes = self.attributes(&item.attrs);
        let template = Use {
            module: scope.module,
            path: Vec::new(),
            global: item.leading_colon.is_some(),
            binding: UseBinding::Glob,
            visibility: self.visibility(&item.vis),
            test: scope.test || attributes.test,
            cfg: attributes.cfg,
            range: TextRange::default(),
        };
        self.use_tree(&item.tree, &mut Vec::new(), &template);
    }

    /// Each tree of the group as an import of its own.
    pub fn grouped_use(&mut self, group: &GroupedUse, scope: Scope) {
        let GroupedUse { attributes, visibility, trees } = group;
        for Tree(tree) in trees {
            match syn::parse2(quote!(#(#attributes)* #visibility use #tree;)) {
                Ok(item) => self.item(&item, scope),
                Err(_) => self.gap(GapKind::Item, self.range(tree.span())),
            }
        }
    }

    fn use_tree(&mut self, tree: &UseTree, prefix: &mut Vec<Name>, template: &Use) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(self.ident(&path.ident));
                self.use_tree(&path.tree, prefix, template);
                prefix.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(tree, prefix, template);
                }
            }
            UseTree::Name(name) => self.push_use(prefix, &name.ident, &name.ident, template),
            UseTree::Rename(rename) => self.push_use(prefix, &rename.ident, &rename.rename, template),
            UseTree::Glob(glob) => {
                let range = self.range(glob.star_token.span);
                let path = prefix.clone();
                self.facts.uses.push(Use { path, binding: UseBinding::Glob, range, ..template.clone() });
            }
        }
    }

    /// `a::b::{self}` binds `b` to `a::b`.
    fn push_use(&mut self, prefix: &[Name], last: &syn::Ident, binding: &syn::Ident, template: &Use) {
        let mut path = prefix.to_vec();
        let is_self = last == "self" && !prefix.is_empty();
        if !is_self {
            path.push(self.ident(last));
        }
        let bound = if binding == "self" { path[path.len() - 1] } else { self.ident(binding) };
        let binding = if binding == "_" { UseBinding::Unnamed } else { UseBinding::Name(bound) };
        let range = self.range(last.span());
        self.facts.uses.push(Use { path, binding, range, ..template.clone() });
    }
}
