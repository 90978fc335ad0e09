//! The layers that `init` proposes, as text.

use crate::model::boundaries::{Proposal, ProposedLayer};
use crate::report::displayable;

/// A workspace of fewer packages is told of layers, but not held to any.
const ENOUGH_PACKAGES: usize = 6;

/// How wide a line may be.
const WIDTH: usize = 110;

/// Whether layers are there to be held and not only to be looked at.
pub fn is_active(packages: usize) -> bool {
    packages >= ENOUGH_PACKAGES
}

pub fn text(proposal: &Proposal, packages: usize) -> String {
    let settings = "[boundaries]\nexhaustive = true\n".to_string();
    let tables = std::iter::once(settings).chain(proposal.layers.iter().map(layer));
    let tables: Vec<String> = tables.chain(proposal.exceptions.iter().map(exception)).collect();
    let tables = tables.join("\n");
    if is_active(packages) {
        return format!("{HEAD}{tables}");
    }
    let comment = |line: &str| if line.is_empty() { "#\n".to_string() } else { format!("# {line}\n") };
    format!("{HEAD}{}", tables.lines().map(comment).collect::<String>())
}

const HEAD: &str = "\
# Layers, the highest first: a package may depend on those below, and none may be in no layer. This is how the
# workspace is today; give the layers names that say what they are for, and move packages to where they belong.
";

fn layer(layer: &ProposedLayer) -> String {
    let quoted: Vec<String> = layer.packages.iter().map(|name| format!("\"{}\"", displayable(name))).collect();
    let on_one = format!("packages = [{}]", quoted.join(", "));
    let packages = if on_one.len() <= WIDTH { on_one } else { format!("packages = [\n{}]", wrapped(&quoted)) };
    format!("[[layer]]\nname = \"{}\"\n{packages}\n", displayable(&layer.name))
}

fn wrapped(names: &[String]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut().filter(|line| line.len() + name.len() + 2 < WIDTH) {
            Some(line) => line.push_str(&format!(" {name},")),
            None => lines.push(format!("    {name},")),
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn exception((from, to): &(String, String)) -> String {
    format!(
        "[[exception]]\nfrom = \"{}\"\nto = \"{}\"\nreason = \"was there when the layers were drawn\"\n",
        displayable(from),
        displayable(to)
    )
}
