//! Paths: segment by segment from where they are written.

use super::Names;
use super::imports::Certainty;
use super::scope::{Binding, Bindings, Namespace, Scope, ScopeKind, Vis};
use crate::model::defs::{CrateId, CrateOrigin, DefId, DefKind, ScopeId};
use crate::model::symbols::Symbol;
use crate::model::types::Prim;

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathEnd {
    pub resolution: Resolution,
    /// How many segments the resolution accounts for; the rest is to be looked up on a type.
    pub used: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    Def(DefId),
    /// `Self`.
    SelfType,
    /// Nothing of that name, or a generic parameter, a primitive type or a local.
    Unknown,
}

impl Names<'_> {
    /// Follows a path as far as modules, enums and traits go.
    pub fn resolve(&mut self, scope: ScopeId, path: &[Symbol], global: bool, namespace: Namespace) -> PathEnd {
        let krate = self.defs.get(self.scope(scope).def).krate;
        let unknown = PathEnd { resolution: Resolution::Unknown, used: 0 };
        let Some((first, rest)) = path.split_first() else { return unknown };
        if *first == self.words.self_type && !global {
            return PathEnd { resolution: Resolution::SelfType, used: 1 };
        }
        let wanted = if rest.is_empty() { namespace } else { Namespace::Types };
        let start = if global {
            self.extern_root(krate, *first)
        } else {
            self.first_segment(scope, krate, *first, Certainty::Settled).get(wanted).map(|found| found.def)
        };
        match start {
            Some(def) => self.follow(scope, def, rest, namespace),
            None => unknown,
        }
    }

    fn follow(&mut self, scope: ScopeId, mut at: DefId, rest: &[Symbol], namespace: Namespace) -> PathEnd {
        for (index, segment) in rest.iter().enumerate() {
            let is_last = index + 1 == rest.len();
            let wanted = if is_last { namespace } else { Namespace::Types };
            let next = match *segment {
                name if name == self.words.super_module => self.super_of(at),
                name => self.child(at, name, scope, Certainty::Settled).get(wanted).map(|found| found.def),
            };
            match next {
                Some(def) => at = def,
                None => {
                    let is_module = self.defs.get(at).kind == DefKind::Module;
                    let resolution = if is_module { Resolution::Unknown } else { Resolution::Def(at) };
                    return PathEnd { resolution, used: index + 1 };
                }
            }
        }
        PathEnd { resolution: Resolution::Def(at), used: rest.len() + 1 }
    }

    /// The first segment of a path: a keyword, a name in scope, a crate, a name of the prelude.
    pub(super) fn first_segment(
        &mut self,
        scope: ScopeId,
        krate: CrateId,
        name: Symbol,
        certainty: Certainty,
    ) -> Bindings {
        let of_module = |def: DefId| {
            let binding = Binding { def, visibility: Vis::Public, glob: false, test: false };
            Bindings { types: Some(binding), ..Bindings::default() }
        };
        let module = self.scope(scope).module;
        if name == self.words.crate_root || name == self.words.dollar_crate {
            return of_module(self.defs.krate(krate).root);
        }
        if name == self.words.self_value {
            return of_module(self.scope(module).def);
        }
        if name == self.words.super_module {
            let parent = self.scope(module).parent;
            return parent.map_or(Bindings::default(), |parent| of_module(self.scope(parent).def));
        }
        let mut found = self.lexical(scope, name);
        if found.types.is_none() {
            found.types = self.extern_root(krate, name).and_then(|root| of_module(root).types);
        }
        found = self.with_prelude(found, krate, name);
        if found.is_empty() && certainty == Certainty::Settled {
            found = match self.defs.krate(krate).origin {
                // Descriptions name other crates freely.
                CrateOrigin::Described if self.names_a_crate(name) => of_module(self.outer_root(name)),
                _ => self.open_glob_name(scope, name),
            };
        }
        if found.is_empty() && certainty == Certainty::Settled {
            found.types = self.open_module_name(module, name).types;
        }
        found
    }

    fn names_a_crate(&self, name: Symbol) -> bool {
        self.defs.symbols.text(name).starts_with(char::is_lowercase) && !self.is_primitive(name)
    }

    /// A name in the blocks around a place, then in its module. Namespaces are looked up each on its own.
    fn lexical(&self, scope: ScopeId, name: Symbol) -> Bindings {
        let mut found = Bindings::default();
        let mut at = Some(scope);
        while let Some(current) = at {
            let scope = self.scope(current);
            if let Some(here) =
                scope.names.get(&name).filter(|_| matches!(scope.kind, ScopeKind::Module | ScopeKind::Block))
            {
                found.types = found.types.or(here.types);
                found.values = found.values.or(here.values);
                found.macros = found.macros.or(here.macros);
            }
            at = scope.around;
        }
        found
    }

    /// A value that a plain name means at a place, without taking anything for granted.
    pub fn value_in_scope(&self, scope: ScopeId, name: Symbol) -> Option<DefId> {
        let krate = self.defs.get(self.scope(scope).def).krate;
        self.with_prelude(self.lexical(scope, name), krate, name).values.map(|found| found.def)
    }

    /// A name that is declared below a module, enum or trait.
    pub fn known_child(&self, parent: DefId, name: Symbol, namespace: Namespace) -> Option<DefId> {
        self.known_binding(parent, name, namespace).map(|found| found.def)
    }

    fn known_binding(&self, parent: DefId, name: Symbol, namespace: Namespace) -> Option<Binding> {
        let scope = self.defs.get(parent).scope?;
        self.scope(scope).names.get(&name)?.get(namespace)
    }

    /// The root of a library of the workspace.
    pub fn workspace_root(&self, name: Symbol) -> Option<DefId> {
        let is_library = |origin: CrateOrigin| matches!(origin, CrateOrigin::Target { kind, .. } if kind.is_library());
        let found = self.defs.crates.iter().find(|krate| krate.name == name && is_library(krate.origin));
        found.map(|krate| krate.root)
    }

    /// The variant of an enum.
    pub fn variant(&self, of: DefId, name: Symbol) -> Option<DefId> {
        let scope = self.defs.get(of).scope?;
        self.scope(scope).names.get(&name)?.types.map(|found| found.def)
    }

    /// Whether a trait's methods can be called at a place: it is named in a scope around it or in the prelude.
    pub fn trait_in_scope(&self, of: DefId, scope: ScopeId) -> bool {
        let name = self.defs.get(of).name;
        let around = || std::iter::successors(Some(scope), |at| self.scope(*at).around).map(|at| self.scope(at));
        let named = |scope: &Scope| scope.names.get(&name).and_then(|found| found.types).map(|found| found.def);
        // A glob of which not all is known may bring it in, unless the name is known to be of something else.
        let is_other = around().any(|scope| named(scope).is_some_and(|def| def != of));
        let of_crate = |glob: &DefId| self.defs.get(*glob).krate == self.defs.get(of).krate;
        let is_brought = |scope: &Scope| !is_other && scope.open_globs.iter().any(of_crate);
        if around().any(|scope| named(scope) == Some(of) || is_brought(scope) || scope.unnamed.contains(&of)) {
            return true;
        }
        let prelude = self.prelude.and_then(|prelude| self.scope(prelude).names.get(&name)?.types);
        prelude.is_some_and(|found| found.def == of)
    }

    fn with_prelude(&self, mut found: Bindings, krate: CrateId, name: Symbol) -> Bindings {
        if found.macros.is_none() {
            let textual = self.textual_macros.get(&(krate, name));
            found.macros = textual.map(|def| Binding { def: *def, visibility: Vis::Public, glob: true, test: false });
        }
        let macro_crates = self.macro_crates[krate.0 as usize].iter().rev();
        let mut brought = macro_crates.filter_map(|root| self.known_binding(*root, name, Namespace::Macros));
        found.macros = found.macros.or_else(|| brought.next());
        for (scope, macros_only) in [(self.prelude, false), (self.standard, true)] {
            let Some(known) = scope.and_then(|scope| self.scope(scope).names.get(&name)) else { continue };
            if !macros_only {
                found.types = found.types.or(known.types);
                found.values = found.values.or(known.values);
            }
            found.macros = found.macros.or(known.macros);
        }
        found
    }

    /// A name that only an unknown module can have brought in, when there is just one.
    fn open_glob_name(&mut self, scope: ScopeId, name: Symbol) -> Bindings {
        let mut at = Some(scope);
        let mut globs: Vec<DefId> = Vec::new();
        while let Some(current) = at {
            globs.extend(&self.scope(current).open_globs);
            at = self.scope(current).around;
        }
        globs.sort();
        globs.dedup();
        match globs[..] {
            [only] if !self.is_primitive(name) => self.external_bindings(only, name),
            _ => Bindings::default(),
        }
    }

    /// A name that only a macro or a file that is made by a build can have declared in a module of the workspace.
    fn open_module_name(&mut self, module: ScopeId, name: Symbol) -> Bindings {
        let scope = self.scope(module);
        let def = scope.def;
        let is_source = matches!(self.defs.krate(self.defs.get(def).krate).origin, CrateOrigin::Target { .. });
        let may_declare = is_source && scope.open && scope.open_globs.is_empty();
        if !may_declare || self.is_primitive(name) {
            return Bindings::default();
        }
        self.external_bindings(def, name)
    }

    fn is_primitive(&self, name: Symbol) -> bool {
        Prim::parse(self.defs.symbols.text(name)).is_some()
    }

    /// A description that knows a name as a type need not know the macro of that name.
    fn with_undescribed(&mut self, mut found: Bindings, parent: DefId, name: Symbol) -> Bindings {
        if found.macros.is_none() {
            found.macros = self.external_bindings(parent, name).macros;
        }
        found
    }

    fn external_bindings(&mut self, parent: DefId, name: Symbol) -> Bindings {
        let def = self.external(parent, name);
        Bindings::all(Binding { def, visibility: Vis::Public, glob: true, test: false })
    }

    /// A name below a module, enum or trait, or below something of which only the path is known.
    pub(super) fn child(&mut self, parent: DefId, name: Symbol, from: ScopeId, certainty: Certainty) -> Bindings {
        let def = self.defs.get(parent);
        if def.kind == DefKind::External {
            return self.external_bindings(parent, name);
        }
        let Some(scope) = def.scope else { return Bindings::default() };
        let origin = self.defs.krate(def.krate).origin;
        let kind = def.kind;
        if let Some(found) = self.scope(scope).names.get(&name) {
            let seen = found.filter_map(|found| Some(found).filter(|found| self.can_see(from, found.visibility)));
            if !seen.is_empty() {
                let settled = certainty == Certainty::Settled;
                let is_partial = settled && origin == CrateOrigin::Described && kind == DefKind::Module;
                return if is_partial { self.with_undescribed(seen, parent, name) } else { seen };
            }
        }
        match origin {
            CrateOrigin::Named => self.external_bindings(parent, name),
            CrateOrigin::Described if certainty == Certainty::Settled && kind == DefKind::Module => {
                self.external_bindings(parent, name)
            }
            CrateOrigin::Target { .. } if certainty == Certainty::Settled && kind == DefKind::Module => {
                let found = self.open_glob_name(scope, name);
                if found.is_empty() { self.open_module_name(scope, name) } else { found }
            }
            _ => Bindings::default(),
        }
    }
}
