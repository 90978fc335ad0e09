//! Manifests: what cargo's answer does not hold (where each dependency is declared), and all of it when cargo fails.

use super::read::{read_text, stat};
use super::{Dependency, DependencyKind, File, Package, Setting, Target, TargetKind, Workspace};
use crate::error::{ErrorSource, NotificationKind, UserError};
use crate::facts::FileFacts;
use crate::source::{FileId, TextRange};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

type Entry<'t> = (&'t Spanned<DeString<'t>>, &'t Spanned<DeValue<'t>>);

const DEPENDENCY_TABLES: [(&str, DependencyKind); 3] = [
    ("dependencies", DependencyKind::Normal),
    ("dev-dependencies", DependencyKind::Development),
    ("build-dependencies", DependencyKind::Build),
];

/// One parsed manifest.
pub struct Manifest {
    path: PathBuf,
    text: String,
}

/// The manifest at the workspace root, from which others inherit.
pub struct Root(Option<Manifest>);

impl Root {
    pub fn read(root: &Path) -> Self {
        Self(Manifest::read(&root.join("Cargo.toml")).ok())
    }

    /// `workspace.<table>.<key>`, handed to `read`.
    fn with<T>(&self, table: &str, key: &str, read: impl FnOnce(&DeValue<'_>) -> Option<T>) -> Option<T> {
        let manifest = self.0.as_ref()?;
        let parsed = manifest.table();
        read(get(get(get(&parsed, "workspace")?.as_table()?, table)?.as_table()?, key)?)
    }
}

/// A dependency as its table says, with what it inherits filled in.
#[derive(Default)]
struct Declared {
    package: Option<String>,
    path: Option<String>,
    features: Vec<String>,
}

impl Manifest {
    /// # Errors
    /// When the file cannot be read or is not TOML; the error points at the place.
    pub fn read(path: &Path) -> Result<Self, UserError> {
        let unreadable = |why: String| UserError::new(format!("`{}` {why}", path.display()));
        let dir = path.parent().unwrap_or(path).canonicalize().map_err(|error| unreadable(error.to_string()))?;
        stat(&dir, path).map_err(unreadable)?;
        let text = read_text(path).map_err(unreadable)?.text;
        if let Err(error) = DeTable::parse(&text) {
            let range = error.span().map_or(TextRange::default(), range);
            let source =
                ErrorSource { path: path.display().to_string(), text, range, label: error.message().to_string() };
            return Err(UserError::new("a manifest is not valid TOML").at(source));
        }
        Ok(Self { path: path.to_path_buf(), text })
    }

    fn table(&self) -> DeTable<'_> {
        DeTable::parse(&self.text).map(Spanned::into_inner).unwrap_or_default()
    }

    /// The package this manifest describes, entered in the workspace's files; targets are left to the caller.
    pub fn package(&self, workspace: &mut Workspace, root: &Root) -> Package {
        let manifest = FileId(workspace.files.len() as u32);
        let path = workspace.relative(&self.path);
        workspace.files.push(File { path, facts: FileFacts::default() });
        let dir = self.path.parent().unwrap_or(&self.path);
        let table = self.table();
        let package = get(&table, "package").and_then(DeValue::as_table);
        let string = |key: &str| package.and_then(|package| get(package, key)).and_then(DeValue::as_str);
        let inherited = |key: &str| root.with("package", key, |value| value.as_str().map(str::to_string));
        let metadata = package.and_then(|package| get(get(package, "metadata")?.as_table()?, "scale-lint"));
        let name = string("name").unwrap_or_default().to_string();
        let version = string("version").map(str::to_string).or_else(|| inherited("version")).unwrap_or_default();
        Package {
            id: package_id(dir, &name, &version),
            name,
            version,
            dir: workspace.relative(dir).trim_matches('/').to_string(),
            manifest,
            name_range: package.and_then(|table| spanned(table, "name")).map_or(TextRange::default(), range_of),
            dependencies: self.dependencies(&table, workspace, root),
            targets: Vec::new(),
            settings: metadata.and_then(DeValue::as_table).map(settings).unwrap_or_default(),
        }
    }

