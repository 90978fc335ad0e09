//! From target roots to all files of a crate, along `mod` declarations as the compiler follows them.

use super::read::stat;
use super::{File, FileModule, PackageId, TargetKind, Workspace};
use crate::error::{Notification, NotificationKind};
use crate::facts::{FileFacts, ItemIdx, ItemKind, ModuleIdx, ModuleKind};
use crate::source::{FileId, Stat};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use walkdir::WalkDir;

/// A file to read: found fit, not yet opened.
pub struct Request {
    pub path: PathBuf,
    /// As shown to people.
    pub name: String,
    pub stat: Stat,
}

/// A file that was read.
#[derive(Default)]
pub struct Loaded {
    pub facts: FileFacts,
    pub notifications: Vec<Notification>,
}

/// Reads many files, in the order asked for. Given by the caller, who knows how to parse, cache and share the work.
pub type Loader<'l> = dyn FnMut(&[Request]) -> Vec<Loaded> + 'l;

/// A module that waits for its file.
struct Pending {
    package: PackageId,
    target: usize,
    declared: Option<(usize, ItemIdx)>,
    /// Where the file may be, first choice first.
    candidates: Vec<PathBuf>,
    /// The file's own submodules lie beside it, as for a root, a `mod.rs` and a file named by `#[path]`.
    beside: bool,
}

/// A file reached, on behalf of one module.
struct Reached {
    pending: Pending,
    path: PathBuf,
    file: FileId,
}

impl Workspace {
    /// Reads every file that a target reaches, in rounds: each round reads, together, what the last one declared.
    pub fn load(&mut self, loader: &mut Loader<'_>) {
        let mut ids: BTreeMap<PathBuf, FileId> = BTreeMap::new();
        let mut pending = self.roots();
        while !pending.is_empty() {
            let mut wanted = BTreeMap::new();
            let mut found = Vec::new();
            for module in pending {
                match self.locate(&module) {
                    Some((path, stat)) => {
                        if !ids.contains_key(&path) {
                            wanted.insert(path.clone(), stat);
                        }
                        found.push((module, path));
                    }
                    None => self.missing(&module),
                }
            }
            self.read_wanted(wanted, &mut ids, loader);
            let reached = found.into_iter().map(|(pending, path)| Reached { pending, file: ids[&path], path });
            pending = reached.flat_map(|reached| self.enter(reached)).collect();
        }
        self.list_unreached(&ids);
    }

    fn roots(&self) -> Vec<Pending> {
        let mut roots = Vec::new();
        for package in self.package_ids() {
            for (target, found) in self.package(package).targets.iter().enumerate() {
                let candidates = vec![self.root.join(&found.root)];
                roots.push(Pending { package, target, declared: None, candidates, beside: true });
            }
        }
        roots
    }

    /// The first candidate that may be read. Says so when one exists but may not.
    fn locate(&mut self, module: &Pending) -> Option<(PathBuf, Stat)> {
        let existing = module.candidates.iter().find(|path| path.symlink_metadata().is_ok())?.clone();
        let inside = |path: &Path| -> Result<Stat, String> {
            let package = self.root.join(&self.package(module.package).dir);
            stat(&self.root, path)
                .or_else(|why| stat(&package.canonicalize().unwrap_or(package), path).map_err(|_| why))
        };
        match inside(&existing) {
            Ok(stat) => Some((existing, stat)),
            Err(why) => {
                let name = self.relative(&existing);
                if !self.notifications.iter().any(|known| known.path.as_ref() == Some(&name)) {
                    self.notify(NotificationKind::SkippedFile, Some(name), why);
                }
                None
            }
        }
    }

    fn missing(&mut self, module: &Pending) {
        let Some(first) = module.candidates.first() else { return };
        if module.candidates.iter().any(|path| path.symlink_metadata().is_ok()) {
            return;
        }
        let name = self.relative(first);
        let message = match module.declared {
            Some(_) => "declared by a `mod`, but there is no such file",
            None => "named as the root of a target, but there is no such file",
        };
        self.notify(NotificationKind::MissingFile, Some(name), message);
    }

    fn read_wanted(
        &mut self,
        wanted: BTreeMap<PathBuf, Stat>,
        ids: &mut BTreeMap<PathBuf, FileId>,
        loader: &mut Loader<'_>,
    ) {
        let requests: Vec<Request> =
            wanted.into_iter().map(|(path, stat)| Request { name: self.relative(&path), path, stat }).collect();
        for (request, loaded) in requests.iter().zip(loader(&requests)) {
            ids.insert(request.path.clone(), FileId(self.files.len() as u32));
            self.files.push(File { path: request.name.clone(), facts: loaded.facts });
            self.notifications.extend(loaded.notifications);
        }
    }

