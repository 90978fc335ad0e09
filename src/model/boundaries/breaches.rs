//! What breaks the boundaries: one violation for each edge, whatever and however much is wrong with it.

use super::Drawn;
use super::edges::{Edge, Edges, Node};
use super::uses::{Uses, crate_of};
use super::ways::ways;
use crate::catalog::Role;
use crate::config::{self, EdgeKind, Kinds, Pattern};
use crate::model::Model;
use crate::source::{Span, TextRange};
use crate::workspace::{PackageId, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// An edge that should not be there.
#[derive(Clone, Debug)]
pub struct Violation {
    pub from: PackageId,
    /// By name: the package, or the module of it that this is about.
    pub source: String,
    /// The name of the package it leads to, or of a role.
    pub to: String,
    pub breaches: Vec<Breach>,
    pub kinds: BTreeSet<EdgeKind>,
    /// Where the manifest declares it; nothing when it is there by other means.
    pub declared: Vec<Span>,
    /// By which other packages it leads there.
    pub ways: Vec<Way>,
    /// Where the code makes use of it.
    pub uses: Vec<Span>,
    /// What is named that is not public, with the first place of each.
    pub named: BTreeMap<String, Span>,
    /// The reason of the exception that covers it.
    pub accepted: Option<String>,
}

/// One boundary that an edge breaks.
#[derive(Clone, Debug)]
pub struct Breach {
    pub kind: BreachKind,
    pub because: Option<String>,
    /// Where the configuration draws it.
    pub place: TextRange,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BreachKind {
    /// The other layer is above the own one.
    Upwards {
        own: String,
        other: String,
    },
    /// Both are in a layer whose packages are independent.
    Siblings {
        layer: String,
    },
    Forbidden,
    NotAllowed,
    Owned {
        by: String,
    },
    OwnedRole {
        role: Role,
        by: String,
    },
    Private,
}

impl BreachKind {
    /// One word or two, for pictures.
    pub fn word(&self) -> &'static str {
        match self {
            BreachKind::Upwards { .. } => "upwards",
            BreachKind::Siblings { .. } => "between siblings",
            BreachKind::Forbidden => "forbidden",
            BreachKind::NotAllowed => "not allowed",
            BreachKind::Owned { .. } | BreachKind::OwnedRole { .. } => "owned by others",
            BreachKind::Private => "not public",
        }
    }
}

/// A chain of dependencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The packages in between.
    pub through: Vec<String>,
    /// Each edge by its name, with its declaration.
    pub edges: Vec<(String, Span)>,
}

impl Violation {
    /// The place to change: where the manifest declares it, or the first step on the way, or the first use.
    ///
    /// # Panics
    /// Never: an edge is there by one of these.
    pub fn place(&self) -> Span {
        let step = || self.ways.first().and_then(|way| way.edges.first()).map(|(_, span)| *span);
        let declared = self.declared.first().copied();
        declared.or_else(step).or(self.uses.first().copied()).expect("an edge is somewhere")
    }

    /// Each piece by which it is known again: its name, the dependency that it goes along, and its place.
    pub fn pieces(&self, workspace: &Workspace) -> Vec<(String, String, Span)> {
        let edge = format!("{} -> {}", self.source, self.to);
        let along = format!("{} -> {}", workspace.package(self.from).name, self.to);
        let steps = self.ways.iter().flat_map(|way| &way.edges);
        let steps = steps.map(|(step, span)| (format!("{edge}: {step}"), step.clone(), *span));
        if self.breaches.iter().all(|breach| breach.kind == BreachKind::Private) {
            let named = self.named.iter().map(|(path, span)| (format!("{edge}::{path}"), along.clone(), *span));
            return named.collect();
        }
        let is_indirect = self.declared.is_empty() && !self.ways.is_empty();
        let own = (!is_indirect).then(|| (edge.clone(), along, self.place()));
        own.into_iter().chain(steps).collect()
    }
}

/// Finds all violations, in the order of packages and of what they lead to.
pub fn find(model: &Model<'_>, drawn: Drawn<'_>, edges: &Edges<'_>, layers: &[Option<usize>]) -> Vec<Violation> {
    let config = drawn.config;
    let mut finder = Finder { model, edges, uses: None, found: BTreeMap::new() };
    for edge in edges.iter() {
        if let Some(breach) = of_layers(config, layers, edge) {
            finder.declared(edge, &config.kinds, breach);
        }
    }
    config.forbidden.iter().for_each(|table| finder.forbidden(table));
    config.limited.iter().for_each(|table| finder.limited(table));
    config.owned.iter().for_each(|table| finder.owned(table));
    config.interfaces.iter().for_each(|table| finder.interface(table, &config.kinds));
    finder.finish()
}

