//! Calls of a trait's method: to which impls they may go, and which of these only hand the call on.

use super::callables::CallableId;
use super::calls::{CallGraph, Certainty, Edge, Source};
use super::made::Made;
use crate::facts::{Body, NodeId, NodeKind};
use rustc_hash::{FxHashMap, FxHashSet};

/// Of more impls than this, the one that a call reaches depends on what the program is told, not on how it is built.
pub const MAX_IMPLS: usize = 4;

fn is_dispatched(edge: &Edge) -> bool {
    matches!(edge.certainty, Certainty::Dispatch | Certainty::Ambiguous)
}

/// Leaves out the impls of types that nobody makes, and judges by how many are left that do the work themselves.
pub fn keep_made(edges: &mut Vec<Edge>, made: &Made<'_>, forwarders: &FxHashSet<CallableId>) {
    edges.retain(|edge| !is_dispatched(edge) || made.may_be_behind(edge.to));
    let mut impls: FxHashMap<NodeId, usize> = FxHashMap::default();
    for edge in edges.iter().filter(|edge| is_dispatched(edge)) {
        *impls.entry(edge.site).or_default() += usize::from(!forwarders.contains(&edge.to));
    }
    for edge in edges.iter_mut().filter(|edge| is_dispatched(edge)) {
        edge.certainty = if impls[&edge.site] > MAX_IMPLS { Certainty::Ambiguous } else { Certainty::Dispatch };
    }
}

/// The impls, among those that calls are dispatched to, that hand the call on to another of them: a client around the
/// real thing, a layer that counts or retries.
pub fn forwarders(source: Source<'_>, graph: &CallGraph) -> FxHashSet<CallableId> {
    let mut groups: FxHashSet<Vec<CallableId>> = FxHashSet::default();
    for id in source.callables.ids() {
        let mut of_site: FxHashMap<NodeId, Vec<CallableId>> = FxHashMap::default();
        for edge in graph.callees(id).iter().filter(|edge| is_dispatched(edge)) {
            of_site.entry(edge.site).or_default().push(edge.to);
        }
        groups.extend(of_site.into_values().filter(|impls| impls.len() > MAX_IMPLS));
    }
    let in_group = groups.iter().flat_map(|group| group.iter().filter(|id| hands_on(source, graph, **id, group)));
    in_group.copied().collect()
}

fn hands_on(source: Source<'_>, graph: &CallGraph, id: CallableId, group: &[CallableId]) -> bool {
    let body = source.callables.get(id).body;
    let inside = std::iter::once(id).chain(source.callables.of_body(body));
    let is_other = |edge: &Edge| edge.to != id && group.contains(&edge.to);
    inside.flat_map(|part| graph.callees(part)).any(is_other) || is_passed_on(source, id)
}

/// `self.inner.save(order).await`, and nothing else, as the body of `save`.
fn is_passed_on(source: Source<'_>, id: CallableId) -> bool {
    let view = source.bodies[source.callables.get(id).body.0 as usize];
    let (body, own) = (view.facts(), source.names.defs.get(view.prepared.owner).name);
    let mut statements = body.children(Body::ROOT);
    let (Some(first), None) = (statements.next(), statements.next()) else { return false };
    let file = source.names.defs.file(view.prepared.file);
    let is_own = |node: NodeId| matches!(body.kind(node), NodeKind::Method { name, .. } if file.symbol(name) == own);
    std::iter::successors(Some(first), |at| body.child(*at, 0)).any(is_own)
}
