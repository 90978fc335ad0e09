//! Imports: `use` trees, flattened.

use super::Extractor;
use super::items::Scope;
use crate::facts::{Name, Use, UseBinding};
use crate::source::TextRange;
use syn::UseTree;

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