/// What layers say of an edge between packages that are each in one.
pub fn of_layers(config: &config::Boundaries, layers: &[Option<usize>], edge: &Edge<'_>) -> Option<Breach> {
    let Node::Member(to) = edge.to else { return None };
    let (own, other) = (layers[edge.from.0 as usize]?, layers[to.0 as usize]?);
    let layer = &config.layers[own];
    let kind = match own.cmp(&other) {
        std::cmp::Ordering::Greater => {
            BreachKind::Upwards { own: layer.name.clone(), other: config.layers[other].name.clone() }
        }
        std::cmp::Ordering::Equal if layer.independent => BreachKind::Siblings { layer: layer.name.clone() },
        _ => return None,
    };
    Some(Breach { kind, because: layer.because.clone(), place: layer.range })
}

struct Finder<'f, 'w> {
    model: &'f Model<'w>,
    edges: &'f Edges<'w>,
    /// Gathered when somebody asks.
    uses: Option<Uses>,
    /// By package, module and what they lead to.
    found: BTreeMap<(PackageId, &'f str, Node<'f>), Violation>,
}

impl<'f, 'w> Finder<'f, 'w> {
    fn forbidden(&mut self, table: &'f config::Forbid) {
        let breach = || Breach { kind: BreachKind::Forbidden, because: table.because.clone(), place: table.range };
        self.forbidden_to_modules(table);
        for from in self.packages(&table.from) {
            for edge in self.edges.from(from).filter(|edge| self.edges.fits(&table.to, edge.to)) {
                self.declared(edge, &table.kinds, breach());
            }
            if table.transitive {
                for (to, found) in ways(self.edges, from, table) {
                    let violation = self.violation(from, to, breach());
                    violation.kinds.insert(EdgeKind::Normal);
                    violation.ways = found;
                }
            }
        }
    }

    /// Modules that name what they must not.
    fn forbidden_to_modules(&mut self, table: &'f config::Forbid) {
        for pattern in &table.from {
            let Some((package, module)) = pattern.module() else { continue };
            let edges = self.edges;
            let of_package = |edge: &&Edge<'f>| edges.name(Node::Member(edge.from)) == package;
            for edge in edges.iter().filter(of_package).filter(|edge| edges.fits(&table.to, edge.to)) {
                let uses =
                    self.uses.get_or_insert_with(|| Uses::of(self.model)).between(self.model, edge.from, edge.to);
                let inside =
                    uses.iter().filter(|found| table.kinds.has(found.kind()) && found.is_in(self.model, module));
                let found: Vec<(EdgeKind, Span)> = inside.map(|found| (found.kind(), found.span)).collect();
                if !found.is_empty() {
                    let because = table.because.clone();
                    let violation = self.violation_of(edge.from, module, edge.to);
                    violation.source.clone_from(&pattern.text);
                    violation.breaches.push(Breach { kind: BreachKind::Forbidden, because, place: table.range });
                    violation.kinds.extend(found.iter().map(|(kind, _)| *kind));
                    violation.uses.extend(found.iter().map(|(_, span)| *span));
                }
            }
        }
    }

    fn limited(&mut self, table: &'f config::AllowOnly) {
        for from in self.packages(&table.from) {
            for edge in self.edges.from(from) {
                let allowed = match edge.to {
                    Node::Member(_) => &table.packages,
                    Node::Outside(_) => &table.crates,
                };
                if allowed.as_ref().is_some_and(|allowed| !self.edges.fits(allowed, edge.to)) {
                    let because = table.because.clone();
                    let breach = Breach { kind: BreachKind::NotAllowed, because, place: table.range };
                    self.declared(edge, &table.kinds, breach);
                }
            }
        }
    }

    fn owned(&mut self, table: &'f config::Own) {
        let by: Vec<String> = table.by.iter().map(|pattern| format!("`{}`", pattern.text)).collect();
        let by = by.join(" and ");
        let breach = |kind| Breach { kind, because: table.because.clone(), place: table.range };
        let is_owner = |edges: &Edges<'_>, package| edges.fits_package(&table.by, package);
        for edge in self.edges.iter() {
            if !is_owner(self.edges, edge.from) && self.edges.fits(&table.crates, edge.to) {
                self.declared(edge, &table.kinds, breach(BreachKind::Owned { by: by.clone() }));
            }
        }
        let crates: BTreeSet<Node<'f>> =
            self.edges.iter().map(|edge| edge.to).filter(|to| self.edges.fits(&table.crates, *to)).collect();
        for node in crates.into_iter().filter(|node| matches!(node, Node::Outside(_))) {
            self.handed_on(node, table, &breach(BreachKind::Owned { by: by.clone() }));
        }
        for role in &table.roles {
            let wanted = [*role];
            let sites = self.model.sites_with(&wanted);
            let of_package = sites.map(|site| (self.model.names.defs.package(site.view.prepared.owner), site.head()));
            let found: BTreeSet<(PackageId, Span)> = of_package.filter_map(|(of, span)| Some((of?, span))).collect();
            for (from, span) in found.into_iter().filter(|(from, _)| !is_owner(self.edges, *from)) {
                let kind = BreachKind::OwnedRole { role: *role, by: by.clone() };
                let violation = self.violation(from, Node::Outside(role.id()), breach(kind));
                violation.kinds.insert(EdgeKind::Normal);
                violation.uses.push(span);
            }
        }
    }

