//! Every example of every page, against every rule; and the pages themselves.

use crate::workspaces;
use rayon::prelude::*;
use scale_lint::engine;
use scale_lint::finding::Finding;
use scale_lint::page::{Example, Page, SECTIONS};
use scale_lint::report::{json, sarif, terminal};
use scale_lint::rule::RuleInfo;
use scale_lint::rules;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The findings that the markers of an example ask for: path, line and rule.
fn expected(example: &Example) -> BTreeSet<(String, usize, String)> {
    let mut expected = BTreeSet::new();
    for (path, text) in &example.files {
        for (index, line) in text.lines().enumerate() {
            let marker = line.split_once("//~").or_else(|| line.split_once("#~")).map(|(_, marker)| marker);
            for marker in marker.into_iter().flat_map(|marker| marker.split(',')) {
                let above = marker.chars().take_while(|c| *c == '^').count();
                let rule = marker.trim_start_matches('^').trim();
                expected.insert((path.clone(), index + 1 - above, rule.to_string()));
            }
        }
    }
    expected
}

/// An example after a run over it: what is missing and what is too much, and what the tool wrote.
pub struct Checked {
    problems: String,
    findings: Vec<Finding>,
    drawn: String,
    pub json: String,
    pub sarif: String,
}

/// Rules about what every service has as a whole. Examples of other rules leave that out to be short.
const OF_WHOLE_SERVICES: [&str; 2] = ["no-graceful-shutdown", "unobserved-handler"];

fn check(of: &str, example: &Example) -> Checked {
    let dir = workspaces::workspace(&example.files);
    let outcome = workspaces::run(dir.path());
    let report = workspaces::report(&outcome);
    let mut problems = String::new();
    for notification in outcome.workspace.notifications.iter().filter(|notification| notification.kind.is_warning()) {
        writeln!(problems, "  {notification:?}").expect("strings can be written");
    }
    let found: BTreeSet<(String, usize, String)> = report
        .active()
        .map(|finding| {
            let span = finding.primary.span;
            let (start, _) = outcome.sources.positions(span);
            (outcome.workspace.file(span.file).path.clone(), start.line as usize, finding.rule.to_string())
        })
        .collect();
    let expected = expected(example);
    for (path, line, rule) in expected.difference(&found) {
        writeln!(problems, "  missing: {rule} at {path}:{line}").expect("strings can be written");
    }
    let is_left_out = |rule: &str| OF_WHOLE_SERVICES.contains(&rule) && !OF_WHOLE_SERVICES.contains(&of);
    for (path, line, rule) in found.difference(&expected).filter(|(.., rule)| !is_left_out(rule)) {
        writeln!(problems, "  too much: {rule} at {path}:{line}").expect("strings can be written");
    }
    let style = terminal::Style { color: false, width: 100 };
    let drawn = terminal::report(&report, style, terminal::Detail::Normal);
    let (json, sarif) = (json::report(&report), sarif::report(&report, sarif::Suppressed::LeftOut));
    Checked { problems, findings: outcome.findings, drawn, json, sarif }
}

fn infos() -> Vec<RuleInfo> {
    engine::rule_infos()
}

/// All examples of all pages, each run once: where it stands, and what came of it.
pub fn all_checked() -> &'static [(String, Checked)] {
    static CHECKED: OnceLock<Vec<(String, Checked)>> = OnceLock::new();
    CHECKED.get_or_init(|| {
        let infos = infos();
        let examples = infos.iter().flat_map(|info| info.page.examples.iter().map(move |example| (info.id, example)));
        let examples: Vec<(&str, &Example)> = examples.collect();
        let place = |rule, example: &Example| format!("{rule}, line {} ({})", example.line, example.section);
        examples.par_iter().map(|(rule, example)| (place(*rule, example), check(rule, example))).collect()
    })
}

#[test]
fn examples_are_reported_as_marked_and_nothing_else_is() {
    let mut problems = String::new();
    for (place, checked) in all_checked().iter().filter(|(_, checked)| !checked.problems.is_empty()) {
        writeln!(problems, "{place}\n{}{}", checked.problems, checked.drawn).expect("strings can be written");
    }
    assert!(problems.is_empty(), "{problems}");
}

