//! The graph: what is drawn, in each format, from harmless and hostile names, and the page in a browser.

use crate::browser::{Browser, Press};
use crate::command::{Ran, fixture, run};
use crate::diff_base::{git, put, repository};
use crate::schemas::{misfits, schema};
use crate::workspaces;
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

fn manifest(name: &str, sections: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{sections}")
}

/// `app` leads to `base` over `left` and over `right`, and by itself; `base` is tested with `left`.
fn diamond() -> TempDir {
    let base = "\n[dev-dependencies]\nleft = { path = \"../left\" }\nfixtures = { path = \"../fixtures\" }\n";
    let over = "\n[dependencies]\nbase = { path = \"../base\" }\n";
    let right = "\n[target.'cfg(unix)'.dependencies]\nbase = { path = \"../base\", optional = true }\n";
    let app = "\n[dependencies]\nbase = { path = \"../base\" }\nleft = { path = \"../left\" }\n\n\
               [build-dependencies]\nright = { path = \"../right\" }\n";
    let files = [
        ("app/Cargo.toml", manifest("app", app)),
        ("app/src/lib.rs", "use base::{Order, price};\npub fn f(order: &Order) -> u32 { price(order) }\n".into()),
        ("left/Cargo.toml", manifest("left", over)),
        ("left/src/lib.rs", "pub use base::Order;\n".into()),
        ("right/Cargo.toml", manifest("right", right)),
        ("right/src/lib.rs", String::new()),
        ("base/Cargo.toml", manifest("base", base)),
        ("base/src/lib.rs", "pub struct Order;\npub fn price(_: &Order) -> u32 { 1 }\n".into()),
        ("fixtures/Cargo.toml", manifest("fixtures", "")),
        ("fixtures/src/lib.rs", String::new()),
    ];
    workspaces::workspace(&files.map(|(path, text)| (path.to_string(), text)))
}

fn draw(dir: &TempDir, args: &[&str]) -> Ran {
    run(dir.path(), &[&["graph", "--no-cache"], args].concat())
}