    /// A crate that is named through a package that hands it on, by those who do not declare it.
    fn handed_on(&mut self, node: Node<'f>, table: &config::Own, breach: &Breach) {
        let Some(krate) = crate_of(self.model, node) else { return };
        let uses = self.uses.get_or_insert_with(|| Uses::of(self.model));
        let all = uses.through_members(self.model, krate).filter(|(_, found)| table.kinds.has(found.kind()));
        let found: Vec<(PackageId, EdgeKind, Span)> =
            all.map(|(from, found)| (from, found.kind(), found.span)).collect();
        for (from, kind, span) in found.into_iter().filter(|(from, ..)| !self.edges.fits_package(&table.by, *from)) {
            let violation = self.violation(from, node, breach.clone());
            violation.kinds.insert(kind);
            violation.uses.push(span);
        }
    }

    fn interface(&mut self, table: &'f config::Interface, kinds: &Kinds) {
        for edge in self.edges.iter() {
            let is_inside = |package| self.edges.fits_package(&table.of, package);
            let of_other = matches!(edge.to, Node::Member(to) if is_inside(to));
            if !of_other || self.edges.fits_package(&table.except, edge.from) || !edge.is_of(kinds) {
                continue;
            }
            let uses = self.uses.get_or_insert_with(|| Uses::of(self.model));
            let mut named: BTreeMap<String, Span> = BTreeMap::new();
            for found in uses.between(self.model, edge.from, edge.to) {
                let path: Vec<&str> =
                    found.path.iter().map(|segment| self.model.names.defs.symbols.text(*segment)).collect();
                if (!found.test || kinds.has(EdgeKind::Dev)) && !is_public(table, &path) {
                    named.entry(path.join("::")).or_insert(found.span);
                }
            }
            if !named.is_empty() {
                let breach = Breach { kind: BreachKind::Private, because: table.because.clone(), place: table.range };
                self.declared(edge, kinds, breach);
                self.violation_of(edge.from, "", edge.to).named.extend(named);
            }
        }
    }

    fn packages(&self, patterns: &[Pattern]) -> Vec<PackageId> {
        let all = self.model.workspace.package_ids();
        all.filter(|package| self.edges.fits_package(patterns, *package)).collect()
    }

    /// An edge that breaks a boundary, if it is of the kinds that this is about.
    fn declared(&mut self, edge: &Edge<'f>, kinds: &Kinds, breach: Breach) {
        let declared = edge.declared_as(kinds, self.model.workspace);
        if declared.is_empty() {
            return;
        }
        let violation = self.violation(edge.from, edge.to, breach);
        for (kind, span) in declared {
            violation.kinds.insert(kind);
            if !violation.declared.contains(&span) {
                violation.declared.push(span);
            }
        }
    }

    fn violation(&mut self, from: PackageId, to: Node<'f>, breach: Breach) -> &mut Violation {
        let violation = self.violation_of(from, "", to);
        if !violation.breaches.iter().any(|known| known.place == breach.place && known.kind == breach.kind) {
            violation.breaches.push(breach);
        }
        violation
    }

    fn violation_of(&mut self, from: PackageId, module: &'f str, to: Node<'f>) -> &mut Violation {
        let name = self.edges.name(to);
        let source = self.edges.name(Node::Member(from)).to_string();
        self.found.entry((from, module, to)).or_insert_with(|| Violation {
            from,
            source,
            to: name.to_string(),
            breaches: Vec::new(),
            kinds: BTreeSet::new(),
            declared: Vec::new(),
            ways: Vec::new(),
            uses: Vec::new(),
            named: BTreeMap::new(),
            accepted: None,
        })
    }

    fn finish(self) -> Vec<Violation> {
        let Self { model, uses, mut found, .. } = self;
        if found.values().any(|violation| !violation.declared.is_empty()) {
            let uses = uses.unwrap_or_else(|| Uses::of(model));
            for ((from, _, to), violation) in found.iter_mut().filter(|(_, violation)| !violation.declared.is_empty()) {
                let all = uses.between(model, *from, *to);
                let ships =
                    all.iter().any(|found| !found.test) && violation.kinds.iter().any(|kind| *kind != EdgeKind::Dev);
                violation.uses.extend(all.iter().filter(|found| !(ships && found.test)).map(|found| found.span));
            }
        }
        found.into_values().collect()
    }
}

/// Whether a path from a crate's root names what its interface holds, or what leads there.
fn is_public(table: &config::Interface, path: &[&str]) -> bool {
    let agree = |public: &Pattern| public.text.split("::").zip(path).all(|(public, segment)| public == *segment);
    path.is_empty() || table.public.iter().any(agree)
}
