//! Actors: which of them take which messages, and which wait for another one's reply while they handle a message.

use super::Model;
use super::callables::{CallableId, CallableKind};
use super::calls::Runs;
use super::cycles::tangles;
use super::defs::DefId;
use super::entries::{EntryKind, EntryPoint};
use super::flow::{Use, use_of};
use super::site::Site;
use super::types::{TyKind, TypeTable};
use crate::catalog::Role;
use crate::facts::{Body, NodeId};
use crate::finding::Label;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An actor that asks another one while it handles a message, and waits for the reply.
pub struct Wait<'m> {
    pub from: DefId,
    pub to: DefId,
    /// Where it asks.
    pub site: Site<'m>,
    /// From the handler to there.
    pub way: Vec<Label>,
}

/// The messages that actors take, each with the types of the actors that take it.
type Takers = BTreeMap<DefId, BTreeSet<DefId>>;

impl<'m> Model<'m> {
    /// Circles of actors that wait for one another, each once.
    pub fn actor_circles(&'m self) -> Vec<Vec<Wait<'m>>> {
        let mut waits = self.actor_waits();
        let edges: Vec<(DefId, DefId)> = waits.keys().copied().collect();
        let circles = tangles(edges.iter().copied()).into_iter().map(|tangle| circle(&tangle, &edges));
        circles.map(|circle| circle.into_iter().filter_map(|edge| waits.remove(&edge)).collect()).collect()
    }

    /// The shortest way in which each actor comes to wait for each other one.
    fn actor_waits(&'m self) -> BTreeMap<(DefId, DefId), Wait<'m>> {
        let handlers: Vec<(&EntryPoint, DefId, DefId)> =
            self.entries.iter().filter_map(|entry| self.handled(entry)).collect();
        let mut takers = Takers::new();
        handlers.iter().for_each(|(_, actor, message)| _ = takers.entry(*message).or_default().insert(*actor));
        let asked: BTreeMap<(CallableId, NodeId), (Site<'m>, DefId)> = self
            .sites_with(&[Role::ActorAsk])
            .filter(|site| site.is_reply_awaited())
            .filter_map(|site| Some(((site.callable(), site.node), (site, self.asked(site, &takers)?))))
            .collect();
        let mut waits: BTreeMap<(DefId, DefId), Wait<'m>> = BTreeMap::new();
        if asked.is_empty() {
            return waits;
        }
        for (entry, from, _) in handlers {
            for (id, way) in self.waited_for(entry) {
                for (site, to) in asked.range((id, NodeId(0))..=(id, NodeId(u32::MAX))).map(|(_, ask)| *ask) {
                    let is_shorter = waits.get(&(from, to)).is_none_or(|known| way.len() < known.way.len());
                    if to != from && is_shorter {
                        waits.insert((from, to), Wait { from, to, site, way: way.clone() });
                    }
                }
            }
        }
        waits
    }

    /// The actor that an entry point belongs to, and the message that it handles.
    fn handled(&self, entry: &'m EntryPoint) -> Option<(&'m EntryPoint, DefId, DefId)> {
        let is_function = matches!(self.callables.get(entry.callable).kind, CallableKind::Function { .. });
        let owner = self.owner_of(entry.callable);
        let of = self.names.defs.get(owner).parent.filter(|_| entry.kind == EntryKind::Actor && is_function)?;
        let actor = self.peeled_def(&self.declared.tys, self.declared.find_impl(of)?.self_ty)?;
        let params = &self.declared.signatures.get(&owner)?.params;
        let types = params.iter().skip(1).filter_map(|ty| self.peeled_def(&self.declared.tys, *ty));
        let message = types.into_iter().find(|message| self.names.defs.is_workspace(*message))?;
        Some((entry, actor, message))
    }

    /// The actor that a message goes to, where only one takes it or the address says which.
    fn asked(&self, site: Site<'m>, takers: &Takers) -> Option<DefId> {
        let named: BTreeSet<DefId> =
            site.receiver().into_iter().chain(site.args()).flat_map(Site::named_types).collect();
        let all: BTreeSet<DefId> = takers.values().flatten().copied().collect();
        let mut to: BTreeSet<DefId> = named.iter().find_map(|message| takers.get(message))?.clone();
        if named.iter().any(|of| all.contains(of)) {
            to.retain(|actor| named.contains(actor));
        }
        to.pop_first().filter(|_| to.is_empty())
    }

    /// What an entry point calls and waits for, with the way there.
    fn waited_for(&'m self, entry: &EntryPoint) -> Vec<(CallableId, Vec<Label>)> {
        let mut ways = BTreeMap::from([(entry.callable, vec![self.entry_label(entry)])]);
        let mut queue = VecDeque::from([entry.callable]);
        while let Some(from) = queue.pop_front() {
            for edge in self.calls.callees(from).iter().filter(|edge| edge.certainty.carries()) {
                let site = self.callable_site(from).at(edge.site);
                let is_waited_for =
                    edge.runs == Runs::Inline && (!self.gives_future(edge.to) || site.is_reply_awaited());
                if is_waited_for && !ways.contains_key(&edge.to) {
                    let step = Label::new(site.head(), format!("calls `{}`", self.callable_name(edge.to)));
                    let way = ways[&from].iter().cloned().chain([step]).collect();
                    ways.insert(edge.to, way);
                    queue.push_back(edge.to);
                }
            }
        }
        ways.into_iter().collect()
    }
}

impl<'m> Site<'m> {
    /// Whether a future is awaited where it is made, or is what the function around gives back.
    fn is_reply_awaited(self) -> bool {
        match use_of(self.body(), self.node) {
            Use::Awaited(_) => true,
            Use::Returned(around) => around == Body::ROOT,
            Use::Receiver(call) => self.at(call).has(Role::ActorAsk) && self.at(call).is_reply_awaited(),
            _ => false,
        }
    }

    /// The type of an expression and its generic arguments.
    fn named_types(self) -> Vec<DefId> {
        let table = self.types();
        let mut open = vec![self.ty()];
        let mut found = Vec::new();
        while let Some(ty) = open.pop().filter(|_| found.len() < 8) {
            match table.kind(table.peel_refs(ty)) {
                TyKind::Adt(def, args) => {
                    found.push(*def);
                    open.extend(table.args(*args));
                }
                TyKind::Dyn(bounds) => bounds.iter().for_each(|bound| open.extend(table.args(bound.args))),
                _ => {}
            }
        }
        found
    }
}

/// The shortest way round from the first node of a tangle.
fn circle(tangle: &[DefId], edges: &[(DefId, DefId)]) -> Vec<(DefId, DefId)> {
    let start = tangle[0];
    let mut before: BTreeMap<DefId, DefId> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for (_, to) in edges.iter().filter(|(from, to)| *from == at && tangle.contains(to)) {
            if !before.contains_key(to) {
                before.insert(*to, at);
                queue.push_back(*to);
            }
        }
    }
    let mut round = Vec::new();
    let mut at = start;
    while let Some(from) = before.get(&at) {
        round.push((*from, at));
        at = *from;
        if at == start {
            break;
        }
    }
    round.reverse();
    round
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_way_round() {
        let [a, b, c] = [0, 1, 2].map(DefId);
        let edges = [(a, b), (b, c), (c, a), (b, a), (c, b)];
        assert_eq!(circle(&[a, b, c], &edges), [(a, b), (b, a)]);
        assert_eq!(circle(&[a, b, c], &edges[..3]), [(a, b), (b, c), (c, a)]);
    }
}
