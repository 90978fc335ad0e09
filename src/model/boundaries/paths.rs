//! Whether the modules and items that the boundaries name exist.

use super::Drawn;
use super::edges::Edges;
use crate::config::Pattern;
use crate::model::Model;
use crate::model::defs::{CrateId, DefId};
use crate::source::TextRange;
use crate::workspace::PackageId;

/// A path that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub place: TextRange,
    pub message: String,
}

/// The first path that leads nowhere in a package that is there.
pub fn missing(model: &Model<'_>, drawn: Drawn<'_>, edges: &Edges<'_>) -> Option<Missing> {
    let modules = drawn.config.forbidden.iter().filter(|table| !table.optional).flat_map(|table| &table.from);
    let module = modules.filter_map(|pattern| {
        let (package, module) = pattern.module()?;
        let is_there =
            packages(model, |of| model.workspace.package(of).name == package).any(|of| has(model, of, module));
        let message = format!("there is no module `{module}` in `{package}`");
        (!is_there).then_some(Missing { place: pattern.range, message })
    });
    let interfaces = drawn.config.interfaces.iter().filter(|table| !table.optional);
    let item = interfaces.flat_map(|table| table.public.iter().map(move |public| (table, public)));
    let item = item.filter_map(|(table, public)| {
        let is_there = packages(model, |of| edges.fits_package(&table.of, of)).any(|of| has(model, of, &public.text));
        let of: Vec<String> = table.of.iter().map(|Pattern { text, .. }| format!("`{text}`")).collect();
        let message = format!("{} has no `{}`", of.join(" or "), public.text);
        (!is_there).then_some(Missing { place: public.range, message })
    });
    module.chain(item).min_by_key(|missing| missing.place)
}

fn packages(model: &Model<'_>, is_it: impl Fn(PackageId) -> bool) -> impl Iterator<Item = PackageId> {
    model.workspace.package_ids().filter(move |package| is_it(*package))
}

/// Whether one of a package's crates has something of that path.
fn has(model: &Model<'_>, package: PackageId, path: &str) -> bool {
    let defs = &model.names.defs;
    let of_package = |krate: &CrateId| defs.krate(*krate).origin.package() == Some(package);
    let mut crates = (0..defs.crates.len() as u32).map(CrateId).filter(of_package);
    crates.any(|krate| leads_somewhere(model, defs.krate(krate).root, path))
}

/// What a macro may declare is taken to be there.
fn leads_somewhere(model: &Model<'_>, root: DefId, path: &str) -> bool {
    let mut at = root;
    for segment in path.split("::") {
        let Some(scope) = model.names.defs.get(at).scope.map(|scope| model.names.scope(scope)) else { return true };
        let name = model.names.defs.symbols.find(segment);
        match name.and_then(|name| scope.names.get(&name)?.any()) {
            Some(found) => at = found.def,
            None => return scope.open || !scope.open_globs.is_empty(),
        }
    }
    true
}
