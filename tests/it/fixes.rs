//! Fixes: what each makes of the code, that its finding is gone then, and when nothing is touched.

use crate::command::{Ran, run};
use crate::schemas::{misfits, schema};
use crate::workspaces::{files, package_manifest, workspace};
use rayon::prelude::*;
use scale_lint::engine;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const ALL: [&str; 4] = ["--fix", "--unsafe-fixes", "--allow-no-vcs", "--quiet"];

/// A rule, code in which it finds something, and what a fix makes of it.
struct Case {
    rule: &'static str,
    before: &'static str,
    after: &'static str,
}

const CASES: [Case; 9] = [
    Case {
        rule: "blocking-call-in-async",
        before: r#"use std::{fs, time::Duration};
#[axum::debug_handler]
async fn save(body: String) -> std::io::Result<()> {
    std::thread::sleep(Duration::from_secs(1));
    fs::write("a", fs::read("b")?)
        .inspect(|()| tracing::info!("saved {body}"))
}
#[tokio::main]
async fn main() {
    let app = axum::Router::new().route("/", axum::routing::post(save));
    axum::serve(listen().await, app).with_graceful_shutdown(std::future::pending()).await.unwrap();
}
"#,
        after: r#"use std::{fs, time::Duration};
#[axum::debug_handler]
async fn save(body: String) -> std::io::Result<()> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    tokio::fs::write("a", tokio::fs::read("b").await?)
        .await
        .inspect(|()| tracing::info!("saved {body}"))
}
#[tokio::main]
async fn main() {
    let app = axum::Router::new().route("/", axum::routing::post(save));
    axum::serve(listen().await, app).with_graceful_shutdown(std::future::pending()).await.unwrap();
}
"#,
    },
    Case {
        rule: "outbound-http-no-timeout",
        before: r#"struct App { one: reqwest::Client, two: reqwest::Client }
async fn show(axum::extract::State(app): axum::extract::State<std::sync::Arc<App>>) {
    tracing::info!("shown");
    app.one.get("http://a").send().await.unwrap();
    app.two.get("http://b").send().await.unwrap();
}
#[tokio::main]
async fn main() {
    let two = reqwest::Client::builder()
        .user_agent("é")
        .build()
        .unwrap();
    let app = axum::Router::new().route("/", axum::routing::get(show)).with_state(std::sync::Arc::new(App { one: reqwest::Client::new(), two }));
    axum::serve(listen().await, app).with_graceful_shutdown(std::future::pending()).await.unwrap();
}
"#,
        after: r#"struct App { one: reqwest::Client, two: reqwest::Client }
async fn show(axum::extract::State(app): axum::extract::State<std::sync::Arc<App>>) {
    tracing::info!("shown");
    app.one.get("http://a").send().await.unwrap();
    app.two.get("http://b").send().await.unwrap();
}
#[tokio::main]
async fn main() {
    let two = reqwest::Client::builder()
        .user_agent("é")
        .connect_timeout(std::time::Duration::from_secs(5))
        .timeout(std::time::Duration::from_secs(30))
        .build()
        .unwrap();
    let app = axum::Router::new().route("/", axum::routing::get(show)).with_state(std::sync::Arc::new(App { one: reqwest::Client::builder().connect_timeout(std::time::Duration::from_secs(5)).timeout(std::time::Duration::from_secs(30)).build().expect("the HTTP client can be built"), two }));
    axum::serve(listen().await, app).with_graceful_shutdown(std::future::pending()).await.unwrap();
}
"#,
    },
    Case {
        rule: "graphql-no-limits",
        before: r#"struct Query;
#[async_graphql::Object]
impl Query { async fn one(&self) -> i32 { 1 } }
async fn answer(schema: axum::Extension<async_graphql::Schema<Query, async_graphql::EmptyMutation, async_graphql::EmptySubscription>>, request: async_graphql_axum::GraphQLRequest) -> async_graphql_axum::GraphQLResponse {
    tracing::info!("asked");
    schema.execute(request.into_inner()).await.into()
}
#[tokio::main]
async fn main() {
    let schema = async_graphql::Schema::build(Query, async_graphql::EmptyMutation, async_graphql::EmptySubscription).finish();
    let app = axum::Router::new().route("/", axum::routing::post(answer)).layer(axum::Extension(schema));
    axum::serve(listen().await, app).with_graceful_shutdown(std::future::pending()).await.unwrap();
}
"#,
        after: r#"struct Query;
#[async_graphql::Object]
impl Query { async fn one(&self) -> i32 { 1 } }
async fn answer(schema: axum::Extension<async_graphql::Schema<Query, async_graphql::EmptyMutation, async_graphql::EmptySubscription>>, request: async_graphql_axum::GraphQLRequest) -> async_graphql_axum::GraphQLResponse {
    tracing::info!("asked");
    schema.execute(request.into_inner()).await.into()
}
#[tokio::main]
async fn main() {
    let schema = async_graphql::Schema::build(Query, async_graphql::EmptyMutation, async_graphql::EmptySubscription).limit_depth(10).limit_complexity(1000).finish();
    let app = axum::Router::new().route("/", axum::routing::post(answer)).layer(axum::Extension(schema));
    axum::serve(listen().await, app).with_graceful_shutdown(std::future::pending()).await.unwrap();
}
"#,
    },
    Case {
        rule: "body-limit-disabled",
        before: r#"async fn take(body: String) -> String {
    tracing::info!("taken");
    body
}
#[tokio::main]
async fn main() {
    let app = axum::Router::new().route("/", axum::routing::post(take)).layer(axum::extract::DefaultBodyLimit::disable());
    axum::serve(listen().await, app).with_graceful_shutdown(std::future::pending()).await.unwrap();
}
"#,
        after: r#"async fn take(body: String) -> String {
    tracing::info!("taken");
    body
}
#[tokio::main]
async fn main() {
    let app = axum::Router::new().route("/", axum::routing::post(take)).layer(axum::extract::DefaultBodyLimit::max(10 * 1024 * 1024));
    axum::serve(listen().await, app).with_graceful_shutdown(std::future::pending()).await.unwrap();
}
"#,
    },
    Case {
        rule: "layer-before-routes",
        before: r#"async fn take() -> String {
    load().await
}
#[tokio::main]
async fn main() {
    let app = axum::Router::new()
        // One layer, then another.
        .layer(tower_http::trace::TraceLayer::new_for_http())
        .layer(tower_http::timeout::TimeoutLayer::new(std::time::Duration::from_secs(1)))
        .route("/a", axum::routing::post(take))
        .route("/b", axum::routing::post(take))
        .with_state(());
    axum::serve(listen().await, app).with_graceful_shutdown(std::future::pending()).await.unwrap();
}
"#,
        after: r#"async fn take() -> String {
    load().await
}
#[tokio::main]
async fn main() {
    let app = axum::Router::new()
        .route("/a", axum::routing::post(take))
        .route("/b", axum::routing::post(take))
        // One layer, then another.
        .layer(tower_http::trace::TraceLayer::new_for_http())
        .layer(tower_http::timeout::TimeoutLayer::new(std::time::Duration::from_secs(1)))
        .with_state(());
    axum::serve(listen().await, app).with_graceful_shutdown(std::future::pending()).await.unwrap();
}
"#,
    },
    Case {
        rule: "unused-suppression",
        before: "fn main() {\n    // scale-lint: allow(crate-cycle) it was once\n    run();\n}\n",
        after: "fn main() {\n    run();\n}\n",
    },
    Case { rule: "no-graceful-shutdown", before: SERVED, after: DRAINED },
    Case { rule: "no-graceful-shutdown", before: SERVED_RPC, after: DRAINED_RPC },
    Case { rule: "shutdown-ignores-sigterm", before: INTERRUPTED, after: TERMINATED },
];

