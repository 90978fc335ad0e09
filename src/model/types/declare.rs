//! Fills [`Declared`]: one pass for parameters, one for impls, one for all that refers to them.

use super::declared::{Declared, Head, Impl, ImplId, Lang, Signature, head};
use super::generics::Generics;
use super::lower::{Lowering, Place};
use super::ty::{Bound, Ty, TyKind, TypeTable};
use crate::facts::{self, FieldsShape, ItemKind, Receiver, TypeRef, ValueKind};
use crate::model::defs::{DefId, DefKind};
use crate::model::names::{Names, Namespace, Resolution};
use crate::model::symbols::Symbol;

/// Reads all declarations outside of test code.
pub fn declare(names: &mut Names<'_>) -> Declared {
    let mut declared = Declared::new(lang(names));
    let defs: Vec<DefId> = names.defs.ids().filter(|def| has_item(names, *def)).collect();
    for def in &defs {
        allocate_params(names, &mut declared, *def);
    }
    let mut lowering = Lowering::new(names, &mut declared);
    for def in &defs {
        lowering.defaults(*def);
    }
    for def in &defs {
        lowering.impl_header(*def);
    }
    for def in &defs {
        lowering.own_bounds(*def);
    }
    for def in &defs {
        lowering.content(*def);
    }
    for def in &defs {
        lowering.made_by_macro(*def);
    }
    index_impls(names, &mut declared);
    declared
}

fn has_item(names: &Names<'_>, def: DefId) -> bool {
    let def = names.defs.get(def);
    def.item.is_some() && !def.test
}

/// The definitions behind the language, by their paths in the standard library's description.
fn lang(names: &mut Names<'_>) -> Lang {
    let Some(std) = names.defs.symbols.find("std") else { return Lang::default() };
    let root = names.outer_root(std);
    let scope = names.defs.get(root).inside;
    let mut find = |path: &str| {
        let symbols: Option<Vec<Symbol>> = path.split("::").map(|name| names.defs.symbols.find(name)).collect();
        let mut path = vec![names.words.crate_root];
        path.extend(symbols?);
        match names.resolve(scope, &path, false, Namespace::Types).resolution {
            Resolution::Def(def) if names.defs.get(def).item.is_some() => Some(def),
            _ => None,
        }
    };
    Lang {
        result: find("result::Result"),
        option: find("option::Option"),
        vec: find("vec::Vec"),
        string: find("string::String"),
        boxed: find("boxed::Box"),
        arc: find("sync::Arc"),
        rc: find("rc::Rc"),
        cow: find("borrow::Cow"),
        pin: find("pin::Pin"),
        deref: find("ops::Deref"),
        drop: find("ops::Drop"),
        future: find("future::Future"),
        into_future: find("future::IntoFuture"),
        iterator: find("iter::Iterator"),
        into_iterator: find("iter::IntoIterator"),
        index: find("ops::Index"),
        fn_once: find("ops::FnOnce"),
        fn_mut: find("ops::FnMut"),
        function: find("ops::Fn"),
        range: find("ops::Range"),
        local_key: find("thread::LocalKey"),
        stream: find("stream::Stream"),
        arithmetic: ["ops::Add", "ops::Sub", "ops::Mul", "ops::Div", "ops::Rem"].map(&mut find),
    }
}

fn facts_generics(kind: &ItemKind) -> Option<&facts::Generics> {
    Some(match kind {
        ItemKind::Function(found) => &found.generics,
        ItemKind::Struct(found) => &found.generics,
        ItemKind::Enum(found) => &found.generics,
        ItemKind::Trait(found) => &found.generics,
        ItemKind::Impl(found) => &found.generics,
        ItemKind::TypeAlias(found) => &found.generics,
        _ => return None,
    })
}

