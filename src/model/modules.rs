//! The graph of modules: which module names what another one declares, item by item.
//!
//! An edge is a name that is written and resolved: an import, a path in a body, a type in a signature. What only follows
//! from types, such as a method call, is none. Test code has no part in it.

use super::Model;
use super::cycles::{Weighted, cheapest_cut, tangles};
use super::defs::{CrateOrigin, DefId, DefKind};
use super::types::PathStart;
use crate::facts::{Cfg, NodeKind, PatternKind, Visibility};
use crate::source::Span;
use crate::workspace::PackageId;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct ModuleGraph {
    /// By the two modules.
    edges: Vec<ModuleEdge>,
}

/// Modules that hold what those around them fail with, or pass on; nothing is to be learnt from what they name.
const GATHERING: [&str; 3] = ["error", "errors", "prelude"];

/// All uses that one module makes of another one.
#[derive(Clone, Debug)]
pub struct ModuleEdge {
    pub from: DefId,
    pub to: DefId,
    /// By place.
    pub uses: Vec<Use>,
}

/// One name as it is written.
#[derive(Clone, Debug)]
pub struct Use {
    /// The item that is named, or in which what is named stands.
    pub item: DefId,
    pub kind: UseKind,
    pub span: Span,
    /// Under which conditions the place is there.
    pub conditions: Vec<Cfg>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UseKind {
    Import,
    /// `pub use`: what is passed on is not used here.
    Reexport,
    /// A path in the body of a function, constant or static.
    Body,
    /// A type or bound in the head of an item, a field, an impl.
    Signature,
    Macro,
}

/// Modules that all name one another's items.
#[derive(Debug)]
pub struct ModuleCycle<'g> {
    pub modules: Vec<DefId>,
    /// The edges among them.
    pub edges: Vec<&'g ModuleEdge>,
    /// The edges whose removal opens it at the least cost.
    pub cut: Vec<&'g ModuleEdge>,
}

impl ModuleEdge {
    /// The different items that the one module needs of the other; what is passed on, and macros, are left out.
    pub fn items(&self) -> BTreeSet<DefId> {
        self.needs().map(|found| found.item).collect()
    }

    pub fn needs(&self) -> impl Iterator<Item = &Use> {
        self.uses.iter().filter(|found| !matches!(found.kind, UseKind::Reexport | UseKind::Macro))
    }

    /// The conditions that all uses stand under.
    fn conditions(&self) -> Vec<&Cfg> {
        let mut needs = self.needs();
        let Some(first) = needs.next() else { return Vec::new() };
        let mut common = first.conditions.iter().collect::<Vec<&Cfg>>();
        needs.for_each(|found| common.retain(|condition| found.conditions.contains(*condition)));
        common
    }

    fn excludes(&self, other: &Self) -> bool {
        let others = other.conditions();
        self.conditions().iter().any(|one| others.iter().any(|other| one.excludes(other)))
    }
}

impl ModuleCycle<'_> {
    /// Whether one module below the root of the crate holds them all.
    pub fn is_within_a_part(&self, model: &Model<'_>) -> bool {
        let defs = &model.names.defs;
        let Some(first) = self.modules.first() else { return false };
        let around = std::iter::successors(defs.get(*first).parent, |outer| defs.get(*outer).parent);
        let mut common = around.filter(|outer| self.modules.iter().all(|module| defs.is_inside(*module, *outer)));
        common.next().is_some_and(|outer| defs.get(outer).parent.is_some())
    }
}

impl ModuleGraph {
    pub fn build(model: &Model<'_>) -> Self {
        let mut gather = Gather { model, edges: BTreeMap::new() };
        gather.imports();
        gather.bodies();
        gather.signatures();
        let edges = gather.edges.into_iter().map(|((from, to), mut uses)| {
            uses.sort_by_key(|found| (found.span.file, found.span.range, found.item));
            uses.dedup_by_key(|found| (found.span, found.item));
            ModuleEdge { from, to, uses }
        });
        Self { edges: edges.collect() }
    }

    pub fn edges(&self) -> &[ModuleEdge] {
        &self.edges
    }