const SERVED: &str = r#"async fn take() -> String {
    tracing::info!("taken");
    load().await
}
#[tokio::main]
async fn main() {
    let app = axum::Router::new().route("/", axum::routing::get(take));
    axum::serve(listen().await, app)
        .await
        .unwrap();
}

#[cfg(test)]
mod tests {}
"#;

const DRAINED: &str = r#"async fn take() -> String {
    tracing::info!("taken");
    load().await
}
#[tokio::main]
async fn main() {
    let app = axum::Router::new().route("/", axum::routing::get(take));
    axum::serve(listen().await, app)
        .with_graceful_shutdown(shutdown_signal())
        .await
        .unwrap();
}

/// Waits for Ctrl-C, or for the SIGTERM that ends the process in a deploy or scale-in.
async fn shutdown_signal() {
    let interrupt = async {
        tokio::signal::ctrl_c().await.expect("Ctrl-C can be waited for");
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate()).expect("SIGTERM can be waited for").recv().await;
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

#[cfg(test)]
mod tests {}
"#;

const SERVED_RPC: &str = r#"struct Greeter;
#[tonic::async_trait]
impl greeter_server::Greeter for Greeter {
    async fn greet(&self, _: tonic::Request<()>) -> Result<tonic::Response<()>, tonic::Status> {
        tracing::info!("greeted");
        Ok(tonic::Response::new(load().await))
    }
}
async fn shutdown_signal() {
    std::future::pending().await
}
#[tokio::main]
async fn main() {
    let service = greeter_server::GreeterServer::new(Greeter);
    tonic::transport::Server::builder().add_service(service).serve("[::1]:1".parse().unwrap()).await.unwrap();
}
"#;

const DRAINED_RPC: &str = r#"struct Greeter;
#[tonic::async_trait]
impl greeter_server::Greeter for Greeter {
    async fn greet(&self, _: tonic::Request<()>) -> Result<tonic::Response<()>, tonic::Status> {
        tracing::info!("greeted");
        Ok(tonic::Response::new(load().await))
    }
}
async fn shutdown_signal() {
    std::future::pending().await
}
#[tokio::main]
async fn main() {
    let service = greeter_server::GreeterServer::new(Greeter);
    tonic::transport::Server::builder().add_service(service).serve_with_shutdown("[::1]:1".parse().unwrap(), shutdown_signal()).await.unwrap();
}
"#;

const INTERRUPTED: &str = r#"async fn take() -> String {
    tracing::info!("taken");
    load().await
}
#[tokio::main]
async fn main() {
    let app = axum::Router::new().route("/", axum::routing::get(take));
    let signal = async { tokio::signal::ctrl_c().await.unwrap() };
    axum::serve(listen().await, app).with_graceful_shutdown(signal).await.unwrap();
}
"#;

