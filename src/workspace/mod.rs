//! The packages of a workspace, their targets and dependencies, and the files that make up each crate.
//!
//! Reads manifests and sources; runs nothing of the workspace. What could not be seen is said in notifications.

mod link;
mod lockfile;
mod manifest;
mod metadata;
mod read;

pub use link::{Loaded, Loader, Request};
pub use read::{Content, MAX_FILE_SIZE, process_status, read_text, stat};

use crate::error::{Notification, NotificationKind, UserError};
use crate::facts::{FileFacts, ItemIdx};
use crate::source::{FileId, TextRange};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[derive(Debug, Default)]
pub struct Workspace {
    /// Absolute, without symbolic links.
    pub root: PathBuf,
    /// What leads from the root of the repository to that of the workspace: nothing, or a path that ends with `/`.
    pub prefix: String,
    /// The cargo target folder, where the tool may keep its cache.
    pub target_dir: PathBuf,
    /// Sorted by manifest path.
    pub packages: Vec<Package>,
    /// Manifests first, then sources in the order they were reached.
    pub files: Vec<File>,
    /// The versions of each package in the lock file.
    pub locked: BTreeMap<String, Vec<String>>,
    pub notifications: Vec<Notification>,
}

/// A manifest or a source file.
#[derive(Debug)]
pub struct File {
    /// Relative to the workspace root, with `/`.
    pub path: String,
    pub facts: FileFacts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(pub u32);

#[derive(Debug)]
pub struct Package {
    /// As cargo's messages name it.
    pub id: String,
    pub name: String,
    pub version: String,
    /// Relative to the workspace root; empty for a package at the root.
    pub dir: String,
    pub manifest: FileId,
    /// Where the manifest names the package.
    pub name_range: TextRange,
    pub dependencies: Vec<Dependency>,
    pub targets: Vec<Target>,
    /// What `package.metadata.scale-lint` sets.
    pub settings: Vec<Setting>,
}

/// A key of a manifest that is for this tool.
#[derive(Clone, Debug)]
pub struct Setting {
    pub key: String,
    /// `None` for what is no string.
    pub value: Option<String>,
    pub range: TextRange,
}

#[derive(Clone, Debug)]
pub struct Dependency {
    /// The package's own name.
    pub package: String,
    /// The name under which code knows it, with underscores.
    pub crate_name: String,
    pub kind: DependencyKind,
    pub optional: bool,
    /// What the manifest turns on of it, beside what it has by default.
    pub features: Vec<String>,
    /// The platform or condition of a target-specific table.
    pub target: Option<String>,
    /// The folder a dependency by path names, relative to the root, until members are linked.
    member_dir: Option<String>,
    /// The member it leads to, when it is one.
    pub member: Option<PackageId>,
    /// Where the manifest declares it.
    pub range: TextRange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencyKind {
    Normal,
    Development,
    Build,
}

/// A crate: one compilation root with the files that its `mod` declarations reach.
#[derive(Debug)]
pub struct Target {
    pub kind: TargetKind,
    /// As the manifest has it.
    pub name: String,
    /// The crate's name in code.
    pub crate_name: String,
    pub edition: u16,
    /// The root file, relative to the workspace root.
    pub root: String,
    /// The root file's module first; a parent always comes before its children.
    pub modules: Vec<FileModule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    Library,
    ProcMacro,
    Binary,
    Example,
    Test,
    Bench,
    BuildScript,
}

impl TargetKind {
    /// Whether the target is part of what runs in production.
    pub fn is_production(self) -> bool {
        matches!(self, TargetKind::Library | TargetKind::ProcMacro | TargetKind::Binary)
    }

    pub fn is_library(self) -> bool {
        matches!(self, TargetKind::Library | TargetKind::ProcMacro)
    }
}

/// A file as a module of one crate.
#[derive(Clone, Debug)]
pub struct FileModule {
    pub file: FileId,
    /// The module that declares it and the `mod` item there; `None` for the root.
    pub declared: Option<(usize, ItemIdx)>,
}

/// How to find the workspace.
#[derive(Clone, Debug, Default)]
pub struct Locate {
    pub manifest_path: Option<PathBuf>,
    /// Where to look when no manifest is named.
    pub current_dir: PathBuf,
    /// Passed on to cargo.
    pub locked: bool,
    /// Read the manifests instead of asking cargo.
    pub without_cargo: bool,
}

impl Workspace {
    /// Reads packages and manifests; sources are read by [`Self::load`].
    ///
    /// # Errors
    /// When there is no manifest at the place named, or none of its packages can be read.
    pub fn discover(locate: &Locate) -> Result<Self, UserError> {
        let manifest = manifest_path(locate)?;
        let mut workspace = if locate.without_cargo {
            manifest::read_without_cargo(&manifest)?
        } else {
            match metadata::read(&manifest, locate) {
                Ok(workspace) => workspace,
                Err(failure) => instead_of_cargo(&manifest, locate, &failure)?,
            }
        };
        workspace.locked = lockfile::read(&workspace.root);
        workspace.prefix = prefix(&workspace.root);
        workspace.packages.sort_by(|a, b| a.dir.cmp(&b.dir));
        workspace.name_empty_packages();
        workspace.link_members();
        Ok(workspace)
    }

