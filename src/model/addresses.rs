//! Addresses of peers that are written out in the sources, and the calls that go there.

use super::Model;
use super::backward::Binding;
use super::callables::CallableId;
use super::entries::EntryKind;
use super::places::At;
use super::site::Site;
use crate::catalog::Role;
use crate::facts::{MacroShape, NodeKind, Operator, PatternKind};
use core::net::Ipv4Addr;
use rustc_hash::FxHashSet;

/// A call that goes to an address which is written out.
pub struct Addressed<'m> {
    pub call: Site<'m>,
    /// Where the address is written.
    pub written: Site<'m>,
    pub host: &'m str,
}

/// Calls that are given an address to go to.
const GO: [Role; 4] = [Role::HttpRequestNew, Role::HttpOneShot, Role::HttpClientBuilder, Role::ClientNew];
/// How many names and calls are looked through.
const MAX_STEPS: usize = 16;
/// Turn text into another type, or hand it on.
const CONVERSIONS: [&str; 13] = [
    "as_ref",
    "as_str",
    "clone",
    "expect",
    "from",
    "from_shared",
    "from_static",
    "from_str",
    "into",
    "parse",
    "to_owned",
    "to_string",
    "unwrap",
];

impl<'m> Model<'m> {
    /// Calls of services to peers whose addresses are written out. One for each address.
    pub fn addressed(&'m self) -> Vec<Addressed<'m>> {
        let mut found: Vec<Addressed<'m>> = Vec::new();
        let serving = self.serving();
        let is_of_service = |call: &Site<'m>| {
            let contexts = self.contexts.of(call.callable()).iter();
            contexts
                .filter_map(|context| self.contexts.entry(self, call.callable(), *context))
                .any(|entry| entry.kind != EntryKind::Main || serving.contains(&entry.callable))
        };
        for call in self.sites_with(&GO).filter(is_of_service) {
            for written in call.args().filter_map(Site::written_text) {
                let host = written.str_literal().and_then(private_host);
                let at = |site: Site<'m>| -> At { (site.view.id, site.node) };
                let Some(host) = host.filter(|_| found.iter().all(|known| at(known.written) != at(written))) else {
                    continue;
                };
                found.push(Addressed { call, written, host });
            }
        }
        found
    }

    /// What comes to start a server, consumer or scheduler, on whose time ever. Other programs of a package may be
    /// tools.
    fn serving(&'m self) -> FxHashSet<CallableId> {
        let starts = self.sites_with(&[Role::ServerStart, Role::SchedulerStart, Role::MessageSource]);
        let mut open: Vec<CallableId> = starts.map(Site::callable).collect();
        let mut serving: FxHashSet<CallableId> = open.iter().copied().collect();
        while let Some(id) = open.pop() {
            let callers = self.calls.callers(id).filter(|(_, edge)| edge.certainty.carries());
            open.extend(callers.map(|(caller, _)| caller).filter(|caller| serving.insert(*caller)));
        }
        serving
    }
}

