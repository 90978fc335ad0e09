//! Packages and targets as cargo sees them, without letting cargo run anything of the workspace.

use super::manifest::{Manifest, Root};
use super::{Locate, Package, Target, TargetKind, Workspace};
use crate::error::NotificationKind;
use cargo_metadata::{Edition, MetadataCommand};
use std::path::Path;
use std::process::Command;

/// Asks cargo.
///
/// # Errors
/// Cargo's own words, when it is missing or refuses the workspace.
pub fn read(manifest: &Path, locate: &Locate) -> Result<Workspace, String> {
    let metadata = run(manifest, locate)?;
    let path = |path: &cargo_metadata::camino::Utf8Path| path.as_std_path().to_path_buf();
    let root = path(&metadata.workspace_root).canonicalize().map_err(|error| error.to_string())?;
    let mut workspace =
        Workspace { root: root.clone(), target_dir: path(&metadata.target_directory), ..Workspace::default() };
    let inherited = Root::read(&root);
    for package in metadata.workspace_packages() {
        let manifest_path = path(&package.manifest_path);
        let manifest = match Manifest::read(&manifest_path) {
            Ok(manifest) => manifest,
            Err(error) => {
                let at = workspace.relative(&manifest_path);
                workspace.notify(NotificationKind::IncompleteWorkspace, Some(at), error.message);
                continue;
            }
        };
        let targets = package.targets.iter().filter_map(|found| target(found, &workspace));
        let package = Package {
            id: package.id.repr.clone(),
            name: package.name.to_string(),
            version: package.version.to_string(),
            targets: targets.collect(),
            ..manifest.package(&mut workspace, &inherited)
        };
        workspace.packages.push(package);
    }
    Ok(workspace)
}

/// Runs `cargo metadata` so that no setting of the workspace applies: from the file system's root, where neither its
/// cargo configuration nor its toolchain file is looked up, offline, and with every hook for another compiler emptied.
fn run(manifest: &Path, locate: &Locate) -> Result<cargo_metadata::Metadata, String> {
    let mut options = vec!["--offline".to_string()];
    options.extend(locate.locked.then(|| "--locked".to_string()));
    let mut command = MetadataCommand::new();
    let top = manifest.ancestors().last().unwrap_or(manifest);
    command.manifest_path(manifest).current_dir(top).no_deps().other_options(options);
    let mut command: Command = command.cargo_command();
    command.env("RUSTC_WRAPPER", "").env("RUSTC_WORKSPACE_WRAPPER", "").env("CARGO_TERM_COLOR", "never");
    let output = command.output().map_err(|error| format!("cargo cannot be run: {error}"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).trim().to_string();
        return Err(stderr.strip_prefix("error: ").unwrap_or(&stderr).to_string());
    }
    let stdout = String::from_utf8_lossy(&output.stdout);
    let json = stdout.lines().find(|line| line.starts_with('{')).unwrap_or_default();
    MetadataCommand::parse(json).map_err(|error| format!("cargo's answer cannot be read: {error}"))
}

fn target(found: &cargo_metadata::Target, workspace: &Workspace) -> Option<Target> {
    use cargo_metadata::TargetKind as Kind;
    let kind = match found.kind.first()? {
        Kind::Bin => TargetKind::Binary,
        Kind::Example => TargetKind::Example,
        Kind::Test => TargetKind::Test,
        Kind::Bench => TargetKind::Bench,
        Kind::CustomBuild => TargetKind::BuildScript,
        Kind::ProcMacro => TargetKind::ProcMacro,
        _ => TargetKind::Library,
    };
    let edition = match found.edition {
        Edition::E2015 => 2015,
        Edition::E2018 => 2018,
        Edition::E2021 => 2021,
        _ => 2024,
    };
    let root = workspace.relative(found.src_path.as_std_path());
    let (name, crate_name) = (found.name.clone(), found.name.replace('-', "_"));
    Some(Target { kind, name, crate_name, edition, root, modules: Vec::new() })
}
