//! Shutdown: what becomes of a server's requests in flight when the process is told to end.

use super::Model;
use super::backward::parts;
use super::calls::Runs;
use super::flow::{Use, use_of};
use super::forward::{Go, Used, follow};
use super::reach::Reach;
use super::site::Site;
use crate::catalog::Role;
use crate::facts::{Body, NodeId, NodeKind};

/// How a server ends.
pub enum Ending<'m> {
    /// It finishes what it has begun.
    Drained,
    /// It is gone at once.
    Cut,
    /// A `select!` drops it as soon as this, a signal, comes.
    DroppedFor(Site<'m>),
    /// It cannot be told.
    Unknown,
}

/// How a server ends that a call starts.
pub fn ending<'m>(model: &'m Model<'m>, server: Site<'m>) -> Ending<'m> {
    if !server.has(Role::ServerStart) {
        return Ending::Unknown;
    }
    let mut is_drained = server.has(Role::GracefulShutdown) || is_stopped_elsewhere(model, server);
    is_drained |= parts(model, server).iter().any(|part| part.has(Role::GracefulShutdown));
    if server.has(Role::GracefulByDefault) {
        let keeps_signals = !parts(model, server).iter().any(|part| part.has(Role::SignalsOff));
        return if is_drained || keeps_signals { Ending::Drained } else { Ending::Cut };
    }
    let mut is_known = true;
    follow(model, server, |used| match used {
        Used::Receiver(call) | Used::Argument(call, _) if call.has(Role::GracefulShutdown) => {
            is_drained = true;
            Go::Stop
        }
        Used::Receiver(call) => {
            is_known &= call.target().is_some_and(|def| !model.names.defs.is_workspace(def));
            Go::On
        }
        Used::Argument(call, _) => {
            is_known &= runs(call);
            Go::Stop
        }
        Used::Kept(_) | Used::Static(_) | Used::Exported(_) | Used::Lost => {
            is_known = false;
            Go::Stop
        }
    });
    is_known |= is_awaited(server);
    // A task of a set may be waited for.
    is_known &= !is_in_set(model, server) && !is_accepted_elsewhere(server);
    match dropped_for(model, server) {
        _ if !is_known && !is_drained => Ending::Unknown,
        Some(signal) => Ending::DroppedFor(signal),
        None if is_drained => Ending::Drained,
        None => Ending::Cut,
    }
}

/// Whether a server is awaited where it is started.
fn is_awaited(server: Site<'_>) -> bool {
    let mut at = server;
    while let Use::Receiver(next) | Use::Tried(next) = use_of(at.body(), at.node) {
        at = at.at(next);
    }
    matches!(use_of(at.body(), at.node), Use::Awaited(_))
}

/// Whether a call only runs the future that it is given.
fn runs(call: Site<'_>) -> bool {
    let roles = [Role::Spawn, Role::BlockOn, Role::SpawnBlocking, Role::SpawnThread];
    roles.iter().any(|role| call.has(*role))
}

/// Whether a server of the same framework is stopped through a handle, in the same binary.
fn is_stopped_elsewhere<'m>(model: &'m Model<'m>, server: Site<'m>) -> bool {
    let framework = |site: Site<'m>| site.target().map(|def| model.crate_name(def));
    let mut stops = model.sites_with(&[Role::GracefulShutdown]).filter(|stop| !stop.has(Role::ServerStart));
    stops.any(|stop| {
        let is_near = model.run_together(stop.view.prepared.owner, server.view.prepared.owner);
        // What is called on a server stops that one only.
        let is_of_server = || stop.receiver().is_some_and(|on| on.type_def() == server.type_def());
        let is_alike = framework(stop) == framework(server) || server.has(Role::GracefulByDefault);
        is_near && is_alike && !is_of_server()
    })
}

/// Whether it serves a connection that comes from out of sight, where its end may be waited for.
fn is_accepted_elsewhere(server: Site<'_>) -> bool {
    let body = server.body();
    let mut around = body.ancestors(server.node);
    server.has(Role::ConnectionServe) && !around.any(|node| matches!(body.kind(node), NodeKind::Loop(_)))
}

/// Whether a server runs as part of a task that belongs to a set.
fn is_in_set<'m>(model: &'m Model<'m>, server: Site<'m>) -> bool {
    let id = model.callables.around(server.body(), server.view.id, server.node);
    let around = std::iter::successors(Some(id), |id| model.callables.get(*id).parent);
    around.flat_map(|id| model.calls.callers(id)).any(|(_, edge)| edge.runs == Runs::OwnedTask)
}

/// How many functions are looked at around a server.
const MAX_CALLERS: usize = 6;

/// The signal beside which a `select!` waits for the future that a server is part of, by value.
fn dropped_for<'m>(model: &'m Model<'m>, server: Site<'m>) -> Option<Site<'m>> {
    let signals = Reach::of(model, &[Role::SignalInterrupt, Role::SignalTerminate], |_| true, |_| true);
    let mut at = server;
    for _ in 0..MAX_CALLERS {
        if let Some(signal) = beside(model, &signals, at) {
            return Some(signal);
        }
        let id = model.callables.around(at.body(), at.view.id, at.node);
        let callable = model.callables.get(id);
        at = if callable.node == Body::ROOT {
            let mut callers = model.calls.callers(id).filter(|(_, edge)| edge.certainty.carries());
            let (caller, edge) = callers.next().filter(|(_, edge)| edge.runs == Runs::Inline)?;
            model.callable_site(caller).at(edge.site)
        } else if callable.node == at.node {
            // An async block that is no arm: what is around it waits for it, or nobody does.
            at.at(at.body().node(at.node).parent)
        } else {
            at.at(callable.node)
        };
    }
    None
}

/// The arm of a `select!` that waits for a signal while another waits for this.
fn beside<'m>(model: &'m Model<'m>, signals: &Reach, site: Site<'m>) -> Option<Site<'m>> {
    let body = site.body();
    let callable = model.callables.around(body, site.view.id, site.node);
    let inside = |node: &NodeId| body.contains(model.callables.get(callable).node, *node);
    let select = body.ancestors(site.node).take_while(inside).find(|node| body.kind(*node) == NodeKind::Select)?;
    let heads: Vec<NodeId> = body.children(select).filter_map(|arm| body.child(arm, 0)).collect();
    let own = heads.iter().position(|head| body.contains(*head, site.node))?;
    // `&mut server` is there again after the `select!`.
    if matches!(use_of(body, site.node), Use::Looked(_)) {
        return None;
    }
    let others = heads.iter().enumerate().filter(|(arm, _)| *arm != own);
    others.map(|(_, head)| site.at(*head)).find(|head| waits_for_signal(model, signals, *head))
}

/// `terminate.recv()`, of a stream of signals that was made before.
pub(super) fn is_signal_stream<'m>(model: &'m Model<'m>, site: Site<'m>) -> bool {
    let made = site.receiver().map(|stream| parts(model, stream)).unwrap_or_default();
    made.iter().any(|part| part.has(Role::SignalInterrupt) || part.has(Role::SignalTerminate))
}

fn waits_for_signal<'m>(model: &'m Model<'m>, signals: &Reach, head: Site<'m>) -> bool {
    let body = head.body();
    (head.node.0..body.node(head.node).end.0).map(|node| head.at(NodeId(node))).any(|site| {
        let is_signal = site.has(Role::SignalInterrupt) || site.has(Role::SignalTerminate);
        let called = site.target().and_then(|def| model.callables.of_def(def));
        is_signal || is_signal_stream(model, site) || called.is_some_and(|id| signals.reaches(id))
    })
}
