//! What the model says, beside what the compiler says.

use super::callee::{self, Callee};
use super::compiled::{Compiled, Seen, Span};
use scale_lint::engine::{self, Options};
use scale_lint::stats;
use scale_lint::workspace::Locate;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// What the model says of a workspace.
pub struct Said {
    /// As `stats --calls` and `stats --guards` print them.
    pub calls: String,
    pub guards: String,
    pub guard_types: Vec<String>,
    /// The crates that the catalog describes, and those of the workspace.
    pub described: BTreeSet<String>,
    pub own: BTreeSet<String>,
    /// All crates of the lock file.
    pub locked: BTreeSet<String>,
    /// The sources that the compiler names, by their path.
    pub texts: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Agree,
    Differ,
    /// The model knows of the call, but not where it leads.
    Unknown,
    /// The model does not know of the call.
    Unseen,
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Own,
    Described,
    Other,
}

pub struct Comparison {
    pub calls: Vec<Compared>,
    pub guards: Vec<Compared>,
    /// How many suspensions lie in macros of other crates, where the model cannot be asked by place.
    elsewhere: usize,
}

pub struct Compared {
    pub verdict: Verdict,
    side: Side,
    kind: &'static str,
    pub span: Span,
    compiler: String,
    model: String,
}

#[derive(Deserialize)]
struct SaidCall {
    #[serde(flatten)]
    at: Place,
    kind: String,
    target: Option<String>,
}

#[derive(Deserialize)]
struct SaidAwait {
    #[serde(flatten)]
    at: Place,
    guards: Vec<SaidGuard>,
}

#[derive(Deserialize)]
struct SaidGuard {
    #[serde(rename = "type")]
    of: String,
}

#[derive(Deserialize)]
struct Place {
    path: String,
    end_line: u32,
    end_column: u32,
}

/// A file and where something ends in it: its start depends on whether parentheses around a receiver count.
type End = (String, (u32, u32));

impl Place {
    fn end(self) -> End {
        (self.path, (self.end_line, self.end_column))
    }
}

impl Said {
    /// Runs the model over the workspace of a folder.
    pub fn of(folder: &Path, compiled: &Compiled) -> Self {
        let manifest_path = Some(folder.join("Cargo.toml"));
        let locate = Locate { manifest_path, current_dir: folder.to_path_buf(), ..Locate::default() };
        let options = Options { locate, ..Options::default() };
        let said = engine::with_threads(&options, || {
            let prepared = engine::prepare(&options)?;
            let model = prepared.model();
            let lib_name = |name: &str| name.replace('-', "_");
            let read = |path: &Path| std::fs::read_to_string(prepared.workspace.root.join(path)).ok();
            let lock = read(Path::new("Cargo.lock")).unwrap_or_default();
            let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
            // Other crates are named by their full paths.
            let paths = compiled.paths().into_iter().filter(|path| Path::new(path).is_relative());
            Ok(Self {
                calls: stats::calls(&model),
                guards: stats::guards(&model),
                guard_types: stats::guard_types(&model),
                described: prepared.catalog.crates.iter().map(|krate| lib_name(&krate.package)).collect(),
                own: prepared.workspace.packages.iter().map(|package| lib_name(&package.name)).collect(),
                locked: names.map(lib_name).collect(),
                texts: paths.filter_map(|path| Some((path.to_string(), read(Path::new(path))?))).collect(),
            })
        });
        said.unwrap_or_else(|error| panic!("the workspace does not load: {error}"))
    }

    /// Whether a span is that of a call: code that a `#[derive]` makes has the span of what it is made for.
    fn ends_like_a_call(&self, span: &Span) -> bool {
        let line = self.texts.get(&span.path).and_then(|text| text.lines().nth(span.end.0 as usize - 1));
        line.and_then(|line| line.chars().nth(span.end.1 as usize - 2)) == Some(')')
    }
}

