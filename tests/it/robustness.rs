//! Workspaces as nobody would write them: nothing crashes, hangs, runs or leaks because of what a file holds.

use crate::command::{Ran, finish, program, run};
use crate::schemas::{misfits, schema};
use crate::workspaces::{files, workspace};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PACKAGE: &str = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
/// A comment that is reported wherever it stands.
const REPORTED: &str = "// scale-lint: allow(crate-cycle)";

fn package(more: &[(&str, &str)]) -> TempDir {
    let mut all = files(&[("Cargo.toml", PACKAGE)]);
    all.extend(files(more));
    workspace(&all)
}

fn check(dir: &TempDir, format: &str) -> Ran {
    run(dir.path(), &["check", "--no-cache", "--verbose", "--format", format])
}

/// The report, after a look at all formats: they end well, fit their schemas and hold nothing that is hostile to a reader.
fn checked(dir: &TempDir) -> Value {
    let start = Instant::now();
    let human = check(dir, "human");
    assert!(human.code < 2, "{human:?}");
    let sarif = check(dir, "sarif").stdout;
    let json = check(dir, "json").stdout;
    assert!(start.elapsed() < Duration::from_secs(240), "it takes {:?}", start.elapsed());
    for text in [&human.stdout, &sarif] {
        let hostile =
            |c: char| (c.is_control() && c != '\n' && c != '\t') || "\u{202e}\u{2066}\u{200b}\u{feff}".contains(c);
        assert!(!text.contains(hostile), "{text:?}");
    }
    assert!(human.stdout.lines().all(|line| line.chars().count() < 1000), "no line of the report is very long");
    assert_eq!(misfits(&schema("report.schema.json"), &json), Vec::<String>::new());
    assert_eq!(misfits(&schema("sarif-2.1.0.json"), &sarif), Vec::<String>::new());
    serde_json::from_str(&json).expect("the report is JSON")
}

/// Kinds and paths of a report's notifications.
fn notified(report: &Value) -> Vec<(String, String)> {
    let list = report["notifications"].as_array().expect("notifications are a list");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_string();
    list.iter().map(|found| (word(&found["kind"]), word(&found["path"]))).collect()
}

fn pair(kind: &str, path: &str) -> (String, String) {
    (kind.into(), path.into())
}

/// Code that leads a parser down as many levels: names and texts.
fn constructs(depth: usize) -> Vec<(&'static str, String)> {
    let nested = |open: &str, close: &str| [open.repeat(depth), close.repeat(depth)].concat();
    let body = |before: &str, after: &str| format!("fn f() {{ {before}a{after}; }}");
    vec![
        ("parens", body(&"(".repeat(depth), &")".repeat(depth))),
        ("blocks", body(&nested("{", "}"), "")),
        ("arrays", format!("const A: u8 = {};", nested("[", "]"))),
        ("modules", nested("mod m {", "}")),
        ("uses", format!("use {};", nested("a::{", "}"))),
        ("ifs", body(&nested("if a {", "}"), "")),
        ("macros", body(&"m!(".repeat(depth), &")".repeat(depth))),
        ("generics", format!("type A = {};", nested("V<", ">"))),
        ("pairs", format!("type A = {};", nested("V<A, ", ">"))),
        ("references", format!("type A = {}u8;", "&".repeat(depth))),
        ("nots", body(&"!".repeat(depth), "")),
        ("closures", body(&"|a, b| ".repeat(depth), "")),
        ("sums", body("", &"+ a".repeat(depth))),
        ("calls", body("", &".b()".repeat(depth))),
        ("awaits", body("", &"?.await".repeat(depth))),
        ("elses", format!("fn f() {{ {} {{}} }}", "if a {} else ".repeat(depth))),
        ("casts", body("", &" as u8".repeat(depth))),
        ("assignments", body(&"a = ".repeat(depth), "")),
        ("indices", body("", &"[0]".repeat(depth))),
        ("structs", body("", &" + A {} ".repeat(depth))),
        ("patterns", format!("fn f() {{ let {}a = b; }}", "&".repeat(depth))),
        ("returns", body(&"return ".repeat(depth), "")),
        ("paths", body("", &"::a".repeat(depth))),
        ("comments", format!("{} fn f() {{}}", nested("/*", "*/"))),
        ("unclosed", "fn f() { (".repeat(depth)),
    ]
}

