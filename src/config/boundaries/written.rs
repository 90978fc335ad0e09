//! Boundaries as they are written: tables with places, judged as far as they can be without the workspace.

use super::{AllowOnly, Boundaries, Exception, Forbid, Interface, Kinds, Layer, Own, Pattern};
use crate::catalog::Role;
use crate::config::{Parser, Written, range};
use crate::error::{UserError, nearest};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenSettings {
    #[serde(default)]
    exhaustive: bool,
    kinds: Option<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenLayer {
    name: Spanned<String>,
    packages: Option<Spanned<Names>>,
    #[serde(default)]
    independent: bool,
    #[serde(default)]
    optional: bool,
    because: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenForbid {
    from: Spanned<Names>,
    to: Spanned<Names>,
    kinds: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    transitive: bool,
    #[serde(default)]
    optional: bool,
    because: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenAllowOnly {
    from: Spanned<Names>,
    packages: Option<Spanned<Names>>,
    crates: Option<Spanned<Names>>,
    kinds: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    optional: bool,
    because: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenOwn {
    crates: Option<Spanned<Names>>,
    #[serde(default)]
    roles: Vec<Spanned<String>>,
    by: Spanned<Names>,
    kinds: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    optional: bool,
    because: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenInterface {
    of: Spanned<Names>,
    public: Vec<Spanned<String>>,
    except: Option<Spanned<Names>>,
    #[serde(default)]
    optional: bool,
    because: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenException {
    from: Spanned<String>,
    to: Spanned<String>,
    kinds: Option<Vec<Spanned<String>>>,
    reason: Option<String>,
    owner: Option<String>,
    until: Option<Spanned<toml::value::Datetime>>,
}

/// One name, or a list of them.
pub enum Names {
    One(String),
    Many(Vec<Spanned<String>>),
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Names;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name or a list of names")
            }

            fn visit_str<E>(self, text: &str) -> Result<Names, E> {
                Ok(Names::One(text.to_string()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                Ok(Names::Many(names))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

impl Parser<'_> {
    /// Reads what is drawn, as far as it can be judged without the workspace.
    pub fn boundaries(&self, written: &Written) -> Result<Boundaries, UserError> {
        let settings = written.boundaries.as_ref().map(Spanned::get_ref);
        let mut found = Boundaries {
            exhaustive: settings.is_some_and(|settings| settings.exhaustive),
            kinds: self.kinds(settings.and_then(|settings| settings.kinds.as_ref()))?,
            ..Boundaries::default()
        };
        if let Some(settings) = written.boundaries.as_ref().filter(|_| found.exhaustive && written.layer.is_empty()) {
            let label = "draw layers with `[[layer]]`, or leave this out";
            return Err(self.error("`exhaustive` needs layers", range(settings.span()), label.into(), None));
        }
        for layer in &written.layer {
            let layer = self.layer(layer, &found.layers)?;
            found.layers.push(layer);
        }
        for table in &written.forbid {
            found.forbidden.push(self.forbid(table, &found.kinds)?);
        }
        for table in &written.allow_only {
            found.limited.push(self.allow_only(table, &found.kinds)?);
        }
        for table in &written.own {
            found.owned.push(self.own(table, &found.kinds)?);
        }
        for table in &written.interface {
            found.interfaces.push(self.interface(table)?);
        }
        for table in &written.exception {
            found.exceptions.push(self.exception(table)?);
        }
        Ok(found)
    }

    fn layer(&self, written: &Spanned<WrittenLayer>, known: &[Layer]) -> Result<Layer, UserError> {
        let table = written.get_ref();
        let name = table.name.get_ref().clone();
        let mistake =
            |message: &str, label: &str| Err(self.error(message, range(table.name.span()), label.into(), None));
        if name.trim().is_empty() {
            return mistake("a layer has no name", "write what its packages are for");
        }
        let packages = self.packages(table.packages.as_ref())?;
        if let Some(pattern) = packages.iter().find(|pattern| pattern.layer().is_some()) {
            return Err(self.error("a layer is no part of another", pattern.range, "a layer".into(), None));
        }
        if known.iter().any(|layer| layer.name == name) {
            return mistake(&format!("there are two layers `{name}`"), "the second of that name");
        }
        Ok(Layer {
            name,
            packages,
            independent: table.independent,
            optional: table.optional,
            because: table.because.clone(),
            range: range(written.span()),
        })
    }

    fn forbid(&self, written: &Spanned<WrittenForbid>, kinds: &Kinds) -> Result<Forbid, UserError> {
        let table = written.get_ref();
        Ok(Forbid {
            from: self.packages_and_modules(&table.from)?,
            to: self.some_packages(&table.to)?,
            kinds: self.kinds_or(table.kinds.as_ref(), kinds)?,
            transitive: table.transitive,
            optional: table.optional,
            because: table.because.clone(),
            range: range(written.span()),
        })
    }

    fn allow_only(&self, written: &Spanned<WrittenAllowOnly>, kinds: &Kinds) -> Result<AllowOnly, UserError> {
        let table = written.get_ref();
        if table.packages.is_none() && table.crates.is_none() {
            let label = "add `packages = [..]` of the workspace, `crates = [..]` from outside, or both";
            return Err(self.error("an `[[allow-only]]` limits nothing", range(written.span()), label.into(), None));
        }
        let list = |names: &Option<Spanned<Names>>| names.as_ref().map(|names| self.packages(Some(names))).transpose();
        Ok(AllowOnly {
            from: self.some_packages(&table.from)?,
            packages: list(&table.packages)?,
            crates: list(&table.crates)?,
            kinds: self.kinds_or(table.kinds.as_ref(), kinds)?,
            optional: table.optional,
            because: table.because.clone(),
            range: range(written.span()),
        })
    }

    fn own(&self, written: &Spanned<WrittenOwn>, kinds: &Kinds) -> Result<Own, UserError> {
        let table = written.get_ref();
        let crates = self.packages(table.crates.as_ref())?;
        let roles = table.roles.iter().map(|role| self.role(role)).collect::<Result<Vec<Role>, UserError>>()?;
        if crates.is_empty() && roles.is_empty() {
            let label = "add `crates = [..]` or `roles = [..]`";
            return Err(self.error("an `[[own]]` names nothing to own", range(written.span()), label.into(), None));
        }
        Ok(Own {
            crates,
            roles,
            by: self.some_packages(&table.by)?,
            kinds: self.kinds_or(table.kinds.as_ref(), kinds)?,
            optional: table.optional,
            because: table.because.clone(),
            range: range(written.span()),
        })
    }

    fn role(&self, written: &Spanned<String>) -> Result<Role, UserError> {
        let found = Role::ALL.iter().find(|role| role.id() == written.get_ref());
        found.copied().ok_or_else(|| {
            let near = nearest(written.get_ref(), Role::ALL.iter().map(|role| role.id()));
            let message = format!("there is no role `{}`", written.get_ref());
            self.error(&message, range(written.span()), "unknown role".into(), near)
        })
    }

    fn interface(&self, written: &Spanned<WrittenInterface>) -> Result<Interface, UserError> {
        let table = written.get_ref();
        let path = |path: &Spanned<String>| -> Result<Pattern, UserError> {
            let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
            let place = range(path.span());
            if path.get_ref().split("::").all(is_name) {
                return Ok(Pattern { text: path.get_ref().clone(), range: place });
            }
            let label = "write it from the root of the crate, as `module::Item`";
            Err(self.error("this is no path", place, label.into(), None))
        };
        Ok(Interface {
            of: self.some_packages(&table.of)?,
            public: table.public.iter().map(path).collect::<Result<_, _>>()?,
            except: self.packages(table.except.as_ref())?,
            optional: table.optional,
            because: table.because.clone(),
            range: range(written.span()),
        })
    }

    fn exception(&self, written: &Spanned<WrittenException>) -> Result<Exception, UserError> {
        let table = written.get_ref();
        for end in [&table.from, &table.to] {
            if end.get_ref().contains(['*', '/']) {
                let label = "name one package: what else a pattern would excuse, nobody has looked at";
                return Err(self.error("an exception is for one edge", range(end.span()), label.into(), None));
            }
        }
        Ok(Exception {
            from: table.from.get_ref().clone(),
            to: table.to.get_ref().clone(),
            // One that is for tests does not go on to excuse what ships.
            kinds: self.kinds(table.kinds.as_ref())?,
            reason: self.reason(table.reason.as_ref(), "an `[[exception]]`", range(written.span()))?,
            owner: table.owner.clone(),
            until: self.until(table.until.as_ref())?,
            range: range(written.span()),
        })
    }

    fn kinds(&self, written: Option<&Vec<Spanned<String>>>) -> Result<Kinds, UserError> {
        self.kinds_or(written, &Kinds::default())
    }

    fn kinds_or(&self, written: Option<&Vec<Spanned<String>>>, default: &Kinds) -> Result<Kinds, UserError> {
        let Some(words) = written else { return Ok(default.clone()) };
        words.iter().map(|word| self.word(word)).collect::<Result<_, _>>().map(Kinds)
    }

    fn some_packages(&self, names: &Spanned<Names>) -> Result<Vec<Pattern>, UserError> {
        let patterns = self.packages_and_modules(names)?;
        self.no_modules(patterns)
    }

    fn packages(&self, names: Option<&Spanned<Names>>) -> Result<Vec<Pattern>, UserError> {
        self.no_modules(names.map(patterns).unwrap_or_default())
    }

    fn packages_and_modules(&self, names: &Spanned<Names>) -> Result<Vec<Pattern>, UserError> {
        let patterns = patterns(names);
        if patterns.is_empty() {
            let label = "name a package, or a pattern such as `crates/*`";
            return Err(self.error("this names no package", range(names.span()), label.into(), None));
        }
        let is_wrong = |pattern: &&Pattern| pattern.module().is_some_and(|_| pattern.text.contains(['/', '*']));
        match patterns.iter().find(is_wrong) {
            Some(pattern) => {
                let label = "write it as `package::module`";
                Err(self.error(&format!("`{}` is no module", pattern.text), pattern.range, label.into(), None))
            }
            None => Ok(patterns),
        }
    }

    fn no_modules(&self, patterns: Vec<Pattern>) -> Result<Vec<Pattern>, UserError> {
        match patterns.iter().find(|pattern| pattern.module().is_some()) {
            Some(pattern) => {
                let label = "a module; only the `from` of a `[[forbid]]` may be one";
                Err(self.error(&format!("`{}` is no package", pattern.text), pattern.range, label.into(), None))
            }
            None => Ok(patterns),
        }
    }
}

fn patterns(names: &Spanned<Names>) -> Vec<Pattern> {
    let one = |text: &String, span| Pattern { text: text.clone(), range: range(span) };
    match names.get_ref() {
        Names::One(text) => vec![one(text, names.span())],
        Names::Many(list) => list.iter().map(|name| one(name.get_ref(), name.span())).collect(),
    }
}
