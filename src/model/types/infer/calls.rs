//! Calls: what is called, with which types, and what comes back.

use super::methods::{Lookup, Method};
use super::{Call, CallKind, Infer, Owed, Target, World};
use crate::facts::{NodeId, NodeKind, TypeId};
use crate::model::defs::{DefId, DefKind};
use crate::model::symbols::Symbol;
use crate::model::types::bodies::PathStart;
use crate::model::types::generics::Substitution;
use crate::model::types::ty::{Args, Bound, Ty, TyKind, TypeTable};

impl Infer<'_> {
    /// The type of a definition used as a value.
    pub fn value_of(&mut self, def: DefId, given: &[Ty]) -> Ty {
        let entry = self.world.names.defs.get(def);
        match entry.kind {
            DefKind::Const | DefKind::Static => {
                let ty = self.world.declared.values.get(&def).copied().unwrap_or(Ty::UNKNOWN);
                self.open(ty)
            }
            DefKind::Function => self.function_type(def, Substitution::default(), given),
            DefKind::Struct | DefKind::Variant(_) => {
                let owner = self.generics_owner(def);
                if self.world.declared.signatures.contains_key(&def) {
                    return self.function_type(def, Substitution::default(), given);
                }
                let args = self.fresh_args(owner, given);
                self.tys.adt(owner, &args)
            }
            _ => Ty::UNKNOWN,
        }
    }

    fn fresh_args(&mut self, owner: DefId, given: &[Ty]) -> Vec<Ty> {
        let wanted = self.world.declared.generics(owner).map_or(0, |generics| generics.names.len());
        let mut args: Vec<Ty> = given.iter().map(|ty| self.open(*ty)).collect();
        args.truncate(wanted);
        while args.len() < wanted {
            args.push(self.fresh());
        }
        args
    }

    /// A function as a value. `outer` holds what is known of the parameters of the impl or trait around it.
    fn function_type(&mut self, def: DefId, outer: Substitution, given: &[Ty]) -> Ty {
        let owner = self.generics_owner(def);
        let declared = self.world.declared;
        let Some(generics) = declared.generics(owner) else {
            return self.tys.intern(TyKind::FnDef(def, Args::EMPTY));
        };
        let mut args = Vec::new();
        if let Some(parent) = generics.parent.and_then(|parent| declared.generics(parent)) {
            for param in parent.params() {
                let known = outer.of(param);
                args.push(known.unwrap_or_else(|| self.fresh()));
            }
        }
        args.extend(self.fresh_args(owner, given));
        let args = self.tys.list(&args);
        self.tys.intern(TyKind::FnDef(def, args))
    }

    /// The types that a function's arguments stand for.
    fn substitution_of(&self, def: DefId, args: Args) -> Substitution {
        let owner = self.generics_owner(def);
        let declared = self.world.declared;
        let mut substitution = Substitution::default();
        let Some(generics) = declared.generics(owner) else { return substitution };
        let types = self.tys.args(args);
        let outer = generics.parent.and_then(|parent| declared.generics(parent));
        let split = outer.map_or(0, |outer| outer.names.len()).min(types.len());
        if let Some(outer) = outer {
            substitution.push(outer.first, types[..split].to_vec());
        }
        substitution.push(generics.first, types[split..].to_vec());
        substitution
    }

    /// Parameters and output of a function with its arguments put in.
    pub fn fn_signature(&mut self, def: DefId, args: Args) -> Option<(Vec<Ty>, Ty)> {
        let signature = self.world.declared.signatures.get(&def)?;
        let substitution = self.substitution_of(def, args);
        let params = signature.params.iter().map(|ty| substitution.apply(&mut self.tys, *ty)).collect();
        let output = substitution.apply(&mut self.tys, signature.output);
        Some((params, output))
    }

    /// What the item, and the impl or trait around it, ask of their parameters.
    fn bounds_asked(&mut self, def: DefId, args: Args) -> Vec<(Ty, Bound)> {
        let owner = self.generics_owner(def);
        let declared = self.world.declared;
        let substitution = self.substitution_of(def, args);
        let own = declared.generics(owner);
        let outer = own.and_then(|own| own.parent).and_then(|parent| declared.generics(parent));
        let asked: Vec<&(Ty, Bound)> = own.into_iter().chain(outer).flat_map(|generics| &generics.bounds).collect();
        let apply = |(ty, bound): &(Ty, Bound)| {
            (substitution.apply(&mut self.tys, *ty), substitution.apply_bound(&mut self.tys, bound))
        };
        asked.into_iter().map(apply).collect()
    }

    pub fn call(&mut self, node: NodeId, expected: Option<Ty>) -> Ty {
        let mut children = self.body.children(node);
        let callee = children.next().expect("a call has a callee");
        let args: Vec<NodeId> = children.collect();
        let ty = self.expr(callee, None);
        let ty = self.known(ty);
        let target = self.callee_target(callee, ty);
        self.calls.push(Call { node, target, kind: CallKind::Path });
        match *self.tys.kind(ty) {
            TyKind::FnDef(def, generic) => self.apply(def, generic, &args, 0, expected),
            TyKind::FnPointer(params, output) => {
                let params = self.tys.args(params).to_vec();
                self.arguments(&args, &params, &[]);
                output
            }
            TyKind::Closure(closure) => {
                let closure = self.closures[closure as usize].clone();
                self.arguments(&args, &closure.params, &[]);
                closure.output
            }
            // Only as a variant that is not described is an enum called.
            _ if self.is_outside_enum(ty) => {
                self.arguments(&args, &[], &[]);
                ty
            }
            _ => self.call_by_trait(ty, &args),
        }
    }

    /// A value that can be called because of what it implements.
    fn call_by_trait(&mut self, ty: Ty, args: &[NodeId]) -> Ty {
        let mut at = ty;
        for _ in 0..4 {
            let bound = self.bounds_of(at).into_iter().find(|bound| self.is_fn_trait(bound.of));
            if let Some(bound) = bound {
                let params = self.fn_params(&bound);
                self.arguments(args, &params, &[]);
                let output = bound.assoc.first().map_or(Ty::UNKNOWN, |(_, output)| *output);
                return self.normalise(output);
            }
            match self.dereferenced(at) {
                Some(next) => at = self.known(next),
                None => break,
            }
        }
        self.arguments(args, &[], &[]);
        Ty::UNKNOWN
    }

    fn callee_target(&self, callee: NodeId, ty: Ty) -> Target {
        match *self.tys.kind(ty) {
            TyKind::FnDef(def, _) => return Target::Def(def),
            TyKind::Closure(closure) => return Target::Closure(self.closures[closure as usize].node),
            _ => {}
        }
        match self.body.kind(callee) {
            NodeKind::Name(_) if self.local_of.contains_key(&callee) => Target::Value,
            NodeKind::Name(_) => self.prepared.globals.get(&callee).map_or(Target::Unknown, |def| Target::Def(*def)),
            NodeKind::Path(path) => {
                let path = self.prepared.path(path);
                match (path.start, &path.rest[..]) {
                    (PathStart::Def(def), []) => Target::Def(def),
                    (PathStart::Def(def), [name]) => self.member_target(def, *name),
                    (PathStart::Type(ty), [name]) | (PathStart::Trait(ty, _), [name]) => {
                        match self.tys.kind(self.shallow(ty)) {
                            TyKind::Adt(def, _) => self.member_target(*def, *name),
                            _ => Target::Unknown,
                        }
                    }
                    _ => Target::Unknown,
                }
            }
            NodeKind::Field { .. } | NodeKind::Method { .. } | NodeKind::Call | NodeKind::Operator(_) => Target::Value,
            _ => Target::Unknown,
        }
    }

    /// A member by its path. On a type of the workspace it would have been found, unless a macro made it, or made the
    /// impl of a trait that has one of that name.
    fn member_target(&self, def: DefId, name: Symbol) -> Target {
        let Self { world: World { names, declared, .. }, .. } = *self;
        let is_type = matches!(names.defs.get(def).kind, DefKind::Struct | DefKind::Enum);
        let made = is_type && !declared.trait_members.contains_key(&name);
        match names.defs.get(def).kind {
            DefKind::TypeAlias => Target::Unknown,
            _ if names.defs.is_workspace(def) && !made => Target::Unknown,
            _ => Target::Member(def, name),
        }
    }

    /// Calls a function with arguments, of which the first `taken` parameters are already given.
    fn apply(&mut self, def: DefId, generic: Args, args: &[NodeId], taken: usize, expected: Option<Ty>) -> Ty {
        let Some((params, output)) = self.fn_signature(def, generic) else {
            self.arguments(args, &[], &[]);
            return Ty::UNKNOWN;
        };
        let asked = self.bounds_asked(def, generic);
        let output = self.normalise(output);
        if let Some(expected) = expected {
            self.try_unify(output, expected);
        }
        let params = params.get(taken.min(params.len())..).unwrap_or_default().to_vec();
        self.arguments(args, &params, &asked);
        self.owe(asked);
        self.settle();
        self.normalise(output)
    }

    /// Infers arguments against parameters: closures last, when the other arguments have said what they can.
    pub fn arguments(&mut self, args: &[NodeId], params: &[Ty], asked: &[(Ty, Bound)]) {
        let is_closure = |infer: &Self, arg: NodeId| matches!(infer.body.kind(arg), NodeKind::Closure(_));
        for closures in [false, true] {
            if closures && args.iter().any(|arg| is_closure(self, *arg)) {
                self.oblige_so_far(asked);
            }
            for (position, arg) in args.iter().enumerate() {
                if is_closure(self, *arg) != closures {
                    continue;
                }
                let param = params.get(position).copied();
                let param = param.map(|param| self.normalise(param));
                let ty = match (closures, param) {
                    (true, Some(param)) => {
                        let signature = self.expected_closure(param, asked);
                        self.closure(*arg, signature)
                    }
                    _ => self.expr(*arg, param),
                };
                if let Some(param) = param {
                    self.pass(ty, param);
                }
            }
        }
    }

    /// What the other arguments say, before closures are looked into. What one closure says the next may ask for.
    fn oblige_so_far(&mut self, asked: &[(Ty, Bound)]) {
        for (ty, bound) in asked {
            let owed = Owed { ty: *ty, bound: bound.clone(), depth: 0 };
            if matches!(self.tys.kind(self.shallow(*ty)), TyKind::Var(_)) {
                self.pending.push(owed);
            } else {
                self.oblige(&owed);
            }
        }
    }

    /// An argument where a parameter is expected: `impl Trait` parameters learn from what is passed.
    fn pass(&mut self, ty: Ty, param: Ty) {
        let shallow = self.shallow(param);
        if let TyKind::Opaque(bounds) = self.tys.kind(shallow).clone() {
            self.owe(bounds.into_iter().map(|bound| (ty, bound)));
        } else {
            self.coerce(ty, param);
        }
    }

    /// Makes a value fit where a type is expected: as it is, or dereferenced.
    pub fn coerce(&mut self, ty: Ty, expected: Ty) -> bool {
        if self.try_unify(ty, expected) {
            return true;
        }
        let (from, to) = (self.shallow(ty), self.shallow(expected));
        let (TyKind::Ref(_, from), TyKind::Ref(_, to)) = (self.tys.kind(from).clone(), self.tys.kind(to).clone())
        else {
            return false;
        };
        let mut at = self.shallow(from);
        for _ in 0..4 {
            match self.dereferenced(at) {
                Some(next) => at = self.shallow(next),
                None => return false,
            }
            if self.try_unify(at, to) {
                return true;
            }
        }
        false
    }

    pub fn is_fn_trait(&self, of: DefId) -> bool {
        let lang = &self.world.declared.lang;
        [lang.fn_once, lang.fn_mut, lang.function].contains(&Some(of))
    }

    /// The parameters in `Fn(A, B)`.
    fn fn_params(&self, bound: &Bound) -> Vec<Ty> {
        let Some(tuple) = self.tys.args(bound.args).first() else { return Vec::new() };
        match self.tys.kind(self.shallow(*tuple)) {
            TyKind::Tuple(params) => self.tys.args(*params).to_vec(),
            _ => Vec::new(),
        }
    }

    /// The parameters and output that a closure passed for `param` must have.
    fn expected_closure(&mut self, param: Ty, asked: &[(Ty, Bound)]) -> Option<(Vec<Ty>, Option<Ty>)> {
        let param = self.shallow(param);
        if let TyKind::FnPointer(params, output) = *self.tys.kind(param) {
            return Some((self.tys.args(params).to_vec(), Some(output)));
        }
        let of_param = asked.iter().filter(|(ty, _)| self.shallow(*ty) == param).map(|(_, bound)| bound.clone());
        let mut bounds: Vec<Bound> = of_param.collect();
        bounds.extend(self.bounds_of(param));
        let bound = bounds.into_iter().find(|bound| self.is_fn_trait(bound.of))?;
        let params = self.fn_params(&bound).into_iter().map(|ty| self.normalise(ty)).collect();
        let output = bound.assoc.first().map(|(_, output)| *output);
        Some((params, output))
    }

    pub fn method_call(&mut self, node: NodeId, name: Symbol, turbofish: Option<TypeId>, expected: Option<Ty>) -> Ty {
        let mut children = self.body.children(node);
        let receiver = children.next().expect("a method call has a receiver");
        let args: Vec<NodeId> = children.collect();
        let receiver = self.expr(receiver, None);
        let lookup = self.method(node, receiver, name);
        let target = self.target_of(&lookup, name);
        self.calls.push(Call { node, target, kind: CallKind::Method });
        let given: Vec<Ty> =
            turbofish.map_or_else(Vec::new, |id| match *self.tys.kind(self.prepared.types[id.index()]) {
                TyKind::Tuple(args) => self.tys.args(args).to_vec(),
                _ => Vec::new(),
            });
        match lookup {
            Lookup::Found(Method { def, substitution }) => {
                let ty = self.function_type(def, substitution, &given);
                let TyKind::FnDef(def, generic) = *self.tys.kind(ty) else { return Ty::UNKNOWN };
                self.apply(def, generic, &args, 1, expected)
            }
            _ => {
                self.arguments(&args, &[], &[]);
                Ty::UNKNOWN
            }
        }
    }

    /// A path as a value.
    pub fn path_value(&mut self, node: NodeId, path: crate::facts::PathId) -> Ty {
        let prepared = self.prepared;
        let path = prepared.path(path);
        let scope = self.scope(node);
        let (start, trait_of) = match path.start {
            PathStart::Unknown => return Ty::UNKNOWN,
            PathStart::Def(def) if path.rest.is_empty() => return self.path_to_def(def, path),
            PathStart::Def(def) => (self.type_of_def(def, &path.args), None),
            PathStart::Type(ty) => (self.open(ty), None),
            PathStart::Trait(ty, of) => (self.open(ty), Some(of)),
            PathStart::Param(param) => (self.tys.intern(TyKind::Param(param)), None),
        };
        let Some((last, before)) = path.rest.split_last() else { return self.constructor(start) };
        let mut ty = start;
        for name in before {
            let projection = self.tys.intern(TyKind::Projection(ty, trait_of, Args::EMPTY, *name));
            ty = self.normalise(projection);
        }
        let found = match trait_of.filter(|_| before.is_empty()) {
            Some(of) => self.associated_of_trait(ty, of, *last),
            None => self.associated(ty, *last, scope).or_else(|| self.variant(ty, *last)),
        };
        let Some(Method { def, substitution }) = found else { return self.undescribed_variant(ty, *last) };
        match self.world.names.defs.get(def).kind {
            DefKind::Function => self.function_type(def, substitution, &path.last_args),
            DefKind::Variant(_) | DefKind::Struct => {
                let TyKind::Adt(_, args) = *self.tys.kind(self.shallow(ty)) else { return Ty::UNKNOWN };
                let args = self.tys.args(args).to_vec();
                self.value_of(def, &args)
            }
            _ => {
                let declared = self.world.declared.values.get(&def).copied().unwrap_or(Ty::UNKNOWN);
                let ty = substitution.apply(&mut self.tys, declared);
                self.normalise(ty)
            }
        }
    }

    /// `Alias::Variant` and `Self::Variant`.
    fn variant(&mut self, ty: Ty, name: Symbol) -> Option<Method> {
        let TyKind::Adt(def, _) = *self.tys.kind(self.shallow(ty)) else { return None };
        let scope = self.world.names.defs.get(def).scope?;
        let found = self.world.names.scope(scope).names.get(&name)?.values?;
        Some(Method { def: found.def, substitution: Substitution::default() })
    }

    /// On an enum of which not all variants are known, a name like that of a type is a variant.
    fn undescribed_variant(&self, ty: Ty, name: Symbol) -> Ty {
        let defs = &self.world.names.defs;
        let is_variant = defs.symbols.text(name).starts_with(char::is_uppercase)
            && defs.symbols.text(name).contains(char::is_lowercase);
        let ty = self.shallow(ty);
        if is_variant && self.is_outside_enum(ty) { ty } else { Ty::UNKNOWN }
    }

    fn is_outside_enum(&self, ty: Ty) -> bool {
        let defs = &self.world.names.defs;
        match *self.tys.kind(ty) {
            TyKind::Adt(def, _) => defs.get(def).kind == DefKind::Enum && !defs.is_workspace(def),
            _ => false,
        }
    }

    /// `Self` used as the constructor of a tuple struct.
    pub fn constructor(&mut self, ty: Ty) -> Ty {
        match *self.tys.kind(ty) {
            TyKind::Adt(def, args) if self.world.declared.signatures.contains_key(&def) => {
                self.tys.intern(TyKind::FnDef(def, args))
            }
            _ => ty,
        }
    }

    fn path_to_def(&mut self, def: DefId, path: &crate::model::types::bodies::PreparedPath) -> Ty {
        let names = self.world.names;
        let entry = names.defs.get(def);
        match (entry.kind, entry.parent) {
            (DefKind::Variant(_), _) => {
                let given = if path.last_args.is_empty() { &path.args } else { &path.last_args };
                let given = given.clone();
                self.value_of(def, &given)
            }
            // `Trait::method`: the type is yet to be found.
            (DefKind::Function, Some(parent)) if names.defs.get(parent).kind == DefKind::Trait => {
                let self_ty = self.fresh();
                let substitution = self.trait_substitution(parent, self_ty, &[]);
                self.function_type(def, substitution, &path.last_args)
            }
            _ => self.value_of(def, &path.last_args),
        }
    }

    /// The type that a path to a definition means, with holes for what is not written.
    pub fn type_of_def(&mut self, def: DefId, given: &[Ty]) -> Ty {
        match self.world.names.defs.get(def).kind {
            DefKind::Struct | DefKind::Enum => {
                let args = self.fresh_args(def, given);
                self.tys.adt(def, &args)
            }
            DefKind::TypeAlias => self.alias_type(def, given),
            DefKind::External => {
                let given: Vec<Ty> = given.iter().map(|ty| self.open(*ty)).collect();
                self.tys.adt(def, &given)
            }
            _ => Ty::UNKNOWN,
        }
    }

    fn alias_type(&mut self, def: DefId, given: &[Ty]) -> Ty {
        let Some(target) = self.world.declared.aliases.get(&def).copied() else { return Ty::UNKNOWN };
        let args = self.fresh_args(def, given);
        let mut substitution = Substitution::default();
        if let Some(generics) = self.world.declared.generics(def) {
            substitution.push(generics.first, args);
        }
        let ty = substitution.apply(&mut self.tys, target);
        self.normalise(ty)
    }
}
