//! Types, paths and generics.

use super::Extractor;
use crate::facts::{Binding, Bound, GenericArgs, GenericParam, Generics, Name, Path, QSelf, Segment, TypeRef};
use syn::punctuated::Punctuated;
use syn::{GenericArgument, PathArguments, ReturnType, Token, Type, TypeParamBound};

impl Extractor<'_> {
    pub fn ty(&mut self, ty: &Type) -> TypeRef {
        match ty {
            Type::Path(path) => TypeRef::Path(self.path(&path.path, path.qself.as_ref())),
            Type::Reference(reference) => {
                TypeRef::Ref { mutable: reference.mutability.is_some(), inner: Box::new(self.ty(&reference.elem)) }
            }
            Type::Ptr(pointer) => TypeRef::Pointer(Box::new(self.ty(&pointer.elem))),
            Type::Slice(slice) => TypeRef::Slice(Box::new(self.ty(&slice.elem))),
            Type::Array(array) => TypeRef::Array(Box::new(self.ty(&array.elem))),
            Type::Tuple(tuple) => TypeRef::Tuple(tuple.elems.iter().map(|elem| self.ty(elem)).collect()),
            Type::FnPtr(function) => TypeRef::Function {
                params: function.inputs.iter().map(|input| self.ty(&input.ty)).collect(),
                output: Box::new(self.output(&function.output).unwrap_or_else(TypeRef::unit)),
            },
            Type::ImplTrait(bounds) => TypeRef::Impl(self.bounds(&bounds.bounds)),
            Type::TraitObject(bounds) => TypeRef::Dyn(self.bounds(&bounds.bounds)),
            Type::Paren(inner) => self.ty(&inner.elem),
            Type::Group(inner) => self.ty(&inner.elem),
            Type::Never(_) => TypeRef::Never,
            Type::Infer(_) => TypeRef::Infer,
            _ => TypeRef::Unknown,
        }
    }

    /// `None` for a function that returns nothing.
    pub fn output(&mut self, output: &ReturnType) -> Option<TypeRef> {
        match output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(self.ty(ty)),
        }
    }

    pub fn path(&mut self, path: &syn::Path, qself: Option<&syn::QSelf>) -> Path {
        let qself =
            qself.map(|qself| Box::new(QSelf { ty: self.ty(&qself.ty), trait_segments: qself.position as u32 }));
        let segments = path.segments.iter().map(|segment| {
            let name = self.ident(&segment.ident);
            Segment { name, args: self.arguments(&segment.arguments) }
        });
        let segments = segments.collect();
        Path { global: path.leading_colon.is_some(), qself, segments }
    }

    fn arguments(&mut self, arguments: &PathArguments) -> Option<Box<GenericArgs>> {
        match arguments {
            PathArguments::None => None,
            PathArguments::AngleBracketed(arguments) => Some(Box::new(self.generic_args(&arguments.args))),
            PathArguments::Parenthesized(arguments) => {
                let inputs = arguments.inputs.iter().map(|input| self.ty(&input.ty)).collect();
                let output = self.output(&arguments.output).unwrap_or_else(TypeRef::unit);
                let bindings = vec![Binding { name: self.intern("Output"), ty: output }];
                Some(Box::new(GenericArgs { types: vec![TypeRef::Tuple(inputs)], bindings }))
            }
        }
    }

    pub fn generic_args(&mut self, args: &Punctuated<GenericArgument, Token![,]>) -> GenericArgs {
        let mut read = GenericArgs::default();
        for arg in args {
            match arg {
                GenericArgument::Type(ty) => read.types.push(self.ty(ty)),
                GenericArgument::Const(_) => read.types.push(TypeRef::Unknown),
                GenericArgument::AssocType(assoc) => {
                    let name = self.ident(&assoc.ident);
                    read.bindings.push(Binding { name, ty: self.ty(&assoc.ty) });
                }
                GenericArgument::Constraint(constraint) => {
                    let name = self.ident(&constraint.ident);
                    read.bindings.push(Binding { name, ty: TypeRef::Impl(self.bounds(&constraint.bounds)) });
                }
                _ => {}
            }
        }
        read
    }

    /// The traits among bounds; lifetimes and `?Sized` are left out.
    pub fn bounds(&mut self, bounds: &Punctuated<TypeParamBound, Token![+]>) -> Vec<Path> {
        let traits = bounds.iter().filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) if bound.maybe.is_none() => Some(self.path(&bound.path, None)),
            _ => None,
        });
        traits.collect()
    }

    pub fn generics(&mut self, generics: &syn::Generics) -> Generics {
        let mut read = Generics::default();
        for param in &generics.params {
            match param {
                syn::GenericParam::Type(param) => {
                    let name = self.ident(&param.ident);
                    let default = param.default.as_ref().map(|(_, ty)| self.ty(ty));
                    read.params.push(GenericParam { name, is_const: false, default });
                    let traits = self.bounds(&param.bounds);
                    push_bound(&mut read, plain(name), traits);
                }
                syn::GenericParam::Const(param) => {
                    let name = self.ident(&param.ident);
                    read.params.push(GenericParam { name, is_const: true, default: None });
                }
                syn::GenericParam::Lifetime(_) => {}
            }
        }
        for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            if let syn::WherePredicate::Type(predicate) = predicate {
                let ty = self.ty(&predicate.bounded_ty);
                let traits = self.bounds(&predicate.bounds);
                push_bound(&mut read, ty, traits);
            }
        }
        read
    }
}

fn push_bound(generics: &mut Generics, ty: TypeRef, traits: Vec<Path>) {
    if !traits.is_empty() {
        generics.bounds.push(Bound { ty, traits });
    }
}

/// The type that a bare name stands for.
fn plain(name: Name) -> TypeRef {
    TypeRef::Path(Path { global: false, qself: None, segments: vec![Segment { name, args: None }] })
}
