//! The configuration that a workspace starts with: what was found in it, and every rule at its level.

mod boundaries;

use crate::model::Model;
use crate::model::boundaries::Proposal;
use crate::model::entries::EntryKind;
use crate::report::displayable;
use crate::rule::RuleInfo;
use std::collections::BTreeMap;

/// A binary that serves, and how much of each kind enters it.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    package: String,
    /// The folder of its package, relative to the root.
    dir: String,
    entries: BTreeMap<&'static str, usize>,
}

/// What the configuration is fitted to.
#[derive(Debug)]
pub struct Found {
    packages: usize,
    services: Vec<Service>,
    layers: Option<Proposal>,
}

impl Found {
    pub fn in_model(model: &Model<'_>) -> Self {
        let names = &model.names.defs;
        let services = model.services.binaries().filter_map(|(krate, packages)| {
            let package = model.workspace.package(names.krate(krate).origin.package()?);
            let mut entries = BTreeMap::new();
            for entry in model.entries.iter().filter(|entry| entry.kind != EntryKind::Main) {
                if model.is_part_of(model.owner_of(entry.callable), krate, packages) {
                    *entries.entry(entry.kind.word()).or_default() += 1;
                }
            }
            Some(Service { package: package.name.clone(), dir: package.dir.clone(), entries })
        });
        let packages = model.workspace.packages.len();
        Self { packages, services: services.collect(), layers: Proposal::of(model) }
    }

    /// Whether layers are proposed that hold from the first run.
    pub fn has_layers(&self) -> bool {
        self.layers.is_some() && boundaries::is_active(self.packages)
    }

    /// In one line.
    pub fn summary(&self) -> String {
        format!("{}, {}", plural(self.packages, "package"), plural(self.services.len(), "service"))
    }

    /// The text of `scale-lint.toml`. `counts` says how many findings each rule has today.
    pub fn configuration(&self, rules: &[RuleInfo], counts: &BTreeMap<&str, usize>) -> String {
        let layers = self.layers.as_ref().map(|layers| boundaries::text(layers, self.packages));
        let parts = [Some(self.head()), Some(levels(rules, counts)), layers, Some(TAIL.to_string())];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    fn head(&self) -> String {
        let services: String = self.services.iter().map(Service::line).collect();
        let services = match services.as_str() {
            "" => NO_SERVICES.to_string(),
            lines => format!("{SERVICES}{lines}"),
        };
        format!(
            "# Settings of `cargo scale-lint` for this workspace ({}).\n\
             # `cargo scale-lint explain <rule>` tells what a rule means and how to fix what it finds.\n\n\
             # Rules that a later release brings stay off until this is raised, so that an upgrade breaks no build.\n\
             rules-version = \"{}\"\n\n\
             # The lowest severity that makes a run fail: error, warning or note.\n\
             fail-on = \"error\"\n\n\
             # Less sure findings are not shown: high, medium or low.\n\
             min-confidence = \"medium\"\n\n{services}",
            self.summary(),
            env!("CARGO_PKG_VERSION"),
        )
    }
}

const SERVICES: &str = "\
# Services, with what enters them from outside; `cargo scale-lint entry-points` lists each. One that is missing here, or
# has too few, is built of something unknown: name what it calls to start below `[roles]`.
";

const NO_SERVICES: &str = "\
# No binary starts a server, consumer or scheduler, so rules about running services find nothing here. If there is a
# service, it is built of something unknown: name what it calls to start below `[roles]`.
";

const TAIL: &str = r#"# What is known and accepted, by path or package; a reason is required.
# [[allow]]
# rule = "unbounded-channel"
# path = "crates/admin/**"
# reason = "one message a minute, from a timer"
# owner = "platform team"
# until = 2099-12-31

# Your own wrappers, in the words of the catalog.
# [roles]
# server-start = ["platform::http::Server::run"]
# timeout-wrap = ["platform::time::within"]
"#;

impl Service {
    fn line(&self) -> String {
        let entries: Vec<String> = self.entries.iter().map(|(kind, count)| plural(*count, kind)).collect();
        let entries = if entries.is_empty() { "nothing that is known".to_string() } else { entries.join(", ") };
        let dir = if self.dir.is_empty() { "." } else { &self.dir };
        format!("#   {} ({}): {entries}\n", displayable(&self.package), displayable(dir))
    }
}

/// Every rule at its level, as a comment, by family.
fn levels(rules: &[RuleInfo], counts: &BTreeMap<&str, usize>) -> String {
    let mut families: BTreeMap<&str, Vec<&RuleInfo>> = BTreeMap::new();
    rules.iter().for_each(|rule| families.entry(rule.family).or_default().push(rule));
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let padded = width + " = \"warning\"".len();
    let line = |rule: &&RuleInfo| {
        let setting = format!("{:width$} = \"{}\"", rule.id, rule.page.severity);
        match counts.get(rule.id) {
            Some(count) => format!("# {setting:padded$}  # {} today\n", plural(*count, "finding")),
            None => format!("# {setting}\n"),
        }
    };
    let family =
        |(name, rules): (&str, Vec<&RuleInfo>)| format!("\n# {name}\n{}", rules.iter().map(line).collect::<String>());
    let families: String = families.into_iter().map(family).collect();
    format!("# Levels: off, note, warning or error.\n[rules]\n{families}")
}

/// `1 handler`, `2 handlers`.
fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 || word == "middleware" { "" } else { "s" })
}
