//! Which package is in which layer, and whether every name that the boundaries use is one.

use crate::config::{Boundaries, Config, ConfigSource, Layer, Pattern};
use crate::error::{ErrorSource, UserError, nearest};
use crate::source::TextRange;
use crate::workspace::{Package, Setting, Workspace};

/// The layer of each package, by position. What a package chooses for itself goes before what patterns say.
pub fn place(config: &Boundaries, workspace: &Workspace) -> Vec<Option<usize>> {
    let layer = |package: &Package| {
        let chosen = chosen(package).and_then(|setting| setting.value.as_ref());
        match chosen {
            Some(name) => config.layers.iter().position(|layer| layer.name == *name),
            None => config.layers.iter().position(|layer| holds(layer, package)),
        }
    };
    workspace.packages.iter().map(layer).collect()
}

fn chosen(package: &Package) -> Option<&Setting> {
    package.settings.iter().find(|setting| setting.key == "layer")
}

fn holds(layer: &Layer, package: &Package) -> bool {
    layer.packages.iter().any(|pattern| pattern.fits(&package.name, Some(&package.dir)))
}

/// Holds every name that the boundaries use against the workspace.
///
/// # Errors
/// When one names nothing, a layer is empty, or a package is in two.
pub fn check(config: &Config, workspace: &Workspace) -> Result<(), UserError> {
    let drawn = &config.boundaries;
    workspace.packages.iter().try_for_each(|package| check_settings(drawn, workspace, package))?;
    let Some(source) = &config.source else { return Ok(()) };
    let checker = Checker { source, workspace, layers: &drawn.layers };
    checker.layers(drawn)?;
    for table in drawn.forbidden.iter().filter(|table| !table.optional) {
        checker.members(&table.from)?;
        checker.names(&table.to)?;
    }
    for table in drawn.limited.iter().filter(|table| !table.optional) {
        checker.members(&table.from)?;
        // A name of a crate that is not there allows nothing.
        checker.members(table.packages.as_deref().unwrap_or_default())?;
    }
    for table in drawn.owned.iter().filter(|table| !table.optional) {
        checker.names(&table.crates)?;
        checker.members(&table.by)?;
    }
    for table in drawn.interfaces.iter().filter(|table| !table.optional) {
        checker.members(&table.of)?;
        checker.members(&table.except)?;
    }
    Ok(())
}

/// What a package's own manifest says.
fn check_settings(drawn: &Boundaries, workspace: &Workspace, package: &Package) -> Result<(), UserError> {
    let layers = || drawn.layers.iter().map(|layer| layer.name.as_str());
    for setting in &package.settings {
        let (message, label, near) = match (setting.key.as_str(), setting.value.as_deref()) {
            ("layer", Some(name)) if layers().any(|layer| layer == name) => continue,
            ("layer", Some(name)) => {
                let label = if drawn.layers.is_empty() { "no layers are drawn" } else { "unknown layer" };
                (format!("there is no layer `{name}`"), label, nearest(name, layers()))
            }
            ("layer", None) => ("`layer` is not set to a name".to_string(), "not a string", None),
            (key, _) => {
                (format!("there is no setting `{key}` of packages"), "unknown setting", nearest(key, ["layer"]))
            }
        };
        let text = workspace.read(package.manifest).unwrap_or_default();
        let path = workspace.file(package.manifest).path.clone();
        let source = ErrorSource { path, text, range: setting.range, label: label.to_string() };
        let error = UserError::new(message).at(source);
        return Err(near.into_iter().fold(error, |error, near| error.help(format!("did you mean `{near}`?"))));
    }
    Ok(())
}

struct Checker<'c> {
    source: &'c ConfigSource,
    workspace: &'c Workspace,
    layers: &'c [Layer],
}

