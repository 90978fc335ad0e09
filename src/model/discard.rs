//! What is dropped in the statement that makes it.

use super::flow::{Use, use_of, uses_of_local};
use super::site::Site;
use super::types::{Prim, TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{Body, MacroShape, NodeId, NodeKind, PatternId, PatternKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discarded {
    /// A future that nobody awaits: what it would do is not done.
    Future,
    /// The value itself.
    Value,
}

/// Whether a value, or the future that would give it, is dropped before the next statement. Follows the value through
/// what hands it on, as long as `is_value` holds.
pub fn discarded<'m>(site: Site<'m>, is_value: impl Fn(Site<'m>) -> bool) -> Option<Discarded> {
    let mut at = site;
    loop {
        let is_future = site.model.declared.is_future(&at.types(), at.ty()) || at.has(Role::TimeoutWrap);
        let what = if is_future { Discarded::Future } else { Discarded::Value };
        if !is_future && !is_value(at) {
            return None;
        }
        match use_of(at.body(), at.node) {
            Use::Dropped => return Some(what),
            Use::Bound(pattern) => return unnamed(at, pattern, what).filter(|_| is_let(at)),
            Use::Awaited(next) | Use::Tried(next) => at = at.at(next),
            Use::Receiver(call) if !is_future && is_condition(at.at(call)) => return Some(Discarded::Value),
            Use::Receiver(call) => at = at.at(call),
            Use::Argument(call, _) if at.at(call).has(Role::TimeoutWrap) => at = at.at(call),
            _ => return None,
        }
    }
}

/// A `let` drops a temporary at its end; the conditions of branches keep it.
fn is_let(site: Site<'_>) -> bool {
    let mut around = site.body().ancestors(site.node).map(|node| site.body().kind(node));
    let is_binder =
        |kind: &NodeKind| matches!(kind, NodeKind::Let { .. } | NodeKind::LetCondition(_) | NodeKind::Arm { .. });
    around.find(is_binder).is_some_and(|kind| matches!(kind, NodeKind::Let { .. }))
}

/// What has no name is dropped at once; a future whose name is never used is never awaited.
fn unnamed(site: Site<'_>, pattern: PatternId, what: Discarded) -> Option<Discarded> {
    let body = site.body();
    match (&body.pattern(pattern).kind, what) {
        (PatternKind::Wild, _) => Some(what),
        (PatternKind::TupleStruct(_, parts), Discarded::Value) => match parts[..] {
            [only] => unnamed(site, only, what),
            _ => None,
        },
        (PatternKind::Bind { .. }, Discarded::Future) => {
            let is_used = !uses_of_local(body, site.view.types, pattern).is_empty();
            (!is_used && !hides_uses(body, site.node)).then_some(what)
        }
        _ => None,
    }
}

/// Whether something after a node is not understood, and may use any name.
fn hides_uses(body: &Body, node: NodeId) -> bool {
    let is_hidden = |kind| matches!(kind, NodeKind::Unknown | NodeKind::Macro { shape: MacroShape::Opaque, .. });
    body.ids().any(|after| after > node && is_hidden(body.kind(after)))
}

/// `if waited.is_err() { .. }`: a plain condition drops what it looks at.
fn is_condition(call: Site<'_>) -> bool {
    let is_bool = matches!(call.types().kind(call.ty()), TyKind::Prim(Prim::Bool));
    is_bool && matches!(use_of(call.body(), call.node), Use::Operand(user) if call.body().kind(user) == NodeKind::If)
}
