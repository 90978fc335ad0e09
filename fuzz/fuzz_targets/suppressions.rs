//! Any comment in a source, through rules and suppressions to all reports.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scale_lint::engine::{self, Options};
use scale_lint::report::terminal::{self, Detail, Style};
use scale_lint::report::{Report, json, sarif};
use scale_lint::workspace::Locate;
use std::fs;

const MANIFEST: &str = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

fuzz_target!(|text: &str| {
    let dir = tempfile::TempDir::new().expect("a temporary folder can be made");
    fs::create_dir(dir.path().join("src")).expect("folders can be made");
    fs::write(dir.path().join("Cargo.toml"), MANIFEST).expect("files can be written");
    fs::write(dir.path().join("Cargo.lock"), "[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n").expect("likewise");
    let source = format!("mod m {{\n//! scale-lint: {text}\n}}\n// scale-lint: allow({text}\nfn f() {{}} //{text}\n");
    fs::write(dir.path().join("src/lib.rs"), source).expect("files can be written");
    let locate = Locate { current_dir: dir.path().to_path_buf(), without_cargo: true, ..Locate::default() };
    let options = Options { locate, jobs: 1, ..Options::default() };
    let Ok(outcome) = engine::run(&options) else { return };
    let report = Report {
        workspace: &outcome.workspace,
        sources: &outcome.sources,
        rules: &outcome.rules,
        findings: &outcome.findings,
        notifications: &outcome.workspace.notifications,
        gone: outcome.gone,
        fixed: outcome.fixed,
    };
    let shown = terminal::report(&report, Style { color: false, width: 80 }, Detail::Everything);
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
    assert!(!json::report(&report).is_empty() && !sarif::report(&report, sarif::Suppressed::Marked).is_empty());
});