    /// The different items that each package needs of each other one.
    pub fn items_of_packages(&self, model: &Model<'_>) -> BTreeMap<(PackageId, PackageId), BTreeSet<DefId>> {
        let package = |module| model.names.defs.package(module);
        let mut items: BTreeMap<_, BTreeSet<DefId>> = BTreeMap::new();
        for edge in &self.edges {
            if let (Some(from), Some(to)) = (package(edge.from), package(edge.to))
                && from != to
            {
                items.entry((from, to)).or_default().extend(edge.items());
            }
        }
        items
    }

    /// The modules of one crate that need one another. That a module needs those around it counts for nothing: it is a
    /// part of them. Edges that are never there together close no circle.
    pub fn cycles(&self, model: &Model<'_>) -> Vec<ModuleCycle<'_>> {
        let defs = &model.names.defs;
        let counts = |edge: &&ModuleEdge| {
            let is_one_crate = defs.get(edge.from).krate == defs.get(edge.to).krate;
            let is_part = defs.is_inside(edge.from, edge.to);
            let gathers = GATHERING.contains(&defs.name(edge.from));
            is_one_crate && !is_part && !gathers && edge.needs().next().is_some()
        };
        let mut sets = Vec::new();
        possible_tangles(self.edges.iter().filter(counts).collect(), &mut sets);
        sets.into_iter().map(cycle).collect()
    }
}

/// The edges of each circle. Of two edges that are never there together, one is left out at a time.
fn possible_tangles<'g>(edges: Vec<&'g ModuleEdge>, found: &mut Vec<Vec<&'g ModuleEdge>>) {
    for modules in tangles(edges.iter().map(|edge| (edge.from, edge.to))) {
        let inside = |edge: &&ModuleEdge| [edge.from, edge.to].iter().all(|end| modules.binary_search(end).is_ok());
        let inside: Vec<&ModuleEdge> = edges.iter().copied().filter(inside).collect();
        let conditional: Vec<&ModuleEdge> =
            inside.iter().copied().filter(|edge| !edge.conditions().is_empty()).collect();
        let apart =
            conditional.iter().find_map(|one| Some((*one, *conditional.iter().find(|other| one.excludes(other))?)));
        match apart {
            Some((one, other)) => {
                for left_out in [one, other] {
                    let rest = inside.iter().copied().filter(|edge| !std::ptr::eq(*edge, left_out)).collect();
                    possible_tangles(rest, found);
                }
            }
            None if found
                .iter()
                .any(|known| inside.iter().all(|edge| known.iter().any(|old| std::ptr::eq(*old, *edge)))) => {}
            None => found.push(inside),
        }
    }
}

fn cycle<'g>(edges: Vec<&'g ModuleEdge>) -> ModuleCycle<'g> {
    let weighted: Vec<Weighted<DefId>> =
        edges.iter().map(|edge| Weighted { from: edge.from, to: edge.to, cost: Some(edge.items().len()) }).collect();
    let cut = cheapest_cut(&weighted).into_iter().map(|index| edges[index]).collect();
    let modules: BTreeSet<DefId> = edges.iter().flat_map(|edge| [edge.from, edge.to]).collect();
    ModuleCycle { modules: modules.into_iter().collect(), edges, cut }
}

struct Gather<'m, 'w> {
    model: &'m Model<'w>,
    edges: BTreeMap<(DefId, DefId), Vec<Use>>,
}

