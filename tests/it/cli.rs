//! The command line: what is printed where, and with which exit code.

use crate::command::{Ran, finish, fixture, program, run};
use crate::workspaces::{CYCLE, files, workspace};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const PACKAGE: &str = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

/// A package with one function.
fn package(more: &[(&str, &str)]) -> TempDir {
    let mut all = files(&[("Cargo.toml", PACKAGE), ("src/lib.rs", "pub fn f() {}\n")]);
    all.extend(files(more));
    workspace(&all)
}

/// Two packages that depend on each other: one finding, a warning.
fn cycle(more: &[(&str, &str)]) -> TempDir {
    workspace(&[files(&CYCLE), files(more)].concat())
}

/// What a run that cannot do its work says: nothing on standard output, and the given texts in its message.
fn assert_refused(ran: &Ran, said: &[&str]) {
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    for text in said {
        assert!(ran.stderr.contains(text), "`{text}` is not in:\n{}", ran.stderr);
    }
}

#[test]
fn it_runs_directly_and_as_a_subcommand_of_cargo() {
    let dir = package(&[]);
    let direct = run(dir.path(), &["check", "--no-cache"]);
    assert_eq!((direct.code, direct.stderr.as_str()), (0, ""));
    assert_eq!(direct.stdout, "nothing to report (1 package in 1 file and 1 line)\n");
    assert_eq!(run(dir.path(), &["scale-lint", "check", "--no-cache"]), direct);
    assert_eq!(run(dir.path(), &["scale-lint", "--no-cache"]), direct);
    assert_eq!(run(dir.path(), &["scale-lint", "check", "--no-cache", "--quiet"]).stdout, "");
}

#[test]
fn a_workspace_that_does_not_load_is_refused_with_help() {
    let empty = TempDir::new().expect("a temporary folder can be made");
    let check = |dir: &Path| run(dir, &["check", "--no-cache"]);
    assert_refused(
        &check(empty.path()),
        &["there is no `Cargo.toml` in `", "help: run the command inside a workspace"],
    );
    let named = run(empty.path(), &["check", "--manifest-path", "gone/Cargo.toml"]);
    assert_refused(&named, &["there is no file `gone/Cargo.toml`", "--manifest-path"]);
    let broken = workspace(&files(&[("Cargo.toml", "[package\nname = \"a\"\n")]));
    assert_refused(&check(broken.path()), &["a manifest is not valid TOML", "Cargo.toml:1:", "unclosed table"]);
    let nothing = workspace(&files(&[("Cargo.toml", "\n")]));
    assert_refused(&check(nothing.path()), &["describes neither a package nor a workspace", "help: add a `[package]`"]);
    let virtual_only = workspace(&files(&[("Cargo.toml", "[workspace]\nmembers = []\n")]));
    assert_refused(&check(virtual_only.path()), &["no packages", "help: add a member"]);
    let gone = workspace(&files(&[("Cargo.toml", "[workspace]\nmembers = [\"gone\"]\n")]));
    assert_refused(&check(gone.path()), &["no packages", "help: `gone`: listed as a member"]);
    let locked = run(gone.path(), &["check", "--locked"]);
    assert_refused(&locked, &["cargo refuses the workspace: ", "help: run without `--locked`"]);
    assert!(!locked.stderr.contains("\\n"), "{}", locked.stderr);
}

