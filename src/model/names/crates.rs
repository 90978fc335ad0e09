//! Crates: those of the workspace, those the catalog describes, and those known by name only.

use super::collect::FileScopes;
use super::scope::{Scope, ScopeKind};
use super::{Names, Words};
use crate::facts::{FileFacts, ItemIdx};
use crate::model::defs::{Crate, CrateId, CrateOrigin, Def, DefId, DefKind, Defs, ItemRef, ScopeId};
use crate::model::symbols::Symbol;
use crate::source::FileId;
use crate::workspace::{DependencyKind, FileModule, PackageId, TargetKind, Workspace};
use rustc_hash::{FxHashMap, FxHashSet};

/// A crate outside the workspace, described as if it were source: signatures without bodies.
pub struct Description {
    /// The package's name.
    pub package: String,
    pub facts: FileFacts,
    /// What its derive macros declare beside the type, by their names.
    pub derives: Vec<(String, FileFacts)>,
}

/// The crates that every target can name without a dependency.
const STANDARD: [&str; 5] = ["std", "core", "alloc", "proc_macro", "test"];

impl<'w> Names<'w> {
    /// Builds all modules and follows all imports.
    pub fn build(workspace: &'w Workspace, descriptions: &'w [Description]) -> Self {
        let sources = workspace.files.iter().map(|file| &file.facts);
        let derives = descriptions.iter().flat_map(|described| &described.derives);
        let outside = descriptions.iter().map(|described| &described.facts).chain(derives.map(|(_, facts)| facts));
        let mut defs = Defs::new(sources, outside);
        let words = Words::new(&mut defs.symbols);
        let mut names = Self {
            defs,
            words,
            scopes: Vec::new(),
            imports: Vec::new(),
            mentions: Vec::new(),
            impls: Vec::new(),
            members: FxHashMap::default(),
            alternatives: FxHashMap::default(),
            of_item: FxHashMap::default(),
            file_scopes: FxHashMap::default(),
            textual_macros: FxHashMap::default(),
            extern_preludes: Vec::new(),
            macro_crates: Vec::new(),
            derives: FxHashMap::default(),
            outer: FxHashMap::default(),
            external: FxHashMap::default(),
            prelude: None,
            standard: None,
        };
        let first = workspace.files.len();
        for (index, described) in descriptions.iter().enumerate() {
            let name = described.package.replace('-', "_");
            names.describe(&name, FileId((first + index) as u32));
        }
        let derives = descriptions.iter().flat_map(|described| &described.derives).enumerate();
        for (index, (name, _)) in derives {
            let name = names.defs.symbols.intern(name);
            names.derives.insert(name, FileId((first + descriptions.len() + index) as u32));
        }
        names.find_prelude();
        names.collect_workspace(workspace);
        names.follow_imports();
        names
    }

    fn new_crate(&mut self, name: Symbol, edition: u16, origin: CrateOrigin, file: Option<FileId>) -> CrateId {
        let krate = CrateId(self.defs.crates.len() as u32);
        let scope = ScopeId(self.scopes.len() as u32);
        let root = self.defs.push(Def {
            kind: DefKind::Module,
            name,
            parent: None,
            krate,
            scope: Some(scope),
            inside: scope,
            item: None,
            test: false,
        });
        self.new_scope(ScopeKind::Module, root, None);
        let known_by_name = file.is_none() && !matches!(origin, CrateOrigin::Target { .. });
        self.scopes[scope.0 as usize].open = known_by_name;
        self.defs.crates.push(Crate { name, root, edition, origin });
        self.extern_preludes.push(FxHashMap::default());
        self.macro_crates.push(Vec::new());
        krate
    }

    fn describe(&mut self, name: &str, file: FileId) {
        let symbol = self.defs.symbols.intern(name);
        let krate = self.new_crate(symbol, 2024, CrateOrigin::Described, Some(file));
        self.outer.insert(symbol, krate);
        let root = self.root_scope(krate);
        self.collect_file(krate, file, root, false);
        // A description names what matters; the crate holds more.
        let modules: Vec<ScopeId> = self.scope_ids().filter(|scope| *scope >= root).collect();
        for scope in modules {
            let scope: &mut Scope = &mut self.scopes[scope.0 as usize];
            scope.open |= scope.kind == ScopeKind::Module;
        }
    }

    pub fn root_scope(&self, krate: CrateId) -> ScopeId {
        self.defs.get(self.defs.krate(krate).root).scope.expect("a crate's root is a module")
    }

    /// The standard library's `prelude` module.
    fn find_prelude(&mut self) {
        let Some(standard) = self.outer.get(&self.words.std).map(|krate| self.root_scope(*krate)) else { return };
        let prelude = self.defs.symbols.find("prelude").and_then(|name| self.scope(standard).names.get(&name)?.types);
        self.prelude = prelude.and_then(|binding| self.defs.get(binding.def).scope);
        self.standard = Some(standard);
    }

    fn collect_workspace(&mut self, workspace: &Workspace) {
        let mut created = Vec::new();
        for package in workspace.package_ids() {
            for (target, found) in workspace.package(package).targets.iter().enumerate() {
                if found.modules.is_empty() {
                    continue;
                }
                let name = self.defs.symbols.intern(&found.crate_name);
                let origin = CrateOrigin::Target { package, target, kind: found.kind };
                let krate = self.new_crate(name, found.edition, origin, Some(found.modules[0].file));
                created.push((package, target, krate));
            }
        }
        let libraries: FxHashMap<PackageId, CrateId> = created
            .iter()
            .filter(|(package, target, _)| workspace.package(*package).targets[*target].kind.is_library())
            .map(|(package, _, krate)| (*package, *krate))
            .collect();
        for (package, target, krate) in &created {
            let kind = workspace.package(*package).targets[*target].kind;
            self.fill_extern_prelude(workspace, *package, kind, *krate, &libraries);
        }
        for (package, target, krate) in &created {
            self.collect_target(workspace, *package, *target, *krate);
        }
    }