impl<'w> Gather<'_, 'w> {
    fn imports(&mut self) {
        let names = &self.model.names;
        for import in names.imports.iter().filter(|import| !import.test) {
            let facts = &names.defs.facts(import.file).uses[import.index];
            let Some(target) = import.target else { continue };
            let from = names.scope(names.scope(import.scope).module).def;
            // What is passed on within the crate is as little used here as what is passed on to all.
            let is_own = matches!(facts.visibility, Visibility::Private);
            let kind = if is_own { UseKind::Import } else { UseKind::Reexport };
            self.add(from, target, kind, Span::new(import.file, facts.range), facts.cfg.as_ref());
        }
    }

    fn bodies(&mut self) {
        let model = self.model;
        for view in model.bodies() {
            let prepared = view.prepared;
            let body = prepared.body;
            let of_nodes = body.ids().filter_map(|id| {
                let (path, kind) = match body.kind(id) {
                    NodeKind::Path(path) | NodeKind::Struct { path, .. } => (path, UseKind::Body),
                    NodeKind::Macro { path, .. } => (path, UseKind::Macro),
                    _ => return None,
                };
                Some((path, kind, body.node(id).range))
            });
            let of_patterns = body.patterns.iter().filter_map(|pattern| match pattern.kind {
                PatternKind::Path(path) | PatternKind::TupleStruct(path, _) | PatternKind::Struct(path, _) => {
                    Some((path, UseKind::Body, pattern.range))
                }
                _ => None,
            });
            for (path, kind, range) in of_nodes.chain(of_patterns) {
                if let PathStart::Def(target) = prepared.path(path).start {
                    self.add(prepared.owner, target, kind, Span::new(prepared.file, range), None);
                }
            }
            for (id, target) in &prepared.globals {
                let span = Span::new(prepared.file, body.node(*id).range);
                self.add(prepared.owner, *target, UseKind::Body, span, None);
            }
        }
    }

    fn signatures(&mut self) {
        let names = &self.model.names;
        let mentions: BTreeSet<(DefId, DefId)> = names.mentions.iter().copied().collect();
        for (owner, target) in mentions {
            if let Some(span) = names.defs.span(owner) {
                self.add(owner, target, UseKind::Signature, span, None);
            }
        }
    }

    fn add(&mut self, owner: DefId, target: DefId, kind: UseKind, span: Span, own: Option<&'w Cfg>) {
        let defs = &self.model.names.defs;
        let is_production = |def: DefId| match defs.krate(defs.get(def).krate).origin {
            CrateOrigin::Target { kind, .. } => kind.is_production(),
            _ => false,
        };
        if ![owner, target].into_iter().all(|def| is_production(def) && defs.is_workspace(def) && !defs.get(def).test) {
            return;
        }
        let item = defs.outermost(target);
        let (from, to) = (self.module_around(owner), defs.module_of(item));
        if from != to {
            let conditions = self.conditions(owner, from).into_iter().chain(own).cloned().collect();
            self.edges.entry((from, to)).or_default().push(Use { item, kind, span, conditions });
        }
    }
}

impl<'w> Gather<'_, 'w> {
    /// The module in whose text a definition stands. A method belongs to its type, wherever the impl is.
    fn module_around(&self, owner: DefId) -> DefId {
        let names = &self.model.names;
        names.scope(names.scope(names.defs.get(owner).inside).module).def
    }

    /// The conditions under which a definition is there, from the inside out.
    fn conditions(&self, owner: DefId, module: DefId) -> Vec<&'w Cfg> {
        let defs = &self.model.names.defs;
        let up = |from: DefId| std::iter::successors(Some(from), |at| defs.get(*at).parent);
        let within = up(owner).take_while(|at| defs.get(*at).kind != DefKind::Module);
        within.chain(up(module)).filter_map(|at| defs.item(at)?.cfg.as_ref()).collect()
    }
}

impl Model<'_> {
    /// What an edge is called, whatever else its graph has.
    pub fn module_edge_name(&self, edge: &ModuleEdge) -> String {
        format!("{} -> {}", self.names.defs.path(edge.from), self.names.defs.path(edge.to))
    }

    /// The edges of both graphs, of crates and of modules.
    pub fn edge_names(&self) -> BTreeSet<String> {
        let of_modules = self.modules().edges().iter().filter(|edge| edge.needs().next().is_some());
        of_modules.map(|edge| self.module_edge_name(edge)).chain(self.workspace.edge_names()).collect()
    }
}

impl super::defs::Defs<'_> {
    /// The module that a definition stands in; a module is its own.
    pub fn module_of(&self, id: DefId) -> DefId {
        let mut at = id;
        while self.get(at).kind != DefKind::Module {
            match self.get(at).parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        at
    }

    /// The item of a module that a definition is, or is part of.
    fn outermost(&self, id: DefId) -> DefId {
        let mut at = id;
        while let Some(parent) = self.get(at).parent.filter(|_| self.get(at).kind != DefKind::Module) {
            if self.get(parent).kind == DefKind::Module {
                break;
            }
            at = parent;
        }
        at
    }

    /// Whether a module is another one, or somewhere inside of it.
    pub fn is_inside(&self, module: DefId, outer: DefId) -> bool {
        std::iter::successors(Some(module), |at| self.get(*at).parent).any(|at| at == outer)
    }
}
