//! Types as written, lowered to types: names looked up, aliases opened, defaults filled in.

use super::declared::Declared;
use super::generics::Substitution;
use super::ty::{Args, Bound, Prim, Ty, TyKind};
use crate::facts::{GenericArgs, ItemKind, Path, TypeRef};
use crate::model::defs::{DefId, DefKind, ScopeId};
use crate::model::names::{Names, Namespace, PathEnd, Resolution};
use crate::model::symbols::Symbol;
use crate::source::FileId;

/// Aliases that lead to aliases are followed this far.
const MAX_ALIASES: usize = 12;

/// Where a type is written.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub scope: ScopeId,
    pub file: FileId,
    /// The item whose generic parameters are in scope.
    pub owner: DefId,
    /// What `Self` means.
    pub self_ty: Option<Ty>,
    /// What stands for generic arguments that are not written.
    pub missing: Ty,
}

/// Lowers types; borrows what it needs to look things up.
pub struct Lowering<'l, 'w> {
    pub names: &'l mut Names<'w>,
    pub declared: &'l mut Declared,
    aliases: usize,
}

impl<'l, 'w> Lowering<'l, 'w> {
    pub fn new(names: &'l mut Names<'w>, declared: &'l mut Declared) -> Self {
        Self { names, declared, aliases: 0 }
    }

    fn symbol(&self, place: &Place, name: crate::facts::Name) -> Symbol {
        self.names.defs.file(place.file).symbol(name)
    }

    pub fn ty(&mut self, place: &Place, ty: &TypeRef) -> Ty {
        match ty {
            TypeRef::Path(path) => self.path_type(place, path),
            TypeRef::Ref { mutable, inner } => {
                let inner = self.ty(place, inner);
                self.declared.tys.reference(*mutable, inner)
            }
            TypeRef::Pointer(inner) => self.wrap(place, inner, TyKind::Pointer),
            TypeRef::Slice(inner) => self.wrap(place, inner, TyKind::Slice),
            TypeRef::Array(inner) => self.wrap(place, inner, TyKind::Array),
            TypeRef::Tuple(types) => {
                let types: Vec<Ty> = types.iter().map(|ty| self.ty(place, ty)).collect();
                self.declared.tys.tuple(&types)
            }
            TypeRef::Function { params, output } => {
                let params: Vec<Ty> = params.iter().map(|ty| self.ty(place, ty)).collect();
                let params = self.declared.tys.list(&params);
                let output = self.ty(place, output);
                self.declared.tys.intern(TyKind::FnPointer(params, output))
            }
            TypeRef::Impl(bounds) => {
                let bounds = self.bounds(place, bounds);
                self.declared.tys.intern(TyKind::Opaque(bounds))
            }
            TypeRef::Dyn(bounds) => {
                let bounds = self.bounds(place, bounds);
                self.declared.tys.intern(TyKind::Dyn(bounds))
            }
            TypeRef::Never => Ty::NEVER,
            TypeRef::Infer => place.missing,
            TypeRef::Unknown => Ty::UNKNOWN,
        }
    }

    fn wrap(&mut self, place: &Place, inner: &TypeRef, kind: fn(Ty) -> TyKind) -> Ty {
        let inner = self.ty(place, inner);
        self.declared.tys.intern(kind(inner))
    }

    pub fn bounds(&mut self, place: &Place, paths: &[Path]) -> Vec<Bound> {
        paths.iter().filter_map(|path| self.bound(place, path)).collect()
    }

    pub fn bound(&mut self, place: &Place, path: &Path) -> Option<Bound> {
        let symbols = self.symbols(place, path);
        let end = self.names.resolve(place.scope, &symbols, path.global, Namespace::Types);
        let PathEnd { resolution: Resolution::Def(of), used } = end else { return None };
        if used < symbols.len() || !matches!(self.names.defs.get(of).kind, DefKind::Trait | DefKind::External) {
            return None;
        }
        self.names.mentions.push((place.owner, of));
        let args = path.segments.last().and_then(|segment| segment.args.as_deref());
        let (args, assoc) = match args {
            Some(args) => {
                let types: Vec<Ty> = args.types.iter().map(|ty| self.ty(place, ty)).collect();
                let assoc =
                    args.bindings.iter().map(|binding| (self.symbol(place, binding.name), self.ty(place, &binding.ty)));
                let assoc = assoc.collect();
                (self.declared.tys.list(&types), assoc)
            }
            None => (Args::EMPTY, Vec::new()),
        };
        Some(Bound { of, args, assoc })
    }

    pub fn symbols(&self, place: &Place, path: &Path) -> Vec<Symbol> {
        path.segments.iter().map(|segment| self.symbol(place, segment.name)).collect()
    }