    /// Makes a file a module of its crate and lists the modules it declares.
    fn enter(&mut self, reached: Reached) -> Vec<Pending> {
        let Reached { pending, path, file } = reached;
        let facts = &self.files[file.0 as usize].facts;
        let modules = &mut self.packages[pending.package.0 as usize].targets[pending.target].modules;
        if is_own_ancestor(modules, file, pending.declared) {
            return Vec::new();
        }
        let index = modules.len();
        modules.push(FileModule { file, declared: pending.declared });
        let dir = path.parent().unwrap_or(&path);
        let own_dir = if pending.beside { dir.to_path_buf() } else { path.with_extension("") };
        let mut declared = Vec::new();
        for (item_index, item) in facts.items.iter().enumerate() {
            let inline = || inline_path(facts, item.module);
            let (candidates, beside) = match (&item.kind, item.name) {
                (ItemKind::Include { path }, _) if dir.join(&**path).exists() => (vec![beside(dir, path)], true),
                (ItemKind::ModuleFile { path: None }, Some(name)) => {
                    let (base, name) = (own_dir.join(inline()), facts.name(name));
                    (vec![base.join(format!("{name}.rs")), base.join(name).join("mod.rs")], false)
                }
                // Relative to the file's folder; inside an inline module, to that module's folder.
                (ItemKind::ModuleFile { path: Some(named) }, _) => match inline() {
                    none if none.as_os_str().is_empty() => (vec![beside(dir, named)], true),
                    inline => (vec![beside(&own_dir.join(inline), named)], true),
                },
                _ => continue,
            };
            let item = ItemIdx(item_index as u32);
            let Pending { package, target, .. } = pending;
            declared.push(Pending { package, target, declared: Some((index, item)), candidates, beside });
        }
        for module in &mut declared {
            module.beside |= !module.candidates[0].exists() && module.candidates.len() > 1;
        }
        declared
    }

    /// Lists sources beside the crates' own that no `mod` reaches.
    fn list_unreached(&mut self, ids: &BTreeMap<PathBuf, FileId>) {
        let mut unreached = BTreeSet::new();
        for package in &self.packages {
            let production = package.targets.iter().filter(|target| target.kind.is_production());
            let folders: BTreeSet<PathBuf> = production
                .filter(|target| target.kind != TargetKind::BuildScript)
                .filter_map(|target| self.root.join(&target.root).parent().map(Path::to_path_buf))
                .filter(|dir| dir.file_name().is_some_and(|name| name == "src"))
                .collect();
            for folder in folders {
                let walk = WalkDir::new(folder).follow_links(false).sort_by_file_name().into_iter();
                let kept = walk.filter_entry(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
                let files = kept.flatten().filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path());
                let sources = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
                unreached.extend(sources.filter(|path| !ids.contains_key(path)));
            }
        }
        // Where a `mod` reached a file that could not be read, that has been said.
        let told: BTreeSet<String> = self.notifications.iter().filter_map(|known| known.path.clone()).collect();
        let names: Vec<String> = unreached.iter().map(|path| self.relative(path)).collect();
        for name in names.into_iter().filter(|name| !told.contains(name)) {
            self.notify(
                NotificationKind::UnreachedFile,
                Some(name),
                "no `mod` reaches this file, so it was not analysed",
            );
        }
    }
}

/// A path that is written relative to a folder, without the steps back that cancel out.
fn beside(dir: &Path, written: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in dir.join(written).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if path.file_name().is_some() => drop(path.pop()),
            part => path.push(part),
        }
    }
    path
}

/// Whether a file is already among the modules that lead to a declaration: a `#[path]` can point back.
fn is_own_ancestor(modules: &[FileModule], file: FileId, declared: Option<(usize, ItemIdx)>) -> bool {
    let mut at = declared;
    while let Some((parent, _)) = at {
        if modules[parent].file == file {
            return true;
        }
        at = modules[parent].declared;
    }
    false
}

/// The folders that the inline modules around a declaration stand for.
fn inline_path(facts: &FileFacts, module: ModuleIdx) -> PathBuf {
    let mut names = Vec::new();
    let mut at = Some(module);
    while let Some(index) = at {
        let found = facts.module(index);
        if found.kind == ModuleKind::Inline {
            let is_it = |item: &&crate::facts::Item| matches!(item.kind, ItemKind::Module(inner) if inner == index);
            names.extend(facts.items.iter().find(is_it).and_then(|item| item.name).map(|name| facts.name(name)));
        }
        at = found.parent;
    }
    names.iter().rev().collect()
}
