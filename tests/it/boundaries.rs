//! Boundaries: two workspaces that keep theirs, every way to break them, and what a branch opens.

use crate::baseline::json;
use crate::command::{Ran, fixture, run};
use crate::diff_base::{commit, git, put, since};
use crate::workspaces::{files, workspace};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folders can be made");
    for entry in fs::read_dir(from).expect("fixtures can be read").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("files can be copied");
        }
    }
}

/// A fixture to be changed.
fn copied(name: &str) -> TempDir {
    let dir = TempDir::new().expect("a temporary folder can be made");
    copy(&fixture(name), dir.path());
    dir
}

/// Replaces a text that is there in a file.
fn edit(dir: &TempDir, path: &str, old: &str, new: &str) {
    let text = fs::read_to_string(dir.path().join(path)).expect("the file is there");
    assert!(text.contains(old), "{path} has no `{old}`:\n{text}");
    put(dir.path(), path, &text.replacen(old, new, 1));
}

fn scale_lint(dir: &TempDir, args: &[&str]) -> Ran {
    run(dir.path(), &[args, &["--no-cargo", "--no-cache"]].concat())
}

/// The findings about boundaries that count. An edge up may close a circle as well, which is another rule's.
fn counting(report: &Value) -> Vec<&Value> {
    let of_boundaries = ["layer-violation", "stale-exception", "layer-change", "same-layer-edge"];
    let findings = report["findings"].as_array().expect("a list").iter();
    let counts = |finding: &Value| finding["suppressed"].is_null() && finding["baseline"] == "new";
    findings.filter(|finding| counts(finding) && of_boundaries.iter().any(|rule| finding["rule"] == *rule)).collect()
}

/// Those as `rule path:line`.
fn found(report: &Value) -> Vec<String> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_string();
    counting(report)
        .into_iter()
        .map(|found| format!("{} {}:{}", text(found, "rule"), text(found, "path"), found["line"]))
        .collect()
}

fn check(dir: &TempDir) -> Vec<String> {
    found(&json(&scale_lint(dir, &["check", "--format", "json"])))
}

/// What a fixture gives after one edit.
fn after(name: &str, path: &str, old: &str, new: &str) -> Vec<String> {
    let dir = copied(name);
    edit(&dir, path, old, new);
    check(&dir)
}

#[test]
fn both_fixtures_keep_their_boundaries() {
    for name in ["tiers", "matrix"] {
        let dir = copied(name);
        let ran = scale_lint(&dir, &["check", "--min-confidence", "low", "--format", "json"]);
        let report = json(&ran);
        assert_eq!((ran.code, found(&report)), (0, Vec::new()), "{name}: {ran:?}");
        assert_eq!(report["notifications"], Value::Array(Vec::new()), "{name}");
    }
    let report = json(&scale_lint(&copied("matrix"), &["check", "--format", "json"]));
    let reasons: Vec<&str> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|finding| finding["suppressed"]["reason"].as_str())
        .collect();
    assert_eq!(reasons, ["wave 3 takes the shared templates out", "wave 2 puts sessions behind a contract"]);
}