    pub fn package(&self, id: PackageId) -> &Package {
        &self.packages[id.0 as usize]
    }

    pub fn package_ids(&self) -> impl Iterator<Item = PackageId> + use<> {
        (0..self.packages.len() as u32).map(PackageId)
    }

    pub fn file(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// What a dependency of one member on another is called.
    pub fn edge_name(&self, from: PackageId, to: PackageId) -> String {
        format!("{} -> {}", self.package(from).name, self.package(to).name)
    }

    /// All dependencies of members.
    pub fn edge_names(&self) -> BTreeSet<String> {
        let of = |from: &Package| {
            let from_name = from.name.clone();
            from.dependencies.iter().map(move |to| format!("{from_name} -> {}", self.name_of(to))).collect::<Vec<_>>()
        };
        self.packages.iter().flat_map(of).collect()
    }

    /// The name of the package that a dependency leads to, whatever the manifest calls it.
    pub fn name_of<'w>(&'w self, dependency: &'w Dependency) -> &'w str {
        dependency.member.map_or(&dependency.package, |member| &self.package(member).name)
    }

    /// The text of a file as it is now.
    pub fn read(&self, id: FileId) -> Option<String> {
        read_text(&self.root.join(&self.file(id).path)).ok().map(|content| content.text)
    }

    pub fn notify(&mut self, kind: NotificationKind, path: Option<String>, message: impl Into<String>) {
        self.notifications.push(Notification { kind, path, line: None, message: message.into() });
    }

    /// A path as shown to people and written to reports.
    pub fn relative(&self, path: &Path) -> String {
        let above = self.root.ancestors().enumerate();
        let (ups, rest) =
            above.filter_map(|(ups, dir)| Some((ups, path.strip_prefix(dir).ok()?))).next().unwrap_or((0, path));
        let relative = std::iter::repeat_n("..", ups).collect::<PathBuf>().join(rest);
        relative.to_string_lossy().replace('\\', "/")
    }

    fn name_empty_packages(&mut self) {
        let empty = self.packages.iter().filter(|package| package.targets.is_empty());
        let manifests: Vec<String> = empty.map(|package| self.file(package.manifest).path.clone()).collect();
        for manifest in manifests {
            let message = "describes a package, but no source of it was found";
            self.notify(NotificationKind::IncompleteWorkspace, Some(manifest), message);
        }
    }

    /// Dependencies by path lead to the member in that folder, whatever either is called.
    fn link_members(&mut self) {
        let by_dir: BTreeMap<String, PackageId> =
            self.package_ids().map(|id| (self.package(id).dir.clone(), id)).collect();
        for package in &mut self.packages {
            for dependency in &mut package.dependencies {
                let dir = dependency.member_dir.take();
                dependency.member = dir.and_then(|dir| by_dir.get(&dir).copied());
            }
        }
    }
}

/// Services that show findings know paths from the root of the repository.
fn prefix(root: &Path) -> String {
    let repository = root.ancestors().find(|dir| dir.join(".git").exists());
    let below = repository.and_then(|repository| root.strip_prefix(repository).ok()).unwrap_or(Path::new(""));
    below.iter().map(|part| format!("{}/", part.to_string_lossy())).collect()
}

/// What the manifests alone say, when cargo refuses.
fn instead_of_cargo(manifest: &Path, locate: &Locate, failure: &str) -> Result<Workspace, UserError> {
    let failure = on_one_line(failure);
    if locate.locked {
        return Err(UserError::new(format!("cargo refuses the workspace: {failure}"))
            .help("run without `--locked` to analyse what the manifests alone say"));
    }
    let mut workspace = manifest::read_without_cargo(manifest)?;
    let message = format!("cargo cannot describe the workspace, so its manifests were read instead: {failure}");
    workspace.notify(NotificationKind::IncompleteWorkspace, None, message);
    Ok(workspace)
}

/// Cargo's complaint with its causes, without the drawings in it.
fn on_one_line(failure: &str) -> String {
    let is_drawn = |line: &&str| line.starts_with("-->") || line.split('|').next().is_some_and(is_gutter);
    let lines = failure.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "Caused by:");
    lines.filter(|line| !is_drawn(line)).collect::<Vec<_>>().join(": ")
}

/// What stands before the `|` of a drawn line: a line number or nothing.
fn is_gutter(text: &str) -> bool {
    text.trim().chars().all(|c| c.is_ascii_digit())
}

fn manifest_path(locate: &Locate) -> Result<PathBuf, UserError> {
    let found = match &locate.manifest_path {
        Some(path) => Some(locate.current_dir.join(path)).filter(|path| path.is_file()),
        None => locate.current_dir.ancestors().map(|dir| dir.join("Cargo.toml")).find(|path| path.is_file()),
    };
    let looked = match &locate.manifest_path {
        Some(path) => format!("there is no file `{}`", path.display()),
        None => format!("there is no `Cargo.toml` in `{}` or any folder above", locate.current_dir.display()),
    };
    let help = "run the command inside a workspace, or name one with `--manifest-path path/to/Cargo.toml`";
    let path = found.ok_or_else(|| UserError::new(looked).help(help))?;
    path.canonicalize().map_err(|error| UserError::new(format!("`{}` cannot be read: {error}", path.display())))
}
