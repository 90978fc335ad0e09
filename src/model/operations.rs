//! Operations: handlers that serve those who run the service, or only hand out files, which need no watching over.

use super::Model;
use super::callables::CallableId;
use super::coverage::Coverage;
use super::entries::EntryPoint;
use crate::facts::NodeKind;

/// What such routes and their handlers are called.
const WORDS: [&str; 45] = [
    "alive",
    "asset",
    "assets",
    "debug",
    "doc",
    "docs",
    "fallback",
    "favicon",
    "health",
    "healthcheck",
    "healthy",
    "healthz",
    "heartbeat",
    "index",
    "info",
    "lbheartbeat",
    "live",
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
    "profile",
    "prometheus",
    "rapidoc",
    "readiness",
    "ready",
    "readyz",
    "redirect",
    "redoc",
    "robots",
    "scalar",
    "schema",
    "startup",
    "static",
    "status",
    "swagger",
    "up",
    "version",
    "wellknown",
];

impl Coverage<'_> {
    /// Whether an entry point is for those who run the service, by its route or its name.
    pub fn is_operational(&self, model: &Model<'_>, entry: &EntryPoint) -> bool {
        let name = model.callable_name(entry.callable);
        let route = self.route(entry).unwrap_or_default();
        let path = route.rsplit(' ').next().unwrap_or_default();
        // A parameter is no word of the route.
        let segments = path.split('/').filter(|segment| !segment.starts_with(['{', ':', '<']));
        let last = segments.filter(|segment| !segment.is_empty()).next_back().unwrap_or_default();
        [last, name.rsplit("::").next().unwrap_or_default()].into_iter().any(is_operational)
    }
}

fn is_operational(name: &str) -> bool {
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
        assert!(is_operational("health_handler") && is_operational("openapi.json") && !is_operational("orders"));
    }
}