#[test]
fn tiers_are_broken_in_each_way() {
    let core = "core/egress/Cargo.toml";
    let edge = "http-api = { path = \"../../runtime/http-api\" }\n";
    let up = format!("[dependencies]\n{edge}");
    assert_eq!(after("tiers", core, "[dependencies]\n", &up), [format!("layer-violation {core}:8")]);
    // Neither another name, nor a condition, nor a platform hides an edge.
    let table = |table: &str, edge: &str| format!("publish = false\n\n[{table}]\n{edge}");
    let hidden = "web = { package = \"http-api\", path = \"../../runtime/http-api\", optional = true }\n";
    let hidden = table("target.'cfg(windows)'.dependencies", hidden);
    assert_eq!(after("tiers", core, "publish = false\n", &hidden), [format!("layer-violation {core}:8")]);
    // Tests may reach up; what builds may not.
    let tests = table("dev-dependencies", edge);
    assert_eq!(after("tiers", core, "publish = false\n", &tests), Vec::<String>::new());
    let builds = table("build-dependencies", edge);
    assert_eq!(after("tiers", core, "publish = false\n", &builds), [format!("layer-violation {core}:8")]);
    // What all stand on opens a way to a database for those who must not come to one.
    let (model, edge) = ("core/model/Cargo.toml", table("dependencies", edge));
    assert_eq!(
        after("tiers", model, "publish = false\n", &edge),
        [format!("layer-violation {model}:8"), "layer-violation runtime/scheduler/Cargo.toml:8".to_string()]
    );
    let sibling = "connector-sqlite = { path = \"../connector-sqlite\" }\nmodel =";
    let data = "data/connector-postgres/Cargo.toml";
    assert_eq!(after("tiers", data, "model =", sibling), [format!("layer-violation {data}:8")]);
    let driver = "rusqlite = \"0.37\"\nmodel =";
    assert_eq!(after("tiers", data, "model =", driver), [format!("layer-violation {data}:8")]);
    let planner = "runtime/scheduler/Cargo.toml";
    let shipped = after(
        "tiers",
        planner,
        "[dev-dependencies]",
        "[dependencies.db]\npackage = \"connector-sqlite\"\npath = \"../../data/connector-sqlite\"\n\n[dev-dependencies]",
    );
    assert_eq!(shipped, [format!("layer-violation {planner}:10")], "the driver behind it is no second finding");
    let private =
        after("tiers", "runtime/http-api/src/lib.rs", "use model", "use connector_postgres::rows::Row;\nuse model");
    assert_eq!(private, ["layer-violation runtime/http-api/Cargo.toml:8"]);
}