    fn collect_target(&mut self, workspace: &Workspace, package: PackageId, target: usize, krate: CrateId) {
        let found = &workspace.package(package).targets[target];
        let all_test = !found.kind.is_production();
        let mut files: Vec<(FileScopes, bool)> = Vec::new();
        for module in &found.modules {
            let (scope, test) = match module.declared {
                None => (self.root_scope(krate), all_test),
                Some((parent, item)) => {
                    let scope = files[parent].0.declared[&item];
                    (scope, self.defs.get(self.scope(scope).def).test || files[parent].1)
                }
            };
            let scopes = self.collect_file(krate, module.file, scope, test);
            files.push((scopes, test));
        }
        self.open_unread(&found.modules, files.iter().map(|(scopes, _)| scopes));
    }

    /// A module of which no file was read, such as one that a build writes, may declare any name.
    fn open_unread<'f>(&mut self, modules: &[FileModule], files: impl Iterator<Item = &'f FileScopes>) {
        let read: FxHashSet<(usize, ItemIdx)> = modules.iter().filter_map(|module| module.declared).collect();
        for (index, file) in files.enumerate() {
            let unread = file.declared.iter().filter(|(item, _)| !read.contains(&(index, **item)));
            unread.for_each(|(_, scope)| self.open(*scope));
        }
    }

    /// What a target may name: its dependencies of the right kind, its own library, the standard library.
    fn fill_extern_prelude(
        &mut self,
        workspace: &Workspace,
        package: PackageId,
        kind: TargetKind,
        krate: CrateId,
        libraries: &FxHashMap<PackageId, CrateId>,
    ) {
        let usable = |dependency: DependencyKind| match dependency {
            DependencyKind::Normal => kind != TargetKind::BuildScript,
            // Unit tests inside a library use these too.
            DependencyKind::Development => kind != TargetKind::BuildScript,
            DependencyKind::Build => kind == TargetKind::BuildScript,
        };
        for dependency in workspace.package(package).dependencies.iter().filter(|found| usable(found.kind)) {
            let root = match dependency.member.and_then(|member| libraries.get(&member)) {
                Some(library) => self.defs.krate(*library).root,
                None => {
                    let own = dependency.package.replace('-', "_");
                    let own = self.defs.symbols.intern(&own);
                    self.outer_root(own)
                }
            };
            // A library may go by another name than its package; a dependency that is not renamed follows the library.
            let renamed = dependency.crate_name != dependency.package.replace('-', "_");
            let name = if renamed || dependency.member.is_none() {
                self.defs.symbols.intern(&dependency.crate_name)
            } else {
                self.defs.krate(self.defs.get(root).krate).name
            };
            // A library may leave out the separators of its package's name.
            let bare = self.defs.symbols.text(name).replace('_', "");
            let bare = self.defs.symbols.intern(&bare);
            for name in [name, bare] {
                self.extern_preludes[krate.0 as usize].entry(name).or_insert(root);
            }
        }
        if let Some(library) = libraries.get(&package).filter(|library| **library != krate) {
            let Crate { name, root, .. } = *self.defs.krate(*library);
            self.extern_preludes[krate.0 as usize].insert(name, root);
        }
        for name in STANDARD {
            let symbol = self.defs.symbols.intern(name);
            let root = self.outer_root(symbol);
            self.extern_preludes[krate.0 as usize].entry(symbol).or_insert(root);
        }
    }

    /// The root of a crate outside the workspace. `core` and `alloc` are parts of `std`.
    pub fn outer_root(&mut self, name: Symbol) -> DefId {
        let name = if name == self.words.core || name == self.words.alloc { self.words.std } else { name };
        let krate = match self.outer.get(&name) {
            Some(krate) => *krate,
            None => {
                let krate = self.new_crate(name, 2024, CrateOrigin::Named, None);
                self.outer.insert(name, krate);
                krate
            }
        };
        self.defs.krate(krate).root
    }

    /// The crate that a name means in another crate, by the manifest; descriptions name one another freely.
    pub fn extern_root(&self, krate: CrateId, name: Symbol) -> Option<DefId> {
        match self.defs.krate(krate).origin {
            CrateOrigin::Target { .. } => self.extern_preludes[krate.0 as usize].get(&name).copied(),
            _ if STANDARD.contains(&self.defs.symbols.text(name)) => self.standard.map(|scope| self.scope(scope).def),
            _ => self.outer.get(&name).map(|krate| self.defs.krate(*krate).root),
        }
    }

    /// The thing of that name below a module of which not everything is known.
    pub fn external(&mut self, parent: DefId, name: Symbol) -> DefId {
        if let Some(known) = self.external.get(&(parent, name)) {
            return *known;
        }
        let Def { krate, inside, .. } = *self.defs.get(parent);
        let def = self.defs.push(Def {
            kind: DefKind::External,
            name,
            parent: Some(parent),
            krate,
            scope: None,
            inside,
            item: None::<ItemRef>,
            test: false,
        });
        self.external.insert((parent, name), def);
        def
    }
}
