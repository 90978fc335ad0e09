//! Calls written another way: the edits that the catalog's texts come to at a place.

use super::Model;
use super::defs::{DefId, DefKind};
use super::names::Names;
use super::roles::find;
use super::site::Site;
use super::types::{Declared, PathStart};
use crate::catalog::{Catalog, NewFunction, Rewrite, Role};
use crate::facts::{Function, Item, MacroShape, ModuleKind, NodeKind, Use, UseBinding};
use crate::finding::Edit;
use crate::source::{Span, TextRange};
use crate::workspace::DependencyKind;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Something of the catalog, with the package whose file has it.
#[derive(Debug)]
struct Of<T> {
    package: String,
    what: T,
}

/// What the catalog knows of how calls can be written.
#[derive(Debug, Default)]
pub struct Rewrites {
    of_call: FxHashMap<DefId, Vec<Of<Rewrite>>>,
    functions: BTreeMap<String, Of<NewFunction>>,
    /// For each package, the feature that turns all others on.
    all_features: BTreeMap<String, String>,
}

impl Rewrites {
    pub fn build(names: &mut Names<'_>, declared: &Declared, catalog: &Catalog) -> Self {
        let mut known = Self::default();
        for krate in &catalog.crates {
            let package = &krate.package;
            for rewrite in &krate.rewrites {
                for def in rewrite.of.iter().filter_map(|of| find(names, declared, of)) {
                    let of_package = Of { package: package.clone(), what: rewrite.clone() };
                    known.of_call.entry(def).or_default().push(of_package);
                }
            }
            known.functions.extend(
                krate
                    .functions
                    .iter()
                    .map(|(name, function)| (name.clone(), Of { package: package.clone(), what: function.clone() })),
            );
            known.all_features.extend(krate.all_features.iter().map(|feature| (package.clone(), feature.clone())));
        }
        known
    }
}

impl<'m> Site<'m> {
    /// The edits by which this call is mended in one or several ways; `None` when the catalog does not know how, or the
    /// result might not compile.
    pub fn rewrite(self, about: &[Role]) -> Option<Vec<Edit>> {
        let known = self.model.rewrites.of_call.get(&self.target()?)?;
        let ways = about.iter().flat_map(|role| known.iter().filter(move |way| way.what.about == Some(*role)));
        let ways: Vec<&Of<Rewrite>> = ways.collect();
        let names_paths = ways.iter().filter(|way| way.what.path.is_some());
        let can_be_named = names_paths.into_iter().all(|way| self.may_name(&way.package, &way.what.features));
        if ways.is_empty() || !can_be_named || self.is_in_template() {
            return None;
        }
        let mut edits = Vec::new();
        let calls = |part: fn(&Rewrite) -> &[String]| ways.iter().flat_map(|way| part(&way.what)).cloned().collect();
        let (before, after): (Vec<String>, Vec<String>) = (calls(|way| &way.before), calls(|way| &way.after));
        if !before.is_empty() {
            edits.push(Edit::call(self.receiver()?.span(), before));
        }
        for way in ways.iter().map(|way| &way.what) {
            self.rename(way, &mut edits)?;
            edits.extend(self.with_arguments(way));
            if let Some(name) = &way.function {
                self.bring_along(name, &mut edits)?;
            }
        }
        if !after.is_empty() {
            edits.push(Edit::call(self.span(), after));
        }
        Some(edits)
    }

    /// Calls something else in the same way.
    fn rename(self, way: &Rewrite, edits: &mut Vec<Edit>) -> Option<()> {
        if let Some(path) = &way.path {
            let name = self.model.names.defs.name(self.target()?);
            edits.push(Edit::replace(self.plain_callee()?, path.replace('*', name)));
        }
        if let Some(name) = &way.name {
            let at = match self.kind() {
                NodeKind::Method { turbofish: None, .. } => self.head(),
                _ => self.member_name()?,
            };
            edits.push(Edit::replace(at, name));
        }
        Some(())
    }

    /// What is called, when it is a name or a path without arguments of its own.
    fn plain_callee(self) -> Option<Span> {
        let callee = self.child(0).filter(|_| self.kind() == NodeKind::Call)?;
        let is_plain = match callee.kind() {
            NodeKind::Name(_) => true,
            NodeKind::Path(path) => {
                let path = self.body().path(path);
                path.qself.is_none() && path.segments.iter().all(|segment| segment.args.is_none())
            }
            _ => false,
        };
        is_plain.then(|| callee.span())
    }

