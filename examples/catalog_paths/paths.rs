//! What sources or descriptions hold under a crate's name, and what a catalog file names.

use scale_lint::catalog::{CatalogCrate, SubjectKind};
use scale_lint::extract::extract;
use scale_lint::model::defs::{CrateId, DefId, DefKind, ScopeId};
use scale_lint::model::names::{Binding, Description, Names, Vis};
use scale_lint::model::types::{Declared, TyKind, TypeTable, declare};
use scale_lint::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet, HashSet};

pub fn describe(catalog: &CatalogCrate) -> Description {
    let (facts, trouble) = extract(&catalog.description);
    assert!(trouble.is_empty(), "the description of {} does not parse: {trouble:?}", catalog.package);
    for gap in &facts.gaps {
        eprintln!("not understood: {}", &catalog.description[gap.range.start as usize..gap.range.end as usize]);
    }
    Description { package: catalog.package.clone(), facts, derives: Vec::new() }
}

/// Crates in which paths can be looked for.
pub struct Crates<'w> {
    names: Names<'w>,
    /// The members of each type: those of its own impls and of impls of traits.
    members: BTreeMap<DefId, BTreeSet<String>>,
}

impl<'w> Crates<'w> {
    pub fn new(workspace: &'w Workspace, descriptions: &'w [Description]) -> Self {
        let mut names = Names::build(workspace, descriptions);
        let declared = declare(&mut names);
        Self { members: type_members(&names, &declared), names }
    }

    /// All paths that a catalog file names: those with roles, and those of its description.
    pub fn named_by(&self, catalog: &CatalogCrate) -> BTreeSet<String> {
        let with_roles = catalog.entries.iter().map(|entry| match entry.subject.kind {
            SubjectKind::Macro => format!("{}!", entry.subject.path.join("::")),
            SubjectKind::Attribute => format!("#[{}]", entry.subject.path.join("::")),
            SubjectKind::Item => entry.subject.path.join("::"),
        });
        let described = self.paths(&catalog.package, |own, of| own == of);
        with_roles.chain(described.into_iter().filter(|path| !path.starts_with("#["))).collect()
    }

    /// The public paths of a crate. `follow` says of the crate and of one that it re-exports from whether to list them.
    pub fn paths(&self, package: &str, follow: fn(CrateId, CrateId) -> bool) -> BTreeSet<String> {
        let name = package.replace('-', "_");
        let defs = &self.names.defs;
        let mut found = BTreeSet::new();
        if let Some(own) = defs.crate_ids().find(|krate| defs.symbols.text(defs.krate(*krate).name) == name) {
            let mut walk = Walk { crates: self, own, follow, open: HashSet::new(), found: &mut found };
            walk.scope(self.names.root_scope(own), &name, 0);
        }
        found
    }
}

fn type_members(names: &Names<'_>, declared: &Declared) -> BTreeMap<DefId, BTreeSet<String>> {
    let mut members: BTreeMap<DefId, BTreeSet<String>> = BTreeMap::new();
    for found in &declared.impls {
        if let TyKind::Adt(def, _) = declared.tys.kind(declared.tys.peel_refs(found.self_ty)) {
            let own =
                names.members.get(&found.def).into_iter().flatten().map(|member| names.defs.name(*member).to_string());
            members.entry(*def).or_default().extend(own);
        }
    }
    members
}

struct Walk<'a, 'w> {
    crates: &'a Crates<'w>,
    own: CrateId,
    follow: fn(CrateId, CrateId) -> bool,
    open: HashSet<ScopeId>,
    found: &'a mut BTreeSet<String>,
}

impl Walk<'_, '_> {
    fn scope(&mut self, scope: ScopeId, path: &str, depth: usize) {
        if depth > 8 || !self.open.insert(scope) {
            return;
        }
        let names = &self.crates.names;
        for (name, bindings) in &names.scope(scope).names {
            let path = format!("{path}::{}", names.defs.symbols.text(*name));
            let public = |binding: &Binding| binding.visibility == Vis::Public;
            if bindings.macros.is_some_and(|binding| public(&binding) && self.lists(binding.def)) {
                self.found.insert(format!("{path}!"));
                self.found.insert(format!("#[{path}]"));
            }
            for binding in [bindings.types, bindings.values].into_iter().flatten().filter(public) {
                if self.lists(binding.def) {
                    self.def(binding.def, &path, depth);
                }
            }
        }
        self.open.remove(&scope);
    }

    fn lists(&self, def: DefId) -> bool {
        let def = self.crates.names.defs.get(def);
        def.kind != DefKind::External && !def.test && (self.follow)(self.own, def.krate)
    }

    fn def(&mut self, id: DefId, path: &str, depth: usize) {
        let def = self.crates.names.defs.get(id);
        if def.kind != DefKind::Module {
            self.found.insert(path.to_string());
            self.found.insert(format!("#[{path}]"));
        }
        for member in self.crates.members.get(&id).into_iter().flatten() {
            self.found.insert(format!("{path}::{member}"));
        }
        if let Some(inner) = def.scope {
            self.scope(inner, path, depth + 1);
        }
    }
}
