//! The parts of a library: its outermost modules, how long they are, and which other packages name what is in them.

use super::Model;
use super::defs::{DefId, DefKind, ItemRef};
use super::services::is_trial;
use crate::source::FileId;
use crate::workspace::{PackageId, Target};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The parts of a library, the longest first.
#[derive(Debug, Default)]
pub struct Parts(pub Vec<Part>);

/// An outermost module of a library.
#[derive(Debug)]
pub struct Part {
    pub module: DefId,
    /// Those of its files, test modules left out.
    pub lines: u64,
    /// The other packages that name something in it, those left out that only try things out.
    pub users: BTreeSet<PackageId>,
}

struct PartFile {
    id: FileId,
    /// The declaration of the outermost module that it belongs to; none for the root.
    outermost: Option<ItemRef>,
    lines: u64,
}

impl Parts {
    pub fn users(&self) -> BTreeSet<PackageId> {
        self.0.iter().flat_map(|part| &part.users).copied().collect()
    }

    /// Whether several things share the library: others name most of it, but each of them only its own half or less.
    pub fn fall_apart(&self) -> bool {
        let lines = |parts: &mut dyn Iterator<Item = &Part>| parts.map(|part| part.lines).sum::<u64>();
        let used: Vec<&Part> = self.0.iter().filter(|part| !part.users.is_empty()).collect();
        let named: usize = used.iter().map(|part| part.users.len()).sum();
        let is_named = 2 * lines(&mut used.iter().copied()) >= lines(&mut self.0.iter());
        is_named && 2 * named <= used.len() * self.users().len()
    }

    /// The parts that at most half of the users need: what can be split off.
    pub fn of_few(&self) -> impl Iterator<Item = &Part> {
        let all = self.users().len();
        self.0.iter().filter(move |part| !part.users.is_empty() && 2 * part.users.len() <= all)
    }
}

impl Model<'_> {
    /// The lines of what a package is built of, test modules left out.
    pub fn lines(&self, package: PackageId) -> u64 {
        let targets = self.workspace.package(package).targets.iter();
        let files = targets.filter(|target| target.kind.is_production()).flat_map(|target| self.files(target));
        let lines: BTreeMap<_, u64> = files.map(|file| (file.id, file.lines)).collect();
        lines.into_values().sum()
    }

    /// The outermost modules of a package's library that stand in files of their own.
    pub fn parts(&self, package: PackageId) -> Parts {
        let target = self.workspace.package(package).targets.iter().find(|target| target.kind.is_library());
        let mut lines: BTreeMap<ItemRef, u64> = BTreeMap::new();
        for file in target.map(|target| self.files(target)).unwrap_or_default() {
            if let Some(outermost) = file.outermost {
                *lines.entry(outermost).or_default() += file.lines;
            }
        }
        let users = self.users_of(package);
        let part = |module: DefId| {
            let lines = *lines.get(&self.names.defs.get(module).item?)?;
            Some(Part { module, lines, users: users.get(&module).cloned().unwrap_or_default() })
        };
        let mut parts: Vec<Part> = self.names.defs.ids().filter_map(part).collect();
        parts.sort_by_key(|part| (Reverse(part.lines), part.module));
        Parts(parts)
    }

    /// Which packages name what is in each outermost module of a package.
    fn users_of(&self, package: PackageId) -> BTreeMap<DefId, BTreeSet<PackageId>> {
        let defs = &self.names.defs;
        let mut users: BTreeMap<DefId, BTreeSet<PackageId>> = BTreeMap::new();
        for edge in self.modules().edges().iter().filter(|edge| defs.package(edge.to) == Some(package)) {
            let user = defs.package(edge.from).filter(|user| *user != package && !is_trial(self, *user));
            let up = std::iter::successors(Some(edge.to), |at| defs.get(*at).parent);
            let outermost = up.filter(|at| defs.get(*at).parent.is_some() && defs.get(*at).kind == DefKind::Module);
            if let (Some(user), Some(module)) = (user, outermost.last()) {
                users.entry(module).or_default().insert(user);
            }
        }
        users
    }

    /// The files of a target that hold no test modules.
    fn files(&self, target: &Target) -> Vec<PartFile> {
        let mut places: Vec<Option<Option<ItemRef>>> = Vec::new();
        let mut files = Vec::new();
        for module in &target.modules {
            let place = match module.declared {
                None => Some(None),
                Some((parent, item)) => places[parent].and_then(|outermost: Option<ItemRef>| {
                    let declaration = ItemRef { file: target.modules[parent].file, item };
                    let is_test = self.workspace.file(declaration.file).facts.item(item).test;
                    (!is_test).then(|| Some(outermost.unwrap_or(declaration)))
                }),
            };
            places.push(place);
            if let Some(outermost) = place {
                let lines = u64::from(self.workspace.file(module.file).facts.lines);
                files.push(PartFile { id: module.file, outermost, lines });
            }
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(of: &[(u64, &[u32])]) -> Parts {
        let part = |(lines, users): &(u64, &[u32])| Part {
            module: DefId(0),
            lines: *lines,
            users: users.iter().map(|user| PackageId(*user)).collect(),
        };
        Parts(of.iter().map(part).collect())
    }

    #[test]
    fn a_library_falls_apart_when_each_user_needs_its_own_part_of_it() {
        let shared = parts(&[(900, &[1]), (800, &[2, 3]), (100, &[1, 2, 3, 4]), (50, &[4])]);
        assert!(shared.fall_apart());
        assert_eq!(shared.of_few().map(|part| part.lines).collect::<Vec<_>>(), [900, 800, 50]);
        assert!(!parts(&[(900, &[1, 2, 3]), (800, &[1, 2, 3])]).fall_apart(), "all need all of it");
        assert!(!parts(&[(9000, &[]), (300, &[1]), (200, &[2])]).fall_apart(), "most of it is behind what they name");
    }
}
