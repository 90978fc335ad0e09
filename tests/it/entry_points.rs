//! The list of entry points: what is found, on which thread, behind which layers.

use crate::command::{fixture, run};
use crate::schemas::{misfits, schema};
use crate::workspaces;
use serde_json::Value;

const MANIFEST: &str = "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\naxum = \"0.8\"\n\
                        tokio = \"1\"\ntower = \"0.5\"\ntower-http = \"0.6\"\ntracing = \"0.1\"\nshuttered = \"1\"\n";

/// Routers of several functions, put together and layered in several ways.
const MAIN: &str = r#"
mod orders;

use axum::{Router, routing::{get, post}};
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::{timeout::TimeoutLayer, trace::TraceLayer};

#[tokio::main]
async fn main() {
    let stack = ServiceBuilder::new().layer(TraceLayer::new_for_http()).layer(limit());
    let app = Router::new()
        .nest("/api", orders::router())
        .layer(stack)
        .route("/late", get(late))
        .route("/hidden", get(hidden).layer(shuttered::layer()));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await.expect("the port is free");
    axum::serve(listener, app.into_make_service()).await.expect("the server runs");
}

fn limit() -> TimeoutLayer {
    TimeoutLayer::new(Duration::from_secs(10))
}

async fn late() {}
async fn hidden() {}
"#;

const ORDERS: &str = r#"
use axum::{Router, routing::{get, post}};

pub fn router() -> Router {
    let items = Router::new().route("/items", get(items));
    Router::new().route("/orders", get(list).post(create)).nest("/orders/{id}", items)
}

async fn list() {}
async fn items() {}

async fn create() {
    tracing::info!("created");
}
"#;

fn listed(files: &[(&str, &str)]) -> Vec<Value> {
    let dir = workspaces::workspace(&workspaces::files(files));
    let json = run(dir.path(), &["entry-points", "--no-cache", "--format", "json"]).stdout;
    assert_eq!(misfits(&schema("entry-points.schema.json"), &json), Vec::<String>::new());
    serde_json::from_str(&json).expect("the list is JSON")
}

/// `GET /orders: yes; TraceLayer; TimeoutLayer` for each handler.
fn handlers(files: &[(&str, &str)]) -> Vec<String> {
    let words = |entry: &Value, key: &str| {
        let marks = entry[key].as_array().expect("marks are a list").iter();
        marks.map(|mark| mark["what"].as_str().unwrap_or_default().to_string()).collect::<Vec<_>>().join(" ")
    };
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_string();
    let handlers = listed(files).into_iter().filter(|entry| entry["kind"] == "handler");
    let line = |entry: Value| {
        let [route, evidence] = ["route", "evidence"].map(|key| text(&entry, key));
        format!("{route}: {evidence}; {}; {}", words(&entry, "observed_by"), words(&entry, "limited_by"))
    };
    let mut lines: Vec<String> = handlers.map(line).collect();
    lines.sort();
    lines
}