#[test]
fn a_matrix_with_dates_is_broken_in_each_way() {
    let chat = "crates/adapter-chat/Cargo.toml";
    assert_eq!(
        after("matrix", "scale-lint.toml", "until = 2099-06-30", "until = 2026-06-30"),
        [format!("layer-violation {chat}:13"), "stale-exception scale-lint.toml:29".to_string()]
    );
    assert_eq!(
        after("matrix", chat, "sessions = { path = \"../sessions\" }\n", ""),
        ["stale-exception scale-lint.toml:29"]
    );
    // What is excused for what ships is not excused for tests, nor the other way round.
    assert_eq!(
        after("matrix", "scale-lint.toml", "kinds = [\"normal\"]", "kinds = [\"dev\"]"),
        [format!("layer-violation {chat}:11"), "stale-exception scale-lint.toml:36".to_string()]
    );
    let dir = copied("matrix");
    put(
        dir.path(),
        "crates/fresh/Cargo.toml",
        "[package]\nname = \"fresh\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    put(dir.path(), "crates/fresh/src/lib.rs", "");
    assert_eq!(check(&dir), ["layer-violation crates/fresh/Cargo.toml:2"]);
    let leaf = "publish = false\n\n[dependencies]\nanyhow = \"1\"\nserde = \"1\"\n";
    let found = after("matrix", "crates/messages/Cargo.toml", "publish = false\n", leaf);
    assert_eq!(found, ["layer-violation crates/messages/Cargo.toml:8"]);
}

#[test]
fn a_module_may_be_kept_from_a_crate() {
    let dir = copied("tiers");
    let config = fs::read_to_string(dir.path().join("scale-lint.toml")).expect("it is there");
    let forbid = "\n[[forbid]]\nfrom = \"connector-postgres::rows\"\nto = [\"tokio-postgres\", \"model\"]\n";
    put(dir.path(), "scale-lint.toml", &format!("{config}{forbid}"));
    assert_eq!(check(&dir), Vec::<String>::new(), "other modules of the crate may");
    let rows = "data/connector-postgres/src/rows.rs";
    put(
        dir.path(),
        rows,
        "use tokio_postgres::Row as Found;\n\npub struct Row {\n    pub number: u64,\n}\n\npub fn read(found: &Found) -> Row {\n    Row { number: found.get(0) }\n}\n",
    );
    assert_eq!(check(&dir), [format!("layer-violation {rows}:1")]);
    let exception = "\n[[exception]]\nfrom = \"connector-postgres::rows\"\nto = \"tokio-postgres\"\nreason = \"rows are read here\"\n";
    put(dir.path(), "scale-lint.toml", &format!("{config}{forbid}{exception}"));
    assert_eq!(check(&dir), Vec::<String>::new());
    put(dir.path(), "scale-lint.toml", &format!("{config}{}", forbid.replace("::rows", "::rwos")));
    let ran = scale_lint(&dir, &["check"]);
    assert!(ran.code == 2 && ran.stderr.contains("there is no module `rwos`"), "{ran:?}");
    let interface = "\n[[interface]]\nof = \"model\"\npublic = [\"Oder\"]\n";
    put(dir.path(), "scale-lint.toml", &format!("{config}{interface}"));
    let ran = scale_lint(&dir, &["check"]);
    assert!(ran.code == 2 && ran.stderr.contains("`model` has no `Oder`"), "{ran:?}");
}

#[test]
fn names_that_are_wrong_are_mistakes() {
    let mistake = |name: &str, path: &str, old: &str, new: &str, said: &[&str]| {
        let dir = copied(name);
        edit(&dir, path, old, new);
        let ran = scale_lint(&dir, &["check"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        said.iter().for_each(|text| assert!(ran.stderr.contains(text), "`{text}` is not in:\n{}", ran.stderr));
    };
    let config = "scale-lint.toml";
    mistake(
        "tiers",
        config,
        "\"data/*\"\nind",
        "\"dta/*\"\nind",
        &["`dta/*` fits no package of the workspace", "scale-lint.toml:15"],
    );
    mistake(
        "tiers",
        config,
        "by = \"connector-sqlite\"",
        "by = \"conector-sqlite\"",
        &["did you mean `connector-sqlite`?"],
    );
    mistake("tiers", config, "crates = \"rusqlite\"", "crates = \"rusqlit\"", &["did you mean `rusqlite`?"]);
    mistake(
        "tiers",
        config,
        "crates = \"rusqlite\"",
        "crates = \"leveldb\"",
        &["fits no package and no dependency", "optional = true"],
    );
    mistake(
        "tiers",
        config,
        "\"core/*\"",
        "[\"core/*\", \"data/connector-s*\"]",
        &["`connector-sqlite` is in two layers"],
    );
    mistake("matrix", config, "from = \"layer:adapters\"", "from = \"layer:adapter\"", &["did you mean `adapters`?"]);
    mistake(
        "matrix",
        "crates/app/Cargo.toml",
        "layer = \"app\"",
        "layer = \"apps\"",
        &["there is no layer `apps`", "crates/app/Cargo.toml:8", "did you mean `app`?"],
    );
    mistake(
        "matrix",
        "crates/app/Cargo.toml",
        "layer = \"app\"",
        "lyer = \"app\"",
        &["there is no setting `lyer`", "did you mean `layer`?"],
    );
    mistake(
        "matrix",
        config,
        "[[layer]]\nname = \"kernel\"",
        "[[layer]]\nname = \"glue\"\n\n[[layer]]\nname = \"kernel\"",
        &["the layer `glue` has no packages"],
    );
    let dir = copied("matrix");
    edit(
        &dir,
        config,
        "[[layer]]\nname = \"kernel\"",
        "[[layer]]\nname = \"glue\"\noptional = true\n\n[[layer]]\nname = \"kernel\"",
    );
    assert_eq!(scale_lint(&dir, &["check"]).code, 0);
}

#[test]
fn the_baseline_remembers_layers_and_what_is_inside_them() {
    let dir = copied("matrix");
    assert_eq!(scale_lint(&dir, &["baseline"]).code, 0);
    let path = dir.path().join("scale-lint.baseline.json");
    let kept =
        json(&Ran { stdout: fs::read_to_string(&path).expect("it was written"), stderr: String::new(), code: 0 });
    assert_eq!(kept["layers"]["adapter-chat"], "adapters");
    assert_eq!(kept["within-layers"], serde_json::json!(["adapter-chat -> adapter-mail"]));
    assert_eq!(check(&dir), Vec::<String>::new());
    // A word in a manifest instead of a change of code: what it hides is shown.
    edit(&dir, "crates/adapter-chat/Cargo.toml", "layer = \"adapters\"", "layer = \"kernel\"");
    let report = json(&scale_lint(&dir, &["check", "--format", "json"]));
    let moved = found(&report);
    assert_eq!(moved[0], "layer-change crates/adapter-chat/Cargo.toml:2", "{moved:?}");
    let message = &report["findings"][0]["message"];
    assert_eq!(
        message,
        "`adapter-chat` went from the layer `adapters` to the layer `kernel`, which hides a dependency that breaks the boundaries as they were"
    );
    scale_lint(&dir, &["baseline", "--prune"]);
    assert_eq!(check(&dir), moved, "what is pruned keeps the first layers");
    let wrote = scale_lint(&dir, &["baseline"]);
    assert!(
        wrote.stdout.contains("`adapter-chat` was in the layer `adapters`, and is now taken to be in `kernel`"),
        "{wrote:?}"
    );
    assert_eq!(check(&dir), Vec::<String>::new());
    // A new edge inside a layer is told, and fails nothing.
    let edge = "[build-dependencies]\nadapter-chat = { path = \"../adapter-chat\" }\n\n[dependencies]";
    edit(&dir, "crates/sessions/Cargo.toml", "[dependencies]", edge);
    let ran = scale_lint(&dir, &["check", "--format", "json", "--fail-on", "warning", "-A", "crate-cycle"]);
    assert_eq!((ran.code, found(&json(&ran))), (0, vec!["same-layer-edge crates/sessions/Cargo.toml:11".to_string()]));
}

/// A domain that must not come to know the driver, in three packages.
fn chain() -> TempDir {
    let manifest = |name: &str, on: &str| {
        let on = if on.is_empty() { String::new() } else { format!("\n[dependencies]\n{on}\n") };
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{on}")
    };
    let layers = "[[layer]]\nname = \"api\"\npackages = \"api\"\n\n[[layer]]\nname = \"below\"\npackages = [\"domain\", \"store\"]\n";
    let forbid = "\n[[forbid]]\nfrom = \"domain\"\nto = \"sqlx\"\ntransitive = true\noptional = true\n";
    let dir = workspace(&files(&[
        ("api/Cargo.toml", &manifest("api", "domain = { path = \"../domain\" }")),
        ("api/src/lib.rs", "pub fn run() {}\n"),
        ("domain/Cargo.toml", &manifest("domain", "store = { path = \"../store\" }\napi = { path = \"../api\" }")),
        ("domain/src/lib.rs", "use api::run;\nuse store::open;\n\npub fn total() {\n    run();\n    open();\n}\n"),
        ("store/Cargo.toml", &manifest("store", "")),
        ("store/src/lib.rs", "pub fn open() {}\n"),
        ("scale-lint.toml", &format!("{layers}{forbid}")),
    ]));
    git(dir.path(), &["init", "--quiet", "--initial-branch", "main"]);
    commit(dir.path());
    dir
}

#[test]
fn a_branch_is_told_of_the_edges_and_ways_that_it_opens() {
    let dir = chain();
    let new = |rev: &str| {
        let report = json(&since(dir.path(), rev, &["--format", "json"]));
        counting(&report).into_iter().cloned().collect::<Vec<Value>>()
    };
    assert_eq!(new("HEAD"), Vec::<Value>::new(), "the edge up was there before");
    // An edge of a package that has a violation already.
    edit(
        &dir,
        "store/Cargo.toml",
        "2024\"\n",
        "2024\"\n\n[dependencies]\napi = { path = \"../api\", optional = true }\n",
    );
    put(dir.path(), "store/src/lib.rs", "#[cfg(feature = \"api\")]\nuse api::run;\n\npub fn open() {}\n");
    commit(dir.path());
    let opened = new("HEAD~1");
    assert_eq!(opened.len(), 1, "{opened:?}");
    let message = "`store` in the layer `below` depends on `api` in the layer `api` above it: what changes up there reaches all that stands on it";
    assert_eq!(
        (&opened[0]["message"], &opened[0]["path"], &opened[0]["line"]),
        (&message.into(), &"store/Cargo.toml".into(), &7.into())
    );
    let related: Vec<String> = opened[0]["related"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|label| {
            format!(
                "{}:{} {}",
                label["path"].as_str().unwrap_or_default(),
                label["line"],
                label["message"].as_str().unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(related, ["store/src/lib.rs:2 used here", "scale-lint.toml:5 the boundary is drawn here"]);
    // A way through another package: the edge that opens it is the place.
    edit(
        &dir,
        "store/Cargo.toml",
        "[dependencies]\n",
        "[dependencies]\ndb = { package = \"sqlx\", version = \"0.8\" }\n",
    );
    let opened = new("HEAD");
    assert_eq!(opened.len(), 1, "{opened:?}");
    assert_eq!(opened[0]["message"], "`domain` depends on `sqlx`, which it must not, through `store`");
    assert_eq!((&opened[0]["path"], &opened[0]["line"]), (&"store/Cargo.toml".into(), &7.into()), "{opened:?}");
    commit(dir.path());
    assert_eq!(new("HEAD"), Vec::<Value>::new());
    put(dir.path(), "domain/src/lib.rs", "pub fn total() {\n    api::run();\n    store::open();\n}\n");
    assert_eq!(new("HEAD"), Vec::<Value>::new(), "another use of an edge is no edge");
}

#[test]
fn init_draws_layers_that_hold_from_the_first_run() {
    let dir = copied("tiers");
    fs::remove_file(dir.path().join("scale-lint.toml")).expect("it is there");
    assert_eq!(scale_lint(&dir, &["init"]).code, 0);
    let config = fs::read_to_string(dir.path().join("scale-lint.toml")).expect("it was written");
    let layers: Vec<&str> = config.lines().filter_map(|line| line.strip_prefix("name = ")).collect();
    assert_eq!(layers, ["\"bin\"", "\"runtime\"", "\"data\"", "\"core\""], "{config}");
    assert!(config.contains("packages = [\"runtime/*\"]"), "{config}");
    let all = scale_lint(&dir, &["check", "--no-baseline", "--format", "json"]);
    assert_eq!(found(&json(&all)), Vec::<String>::new());
    edit(
        &dir,
        "core/model/Cargo.toml",
        "publish = false\n",
        "publish = false\n\n[dependencies]\nhttp-api = { path = \"../../runtime/http-api\" }\n",
    );
    assert_eq!(check(&dir), ["layer-violation core/model/Cargo.toml:8"]);
    // Few packages are shown how it would look.
    let few = copied("matrix");
    fs::remove_file(few.path().join("scale-lint.toml")).expect("it is there");
    for path in ["app", "adapter-chat", "adapter-mail", "sessions", "messages"] {
        let manifest = format!("crates/{path}/Cargo.toml");
        let text = fs::read_to_string(few.path().join(&manifest)).expect("the manifest is there");
        put(few.path(), &manifest, &text.replace("[package.metadata.scale-lint]", "[package.metadata.other]"));
    }
    assert_eq!(scale_lint(&few, &["init"]).code, 0);
    let config = fs::read_to_string(few.path().join("scale-lint.toml")).expect("it was written");
    assert!(config.contains("# name = \"level-3\"\n# packages = [\"adapter-chat\"]\n"), "{config}");
    assert_eq!(scale_lint(&few, &["check"]).code, 0);
}
