//! Roles: what names mean for scalability, tied to the definitions that the names lead to.

use super::defs::{DefId, DefKind};
use super::names::{Names, Namespace, Resolution};
use super::types::{Declared, Head};
use crate::catalog::{Entry, Role, Subject, SubjectKind, Version};
use crate::workspace::Workspace;
use rustc_hash::FxHashMap;

/// A set of roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoleSet([u64; WORDS]);

const WORDS: usize = Role::ALL.len().div_ceil(64);

impl RoleSet {
    pub const EMPTY: RoleSet = RoleSet([0; WORDS]);

    pub fn of(roles: &[Role]) -> Self {
        let mut set = Self::EMPTY;
        roles.iter().for_each(|role| set.insert(*role));
        set
    }

    pub fn insert(&mut self, role: Role) {
        self.0[role as usize / 64] |= 1 << (role as usize % 64);
    }

    pub fn has(self, role: Role) -> bool {
        self.0[role as usize / 64] & (1 << (role as usize % 64)) != 0
    }

    pub fn meets(self, other: RoleSet) -> bool {
        self.0.iter().zip(other.0).any(|(own, other)| own & other != 0)
    }

    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    pub fn union(self, other: RoleSet) -> RoleSet {
        let mut union = self;
        union.0.iter_mut().zip(other.0).for_each(|(own, other)| *own |= other);
        union
    }

    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| self.has(*role))
    }
}

/// The roles of definitions, and of workspace items by their attributes.
#[derive(Debug, Default)]
pub struct Roles {
    of_def: FxHashMap<DefId, RoleSet>,
    /// What the attributes on an item, and its derives, lead to.
    attributes: FxHashMap<DefId, Vec<DefId>>,
}

impl Roles {
    /// Ties catalog entries to definitions. Entries for versions that the workspace does not use are left out.
    pub fn build(names: &mut Names<'_>, declared: &Declared, entries: &[Entry], workspace: &Workspace) -> Self {
        let mut roles = Self::default();
        for entry in entries.iter().filter(|entry| applies(entry, workspace)) {
            if let Some(def) = find(names, declared, &entry.subject) {
                roles.of_def.entry(def).or_default().insert(entry.role);
            }
        }
        roles.read_attributes(names);
        roles
    }

    fn read_attributes(&mut self, names: &mut Names<'_>) {
        let annotated: Vec<DefId> = names
            .defs
            .ids()
            .filter(|def| names.defs.is_workspace(*def) && !matches!(names.defs.get(*def).kind, DefKind::Variant(_)))
            .filter(|def| !names.defs.attributes(*def).is_empty())
            .collect();
        for def in annotated {
            let entry = names.defs.get(def);
            let (scope, file) = (entry.inside, entry.item.expect("an annotated definition is an item").file);
            let mut found = Vec::new();
            for attribute in names.defs.attributes(def) {
                for path in attribute.paths.iter().chain([&attribute.path]) {
                    let symbols: Vec<_> =
                        path.segments.iter().map(|segment| names.defs.file(file).symbol(segment.name)).collect();
                    let end = names.resolve(scope, &symbols, path.global, Namespace::Macros);
                    if let Resolution::Def(named) = end.resolution
                        && !self.of(named).is_empty()
                    {
                        found.push(named);
                    }
                }
            }
            if !found.is_empty() {
                self.attributes.insert(def, found);
            }
        }
    }

    /// The roles of a definition itself.
    pub fn of(&self, def: DefId) -> RoleSet {
        self.of_def.get(&def).copied().unwrap_or_default()
    }

    /// The roles of the attributes on an item.
    pub fn of_attributes(&self, def: DefId) -> RoleSet {
        let attributes = self.attributes.get(&def).into_iter().flatten();
        attributes.fold(RoleSet::EMPTY, |set, attribute| set.union(self.of(*attribute)))
    }

    /// The attribute on an item that has a role.
    pub fn attribute_with(&self, def: DefId, role: Role) -> Option<DefId> {
        let mut attributes = self.attributes.get(&def).into_iter().flatten();
        attributes.find(|attribute| self.of(**attribute).has(role)).copied()
    }
}

/// Whether an entry holds for a version in the lock file; for all versions when there is none to go by.
fn applies(entry: &Entry, workspace: &Workspace) -> bool {
    if entry.since.is_none() && entry.until.is_none() {
        return true;
    }
    let package = entry.subject.path.first().map(String::as_str).unwrap_or_default();
    let locked = workspace.locked.iter().find(|(name, _)| name.replace('-', "_") == package);
    let Some((_, versions)) = locked else { return entry.until.is_none() };
    let fits = |version: Version| {
        entry.since.is_none_or(|since| since <= version) && entry.until.is_none_or(|until| version < until)
    };
    versions.iter().filter_map(|version| Version::parse(version)).any(fits)
}

/// The definition that a catalog path leads to. What no description knows is known by its path alone.
pub fn find(names: &mut Names<'_>, declared: &Declared, subject: &Subject) -> Option<DefId> {
    let (first, rest) = subject.path.split_first()?;
    let first = names.defs.symbols.intern(first);
    let mut at = names.workspace_root(first).unwrap_or_else(|| names.outer_root(first));
    for (index, segment) in rest.iter().enumerate() {
        let is_last = index + 1 == rest.len();
        let segment = names.defs.symbols.intern(segment);
        let namespaces = match subject.kind {
            // A function may share its name with a module.
            SubjectKind::Item => [Namespace::Values, Namespace::Types],
            SubjectKind::Macro | SubjectKind::Attribute => [Namespace::Macros, Namespace::Macros],
        };
        let namespaces = if is_last { namespaces } else { [Namespace::Types, Namespace::Types] };
        let child = namespaces.iter().find_map(|namespace| names.known_child(at, segment, *namespace));
        let member = || declared.inherent.get(&(Head::Adt(at), segment)).map(|found| found[0].1);
        // What a type's description says of a trait's method is the method that calls lead to.
        let of_trait = || {
            let found = declared.by_trait.get(&(Head::Adt(at), segment)).into_iter().flatten();
            found.map(|(_, def)| *def).find(|def| !names.defs.is_workspace(*def))
        };
        at = match child.or_else(member).or_else(of_trait) {
            Some(found) => found,
            None if names.defs.is_workspace(at) => return None,
            None => names.external(at, segment),
        };
    }
    Some(at)
}