#[test]
fn layers_cover_what_was_added_before_them_through_functions_and_files() {
    let found = handlers(&[("Cargo.toml", MANIFEST), ("src/main.rs", MAIN), ("src/orders.rs", ORDERS)]);
    let expected = [
        "GET /api/orders/{id}/items: yes; TraceLayer; TimeoutLayer",
        "GET /api/orders: yes; TraceLayer; TimeoutLayer",
        "GET /hidden: unknown; ; ",
        "GET /late: no; ; ",
        "POST /api/orders: yes; TraceLayer log; TimeoutLayer",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_service_out_of_sight_around_the_router_leaves_it_open() {
    let main =
        MAIN.replace("axum::serve(listener, app.into_make_service())", "axum::serve(listener, shuttered::wrap(app))");
    let found = handlers(&[("Cargo.toml", MANIFEST), ("src/main.rs", &main), ("src/orders.rs", ORDERS)]);
    assert!(found.contains(&"GET /late: unknown; ; ".to_string()), "{found:?}");
}

#[test]
fn a_stream_is_consumed_where_it_is_looped_over_and_a_description_is_no_handler() {
    let manifest = "[package]\nname = \"jobs\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\naide = \"0.14\"\n\
                    async-nats = \"0.38\"\naxum = \"0.8\"\nfutures = \"0.3\"\ntokio = \"1\"\n";
    let main = r#"
use aide::axum::{ApiRouter, routing::get_with};
use aide::transform::TransformOperation;
use futures::StreamExt;

#[tokio::main]
async fn main() {
    let client = async_nats::connect("queue").await.expect("the queue is up");
    let orders = client.subscribe("orders").await.expect("the queue takes it");
    tokio::spawn(take(orders));
    let app = ApiRouter::new().api_route("/orders", get_with(list, describe));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await.expect("the port is free");
    axum::serve(listener, app).await.expect("the server runs");
}

async fn take(mut orders: async_nats::Subscriber) {
    while let Some(order) = orders.next().await {
        drop(order);
    }
}

async fn list() {}

fn describe(operation: TransformOperation) -> TransformOperation {
    operation
}
"#;
    let all = listed(&[("Cargo.toml", manifest), ("src/main.rs", main)]);
    let named = |entry: &Value| format!("{} {}", entry["kind"], entry["function"]).replace('"', "");
    let found: Vec<String> = all.iter().map(named).collect();
    assert!(found.contains(&"consumer jobs::take".to_string()), "{found:?}");
    assert!(found.contains(&"handler jobs::list".to_string()), "{found:?}");
    assert!(!found.iter().any(|entry| entry.ends_with("describe")), "{found:?}");
}

/// How many tasks without an end a service has whose main function comes to this.
fn tasks_of(end: &str) -> usize {
    let manifest = "[package]\nname = \"jobs\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\naxum = \"0.8\"\n\
                    tokio = \"1\"\ntokio-util = \"0.7\"\n";
    let start = r#"
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

#[tokio::main]
async fn main() {
    tokio::spawn(async {
        let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await.expect("the port is free");
        axum::serve(listener, axum::Router::new()).await.expect("the server runs");
    });
    go_on(todo!(), todo!()).await;
}

struct Control {
    told: oneshot::Receiver<()>,
}

impl Control {
    fn is_over(&mut self) -> bool {
        self.told.try_recv().is_ok()
    }
}

async fn work() {}
"#;
    let main = format!("{start}\nasync fn go_on(mut control: Control, mut numbers: mpsc::Receiver<u64>) {{ {end} }}\n");
    let all = listed(&[("Cargo.toml", manifest), ("src/main.rs", &main)]);
    all.iter().filter(|entry| entry["kind"] == "task").count()
}

#[test]
fn loops_of_main_that_end_when_they_are_told_to_are_tasks() {
    for end in [
        "loop { work().await; }",
        "loop { work().await; for n in 0..3 { if n > 1 { break; } } }",
        "while !control.is_over() { work().await; }",
        "let stop = AtomicBool::new(false); while !stop.load(Ordering::Relaxed) { work().await; }",
        "let token = tokio_util::sync::CancellationToken::new(); \
         loop { work().await; if token.is_cancelled() { return; } }",
        "let mut timer = tokio::time::interval(Duration::from_secs(1)); \
         loop { tokio::select! { _ = timer.tick() => work().await, _ = tokio::signal::ctrl_c() => break } }",
    ] {
        assert_eq!(tasks_of(end), 1, "{end}");
    }
}

#[test]
fn loops_of_main_that_end_by_themselves_are_none() {
    for end in [
        "let mut left = vec![1, 2]; while !left.is_empty() { work().await; left.pop(); }",
        "while let Some(_) = numbers.recv().await { work().await; }",
        "for n in 0.. { work().await; if n > 3 { break; } }",
        "let mut left = 3; loop { work().await; left -= 1; if left == 0 { break; } }",
        "loop { tokio::select! { _ = tokio::time::sleep(Duration::from_secs(9)) => return, _ = work() => break } }",
    ] {
        assert_eq!(tasks_of(end), 0, "{end}");
    }
}

#[test]
fn the_table_names_places_and_counts_kinds() {
    let table = run(&fixture("orders"), &["entry-points", "--no-cache"]);
    assert_eq!(table.code, 0);
    let (head, last) = (table.stdout.lines().next(), table.stdout.lines().last());
    assert!(head.is_some_and(|line| line.starts_with("kind") && line.contains("observed by")), "{}", table.stdout);
    assert!(last.is_some_and(|line| line.contains("entry points: ")), "{}", table.stdout);
}

/// Functions of the workspace that register what they are given.
const WRAPPED: &str = r#"
use axum::{Router, handler::Handler, routing::{MethodRouter, get}};

trait RouterExt {
    fn page(self, path: &str, answer: MethodRouter) -> Self;
}

impl RouterExt for Router {
    fn page(self, path: &str, answer: MethodRouter) -> Self {
        self.route(path, answer)
    }
}

fn counted<H, T>(handler: H) -> MethodRouter
where
    H: Handler<T, ()>,
{
    get(handler).layer(tower_http::trace::TraceLayer::new_for_http())
}

#[tokio::main]
async fn main() {
    let live = || async { "yes" };
    let app = Router::new().page("/orders", counted(orders)).route("/late", counted(late)).route("/live", get(live));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await.expect("the port is free");
    axum::serve(listener, app).await.expect("the server runs");
}

async fn orders() {}
async fn late() {}
"#;

#[test]
fn handlers_are_found_that_a_function_of_the_workspace_registers() {
    let found = listed(&[("Cargo.toml", MANIFEST), ("src/main.rs", WRAPPED)]);
    let handlers = found.iter().filter(|entry| entry["kind"] == "handler");
    let routes: Vec<&str> = handlers.map(|entry| entry["route"].as_str().unwrap_or("-")).collect();
    assert_eq!(routes, ["GET /live", "GET /orders", "GET /late"]);
}
