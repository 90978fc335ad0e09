//! SARIF beyond its schema: what code scanning services read, and how they read it.

use crate::command::{fixture, run};
use crate::workspaces;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// The only run of a log.
fn sarif(dir: &Path) -> Value {
    let text = run(dir, &["check", "--no-cache", "--min-confidence", "low", "--format", "sarif"]).stdout;
    let log: Value = serde_json::from_str(&text).expect("the log is JSON");
    assert_eq!(list(&log["runs"]).len(), 1);
    log["runs"][0].clone()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("there is a text at {pointer} of {value}"))
}

#[test]
fn every_rule_comes_with_all_that_services_show_of_it() {
    let run = sarif(&fixture("orders"));
    let rules = list(&run["tool"]["driver"]["rules"]);
    let ids: BTreeSet<&str> = rules.iter().map(|rule| text(rule, "/id")).collect();
    assert_eq!(ids.len(), rules.len(), "ids are unique");
    for rule in rules {
        let id = text(rule, "/id");
        assert!((1..=255).contains(&text(rule, "/name").len()), "{id}");
        assert!((1..=1024).contains(&text(rule, "/shortDescription/text").chars().count()), "{id}");
        assert!((1..=1024).contains(&text(rule, "/fullDescription/text").chars().count()), "{id}");
        let help = text(rule, "/help/markdown");
        for section in ["Why it matters at scale", "How to fix", "Bad", "Good"] {
            assert!(help.contains(&format!("\n## {section}\n")), "the help of {id} has a section `{section}`");
        }
        assert!(!help.contains("//~"), "{id}");
        assert!(!text(rule, "/help/text").is_empty() && text(rule, "/helpUri").starts_with("https://"), "{id}");
        assert!(["error", "warning", "note"].contains(&text(rule, "/defaultConfiguration/level")), "{id}");
        assert!(["high", "medium", "low"].contains(&text(rule, "/properties/precision")), "{id}");
        assert!(rule["properties"].get("security-severity").is_none(), "{id} is no security rule");
        assert!((1..=10).contains(&list(&rule["properties"]["tags"]).len()), "{id}");
    }
}

#[test]
fn results_name_their_rule_and_a_short_place_below_the_root() {
    let run = sarif(&fixture("orders"));
    let rules = list(&run["tool"]["driver"]["rules"]);
    let bases = run["originalUriBaseIds"].as_object().expect("there are base ids");
    assert!(!list(&run["results"]).is_empty());
    for result in list(&run["results"]) {
        let index = result["ruleIndex"].as_u64().expect("results have a rule index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(list(&result["locations"]).len(), 1, "only the first location is read");
        let place = &result["locations"][0]["physicalLocation"];
        let uri = text(place, "/artifactLocation/uri");
        assert!(!uri.starts_with('/') && !uri.contains('\\'), "{uri}");
        assert!(bases.contains_key(text(place, "/artifactLocation/uriBaseId")));
        assert!(place["region"]["startLine"].as_u64() >= Some(1), "{place}");
        assert_eq!(result["partialFingerprints"]["scaleLint/v1"].as_str().map(str::len), Some(32));
    }
}

#[test]
fn related_places_are_linked_and_traces_end_at_the_result() {
    for dir in [fixture("orders")] {
        for result in list(&sarif(&dir)["results"]) {
            let message = text(result, "/message/text");
            for related in list(&result["relatedLocations"]).iter().take(10) {
                let id = related["id"].as_u64().expect("related places have ids");
                assert!(message.contains(&format!("]({id})")), "{message}");
            }
            for flow in list(&result["codeFlows"]) {
                let steps = list(&flow["threadFlows"][0]["locations"]);
                let last = &steps.last().expect("a flow has steps")["location"]["physicalLocation"];
                assert_eq!(*last, result["locations"][0]["physicalLocation"]);
            }
        }
    }
}

#[test]
fn fingerprints_survive_edits_elsewhere() {
    let prints = |files: &[(String, String)]| -> BTreeSet<String> {
        let dir = workspaces::workspace(files);
        let results = sarif(dir.path());
        list(&results["results"]).iter().map(|found| text(found, "/partialFingerprints/scaleLint~1v1").into()).collect()
    };
    let before = workspaces::files(&workspaces::CYCLE);
    let mut after = before.clone();
    for (path, text) in &mut after {
        *text = format!("{}\n\n{text}", if path.ends_with(".rs") { "// A new line." } else { "# A new line." });
    }
    assert_eq!(prints(&before).len(), 1);
    assert_eq!(prints(&before), prints(&after));
}

#[test]
fn suppressed_findings_are_left_out() {
    let mut files = workspaces::files(&workspaces::CYCLE);
    let allow = "[[allow]]\nrule = \"crate-cycle\"\npackage = \"util\"\nreason = \"a test\"\n";
    files.push(("scale-lint.toml".into(), allow.into()));
    let dir = workspaces::workspace(&files);
    assert_eq!(list(&sarif(dir.path())["results"]), Vec::<Value>::new());
}

#[test]
fn what_was_not_seen_is_a_notification_with_its_place() {
    let dir = workspaces::workspace(&workspaces::files(&[
        ("Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
        ("src/lib.rs", "#[path = \"a b%.rs\"]\nmod broken;\n"),
        ("src/a b%.rs", "pub fn f() {}\n\npub fn g( {\n"),
    ]));
    let run = sarif(dir.path());
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    let [notification] = list(&invocation["toolExecutionNotifications"]) else { panic!("{invocation}") };
    assert_eq!(text(notification, "/descriptor/id"), "unparsed-file");
    let place = &notification["locations"][0]["physicalLocation"];
    assert_eq!(text(place, "/artifactLocation/uri"), "src/a%20b%25.rs");
    assert_eq!(place["region"]["startLine"], 3);
}