#[test]
fn what_could_not_be_seen_is_said_and_the_rest_is_analysed() {
    let dir = package(&[("src/main.rs", "fn main() {}\n\npub fn broken( {\n")]);
    let ran = run(dir.path(), &["check", "--no-cache"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.starts_with("note: src/main.rs:3: does not parse"), "{}", ran.stdout);
    let sourceless = workspace(&files(&[("Cargo.toml", PACKAGE)]));
    let ran = run(sourceless.path(), &["check", "--no-cache"]);
    for said in ["cargo cannot describe the workspace", "no targets specified", "no source of it was found"] {
        assert!(ran.stdout.contains(said), "`{said}` is not in:\n{}", ran.stdout);
    }
    // What a member depends on by path is a member too, as for cargo.
    let partly = cycle(&[("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"store\", \"gone\"]\n")]);
    for args in [&["check", "--no-cache"][..], &["check", "--no-cache", "--no-cargo"]] {
        let ran = run(partly.path(), args);
        assert!(ran.stdout.contains("note: gone: listed as a member"), "{}", ran.stdout);
        assert!(ran.stdout.contains("warning[crate-cycle]"), "{}", ran.stdout);
    }
}

#[test]
fn mistakes_in_the_configuration_are_pointed_at() {
    for (config, said) in [
        (
            "fale-on = \"error\"\n",
            &["scale-lint.toml:1:1", "unknown field `fale-on`", "help: did you mean `fail-on`?"][..],
        ),
        ("fail-on = 3\n", &["scale-lint.toml:1:11", "expected a string"]),
        ("fail-on = \"eror\"\n", &["`eror` is not known here", "help: did you mean `error`?"]),
        ("x = [\n", &["the configuration cannot be read", "unclosed array"]),
        ("[rules]\ncrate-cylce = \"off\"\n", &["there is no rule `crate-cylce`", "help: did you mean `crate-cycle`?"]),
        ("[rules]\ncrate-cycle = \"of\"\n", &["`of` is no level", "help: did you mean `off`?"]),
        ("[rules]\ncrate-cycle = 3\n", &["scale-lint.toml:2:15", "neither a level nor a table"]),
        ("[rules]\ncrate-cycle = { lvl = \"off\" }\n", &["has no option `lvl`"]),
        ("[[allow]]\nrule = \"crate-cycle\"\n", &["an `[[allow]]` has no scope"]),
        ("[[allow]]\nrule = \"crate-cycle\"\npath = \"src\"\n", &["gives no reason"]),
        ("[roles]\nhttp-clint = [\"a::b\"]\n", &["help: did you mean `http-client`?"]),
    ] {
        let dir = package(&[("scale-lint.toml", config)]);
        assert_refused(&run(dir.path(), &["check", "--no-cache"]), said);
    }
    let twice = [PACKAGE, "[workspace.metadata.scale-lint]\nfail-on = \"note\"\n"].concat();
    let dir = package(&[("scale-lint.toml", "fail-on = \"note\"\n"), ("Cargo.toml", &twice)]);
    assert_refused(
        &run(dir.path(), &["check", "--no-cache"]),
        &["both `scale-lint.toml` and `Cargo.toml`", "help: keep"],
    );
    let dir = package(&[]);
    fs::write(dir.path().join("scale-lint.toml"), b"# \xff\n").expect("files can be written");
    assert_refused(&run(dir.path(), &["check", "--no-cache"]), &["`scale-lint.toml` cannot be read"]);
}

#[test]
fn unknown_names_are_refused_with_the_nearest_one() {
    let dir = package(&[]);
    let explain = |rule| run(dir.path(), &["explain", rule]);
    assert_refused(&explain("crate-cylce"), &["there is no rule `crate-cylce`", "help: did you mean `crate-cycle`?"]);
    assert_refused(&explain("so much else"), &["help: `cargo scale-lint rules` lists all rules"]);
    assert_refused(&explain("a\u{1b}[31m"), &["there is no rule `a\\u{1b}[31m`"]);
    let in_package = |name| run(dir.path(), &["check", "--no-cache", "-p", name]);
    assert_refused(&in_package("shpo"), &["there is no package `shpo`", "help: did you mean `shop`?"]);
    assert_refused(&in_package("unlike"), &["help: the packages are shop"]);
    assert_refused(&run(dir.path(), &["check", "--no-cache", "--exclude", "shpo"]), &["help: did you mean `shop`?"]);
    assert_refused(&run(dir.path(), &["check", "--formt", "json"]), &["--format"]);
}

#[test]
fn every_rule_is_explained_and_listed() {
    let dir = TempDir::new().expect("a temporary folder can be made");
    let list = run(dir.path(), &["rules", "--format", "json"]).stdout;
    let rules: Vec<serde_json::Value> = serde_json::from_str(&list).expect("the list is JSON");
    let human = run(dir.path(), &["rules"]).stdout;
    for rule in &rules {
        let id = rule["id"].as_str().expect("rules have ids");
        assert!(human.lines().any(|line| line.split(' ').next() == Some(id)), "{human}");
        let page = run(dir.path(), &["explain", id]);
        assert_eq!(page.code, 0);
        assert!(page.stdout.contains("\n## How to fix\n") && !page.stdout.contains("//~"), "{id}");
    }
}

#[test]
fn the_exit_code_follows_the_limit() {
    let code = |dir: &TempDir, args: &[&str]| run(dir.path(), &[&["check", "--no-cache"], args].concat()).code;
    let dir = cycle(&[]);
    assert_eq!(code(&dir, &[]), 0);
    assert_eq!(code(&dir, &["--fail-on", "error"]), 0);
    assert_eq!(code(&dir, &["--fail-on", "warning"]), 1);
    assert_eq!(code(&dir, &["--fail-on", "note"]), 1);
    assert_eq!(code(&dir, &["--fail-on", "warning", "--format", "json"]), 1);
    assert_eq!(code(&dir, &["--fail-on", "warning", "--exclude", "util"]), 0);
    assert_eq!(code(&dir, &["--fail-on", "warning", "-p", "store"]), 0);
    let strict = cycle(&[("scale-lint.toml", "fail-on = \"warning\"\n")]);
    assert_eq!(code(&strict, &[]), 1);
    assert_eq!(code(&strict, &["--fail-on", "error"]), 0);
    let raised = cycle(&[("scale-lint.toml", "[rules]\ncrate-cycle = \"error\"\n")]);
    assert_eq!(code(&raised, &[]), 1);
    let off = cycle(&[("scale-lint.toml", "fail-on = \"note\"\nrules.crate-cycle = \"off\"\n")]);
    assert_eq!(code(&off, &[]), 0);
}

#[test]
fn colour_is_for_those_who_can_see_it() {
    let dir = cycle(&[]);
    let coloured = |args: &[&str], set: &[(&str, &str)]| {
        let ran = finish(program(dir.path()).args(["check", "--no-cache"]).args(args).envs(set.iter().copied()));
        ran.stdout.contains('\u{1b}')
    };
    assert!(!coloured(&[], &[]), "not where nobody looks");
    assert!(coloured(&["--color", "always"], &[]));
    assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]), "an argument goes before the environment");
    assert!(!coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")]), "an empty variable is not set");
    assert!(coloured(&[], &[("CARGO_TERM_COLOR", "always")]));
    for format in ["json", "sarif"] {
        assert!(!coloured(&["--color", "always", "--format", format], &[]), "programs read no colours");
    }
}

