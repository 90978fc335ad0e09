//! Loops that go on for ever, or until they are told to stop.

use super::Model;
use super::callables::CallableId;
use super::calls::Runs;
use super::roles::RoleSet;
use super::shutdown::is_signal_stream;
use super::site::Site;
use super::types::{Prim, TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{Body, JumpKind, LoopKind, NodeId, NodeKind};

impl<'w> Model<'w> {
    /// Whether a callable has a loop that does not end by itself, or hands over to a function that has.
    pub fn runs_for_ever(&self, id: CallableId) -> bool {
        if self.has_endless_loop(id) {
            return true;
        }
        let awaited = self.calls.callees(id).iter().filter(|edge| edge.certainty.carries());
        let mut awaited = awaited.filter(|edge| edge.runs == Runs::Inline);
        awaited.any(|edge| self.has_endless_loop(edge.to))
    }

    /// Whether something is done once, before a callable hands over to a function with a loop that does not end, or
    /// comes to one of its own.
    pub fn begins_before(&self, id: CallableId, site: Site<'_>) -> bool {
        let inline = self.calls.callees(id).iter().filter(|edge| edge.runs == Runs::Inline && edge.certainty.carries());
        let handing = inline.filter(|edge| self.has_endless_loop(edge.to)).map(|edge| edge.site);
        let handing: Vec<NodeId> = handing.collect();
        let own: Vec<NodeId> = self.endless_loops(id).map(|around| around.node).collect();
        let body = site.body();
        let is_endless = |around: Site<'_>| handing.iter().chain(&own).any(|node| body.contains(around.node, *node));
        !site.loops().any(is_endless) && (!own.is_empty() || handing.iter().any(|handing| site.node < *handing))
    }

    fn has_endless_loop(&self, id: CallableId) -> bool {
        self.endless_loops(id).next().is_some()
    }

    fn endless_loops(&self, id: CallableId) -> impl Iterator<Item = Site<'_>> {
        self.callable_site(id).own_loops(id).filter(|around| match around.kind() {
            NodeKind::Loop(LoopKind::Loop) if around.inside().any(Site::suspends) => true,
            NodeKind::Loop(LoopKind::While)
                if around.child(0).is_some_and(|head| head.inside().any(Site::suspends)) =>
            {
                true
            }
            _ => around.is_never_left(),
        })
    }

    /// A loop of a callable that waits for something in each round and that it leaves only when it is told to.
    pub fn loop_never_left(&self, id: CallableId) -> Option<Site<'_>> {
        self.callable_site(id).own_loops(id).find(|around| around.is_never_left())
    }
}

impl<'m> Site<'m> {
    fn is_never_left(self) -> bool {
        let goes_on = match self.kind() {
            NodeKind::Loop(LoopKind::Loop) => true,
            NodeKind::Loop(LoopKind::While) => self.child(0).is_some_and(Site::asks_to_stop),
            _ => false,
        };
        goes_on && self.inside().any(Site::waits) && self.leaving(self).all(|jump| jump.is_told(self))
    }