impl Checker<'_> {
    fn layers(&self, drawn: &Boundaries) -> Result<(), UserError> {
        for layer in drawn.layers.iter().filter(|layer| !layer.optional) {
            self.members(&layer.packages)?;
            let chooses = |package: &Package| {
                chosen(package).and_then(|setting| setting.value.as_ref()).is_some_and(|name| *name == layer.name)
            };
            if !self.workspace.packages.iter().any(|package| chooses(package) || holds(layer, package)) {
                let message = format!("the layer `{}` has no packages", layer.name);
                return Err(self.mistake(&message, layer.range, "give it some, or mark it `optional = true`", None));
            }
        }
        for package in self.workspace.packages.iter().filter(|package| chosen(package).is_none()) {
            let mut holding = drawn.layers.iter().filter(|layer| holds(layer, package));
            if let (Some(first), Some(second)) = (holding.next(), holding.next()) {
                let message = format!("`{}` is in two layers, `{}` and `{}`", package.name, first.name, second.name);
                let fitting = second.packages.iter().find(|found| found.fits(&package.name, Some(&package.dir)));
                let place = fitting.map_or(second.range, |pattern| pattern.range);
                let error = self.mistake(&message, place, "fits it as well", None);
                return Err(error.help(format!(
                    "make one pattern narrower, or let the package choose: `layer = \"{}\"` below \
                     `[package.metadata.scale-lint]`",
                    second.name
                )));
            }
        }
        Ok(())
    }

    /// Each pattern fits a package of the workspace.
    fn members(&self, patterns: &[Pattern]) -> Result<(), UserError> {
        let fits = |pattern: &Pattern| {
            let package = |package: &Package| match pattern.module() {
                Some((name, _)) => package.name == name,
                None => pattern.fits(&package.name, Some(&package.dir)),
            };
            self.workspace.packages.iter().any(package)
        };
        match self.names_of_packages(patterns)?.into_iter().find(|pattern| !fits(pattern)) {
            Some(pattern) => Err(self.fits_nothing(pattern, "no package of the workspace", &self.member_names())),
            None => Ok(()),
        }
    }

    /// Each pattern fits a package of the workspace, or one that it depends on, be it through others.
    fn names(&self, patterns: &[Pattern]) -> Result<(), UserError> {
        let declared = self.workspace.packages.iter().flat_map(|package| &package.dependencies);
        let mut outside: Vec<&str> = declared.map(|dependency| dependency.package.as_str()).collect();
        outside.extend(self.workspace.locked.keys().map(String::as_str));
        let fits = |pattern: &Pattern| {
            let member = |package: &Package| pattern.fits(&package.name, Some(&package.dir));
            self.workspace.packages.iter().any(member) || outside.iter().any(|name| pattern.fits(name, None))
        };
        let Some(pattern) = self.names_of_packages(patterns)?.into_iter().find(|pattern| !fits(pattern)) else {
            return Ok(());
        };
        let known: Vec<&str> = self.member_names().into_iter().chain(outside.iter().copied()).collect();
        let error = self.fits_nothing(pattern, "no package and no dependency", &known);
        match error.help {
            Some(_) => Err(error),
            None => Err(error.help("`optional = true` in the table is for what is not there yet")),
        }
    }

    /// Those patterns that are not for whole layers, which are known by now.
    fn names_of_packages<'p>(&self, patterns: &'p [Pattern]) -> Result<Vec<&'p Pattern>, UserError> {
        let known = || self.layers.iter().map(|layer| layer.name.as_str());
        let unknown = |pattern: &&Pattern| pattern.layer().is_some_and(|name| known().all(|layer| layer != name));
        match patterns.iter().find(unknown) {
            Some(pattern) => {
                let name = pattern.layer().unwrap_or_default();
                let message = format!("there is no layer `{name}`");
                Err(self.mistake(&message, pattern.range, "unknown layer", nearest(name, known())))
            }
            None => Ok(patterns.iter().filter(|pattern| pattern.layer().is_none()).collect()),
        }
    }

    fn member_names(&self) -> Vec<&str> {
        self.workspace.packages.iter().map(|package| package.name.as_str()).collect()
    }

    fn fits_nothing(&self, pattern: &Pattern, what: &str, known: &[&str]) -> UserError {
        let dirs = self.workspace.packages.iter().map(|package| package.dir.as_str());
        let near = if pattern.text.contains('/') {
            nearest(&pattern.text, dirs)
        } else {
            nearest(&pattern.text, known.iter().copied())
        };
        self.mistake(&format!("`{}` fits {what}", pattern.text), pattern.range, "fits nothing", near)
    }

    fn mistake(&self, message: &str, range: TextRange, label: &str, near: Option<&str>) -> UserError {
        self.source.mistake(message, range, label.to_string(), near)
    }
}
