//! Checks a catalog file against the real sources of its crate, and prints the paths that were found there.
//!
//! `cargo run --example catalog_paths -- rules/catalog/x.toml <crate source folder> [<folders of crates it re-exports>..]`
//! The output is kept as `tests/it/catalog/x.txt`. Paths of the catalog that the sources do not show are listed on
//! standard error: made by a macro, re-exported from a crate whose folder was not given, or wrong.

use scale_lint::catalog::{CatalogCrate, SubjectKind};
use scale_lint::extract::{STACK_SIZE, extract};
use scale_lint::model::defs::{DefId, DefKind, ScopeId};
use scale_lint::model::names::{Description, Names, Vis};
use scale_lint::model::types::{Declared, TyKind, TypeTable, declare};
use scale_lint::workspace::{Loaded, Locate, Workspace, read_text};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

fn main() {
    let run = std::thread::Builder::new().stack_size(STACK_SIZE).spawn(run).expect("a thread starts");
    run.join().expect("the check does not panic");
}

fn run() {
    let mut args = std::env::args().skip(1);
    let file = args.next().expect("a catalog file");
    let text = std::fs::read_to_string(&file).expect("the catalog file can be read");
    let catalog = CatalogCrate::parse(&text).unwrap_or_else(|error| panic!("{file}: {error:?}"));
    let name = catalog.package.replace('-', "_");

    let real = real_paths(args.map(PathBuf::from).collect(), &name);
    let described = described_paths(&catalog, &name);
    let wanted = catalog.entries.iter().map(|entry| match entry.subject.kind {
        SubjectKind::Macro => format!("{}!", entry.subject.path.join("::")),
        SubjectKind::Attribute => format!("#[{}]", entry.subject.path.join("::")),
        SubjectKind::Item => entry.subject.path.join("::"),
    });
    let wanted: BTreeSet<String> = wanted.chain(described).collect();
    for path in wanted.iter().filter(|path| real.contains(*path)) {
        println!("{path}");
    }
    for path in wanted.iter().filter(|path| !real.contains(*path)) {
        eprintln!("not found: {path}");
    }
}

/// The public paths of a crate, from its sources and those of the crates it re-exports.
fn real_paths(folders: Vec<PathBuf>, name: &str) -> BTreeSet<String> {
    let mut whole = Workspace::default();
    for folder in folders {
        let locate = Locate { current_dir: folder.clone(), ..Locate::default() };
        let mut one = Workspace::discover(&locate).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        one.load(&mut |requests| {
            let read = |request: &scale_lint::workspace::Request| {
                let text = read_text(&request.path).map(|content| content.text).unwrap_or_default();
                Loaded { facts: extract(&text).0, notifications: Vec::new() }
            };
            requests.iter().map(read).collect()
        });
        merge(&mut whole, one);
    }
    let dirs: BTreeMap<String, u32> =
        whole.packages.iter().enumerate().map(|(index, package)| (package.name.clone(), index as u32)).collect();
    for package in &mut whole.packages {
        for dependency in &mut package.dependencies {
            dependency.member = dirs.get(&dependency.package).map(|index| scale_lint::workspace::PackageId(*index));
        }
    }
    let std = include_str!("../rules/catalog/std.toml");
    paths_of(&whole, &[describe(&CatalogCrate::parse(std).expect("the catalog is valid"))], name)
}

fn merge(whole: &mut Workspace, one: Workspace) {
    let offset = whole.files.len() as u32;
    for mut package in one.packages {
        package.manifest.0 += offset;
        package.targets.retain(|target| target.kind.is_library());
        for module in package.targets.iter_mut().flat_map(|target| &mut target.modules) {
            module.file.0 += offset;
        }
        whole.packages.push(package);
    }
    whole.files.extend(one.files);
}

fn describe(catalog: &CatalogCrate) -> Description {
    let (facts, trouble) = extract(&catalog.description);
    assert!(trouble.is_empty(), "the description of {} does not parse: {trouble:?}", catalog.package);
    for gap in &facts.gaps {
        eprintln!("not understood: {}", &catalog.description[gap.range.start as usize..gap.range.end as usize]);
    }
    Description { package: catalog.package.clone(), facts, derives: Vec::new() }
}

fn described_paths(catalog: &CatalogCrate, name: &str) -> BTreeSet<String> {
    let mut descriptions = vec![describe(catalog)];
    let std = include_str!("../rules/catalog/std.toml");
    if name != "std" {
        descriptions.push(describe(&CatalogCrate::parse(std).expect("the catalog is valid")));
    }
    let workspace = Workspace::default();
    let all = paths_of(&workspace, &descriptions, name);
    all.into_iter().filter(|path| !path.starts_with("#[")).collect()
}

fn paths_of(workspace: &Workspace, descriptions: &[Description], name: &str) -> BTreeSet<String> {
    let mut names = Names::build(workspace, descriptions);
    let declared = declare(&mut names);
    let members = type_members(&names, &declared);
    let mut found = BTreeSet::new();
    let root = names.defs.crate_ids().find(|krate| names.defs.symbols.text(names.defs.krate(*krate).name) == name);
    if let Some(root) = root {
        let scope = names.root_scope(root);
        walk(&names, &members, scope, name, &mut HashSet::new(), &mut found, 0);
    }
    found
}

/// The members of each type: those of its own impls and of impls of traits.
fn type_members(names: &Names<'_>, declared: &Declared) -> BTreeMap<DefId, BTreeSet<String>> {
    let mut members: BTreeMap<DefId, BTreeSet<String>> = BTreeMap::new();
    for found in &declared.impls {
        if let TyKind::Adt(def, _) = declared.tys.kind(declared.tys.peel_refs(found.self_ty)) {
            let own =
                names.members.get(&found.def).into_iter().flatten().map(|member| names.defs.name(*member).to_string());
            members.entry(*def).or_default().extend(own);
        }
    }
    members
}

fn walk(
    names: &Names<'_>,
    members: &BTreeMap<DefId, BTreeSet<String>>,
    scope: ScopeId,
    path: &str,
    open: &mut HashSet<ScopeId>,
    found: &mut BTreeSet<String>,
    depth: usize,
) {
    if depth > 8 || !open.insert(scope) {
        return;
    }
    for (name, bindings) in &names.scope(scope).names {
        let path = format!("{path}::{}", names.defs.symbols.text(*name));
        if bindings.macros.is_some_and(|binding| binding.visibility == Vis::Public) {
            found.insert(format!("{path}!"));
            found.insert(format!("#[{path}]"));
        }
        for binding in [bindings.types, bindings.values].into_iter().flatten().filter(|b| b.visibility == Vis::Public) {
            let def = names.defs.get(binding.def);
            if def.kind == DefKind::External || def.test {
                continue;
            }
            if def.kind != DefKind::Module {
                found.insert(path.clone());
                found.insert(format!("#[{path}]"));
            }
            for member in members.get(&binding.def).into_iter().flatten() {
                found.insert(format!("{path}::{member}"));
            }
            if let Some(inner) = def.scope {
                walk(names, members, inner, &path, open, found, depth + 1);
            }
        }
    }
    open.remove(&scope);
}