    /// The last name of `Type::name`, where the type is named as such.
    fn member_name(self) -> Option<Span> {
        let whole = self.plain_callee()?;
        let NodeKind::Path(path) = self.child(0)?.kind() else { return None };
        let PathStart::Def(start) = self.view.prepared.path(path).start else { return None };
        let is_type = matches!(self.model.names.defs.get(start).kind, DefKind::Struct | DefKind::TypeAlias);
        let name = self.text_of(self.body().path(path).segments.last()?.name);
        let start = whole.range.end - name.len() as u32;
        is_type.then(|| Span::new(whole.file, TextRange::new(start, whole.range.end)))
    }

    fn with_arguments(self, way: &Rewrite) -> Option<Edit> {
        let Span { file, range } = self.span();
        let all = self.args().map(|arg| arg.span().range).reduce(|first, last| TextRange::new(first.start, last.end));
        let end = TextRange::new(range.end - 1, range.end - 1);
        match (&way.arguments, &way.append) {
            (Some(text), _) => Some(Edit::replace(Span::new(file, all.unwrap_or(end)), text)),
            (None, Some(text)) => Some(match all {
                Some(all) => Edit::insert(Span::new(file, all), format!(", {text}")),
                None => Edit::replace(Span::new(file, end), text),
            }),
            (None, None) => None,
        }
    }

    /// Puts a function of the catalog behind the last item of the file, unless it is there. `None` when it cannot be.
    fn bring_along(self, name: &str, edits: &mut Vec<Edit>) -> Option<()> {
        let Of { package, what: function } = self.model.rewrites.functions.get(name)?;
        let facts = self.model.names.defs.facts(self.view.prepared.file);
        let is_top = |item: &Item| item.owner.is_none() && facts.module(item.module).kind == ModuleKind::File;
        let owner = self.model.names.defs.item(self.view.prepared.owner)?;
        let stands_in_file = facts.module(owner.module).kind == ModuleKind::File;
        if !stands_in_file || !self.may_name(package, &function.features) {
            return None;
        }
        let is_named = |item: &&Item| is_top(item) && item.name.is_some_and(|found| facts.name(found) == name);
        if let Some(there) = facts.items.iter().find(is_named) {
            return is_same_kind(there.function()?, &function.text).then_some(());
        }
        let imports = |found: &Use| matches!(found.binding, UseBinding::Name(bound) if facts.name(bound) == name);
        let stays = |item: &&Item| is_top(item) && !item.test && item.made_by.is_none();
        let last = facts.items.iter().filter(stays).max_by_key(|item| item.range.end)?;
        let after = Span::new(self.view.prepared.file, last.range);
        edits.push(Edit::insert(after, format!("\n\n{}", function.text.trim())));
        (!facts.uses.iter().any(imports)).then_some(())
    }

    /// Whether code here can name what a package has with some features, by the package's own name.
    fn may_name(self, package: &str, features: &[String]) -> bool {
        let Model { names, workspace, rewrites, .. } = self.model;
        let owner = self.view.prepared.owner;
        let krate = names.defs.krate(names.defs.get(owner).krate);
        let all = rewrites.all_features.get(package);
        let of_package = names.defs.package(owner).map(|id| &workspace.package(id).dependencies);
        let fits = |dependency: &crate::workspace::Dependency| {
            let has = |feature: &String| dependency.features.contains(feature);
            dependency.package == package
                && dependency.crate_name == package.replace('-', "_")
                && dependency.kind == DependencyKind::Normal
                && !dependency.optional
                && dependency.target.is_none()
                && (features.iter().all(has) || all.is_some_and(has))
        };
        krate.edition >= 2018 && of_package.is_some_and(|dependencies| dependencies.iter().any(fits))
    }

    /// Whether a macro takes the text here for more than an expression.
    fn is_in_template(self) -> bool {
        let is_template = |shape| {
            use MacroShape::*;
            !matches!(shape, Arguments | Join | Vector | VectorRepeat | Statements)
        };
        let mut around = self.body().ancestors(self.node).map(|node| self.body().kind(node));
        around.any(|kind| matches!(kind, NodeKind::Macro { shape, .. } if is_template(shape)))
    }
}

/// Whether a function that is there can be called as the catalog's could.
fn is_same_kind(there: &Function, text: &str) -> bool {
    there.is_async && there.params.is_empty() && there.output.is_some() == text.contains("->")
}
