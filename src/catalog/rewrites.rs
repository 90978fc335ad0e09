//! Other ways to write a call: the texts of fixes, which only those know who know the crate.

use super::{CatalogError, Role, Subject, range, subject};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// How a call is written so that something about it is mended.
#[derive(Clone, Debug, Default)]
pub struct Rewrite {
    /// What is mended, by the role that the call has or that one beside it should have.
    pub about: Option<Role>,
    /// The calls that can be written so.
    pub of: Vec<Subject>,
    /// What is called in its place; `*` stands for the name of what was.
    pub path: Option<String>,
    /// The last name of what is called in its place.
    pub name: Option<String>,
    /// Calls of methods put before it.
    pub before: Vec<String>,
    /// Calls of methods put behind it.
    pub after: Vec<String>,
    /// What it is given in the place of its arguments.
    pub arguments: Option<String>,
    /// One more argument.
    pub append: Option<String>,
    /// A function of the catalog that the new text calls.
    pub function: Option<String>,
    /// What the package must turn on of this crate.
    pub features: Vec<String>,
}

/// A function that a fix brings along.
#[derive(Clone, Debug)]
pub struct NewFunction {
    pub text: String,
    pub features: Vec<String>,
}

/// One table of `[[fixes]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewriteTable {
    #[serde(rename = "for")]
    about: Spanned<String>,
    of: Vec<Spanned<String>>,
    path: Option<String>,
    name: Option<String>,
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    after: Vec<String>,
    arguments: Option<String>,
    append: Option<String>,
    function: Option<String>,
    #[serde(default)]
    features: Vec<String>,
}

/// One table of `[functions]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionTable {
    text: String,
    #[serde(default)]
    features: Vec<String>,
}

impl RewriteTable {
    pub fn read(self) -> Result<Rewrite, CatalogError> {
        let Self { path, name, before, after, arguments, append, function, features, .. } = self;
        let about = Some(super::role(&self.about)?);
        let of = self.of.iter().map(|path| {
            let error = || CatalogError {
                message: format!("`{}` is no path to an item", path.get_ref()),
                help: None,
                range: range(path.span()),
            };
            subject(path.get_ref()).ok_or_else(error)
        });
        let of = of.collect::<Result<_, _>>()?;
        Ok(Rewrite { about, of, path, name, before, after, arguments, append, function, features })
    }
}

pub fn functions(tables: BTreeMap<String, FunctionTable>) -> BTreeMap<String, NewFunction> {
    let read = |table: FunctionTable| NewFunction { text: table.text, features: table.features };
    tables.into_iter().map(|(name, table)| (name, read(table))).collect()
}