fn allocate_params(names: &Names<'_>, declared: &mut Declared, def: DefId) {
    let entry = names.defs.get(def);
    if matches!(entry.kind, DefKind::Variant(_)) {
        return;
    }
    let (Some(item), Some(reference)) = (names.defs.item(def), entry.item) else { return };
    let Some(found) = facts_generics(&item.kind) else { return };
    let file = names.defs.file(reference.file);
    let mut params: Vec<Symbol> = found.params.iter().map(|param| file.symbol(param.name)).collect();
    if entry.kind == DefKind::Trait {
        params.insert(0, names.words.self_type);
    }
    let parent = entry.parent.filter(|parent| matches!(names.defs.get(*parent).kind, DefKind::Impl | DefKind::Trait));
    let first = declared.next_param;
    declared.next_param += params.len() as u32;
    let defaults = vec![None; params.len()];
    declared.set_generics(def, Generics { parent, first, names: params, defaults, bounds: Vec::new() });
}

impl Lowering<'_, '_> {
    /// Where the parts of an item are written.
    pub fn place(&self, def: DefId) -> Option<Place> {
        let entry = self.names.defs.get(def);
        let file = entry.item?.file;
        let self_ty = self.declared.self_type_of(&self.names.defs, def);
        let inside = entry.inside;
        Some(Place { scope: inside, file, owner: def, self_ty, missing: Ty::UNKNOWN })
    }

    /// Enters what `Self` is for types and traits, and lowers the defaults of parameters.
    fn defaults(&mut self, def: DefId) {
        let kind = self.names.defs.get(def).kind;
        let Some(generics) = self.declared.generics(def) else { return };
        let params: Vec<_> = generics.params().collect();
        let params: Vec<Ty> = params.into_iter().map(|param| self.declared.tys.intern(TyKind::Param(param))).collect();
        match kind {
            DefKind::Struct | DefKind::Enum => {
                let ty = self.declared.tys.adt(def, &params);
                self.declared.self_types.insert(def, ty);
            }
            DefKind::Trait => {
                self.declared.self_types.insert(def, params[0]);
            }
            _ => {}
        }
        let (Some(item), Some(place)) = (self.names.defs.item(def), self.place(def)) else { return };
        let Some(found) = facts_generics(&item.kind) else { return };
        let offset = usize::from(kind == DefKind::Trait);
        for (position, param) in found.params.iter().enumerate() {
            if let Some(default) = &param.default {
                let default = self.ty(&place, default);
                if let Some(generics) = self.declared.generics_mut(def) {
                    generics.defaults[position + offset] = Some(default);
                }
            }
        }
    }

    fn impl_header(&mut self, def: DefId) {
        let Some(item) = self.names.defs.item(def) else { return };
        match &item.kind {
            ItemKind::Impl(found) if self.names.defs.get(def).kind == DefKind::Impl => {
                let Some(mut place) = self.place(def) else { return };
                let self_ty = self.ty(&place, &found.self_ty);
                place.self_ty = Some(self_ty);
                let bound = found.trait_path.as_ref().map(|path| self.bound(&place, path));
                let of_trait = match bound {
                    Some(Some(bound)) => Some((bound.of, bound.args)),
                    // An impl of a trait that is not known says nothing, but its members are still the type's.
                    Some(None) | None => None,
                };
                if found.negative {
                    return;
                }
                self.declared.impls.push(Impl { def, self_ty, of_trait, assoc: Vec::new() });
                self.name_after_type(def, self_ty);
            }
            ItemKind::Struct(_) | ItemKind::Enum(_)
                if matches!(self.names.defs.get(def).kind, DefKind::Struct | DefKind::Enum) =>
            {
                self.derives(def, &item.attributes);
            }
            _ => {}
        }
    }

    /// Members of an impl are named after the type, when it is of the same crate.
    fn name_after_type(&mut self, def: DefId, self_ty: Ty) {
        let peeled = self.declared.tys.peel_refs(self_ty);
        let TyKind::Adt(ty, _) = *self.declared.tys.kind(peeled) else { return };
        if self.names.defs.get(ty).krate == self.names.defs.get(def).krate {
            self.names.defs.get_mut(def).parent = Some(ty);
        }
    }

    fn derives(&mut self, def: DefId, attributes: &[facts::Attribute]) {
        let (Some(place), Some(self_ty)) = (self.place(def), self.declared.self_types.get(&def).copied()) else {
            return;
        };
        let derived: Vec<Bound> =
            attributes.iter().flat_map(|attribute| self.bounds(&place, &attribute.paths)).collect();
        for bound in derived {
            if self.names.defs.get(bound.of).kind == DefKind::External {
                self.declared.derives_unknown.insert(def);
            }
            self.declared.derived.push(Impl {
                def,
                self_ty,
                of_trait: Some((bound.of, bound.args)),
                assoc: Vec::new(),
            });
        }
    }

