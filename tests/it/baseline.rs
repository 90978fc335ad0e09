//! The baseline: known findings are neither shown nor failing, and stay known across edits.

use crate::command::{Ran, run};
use crate::workspaces::{CYCLE, files, workspace};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

pub const FILE: &str = "scale-lint.baseline.json";

const HEAD: &str = "use axum::{Router, extract::State, routing::get};
use dashmap::DashMap;
use std::sync::Arc;

type Peers = Arc<DashMap<u64, String>>;

async fn wait() {
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
}
";

/// A service in which each of the handlers holds a guard while it waits.
pub fn service(handlers: &[&str]) -> String {
    let mut text = HEAD.to_string();
    for name in handlers {
        text.push_str(&format!(
            "\nasync fn {name}(State(peers): State<Peers>) -> String {{\n    let peer = peers.get(&1);\n    wait().await;\n    format!(\"{{peer:?}}\")\n}}\n"
        ));
    }
    let routes: String = handlers.iter().map(|name| format!(".route(\"/{name}\", get({name}))")).collect();
    text.push_str(&format!(
        "\n#[tokio::main]\nasync fn main() {{\n    tracing_subscriber::fmt::init();\n    let app = Router::new(){routes}.layer(tower_http::trace::TraceLayer::new_for_http()).with_state(Peers::default());\n    let listener = tokio::net::TcpListener::bind(\"0.0.0.0:80\").await.expect(\"free\");\n    axum::serve(listener, app).with_graceful_shutdown(end()).await.expect(\"runs\");\n}}\n\nasync fn end() {{\n    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).expect(\"known\");\n    term.recv().await;\n}}\n"
    ));
    text
}

fn of(text: &str) -> TempDir {
    workspace(&files(&[("src/main.rs", text)]))
}

fn put(dir: &TempDir, text: &str) {
    fs::write(dir.path().join("src/main.rs"), text).expect("files can be written");
}

fn scale_lint(dir: &TempDir, args: &[&str]) -> Ran {
    run(dir.path(), &[args, &["--no-cargo", "--no-cache"]].concat())
}

fn kept(dir: &TempDir) -> String {
    fs::read_to_string(dir.path().join(FILE)).expect("the baseline is there")
}

pub fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// The items of the findings in a state.
pub fn symbols(report: &Value, state: &str) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list").iter();
    let of_state = findings.filter(|finding| finding["baseline"] == state);
    of_state.map(|finding| finding["symbol"].as_str().unwrap_or_default().to_string()).collect()
}

