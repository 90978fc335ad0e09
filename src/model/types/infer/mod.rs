//! Inference: the type of each expression of one body, and what each call leads to.
//!
//! Follows the compiler's ways where they decide the answer (order of method lookup, closures after other arguments,
//! default binding modes) and reports no errors: what does not fit is left unknown.

mod calls;
mod expr;
mod finish;
mod futures;
mod macros;
mod methods;
mod operators;
mod patterns;
mod project;
mod settle;
mod structs;
mod unify;

pub use finish::{BodyTypes, Call, CallKind, Target};

use super::bodies::PreparedBody;
use super::declared::Declared;
use super::ty::{Bound, Ty, TyKind, Tys};
use crate::facts::{Body, Name, NodeId, PatternId};
use crate::model::defs::{DefId, ScopeId};
use crate::model::names::Names;
use crate::model::symbols::Symbol;
use rustc_hash::FxHashMap;
use unify::Vars;

/// All that is known before bodies are looked into.
#[derive(Clone, Copy)]
pub struct World<'m> {
    pub names: &'m Names<'m>,
    pub declared: &'m Declared,
    pub words: &'m Words,
}

/// Names that inference asks for.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    pub output: Symbol,
    pub item: Symbol,
    pub target: Symbol,
}

/// Infers one body.
pub fn infer(world: World<'_>, prepared: &PreparedBody<'_>) -> BodyTypes {
    let mut infer = Infer::new(world, prepared);
    infer.run();
    infer.finish()
}

struct Infer<'m> {
    world: World<'m>,
    prepared: &'m PreparedBody<'m>,
    body: &'m Body,
    tys: Tys<'m>,
    vars: Vars,
    nodes: Vec<Ty>,
    patterns: Vec<Ty>,
    /// Locals in scope, innermost last.
    locals: Vec<(Name, PatternId)>,
    local_of: FxHashMap<NodeId, PatternId>,
    calls: Vec<Call>,
    closures: Vec<ClosureType>,
    /// What `return` gives back, for each function, closure or async block around the place at hand.
    returns: Vec<Ty>,
    /// What `break` gives back, for each loop around the place at hand.
    breaks: Vec<Ty>,
    /// Bounds that wait for more to be known.
    pending: Vec<Owed>,
    /// Associated types that wait for more to be known: the projection, and the variable that stands for it.
    projections: Vec<(Ty, Ty)>,
    /// How many questions about types are being answered on behalf of one another.
    nesting: usize,
}

/// A bound that a type has to satisfy.
#[derive(Clone, Debug)]
struct Owed {
    ty: Ty,
    bound: Bound,
    /// How many impls led here, from one's bounds to the next.
    depth: u8,
}

#[derive(Clone, Debug)]
struct ClosureType {
    node: NodeId,
    params: Vec<Ty>,
    output: Ty,
}

impl<'m> Infer<'m> {
    fn new(world: World<'m>, prepared: &'m PreparedBody<'m>) -> Self {
        let body = prepared.body;
        Self {
            world,
            prepared,
            body,
            tys: Tys::on(&world.declared.tys),
            vars: Vars::default(),
            nodes: vec![Ty::UNKNOWN; body.nodes.len()],
            patterns: vec![Ty::UNKNOWN; body.patterns.len()],
            locals: Vec::new(),
            local_of: FxHashMap::default(),
            calls: Vec::new(),
            closures: Vec::new(),
            returns: Vec::new(),
            breaks: Vec::new(),
            pending: Vec::new(),
            projections: Vec::new(),
            nesting: 0,
        }
    }

    fn run(&mut self) {
        let owner = self.prepared.owner;
        let output = match self.world.names.defs.function(owner) {
            Some(function) => {
                let signature = &self.world.declared.signatures[&owner];
                let receiver = usize::from(signature.has_receiver);
                for (param, ty) in function.params.iter().zip(&signature.params[receiver..]) {
                    self.bind_pattern(param.pattern, *ty);
                }
                if function.is_async { self.awaited(signature.output) } else { signature.output }
            }
            None => self.world.declared.values.get(&owner).copied().unwrap_or(Ty::UNKNOWN),
        };
        self.returns.push(output);
        let value = self.expr(Body::ROOT, Some(output));
        self.unify(value, output);
        self.settle();
    }

    fn symbol(&self, name: Name) -> Symbol {
        self.world.names.defs.file(self.prepared.file).symbol(name)
    }

    fn scope(&self, node: NodeId) -> ScopeId {
        self.prepared.scope_at(node)
    }

    /// A type as prepared, with a new variable for each hole.
    fn open(&mut self, ty: Ty) -> Ty {
        let Self { tys, vars, .. } = self;
        tys.fold(ty, super::ty::Flags::HOLE, &mut |tys, part| if part == Ty::HOLE { vars.fresh(tys) } else { part })
    }

    /// The type of `self` in the body at hand.
    fn receiver(&self) -> Option<Ty> {
        let signature = self.world.declared.signatures.get(&self.prepared.owner)?;
        signature.has_receiver.then(|| signature.params[0])
    }

    fn is(&self, def: Option<DefId>, ty: Ty) -> Option<super::ty::Args> {
        use super::ty::TypeTable;
        match self.tys.kind(ty) {
            TyKind::Adt(found, args) if Some(*found) == def => Some(*args),
            _ => None,
        }
    }
}
