//! The architecture: who may import whom, which outside crate stands where, how large things may be.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of `src`, layer by layer. A module may import from the layers above its own.
const LAYERS: [&[&str]; 11] = [
    &["source", "progress"],
    &["error"],
    &["facts", "finding", "catalog"],
    &["config", "workspace", "extract", "cache", "git"],
    &["model"],
    &["page"],
    &["rule"],
    &["rules", "levels", "suppress", "stats", "fingerprint", "baseline", "diff_base", "fix"],
    &["report"],
    &["engine", "entry_points", "graph", "init"],
    &["cli", "lib", "main"],
];

/// Where each outside crate may be named. Those of the last row may be used anywhere.
const OUTSIDE: [(&str, &[&str]); 18] = [
    ("blake3", &["cache", "fingerprint"]),
    ("cargo_metadata", &["workspace"]),
    ("clap", &["cli", "main"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("indicatif", &["progress"]),
    ("miette", &["report"]),
    ("mimalloc", &["main"]),
    ("petgraph", &["model"]),
    ("postcard", &["cache"]),
    ("proc_macro2", &["extract"]),
    ("quick_xml", &["report"]),
    ("quote", &["extract"]),
    ("rayon", &["engine", "model"]),
    ("syn", &["extract"]),
    ("tempfile", &["diff_base", "fix"]),
    ("toml", &["catalog", "config", "workspace"]),
    ("walkdir", &["workspace"]),
];

/// Modules that may touch files or start programs. The baseline is a file that the user keeps; an
/// old revision is asked of git and laid out in a temporary folder; fixes change the sources.
const TOUCH_THE_DISK: [&str; 9] =
    ["workspace", "cache", "config", "baseline", "git", "diff_base", "fix", "main", "cli"];

struct Source {
    /// Relative to the repository.
    path: String,
    /// The module below `src`, or `rules`.
    module: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for top in ["src", "rules"] {
        collect(&root().join(top), top, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(dir: &Path, top: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(dir).expect("source folders can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, top, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let relative = path.strip_prefix(root()).expect("sources are in the repository");
            let parts: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            let module = if top == "rules" { "rules".into() } else { parts[1].trim_end_matches(".rs").to_string() };
            let text = fs::read_to_string(&path).expect("sources can be read");
            found.push(Source { path: parts.join("/"), module, text });
        }
    }
}

/// A source without what follows its test module, without comments and without the text of strings.
fn code(text: &str) -> String {
    let production = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    production.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn layer(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|layer| layer.contains(&module))
        .unwrap_or_else(|| panic!("the module `{module}` is in no layer of tests/it/tidy.rs"))
}

/// The modules that a source names by `crate::`.
fn imported(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        // Neither the `$crate` of a macro nor the end of a longer name.
        if code[..at].ends_with(|c: char| c == '$' || c == '_' || c.is_alphanumeric()) {
            continue;
        }
        let named = rest.trim_start_matches('{');
        found.push(named.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
    }
    found
}

#[test]
fn imports_point_upwards() {
    let mut problems = Vec::new();
    for source in sources() {
        for module in imported(&code(&source.text)) {
            // Macros live at the crate's root.
            if module == source.module || module.is_empty() || module == "rule" && source.module == "rules" {
                continue;
            }
            if ["suppression_rule"].contains(&module.as_str()) {
                continue;
            }
            if layer(&module) >= layer(&source.module) {
                problems.push(format!("{} imports `{module}`, which is not in a layer above", source.path));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn outside_crates_stay_where_they_belong() {
    let mut problems = Vec::new();
    for source in sources() {
        let code = code(&source.text);
        for (name, modules) in OUTSIDE {
            let used = code.contains(&format!("use {name}")) || code.contains(&format!("{name}::"));
            if used && !modules.contains(&source.module.as_str()) {
                problems.push(format!("{} uses `{name}`, which belongs in {modules:?}", source.path));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn only_some_modules_touch_the_disk() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| !TOUCH_THE_DISK.contains(&source.module.as_str())) {
        let code = code(&source.text);
        for name in ["std::fs", "std::process", "std::env", "std::net"] {
            if code.contains(name) {
                problems.push(format!("{} uses `{name}`", source.path));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_spine_names_no_framework() {
    let names: Vec<String> = fs::read_dir(root().join("rules/catalog"))
        .expect("there is a catalog")
        .flatten()
        .map(|file| file.path().file_stem().expect("files have names").to_string_lossy().replace('-', "_"))
        .filter(|name| name != "std" && !GENERAL.contains(&name.as_str()))
        .collect();
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| source.module != "rules") {
        let words: Vec<&str> = source.text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for name in &names {
            if words.contains(&name.as_str()) {
                problems.push(format!("{} names `{name}`", source.path));
            }
        }
    }
    assert!(problems.is_empty(), "a framework is known by its catalog file alone:\n{}", problems.join("\n"));
}

/// Crates that the catalog describes and this project uses itself, and names that are also plain words.
const GENERAL: [&str; 34] = [
    "anyhow",
    "blake3",
    "blocking",
    "bytes",
    "cached",
    "clap",
    "config",
    "cron",
    "csv",
    "either",
    "futures",
    "glob",
    "headers",
    "hex",
    "http",
    "ignore",
    "image",
    "lazy_static",
    "log",
    "metrics",
    "notify",
    "rand",
    "rayon",
    "regex",
    "rustc_hash",
    "serde",
    "serde_json",
    "tar",
    "tempfile",
    "time",
    "toml",
    "url",
    "walkdir",
    "zip",
];

#[test]
fn there_is_no_hidden_state() {
    let mut problems = Vec::new();
    for source in sources() {
        let code = code(&source.text);
        for line in code.lines().map(str::trim_start) {
            let is_static = line.starts_with("static ") || line.starts_with("pub static ");
            let is_allocator = source.module == "main" && line.contains("MiMalloc");
            if (is_static && !is_allocator) || line.starts_with("thread_local!") {
                problems.push(format!("{}: {line}", source.path));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn files_functions_and_vocabulary_stay_small() {
    let mut problems = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        let limit = if source.module == "rules" && !source.path.ends_with("mod.rs") { 120 } else { 500 };
        if lines > limit {
            problems.push(format!("{} has {lines} lines, the limit is {limit}", source.path));
        }
        if source.module != "rules" && !source.text.starts_with("//!") {
            problems.push(format!("{} does not open with a sentence on what it is", source.path));
        }
        for (name, length) in functions(&source.text).into_iter().filter(|(_, length)| *length > 60) {
            problems.push(format!("{}: `{name}` has {length} lines, the limit is 60", source.path));
        }
        let file = source.path.rsplit('/').next().unwrap_or_default();
        for word in ["manager", "helper", "util", "common", "misc", "processor"] {
            if file.contains(word) {
                problems.push(format!("{} is named after nothing in particular", source.path));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Functions with the number of their lines, by indentation: rustfmt closes a function where it began.
fn functions(text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let lines: Vec<&str> = text.lines().collect();
    for (start, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let head = trimmed.trim_start_matches("pub ").trim_start_matches("pub(crate) ").trim_start_matches("const ");
        let Some(rest) = head.strip_prefix("fn ") else { continue };
        let indent = line.len() - trimmed.len();
        let close = format!("{}}}", " ".repeat(indent));
        if let Some(length) = lines[start..].iter().position(|line| **line == close) {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.insert(format!("{name}:{}", start + 1), length + 1);
        }
    }
    found
}