#[test]
fn known_findings_are_not_shown_and_new_ones_are() {
    let dir = of(&service(&["one", "two"]));
    assert_eq!(scale_lint(&dir, &["check"]).code, 1);
    let wrote = scale_lint(&dir, &["baseline"]);
    assert_eq!(wrote.stdout, format!("{FILE} keeps 2 fingerprints: 2 added, 0 removed\n"), "{wrote:?}");
    let ran = scale_lint(&dir, &["check"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.starts_with("nothing new to report, 2 known, 0 gone ("), "{ran:?}");

    put(&dir, &service(&["three", "two", "one"]));
    let ran = scale_lint(&dir, &["check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("\n1 new error, 2 known, 0 gone ("), "{ran:?}");
    let report = json(&scale_lint(&dir, &["check", "--format", "json"]));
    assert_eq!(symbols(&report, "new"), ["example::three"]);
    let log = json(&scale_lint(&dir, &["check", "--format", "sarif", "--include-suppressed"]));
    let states = log.pointer("/runs/0/results").and_then(Value::as_array).expect("a list").iter();
    let states: Vec<&Value> = states.map(|result| &result["baselineState"]).collect();
    assert_eq!(states, ["new", "unchanged", "unchanged"]);
    assert_eq!(symbols(&report, "known"), ["example::two", "example::one"]);
    assert_eq!(report["summary"]["baselined"], 2);
    let sarif = json(&scale_lint(&dir, &["check", "--format", "sarif"]));
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(1), "known ones would be shown as open");
    let all = json(&scale_lint(&dir, &["check", "--no-baseline", "--format", "json"]));
    assert_eq!((symbols(&all, "new").len(), &all["summary"]["gone"]), (3, &Value::Null));
}

#[test]
fn the_file_is_sorted_and_without_counts_or_lines() {
    let dir = of(&service(&["one", "two", "three"]));
    scale_lint(&dir, &["baseline"]);
    let first = kept(&dir);
    let lines: Vec<&str> = first.lines().filter(|line| line.contains("\"fingerprint\"")).collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines.is_sorted()
            && lines.iter().all(|line| line.contains("\"guard-across-await\", \"path\": \"src/main.rs\""))
    );
    put(&dir, &format!("// moved\n\n\n{}", service(&["three", "two", "one"])));
    scale_lint(&dir, &["baseline"]);
    assert_eq!(kept(&dir), first);
}

#[test]
fn what_is_gone_never_fails_and_is_pruned_on_request() {
    let dir = of(&service(&["one", "two"]));
    scale_lint(&dir, &["baseline"]);
    put(&dir, &service(&["two", "three"]));
    let ran = scale_lint(&dir, &["check", "--fail-on", "note"]);
    assert!(ran.stdout.contains("\n1 new error, 1 known, 1 gone ("), "{ran:?}");
    assert!(
        ran.stdout
            .contains("note: the baseline has 1 entry whose finding is gone; `cargo scale-lint baseline --prune`")
    );
    let pruned = scale_lint(&dir, &["baseline", "--prune"]);
    assert_eq!(pruned.stdout, format!("{FILE} keeps 1 fingerprint: 0 added, 1 removed\n"), "{pruned:?}");
    let ran = scale_lint(&dir, &["check"]);
    assert_eq!(ran.code, 1, "the new one was not added: {ran:?}");
    put(&dir, &service(&["two"]));
    let ran = scale_lint(&dir, &["check", "--fail-on", "note"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn entries_of_what_was_not_looked_for_are_not_gone() {
    let dir = of(&service(&["one"]));
    scale_lint(&dir, &["baseline"]);
    fs::write(dir.path().join("scale-lint.toml"), "[rules]\nguard-across-await = \"off\"\n")
        .expect("files can be written");
    let ran = scale_lint(&dir, &["check"]);
    assert!(ran.stdout.starts_with("nothing new to report, 0 known, 0 gone ("), "{ran:?}");
    let pruned = scale_lint(&dir, &["baseline", "--prune"]);
    assert!(pruned.stdout.ends_with(" keeps 1 fingerprint: 0 added, 0 removed\n"), "{pruned:?}");
}

#[test]
fn a_finding_is_known_again_after_edits_around_it_and_a_new_layout() {
    let text = service(&["one"]);
    let dir = of(&text);
    scale_lint(&dir, &["baseline"]);
    let edits = [
        text.replace("\n    let peer = peers.get(&1);", "\n    wait().await;\n    let peer = peers.get(&1);"),
        text.replace("peers.get(&1)", "peers\n        // the first\n        .get(\n            &1,\n        )"),
        text.replace("async fn wait", "struct Other;\n\nasync fn wait"),
        text.replace('\n', "\r\n"),
    ];
    for edited in edits {
        assert_ne!(edited, text);
        put(&dir, &edited);
        let ran = scale_lint(&dir, &["check", "--fail-on", "note"]);
        assert!(ran.stdout.starts_with("nothing new to report, 1 known, 0 gone ("), "{edited}\n{ran:?}");
    }
}

#[test]
fn equal_findings_of_one_function_differ() {
    let hold = "    {\n        let peer = peers.get(&1);\n        wait().await;\n        drop(peer);\n    }\n";
    let once = service(&["one"]).replace(
        "    let peer = peers.get(&1);\n    wait().await;\n    format!(\"{peer:?}\")\n",
        &format!("{hold}    String::new()\n"),
    );
    let dir = of(&once);
    scale_lint(&dir, &["baseline"]);
    put(&dir, &once.replace(hold, &hold.repeat(2)));
    let report = json(&scale_lint(&dir, &["check", "--format", "json"]));
    assert_eq!((symbols(&report, "new").len(), symbols(&report, "known").len()), (1, 1), "{report}");
}

#[test]
fn a_circle_is_known_by_its_edges() {
    let dir = workspace(&files(&CYCLE));
    scale_lint(&dir, &["baseline"]);
    assert_eq!(kept(&dir).lines().filter(|line| line.contains("crate-cycle")).count(), 2);
    let ran = scale_lint(&dir, &["check", "--fail-on", "note"]);
    assert!(ran.code == 0 && ran.stdout.starts_with("nothing new to report, 1 known, 0 gone"), "{ran:?}");
}

#[test]
fn a_baseline_that_cannot_be_read_is_refused_with_help() {
    let dir = of(&service(&["one"]));
    let refused = |args: &[&str], said: &[&str]| {
        let ran = scale_lint(&dir, args);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
        let stderr = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        said.iter().for_each(|text| assert!(stderr.contains(text), "`{text}` is not in:\n{stderr}"));
    };
    refused(
        &["check", "--baseline", "gone.json"],
        &["`gone.json` cannot be read", "baseline --baseline gone.json` writes it"],
    );
    refused(&["baseline", "--prune"], &["cannot be read", "writes it"]);
    fs::write(dir.path().join(FILE), "{\n  \"version\": 1,\n<<<<<<< ours\n").expect("files can be written");
    refused(&["check"], &["is not a baseline", &format!("{FILE}:3:"), "`cargo scale-lint baseline` writes it anew"]);
    fs::write(dir.path().join(FILE), "{ \"version\": 7 }").expect("files can be written");
    refused(&["check"], &["is of format 7", "writes it anew"]);
    assert_eq!(scale_lint(&dir, &["check", "--no-baseline"]).code, 1);
    assert_eq!(scale_lint(&dir, &["baseline"]).code, 0, "a broken one is written anew");
    let other = dir.path().join("known.json");
    assert_eq!(scale_lint(&dir, &["baseline", "--baseline", "known.json"]).code, 0);
    assert_eq!(fs::read_to_string(&other).expect("it was written"), kept(&dir));
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_the_baseline_is_not_followed() {
    let (dir, outside) = (of(&service(&["one"])), TempDir::new().expect("a temporary folder can be made"));
    let secret = outside.path().join("secret");
    fs::write(&secret, "secret words").expect("files can be written");
    std::os::unix::fs::symlink(&secret, dir.path().join(FILE)).expect("links can be made");
    let ran = scale_lint(&dir, &["check"]);
    assert!(ran.code == 2 && ran.stderr.contains("lies outside") && !ran.stderr.contains("secret words"), "{ran:?}");
    assert_eq!(scale_lint(&dir, &["baseline"]).code, 0);
    assert_eq!(fs::read_to_string(&secret).expect("still there"), "secret words");
    assert!(is_file(&dir.path().join(FILE)));
}

#[cfg(unix)]
fn is_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_file())
}