impl Comparison {
    pub fn new(said: &Said, compiled: &Compiled) -> Self {
        let of_source = |seen: &&Seen| said.texts.contains_key(&seen.span.path);
        let (mut calls, guards) = (compare_calls(said, compiled), compare_guards(said, compiled));
        calls.retain(|call| !in_macro_definition(said, &call.span));
        Self { calls, guards, elsewhere: compiled.awaits.len() - compiled.awaits.iter().filter(of_source).count() }
    }

    pub fn figures(&self) -> String {
        let mut text = String::new();
        let mut row = |name: &str, of: &dyn Fn(&Compared) -> bool| {
            let count = |verdict| self.calls.iter().filter(|call| of(call) && call.verdict == verdict).count();
            let [agree, differ, unknown, unseen] =
                [Verdict::Agree, Verdict::Differ, Verdict::Unknown, Verdict::Unseen].map(count);
            let (said, all) = (agree + differ, agree + differ + unknown + unseen);
            let _ = writeln!(
                text,
                "{name:18} {all:6} calls: agree {agree}, differ {differ}, unknown {unknown}, unseen {unseen}; \
                 right {:.1} %, resolved {:.1} %",
                share(agree, said),
                share(said, all)
            );
        };
        row("all", &|_| true);
        row("own and described", &|call| call.side != Side::Other);
        row("of the workspace", &|call| call.side == Side::Own);
        row("described", &|call| call.side == Side::Described);
        row("other", &|call| call.side == Side::Other);
        row("by path", &|call| call.side != Side::Other && call.kind == "path");
        row("by method", &|call| call.side != Side::Other && call.kind == "method");
        let count = |verdict| self.guards.iter().filter(|guard| guard.verdict == verdict).count();
        let [agree, differ, unseen] = [Verdict::Agree, Verdict::Differ, Verdict::Unseen].map(count);
        let _ = writeln!(
            text,
            "guards at awaits   agree {agree}, only the model {differ}, only the compiler {unseen}: {:.1} %; \
             {} awaits in macros of other crates",
            share(agree, agree + differ + unseen),
            self.elsewhere
        );
        text
    }

    /// Every comparison, one a line.
    pub fn details(&self) -> String {
        let mut text = String::new();
        for Compared { verdict, side, kind, span, compiler, model } in self.calls.iter().chain(&self.guards) {
            let _ = writeln!(text, "{verdict:?}\t{side:?}\t{kind}\t{span}\t{compiler}\t{model}");
        }
        text
    }
}

