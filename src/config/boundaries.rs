//! Boundaries as the user draws them: layers, forbidden and permitted edges, owners, interfaces, and exceptions to these.
//!
//! Which packages a pattern fits is not known here, so a pattern that fits none is found out by those who know them.

mod written;

pub(super) use written::{
    WrittenAllowOnly, WrittenException, WrittenForbid, WrittenInterface, WrittenLayer, WrittenOwn, WrittenSettings,
};

use super::{Date, path_matches};
use crate::catalog::Role;
use crate::finding::UnknownWord;
use crate::source::TextRange;
use std::collections::BTreeSet;
use std::str::FromStr;

/// All that is drawn; nothing by default.
#[derive(Clone, Debug, Default)]
pub struct Boundaries {
    /// Every package has to be in a layer.
    pub exhaustive: bool,
    /// Which dependencies layers are about.
    pub kinds: Kinds,
    /// The highest first. A package may depend on those below its own layer, and on others of its own.
    pub layers: Vec<Layer>,
    pub forbidden: Vec<Forbid>,
    pub limited: Vec<AllowOnly>,
    pub owned: Vec<Own>,
    pub interfaces: Vec<Interface>,
    pub exceptions: Vec<Exception>,
}

#[derive(Clone, Debug)]
pub struct Layer {
    pub name: String,
    pub packages: Vec<Pattern>,
    /// Its packages may not depend on one another.
    pub independent: bool,
    /// It may be empty, and so may what its patterns fit.
    pub optional: bool,
    pub because: Option<String>,
    pub range: TextRange,
}

/// `from` may not depend on `to`. What it is about may be a module, which then may not name it.
#[derive(Clone, Debug)]
pub struct Forbid {
    pub from: Vec<Pattern>,
    pub to: Vec<Pattern>,
    pub kinds: Kinds,
    /// Nor through other packages of the workspace.
    pub transitive: bool,
    pub optional: bool,
    pub because: Option<String>,
    pub range: TextRange,
}

/// `from` may depend on nothing else. What is `None` is not limited.
#[derive(Clone, Debug)]
pub struct AllowOnly {
    pub from: Vec<Pattern>,
    /// Of the workspace.
    pub packages: Option<Vec<Pattern>>,
    /// From outside.
    pub crates: Option<Vec<Pattern>>,
    pub kinds: Kinds,
    pub optional: bool,
    pub because: Option<String>,
    pub range: TextRange,
}

/// Nobody else may depend on these crates, or do what these roles stand for.
#[derive(Clone, Debug)]
pub struct Own {
    pub crates: Vec<Pattern>,
    pub roles: Vec<Role>,
    pub by: Vec<Pattern>,
    pub kinds: Kinds,
    pub optional: bool,
    pub because: Option<String>,
    pub range: TextRange,
}

/// What others may name of a package.
#[derive(Clone, Debug)]
pub struct Interface {
    pub of: Vec<Pattern>,
    /// Paths from the root of the crate, with all below them.
    pub public: Vec<Pattern>,
    /// Packages that may name all of it.
    pub except: Vec<Pattern>,
    pub optional: bool,
    pub because: Option<String>,
    pub range: TextRange,
}

/// An edge that is known and accepted although a boundary forbids it.
#[derive(Clone, Debug)]
pub struct Exception {
    pub from: String,
    pub to: String,
    pub kinds: Kinds,
    pub reason: String,
    pub owner: Option<String>,
    /// The last day on which it holds.
    pub until: Option<Date>,
    pub range: TextRange,
}

/// A name in which `*` may stand for anything; with a `/` in it, the folder of a manifest. `layer:name` stands for all
/// packages of a layer.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub text: String,
    pub range: TextRange,
}

impl Pattern {
    /// The package and the module in it that `package::module` stands for.
    pub fn module(&self) -> Option<(&str, &str)> {
        self.text.split_once("::")
    }

    /// The layer that it stands for.
    pub fn layer(&self) -> Option<&str> {
        self.text.strip_prefix("layer:")
    }

    /// Whether it fits a package by name, or the folder of one of the workspace.
    pub fn fits(&self, name: &str, dir: Option<&str>) -> bool {
        if self.text.contains('/') {
            let pattern = self.text.trim_start_matches("./").trim_end_matches('/');
            dir.is_some_and(|dir| path_matches(pattern, dir))
        } else {
            path_matches(&self.text, name)
        }
    }
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    Normal,
    Build,
    Dev,
}

/// What ships counts by itself; tests reach up everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds(pub BTreeSet<EdgeKind>);

