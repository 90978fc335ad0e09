//! What handlers take from requests.

use super::Model;
use super::callables::CallableId;
use super::defs::DefId;
use super::roles::RoleSet;
use super::site::Site;
use crate::catalog::Role;
use crate::facts::PatternId;

impl<'w> Model<'w> {
    /// The parameter by which a handler takes the whole body of a request, held in memory.
    pub fn body_param(&self, handler: CallableId) -> Option<PatternId> {
        let callable = self.callables.get(handler);
        let site = Site { model: self, view: self.body(callable.body), node: callable.node };
        site.params().into_iter().find(|param| {
            let ty = site.view.types.pattern(*param);
            let reads = self.guard_in(&site.types(), ty, RoleSet::of(&[Role::BodyExtract])).is_some();
            reads || self.peeled_def(&site.types(), ty).is_some_and(|def| self.is_made_from_body(def))
        })
    }

    /// Whether a type of the workspace is an extractor that leaves reading the body to another one.
    fn is_made_from_body(&self, def: DefId) -> bool {
        let written = self.declared.impls[..self.declared.written_impls].iter();
        let of_role =
            written.filter(|found| found.of_trait.is_some_and(|(of, _)| self.roles.of(of).has(Role::ExtractTrait)));
        let own = of_role.filter(|found| self.peeled_def(&self.declared.tys, found.self_ty) == Some(def));
        let members = own.flat_map(|found| self.names.members.get(&found.def).into_iter().flatten());
        members.filter_map(|member| self.callables.of_def(*member)).any(|id| {
            let view = self.body(self.callables.get(id).body);
            let mut sites = view.types.calls.iter().map(|call| Site { model: self, view, node: call.node });
            sites.any(|site| self.extracts_body(site))
        })
    }

    fn extracts_body(&self, call: Site<'_>) -> bool {
        let owner = call.target().and_then(|def| self.names.defs.get(def).parent);
        let of_trait = owner.and_then(|owner| self.declared.find_impl(owner)?.of_trait).map(|(of, _)| of);
        let is_extraction = of_trait.or(owner).is_some_and(|of| self.roles.of(of).has(Role::ExtractTrait));
        is_extraction && self.guard_in(&call.types(), call.outcome_ty(), RoleSet::of(&[Role::BodyExtract])).is_some()
    }
}
