//! Which types of the workspace its production code makes values of: only their impls can be behind a trait object.

use super::callables::CallableId;
use super::calls::{CallGraph, Source};
use super::defs::{DefId, DefKind};
use super::types::{TyKind, TypeTable, TypeView};
use crate::facts::NodeKind;
use rustc_hash::FxHashSet;

/// Derived, these make no value out of anything else.
const MAKE_NONE: [&str; 8] = ["Clone", "Copy", "Debug", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash"];

/// The types of which production code makes values.
pub struct Made<'m> {
    source: Source<'m>,
    types: FxHashSet<DefId>,
}

impl<'m> Made<'m> {
    pub fn of(source: Source<'m>, graph: &CallGraph) -> Self {
        let mut types = source.declared.derives_unknown.clone();
        for found in &source.declared.impls[source.declared.written_impls..] {
            if found.of_trait.is_some_and(|(of, _)| !MAKE_NONE.contains(&source.names.defs.name(of))) {
                types.insert(found.def);
            }
        }
        for view in source.bodies {
            let table = TypeView { base: &source.declared.tys, own: &view.types.types };
            for node in view.facts().ids() {
                let makes = matches!(view.facts().kind(node), NodeKind::Struct { .. } | NodeKind::Call);
                if let TyKind::Adt(def, _) = *table.kind(view.types.node(node))
                    && makes
                    && !types.contains(&def)
                    && is_called(source, graph, source.callables.around(view.facts(), view.id, node))
                {
                    types.insert(def);
                }
            }
        }
        Self { source, types }
    }

    /// Whether the type whose impl has a method may be behind a trait object: it is not when it is a struct of the
    /// workspace with fields of which no value is made.
    pub fn may_be_behind(&self, method: CallableId) -> bool {
        let Source { names, declared, .. } = self.source;
        let owner = names.defs.get(self.source.owner_of(method)).parent;
        let Some(of) = owner.and_then(|owner| declared.find_impl(owner)) else { return true };
        let TyKind::Adt(def, _) = *declared.tys.kind(of.self_ty) else { return true };
        let fields = declared.fields.get(&def);
        !names.defs.is_workspace(def)
            || names.defs.get(def).kind != DefKind::Struct
            || fields.is_none_or(|fields| fields.is_empty())
            || self.types.contains(&def)
    }
}

/// Whether production code can come to a callable: a function that belongs to a type has to be named somewhere.
fn is_called(source: Source<'_>, graph: &CallGraph, id: CallableId) -> bool {
    let root = std::iter::successors(Some(id), |id| source.callables.get(*id).parent).last().unwrap_or(id);
    let owner = source.names.defs.get(source.owner_of(root)).parent;
    let is_of_type =
        owner.is_some_and(|owner| source.declared.find_impl(owner).is_some_and(|found| found.of_trait.is_none()));
    !is_of_type || graph.callers(root).next().is_some()
}
