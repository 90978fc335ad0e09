//! Settings: `scale-lint.toml` at the workspace root, or `[workspace.metadata.scale-lint]`.
//!
//! Every mistake is an error with its place and, where a name is unknown, the nearest known one.

mod boundaries;

use crate::catalog::{CatalogError, Entry, RoleTable, Version, entries};
use crate::error::{ErrorSource, UserError, nearest};
use crate::finding::{Confidence, Level, Severity};
use crate::source::TextRange;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use toml::Spanned;

pub use boundaries::{AllowOnly, Boundaries, EdgeKind, Exception, Forbid, Interface, Kinds, Layer, Own, Pattern};

pub const FILE_NAME: &str = "scale-lint.toml";

/// What a configuration may name.
#[derive(Clone, Debug)]
pub struct Known {
    /// Each rule's id with its options.
    pub rules: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Default)]
pub struct Config {
    pub fail_on: Option<Severity>,
    pub min_confidence: Option<Confidence>,
    /// Only rules that this release or an older one brought are on by themselves.
    pub rules_version: Option<Version>,
    pub rules: BTreeMap<String, RuleConfig>,
    pub allows: Vec<Allow>,
    /// The user's own additions to the catalog.
    pub entries: Vec<Entry>,
    pub boundaries: Boundaries,
    /// Where it was read from; `None` when there is no configuration.
    pub source: Option<ConfigSource>,
}

#[derive(Clone, Debug)]
pub struct ConfigSource {
    /// Relative to the workspace root.
    pub path: String,
    pub text: String,
}

#[derive(Clone, Debug, Default)]
pub struct RuleConfig {
    pub level: Option<Level>,
    pub options: BTreeMap<String, i64>,
}

/// An `[[allow]]` table: findings that are known and accepted.
#[derive(Clone, Debug)]
pub struct Allow {
    pub rules: Vec<String>,
    /// A pattern for the finding's path; `*` stands for anything but `/`, `**` for anything.
    pub path: Option<String>,
    pub package: Option<String>,
    pub reason: String,
    pub owner: Option<String>,
    /// The last day on which it holds, as `2027-03-31`.
    pub until: Option<Date>,
    pub range: TextRange,
}

/// A day. Compares as days do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    fail_on: Option<Spanned<String>>,
    min_confidence: Option<Spanned<String>>,
    rules_version: Option<Spanned<String>>,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    #[serde(default)]
    allow: Vec<Spanned<WrittenAllow>>,
    #[serde(default)]
    roles: RoleTable,
    boundaries: Option<Spanned<boundaries::WrittenSettings>>,
    #[serde(default)]
    layer: Vec<Spanned<boundaries::WrittenLayer>>,
    #[serde(default)]
    forbid: Vec<Spanned<boundaries::WrittenForbid>>,
    #[serde(default)]
    allow_only: Vec<Spanned<boundaries::WrittenAllowOnly>>,
    #[serde(default)]
    own: Vec<Spanned<boundaries::WrittenOwn>>,
    #[serde(default)]
    interface: Vec<Spanned<boundaries::WrittenInterface>>,
    #[serde(default)]
    exception: Vec<Spanned<boundaries::WrittenException>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAllow {
    rule: Option<Spanned<String>>,
    #[serde(default)]
    rules: Vec<Spanned<String>>,
    path: Option<String>,
    package: Option<String>,
    reason: Option<String>,
    owner: Option<String>,
    until: Option<Spanned<toml::value::Datetime>>,
}

impl Config {
    /// Reads the configuration of a workspace; the default when there is none.
    ///
    /// # Errors
    /// When there are two, or the one there is has a mistake.
    pub fn read(root: &Path, known: &Known) -> Result<Self, UserError> {
        let mut found = Vec::new();
        for name in [FILE_NAME, ".config/scale-lint.toml"] {
            match fs::read_to_string(root.join(name)) {
                Ok(text) => found.push(ConfigSource { path: name.to_string(), text }),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                // To go on without it would be to overrule the user.
                Err(error) => return Err(UserError::new(format!("`{name}` cannot be read: {error}"))),
            }
        }
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
        if has_metadata(&manifest) {
            found.push(ConfigSource { path: "Cargo.toml".to_string(), text: manifest });
        }
        match &found[..] {
            [] => Ok(Self::default()),
            [_] => Self::parse(found.remove(0), known),
            [first, second, ..] => {
                Err(UserError::new(format!("both `{}` and `{}` configure scale-lint", first.path, second.path))
                    .help("keep one of them; two would have to be merged by guesswork"))
            }
        }
    }