#[test]
fn suppressions_count_only_when_they_say_why() {
    let note = |line: &str| format!("{line}\npub fn f() {{}}\n");
    let findings = |dir: &TempDir| -> Vec<String> {
        let text = run(dir.path(), &["check", "--no-cache", "--format", "json"]).stdout;
        let report: serde_json::Value = serde_json::from_str(&text).expect("the report is JSON");
        let found = report["findings"].as_array().expect("findings are a list");
        let word = |found: &serde_json::Value| match found["suppressed"]["by"].as_str() {
            Some(by) => format!("{} by {by}", found["rule"].as_str().unwrap_or_default()),
            None => found["rule"].as_str().unwrap_or_default().to_string(),
        };
        found.iter().map(word).collect()
    };
    let allow =
        |more: &str| format!("[[allow]]\nrule = \"crate-cycle\"\npath = \"util/**\"\nreason = \"known\"\n{more}");
    assert_eq!(findings(&cycle(&[("scale-lint.toml", &allow(""))])), ["crate-cycle by config"]);
    assert_eq!(findings(&cycle(&[("scale-lint.toml", &allow("until = 9999-12-31\n"))])), ["crate-cycle by config"]);
    let expired = cycle(&[("scale-lint.toml", &allow("owner = \"ops\"\nuntil = 2020-01-31\n"))]);
    assert_eq!(findings(&expired), ["invalid-suppression", "crate-cycle"]);
    let elsewhere = allow("").replace("util/**", "other/**");
    assert_eq!(findings(&cycle(&[("scale-lint.toml", &elsewhere)])), ["unused-suppression", "crate-cycle"]);
    for (line, rule) in [
        ("// scale-lint: allow(crate-cycle) was needed once", "unused-suppression"),
        ("// scale-lint: allow(crate-cycle)", "invalid-suppression"),
        ("// scale-lint: allow(crate-cylce) misspelt", "invalid-suppression"),
        ("// scale-lint: please", "invalid-suppression"),
    ] {
        assert_eq!(findings(&package(&[("src/lib.rs", &note(line))])), [rule], "{line}");
    }
    let off = package(&[
        ("src/lib.rs", &note("// scale-lint: allow(crate-cycle) for the day the rule is on again")),
        ("scale-lint.toml", "rules.crate-cycle = \"off\"\n"),
    ]);
    assert_eq!(findings(&off), Vec::<String>::new());
}

#[test]
fn output_is_the_same_for_any_number_of_threads_and_from_the_cache() {
    let copy = TempDir::new().expect("a temporary folder can be made");
    copy_dir(&fixture("orders"), copy.path());
    for format in ["human", "json", "sarif"] {
        let check = |args: &[&str]| run(copy.path(), &[&["check", "--verbose", "--format", format], args].concat());
        let first = check(&["--no-cache", "--jobs", "1"]);
        assert!(first.stdout.contains("crate-cycle"));
        for jobs in ["2", "8"] {
            assert_eq!(check(&["--no-cache", "--jobs", jobs]), first, "{format} with {jobs} threads");
        }
        assert_eq!(check(&[]), first, "{format} while the cache is written");
        assert_eq!(check(&[]), first, "{format} from the cache");
        assert_eq!(check(&["--no-cargo"]), first, "{format} without cargo");
    }
    let cache = copy.path().join("target/scale-lint/facts");
    let whole = fs::read(&cache).expect("there is a cache");
    let clean = run(copy.path(), &["check", "--no-cache", "--format", "json"]);
    for damaged in [&b""[..], &whole[..whole.len() / 2], &[0xff; 64]] {
        fs::write(&cache, damaged).expect("files can be written");
        assert_eq!(run(copy.path(), &["check", "--format", "json"]), clean, "a damaged cache is none");
    }
}

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folders can be made");
    for entry in fs::read_dir(from).expect("fixtures can be read").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("files can be copied");
        }
    }
}