impl Kinds {
    pub fn has(&self, kind: EdgeKind) -> bool {
        self.0.contains(&kind)
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Self([EdgeKind::Normal, EdgeKind::Build].into())
    }
}

impl EdgeKind {
    const WORDS: &[&str] = &["normal", "build", "dev"];

    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

impl FromStr for EdgeKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let all = [EdgeKind::Normal, EdgeKind::Build, EdgeKind::Dev];
        all.into_iter().find(|kind| kind.word() == text).ok_or(UnknownWord { expected: Self::WORDS })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{mistake, parse};

    const DRAWN: &str = r#"
[boundaries]
exhaustive = true
kinds = ["normal", "build", "dev"]

[[layer]]
name = "services"
packages = ["services/*", "gateway"]
independent = true

[[layer]]
name = "domain"
packages = "domain-*"

[[forbid]]
from = "domain-*"
to = ["driver", "client"]
transitive = true
because = "the domain is tested without a network"

[[allow-only]]
from = "domain-core"
packages = []
crates = ["serde"]
kinds = ["normal"]

[[own]]
roles = ["http-request"]
by = "gateway"

[[interface]]
of = "domain-core"
public = ["api::v1", "Order"]

[[exception]]
from = "domain-a"
to = "driver"
reason = "moves in spring"
until = 2099-03-31
"#;

    #[test]
    fn all_that_is_drawn_is_read() {
        let drawn = parse(DRAWN).expect("the configuration is right").boundaries;
        assert!(drawn.exhaustive && drawn.layers[0].independent && !drawn.layers[1].independent);
        assert!(drawn.forbidden[0].kinds.has(EdgeKind::Dev), "tables take the kinds that are set for all");
        assert!(!drawn.limited[0].kinds.has(EdgeKind::Build));
        assert_eq!(drawn.limited[0].packages.as_ref().map(Vec::len), Some(0));
        assert_eq!(drawn.owned[0].roles, [Role::HttpRequest]);
        assert_eq!(drawn.interfaces[0].public[0].text, "api::v1");
        assert!(!drawn.exceptions[0].kinds.has(EdgeKind::Dev), "an exception is for what ships unless it says more");
        let fits =
            |layer: usize, name, dir| drawn.layers[layer].packages.iter().any(|pattern| pattern.fits(name, Some(dir)));
        assert!(fits(0, "orders", "services/orders") && fits(0, "gateway", "edge/gateway"));
        assert!(!fits(0, "services", "crates/services") && fits(1, "domain-a", "a") && !fits(0, "x", "services/a/b"));
    }

    #[test]
    fn mistakes_of_boundaries_are_pointed_at() {
        let at = |text: &str| {
            let (message, at, help) = mistake(text);
            (message, at, help.unwrap_or_default())
        };
        assert_eq!(at("[[layer]]\nname = \"a\"\n[[layer]]\nname = \"a\"\n").0, "there are two layers `a`");
        assert_eq!(at("[boundaries]\nexhaustive = true\n").0, "`exhaustive` needs layers");
        assert_eq!(at("[boundaries]\nkinds = [\"devel\"]\n").1, "\"devel\"");
        assert_eq!(at("[[layer]]\nname = \"a\"\nindependant = true\n").2, "did you mean `independent`?");
        assert_eq!(at("[[own]]\nroles = [\"http-requst\"]\nby = \"a\"\n").2, "did you mean `http-request`?");
        assert_eq!(at("[[own]]\nby = \"a\"\n").0, "an `[[own]]` names nothing to own");
        assert_eq!(at("[[allow-only]]\nfrom = \"a\"\n").0, "an `[[allow-only]]` limits nothing");
        assert_eq!(at("[[forbid]]\nfrom = \"a\"\nto = []\n").1, "[]");
        assert_eq!(at("[[forbid]]\nfrom = \"a\"\nto = \"b::c\"\n").0, "`b::c` is no package");
        assert_eq!(at("[[forbid]]\nfrom = \"x/a::b\"\nto = \"c\"\n").0, "`x/a::b` is no module");
        assert_eq!(at("[[forbid]]\nfrom = 3\nto = \"c\"\n").1, "3");
        assert_eq!(at("[[exception]]\nfrom = \"a\"\nto = \"b\"\n").0, "an `[[exception]]` gives no reason");
        assert_eq!(at("[[exception]]\nfrom = \"a-*\"\nto = \"b\"\nreason = \"x\"\n").1, "\"a-*\"");
        assert_eq!(at("[[interface]]\nof = \"a\"\npublic = [\"b::*\"]\n").0, "this is no path");
    }
}