    fn path_type(&mut self, place: &Place, path: &Path) -> Ty {
        if let Some(qself) = &path.qself {
            return self.qualified(place, path, qself);
        }
        let symbols = self.symbols(place, path);
        let first = symbols[0];
        if !path.global
            && let Some(param) = self.declared.param_in_scope(&self.names.defs, place.owner, first)
        {
            let ty = self.declared.tys.intern(TyKind::Param(param));
            return self.project(ty, &symbols[1..]);
        }
        let end = self.names.resolve(place.scope, &symbols, path.global, Namespace::Types);
        let ty = match end.resolution {
            Resolution::SelfType => {
                if let [name] = symbols[1..]
                    && let Some(found) = self.declared.own_assoc(&self.names.defs, place.owner, name)
                {
                    return found;
                }
                place.self_ty.unwrap_or(Ty::UNKNOWN)
            }
            Resolution::Def(def) => {
                self.names.mentions.push((place.owner, def));
                let args = path.segments[end.used - 1].args.as_deref();
                self.def_type(place, def, args)
            }
            Resolution::Unknown => match (&symbols[..], Prim::parse(self.names.defs.symbols.text(first))) {
                ([_], Some(prim)) if !path.global => return self.declared.tys.prim(prim),
                _ => return Ty::UNKNOWN,
            },
        };
        self.project(ty, &symbols[end.used..])
    }

    fn qualified(&mut self, place: &Place, path: &Path, qself: &crate::facts::QSelf) -> Ty {
        let of = self.ty(place, &qself.ty);
        let symbols = self.symbols(place, path);
        let split = qself.trait_segments as usize;
        if split == 0 {
            return self.project(of, &symbols);
        }
        let trait_path = Path { global: path.global, qself: None, segments: path.segments[..split].to_vec() };
        match (self.bound(place, &trait_path), &symbols[split..]) {
            (Some(bound), [name, rest @ ..]) => {
                let kind = TyKind::Projection(of, Some(bound.of), bound.args, *name);
                let ty = self.declared.tys.intern(kind);
                self.project(ty, rest)
            }
            _ => Ty::UNKNOWN,
        }
    }

    fn project(&mut self, mut ty: Ty, names: &[Symbol]) -> Ty {
        for name in names {
            ty = self.declared.tys.intern(TyKind::Projection(ty, None, Args::EMPTY, *name));
        }
        ty
    }

    /// The type that a definition names, with the arguments written after it.
    pub fn def_type(&mut self, place: &Place, def: DefId, args: Option<&GenericArgs>) -> Ty {
        let given: Vec<Ty> =
            args.map(|args| args.types.iter().map(|ty| self.ty(place, ty)).collect()).unwrap_or_default();
        match self.names.defs.get(def).kind {
            DefKind::Struct | DefKind::Enum => {
                let args = self.complete(def, given, place.missing);
                self.declared.tys.adt(def, &args)
            }
            DefKind::External => self.external_type(def, given),
            DefKind::TypeAlias => self.alias(def, given, place.missing),
            DefKind::Trait => {
                let args = self.declared.tys.list(&given);
                self.declared.tys.intern(TyKind::Dyn(vec![Bound { of: def, args, assoc: Vec::new() }]))
            }
            DefKind::Variant(_) => {
                let parent = self.names.defs.get(def).parent.expect("a variant is in an enum");
                self.def_type(place, parent, args)
            }
            _ => Ty::UNKNOWN,
        }
    }

    /// Outside types keep the arguments written. Every `Result` of a library is the standard one with an error type.
    fn external_type(&mut self, def: DefId, given: Vec<Ty>) -> Ty {
        let standard = self.declared.lang.result.filter(|_| self.names.defs.name(def) == "Result" && !given.is_empty());
        match standard {
            Some(result) => {
                let error = given.get(1).copied().unwrap_or(Ty::UNKNOWN);
                self.declared.tys.adt(result, &[given[0], error])
            }
            None => self.declared.tys.adt(def, &given),
        }
    }

    /// Arguments for all parameters of a type: those given, then defaults, then what stands for missing ones.
    fn complete(&mut self, def: DefId, mut given: Vec<Ty>, missing: Ty) -> Vec<Ty> {
        let Some(generics) = self.declared.generics(def) else { return given };
        let (first, wanted) = (generics.first, generics.names.len());
        let defaults = generics.defaults.clone();
        given.truncate(wanted);
        for position in given.len()..wanted {
            let default = defaults.get(position).copied().flatten();
            let mut known = Substitution::default();
            known.push(first, given.clone());
            given.push(default.map_or(missing, |default| known.apply(&mut self.declared.tys, default)));
        }
        given
    }

    fn alias(&mut self, def: DefId, given: Vec<Ty>, missing: Ty) -> Ty {
        if self.aliases >= MAX_ALIASES {
            return Ty::UNKNOWN;
        }
        let Some(item) = self.names.defs.item(def) else { return Ty::UNKNOWN };
        let ItemKind::TypeAlias(alias) = &item.kind else { return Ty::UNKNOWN };
        let Some(written) = &alias.ty else { return Ty::UNKNOWN };
        let entry = self.names.defs.get(def);
        let file = entry.item.expect("an alias is an item").file;
        let place = Place { scope: entry.inside, file, owner: def, self_ty: None, missing: Ty::UNKNOWN };
        self.aliases += 1;
        let ty = self.ty(&place, written);
        self.aliases -= 1;
        let args = self.complete(def, given, missing);
        let Some(generics) = self.declared.generics(def) else { return ty };
        let mut substitution = Substitution::default();
        substitution.push(generics.first, args);
        substitution.apply(&mut self.declared.tys, ty)
    }
}