impl<'m> Site<'m> {
    /// The literal that a text is, or begins with: through constants, locals that do not change, and conversions.
    pub fn written_text(self) -> Option<Site<'m>> {
        let mut at = self;
        for _ in 0..MAX_STEPS {
            at = match at.kind() {
                NodeKind::Literal(_) => return at.str_literal().map(|_| at),
                NodeKind::Operator(Operator::Ref { .. } | Operator::Deref) | NodeKind::Try => at.child(0)?,
                NodeKind::Name(_) | NodeKind::Path(_) => at.named_value()?,
                NodeKind::Method { .. } if at.is_conversion() => at.child(0)?,
                NodeKind::Call if at.is_conversion() => at.arg(0)?,
                NodeKind::Macro { shape: MacroShape::Format, .. } => at.beginning()?,
                NodeKind::Block { value: true, .. } if at.child(1).is_none() => at.child(0)?,
                _ => return None,
            };
        }
        None
    }

    fn is_conversion(self) -> bool {
        let name = match (self.kind(), self.child(0).map(Site::kind)) {
            (NodeKind::Method { name, .. }, _) => Some(self.text_of(name)),
            (_, Some(NodeKind::Path(path))) => {
                self.body().path(path).segments.last().map(|segment| self.text_of(segment.name))
            }
            _ => None,
        };
        let is_outside = || self.target().is_none_or(|def| !self.model.names.defs.is_workspace(def));
        name.is_some_and(|name| CONVERSIONS.contains(&name)) && is_outside()
    }

    /// What a local that does not change is bound to, or what makes a constant.
    fn named_value(self) -> Option<Site<'m>> {
        let Some(pattern) = self.view.types.locals.get(&self.node) else {
            let constant = self.model.places.named_at((self.view.id, self.node))?;
            return Some(self.model.callable_site(self.model.callables.of_def(constant)?));
        };
        let PatternKind::Bind { mutable: false, .. } = self.body().pattern(*pattern).kind else { return None };
        match self.model.binding(self, *pattern) {
            Binding::Value(value) => Some(value),
            _ => None,
        }
    }

    /// What a formatted text begins with: its own text, or what is put there.
    fn beginning(self) -> Option<Site<'m>> {
        let format = self.args().find(|arg| arg.str_literal().is_some())?;
        let text = format.str_literal()?;
        let Some(name) = text.strip_prefix('{').and_then(|rest| rest.split('}').next()) else { return Some(format) };
        let mut others = self.args().skip_while(|arg| !arg.is(format)).skip(1);
        match name {
            "" => others.next(),
            _ => others.find(|arg| matches!(arg.kind(), NodeKind::Name(found) if arg.text_of(found) == name)),
        }
    }
}

/// The host that an address names, if it is one of a network of one's own. What comes after `{` is not known.
fn private_host(text: &str) -> Option<&str> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, text),
    };
    let known = rest.split('{').next()?;
    let authority = known.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
    let is_cut = known.len() < rest.len() && authority.len() == known.len() && port.is_none();
    let has_port = port.is_some_and(|port| !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()));
    // Who is told the port of something on the same machine has been told where it is.
    let is_told = known.len() < rest.len() && !has_port && is_loopback(host);
    let is_address = !is_cut && !is_told && (scheme.is_some() || has_port) && !asks_for_health(rest);
    (is_address && is_private(host, scheme.is_some() && port.is_some())).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

fn is_private(host: &str, may_be_short: bool) -> bool {
    /// What no name of the public network ends with.
    const ENDINGS: [&str; 8] =
        [".svc", ".svc.cluster.local", ".local", ".internal", ".lan", ".corp", ".intranet", ".home.arpa"];
    // Where a cloud tells a machine about itself is the same everywhere.
    let is_of_cloud = host.starts_with("metadata.") || host.ends_with(".docker.internal");
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return !address.is_unspecified() && !address.is_link_local();
    }
    let is_name = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let is_short = may_be_short && !host.contains('.');
    is_name && !is_of_cloud && (host == "localhost" || is_short || ENDINGS.iter().any(|end| host.ends_with(end)))
}

/// What asks after the health of a process asks the one beside it.
fn asks_for_health(rest: &str) -> bool {
    ["health", "ready", "readiness", "live", "liveness", "ping", "alive"]
        .iter()
        .any(|word| rest.split(['/', '?', '-', '_', 'z']).skip(1).any(|part| part == *word))
}

#[cfg(test)]
mod tests {
    use super::private_host;

    #[test]
    fn hosts_of_a_network_of_ones_own() {
        let private = [
            ("http://10.0.0.5:8080", "10.0.0.5"),
            ("kv://user:word@cache.prod.svc.cluster.local/0", "cache.prod.svc.cluster.local"),
            ("http://localhost:8080/orders/{}", "localhost"),
            ("http://10.0.0.5:{}/orders", "10.0.0.5"),
            ("127.0.0.1:9000", "127.0.0.1"),
            ("http://stock:8080/items", "stock"),
            ("https://billing.internal", "billing.internal"),
        ];
        for (text, host) in private {
            assert_eq!(private_host(text), Some(host), "{text}");
        }
        let others = [
            "https://api.example.com/v1",
            "http://0.0.0.0:80",
            "http://169.254.169.254/latest",
            "http://metadata.google.internal/",
            "http://{host}:80",
            "http://local{rest}",
            "http://localhost:{}/orders",
            "http://localhost:8080/healthz",
            "http://127.0.0.1:8080/api/health",
            "stock:8080",
            "unix:///run/socket",
            "GET",
        ];
        for text in others {
            assert_eq!(private_host(text), None, "{text}");
        }
    }
}