fn share(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn compare_calls(said: &Said, compiled: &Compiled) -> Vec<Compared> {
    let calls = said.calls.lines().map(|line| serde_json::from_str::<SaidCall>(line).expect("each line is a call"));
    let calls = calls.filter(|call| call.kind != "macro");
    let calls: BTreeMap<End, (String, Option<String>)> =
        calls.map(|call| (call.at.end(), (call.kind, call.target))).collect();
    let mut compared = Vec::new();
    for Seen { span, what } in &compiled.calls {
        let callee = Callee::read(what);
        if !said.ends_like_a_call(span) || callee.is_unwritten() {
            continue;
        }
        let found = calls.get(&(span.path.clone(), span.end));
        let verdict = match found {
            None => Verdict::Unseen,
            Some((_, None)) => Verdict::Unknown,
            Some((_, Some(target))) if callee.is(target, &said.own) => Verdict::Agree,
            Some(_) => Verdict::Differ,
        };
        let side = match callee.krate() {
            "std" | "core" | "alloc" => Side::Described,
            krate if said.own.contains(krate) => Side::Own,
            krate if said.described.contains(krate) => Side::Described,
            krate if said.locked.contains(krate) => Side::Other,
            // Paths within the crate at hand start with a module or type.
            _ => Side::Own,
        };
        let kind = match found {
            Some((kind, _)) if kind == "path" => "path",
            _ => "method",
        };
        let model = found.and_then(|(_, target)| target.clone()).unwrap_or_else(|| "?".into());
        compared.push(Compared { verdict, side, kind, span: span.clone(), compiler: what.clone(), model });
    }
    compared
}

/// Guards alive at awaits. Awaits at which both sides see none are not counted.
fn compare_guards(said: &Said, compiled: &Compiled) -> Vec<Compared> {
    let types: BTreeSet<(&str, &str)> = said.guard_types.iter().map(|path| crate_and_name(path)).collect();
    let mut by_model: BTreeMap<End, BTreeSet<String>> = BTreeMap::new();
    for line in said.guards.lines() {
        let found: SaidAwait = serde_json::from_str(line).expect("each line is an await");
        let names = found.guards.iter().map(|guard| crate_and_name(&guard.of).1.to_string());
        by_model.entry(found.at.end()).or_default().extend(names);
    }
    let mut compared = Vec::new();
    for Seen { span, what } in compiled.awaits.iter().filter(|seen| said.texts.contains_key(&seen.span.path)) {
        // Within the crate at hand, paths do not start with its name.
        let is_guard = |(krate, name): &(&str, &str)| {
            let of_other = said.locked.contains(*krate) || ["core", "alloc", "std"].contains(krate);
            let krate = if of_other { *krate } else { "" };
            let family = |known: &str| {
                known == krate || krate.is_empty() && said.own.contains(known) || krate == "core" && known == "std"
            };
            types.iter().any(|(known, guard)| guard == name && family(known))
        };
        let kept = what.split("; ").flat_map(owned_types).filter(is_guard).map(|(_, name)| name.to_string());
        let by_compiler: BTreeSet<String> = kept.collect();
        let nothing = BTreeSet::new();
        let by_model = by_model.get(&(span.path.clone(), span.end)).unwrap_or(&nothing);
        for guard in by_compiler.union(by_model) {
            let verdict = match (by_compiler.contains(guard), by_model.contains(guard)) {
                (true, true) => Verdict::Agree,
                (true, false) => Verdict::Unseen,
                (false, _) => Verdict::Differ,
            };
            let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
            let (compiler, model) = (list(&by_compiler), list(by_model));
            compared.push(Compared {
                verdict,
                side: Side::Described,
                kind: "await",
                span: span.clone(),
                compiler,
                model,
            });
        }
    }
    compared
}

fn crate_and_name(path: &str) -> (&str, &str) {
    (path.split("::").next().unwrap_or(path), path.rsplit("::").next().unwrap_or(path))
}

/// The type itself, or what options, results, boxes and tuples hold of it, as crate and name.
fn owned_types(ty: &str) -> Vec<(&str, &str)> {
    let ty = ty.trim();
    if let Some(parts) = ty.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return callee::parts(parts).into_iter().flat_map(owned_types).collect();
    }
    let (path, args) = ty.split_once('<').map_or((ty, ""), |(path, args)| (path, args.trim_end_matches('>')));
    let (krate, name) = crate_and_name(path);
    match name {
        "Option" | "Result" | "Box" | "Pin" => callee::parts(args).into_iter().flat_map(owned_types).collect(),
        _ if path.starts_with(['&', '*', '{', '[']) => Vec::new(),
        _ => vec![(krate, name)],
    }
}

/// What a macro of the crate makes has its span in the macro's definition, where the model sees no calls.
fn in_macro_definition(said: &Said, span: &Span) -> bool {
    let Some(text) = said.texts.get(&span.path) else { return false };
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        let is_start = line.trim_start().starts_with("macro_rules!");
        inside |= is_start;
        if number + 1 == span.start.0 as usize {
            return inside;
        }
        let indent = line.len() - line.trim_start().len();
        if inside && !is_start && line.trim_start().starts_with(['}', ')']) && ends_definition(text, number, indent) {
            inside = false;
        }
    }
    false
}

/// Whether a closing bracket stands as far out as the `macro_rules!` before it.
fn ends_definition(text: &str, line: usize, indent: usize) -> bool {
    let before: Vec<&str> = text.lines().take(line).collect();
    let start = before.iter().rev().find(|line| line.trim_start().starts_with("macro_rules!"));
    start.is_some_and(|start| start.len() - start.trim_start().len() == indent)
}