fn json(dir: &TempDir, args: &[&str]) -> Value {
    let ran = draw(dir, &[&["--format", "json"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(misfits(&schema("graph.schema.json"), &ran.stdout), Vec::<String>::new());
    serde_json::from_str(&ran.stdout).expect("the graph is JSON")
}

/// `app -> base (normal implied)` for each edge.
fn edges(graph: &Value) -> Vec<String> {
    let list = graph["edges"].as_array().expect("edges are a list").iter();
    let line = |edge: &Value| {
        let marks = ["optional", "implied", "cut"].into_iter().filter(|mark| edge[*mark] == true);
        let words: Vec<&str> = edge["kind"].as_str().into_iter().chain(marks).collect();
        format!("{} -> {} ({})", edge["from"], edge["to"], words.join(" ")).replace('"', "")
    };
    list.map(line).collect()
}

#[test]
fn crates_stand_on_levels_and_edges_say_what_they_are() {
    let dir = diamond();
    let graph = json(&dir, &[]);
    let expected = [
        "app -> base (normal implied)",
        "app -> left (normal)",
        "app -> right (build)",
        "base -> left (dev cut)",
        "left -> base (normal)",
        "right -> base (normal optional)",
    ];
    assert_eq!(edges(&graph), expected);
    let nodes = graph["nodes"].as_array().expect("nodes are a list").iter();
    let levels: Vec<String> = nodes.map(|node| format!("{} {}", node["name"], node["level"])).collect();
    assert_eq!(levels, ["\"app\" 2", "\"base\" 0", "\"fixtures\" 0", "\"left\" 1", "\"right\" 1"]);
    let direct = &graph["edges"][0];
    assert_eq!((&direct["weight"], &direct["places"][0]["path"]), (&2.into(), &"app/Cargo.toml".into()));
    assert_eq!(graph["edges"][5]["targets"][0], "cfg(unix)");
    assert_eq!(graph["cycles"][0]["nodes"], serde_json::json!(["base", "left"]));
}

#[test]
fn kinds_focus_and_ways_leave_the_rest_out() {
    let dir = diamond();
    assert_eq!(edges(&json(&dir, &["--edges", "build"])), ["app -> right (build)"]);
    assert!(edges(&json(&dir, &["--edges", "normal,dev"])).contains(&"base -> fixtures (dev)".to_string()));
    let open = json(&dir, &["--edges", "normal"]);
    assert_eq!((&open["cycles"], &open["nodes"][1]["cycle"]), (&serde_json::json!([]), &Value::Null));
    let around = json(&dir, &["--edges", "normal,build", "--focus", "right"]);
    assert_eq!(
        edges(&around),
        ["app -> base (normal implied)", "app -> right (build)", "right -> base (normal optional)"]
    );
    assert_eq!(
        edges(&json(&dir, &["--from", "right", "--to", "left"])),
        ["base -> left (dev cut)", "right -> base (normal optional)"]
    );
    let both = json(&dir, &["--edges", "build,normal", "--focus", "app", "--depth", "2"]);
    assert_eq!(both["nodes"].as_array().map(Vec::len), Some(4));
    let none = draw(&dir, &["--from", "left", "--to", "app"]);
    assert_eq!(none.stderr, "note: nothing leads from `left` to `app`; the other way round it does\n");
}

#[test]
fn a_name_that_is_not_there_is_an_error_with_the_nearest() {
    let dir = diamond();
    for args in [&["--focus", "rigth"][..], &["--from", "app", "--to", "rigth"]] {
        let ran = draw(&dir, args);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains("there is no node `rigth` among the crates"), "{}", ran.stderr);
        assert!(ran.stderr.contains("did you mean `right`?"), "{}", ran.stderr);
    }
    let ran = draw(&dir, &["--modules", "-p", "lfet"]);
    assert!(ran.code == 2 && ran.stderr.contains("did you mean `left`?"), "{}", ran.stderr);
}

#[test]
fn the_text_has_levels_and_what_to_cut() {
    let text = draw(&diamond(), &[]).stdout;
    assert!(
        text.starts_with("5 crates on 3 levels, 6 edges (1 for development), 1 cycle\n\nlevel 2\n  app (app, "),
        "{text}"
    );
    assert!(text.contains("    -> right (build)\n"), "{text}");
    assert!(text.contains("  base -> left (dev, cheapest to cut)\n    base/Cargo.toml:7\n"), "{text}");
    assert!(
        text.contains(
            "    -> base (optional, for cfg(unix))
"
        ),
        "{text}"
    );
}

#[test]
fn edges_that_break_a_boundary_are_marked_until_an_exception_covers_them() {
    let dir = diamond();
    let forbid = "[[forbid]]\nfrom = \"app\"\nto = \"base\"\n";
    put(dir.path(), "scale-lint.toml", forbid);
    let breaks = |graph: &Value| -> Vec<Value> {
        graph["edges"].as_array().expect("edges are a list").iter().map(|edge| edge["breaks"].clone()).collect()
    };
    let marked = breaks(&json(&dir, &[]));
    assert_eq!(marked.iter().filter(|how| **how == serde_json::json!(["forbidden"])).count(), 1, "{marked:?}");
    let text = draw(&dir, &[]).stdout;
    assert!(text.contains("breaks a boundary: forbidden"), "{text}");
    // It is drawn although others imply it.
    assert!(draw(&dir, &["--format", "html"]).stdout.contains("class=\"edge breach\""));
    let exception = "\n[[exception]]\nfrom = \"app\"\nto = \"base\"\nreason = \"until prices have moved\"\n";
    put(dir.path(), "scale-lint.toml", &format!("{forbid}{exception}"));
    assert!(breaks(&json(&dir, &[])).iter().all(|how| *how == serde_json::json!([])));
}

#[test]
fn figures_say_how_far_a_change_reaches() {
    let dir = diamond();
    let ran = draw(&dir, &["--metrics", "--format", "json"]);
    assert_eq!(misfits(&schema("metrics.schema.json"), &ran.stdout), Vec::<String>::new());
    let figures: Value = serde_json::from_str(&ran.stdout).expect("the figures are JSON");
    let row = |name: &str| {
        let mut nodes = figures["nodes"].as_array().expect("nodes are a list").iter();
        let node = nodes.find(|node| node["name"] == name).expect("all crates are there");
        ["dependents", "reach", "afferent", "efferent", "fan_in"].map(|figure| node[figure].as_u64().unwrap_or(99))
    };
    // `app` uses two items of `base`, and `left` passes one on, which is no use; tests do not count.
    assert_eq!((row("base"), row("app"), row("fixtures")), ([3, 0, 3, 0, 2], [0, 3, 0, 3, 0], [0; 5]));
    assert_eq!(figures["total"]["edges"], 5);
    // Each and itself, over 5 * 5: 4 + 2 + 2 + 1 + 1.
    assert_eq!(figures["total"]["propagation_cost"], 0.4);
    assert_eq!(figures["before"], Value::Null);
}

#[test]
fn figures_have_a_trend_against_a_base() {
    let member = |name: &str, on: &str| {
        let sections = format!("\n[dependencies]\n{on}");
        [(format!("{name}/Cargo.toml"), manifest(name, &sections)), (format!("{name}/src/lib.rs"), String::new())]
    };
    let dir = repository(&[member("low", ""), member("high", ""), member("old", "")].concat());
    git(dir.path(), &["checkout", "--quiet", "-b", "work"]);
    put(dir.path(), "high/Cargo.toml", &manifest("high", "\n[dependencies]\nlow = { path = \"../low\" }\n"));
    fs::rename(dir.path().join("old"), dir.path().join("new")).expect("a folder can be renamed");
    put(dir.path(), "new/Cargo.toml", &manifest("new", ""));
    let text = fs::read_to_string(dir.path().join("Cargo.toml")).expect("the root has a manifest");
    put(dir.path(), "Cargo.toml", &text.replace("\"old\"", "\"new\""));
    let ran = draw(&dir, &["--metrics", "--diff-base", "main"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lines: Vec<Vec<&str>> = ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0].join(" "), "3 crates, 1 (+1) edges");
    assert_eq!(lines[1].join(" "), "propagation cost 44.4 % (+11.1)");
    let row = |name: &str| lines.iter().find(|line| line.first() == Some(&name)).expect("a row for each").join(" ");
    assert_eq!(row("low"), "low 1 (+1) 0 1 (+1) 0 0.00 0 0");
    assert_eq!(row("high"), "high 0 1 (+1) 0 1 (+1) 1.00 (+1.00) 0 0");
    assert_eq!((row("new").starts_with("new (new) 0"), row("old")), (true, "old (gone)".to_string()));
    let page = draw(&dir, &["--metrics", "--format", "html"]);
    assert!(page.code == 2 && page.stderr.contains("--format text"), "{}", page.stderr);
}

#[test]
fn modules_are_tied_by_what_they_name() {
    let lib = "mod cart;\nmod price;\n\npub fn total() -> u32 { price::of(cart::Cart) }\n";
    let files = [
        ("Cargo.toml", manifest("shop", "")),
        ("src/lib.rs", lib.into()),
        ("src/cart.rs", "use crate::price::Price;\n\npub struct Cart;\n\npub struct Line { pub price: Price }\n".into()),
        ("src/price.rs", "use crate::cart::{Cart, Line};\n\npub struct Price;\n\npub fn of(_: Cart) -> u32 { 1 }\n\npub fn line(_: Line) {}\n".into()),
        ("src/main.rs", "fn main() { shop::total(); }\n".into()),
    ];
    let dir = workspaces::workspace(&files.map(|(path, text)| (path.to_string(), text)));
    let graph = json(&dir, &["--modules", "-p", "shop"]);
    let expected = [
        "shop (src/main.rs) -> shop (src/lib.rs) (normal)",
        "shop (src/lib.rs) -> shop::cart (normal implied)",
        "shop (src/lib.rs) -> shop::price (normal)",
        "shop::cart -> shop::price (normal cut)",
        "shop::price -> shop::cart (normal)",
    ];
    let mut found = edges(&graph);
    found.sort_by_key(|edge| expected.iter().position(|known| known == edge));
    assert_eq!(found, expected);
    let cut = graph["edges"].as_array().and_then(|edges| edges.iter().find(|edge| edge["cut"] == true));
    assert_eq!(cut.map(|edge| edge["places"][0].clone()), Some(serde_json::json!({"path": "src/cart.rs", "line": 1})));
    assert_eq!(json(&dir, &["--modules"]), graph);
}

#[test]
fn services_have_what_enters_them_and_what_they_name() {
    let ran = run(&fixture("orders"), &["graph", "--services", "--no-cache", "--format", "json"]);
    assert_eq!(misfits(&schema("graph.schema.json"), &ran.stdout), Vec::<String>::new());
    let graph: Value = serde_json::from_str(&ran.stdout).expect("the graph is JSON");
    let nodes = graph["nodes"].as_array().expect("nodes are a list");
    let services: Vec<&Value> = nodes.iter().filter(|node| node["kind"] == "service").collect();
    let mut entries = services.iter().filter_map(|node| node["entries"].as_array()).flatten();
    assert!(entries.any(|entry| entry["kind"] == "handler" && entry["route"].is_string()), "{}", ran.stdout);
    assert!(edges(&graph).iter().any(|edge| edge.ends_with("(queries)")), "{:?}", edges(&graph));
    let text = run(&fixture("orders"), &["graph", "--services", "--no-cache"]).stdout;
    assert!(text.contains("    <- handler "), "{text}");
}

/// A folder and a condition whose names try to leave where they are written.
fn hostile() -> TempDir {
    let dir = "a\"];<script>alert(1)</script>&amp;`\u{202e}";
    let escaped = dir.replace('"', "\\\"");
    let app =
        format!("\n[target.'cfg(x=\"</script><b>`|]\\u001b\")'.dependencies]\nevil = {{ path = \"{escaped}\" }}\n");
    let root = format!("[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"app/{escaped}\"]\n");
    let files = [
        ("Cargo.toml".to_string(), root),
        ("app/Cargo.toml".to_string(), manifest("app", &app)),
        ("app/src/lib.rs".to_string(), String::new()),
        (format!("app/{dir}/Cargo.toml"), manifest("evil", "")),
        (format!("app/{dir}/src/lib.rs"), String::new()),
    ];
    workspaces::workspace(&files)
}

#[test]
fn hostile_names_stay_names() {
    let dir = hostile();
    for format in ["text", "dot", "mermaid", "html"] {
        let ran = draw(&dir, &["--no-cargo", "--format", format]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stdout.contains("evil"), "{}", ran.stdout);
        assert!(!ran.stdout.contains(['\u{202e}', '\u{1b}']), "{format}: {}", ran.stdout);
    }
    let html = draw(&dir, &["--no-cargo", "--format", "html"]).stdout;
    assert_eq!(html.matches("<script").count(), 2, "the data and the program");
    assert_eq!(html.matches("</script").count(), 2);
    let dot = draw(&dir, &["--no-cargo", "--format", "dot"]).stdout;
    assert!(dot.contains("a\\\"];<script>alert(1)</script>&amp;amp;`\\\\u{202e}"), "{dot}");
}

#[test]
fn mermaid_labels_hold_no_sign_that_ends_them() {
    let text = draw(&diamond(), &["--format", "mermaid"]).stdout;
    assert!(text.starts_with("flowchart TB\n  n0[\"app\"]\n"), "{text}");
    assert!(text.contains("  n0 -.->|\"build\"| n4\n"), "{text}");
    assert!(text.contains("|\"dev cut\"|"), "{text}");
}

#[test]
fn the_page_works_in_a_browser_and_asks_for_nothing() {
    let Some(mut browser) = Browser::start() else { return };
    let dir = diamond();
    let page = dir.path().join("graph.html");
    fs::write(&page, draw(&dir, &["--format", "html"]).stdout).expect("the page can be written");
    browser.open(&page);
    let shown = "[...document.querySelectorAll('#picture .node')].filter(n => !n.classList.contains('off')).map(n => n.textContent).join(' ')";
    let lines =
        "[...document.querySelectorAll('#picture > .edge')].filter(e => getComputedStyle(e).display !== 'none').length";
    let lit =
        |class: &str| format!("[...document.querySelectorAll('.node.{class}')].map(n => n.textContent).join(' ')");
    assert_eq!(browser.eval(shown), "app base fixtures left right");
    // All but the one that is implied and the one for development that closes no cycle.
    assert_eq!(browser.eval(lines), 5);
    browser.point("#implied", Press::Once);
    browser.point("#dev", Press::Once);
    assert_eq!(browser.eval(lines), 7);
    browser.point("#dev", Press::Once);

    browser.point("#n4", Press::No);
    assert_eq!((browser.eval(&lit("down")), browser.eval(&lit("up"))), ("base".into(), "app".into()));
    browser.point("#n4", Press::Once);
    assert_eq!(browser.eval(shown), "app base right");
    assert!(
        browser
            .eval("document.getElementById('details').textContent")
            .as_str()
            .is_some_and(|text| text.contains("for cfg(unix)"))
    );

    browser.press("Escape");
    browser.press("/");
    browser.type_text("lef");
    assert_eq!(
        (browser.eval(&lit("match")), browser.eval("document.getElementById('found').textContent")),
        ("left".into(), "1 name".into())
    );
    browser.press("Enter");
    assert_eq!(browser.eval("document.querySelector('#details h2').textContent"), "left");
    browser.eval("document.getElementById('n4').focus()");
    browser.press("Escape");
    browser.eval("document.getElementById('n4').focus()");
    browser.press("Enter");
    browser.point("#goal", Press::Once);
    browser.type_text("left");
    browser.press("Enter");
    assert_eq!(browser.eval(shown), "base left right");
    assert_eq!(browser.eval("document.querySelector('#details h2').textContent"), "right → left");
    browser.press("Escape");
    assert_eq!(browser.eval(shown), "app base fixtures left right");

    let troubles = ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"];
    let is_asked = |event: &Value| {
        let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
        event["method"] == "Network.requestWillBeSent" && !url.ends_with("/graph.html")
    };
    let wrong: Vec<&Value> = browser
        .events
        .iter()
        .filter(|event| is_asked(event) || troubles.iter().any(|name| event["method"] == *name))
        .collect();
    assert_eq!(wrong, Vec::<&Value>::new());
}

#[test]
fn a_page_of_hostile_names_runs_nothing_of_them() {
    let Some(mut browser) = Browser::start() else { return };
    let dir = hostile();
    let page = dir.path().join("graph.html");
    fs::write(&page, draw(&dir, &["--no-cargo", "--format", "html"]).stdout).expect("the page can be written");
    browser.open(&page);
    browser.point("#n1", Press::Once);
    let details = browser.eval("document.getElementById('details').textContent");
    assert!(details.as_str().is_some_and(|text| text.contains("<script>alert(1)</script>")), "{details}");
    assert!(!browser.events.iter().any(|event| event["method"] == "Page.javascriptDialogOpening"));
}
