//! The boundaries that the user draws, held against the workspace: what breaks them, and what became of exceptions.

mod breaches;
mod edges;
mod exceptions;
mod guard;
mod layers;
mod paths;
mod proposal;
mod uses;
mod ways;

pub use breaches::{Breach, BreachKind, Violation, Way};
pub use exceptions::{Doubt, Judged};
pub use guard::{Inventory, Moved, WithinLayer};
pub use layers::check;
pub use paths::Missing;
pub use proposal::{Proposal, ProposedLayer};
pub use uses::{Use, Uses};

use super::Model;
use crate::config::{self, Date};
use crate::source::FileId;
use crate::workspace::{PackageId, Workspace};
use edges::Edges;
use guard::Guarded;
use std::collections::BTreeSet;

/// What the workspace is held against.
#[derive(Clone, Copy)]
pub struct Drawn<'c> {
    pub config: &'c config::Boundaries,
    /// Where it is written.
    pub file: Option<FileId>,
    pub today: Date,
    /// What the baseline knows of the layers.
    pub frozen: Option<&'c Inventory>,
}

/// What boundaries have to say of a workspace; nothing when none are drawn.
#[derive(Debug, Default)]
pub struct Boundaries {
    /// A module or item that they name and that is not there.
    pub missing: Option<Missing>,
    /// Where they are drawn.
    pub file: Option<FileId>,
    pub violations: Vec<Violation>,
    /// Packages that no layer holds although all have to be in one.
    pub unlayered: Vec<PackageId>,
    /// Exceptions that are not as they should be.
    pub doubtful: Vec<Judged>,
    /// Packages that are in another layer than they were first.
    pub moved: Vec<Moved>,
    /// Edges inside layers that came since.
    pub within_layers: Vec<WithinLayer>,
    /// Packages that own something that others have to ask them for.
    pub owners: BTreeSet<PackageId>,
    /// What a baseline keeps.
    pub inventory: Inventory,
}

impl Boundaries {
    pub fn build(model: &Model<'_>, drawn: Drawn<'_>) -> Self {
        let layers = layers::place(drawn.config, model.workspace);
        let edges = edges_with(model.workspace, drawn, &layers);
        let mut violations = breaches::find(model, drawn, &edges, &layers);
        let guarded = Guarded { workspace: model.workspace, config: drawn.config, edges: &edges, layers: &layers };
        let (moved, within_layers) = match drawn.frozen {
            Some(frozen) => {
                let first = guarded.first_layers(frozen);
                let hidden = if first == layers { Vec::new() } else { hidden(model, drawn, &first, &violations) };
                (guarded.moved(frozen, &hidden), guarded.within_layers(frozen))
            }
            None => (Vec::new(), Vec::new()),
        };
        let is_owner = |package: &PackageId| drawn.config.owned.iter().any(|own| edges.fits_package(&own.by, *package));
        Self {
            owners: model.workspace.package_ids().filter(is_owner).collect(),
            missing: paths::missing(model, drawn, &edges),
            file: drawn.file,
            unlayered: guarded.unlayered(),
            doubtful: exceptions::apply(drawn, &edges, &mut violations),
            moved,
            within_layers,
            inventory: guarded.inventory(),
            violations,
        }
    }
}

fn edges_with<'w>(workspace: &'w Workspace, drawn: Drawn<'_>, layers: &[Option<usize>]) -> Edges<'w> {
    let name = |layer: &Option<usize>| layer.map(|layer| drawn.config.layers[layer].name.clone());
    Edges::of(workspace, layers.iter().map(name).collect())
}

/// The violations that there would be with packages in these layers, and are not.
fn hidden(model: &Model<'_>, drawn: Drawn<'_>, layers: &[Option<usize>], found: &[Violation]) -> Vec<Violation> {
    let edges = edges_with(model.workspace, drawn, layers);
    let mut all = breaches::find(model, drawn, &edges, layers);
    all.retain(|hidden| !found.iter().any(|found| (&found.source, &found.to) == (&hidden.source, &hidden.to)));
    all
}
