//! Imports, followed round by round until no round finds anything new.

use super::scope::{Binding, Bindings, Vis};
use super::{Import, ImportBinding, Names};
use crate::model::defs::{DefId, DefKind, ScopeId};
use crate::model::symbols::Symbol;

/// How much is concluded from what is not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Another round may still find it.
    Searching,
    /// What is not found by now is taken to be in the one place that is not fully known.
    Settled,
}

impl Names<'_> {
    pub(super) fn follow_imports(&mut self) {
        for certainty in [Certainty::Searching, Certainty::Settled] {
            while self.round(certainty) {}
        }
    }

    /// One pass over all imports; whether it found anything new.
    fn round(&mut self, certainty: Certainty) -> bool {
        let mut imports = std::mem::take(&mut self.imports);
        let mut found = false;
        for import in &mut imports {
            found |= match import.binding {
                ImportBinding::Glob => self.follow_glob(import, certainty),
                ImportBinding::Name(name) => self.follow_name(import, name, certainty),
                ImportBinding::Unnamed => self.follow_unnamed(import, certainty),
            };
        }
        self.imports = imports;
        found
    }

    fn import_bindings(&mut self, import: &Import, certainty: Certainty) -> Bindings {
        let Some((last, prefix)) = import.path.split_last() else { return Bindings::default() };
        if prefix.is_empty() && !import.global {
            return self.first_segment(import.scope, import.krate, *last, certainty);
        }
        if prefix.is_empty()
            && let Some(def) = self.extern_root(import.krate, *last)
        {
            let binding = Binding { def, visibility: Vis::Public, glob: false, test: false };
            return Bindings { types: Some(binding), ..Bindings::default() };
        }
        match self.container(import, prefix, certainty) {
            Some(container) => self.child(container, *last, import.scope, certainty),
            None => Bindings::default(),
        }
    }

    /// The module, enum or trait that a path of an import leads to.
    fn container(&mut self, import: &Import, path: &[Symbol], certainty: Certainty) -> Option<DefId> {
        let (mut at, rest) = match path.split_first() {
            None => (self.global_root(import)?, path),
            Some((first, rest)) if import.global => (self.global_child(import, *first, certainty)?, rest),
            Some((first, rest)) => (self.first_segment(import.scope, import.krate, *first, certainty).types?.def, rest),
        };
        for segment in rest {
            at = match *segment {
                name if name == self.words.super_module => self.super_of(at)?,
                name if name == self.words.self_value => at,
                name => self.child(at, name, import.scope, certainty).types?.def,
            };
        }
        Some(at)
    }

    /// `::` alone leads to the crate's root in the 2015 edition only.
    fn global_root(&self, import: &Import) -> Option<DefId> {
        let krate = self.defs.krate(import.krate);
        (krate.edition == 2015).then_some(krate.root)
    }

    fn global_child(&mut self, import: &Import, name: Symbol, certainty: Certainty) -> Option<DefId> {
        if let Some(root) = self.global_root(import)
            && let Some(found) = self.child(root, name, import.scope, certainty).types
        {
            return Some(found.def);
        }
        self.extern_root(import.krate, name)
    }

    pub(super) fn super_of(&self, module: DefId) -> Option<DefId> {
        let scope = self.defs.get(module).scope?;
        let parent = self.scope(self.scope(scope).module).parent?;
        Some(self.scope(parent).def)
    }

    fn follow_name(&mut self, import: &mut Import, name: Symbol, certainty: Certainty) -> bool {
        let bindings = self.import_bindings(import, certainty);
        if let Some(target) = bindings.any() {
            import.target = Some(target.def);
        }
        if let Some(found) = bindings.types
            && self.defs.get(found.def).kind == DefKind::Trait
            && self.defs.get(found.def).name != name
        {
            let unnamed = &mut self.scopes[import.scope.0 as usize].unnamed;
            if !unnamed.contains(&found.def) {
                unnamed.push(found.def);
            }
        }
        let (visibility, test) = (import.visibility, import.test);
        let own = bindings.filter_map(|found| Some(Binding { visibility, glob: false, test, ..found }));
        !own.is_empty() && self.bind(import.scope, name, own)
    }

    fn follow_unnamed(&mut self, import: &mut Import, certainty: Certainty) -> bool {
        let Some(found) = self.import_bindings(import, certainty).types else { return false };
        import.target = Some(found.def);
        let unnamed = &mut self.scopes[import.scope.0 as usize].unnamed;
        let new = !unnamed.contains(&found.def);
        if new {
            unnamed.push(found.def);
        }
        new
    }

    fn follow_glob(&mut self, import: &mut Import, certainty: Certainty) -> bool {
        let path = import.path.clone();
        let Some(container) = self.container(import, &path, certainty) else { return false };
        import.target = Some(container);
        let Some(source) = self.defs.get(container).scope.filter(|source| *source != import.scope) else {
            return self.defs.get(container).kind == DefKind::External && self.open_glob(import.scope, container);
        };
        let is_outer = !self.defs.is_workspace(container);
        let mut new = is_outer && self.scope(source).open && self.open_glob(import.scope, container);
        for outer in self.scope(source).open_globs.clone() {
            new |= self.open_glob(import.scope, outer);
        }
        new | self.copy_names(import, source)
    }

    fn copy_names(&mut self, import: &Import, source: ScopeId) -> bool {
        let seen: Vec<(Symbol, Bindings)> = self
            .scope(source)
            .names
            .iter()
            .map(|(name, bindings)| (*name, bindings.filter_map(|found| self.reexported(found, import))))
            .filter(|(_, bindings)| !bindings.is_empty())
            .collect();
        let mut new = false;
        for (name, bindings) in seen {
            new |= self.bind(import.scope, name, bindings);
        }
        for unnamed in self.scope(source).unnamed.clone() {
            let own = &mut self.scopes[import.scope.0 as usize].unnamed;
            if !own.contains(&unnamed) {
                own.push(unnamed);
                new = true;
            }
        }
        new
    }

    /// A binding as a glob import passes it on, if it may be seen from there.
    fn reexported(&self, found: Binding, import: &Import) -> Option<Binding> {
        let visible = self.can_see(import.scope, found.visibility);
        let narrower = if import.visibility == Vis::Public { found.visibility } else { import.visibility };
        let binding = Binding { visibility: narrower, glob: true, test: found.test || import.test, ..found };
        visible.then_some(binding)
    }

    fn open_glob(&mut self, scope: ScopeId, outer: DefId) -> bool {
        let globs = &mut self.scopes[scope.0 as usize].open_globs;
        let new = !globs.contains(&outer);
        if new {
            globs.push(outer);
        }
        new
    }
}
