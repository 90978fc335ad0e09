//! What bounds the size of request bodies.

use super::Model;
use super::backward::parts;
use super::callables::CallableId;
use super::defs::DefId;
use super::roles::RoleSet;
use super::site::Site;
use super::types::{TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{Literal, NodeKind};

/// A limit above this is none: few bodies of that size fit into the memory of a replica.
const MOST: u128 = 1 << 30;

/// What announces the length of a body, where it is written out.
const LENGTH_HEADER: &str = "content-length";

impl<'m> Site<'m> {
    /// Whether a call sets a limit that is one, or turns away bodies that are announced as longer.
    pub fn limits_bodies(self) -> bool {
        let sets = self.roles().meets(RoleSet::of(&[Role::BodyLimitSet, Role::BodyLengthCheck]));
        sets && self.arg(0).and_then(Site::const_value).is_none_or(|limit| limit <= MOST)
    }

    /// Whether this is a layer that is there to limit bodies, whatever its limit.
    pub fn is_body_limit_layer(self) -> bool {
        self.type_def().is_some_and(|def| self.model.roles.of(def).has(Role::LayerBodyLimit))
    }

    /// Whether a call changes the limit that extractors keep to by default. A layer that counts bytes leaves it alone.
    pub fn changes_default_limit(self) -> bool {
        let names = &self.model.names;
        let owner = self.target().and_then(|def| names.defs.get(def).parent);
        let mut siblings = owner.into_iter().flat_map(|owner| names.members.get(&owner).into_iter().flatten());
        siblings.any(|sibling| self.model.roles.of(*sibling).has(Role::BodyLimitOff))
    }

    /// `if limit > 0 { max(limit) } else { disable() }`: whoever runs the service chooses.
    pub fn is_choice_of_limit(self) -> bool {
        let body = self.body();
        let forks = body.ancestors(self.node).filter(|node| matches!(body.kind(*node), NodeKind::If | NodeKind::Match));
        let mut others = forks.flat_map(|node| body.children(node)).filter(|branch| !body.contains(*branch, self.node));
        others.any(|branch| {
            let mut calls = self.view.types.calls.iter().map(|call| call.node);
            calls.any(|call| body.contains(branch, call) && self.at(call).limits_bodies())
        })
    }

    /// Whether this filter, or a middleware that is named here, looks at the announced length of bodies.
    fn reads_length(self) -> bool {
        let own = match self.kind() {
            NodeKind::Closure(_) => self.model.callables.at(self.view.id, self.node),
            NodeKind::Name(_) | NodeKind::Path(_) => match *self.types().kind(self.ty()) {
                TyKind::FnDef(def, _) => self.model.callables.of_def(def),
                _ => None,
            },
            _ => None,
        };
        let is_named = || self.args().any(|arg| arg.str_literal().is_some_and(is_length_header));
        own.map_or_else(is_named, |own| self.model.names_length(own))
    }
}

impl<'w> Model<'w> {
    fn names_length(&self, id: CallableId) -> bool {
        let view = self.body(self.callables.get(id).body);
        let is_written = |literal: &Literal| matches!(literal, Literal::Str(text) if is_length_header(text));
        let is_named = |site: Site<'_>| site.view.id == view.id;
        view.facts().literals.iter().any(is_written)
            || self.mentions(RoleSet::of(&[Role::BodyLengthHeader])).any(is_named)
    }
}

fn is_length_header(text: &str) -> bool {
    text.eq_ignore_ascii_case(LENGTH_HEADER)
}

/// Whether a filter or layer limits bodies, or may: it is made out of sight, or by the workspace's own means. Layers of
/// the type `inert` change nothing here.
pub fn may_limit_bodies<'m>(model: &'m Model<'m>, layer: Site<'m>, inert: Option<DefId>) -> bool {
    let is_own = |def| model.names.defs.is_workspace(def);
    let is_inert = |site: &Site<'m>| inert.is_some() && site.type_def() == inert;
    let parts: Vec<Site<'m>> = parts(model, layer).into_iter().filter(|part| !is_inert(part)).collect();
    let is_made_here =
        parts.iter().any(|part| part.roles().meets(RoleSet::of(&[Role::BodyLimitOff, Role::BodyLimitSet])));
    parts.iter().any(|part| part.limits_bodies() || part.reads_length())
        || layer.is_body_limit_layer() && !is_inert(&layer) && !is_made_here
        || layer.type_def().is_some_and(is_own)
}