/// The kinds of notifications that each construct gets, in a workspace where another file has a finding.
fn nested_so_deep(depth: usize) -> Vec<(String, String)> {
    let constructs = constructs(depth);
    let mut all = files(&[("Cargo.toml", PACKAGE), ("src/sound.rs", REPORTED)]);
    let list: Vec<String> = constructs.iter().map(|(name, _)| format!("mod {name};\n")).collect();
    all.push(("src/lib.rs".into(), format!("mod sound;\n{}", list.concat())));
    all.extend(constructs.into_iter().map(|(name, text)| (format!("src/{name}.rs"), text)));
    let ran = check(&workspace(&all), "json");
    let report: Value = serde_json::from_str(&ran.stdout).expect("the report is JSON");
    assert_eq!(report["findings"][0]["path"], "src/sound.rs", "the other files are analysed");
    notified(&report)
}

#[test]
fn deep_nesting_is_told_and_does_not_crash() {
    let told = nested_so_deep(100_000);
    for (name, _) in constructs(1).iter().filter(|(name, _)| *name != "comments") {
        assert!(told.contains(&pair("unparsed-file", &format!("src/{name}.rs"))), "{name}: {told:?}");
    }
}

#[test]
fn nesting_near_the_limits_does_not_crash_either() {
    // As many levels as fit into the limit on tokens, for constructs of one, two and three tokens each.
    for depth in [7_900, 3_900, 2_600] {
        nested_so_deep(depth);
    }
    let told = nested_so_deep(20);
    assert_eq!(told, [pair("unparsed-file", "src/unclosed.rs")]);
}

#[test]
fn very_long_lines_are_shown_in_part() {
    let long = format!("pub const A: &str = \"{}\"; {REPORTED}\n", "x".repeat(3 << 20));
    let report = checked(&package(&[("src/lib.rs", &long)]));
    assert_eq!(report["findings"][0]["column"], 3_145_728 + 25);
    let too_large = format!("mod large;\n{REPORTED}\n");
    let large = format!("pub const A: &str = \"{}\";\n", "x".repeat(10 << 20));
    let report = checked(&package(&[("src/lib.rs", &too_large), ("src/large.rs", &large)]));
    assert_eq!(notified(&report), [pair("skipped-file", "src/large.rs")]);
    assert_eq!(report["findings"][0]["path"], "src/lib.rs");
}

#[test]
fn what_is_not_text_is_read_as_far_as_it_is() {
    let dir = package(&[("src/lib.rs", "mod bytes;\nmod zeros;\nmod empty;\n"), ("src/empty.rs", "")]);
    let with = |bytes: &[u8]| [b"pub const A: &[u8] = b\"", bytes, b"\";\n", REPORTED.as_bytes(), b"\n"].concat();
    fs::write(dir.path().join("src/bytes.rs"), with(b"\xff\xfe\xc3")).expect("files can be written");
    fs::write(dir.path().join("src/zeros.rs"), with(b"\0\0")).expect("files can be written");
    let report = checked(&dir);
    let found: Vec<&Value> =
        report["findings"].as_array().expect("a list").iter().map(|found| &found["path"]).collect();
    assert_eq!(found, ["src/bytes.rs", "src/zeros.rs"]);
    assert!(notified(&report).contains(&pair("unparsed-file", "src/bytes.rs")), "{report}");
}

