//! Associated types, and whether a type implements a trait.

use super::{Infer, World};
use crate::model::defs::{DefId, DefKind};
use crate::model::symbols::Symbol;
use crate::model::types::declared::{Head, Impl, ImplId, head};
use crate::model::types::generics::Substitution;
use crate::model::types::ty::{Args, Bound, Flags, MAX_TYPE_DEPTH, ParamId, Rewrite, Ty, TyKind, TypeTable};

/// How many questions about types may lead from one to the next.
const MAX_NESTING: usize = 8;

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Yes,
    No,
    Maybe,
}

/// Puts associated types in their place, from the inside out.
struct Normalise<'n, 'm> {
    infer: &'n mut Infer<'m>,
    depth: usize,
}

impl Rewrite for Normalise<'_, '_> {
    fn part(&mut self, ty: Ty) -> Ty {
        let ty = self.infer.shallow(ty);
        if !self.infer.tys.flags(ty).has(Flags::PROJECTION) || self.depth > MAX_TYPE_DEPTH {
            return ty;
        }
        self.depth += 1;
        let kind = self.rewrite(self.infer.tys.kind(ty).clone());
        self.depth -= 1;
        let ty = self.infer.tys.intern(kind);
        self.infer.normalise_one(ty)
    }

    fn read(&self, args: Args) -> Vec<Ty> {
        self.infer.tys.args(args).to_vec()
    }

    fn list(&mut self, types: &[Ty]) -> Args {
        self.infer.tys.list(types)
    }
}