const TERMINATED: &str = r#"async fn take() -> String {
    tracing::info!("taken");
    load().await
}
#[tokio::main]
async fn main() {
    let app = axum::Router::new().route("/", axum::routing::get(take));
    let signal = async { ctrl_c_or_terminate().await.unwrap() };
    axum::serve(listen().await, app).with_graceful_shutdown(signal).await.unwrap();
}

/// Waits for Ctrl-C, or for the SIGTERM that ends the process in a deploy or scale-in.
async fn ctrl_c_or_terminate() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
"#;

/// A package that may use all of what it depends on.
fn package(text: &str) -> TempDir {
    let manifest =
        package_manifest().replace("\ntokio = \"*\"", "\ntokio = { version = \"*\", features = [\"full\"] }");
    workspace(&files(&[("Cargo.toml", &manifest), ("src/main.rs", text)]))
}

fn check(dir: &Path, more: &[&str]) -> Ran {
    run(dir, &[&["check", "--no-cargo", "--no-cache"], more].concat())
}

fn json(dir: &Path, more: &[&str]) -> Value {
    let ran = check(dir, &[&["--format", "json"], more].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("no report: {ran:?}"))
}

fn main_file(dir: &Path) -> String {
    fs::read_to_string(dir.join("src/main.rs")).expect("there is a source")
}

/// The rules of the findings of a report.
fn found(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("a list");
    findings.iter().filter_map(|finding| finding["rule"].as_str()).collect()
}

#[test]
fn each_fix_makes_what_it_should_and_its_finding_is_gone() {
    CASES.par_iter().for_each(|Case { rule, before, after }| {
        let dir = package(before);
        let path = dir.path().join("log.sarif").display().to_string();
        let report = json(dir.path(), &["--output", &format!("sarif={path}")]);
        assert!(found(&report).iter().all(|found| found == rule) && !found(&report).is_empty(), "{rule}: {report}");
        let told = engine::rule_infos().into_iter().find(|info| info.id == *rule).and_then(|info| info.page.fix);
        assert_eq!(report["findings"][0]["fix"]["applicability"].as_str(), told.map(|fix| fix.word()), "{rule}");
        assert_eq!(misfits(&schema("report.schema.json"), &report.to_string()), Vec::<String>::new(), "{rule}");
        let log = fs::read_to_string(path).expect("the log was written");
        assert_eq!(misfits(&schema("sarif-2.1.0.json"), &log), Vec::<String>::new(), "{rule}");
        if found(&report).len() == 1 {
            let log: Value = serde_json::from_str(&log).expect("a log is JSON");
            assert_eq!(&changed_by(&log["runs"][0]["results"][0]["fixes"][0], before), after, "{rule}");
        }
        let left = json(dir.path(), &ALL);
        assert_eq!(&main_file(dir.path()), after, "{rule}: {left}");
        assert_eq!(found(&left), Vec::<&str>::new(), "{rule}");
        assert_eq!(left["summary"]["fixed"].as_u64(), Some(found(&report).len() as u64), "{rule}");
    });
}

