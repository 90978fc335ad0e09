//! Where each package names others: imports, tests included, and paths in the bodies of production code.

use super::edges::Node;
use crate::config::EdgeKind;
use crate::facts::NodeKind;
use crate::model::Model;
use crate::model::defs::{CrateId, CrateOrigin, DefId};
use crate::model::symbols::Symbol;
use crate::model::types::PathStart;
use crate::source::Span;
use crate::workspace::PackageId;
use std::collections::BTreeMap;

/// One path that begins with another crate's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub test: bool,
    pub span: Span,
    /// What follows the crate's name.
    pub path: Vec<Symbol>,
    /// The module in which it is.
    pub module: DefId,
    /// What an import was found to lead to.
    pub target: Option<DefId>,
}

/// All uses by the package that names and the crate that is named, in order.
#[derive(Debug, Default)]
pub struct Uses(BTreeMap<(PackageId, CrateId), Vec<Use>>);

impl Uses {
    pub fn of(model: &Model<'_>) -> Self {
        let mut uses = Self::default();
        uses.add_imports(model);
        uses.add_paths(model);
        for found in uses.0.values_mut() {
            // A file may be part of a library and of binaries.
            found.sort();
            found.dedup_by_key(|found| found.span);
        }
        uses
    }

    fn add_imports(&mut self, model: &Model<'_>) {
        let names = &model.names;
        for import in &names.imports {
            let span = Span::new(import.file, names.defs.facts(import.file).uses[import.index].range);
            let module = names.scope(names.scope(import.scope).module).def;
            let found = Use { test: import.test, span, path: Vec::new(), module, target: import.target };
            self.add(model, import.krate, &import.path, found);
        }
    }

    fn add_paths(&mut self, model: &Model<'_>) {
        for view in model.bodies() {
            let (body, file) = (view.facts(), view.prepared.file);
            let krate = model.names.defs.get(view.prepared.owner).krate;
            let module = model.names.defs.module_of(view.prepared.owner);
            for id in body.ids() {
                let (NodeKind::Path(path) | NodeKind::Struct { path, .. } | NodeKind::Macro { path, .. }) =
                    body.kind(id)
                else {
                    continue;
                };
                // A module of the same name goes before the crate.
                let start = view.prepared.path(path).start;
                if matches!(start, PathStart::Def(def) if model.names.defs.get(def).krate == krate) {
                    continue;
                }
                let segments = path_of(model, body.path(path), file);
                let span = Span::new(file, body.node(id).range);
                let found = Use { test: false, span, path: Vec::new(), module, target: None };
                self.add(model, krate, &segments, found);
            }
        }
    }

    /// Adds one if its path leads to another package's crate.
    fn add(&mut self, model: &Model<'_>, krate: CrateId, path: &[Symbol], found: Use) {
        let defs = &model.names.defs;
        let Some(from) = defs.krate(krate).origin.package() else { return };
        let Some((first, rest)) = path.split_first() else { return };
        let Some(root) = model.names.extern_root(krate, *first) else { return };
        let named = defs.get(root).krate;
        if defs.krate(named).origin.package() != Some(from) {
            self.0.entry((from, named)).or_default().push(Use { path: rest.to_vec(), ..found });
        }
    }

    /// Where one member of the workspace names another.
    pub fn of_member(&self, model: &Model<'_>, from: PackageId, to: PackageId) -> &[Use] {
        self.between(model, from, Node::Member(to))
    }

    /// How one package names another.
    pub(super) fn between(&self, model: &Model<'_>, from: PackageId, to: Node<'_>) -> &[Use] {
        let named = crate_of(model, to).and_then(|krate| self.0.get(&(from, krate)));
        named.map_or(&[], Vec::as_slice)
    }

    /// The imports by which a package names a crate from outside through another package of the workspace.
    pub fn through_members<'u>(
        &'u self,
        model: &'u Model<'_>,
        krate: CrateId,
    ) -> impl Iterator<Item = (PackageId, &'u Use)> {
        let defs = &model.names.defs;
        let is_member = |named: &CrateId| defs.krate(*named).origin.package().is_some();
        let by_member = self.0.iter().filter(move |((_, named), _)| is_member(named));
        let all = by_member.flat_map(|((from, _), found)| found.iter().map(move |found| (*from, found)));
        all.filter(move |(_, found)| found.target.is_some_and(|target| defs.get(target).krate == krate))
    }
}

impl Use {
    pub fn kind(&self) -> EdgeKind {
        if self.test { EdgeKind::Dev } else { EdgeKind::Normal }
    }

    /// Whether it is in a module or below it, by the path from the root of its crate.
    pub fn is_in(&self, model: &Model<'_>, module: &str) -> bool {
        let path = model.names.defs.path(self.module);
        let below = path.split_once("::").map_or("", |(_, below)| below);
        below.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }
}

fn path_of(model: &Model<'_>, path: &crate::facts::Path, file: crate::source::FileId) -> Vec<Symbol> {
    let names = model.names.defs.file(file);
    if path.qself.is_some() {
        return Vec::new();
    }
    // A single name is a local or an import.
    let segments: Vec<Symbol> = path.segments.iter().map(|segment| names.symbol(segment.name)).collect();
    if segments.len() > 1 { segments } else { Vec::new() }
}

/// The library of a package, or the crate from outside.
pub fn crate_of(model: &Model<'_>, node: Node<'_>) -> Option<CrateId> {
    let defs = &model.names.defs;
    let is_it = |origin: CrateOrigin, name: Symbol| match (node, origin) {
        (Node::Member(member), CrateOrigin::Target { package, kind, .. }) => package == member && kind.is_library(),
        (Node::Outside(package), CrateOrigin::Described | CrateOrigin::Named) => {
            package.replace('-', "_") == defs.symbols.text(name)
        }
        _ => false,
    };
    let position = defs.crates.iter().position(|krate| is_it(krate.origin, krate.name))?;
    Some(CrateId(position as u32))
}