    fn own_bounds(&mut self, def: DefId) {
        if matches!(self.names.defs.get(def).kind, DefKind::Variant(_)) {
            return;
        }
        let (Some(item), Some(place)) = (self.names.defs.item(def), self.place(def)) else { return };
        if let ItemKind::Trait(found) = &item.kind {
            let supertraits = self.bounds(&place, &found.supertraits);
            self.declared.supertraits.insert(def, supertraits);
            self.self_implements(def);
        }
        let Some(found) = facts_generics(&item.kind) else { return };
        let mut own = Vec::new();
        for bound in &found.bounds {
            let ty = self.ty(&place, &bound.ty);
            for asked in self.bounds(&place, &bound.traits) {
                if let TyKind::Param(param) = *self.declared.tys.kind(ty) {
                    self.declared.param_bounds.entry(param).or_default().push(asked.clone());
                }
                own.push((ty, asked));
            }
        }
        if let Some(generics) = self.declared.generics_mut(def) {
            generics.bounds = own;
        }
    }

    /// Inside a trait, `Self` implements it.
    fn self_implements(&mut self, def: DefId) {
        let Some(generics) = self.declared.generics(def) else { return };
        let mut params = generics.params();
        let Some(self_param) = params.next() else { return };
        let params: Vec<_> = params.collect();
        let args: Vec<Ty> = params.into_iter().map(|param| self.declared.tys.intern(TyKind::Param(param))).collect();
        let bound = Bound { of: def, args: self.declared.tys.list(&args), assoc: Vec::new() };
        self.declared.param_bounds.entry(self_param).or_default().push(bound);
    }

    fn content(&mut self, def: DefId) {
        let entry = self.names.defs.get(def);
        let kind = entry.kind;
        let (Some(item), Some(place)) = (self.names.defs.item(def), self.place(def)) else { return };
        match (&item.kind, kind) {
            (ItemKind::Struct(found), _) => self.fields(def, &place, &found.fields),
            (ItemKind::Enum(found), DefKind::Variant(position)) => {
                let fields = &found.variants[position as usize].fields;
                let place = Place { owner: entry.parent.unwrap_or(def), ..place };
                self.fields(def, &place, fields);
            }
            (ItemKind::Function(found), _) => self.signature(def, &place, found),
            (ItemKind::Value(found), _) => {
                let mut ty = self.ty(&place, &found.ty);
                if let (ValueKind::ThreadLocal, Some(key)) = (found.kind, self.declared.lang.local_key) {
                    ty = self.declared.tys.adt(key, &[ty]);
                }
                self.declared.values.insert(def, ty);
            }
            (ItemKind::TypeAlias(found), _) => self.assoc_type(def, &place, found),
            _ => {}
        }
    }

    fn fields(&mut self, def: DefId, place: &Place, fields: &facts::Fields) {
        let list = fields.fields.iter().map(|field| {
            let name = self.names.defs.file(place.file).symbol(field.name);
            (name, self.ty(place, &field.ty))
        });
        let list: Vec<(Symbol, Ty)> = list.collect();
        if fields.shape == FieldsShape::Tuple {
            let params = list.iter().map(|(_, ty)| *ty).collect();
            let output = place.self_ty.unwrap_or(Ty::UNKNOWN);
            self.declared.signatures.insert(def, Signature { params, output, has_receiver: false });
        }
        self.declared.fields.insert(def, list);
    }

    fn signature(&mut self, def: DefId, place: &Place, function: &facts::Function) {
        let mut params = Vec::new();
        let self_ty = place.self_ty.unwrap_or(Ty::UNKNOWN);
        if let Some(receiver) = &function.receiver {
            params.push(match receiver {
                Receiver::Value => self_ty,
                Receiver::Ref { mutable } => self.declared.tys.reference(*mutable, self_ty),
                Receiver::Typed(ty) => self.ty(place, ty),
            });
        }
        for param in &function.params {
            let ty = self.ty(place, &param.ty);
            params.push(ty);
        }
        let unit = TypeRef::unit();
        let written = self.ty(place, function.output.as_ref().unwrap_or(&unit));
        let output = if function.is_async { self.declared.tys.intern(TyKind::Async(written)) } else { written };
        let has_receiver = function.receiver.is_some();
        self.declared.signatures.insert(def, Signature { params, output, has_receiver });
    }