#[test]
fn messages_say_what_happens_in_one_form() {
    let mut problems = Vec::new();
    for finding in all_checked().iter().flat_map(|(_, checked)| &checked.findings) {
        let words = [&finding.message, &finding.primary.message, &finding.help];
        let labels = finding.related.iter().chain(&finding.trace).map(|label| &label.message);
        for text in words.into_iter().chain(labels) {
            let starts_low = text.chars().next().is_some_and(|c| c.is_lowercase() || "`(0123456789".contains(c));
            if !starts_low && !is_route(text) || text.ends_with('.') || text.contains('\n') {
                problems.push(format!("{}: `{text}`", finding.rule));
            }
        }
        if finding.message.len() > 200 {
            problems.push(format!("{}: a message of {} bytes", finding.rule, finding.message.len()));
        }
    }
    problems.sort();
    problems.dedup();
    assert!(problems.is_empty(), "lower case, no full stop, one line, all present:\n{}", problems.join("\n"));
}

/// `POST /orders`: a method in capitals may begin a message.
fn is_route(text: &str) -> bool {
    text.split(' ').next().is_some_and(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase()))
}

#[test]
fn pages_have_all_sections_in_order_and_examples_of_both_kinds() {
    for info in infos() {
        let sections: Vec<&str> = info.page.sections.iter().map(|(name, _)| name.as_str()).collect();
        let known: Vec<&str> =
            SECTIONS.iter().copied().filter(|name| *name != "Cases" || sections.contains(name)).collect();
        assert_eq!(sections, known, "the sections of `{}`", info.id);
        let of =
            |section: &str| info.page.examples.iter().filter(|example| example.section == section).collect::<Vec<_>>();
        assert!(!of("Bad").is_empty() && !of("Good").is_empty(), "`{}` needs bad and good examples", info.id);
        for example in of("Bad") {
            assert!(!expected(example).is_empty(), "a bad example of `{}` has no marker", info.id);
            assert!(expected(example).iter().any(|(_, _, rule)| rule == info.id), "`{}` shows other rules", info.id);
        }
        for example in of("Good") {
            assert!(expected(example).is_empty(), "a good example of `{}` has a marker", info.id);
        }
        assert!(info.page.summary.ends_with('.'), "the summary of `{}` is a sentence", info.id);
        assert!(!info.page.title.ends_with('.'), "the title of `{}` is no sentence", info.id);
    }
}

#[test]
fn each_page_has_its_detector_and_both_are_listed() {
    let listed: BTreeSet<String> =
        infos().iter().map(|info| format!("{}/{}", info.family, info.id).replace('-', "_")).collect();
    let mut problems = Vec::new();
    for family in fs::read_dir(root().join("rules")).expect("there is a rules folder").flatten() {
        let family_name = family.file_name().to_string_lossy().into_owned();
        if !family.path().is_dir() || family_name == "catalog" {
            continue;
        }
        for file in fs::read_dir(family.path()).expect("families are folders").flatten() {
            let path = file.path();
            let stem = path.file_stem().expect("files have names").to_string_lossy().into_owned();
            if stem == "mod" {
                continue;
            }
            for half in ["md", "rs"] {
                if !path.with_extension(half).exists() {
                    problems.push(format!("create rules/{family_name}/{stem}.{half}"));
                }
            }
            if !listed.contains(&format!("{family_name}/{stem}")) {
                problems.push(format!("add `{stem}` to rules/{family_name}/mod.rs, as a module and to its list"));
            }
        }
    }
    problems.sort();
    problems.dedup();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_catalog_file_is_listed_and_well_formed() {
    let listed: BTreeSet<String> =
        engine::read_catalog(|_| true).crates.into_iter().map(|krate| krate.package).collect();
    let folder = root().join("rules/catalog");
    let files = fs::read_dir(folder).expect("there is a catalog").flatten().map(|file| file.path());
    let names: BTreeSet<String> = files.map(|path: PathBuf| stem(&path)).collect();
    assert_eq!(names, listed, "rules/mod.rs lists every file of rules/catalog, named after its crate");
    assert_eq!(rules::CATALOG.len(), listed.len(), "no crate is described twice");
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("files have names").to_string_lossy().into_owned()
}

#[test]
fn every_page_reads_well_without_its_tests() {
    for info in infos() {
        let prose = info.page.prose();
        assert!(!prose.contains("//~"), "the prose of `{}` shows markers", info.id);
        assert_eq!(Page::parse(include_example(&info)).expect("pages parse").title, info.page.title);
    }
}

fn include_example(info: &RuleInfo) -> &'static str {
    let all = rules::ALL.iter().flat_map(|family| family.iter());
    all.map(|rule| (rule.info().id, rule.text)).find(|(id, _)| *id == info.id).expect("the rule is listed").1
}
