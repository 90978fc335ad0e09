//! The modules of the workspace and which needs what another one declares.

use super::{Cycle, Edge, EdgeKind, Graph, Node, NodeKind, PlaceFinder, View};
use crate::model::Model;
use crate::model::defs::{CrateOrigin, DefId, DefKind, ItemRef};
use crate::model::modules::ModuleEdge;
use crate::source::{FileId, Span};
use std::collections::BTreeMap;

/// `packages` are the names of those whose modules are shown; all are when none is named.
pub(super) fn gather(places: &mut PlaceFinder<'_, '_>, packages: &[String]) -> Graph {
    let model = places.model;
    let defs = &model.names.defs;
    let files = files(model);
    let shown = defs.ids().filter(|id| is_shown(model, *id, packages));
    let position: BTreeMap<DefId, usize> = shown.enumerate().map(|(at, id)| (id, at)).collect();
    let mut nodes: Vec<Node> = position.keys().map(|id| node(places, &files, *id)).collect();
    let mut edges: BTreeMap<(DefId, DefId), Edge> = BTreeMap::new();
    for needed in model.modules().edges().iter().filter(|edge| edge.needs().next().is_some()) {
        let (Some(from), Some(to)) = (position.get(&needed.from), position.get(&needed.to)) else { continue };
        edges.insert((needed.from, needed.to), edge(places, needed, *from, *to));
    }
    let mut cycles = Vec::new();
    for cycle in model.modules().cycles(model) {
        if !cycle.modules.iter().all(|module| position.contains_key(module)) {
            continue;
        }
        let id = cycles.len() + 1;
        for module in &cycle.modules {
            nodes[position[module]].cycle.get_or_insert(id);
        }
        for part in &cycle.edges {
            if let Some(edge) = edges.get_mut(&(part.from, part.to)) {
                edge.cycle.get_or_insert(id);
                edge.is_cut |= cycle.cut.iter().any(|cut| (cut.from, cut.to) == (part.from, part.to));
            }
        }
        cycles.push(Cycle { id });
    }
    Graph { view: View::Modules, nodes, edges: edges.into_values().collect(), cycles }
}

fn is_shown(model: &Model<'_>, id: DefId, packages: &[String]) -> bool {
    let defs = &model.names.defs;
    let def = defs.get(id);
    let CrateOrigin::Target { package, kind, .. } = defs.krate(def.krate).origin else { return false };
    def.kind == DefKind::Module
        && !def.test
        && defs.is_workspace(id)
        && kind.is_production()
        && (packages.is_empty() || packages.contains(&model.workspace.package(package).name))
}

fn edge(places: &mut PlaceFinder<'_, '_>, needed: &ModuleEdge, from: usize, to: usize) -> Edge {
    Edge {
        weight: needed.items().len(),
        places: needed.needs().map(|found| places.place(found.span)).collect(),
        is_outward: places.model.names.defs.is_inside(needed.from, needed.to),
        ..Edge::new(from, to, EdgeKind::Normal)
    }
}

fn node(places: &mut PlaceFinder<'_, '_>, files: &BTreeMap<ItemRef, FileId>, id: DefId) -> Node {
    let model = places.model;
    let defs = &model.names.defs;
    let def = defs.get(id);
    let own = match (def.item, defs.krate(def.krate).origin) {
        (Some(item), _) => files.get(&item).copied(),
        (None, CrateOrigin::Target { package, target, .. }) => {
            model.workspace.package(package).targets[target].modules.first().map(|root| root.file)
        }
        _ => None,
    };
    let inline = || {
        let span = Span::new(def.item?.file, defs.item(id)?.range);
        Some((span.file, places.lines(span)))
    };
    let found = own.map(|file| (file, u64::from(model.workspace.file(file).facts.lines))).or_else(inline);
    let (path, lines) =
        found.map_or((String::new(), 0), |(file, lines)| (model.workspace.file(file).path.clone(), lines));
    Node { lines, is_service: model.is_served(id), ..Node::new(defs.path(id), NodeKind::Module, path) }
}

/// The file that each `mod name;` stands for.
fn files(model: &Model<'_>) -> BTreeMap<ItemRef, FileId> {
    let targets = model.workspace.packages.iter().flat_map(|package| &package.targets);
    let of_target = targets.flat_map(|target| {
        target.modules.iter().filter_map(|module| {
            let (parent, item) = module.declared?;
            Some((ItemRef { file: target.modules[parent].file, item }, module.file))
        })
    });
    of_target.collect()
}