    /// An alias, an associated type that an impl gives, or one that a trait asks for.
    fn assoc_type(&mut self, def: DefId, place: &Place, alias: &facts::TypeAlias) {
        let name = self.names.defs.get(def).name;
        let Some(owner) = self.owner_of(def) else {
            let ty = alias.ty.as_ref().map_or(Ty::UNKNOWN, |written| self.ty(place, written));
            self.declared.aliases.insert(def, ty);
            return;
        };
        if self.names.defs.get(owner).kind == DefKind::Trait {
            let bounds = self.bounds(place, &alias.bounds);
            self.declared.assoc_bounds.insert((owner, name), bounds);
            return;
        }
        let Some(written) = &alias.ty else { return };
        let ty = self.ty(place, written);
        if let Ok(at) = self.declared.impls.binary_search_by_key(&owner, |found| found.def) {
            self.declared.impls[at].assoc.push((name, ty));
        }
    }

    /// What a described macro makes implements what the macro's description says of it.
    fn made_by_macro(&mut self, def: DefId) {
        let Some(path) = self.names.defs.item(def).and_then(|item| item.made_by.as_ref()) else { return };
        let (Some(place), Some(self_ty)) = (self.place(def), self.declared.self_types.get(&def).copied()) else {
            return;
        };
        let symbols = self.symbols(&place, path);
        let end = self.names.resolve(place.scope, &symbols, path.global, Namespace::Macros);
        let Resolution::Def(made_by) = end.resolution else { return };
        let output = self.declared.signatures.get(&made_by).map(|signature| self.declared.tys.kind(signature.output));
        let Some(TyKind::Opaque(bounds)) = output else { return };
        let made = bounds.iter().map(|bound| (bound.of, bound.args)).collect::<Vec<_>>().into_iter();
        let implement = |of_trait| Impl { def, self_ty, of_trait: Some(of_trait), assoc: Vec::new() };
        self.declared.derived.extend(made.map(implement));
    }

    fn owner_of(&self, def: DefId) -> Option<DefId> {
        let parent = self.names.defs.get(def).parent?;
        matches!(self.names.defs.get(parent).kind, DefKind::Impl | DefKind::Trait).then_some(parent)
    }
}

fn index_impls(names: &Names<'_>, declared: &mut Declared) {
    let derived = std::mem::take(&mut declared.derived);
    let written = declared.impls.len();
    declared.impls.extend(derived);
    for (index, found) in declared.impls.iter().enumerate() {
        let id = ImplId(index as u32);
        let Some(head) = head(&declared.tys, found.self_ty) else { continue };
        if let Some((of, _)) = found.of_trait {
            declared.of_trait.entry((of, head)).or_default().push(id);
        }
        for (name, _) in &found.assoc {
            declared.of_assoc.entry((head, *name)).or_default().push(id);
        }
        if index >= written {
            continue;
        }
        for member in names.members.get(&found.def).into_iter().flatten() {
            let entry = names.defs.get(*member);
            if entry.kind == DefKind::TypeAlias {
                continue;
            }
            declared.impl_members.insert((id, entry.name), *member);
            let table = match found.of_trait {
                // The members of an impl whose trait is not known are found as the type's own.
                None if head != Head::Any => &mut declared.inherent,
                _ => &mut declared.by_trait,
            };
            table.entry((head, entry.name)).or_default().push((id, *member));
        }
    }
    for def in names.defs.ids().filter(|def| names.defs.get(*def).kind == DefKind::Trait && has_item(names, *def)) {
        for member in names.members.get(&def).into_iter().flatten() {
            let entry = names.defs.get(*member);
            if entry.kind == DefKind::Function {
                declared.trait_members.entry(entry.name).or_default().push((def, *member));
            }
        }
    }
    declared.written_impls = written;
}