    fn dependencies(&self, table: &DeTable<'_>, workspace: &Workspace, root: &Root) -> Vec<Dependency> {
        let mut found = Vec::new();
        let mut tables = vec![(None, table)];
        if let Some(targets) = get(table, "target").and_then(DeValue::as_table) {
            for (key, value) in targets.iter() {
                tables.extend(value.get_ref().as_table().map(|table| (Some(key.get_ref().to_string()), table)));
            }
        }
        for (target, table) in tables {
            for (name, kind) in DEPENDENCY_TABLES {
                let old_spelling = name.replace('-', "_");
                for entry in [name, &old_spelling].iter().collect::<BTreeSet<_>>() {
                    let Some(listed) = get(table, entry).and_then(DeValue::as_table) else { continue };
                    let read = |entry: Entry<'_>| self.dependency(entry, kind, target.clone(), workspace, root);
                    found.extend(listed.iter().map(read));
                }
            }
        }
        found
    }

    fn dependency(
        &self,
        (key, value): Entry<'_>,
        kind: DependencyKind,
        target: Option<String>,
        workspace: &Workspace,
        root: &Root,
    ) -> Dependency {
        let name = key.get_ref().to_string();
        let own = value.get_ref().as_table();
        let flag = |key: &str| own.and_then(|table| get(table, key)).and_then(DeValue::as_bool).unwrap_or(false);
        let (declared, base) = if flag("workspace") {
            let declared = root.with("dependencies", &name, |value| Some(declared(value)));
            (declared.unwrap_or_default(), workspace.root.clone())
        } else {
            (declared(value.get_ref()), self.path.parent().unwrap_or(&self.path).to_path_buf())
        };
        let dir = declared.path.map(|path| base.join(path)).and_then(|path| path.canonicalize().ok());
        let end = value.span().end.max(key.span().end) as u32;
        Dependency {
            crate_name: name.replace('-', "_"),
            package: declared.package.unwrap_or(name),
            kind,
            optional: flag("optional"),
            // What a member asks for comes on top of what it inherits.
            features: declared.features.into_iter().chain(own.map(features).unwrap_or_default()).collect(),
            target,
            member_dir: dir.map(|dir| workspace.relative(&dir)),
            member: None,
            range: TextRange::new(key.span().start as u32, self.line_end_before(key.span().start, end)),
        }
    }

    /// A declaration's end, kept on its first line so that a finding points at one line.
    fn line_end_before(&self, start: usize, end: u32) -> u32 {
        let line = self.text[start..].find(['\n', '\r']).map_or(self.text.len(), |length| start + length);
        end.min(line as u32)
    }
}

fn settings(table: &DeTable<'_>) -> Vec<Setting> {
    let setting = |(key, value): Entry<'_>| Setting {
        key: key.get_ref().to_string(),
        value: value.get_ref().as_str().map(str::to_string),
        range: TextRange::new(key.span().start as u32, value.span().end as u32),
    };
    table.iter().map(setting).collect()
}

/// As cargo writes it, which does not say a name twice.
fn package_id(dir: &Path, name: &str, version: &str) -> String {
    let is_named = dir.file_name().is_some_and(|folder| folder == name);
    let name = if is_named { String::new() } else { format!("{name}@") };
    format!("path+file://{}#{name}{version}", dir.display())
}

fn declared(value: &DeValue<'_>) -> Declared {
    let string = |key: &str| value.as_table().and_then(|table| get(table, key)?.as_str().map(str::to_string));
    let features = value.as_table().map(features).unwrap_or_default();
    Declared { package: string("package"), path: string("path"), features }
}

fn features(table: &DeTable<'_>) -> Vec<String> {
    let listed = get(table, "features").and_then(DeValue::as_array);
    let names = listed.into_iter().flatten().filter_map(|value| value.get_ref().as_str());
    names.map(str::to_string).collect()
}

fn spanned<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

fn get<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t DeValue<'i>> {
    spanned(table, key).map(Spanned::get_ref)
}

fn range(span: std::ops::Range<usize>) -> TextRange {
    TextRange::new(span.start as u32, span.end as u32)
}

