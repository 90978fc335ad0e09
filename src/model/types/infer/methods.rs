//! Method lookup: along dereferences, own members before those of traits, by value before by reference.

use super::project::Holds;
use super::{Infer, Target};
use crate::facts::{NodeId, Receiver};
use crate::model::defs::{DefId, DefKind, ScopeId};
use crate::model::symbols::Symbol;
use crate::model::types::declared::{Head, ImplId, head};
use crate::model::types::generics::Substitution;
use crate::model::types::ty::{Args, Bound, Ty, TyKind, TypeTable};

/// How many times a receiver is dereferenced.
const MAX_STEPS: usize = 10;

/// A method that was found, with types for the parameters of its impl or trait.
#[derive(Clone, Debug)]
pub struct Method {
    pub def: DefId,
    pub substitution: Substitution,
}

#[derive(Clone, Debug)]
pub enum Lookup {
    Found(Method),
    /// The receiver is of this outside type, of whose members not all are known.
    Member(DefId),
    /// The receiver's type is known, its method is not.
    Missing,
    Unknown,
}

/// Whether only what is known to be counts, or also what may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sure {
    Yes,
    Perhaps,
}

/// How a method takes its receiver.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Value,
    Reference,
}

impl Infer<'_> {
    pub fn method(&mut self, node: NodeId, receiver: Ty, name: Symbol) -> Lookup {
        let scope = self.scope(node);
        // What a type is known to have counts before what it may have, wherever along the way.
        match self.method_along(receiver, name, scope, Sure::Yes) {
            Lookup::Found(found) => Lookup::Found(found),
            otherwise => match self.method_along(receiver, name, scope, Sure::Perhaps) {
                Lookup::Found(found) => Lookup::Found(found),
                _ => otherwise,
            },
        }
    }

    fn method_along(&mut self, receiver: Ty, name: Symbol, scope: ScopeId, sure: Sure) -> Lookup {
        let mut at = self.known(receiver);
        for _ in 0..MAX_STEPS {
            match self.tys.kind(at) {
                TyKind::Var(_) | TyKind::Unknown | TyKind::Hole => return Lookup::Unknown,
                _ => {}
            }
            if let Some(found) = self.method_at(at, name, scope, sure) {
                return Lookup::Found(found);
            }
            match self.dereferenced(at) {
                Some(next) => at = self.known(next),
                None => break,
            }
        }
        // Where dereferencing ends: a pointer's own members are few, and those of what it points to many.
        self.outside_type(at).map_or(Lookup::Missing, Lookup::Member)
    }

    /// An outside type, or the one outside trait of a parameter or object, of which members may be missing from its
    /// description.
    fn outside_type(&mut self, ty: Ty) -> Option<DefId> {
        let defs = &self.world.names.defs;
        match self.tys.kind(ty) {
            TyKind::Adt(def, _) => Some(*def).filter(|def| !defs.is_workspace(*def)),
            TyKind::Param(_) | TyKind::Dyn(_) | TyKind::Opaque(_) | TyKind::Projection(..) => {
                let bounds = self.bounds_of(ty);
                // The standard library's traits are described in full.
                let standard = self.world.declared.lang.deref.map(|deref| defs.get(deref).krate);
                let is_other = |of: &DefId| !defs.is_workspace(*of) && Some(defs.get(*of).krate) != standard;
                let mut others = bounds.iter().map(|bound| bound.of).filter(is_other);
                others.next().filter(|_| others.next().is_none())
            }
            _ => None,
        }
    }

    /// A type's own methods count before those of traits, and `&self` methods of what a reference is to as its own.
    fn method_at(&mut self, ty: Ty, name: Symbol, scope: ScopeId, sure: Sure) -> Option<Method> {
        let inner = match *self.tys.kind(ty) {
            TyKind::Ref(_, inner) => Some(self.known(inner)),
            _ => None,
        };
        self.own_method(ty, name, Some(By::Value))
            .or_else(|| self.own_method(inner?, name, Some(By::Reference)))
            .or_else(|| self.trait_method(ty, name, Some(By::Value), scope, sure))
            .or_else(|| self.trait_method(inner?, name, Some(By::Reference), scope, sure))
            .or_else(|| self.own_method(ty, name, Some(By::Reference)))
            .or_else(|| self.trait_method(ty, name, Some(By::Reference), scope, sure))
    }

    /// A member of the type's own impls; without `by`, any associated function.
    fn own_method(&mut self, ty: Ty, name: Symbol, by: Option<By>) -> Option<Method> {
        if let TyKind::Var(_) = self.tys.kind(ty) {
            return None;
        }
        if matches!(self.tys.kind(ty), TyKind::Param(_) | TyKind::Dyn(_) | TyKind::Opaque(_) | TyKind::Projection(..))
            && let Some(found) = self.bound_method(ty, name, by)
        {
            return Some(found);
        }
        let head = head(&self.tys, ty)?;
        let candidates = self.world.declared.inherent.get(&(head, name))?;
        candidates.iter().find_map(|(id, def)| self.fitting(*id, *def, ty, by))
    }

    /// A member of the traits that a parameter or trait object is known to implement.
    fn bound_method(&mut self, ty: Ty, name: Symbol, by: Option<By>) -> Option<Method> {
        let bounds = self.bounds_of(ty);
        let members = self.world.declared.trait_members.get(&name)?;
        for bound in bounds {
            let member = members.iter().find(|(of, def)| *of == bound.of && self.takes(*def, by));
            if let Some((of, def)) = member {
                let args = self.tys.args(bound.args).to_vec();
                return Some(Method { def: *def, substitution: self.trait_substitution(*of, ty, &args) });
            }
        }
        None
    }

    /// Types for a trait's parameters: `Self`, then those given, then new variables.
    pub fn trait_substitution(&mut self, of: DefId, self_ty: Ty, given: &[Ty]) -> Substitution {
        let mut substitution = Substitution::default();
        if let Some(generics) = self.world.declared.generics(of) {
            let mut types = vec![self_ty];
            types.extend(given);
            types.truncate(generics.names.len());
            while types.len() < generics.names.len() {
                types.push(self.fresh());
            }
            substitution.push(generics.first, types);
        }
        substitution
    }

    fn takes(&self, def: DefId, by: Option<By>) -> bool {
        let Some(function) = self.world.names.defs.function(def) else { return by.is_none() };
        matches!(
            (by, &function.receiver),
            (None, _)
                | (Some(By::Value), Some(Receiver::Value | Receiver::Typed(_)))
                | (Some(By::Reference), Some(Receiver::Ref { .. } | Receiver::Typed(_)))
        )
    }

    /// The member of an impl, if the impl is for this type.
    fn fitting(&mut self, id: ImplId, def: DefId, ty: Ty, by: Option<By>) -> Option<Method> {
        if !self.takes(def, by) {
            return None;
        }
        let found = self.world.declared.impl_of(id);
        let snapshot = self.snapshot();
        let substitution = self.impl_substitution(found);
        let self_ty = substitution.apply(&mut self.tys, found.self_ty);
        if self.unify(self_ty, ty) {
            return Some(Method { def, substitution });
        }
        self.roll_back(snapshot);
        None
    }

    fn trait_method(&mut self, ty: Ty, name: Symbol, by: Option<By>, scope: ScopeId, sure: Sure) -> Option<Method> {
        if let TyKind::Var(_) = self.tys.kind(ty) {
            return None;
        }
        let declared = self.world.declared;
        if let Some(head) = head(&self.tys, ty)
            && head != Head::Any
            && sure == Sure::Yes
        {
            let written = declared.by_trait.get(&(head, name)).map(Vec::as_slice).unwrap_or_default();
            for (id, def) in written {
                let of = declared.impl_of(*id).of_trait.map(|(of, _)| of);
                let callable = of.is_none_or(|of| by.is_none() || self.in_scope(of, scope));
                if callable && let Some(found) = self.fitting(*id, *def, ty, by) {
                    return Some(found);
                }
            }
        }
        let members = declared.trait_members.get(&name)?;
        let mut maybe = Vec::new();
        for (of, def) in members {
            if !self.takes(*def, by) || !self.in_scope(*of, scope) {
                continue;
            }
            match self.implements(ty, *of) {
                Holds::Yes => {
                    let substitution = self.trait_substitution(*of, ty, &[]);
                    self.owe_trait(ty, *of, &substitution);
                    return Some(Method { def: *def, substitution });
                }
                Holds::Maybe => maybe.push((*of, *def)),
                Holds::No => {}
            }
        }
        // Impls of a trait of the workspace are all seen; it may still hold by one that is for all types.
        let may_hold = |of| !self.world.names.defs.is_workspace(of) || declared.of_trait.contains_key(&(of, Head::Any));
        match maybe[..] {
            [(of, def)] if sure == Sure::Perhaps && may_hold(of) => {
                Some(Method { def, substitution: self.trait_substitution(of, ty, &[]) })
            }
            _ => None,
        }
    }

    /// That a type implements a trait, which may say what the trait's parameters are: `Arc<T>: AsRef<T>`.
    fn owe_trait(&mut self, ty: Ty, of: DefId, substitution: &Substitution) {
        let Some(generics) = self.world.declared.generics(of).filter(|generics| generics.names.len() > 1) else {
            return;
        };
        let params: Vec<Ty> = generics
            .params()
            .skip(1)
            .map(|param| {
                let param = self.tys.intern(TyKind::Param(param));
                substitution.apply(&mut self.tys, param)
            })
            .collect();
        let args = self.tys.list(&params);
        self.owe([(ty, Bound { of, args, assoc: Vec::new() })]);
    }

    /// Whether a trait's methods can be called at a place: it is named in a scope around it, or it is the one of the
    /// impl or trait around.
    fn in_scope(&self, of: DefId, scope: ScopeId) -> bool {
        let Self { world, prepared, .. } = *self;
        let around = || {
            let written = world.names.defs.get(prepared.owner).parent?;
            Some(world.declared.find_impl(written).and_then(|found| found.of_trait).map_or(written, |(of, _)| of))
        };
        world.names.trait_in_scope(of, scope) || around() == Some(of)
    }

    /// An associated function or constant by path: `Type::name`.
    pub fn associated(&mut self, ty: Ty, name: Symbol, scope: ScopeId) -> Option<Method> {
        let ty = self.known(ty);
        if let TyKind::Unknown = self.tys.kind(ty) {
            return None;
        }
        self.own_method(ty, name, None)
            .or_else(|| self.trait_method(ty, name, None, scope, Sure::Yes))
            .or_else(|| self.trait_method(ty, name, None, scope, Sure::Perhaps))
    }

    /// `<Type as Trait>::name`: the impl's own member if there is one, or the trait's.
    pub fn associated_of_trait(&mut self, ty: Ty, of: DefId, name: Symbol) -> Option<Method> {
        let ty = self.known(ty);
        let declared = self.world.declared;
        if let Some(head) = head(&self.tys, ty) {
            for (id, def) in declared.by_trait.get(&(head, name)).into_iter().flatten() {
                if declared.impl_of(*id).of_trait.is_some_and(|(found, _)| found == of)
                    && let Some(found) = self.fitting(*id, *def, ty, None)
                {
                    return Some(found);
                }
            }
        }
        let members = declared.trait_members.get(&name)?;
        let (_, def) = members.iter().find(|(found, _)| *found == of)?;
        Some(Method { def: *def, substitution: self.trait_substitution(of, ty, &[]) })
    }

    /// What `*value` is.
    pub fn dereferenced(&mut self, ty: Ty) -> Option<Ty> {
        let ty = self.shallow(ty);
        match *self.tys.kind(ty) {
            TyKind::Ref(_, inner) => Some(inner),
            TyKind::Array(inner) => Some(self.tys.intern(TyKind::Slice(inner))),
            TyKind::Adt(..) | TyKind::Param(_) | TyKind::Opaque(_) | TyKind::Projection(..) => {
                let deref = self.world.declared.lang.deref?;
                let target = self.world.words.target;
                let found = self.project(ty, Some(deref), Args::EMPTY, target)?;
                (found != ty).then_some(found)
            }
            _ => None,
        }
    }

    /// A type as well known as it can be by now.
    pub fn known(&mut self, ty: Ty) -> Ty {
        let mut ty = self.shallow(ty);
        if let TyKind::Var(_) = self.tys.kind(ty) {
            self.settle();
            ty = self.shallow(ty);
        }
        if let TyKind::Projection(..) = self.tys.kind(ty) {
            ty = self.normalise(ty);
        }
        self.shallow(ty)
    }

    /// A name of something outside, as the target of a call.
    pub fn target_of(&self, lookup: &Lookup, name: Symbol) -> Target {
        match lookup {
            Lookup::Found(found) => Target::Def(found.def),
            Lookup::Member(of) => Target::Member(*of, name),
            Lookup::Missing | Lookup::Unknown => Target::Unknown,
        }
    }

    /// The item whose parameters a constructor or function uses.
    pub fn generics_owner(&self, def: DefId) -> DefId {
        let entry = self.world.names.defs.get(def);
        match entry.kind {
            DefKind::Variant(_) => entry.parent.unwrap_or(def),
            _ => def,
        }
    }
}