    /// Reads a configuration's text.
    ///
    /// # Errors
    /// When it has a mistake; the error points at it.
    pub fn parse(source: ConfigSource, known: &Known) -> Result<Self, UserError> {
        let parser = Parser { source: &source, known };
        let mut config = parser.parse()?;
        config.source = Some(source);
        Ok(config)
    }

    pub fn rule(&self, id: &str) -> Option<&RuleConfig> {
        self.rules.get(id)
    }
}

fn has_metadata(manifest: &str) -> bool {
    let table: Option<toml::Table> = toml::from_str(manifest).ok();
    table.is_some_and(|table| {
        table.get("workspace").and_then(|workspace| workspace.get("metadata")?.get("scale-lint")).is_some()
    })
}

struct Parser<'p> {
    source: &'p ConfigSource,
    known: &'p Known,
}

#[derive(Deserialize)]
struct Manifest {
    workspace: Workspace,
}

#[derive(Deserialize)]
struct Workspace {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "scale-lint")]
    scale_lint: Written,
}

impl Parser<'_> {
    fn parse(&self) -> Result<Config, UserError> {
        let text = &self.source.text;
        let written = if self.source.path == "Cargo.toml" {
            toml::from_str::<Manifest>(text).map(|manifest| manifest.workspace.metadata.scale_lint)
        } else {
            toml::from_str::<Written>(text)
        };
        let written = written.map_err(|error| {
            let range = error.span().map_or(TextRange::default(), range);
            let message = error.message();
            self.error("the configuration cannot be read", range, message.to_string(), near_field(message))
        })?;
        let mut config = Config {
            fail_on: written.fail_on.as_ref().map(|word| self.word(word)).transpose()?,
            min_confidence: written.min_confidence.as_ref().map(|word| self.word(word)).transpose()?,
            rules_version: written.rules_version.as_ref().map(|pin| self.pin(pin)).transpose()?,
            entries: entries(&written.roles).map_err(|error| self.catalog_error(error))?,
            boundaries: self.boundaries(&written)?,
            ..Config::default()
        };
        for (id, rule) in &written.rules {
            self.check_rule(id)?;
            config.rules.insert(id.get_ref().clone(), self.rule(id.get_ref(), rule)?);
        }
        for allow in &written.allow {
            config.allows.push(self.allow(allow)?);
        }
        Ok(config)
    }

    fn word<T: std::str::FromStr<Err = crate::finding::UnknownWord>>(
        &self,
        word: &Spanned<String>,
    ) -> Result<T, UserError> {
        word.get_ref().parse().map_err(|unknown| {
            let near = nearest(word.get_ref(), crate::finding::UnknownWord::clone(&unknown).expected.iter().copied());
            self.error(
                &format!("`{}` is not known here", word.get_ref()),
                range(word.span()),
                unknown.to_string(),
                near,
            )
        })
    }

    fn pin(&self, written: &Spanned<String>) -> Result<Version, UserError> {
        let current = Version::parse(env!("CARGO_PKG_VERSION")).expect("this release has a version");
        let mistake = |message: String, label: &str| self.error(&message, range(written.span()), label.into(), None);
        match Version::parse(written.get_ref()) {
            Some(pin) if pin <= current => Ok(pin),
            Some(pin) => Err(mistake(format!("the rules of {pin} are not known yet"), "newer than this release")
                .help(format!("this is scale-lint {current}: install a newer one, or pin to it"))),
            None => Err(mistake(format!("`{}` is no release", written.get_ref()), "not a version such as \"0.1.0\"")),
        }
    }

    fn check_rule(&self, id: &Spanned<String>) -> Result<(), UserError> {
        if self.known.rules.contains_key(id.get_ref()) {
            return Ok(());
        }
        let near = nearest(id.get_ref(), self.known.rules.keys().map(String::as_str));
        let message = format!("there is no rule `{}`", id.get_ref());
        Err(self.error(&message, range(id.span()), "unknown rule".into(), near))
    }

    fn rule(&self, id: &str, written: &Spanned<toml::Value>) -> Result<RuleConfig, UserError> {
        let place = range(written.span());
        let level = |word: &str| -> Result<Level, UserError> {
            word.parse().map_err(|unknown: crate::finding::UnknownWord| {
                let near = nearest(word, Level::WORDS.iter().copied());
                self.error(&format!("`{word}` is no level"), place, unknown.to_string(), near)
            })
        };
        let table = match written.get_ref() {
            toml::Value::String(word) => return Ok(RuleConfig { level: Some(level(word)?), ..RuleConfig::default() }),
            toml::Value::Table(table) => table,
            _ => {
                let message = format!("`{id}` is set to neither a level nor a table");
                return Err(self.error(&message, place, "write `\"off\"` or `{ level = \"note\" }`".into(), None));
            }
        };
        let mut rule = RuleConfig::default();
        for (key, value) in table {
            match (key.as_str(), value) {
                ("level", toml::Value::String(word)) => rule.level = Some(level(word)?),
                (key, toml::Value::Integer(value)) if self.known.rules[id].iter().any(|option| option == key) => {
                    rule.options.insert(key.to_string(), *value);
                }
                (key, _) if self.known.rules[id].iter().any(|option| option == key) => {
                    let message = format!("the option `{key}` of `{id}` is a whole number");
                    return Err(self.error(&message, place, "not a whole number".into(), None));
                }
                (key, _) => {
                    let options = self.known.rules[id].iter().map(String::as_str).chain(["level"]);
                    let message = format!("`{id}` has no option `{key}`");
                    return Err(self.error(&message, place, "unknown option".into(), nearest(key, options)));
                }
            }
        }
        Ok(rule)
    }

    fn allow(&self, written: &Spanned<WrittenAllow>) -> Result<Allow, UserError> {
        let place = range(written.span());
        let table = written.get_ref();
        let rules: Vec<&Spanned<String>> = table.rule.iter().chain(&table.rules).collect();
        for id in &rules {
            self.check_rule(id)?;
        }
        let mistake = |message: &str, label: &str| Err(self.error(message, place, label.into(), None));
        if rules.is_empty() {
            return mistake("an `[[allow]]` names no rule", "add `rule = \"..\"` or `rules = [\"..\"]`");
        }
        if table.path.is_none() && table.package.is_none() {
            return mistake("an `[[allow]]` has no scope", "add `path = \"..\"` or `package = \"..\"`");
        }
        let reason = self.reason(table.reason.as_ref(), "an `[[allow]]`", place)?;
        let until = self.until(table.until.as_ref())?;
        Ok(Allow {
            rules: rules.iter().map(|id| id.get_ref().clone()).collect(),
            path: table.path.clone(),
            package: table.package.clone(),
            reason,
            owner: table.owner.clone(),
            until,
            range: place,
        })
    }

    fn reason(&self, written: Option<&String>, of: &str, place: TextRange) -> Result<String, UserError> {
        written.filter(|reason| !reason.trim().is_empty()).cloned().ok_or_else(|| {
            let label = "add `reason = \"..\"`: it is what the next reader needs";
            self.error(&format!("{of} gives no reason"), place, label.into(), None)
        })
    }

    fn until(&self, written: Option<&Spanned<toml::value::Datetime>>) -> Result<Option<Date>, UserError> {
        let Some(until) = written else { return Ok(None) };
        match until.get_ref().date {
            Some(date) => Ok(Some(Date { year: date.year, month: date.month, day: date.day })),
            None => {
                let label = "write it as `until = 2027-03-31`";
                Err(self.error("`until` is no date", range(until.span()), label.into(), None))
            }
        }
    }

    fn catalog_error(&self, error: CatalogError) -> UserError {
        let user = self.error(&error.message, error.range, "in the added roles".into(), None);
        match error.help {
            Some(help) => user.help(help),
            None => user,
        }
    }

    fn error(&self, message: &str, range: TextRange, label: String, near: Option<&str>) -> UserError {
        self.source.mistake(message, range, label, near)
    }
}