#[test]
fn nothing_hostile_reaches_a_reader() {
    let hostile = "\u{1b}[31m\u{1b}]0;owned\u{7}\u{9b}1m\u{202e}\u{2066}\u{200b}\r\u{7f}";
    let name = hostile.replace('\r', "");
    let comment = format!("// scale-lint: allow({}) why {hostile}\n", name.replace(']', ""));
    let text = format!("pub const A: &str = \"{hostile}\"; {REPORTED}\n{comment}pub fn f() {{}}\npub fn g( {{\n");
    let lib = format!("#[path = \"{name}.rs\"]\nmod odd;\n#[path = \"{name}2.rs\"]\nmod gone;\n");
    let mut all = files(&[("Cargo.toml", PACKAGE), ("src/lib.rs", &lib)]);
    all.push((format!("src/{name}.rs"), text));
    let dir = workspace(&all);
    let report = checked(&dir);
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(2), "{report}");
    let config = format!("# {hostile}\n[rules]\n\"{name}\" = \"off\"\n");
    let dir = package(&[("src/lib.rs", "")]);
    fs::write(dir.path().join("scale-lint.toml"), config.replace('\r', "")).expect("files can be written");
    let ran = check(&dir, "human");
    assert_eq!(ran.code, 2);
    assert!(!ran.stderr.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}'), "{:?}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn nothing_outside_of_the_workspace_is_read() {
    use std::os::unix::fs::symlink;
    let outside = TempDir::new().expect("a temporary folder can be made");
    let canary = format!("{REPORTED}\npub fn canary() {{}}\n");
    fs::write(outside.path().join("canary.rs"), &canary).expect("files can be written");
    let named = outside.path().join("canary.rs").display().to_string();
    let lib = format!(
        "#[path = {named:?}]\nmod absolute;\n#[path = \"../../canary.rs\"]\nmod above;\nmod linked;\n\
         mod folder;\nmod endless;\n#[path = \"/dev/zero\"]\nmod device;\npub mod own;\n"
    );
    let dir = package(&[("src/lib.rs", &lib), ("src/own.rs", REPORTED), ("src/folder.rs/keep", "")]);
    let link = |from: &Path, to: &str| symlink(from, dir.path().join("src").join(to)).expect("links can be made");
    link(&outside.path().join("canary.rs"), "linked.rs");
    link(Path::new("endless.rs"), "endless.rs");
    link(Path::new("."), "loop");
    link(outside.path(), "outside");
    let report = checked(&dir);
    let text = report.to_string();
    assert!(!text.contains("canary()"), "{text}");
    let found = report["findings"].as_array().expect("findings are a list");
    assert!(found.iter().all(|found| found["path"] == "src/own.rs") && found.len() == 1, "{text}");
    let told = notified(&report);
    for path in ["src/linked.rs", "src/folder.rs", "src/endless.rs"] {
        assert!(told.contains(&pair("skipped-file", path)), "{path}: {told:?}");
    }
}

#[test]
fn modules_that_include_themselves_end() {
    let report = checked(&package(&[
        ("src/lib.rs", &format!("mod a;\n#[path = \"lib.rs\"]\nmod again;\n{REPORTED}\n")),
        ("src/a.rs", "#[path = \"b.rs\"]\nmod b;\n#[path = \"a.rs\"]\nmod a;\n"),
        ("src/b.rs", "#[path = \"a.rs\"]\nmod a;\n#[path = \"lib.rs\"]\nmod lib;\n"),
    ]));
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
}