impl Infer<'_> {
    /// The type with all associated types that are known put in their place. Those of variables get a variable.
    pub fn normalise(&mut self, ty: Ty) -> Ty {
        let ty = self.shallow(ty);
        if !self.tys.flags(ty).has(Flags::PROJECTION) {
            return ty;
        }
        Normalise { infer: self, depth: 0 }.part(ty)
    }

    /// A projection whose parts are in their normal form.
    fn normalise_one(&mut self, projection: Ty) -> Ty {
        let TyKind::Projection(of, of_trait, args, name) = *self.tys.kind(projection) else { return projection };
        if let TyKind::Var(_) = self.tys.kind(self.shallow(of)) {
            let var = self.fresh();
            self.projections.push((projection, var));
            return var;
        }
        self.project(of, of_trait, args, name).unwrap_or(projection)
    }

    /// `<of as Trait>::name`, when it is known.
    pub fn project(&mut self, of: Ty, of_trait: Option<DefId>, args: Args, name: Symbol) -> Option<Ty> {
        self.nested(None, |infer| infer.project_now(of, of_trait, args, name))
    }

    fn project_now(&mut self, of: Ty, of_trait: Option<DefId>, args: Args, name: Symbol) -> Option<Ty> {
        let of = self.shallow(of);
        if name == self.world.words.output
            && let Some(output) = self.output_of(of)
        {
            return Some(output);
        }
        match self.tys.kind(of).clone() {
            TyKind::Param(_) | TyKind::Opaque(_) | TyKind::Dyn(_) | TyKind::Projection(..) => {
                let bounds = self.bounds_of(of);
                let found = bounds.iter().flat_map(|bound| &bound.assoc).find(|(known, _)| *known == name);
                let found = found.map(|(_, ty)| *ty);
                found.or_else(|| self.project_by_impl(of, of_trait, args, name))
            }
            _ => self.project_by_impl(of, of_trait, args, name),
        }
    }

    /// What a future awaits to, or a function gives back.
    fn output_of(&mut self, of: Ty) -> Option<Ty> {
        match *self.tys.kind(of) {
            TyKind::Async(output) => Some(output),
            TyKind::Closure(closure) => Some(self.closures[closure as usize].output),
            TyKind::FnPointer(_, output) => Some(output),
            TyKind::FnDef(def, args) => self.fn_signature(def, args).map(|signature| signature.1),
            _ => None,
        }
    }

    fn project_by_impl(&mut self, of: Ty, of_trait: Option<DefId>, args: Args, name: Symbol) -> Option<Ty> {
        let declared = self.world.declared;
        for at in head(&self.tys, of).into_iter().chain([Head::Any]) {
            for id in declared.of_assoc.get(&(at, name)).into_iter().flatten() {
                if let Some(ty) = self.assoc_of_impl(*id, of, of_trait, args, name, at) {
                    return Some(ty);
                }
            }
        }
        None
    }

    /// Asks a question about types that may lead to others of its kind; gives up when they go too deep.
    fn nested<T>(&mut self, otherwise: T, question: impl FnOnce(&mut Self) -> T) -> T {
        if self.nesting >= MAX_NESTING {
            return otherwise;
        }
        self.nesting += 1;
        let answer = question(self);
        self.nesting -= 1;
        answer
    }

    fn assoc_of_impl(
        &mut self,
        id: ImplId,
        of: Ty,
        of_trait: Option<DefId>,
        args: Args,
        name: Symbol,
        at: Head,
    ) -> Option<Ty> {
        let found = self.world.declared.impl_of(id);
        let (implemented, trait_args) = found.of_trait?;
        if of_trait.is_some_and(|wanted| wanted != implemented) {
            return None;
        }
        let snapshot = self.snapshot();
        let substitution = self.impl_substitution(found);
        let self_ty = substitution.apply(&mut self.tys, found.self_ty);
        let fits = self.unify(self_ty, of)
            && self.args_fit(&substitution, trait_args, args)
            && self.bounds_fit(found, &substitution, at);
        if !fits {
            self.roll_back(snapshot);
            return None;
        }
        let (_, ty) = found.assoc.iter().find(|(known, _)| *known == name)?;
        let ty = substitution.apply(&mut self.tys, *ty);
        Some(self.normalise(ty))
    }

    /// An impl for all types must be known to apply; one for a type applies unless it is known not to.
    fn bounds_fit(&mut self, found: &Impl, substitution: &Substitution, at: Head) -> bool {
        match self.impl_bounds_hold(found, substitution) {
            Holds::Yes => true,
            Holds::Maybe => at != Head::Any,
            Holds::No => false,
        }
    }

    fn args_fit(&mut self, substitution: &Substitution, of_impl: Args, wanted: Args) -> bool {
        let pairs: Vec<(Ty, Ty)> =
            self.tys.args(of_impl).iter().copied().zip(self.tys.args(wanted).iter().copied()).collect();
        pairs.into_iter().all(|(ty, wanted)| {
            let ty = substitution.apply(&mut self.tys, ty);
            self.unify(ty, wanted)
        })
    }

    /// New variables for the parameters of an impl, or of the type that derives a trait.
    pub fn impl_substitution(&mut self, found: &Impl) -> Substitution {
        let mut substitution = Substitution::default();
        if let Some(generics) = self.world.declared.generics(found.def) {
            let fresh = generics.names.iter().map(|_| self.fresh()).collect();
            substitution.push(generics.first, fresh);
        }
        substitution
    }

    /// Whether what an impl asks of its parameters holds.
    pub fn impl_bounds_hold(&mut self, found: &Impl, substitution: &Substitution) -> Holds {
        let Some(generics) = self.world.declared.generics(found.def) else { return Holds::Yes };
        let mut holds = Holds::Yes;
        for (ty, bound) in &generics.bounds {
            let ty = substitution.apply(&mut self.tys, *ty);
            match self.implements(ty, bound.of) {
                Holds::Yes => self.unify_assoc(ty, bound, substitution),
                Holds::No => return Holds::No,
                Holds::Maybe => holds = Holds::Maybe,
            }
        }
        holds
    }

    fn unify_assoc(&mut self, ty: Ty, bound: &Bound, substitution: &Substitution) {
        for (name, wanted) in &bound.assoc {
            let wanted = substitution.apply(&mut self.tys, *wanted);
            if let Some(found) = self.project(ty, Some(bound.of), bound.args, *name) {
                self.unify(found, wanted);
            }
        }
    }

    /// Whether a type implements a trait.
    pub fn implements(&mut self, ty: Ty, of: DefId) -> Holds {
        self.nested(Holds::Maybe, |infer| infer.implements_now(ty, of))
    }

    fn implements_now(&mut self, ty: Ty, of: DefId) -> Holds {
        let ty = self.shallow(ty);
        if self.is_marker(of) {
            return Holds::Yes;
        }
        let lang = &self.world.declared.lang;
        let is_fn = [lang.fn_once, lang.fn_mut, lang.function].contains(&Some(of));
        let is_future = [lang.future, lang.into_future].contains(&Some(of));
        match self.tys.kind(ty).clone() {
            TyKind::Var(_) | TyKind::Unknown | TyKind::Hole => return Holds::Maybe,
            TyKind::Never => return Holds::No,
            TyKind::Async(_) if is_future => return Holds::Yes,
            TyKind::Closure(_) | TyKind::FnDef(..) | TyKind::FnPointer(..) if is_fn => return Holds::Yes,
            TyKind::Param(_) | TyKind::Opaque(_) | TyKind::Dyn(_) | TyKind::Projection(..) => {
                let bounds = self.bounds_of(ty);
                if bounds.iter().any(|bound| bound.of == of) {
                    return Holds::Yes;
                }
            }
            _ => {}
        }
        self.implemented_by(ty, of)
    }

    fn implemented_by(&mut self, ty: Ty, of: DefId) -> Holds {
        let declared = self.world.declared;
        let own = head(&self.tys, ty);
        let mut holds = Holds::No;
        for at in own.into_iter().chain([Head::Any]) {
            for id in declared.of_trait.get(&(of, at)).into_iter().flatten() {
                let found = declared.impl_of(*id);
                let snapshot = self.snapshot();
                let substitution = self.impl_substitution(found);
                let self_ty = substitution.apply(&mut self.tys, found.self_ty);
                let fits = self.unify(self_ty, ty);
                let bounds =
                    if fits && self.is_for_all(at) { self.impl_bounds_hold(found, &substitution) } else { Holds::Yes };
                self.roll_back(snapshot);
                match (fits, bounds) {
                    (true, Holds::Yes) => return Holds::Yes,
                    (true, Holds::Maybe) => holds = Holds::Maybe,
                    _ => {}
                }
            }
        }
        // What outside types implement is not all known.
        match (holds, own) {
            // Closures are copied and cloned if what they hold can be.
            (Holds::No, Some(Head::Function)) => Holds::Maybe,
            (Holds::No, Some(Head::Adt(def))) if self.may_implement(def, of) => Holds::Maybe,
            _ => holds,
        }
    }

    /// Whether a type may implement a trait of which nobody says so.
    fn may_implement(&self, def: DefId, of: DefId) -> bool {
        let World { names, declared, .. } = self.world;
        if names.defs.is_workspace(def) {
            return declared.derives_unknown.contains(&def) && !names.defs.is_workspace(of);
        }
        // Of a described type that is an iterator, it is said.
        names.defs.get(def).kind == DefKind::External || Some(of) != declared.lang.iterator
    }

    /// Whether impls for a head are as much for all types as those for a parameter: `&T`, `Arc<T>`.
    fn is_for_all(&self, at: Head) -> bool {
        match at {
            Head::Any | Head::Ref => true,
            Head::Adt(def) => self.world.declared.lang.is_pointer(def),
            _ => false,
        }
    }

    /// A trait without members that is not known to be implemented by some types only: it says nothing here.
    fn is_marker(&self, of: DefId) -> bool {
        let is_trait = self.world.names.defs.get(of).kind == DefKind::Trait;
        is_trait && !self.world.names.defs.is_workspace(of) && !self.world.names.members.contains_key(&of)
    }

    /// What is known of a parameter, trait object, `impl Trait` or associated type, with the traits behind it.
    pub fn bounds_of(&mut self, ty: Ty) -> Vec<Bound> {
        self.nested(Vec::new(), |infer| infer.bounds_of_now(ty))
    }

    fn bounds_of_now(&mut self, ty: Ty) -> Vec<Bound> {
        let direct = match self.tys.kind(ty).clone() {
            TyKind::Param(param) => self.param_bounds(param),
            TyKind::Opaque(bounds) | TyKind::Dyn(bounds) => bounds,
            TyKind::Projection(of, of_trait, _, name) => self.projection_bounds(of, of_trait, name),
            _ => Vec::new(),
        };
        let mut all = direct;
        let mut at = 0;
        while at < all.len() && all.len() < 32 {
            for above in self.world.declared.supertraits.get(&all[at].of).into_iter().flatten() {
                if !all.iter().any(|known| known.of == above.of) {
                    all.push(above.clone());
                }
            }
            at += 1;
        }
        all
    }

    fn param_bounds(&self, param: ParamId) -> Vec<Bound> {
        self.world.declared.param_bounds.get(&param).cloned().unwrap_or_default()
    }

    /// What a trait asks of its associated type.
    fn projection_bounds(&mut self, of: Ty, of_trait: Option<DefId>, name: Symbol) -> Vec<Bound> {
        let of_bounds = self.bounds_of(of);
        let traits = of_trait.into_iter().chain(of_bounds.into_iter().map(|bound| bound.of));
        let declared = self.world.declared;
        traits.filter_map(|of| declared.assoc_bounds.get(&(of, name))).flatten().cloned().collect()
    }
}