impl ConfigSource {
    /// An error that points into the configuration; `near` is what was perhaps meant.
    pub fn mistake(&self, message: &str, range: TextRange, label: String, near: Option<&str>) -> UserError {
        let source = ErrorSource { path: self.path.clone(), text: self.text.clone(), range, label };
        let error = UserError::new(message).at(source);
        match near {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        }
    }
}

/// The known field most like the unknown one that the reader complains of: it quotes first that one, then those it knows.
fn near_field(message: &str) -> Option<&str> {
    let quoted: Vec<&str> = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2).collect();
    let (unknown, known) = quoted.split_first()?;
    nearest(unknown, known.iter().copied())
}

fn range(span: std::ops::Range<usize>) -> TextRange {
    TextRange::new(span.start as u32, span.end as u32)
}

/// Whether a path fits a pattern in which `*` stands for anything but `/` and `**` for anything.
pub fn path_matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((before, after)) => {
            let Some(rest) = path.strip_prefix(before) else { return false };
            let (deep, after) = match after.strip_prefix('*') {
                Some(after) => (true, after.strip_prefix('/').filter(|_| before.is_empty()).unwrap_or(after)),
                None => (false, after),
            };
            let stops = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            let mut stops = stops.take_while(|at| deep || !rest[..*at].contains('/'));
            stops.any(|at| path_matches(after, &rest[at..]))
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub fn parse(text: &str) -> Result<Config, UserError> {
        let rules = [("unbounded-channel", vec![]), ("god-crate", vec!["max-lines"])];
        let known = Known {
            rules: rules.map(|(id, options)| (id.into(), options.into_iter().map(str::to_string).collect())).into(),
        };
        Config::parse(ConfigSource { path: FILE_NAME.into(), text: text.into() }, &known)
    }

    /// The error's message, the text it points at and its help.
    pub fn mistake(text: &str) -> (String, String, Option<String>) {
        let error = parse(text).expect_err("the configuration has a mistake");
        let source = error.source.expect("the error has a place");
        (error.message, source.text[source.range.start as usize..source.range.end as usize].into(), error.help)
    }

    #[test]
    fn levels_and_options_are_read() {
        let config = parse(
            "fail-on = \"warning\"\n[rules]\nunbounded-channel = \"off\"\ngod-crate = { level = \"note\", max-lines = 5 }\n",
        );
        let config = config.expect("the configuration is right");
        assert_eq!(config.fail_on, Some(Severity::Warning));
        assert_eq!(config.rules["unbounded-channel"].level, Some(Level::Off));
        assert_eq!(config.rules["god-crate"].options["max-lines"], 5);
    }

    #[test]
    fn mistakes_are_pointed_at() {
        let (message, at, help) = mistake("[rules]\nunbounded-chanel = \"off\"\n");
        assert_eq!((message.as_str(), at.as_str()), ("there is no rule `unbounded-chanel`", "unbounded-chanel"));
        assert_eq!(help.as_deref(), Some("did you mean `unbounded-channel`?"));
        assert_eq!(mistake("fail-on = \"loud\"\n").1, "\"loud\"");
        assert_eq!(mistake("[rules]\ngod-crate = { max-line = 5 }\n").2.as_deref(), Some("did you mean `max-lines`?"));
        assert_eq!(mistake("[[allow]]\nrule = \"god-crate\"\npath = \"x\"\n").0, "an `[[allow]]` gives no reason");
        assert!(mistake("fale-on = \"error\"\n").0.contains("cannot be read"));
        assert_eq!(mistake("fale-on = \"error\"\n").2.as_deref(), Some("did you mean `fail-on`?"));
        assert_eq!(mistake("[rules]\ngod-crate = 3\n").1, "3");
    }

    #[test]
    fn patterns_stop_at_slashes_unless_doubled() {
        assert!(path_matches("crates/*/src/lib.rs", "crates/a/src/lib.rs"));
        assert!(!path_matches("crates/*/lib.rs", "crates/a/src/lib.rs"));
        assert!(path_matches("crates/**", "crates/a/src/lib.rs"));
        assert!(path_matches("**/lib.rs", "lib.rs"));
        assert!(path_matches("**/lib.rs", "a/b/lib.rs"));
        assert!(!path_matches("a", "ab"));
    }
}
