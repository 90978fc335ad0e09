//! From facts to definitions: each file a target reaches becomes a module with its items.

use super::scope::{Binding, Bindings, Entered, Scope, ScopeKind, Vis, enter};
use super::{Import, Names};
use crate::facts::{FileFacts, Item, ItemIdx, ItemKind, ModuleIdx, ModuleKind, UseBinding, Visibility};
use crate::model::defs::{CrateId, Def, DefId, DefKind, ItemRef, ScopeId};
use crate::model::symbols::Symbol;
use crate::source::FileId;
use rustc_hash::FxHashMap;

/// The scopes that the modules of one file became, in one crate.
pub struct FileScopes {
    scopes: Vec<ScopeId>,
    /// The scopes of `mod name;` and `include!("..")` items, for the files they lead to.
    pub declared: FxHashMap<ItemIdx, ScopeId>,
}

impl Names<'_> {
    pub fn new_scope(&mut self, kind: ScopeKind, def: DefId, parent: Option<ScopeId>) -> ScopeId {
        let id = ScopeId(self.scopes.len() as u32);
        let (module, parent, around) = match (kind, parent) {
            (ScopeKind::Module, parent) => (id, parent.map(|parent| self.scope(parent).module), None),
            (_, Some(around)) => {
                let module = self.scope(around).module;
                (module, self.scope(module).parent, Some(around))
            }
            (_, None) => (id, None, None),
        };
        self.scopes.push(Scope {
            kind,
            module,
            parent,
            around,
            def,
            names: FxHashMap::default(),
            unnamed: Vec::new(),
            open_globs: Vec::new(),
            open: false,
        });
        id
    }

    /// Notes that not all is known of what a module declares.
    pub fn open(&mut self, scope: ScopeId) {
        self.scopes[scope.0 as usize].open = true;
    }

    /// Declares what a file says, as the module `root` of a crate. `test` when all of it is test code.
    pub fn collect_file(&mut self, krate: CrateId, file: FileId, root: ScopeId, test: bool) -> FileScopes {
        let facts = self.defs.facts(file);
        let mut found = FileScopes { scopes: vec![root; facts.modules.len()], declared: FxHashMap::default() };
        self.scopes[root.0 as usize].open |= facts.modules[0].open;
        // Modules come after the item that declares them; blocks after the module or block around them.
        let inline: FxHashMap<ModuleIdx, ItemIdx> = inline_items(facts);
        for (index, module) in facts.modules.iter().enumerate().skip(1) {
            let around = found.scopes[module.parent.map_or(0, ModuleIdx::index)];
            let scope = match module.kind {
                ModuleKind::Block => {
                    let def = self.scope(around).def;
                    self.new_scope(ScopeKind::Block, def, Some(around))
                }
                _ => {
                    let item = inline[&ModuleIdx(index as u32)];
                    self.declare_module(krate, ItemRef { file, item }, around, test)
                }
            };
            self.scopes[scope.0 as usize].open = module.open;
            found.scopes[index] = scope;
        }
        for (index, item) in facts.items.iter().enumerate() {
            let reference = ItemRef { file, item: ItemIdx(index as u32) };
            self.collect_item(krate, reference, item, &mut found, test);
        }
        self.collect_uses(krate, file, &found, test);
        self.file_scopes.insert((krate, file), found.scopes.clone());
        found
    }

    fn declare_module(&mut self, krate: CrateId, item: ItemRef, around: ScopeId, test: bool) -> ScopeId {
        let facts = self.defs.facts(item.file).item(item.item);
        let name = facts.name.map(|name| self.defs.file(item.file).symbol(name)).unwrap_or(self.words.unnamed);
        let test = test || facts.test;
        let def = self.define(krate, DefKind::Module, name, Some(item), around, test);
        let scope = self.new_scope(ScopeKind::Module, def, Some(around));
        let entry = self.defs.get_mut(def);
        (entry.scope, entry.inside) = (Some(scope), scope);
        let visibility = self.visibility(&facts.visibility, around, item.file);
        let binding = Binding { def, visibility, glob: false, test };
        self.bind(around, name, Bindings { types: Some(binding), ..Bindings::default() });
        scope
    }

    fn define(
        &mut self,
        krate: CrateId,
        kind: DefKind,
        name: Symbol,
        item: Option<ItemRef>,
        around: ScopeId,
        test: bool,
    ) -> DefId {
        let parent = Some(self.scope(around).def);
        self.defs.push(Def { kind, name, parent, krate, scope: None, inside: around, item, test })
    }

    fn collect_item(&mut self, krate: CrateId, reference: ItemRef, item: &Item, found: &mut FileScopes, test: bool) {
        let around = found.scopes[item.module.index()];
        let symbol = |name| self.defs.file(reference.file).symbol(name);
        let name = item.name.map_or(self.words.unnamed, symbol);
        let test = test || item.test;
        let kind = match &item.kind {
            ItemKind::ModuleFile { .. } => {
                let scope = self.declare_module(krate, reference, around, test);
                found.declared.insert(reference.item, scope);
                return;
            }
            ItemKind::ExternCrate { krate: named, macros } => {
                let named = symbol(*named);
                let root = self.collect_extern_crate(krate, named, name, item, around, reference.file);
                return self.macro_crates[krate.0 as usize].extend(root.filter(|_| *macros));
            }
            ItemKind::Include { .. } => {
                found.declared.insert(reference.item, around);
                return;
            }
            ItemKind::Module(_) | ItemKind::MacroCall(_) => return,
            ItemKind::Function(_) => DefKind::Function,
            ItemKind::Struct(_) => DefKind::Struct,
            ItemKind::Enum(_) => DefKind::Enum,
            ItemKind::Trait(_) => DefKind::Trait,
            ItemKind::Impl(_) => DefKind::Impl,
            ItemKind::TypeAlias(_) => DefKind::TypeAlias,
            ItemKind::Value(value) if value.kind == crate::facts::ValueKind::Const => DefKind::Const,
            ItemKind::Value(_) => DefKind::Static,
            ItemKind::Macro { .. } => DefKind::Macro,
        };
        let def = self.define(krate, kind, name, Some(reference), around, test);
        self.of_item.insert((krate, reference), def);
        if let Some(owner) = item.owner {
            return self.collect_member(krate, def, ItemRef { item: owner, ..reference }, name, test);
        }
        let visibility = self.visibility(&item.visibility, around, reference.file);
        let binding = Binding { def, visibility, glob: false, test };
        match kind {
            DefKind::Impl => self.impls.push(def),
            DefKind::Macro => self.collect_macro(krate, name, binding, item, around),
            DefKind::Function if is_macro_description(item) => {
                self.bind(around, name, Bindings { macros: Some(binding), ..Bindings::default() });
            }
            _ => {
                self.bind(around, name, namespaces(item, binding));
                self.open_inner_scope(krate, def, item, reference, around, test);
                self.collect_derived(krate, item, reference.file, around, test);
            }
        }
    }

    /// What the derive macros on a type declare beside it.
    fn collect_derived(&mut self, krate: CrateId, item: &Item, file: FileId, around: ScopeId, test: bool) {
        for path in item.attributes.iter().flat_map(|attribute| &attribute.paths) {
            let name = path.segments.last().map(|segment| self.defs.file(file).symbol(segment.name));
            if let Some(declared) = name.and_then(|name| self.derives.get(&name)) {
                self.collect_file(krate, *declared, around, test);
            }
        }
    }

    /// An associated item: named below its trait, or below the type by way of its impl.
    fn collect_member(&mut self, krate: CrateId, def: DefId, owner: ItemRef, name: Symbol, test: bool) {
        let Some(owner) = self.of_item.get(&(krate, owner)).copied() else { return };
        let entry = self.defs.get_mut(def);
        entry.parent = Some(owner);
        let kind = entry.kind;
        self.members.entry(owner).or_default().push(def);
        if let Some(scope) = self.defs.get(owner).scope {
            let binding = Some(Binding { def, visibility: Vis::Public, glob: false, test });
            let bindings = match kind {
                DefKind::TypeAlias => Bindings { types: binding, ..Bindings::default() },
                _ => Bindings { values: binding, ..Bindings::default() },
            };
            self.bind(scope, name, bindings);
        }
    }

    fn open_inner_scope(&mut self, krate: CrateId, def: DefId, item: &Item, at: ItemRef, around: ScopeId, test: bool) {
        match &item.kind {
            ItemKind::Trait(_) => {
                let scope = self.new_scope(ScopeKind::Trait, def, Some(around));
                self.defs.get_mut(def).scope = Some(scope);
            }
            ItemKind::Enum(all) => {
                let scope = self.new_scope(ScopeKind::Enum, def, Some(around));
                self.defs.get_mut(def).scope = Some(scope);
                for (position, variant) in all.variants.iter().enumerate() {
                    let name = self.defs.file(at.file).symbol(variant.name);
                    let kind = DefKind::Variant(position as u32);
                    let variant = self.define(krate, kind, name, Some(at), scope, test);
                    let binding = Some(Binding { def: variant, visibility: Vis::Public, glob: false, test });
                    self.bind(scope, name, Bindings { types: binding, values: binding, macros: None });
                }
            }
            _ => {}
        }
    }

    /// A macro is in scope in its crate by name alone, and by path at the crate's root when exported.
    fn collect_macro(&mut self, krate: CrateId, name: Symbol, binding: Binding, item: &Item, around: ScopeId) {
        self.textual_macros.entry((krate, name)).or_insert(binding.def);
        let exported = matches!(item.kind, ItemKind::Macro { exported: true });
        let binding = Binding { visibility: if exported { Vis::Public } else { binding.visibility }, ..binding };
        let bindings = Bindings { macros: Some(binding), ..Bindings::default() };
        if exported {
            let root = self.defs.krate(krate).root;
            if let Some(root) = self.defs.get(root).scope {
                self.bind(root, name, bindings);
            }
        }
        self.bind(around, name, bindings);
    }

    fn collect_extern_crate(
        &mut self,
        krate: CrateId,
        named: Symbol,
        binding_name: Symbol,
        item: &Item,
        around: ScopeId,
        file: FileId,
    ) -> Option<DefId> {
        let def =
            if named == self.words.self_value { self.defs.krate(krate).root } else { self.extern_root(krate, named)? };
        let visibility = self.visibility(&item.visibility, around, file);
        let binding = Binding { def, visibility, glob: false, test: item.test };
        self.bind(around, binding_name, Bindings { types: Some(binding), ..Bindings::default() });
        Some(def)
    }

    fn collect_uses(&mut self, krate: CrateId, file: FileId, found: &FileScopes, test: bool) {
        let names = self.defs.file(file);
        let facts = names.facts;
        let mut imports = Vec::new();
        for (index, import) in facts.uses.iter().enumerate() {
            let scope = found.scopes[import.module.index()];
            let binding = match import.binding {
                UseBinding::Name(name) => super::ImportBinding::Name(names.symbol(name)),
                UseBinding::Unnamed => super::ImportBinding::Unnamed,
                UseBinding::Glob => super::ImportBinding::Glob,
            };
            imports.push(Import {
                krate,
                scope,
                path: import.path.iter().map(|name| names.symbol(*name)).collect(),
                global: import.global,
                binding,
                visibility: self.visibility(&import.visibility, scope, file),
                test: test || import.test,
                file,
                index,
                target: None,
            });
        }
        self.imports.append(&mut imports);
    }

    pub fn visibility(&self, visibility: &Visibility, scope: ScopeId, file: FileId) -> Vis {
        let module = self.scope(scope).module;
        match visibility {
            Visibility::Public => Vis::Public,
            Visibility::Private => Vis::Within(module),
            Visibility::Super => Vis::Within(self.scope(module).parent.unwrap_or(module)),
            Visibility::Crate => Vis::Within(self.crate_scope(module)),
            Visibility::In(path) => {
                let symbols = path.iter().map(|name| self.defs.file(file).symbol(*name));
                let supers = symbols.filter(|symbol| *symbol == self.words.super_module).count();
                let up = |scope: ScopeId| self.scope(scope).parent.unwrap_or(scope);
                match supers {
                    0 => Vis::Within(self.crate_scope(module)),
                    supers => Vis::Within((0..supers).fold(module, |scope, _| up(scope))),
                }
            }
        }
    }

    fn crate_scope(&self, mut module: ScopeId) -> ScopeId {
        while let Some(parent) = self.scope(module).parent {
            module = parent;
        }
        module
    }

    /// Enters bindings in a scope. Of several declarations under different conditions the first is kept as the name's
    /// meaning, the others are remembered beside it.
    pub fn bind(&mut self, scope: ScopeId, name: Symbol, bindings: Bindings) -> bool {
        let slot = self.scopes[scope.0 as usize].names.entry(name).or_default();
        let mut new = false;
        for (slot, binding) in [
            (&mut slot.types, bindings.types),
            (&mut slot.values, bindings.values),
            (&mut slot.macros, bindings.macros),
        ] {
            let Some(binding) = binding else { continue };
            match enter(slot, binding) {
                Entered::New => new = true,
                Entered::Known => {}
                Entered::Beside(first) if !binding.glob => {
                    let others = self.alternatives.entry(first).or_default();
                    if !others.contains(&binding.def) {
                        others.push(binding.def);
                    }
                }
                Entered::Beside(_) => {}
            }
        }
        new
    }
}

/// Descriptions of crates write a macro as a function with the attribute of an exported macro: its output is what the
/// macro makes.
fn is_macro_description(item: &Item) -> bool {
    item.attributes.iter().any(|attribute| attribute.marks_macro)
}

fn inline_items(facts: &FileFacts) -> FxHashMap<ModuleIdx, ItemIdx> {
    let modules = facts.items.iter().enumerate().filter_map(|(index, item)| match item.kind {
        ItemKind::Module(module) => Some((module, ItemIdx(index as u32))),
        _ => None,
    });
    modules.collect()
}

/// The namespaces a declaration lives in. A tuple or unit struct is also a value.
fn namespaces(item: &Item, binding: Binding) -> Bindings {
    use crate::facts::FieldsShape;
    let binding = Some(binding);
    match &item.kind {
        ItemKind::Struct(found) if found.fields.shape != FieldsShape::Named => {
            Bindings { types: binding, values: binding, macros: None }
        }
        ItemKind::Struct(_) | ItemKind::Enum(_) | ItemKind::Trait(_) | ItemKind::TypeAlias(_) => {
            Bindings { types: binding, ..Bindings::default() }
        }
        _ => Bindings { values: binding, ..Bindings::default() },
    }
}
