//! Channels: what fills the one end, and what empties the other.

use super::Model;
use super::defs::DefId;
use super::flow::{Use, use_of};
use super::forward::{Go, Used, follow_binding};
use super::site::Site;
use super::types::{Ty, TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{NodeId, NodeKind, PatternKind};

/// The two ends of a channel, as far as they can be followed.
#[derive(Default)]
pub struct Channel<'m> {
    /// Where messages are put in.
    pub sends: Vec<Site<'m>>,
    /// Where messages are taken out.
    pub receives: Vec<Site<'m>>,
    /// The sender is kept in a field or static, so that it outlives the function that makes the channel.
    pub is_kept: bool,
}

impl<'m> Model<'m> {
    /// The ends of a channel that `let (sender, receiver) = made` takes apart.
    pub fn channel(&'m self, made: Site<'m>) -> Option<Channel<'m>> {
        let Use::Bound(pattern) = use_of(made.body(), made.node) else { return None };
        let PatternKind::Tuple(ends) = &made.body().pattern(pattern).kind else { return None };
        let [sender, receiver] = ends[..] else { return None };
        let mut channel = Channel::default();
        follow_binding(self, made, sender, |used| match used {
            Used::Receiver(call) if call.has(Role::ChannelSend) => {
                channel.sends.push(call);
                Go::Stop
            }
            Used::Kept(_) | Used::Static(_) => {
                channel.is_kept = true;
                Go::On
            }
            Used::Receiver(_) | Used::Argument(..) => Go::On,
            Used::Exported(_) | Used::Lost => Go::Stop,
        });
        follow_binding(self, made, receiver, |used| match used {
            Used::Receiver(call) if call.has(Role::ChannelReceive) || call.is_awaited() => {
                channel.receives.push(call);
                Go::Stop
            }
            Used::Receiver(_) | Used::Argument(..) | Used::Kept(_) | Used::Static(_) => Go::On,
            Used::Exported(_) | Used::Lost => Go::Stop,
        });
        for ends in [&mut channel.sends, &mut channel.receives] {
            ends.sort_by_key(|site| site.span());
            ends.dedup_by_key(|site| site.span());
        }
        Some(channel)
    }
}

impl<'m> Site<'m> {
    /// Whether the messages of a channel made here bring along where their answer goes. Then no more of them wait than
    /// there are callers who do.
    pub fn is_answered(self) -> bool {
        let table = self.types();
        let TyKind::Tuple(ends) = *table.kind(self.ty()) else { return false };
        let Some(TyKind::Adt(_, args)) = table.args(ends).first().map(|sender| table.kind(*sender)) else {
            return false;
        };
        table.args(*args).iter().any(|message| self.model.carries_sender(&table, *message, 0))
    }
}

/// How deep messages are looked into for where their answer goes.
const MAX_DEPTH: usize = 3;

impl Model<'_> {
    fn carries_sender(&self, table: &impl TypeTable, ty: Ty, depth: usize) -> bool {
        let parts = match *table.kind(ty) {
            TyKind::Adt(def, _) if self.roles.of(def).has(Role::ChannelSender) => return true,
            TyKind::Adt(def, args) => {
                let is_part = |of: &DefId| *of == def || self.names.defs.get(*of).parent == Some(def);
                let of_def = self.declared.fields.iter().filter(|(of, _)| is_part(of));
                let mut fields = of_def.flat_map(|(_, fields)| fields).map(|(_, ty)| *ty);
                if depth < MAX_DEPTH && fields.any(|ty| self.carries_sender(&self.declared.tys, ty, depth + 1)) {
                    return true;
                }
                args
            }
            TyKind::Tuple(parts) => parts,
            _ => return false,
        };
        depth < MAX_DEPTH
            && table.args(parts).to_vec().into_iter().any(|part| self.carries_sender(table, part, depth + 1))
    }
}

impl<'m> Site<'m> {
    /// The calls that each round of the innermost loop around this place waits for; when the place is awaited in a
    /// `select!`, those of its arm alone.
    pub fn calls_in_loop(self) -> Vec<Site<'m>> {
        let Some(round) = self.loops().next() else { return Vec::new() };
        let mut around = round;
        let body = self.body();
        let is_arm = |node: &NodeId| matches!(body.kind(body.node(*node).parent), NodeKind::Select);
        if let Some(arm) = body.ancestors(self.node).take_while(|node| *node != around.node).find(is_arm) {
            around = self.at(arm);
        }
        let inside = (around.node.0..body.node(around.node).end.0).map(NodeId);
        let calls = inside.map(|node| self.at(node)).filter(|site| site.call().is_some());
        calls.filter(|call| call.callable() == self.callable() && !call.ends_loop(round)).collect()
    }
}