/// A text after the change that a SARIF log has for it.
fn changed_by(fix: &Value, text: &str) -> String {
    let mut text = text.to_string();
    for change in fix["artifactChanges"][0]["replacements"].as_array().expect("a list").iter().rev() {
        let number = |key: &str| change["deletedRegion"][key].as_u64().expect("a number") as usize;
        let offset = |line: &str, column: &str| {
            let start: usize = text.split_inclusive('\n').take(number(line) - 1).map(str::len).sum();
            start + text[start..].chars().take(number(column) - 1).map(char::len_utf8).sum::<usize>()
        };
        let range = offset("startLine", "startColumn")..offset("endLine", "endColumn");
        text.replace_range(range, change["insertedContent"]["text"].as_str().unwrap_or_default());
    }
    text
}

#[test]
fn pages_tell_which_rules_have_fixes() {
    let infos = engine::rule_infos();
    let told: BTreeSet<&str> = infos.iter().filter(|info| info.page.fix.is_some()).map(|info| info.id).collect();
    let tested: BTreeSet<&str> = CASES.iter().map(|case| case.rule).collect();
    assert_eq!(told, tested, "each rule whose page promises a fix has a case here");
}

#[test]
fn editors_and_reviewers_get_all_parts_of_a_change() {
    let Case { before, .. } = &CASES[0];
    let dir = package(before);
    let path = dir.path().join("found.json").display().to_string();
    let messages = run(
        dir.path(),
        &["--no-cache", "--no-cargo", "--message-format", "json", "--output", &format!("rdjson={path}")],
    );
    let rdjson = fs::read_to_string(path).expect("the report was written");
    assert_eq!(misfits(&schema("rdjson.schema.json"), &rdjson), Vec::<String>::new());
    assert!(rdjson.contains("tokio::fs::write(\\\"a\\\", tokio::fs::read(\\\"b\\\").await?)"), "{rdjson}");
    let parts = messages.stdout.matches("\"suggestion_applicability\":\"MachineApplicable\"").count();
    assert_eq!(parts, 6, "two edits for each call: {messages:?}");
}

#[test]
fn nothing_is_awaited_where_it_would_not_compile() {
    let handler = |body: &str| {
        format!(
            "async fn show() {{\n{body}\n}}\n#[tokio::main]\nasync fn main() {{\n    let app = axum::Router::new().route(\"/\", axum::routing::get(show));\n    axum::serve(listen().await, app).with_graceful_shutdown(std::future::pending()).await.unwrap();\n}}\n"
        )
    };
    let fix = |text: &str, full: bool| {
        let dir = package(text);
        if !full {
            fs::write(dir.path().join("Cargo.toml"), package_manifest()).expect("files can be written");
        }
        let report = json(dir.path(), &[]);
        let findings = report["findings"].as_array().expect("a list");
        let blocking = findings.iter().find(|finding| finding["rule"] == "blocking-call-in-async");
        let blocking = blocking.unwrap_or_else(|| panic!("there is a finding: {report}"));
        blocking["fix"]["applicability"].as_str().map(str::to_string)
    };
    let sleep = "std::thread::sleep(std::time::Duration::from_secs(1));";
    assert_eq!(fix(&handler(sleep), true).as_deref(), Some("machine-applicable"));
    assert_eq!(fix(&handler(sleep), false), None, "the runtime has no timers here");
    let never = [
        format!("let lock = std::sync::Mutex::new(1); let held = lock.lock().unwrap(); {sleep} drop(held);"),
        format!("let shared = std::rc::Rc::new(1); {sleep} drop(shared);"),
        format!("let mut rng = rand::thread_rng(); {sleep} rand::Rng::random::<u8>(&mut rng);"),
        format!("let all = [1].iter().map(|_| {{ {sleep} 1 }}).count();"),
        "println!(\"{:?}\", std::fs::read(\"a\"));".to_string(),
        "let read = std::fs::File::open(\"a\");".to_string(),
    ];
    for body in never {
        assert_eq!(fix(&handler(&body), true), None, "{body}");
    }
    let unsure = format!("let what = some::thing(); {sleep} drop(what);");
    assert_eq!(fix(&handler(&unsure), true).as_deref(), Some("maybe-incorrect"));
    let nested = format!("wait();\n}}\nfn wait() {{\n{sleep}");
    assert_eq!(fix(&handler(&nested), true), None, "what is not async cannot await");
}