/// Everything in a workspace that cargo or rustup would start a program for, if they were let.
#[cfg(unix)]
#[test]
fn nothing_of_the_workspace_is_run() {
    use std::os::unix::fs::PermissionsExt;
    let marks = TempDir::new().expect("a temporary folder can be made");
    let program_at = |path: &Path, mark: &str| {
        let text = format!("#!/bin/sh\ntouch {}\nexec rustc \"$@\"\n", marks.path().join(mark).display());
        fs::write(path, text).expect("files can be written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("files can be made programs");
    };
    let manifest = format!("{PACKAGE}build = \"build.rs\"\n\n[dependencies]\nmacros = {{ path = \"macros\" }}\n");
    let dir = workspace(&files(&[
        ("Cargo.toml", &manifest),
        ("src/lib.rs", REPORTED),
        ("build.rs", &format!("fn main() {{ std::fs::write({:?}, \"\").ok(); }}\n", marks.path().join("build"))),
        ("macros/Cargo.toml", "[package]\nname = \"macros\"\nversion = \"0.1.0\"\n[lib]\nproc-macro = true\n"),
        ("macros/src/lib.rs", ""),
        ("bin/keep", ""),
        (".git/config", "[core]\n\tfsmonitor = ./bin/monitor\n"),
    ]));
    let at = |name: &str| dir.path().join("bin").join(name);
    for name in ["rustc", "wrapper", "workspace-wrapper", "cargo", "monitor", "credentials"] {
        program_at(&at(name), name);
    }
    let config = format!(
        "[build]\nrustc = {:?}\nrustc-wrapper = {:?}\nrustc-workspace-wrapper = {:?}\n\
         [registry]\nglobal-credential-providers = [{:?}]\n[alias]\nmetadata = \"run\"\n[env]\nRUSTC = {:?}\n",
        at("rustc"),
        at("wrapper"),
        at("workspace-wrapper"),
        at("credentials"),
        at("rustc"),
    );
    fs::create_dir_all(dir.path().join(".cargo")).expect("folders can be made");
    fs::write(dir.path().join(".cargo/config.toml"), config).expect("files can be written");
    let toolchain = format!("[toolchain]\npath = {:?}\n", dir.path());
    fs::write(dir.path().join("rust-toolchain.toml"), toolchain).expect("files can be written");
    for args in [&["check"][..], &["check", "--no-cargo"], &["stats"], &["check", "--locked"]] {
        // As rustup leaves it when the tool is started on its own: cargo is found by its name.
        let ran = finish(program(dir.path()).args(args).env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN"));
        let marked: Vec<_> = fs::read_dir(marks.path()).expect("the folder is there").flatten().collect();
        assert!(marked.is_empty(), "{args:?} started {marked:?}, and printed {ran:?}");
    }
    let ran = finish(program(dir.path()).args(["check", "--format", "json"]).env_remove("CARGO"));
    assert!(ran.stdout.contains("invalid-suppression"), "{ran:?}");
}

#[test]
fn places_are_the_same_to_all_readers() {
    let cases = [
        ("line_feeds", format!("fn f() {{}}\n{REPORTED}\n"), 2, 1),
        ("carriage_returns", format!("fn f() {{}}\r\n\r\nfn g() {{}} {REPORTED}\r\n"), 3, 11),
        ("byte_order_mark", format!("\u{feff}{REPORTED}\r\n"), 1, 1),
        ("byte_order_mark_and_code", format!("\u{feff}fn f() {{}} {REPORTED}\n"), 1, 11),
        ("first_line_for_the_shell", format!("#!/usr/bin/env run\n\u{20}{REPORTED}\n"), 2, 2),
        ("tabs", format!("fn f() {{\n\t\tg(); {REPORTED}\n}}\n"), 2, 8),
        ("wide_characters", format!("const A: &str = \"日本😀é\"; {REPORTED}\n"), 1, 25),
        ("joined_characters", format!("const A: &str = \"e\u{301}👩\u{200d}🚀\"; {REPORTED}\n"), 1, 26),
        ("no_line_break_at_the_end", format!("fn f() {{}}\n\n{REPORTED}"), 3, 1),
    ];
    let mut all = files(&[("Cargo.toml", PACKAGE)]);
    all.push(("src/lib.rs".into(), cases.iter().map(|(name, ..)| format!("mod {name};\n")).collect()));
    all.extend(cases.iter().map(|(name, text, ..)| (format!("src/{name}.rs"), text.clone())));
    let dir = workspace(&all);
    let json = checked(&dir);
    let human = check(&dir, "human").stdout;
    let sarif: Value = serde_json::from_str(&check(&dir, "sarif").stdout).expect("the log is JSON");
    let listed = |list: &Value, pointer: &str, path: &str| -> Value {
        let list = list.as_array().expect("findings are a list");
        list.iter().find(|found| found.pointer(pointer) == Some(&path.into())).expect("the file has a finding").clone()
    };
    let width = REPORTED.chars().count();
    for (name, _, line, column) in cases {
        let path = format!("src/{name}.rs");
        let end = column + width;
        let found = listed(&json["findings"], "/path", &path);
        let place = ["line", "column", "end_line", "end_column"].map(|key| found[key].as_u64().unwrap_or_default());
        assert_eq!(place, [line, column, line, end].map(|number| number as u64), "{name}");
        let uri = "/locations/0/physicalLocation/artifactLocation/uri";
        let result = listed(&sarif["runs"][0]["results"], uri, &path);
        let region = serde_json::json!({ "startLine": line, "startColumn": column, "endLine": line, "endColumn": end });
        assert_eq!(result["locations"][0]["physicalLocation"]["region"], region, "{name}");
        assert!(human.contains(&format!("[{path}:{line}:{column}]")), "{name}\n{human}");
    }
    let mark = format!(" {0}┬{0}\n", "─".repeat(width / 2));
    assert_eq!(human.matches(&mark).count(), 9, "each mark is as wide as what it marks\n{human}");
}
