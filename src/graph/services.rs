//! The binaries that serve, what enters them, and the topics, endpoints and tables whose names are written out.

use super::{Edge, EdgeKind, Entry, Graph, Node, NodeKind, PlaceFinder, View};
use crate::catalog::Role;
use crate::model::Model;
use crate::model::callables::CallableKind;
use crate::model::coverage::Coverage;
use crate::model::defs::{CrateId, CrateOrigin, DefId};
use crate::model::entries::{EntryKind, EntryPoint};
use crate::model::site::Site;
use crate::model::sql;
use crate::source::{FileId, Span};
use crate::workspace::{Package, PackageId, Target};
use std::collections::{BTreeMap, BTreeSet};

/// Something outside of all services.
type Outside = (NodeKind, String);

pub(super) fn gather(places: &mut PlaceFinder<'_, '_>) -> Graph {
    let model = places.model;
    let coverage = Coverage::of(model);
    let services: Vec<(CrateId, &BTreeSet<PackageId>)> = model.services.binaries().collect();
    let mut nodes: Vec<Node> =
        services.iter().map(|(krate, packages)| service(places, &coverage, *krate, packages)).collect();
    let mut outside: BTreeMap<Outside, usize> = BTreeMap::new();
    let mut edges: BTreeMap<(usize, usize, EdgeKind), Edge> = BTreeMap::new();
    for (owner, span, kind, goal) in named(model) {
        for (from, (krate, packages)) in services.iter().enumerate() {
            if !model.is_part_of(owner, *krate, packages) {
                continue;
            }
            let to = *outside.entry(goal.clone()).or_insert_with(|| {
                nodes.push(Node::new(&goal.1, goal.0, ""));
                nodes.len() - 1
            });
            let edge = edges.entry((from, to, kind)).or_insert_with(|| Edge::new(from, to, kind));
            edge.places.push(places.place(span));
            edge.weight = edge.places.len();
        }
    }
    Graph { view: View::Services, nodes, edges: edges.into_values().collect(), cycles: Vec::new() }
}

fn service(
    places: &mut PlaceFinder<'_, '_>,
    coverage: &Coverage<'_>,
    krate: CrateId,
    packages: &BTreeSet<PackageId>,
) -> Node {
    let model = places.model;
    let binary = target(model, krate);
    let name = binary.map_or("", |(_, target)| &target.name);
    let dir = binary.map_or("", |(package, _)| &package.dir);
    let dir = if dir.is_empty() { "." } else { dir };
    let is_inside = |entry: &&EntryPoint| {
        entry.kind != EntryKind::Main && model.is_part_of(model.owner_of(entry.callable), krate, packages)
    };
    let mut entries: Vec<Entry> =
        model.entries.iter().filter(is_inside).map(|point| entry(places, coverage, point)).collect();
    entries.sort_by(|a, b| (a.kind, &a.route, &a.place, &a.function).cmp(&(b.kind, &b.route, &b.place, &b.function)));
    let lines = lines(model, krate, packages);
    Node { entries, lines, is_service: true, ..Node::new(name, NodeKind::Service, dir) }
}

fn entry(places: &mut PlaceFinder<'_, '_>, coverage: &Coverage<'_>, point: &EntryPoint) -> Entry {
    let model = places.model;
    let function = model.names.defs.path(model.owner_of(point.callable));
    let is_function = matches!(model.callables.get(point.callable).kind, CallableKind::Function { .. });
    Entry {
        kind: point.kind.word(),
        route: coverage.route(point),
        function: if is_function { function } else { format!("{function}::{{closure}}") },
        place: places.place(model.entry_span(point)),
    }
}

fn target<'w>(model: &Model<'w>, krate: CrateId) -> Option<(&'w Package, &'w Target)> {
    match model.names.defs.krate(krate).origin {
        CrateOrigin::Target { package, target, .. } => {
            let package = model.workspace.package(package);
            Some((package, &package.targets[target]))
        }
        _ => None,
    }
}

/// The lines of all that a binary is made of in the workspace.
fn lines(model: &Model<'_>, krate: CrateId, packages: &BTreeSet<PackageId>) -> u64 {
    let own = target(model, krate).map(|(_, target)| target);
    let targets = packages.iter().flat_map(|id| &model.workspace.package(*id).targets);
    let files: BTreeSet<FileId> = targets
        .filter(|target| target.kind.is_library())
        .chain(own)
        .flat_map(|target| target.modules.iter().map(|module| module.file))
        .collect();
    files.into_iter().map(|file| u64::from(model.workspace.file(file).facts.lines)).sum()
}

/// What production code names outside of the process: who does, where, how, and what.
fn named(model: &Model<'_>) -> Vec<(DefId, Span, EdgeKind, Outside)> {
    let ways = [
        (EdgeKind::Publishes, &[Role::Publish][..]),
        (EdgeKind::Consumes, &[Role::MessageSource]),
        (EdgeKind::Calls, &[Role::HttpRequestNew, Role::HttpOneShot]),
        (EdgeKind::Queries, &[Role::Query, Role::QueryText]),
    ];
    let mut found = Vec::new();
    for (kind, roles) in ways {
        for site in model.sites_with(roles) {
            let texts = site.args().filter_map(Site::str_literal);
            let outside: BTreeSet<Outside> = match kind {
                EdgeKind::Publishes | EdgeKind::Consumes => {
                    texts.filter(|text| is_topic(text)).take(1).map(topic).collect()
                }
                EdgeKind::Calls => texts.filter_map(endpoint).take(1).collect(),
                _ => texts.flat_map(sql::tables).map(|table| (NodeKind::Table, table)).collect(),
            };
            let owner = site.view.prepared.owner;
            found.extend(outside.into_iter().map(|goal| (owner, site.head(), kind, goal)));
        }
    }
    found
}

fn topic(text: &str) -> Outside {
    (NodeKind::Topic, text.to_string())
}

/// A name as brokers have them, not a message.
fn is_topic(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._-:/>*#".contains(c))
}

/// The host that a request goes to.
fn endpoint(text: &str) -> Option<Outside> {
    let (scheme, rest) = text.split_once("://").filter(|(scheme, _)| ["http", "https"].contains(scheme))?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty() && !host.contains(['{', '@']))?;
    Some((NodeKind::Endpoint, format!("{scheme}://{host}")))
}