    fn inside(self) -> impl Iterator<Item = Site<'m>> {
        (self.node.0..self.body().node(self.node).end.0).map(move |node| self.at(NodeId(node)))
    }

    /// The loops of a callable, of which this is the root, without those of closures and async blocks in it.
    fn own_loops(self, id: CallableId) -> impl Iterator<Item = Site<'m>> {
        let loops = self.inside().filter(|site| matches!(site.kind(), NodeKind::Loop(_)));
        loops.filter(move |site| self.model.callables.around(site.body(), site.view.id, site.node) == id)
    }

    fn suspends(self) -> bool {
        matches!(self.kind(), NodeKind::Await | NodeKind::Select)
    }

    fn waits(self) -> bool {
        self.suspends() || self.has(Role::BlockingSleep)
    }

    /// The jumps in this that leave a loop around it.
    fn leaving(self, around: Site<'m>) -> impl Iterator<Item = Site<'m>> {
        let body = self.body();
        let is_loop = |node: &NodeId| matches!(body.kind(*node), NodeKind::Loop(_));
        let is_own = move |jump: &Site<'m>| !is_in_callable(body, jump.node, around.node);
        let leaves = move |jump: &Site<'m>| match jump.kind() {
            NodeKind::Jump { kind: JumpKind::Return, .. } => true,
            NodeKind::Jump { kind: JumpKind::Break, label } => {
                label.is_some() || body.ancestors(jump.node).find(is_loop) == Some(around.node)
            }
            _ => false,
        };
        self.inside().filter(leaves).filter(is_own)
    }

    /// Whether a jump leaves a loop because something outside says so: after a condition that asks for it, or in an arm
    /// of a `select!` that waits for it, beside another that stays.
    fn is_told(self, around: Site<'m>) -> bool {
        let body = self.body();
        let inner = body.ancestors(self.node).take_while(|node| *node != around.node).map(|node| self.at(node));
        inner.into_iter().any(|site| match site.kind() {
            NodeKind::If | NodeKind::Match => site.child(0).is_some_and(Site::asks_to_stop),
            NodeKind::Arm { .. } => {
                let all = site.at(body.node(site.node).parent);
                let mut others = all.args().filter(|arm| arm.node != site.node);
                all.kind() == NodeKind::Select
                    && site.child(0).is_some_and(Site::waits_for_stop)
                    && others.any(|arm| arm.leaving(around).next().is_none())
            }
            _ => false,
        })
    }

    /// Whether a condition looks whether something outside says that it is time to stop.
    fn asks_to_stop(self) -> bool {
        self.inside().any(|site| site.is_stop() || site.called_sites().any(Site::is_stop))
    }

    /// Whether a future is ready when something outside says so.
    fn waits_for_stop(self) -> bool {
        let is_outside = |site: Site<'m>| site.target().is_some_and(|def| !site.model.names.defs.is_workspace(def));
        let is_word = |site: Site<'m>| {
            let of_type = site.type_def().map_or(RoleSet::EMPTY, |def| site.model.roles.of(def));
            site.is_stop()
                || site.has(Role::ChannelReceive)
                || of_type.has(Role::ChannelReceiver)
                || is_outside(site) && is_signal_stream(site.model, site)
        };
        self.inside().any(|site| is_word(site) || site.called_sites().any(Site::is_stop))
    }

    /// The calls in the function of the workspace that this calls.
    fn called_sites(self) -> impl Iterator<Item = Site<'m>> {
        let called = self.target().and_then(|def| self.model.callables.of_def(def));
        let root = called.map(|id| self.model.callable_site(id));
        root.into_iter().flat_map(|root| root.view.types.calls.iter().map(move |call| root.at(call.node)))
    }

    /// A signal, a token, a flag, or a channel whose messages say no more than that they have come.
    fn is_stop(self) -> bool {
        let signals = RoleSet::of(&[Role::SignalInterrupt, Role::SignalTerminate, Role::StopAsked]);
        let is_word = |ty| match self.types().kind(self.types().peel_refs(ty)) {
            TyKind::Prim(Prim::Bool) => true,
            TyKind::Tuple(parts) => self.types().args(*parts).is_empty(),
            _ => false,
        };
        let message = || {
            let channel = self.receiver()?;
            match *self.types().kind(self.types().peel_refs(channel.ty())) {
                TyKind::Adt(_, args) => self.types().args(args).first().copied(),
                _ => None,
            }
        };
        let flags = RoleSet::of(&[Role::InteriorMutable]);
        let is_flag =
            || self.receiver().and_then(Site::type_def).is_some_and(|of| self.model.roles.of(of).meets(flags));
        self.roles().meets(signals)
            || self.has(Role::StateRead) && is_flag() && is_word(self.ty())
            || self.has(Role::ChannelReceive) && message().is_some_and(is_word)
    }
}

/// Whether a closure or async block lies between a node and one around it.
fn is_in_callable(body: &Body, node: NodeId, around: NodeId) -> bool {
    let mut between = body.ancestors(node).take_while(|node| *node != around);
    between.any(|node| matches!(body.kind(node), NodeKind::Closure(_) | NodeKind::Async { .. }))
}
