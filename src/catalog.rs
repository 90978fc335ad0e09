//! Framework knowledge as data: which names play which role, and what outside crates look like to the type checker.
//!
//! One TOML file a crate, in `rules/catalog`. `description` is Rust source without bodies, read like any other source.
//! `[roles]` lists paths under the role they play: `a::b` an item, `a::Type::method` a member, `a::b!` a macro,
//! `#[a::b]` an attribute. Users add their own in `scale-lint.toml`, in the same notation. `[[fixes]]` says how a call is
//! written so that something about it is mended, and `[functions]` what that may call.

mod rewrites;
mod roles;

use crate::error::nearest;
use crate::source::TextRange;
use rewrites::{FunctionTable, RewriteTable};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

pub use rewrites::{NewFunction, Rewrite};
pub use roles::Role;

/// All that is known of outside crates.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub crates: Vec<CatalogCrate>,
}

/// What one catalog file says.
#[derive(Clone, Debug)]
pub struct CatalogCrate {
    /// The package's name, as in a manifest.
    pub package: String,
    pub description: String,
    pub entries: Vec<Entry>,
    /// The items that derive macros declare beside a type, by the macro's name: source like a description.
    pub derives: BTreeMap<String, String>,
    /// How the modules end in which a code generator of this crate puts the traits that services implement.
    pub generated_services: Vec<String>,
    pub rewrites: Vec<Rewrite>,
    pub functions: BTreeMap<String, NewFunction>,
    /// The feature that turns all others on.
    pub all_features: Option<String>,
}

/// One name with its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub role: Role,
    pub subject: Subject,
    /// The first version of the package of which this holds.
    pub since: Option<Version>,
    /// The first version of which it no longer does.
    pub until: Option<Version>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: SubjectKind,
    /// The segments of the path.
    pub path: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    Item,
    Macro,
    Attribute,
}

/// The parts of a version that matter for compatibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Version {
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(['.', '-', '+']).map(|part| part.parse().ok());
        let major = parts.next()??;
        let mut rest = || parts.next().flatten().unwrap_or(0);
        Some(Version(major, rest(), rest()))
    }
}

/// What is wrong with a catalog file or a user's additions, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogError {
    pub message: String,
    pub help: Option<String>,
    pub range: TextRange,
}

/// The `[roles]` table: paths, or paths with the versions they hold for, by role.
pub type RoleTable = BTreeMap<Spanned<String>, Vec<Spanned<Written>>>;

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Written {
    Path(String),
    Versioned { path: String, since: Option<String>, until: Option<String> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CatalogFile {
    #[serde(rename = "crate")]
    package: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    roles: RoleTable,
    #[serde(default)]
    derives: BTreeMap<String, String>,
    #[serde(default)]
    generated_services: Vec<String>,
    #[serde(default)]
    fixes: Vec<RewriteTable>,
    #[serde(default)]
    functions: BTreeMap<String, FunctionTable>,
    all_features: Option<String>,
}

impl CatalogCrate {
    /// Reads one catalog file.
    ///
    /// # Errors
    /// When it is not TOML of the known shape, or names an unknown role.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let file: CatalogFile = toml::from_str(text).map_err(|error| CatalogError {
            message: error.message().to_string(),
            help: None,
            range: error.span().map_or(TextRange::default(), range),
        })?;
        Ok(Self {
            package: file.package,
            description: file.description,
            entries: entries(&file.roles)?,
            derives: file.derives,
            generated_services: file.generated_services,
            rewrites: file.fixes.into_iter().map(RewriteTable::read).collect::<Result<_, _>>()?,
            functions: rewrites::functions(file.functions),
            all_features: file.all_features,
        })
    }
}

/// The entries of a table of roles.
///
/// # Errors
/// When a role is not known or a path is not of the known notation.
pub fn entries(table: &RoleTable) -> Result<Vec<Entry>, CatalogError> {
    let mut entries = Vec::new();
    for (id, paths) in table {
        let role = role(id)?;
        for path in paths {
            entries.push(entry(role, path)?);
        }
    }
    Ok(entries)
}

fn role(id: &Spanned<String>) -> Result<Role, CatalogError> {
    let known = Role::ALL.iter().find(|role| role.id() == id.get_ref());
    known.copied().ok_or_else(|| {
        let near = nearest(id.get_ref(), Role::ALL.iter().map(|role| role.id()));
        CatalogError {
            message: format!("there is no role `{}`", id.get_ref()),
            help: near.map(|near| format!("did you mean `{near}`?")),
            range: range(id.span()),
        }
    })
}

fn entry(role: Role, written: &Spanned<Written>) -> Result<Entry, CatalogError> {
    let error = |message: String| CatalogError { message, help: None, range: range(written.span()) };
    let (path, since, until) = match written.get_ref() {
        Written::Path(path) => (path, &None, &None),
        Written::Versioned { path, since, until } => (path, since, until),
    };
    let subject = subject(path).ok_or_else(|| error(format!("`{path}` is no path to an item, macro or attribute")))?;
    let version = |text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => Version::parse(text).map(Some).ok_or_else(|| error(format!("`{text}` is no version"))),
    };
    Ok(Entry { role, subject, since: version(since)?, until: version(until)? })
}

fn subject(text: &str) -> Option<Subject> {
    let (kind, path) = if let Some(path) = text.strip_suffix('!') {
        (SubjectKind::Macro, path)
    } else if let Some(path) = text.strip_prefix("#[").and_then(|rest| rest.strip_suffix(']')) {
        (SubjectKind::Attribute, path)
    } else {
        (SubjectKind::Item, text)
    };
    let path: Vec<String> = path.split("::").map(str::to_string).collect();
    let is_name = |name: &String| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    path.iter().all(is_name).then_some(Subject { kind, path })
}

fn range(span: std::ops::Range<usize>) -> TextRange {
    TextRange::new(span.start as u32, span.end as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_role_fails_with_its_place_and_the_nearest_name() {
        let text = "crate = \"x\"\n[roles]\nserver-strat = [\"x::serve\"]\n";
        let error = CatalogCrate::parse(text).expect_err("the role is misspelt");
        assert_eq!(error.message, "there is no role `server-strat`");
        assert_eq!(error.help.as_deref(), Some("did you mean `server-start`?"));
        assert_eq!(&text[error.range.start as usize..error.range.end as usize], "server-strat");
    }

    #[test]
    fn paths_are_items_macros_or_attributes() {
        let kind = |text| subject(text).map(|subject| subject.kind);
        assert_eq!(kind("a::B::c"), Some(SubjectKind::Item));
        assert_eq!(kind("a::b!"), Some(SubjectKind::Macro));
        assert_eq!(kind("#[a::b]"), Some(SubjectKind::Attribute));
        assert_eq!(kind("a::"), None);
        assert_eq!(kind("a b"), None);
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        assert!(Version::parse("0.10.0") > Version::parse("0.9.1"));
        assert_eq!(Version::parse("1.0.0-rc.2"), Some(Version(1, 0, 0)));
        assert_eq!(Version::parse("x"), None);
    }
}