fn range_of(value: &Spanned<DeValue<'_>>) -> TextRange {
    range(value.span())
}

/// Reads the workspace from its manifests alone.
///
/// # Errors
/// When the manifest is not valid, or describes neither a package nor a workspace.
pub fn read_without_cargo(manifest: &Path) -> Result<Workspace, UserError> {
    let start = Manifest::read(manifest)?;
    let (root, top) = workspace_root(start);
    let table = top.table();
    if get(&table, "package").is_none() && get(&table, "workspace").is_none() {
        return Err(UserError::new(format!("`{}` describes neither a package nor a workspace", manifest.display()))
            .help("add a `[package]` or a `[workspace]` table, or name another manifest with `--manifest-path`"));
    }
    let mut workspace = Workspace { target_dir: root.join("target"), root, ..Workspace::default() };
    let inherited = Root::read(&workspace.root);
    let mut members = Members::listed(&workspace.root, &table);
    for member in std::mem::take(&mut members.missing) {
        let message = "listed as a member of the workspace, but there is no manifest";
        workspace.notify(NotificationKind::IncompleteWorkspace, Some(member), message);
    }
    while let Some(path) = members.unread.pop_first() {
        match Manifest::read(&path) {
            Ok(member) if get(&member.table(), "package").is_some() => {
                let package = member.package(&mut workspace, &inherited);
                members.add_dependencies(&package, &workspace.root);
                let targets = discover_targets(&member, &workspace, &inherited, &package.name);
                workspace.packages.push(Package { targets, ..package });
            }
            Ok(_) => {}
            Err(error) => {
                let at = workspace.relative(&path);
                workspace.notify(NotificationKind::IncompleteWorkspace, Some(at), error.message);
            }
        }
    }
    Ok(workspace)
}

/// The manifest with a `[workspace]` table at or above this one, or this one.
fn workspace_root(start: Manifest) -> (PathBuf, Manifest) {
    let dir = |manifest: &Manifest| manifest.path.parent().unwrap_or(&manifest.path).to_path_buf();
    let is_workspace = |manifest: &Manifest| get(&manifest.table(), "workspace").is_some();
    if !is_workspace(&start) {
        for above in dir(&start).ancestors().skip(1) {
            if let Ok(manifest) = Manifest::read(&above.join("Cargo.toml"))
                && is_workspace(&manifest)
            {
                return (above.to_path_buf(), manifest);
            }
        }
    }
    (dir(&start), start)
}

/// The manifests that belong to a workspace: the root's, those listed, and those that these depend on by path.
struct Members {
    unread: BTreeSet<PathBuf>,
    known: BTreeSet<PathBuf>,
    excluded: Vec<PathBuf>,
    /// Listed by name, without a manifest.
    missing: Vec<String>,
    /// A package on its own has dependencies by path, but they are no members.
    is_workspace: bool,
}

impl Members {
    fn listed(root: &Path, table: &DeTable<'_>) -> Self {
        let workspace = get(table, "workspace").and_then(DeValue::as_table);
        let list = |key: &str| -> Vec<String> {
            let listed = workspace.and_then(|workspace| get(workspace, key)?.as_array());
            let strings = listed.into_iter().flatten().filter_map(|value| value.get_ref().as_str());
            strings.map(str::to_string).collect()
        };
        let excluded: Vec<PathBuf> = list("exclude").iter().map(|path| root.join(path)).collect();
        let mut unread = BTreeSet::from([root.join("Cargo.toml")]);
        let mut missing = Vec::new();
        for pattern in list("members") {
            let mut dirs = pattern.split('/').fold(vec![root.to_path_buf()], |dirs, part| expand(&dirs, part));
            dirs.retain(|dir| dir.join("Cargo.toml").is_file());
            if dirs.is_empty() && !pattern.contains('*') {
                missing.push(pattern);
            }
            dirs.retain(|dir| !excluded.iter().any(|excluded| dir.starts_with(excluded)));
            unread.extend(dirs.into_iter().map(|dir| dir.join("Cargo.toml")));
        }
        Self { known: unread.clone(), unread, excluded, missing, is_workspace: workspace.is_some() }
    }

