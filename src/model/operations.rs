//! Operations: handlers that serve those who run the service, or only hand out files, which need no watching over.

use super::Model;
use super::callables::CallableId;
use super::coverage::Coverage;
use super::entries::EntryPoint;
use crate::facts::NodeKind;

/// What the names of such routes and handlers have in them.
const WORDS: [&str; 28] = [
    "assets",
    "doc",
    "docs",
    "favicon",
    "health",
    "healthcheck",
    "healthz",
    "heartbeat",
    "lbheartbeat",
    "liveness",
    "livez",
    "metric",
    "metrics",
    "openapi",
    "ping",
    "playground",
    "pprof",
    "preflight",
    "probe",
    "rapidoc",
    "readiness",
    "readyz",
    "redirect",
    "redoc",
    "robots",
    "scalar",
    "startup",
    "swagger",
];

/// What they are called when they are called no more than this.
const NAMES: [&str; 11] =
    ["alive", "debug", "fallback", "healthy", "index", "info", "live", "ready", "static", "status", "version"];

impl Coverage<'_> {
    /// Whether an entry point is for those who run the service, by its route or its name.
    pub fn is_operational(&self, model: &Model<'_>, entry: &EntryPoint) -> bool {
        let name = model.callable_name(entry.callable);
        let route = self.route(entry).unwrap_or_default();
        let path = route.rsplit(' ').next().unwrap_or_default();
        // A parameter is no word of the route.
        let is_word = |segment: &&str| !segment.is_empty() && !segment.starts_with(['{', ':', '<']);
        let mut segments = path.split('/').filter(is_word);
        let ends = [segments.next(), segments.next_back(), name.rsplit("::").next()];
        ends.into_iter().flatten().any(is_operational)
    }
}

fn is_operational(name: &str) -> bool {
    if NAMES.contains(&name) {
        return true;
    }
    let mut words = name.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| WORDS.binary_search(&word.to_ascii_lowercase().as_str()).is_ok())
}

impl Model<'_> {
    /// Whether a callable does more than to put an answer together: it waits for something.
    pub fn waits(&self, id: CallableId) -> bool {
        let root = self.callable_site(id);
        let inside = (root.node.0..root.body().node(root.node).end.0).map(crate::facts::NodeId);
        let mut kinds = inside.map(|node| root.body().kind(node));
        kinds.any(|kind| matches!(kind, NodeKind::Await))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_found_in_names() {
        assert!(WORDS.is_sorted());
        assert!(is_operational("health_handler") && is_operational("openapi.json") && !is_operational("order_status"));
    }
}