    /// What a member depends on by path is a member as well when it lies below the root.
    fn add_dependencies(&mut self, package: &Package, root: &Path) {
        let dirs = package.dependencies.iter().filter_map(|dependency| dependency.member_dir.as_deref());
        for dir in dirs.filter(|dir| self.is_workspace && !dir.starts_with("..")).map(|dir| root.join(dir)) {
            let manifest = dir.join("Cargo.toml");
            let is_excluded = self.excluded.iter().any(|excluded| dir.starts_with(excluded));
            if !is_excluded && manifest.is_file() && self.known.insert(manifest.clone()) {
                self.unread.insert(manifest);
            }
        }
    }
}

/// One more component of a member pattern, in which `*` stands for any characters of one folder's name.
fn expand(dirs: &[PathBuf], part: &str) -> Vec<PathBuf> {
    let Some((before, after)) = part.split_once('*') else {
        return dirs.iter().map(|dir| dir.join(part)).filter(|dir| dir.is_dir()).collect();
    };
    let after = after.trim_start_matches('*');
    let mut found = Vec::new();
    for dir in dirs {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let fits = name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after);
            if fits && entry.path().is_dir() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// Targets as cargo would find them: those named, then those in the usual places.
fn discover_targets(manifest: &Manifest, workspace: &Workspace, root: &Root, package: &str) -> Vec<Target> {
    let table = manifest.table();
    let dir = manifest.path.parent().unwrap_or(&manifest.path);
    let edition =
        get(&table, "package").and_then(|package| get(package.as_table()?, "edition")?.as_str()?.parse().ok());
    let inherited = || root.with("package", "edition", |value| value.as_str()?.parse().ok());
    let edition = edition.or_else(inherited).unwrap_or(2015);
    let mut found: Vec<Target> = Vec::new();
    let mut add = |kind: TargetKind, name: &str, path: PathBuf| {
        let root = workspace.relative(&path);
        if path.is_file() && !found.iter().any(|target| target.root == root) {
            let (name, crate_name) = (name.to_string(), name.replace('-', "_"));
            found.push(Target { kind, name, crate_name, edition, root, modules: Vec::new() });
        }
    };
    let lib = get(&table, "lib").and_then(DeValue::as_table);
    let of_lib = |key: &str| lib.and_then(|lib| get(lib, key));
    let kind = match of_lib("proc-macro").and_then(DeValue::as_bool) {
        Some(true) => TargetKind::ProcMacro,
        _ => TargetKind::Library,
    };
    let path = of_lib("path").and_then(DeValue::as_str).unwrap_or("src/lib.rs");
    add(kind, of_lib("name").and_then(DeValue::as_str).unwrap_or(package), dir.join(path));
    let build = get(&table, "package").and_then(|package| get(package.as_table()?, "build")?.as_str());
    add(TargetKind::BuildScript, "build_script_build", dir.join(build.unwrap_or("build.rs")));
    for (section, kind, folder) in [
        ("bin", TargetKind::Binary, "src/bin"),
        ("example", TargetKind::Example, "examples"),
        ("test", TargetKind::Test, "tests"),
        ("bench", TargetKind::Bench, "benches"),
    ] {
        for entry in get(&table, section).and_then(DeValue::as_array).into_iter().flatten() {
            let string = |key: &str| entry.get_ref().as_table().and_then(|table| get(table, key)?.as_str());
            let name = string("name").unwrap_or(package);
            let path = string("path").map_or_else(|| format!("{folder}/{name}.rs"), str::to_string);
            add(kind, name, dir.join(path));
        }
        for path in usual_roots(&dir.join(folder)) {
            let stem =
                if path.ends_with("main.rs") { path.parent().and_then(Path::file_name) } else { path.file_stem() };
            let name = stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            add(kind, &name, path);
        }
    }
    add(TargetKind::Binary, package, dir.join("src/main.rs"));
    found
}

/// `x.rs` and `x/main.rs` in a folder.
fn usual_roots(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut roots: Vec<PathBuf> = entries
        .map(|path| if path.is_dir() { path.join("main.rs") } else { path })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    roots.sort();
    roots
}
