//! The first steps: a configuration that fits, levels, the pin, and what shells and hooks read.

use crate::baseline::{json, service};
use crate::command::{Ran, fixture, run};
use crate::schemas::schema;
use crate::workspaces::{files, workspace};
use std::fs;
use std::path::Path;

fn scale_lint(dir: &Path, args: &[&str]) -> Ran {
    run(dir, &[args, &["--no-cargo", "--no-cache"]].concat())
}

fn misfits(config: &str) -> Vec<String> {
    let value: toml::Value = toml::from_str(config).expect("the configuration is TOML");
    let value = serde_json::to_value(value).expect("TOML without dates is JSON");
    schema("config.schema.json").iter_errors(&value).map(|error| error.to_string()).collect()
}

#[test]
fn init_fits_the_workspace_and_keeps_what_it_has() {
    let dir = workspace(&files(&[("src/main.rs", &service(&["one", "two"]))]));
    let wrote = scale_lint(dir.path(), &["init"]);
    assert_eq!(wrote.code, 0, "{wrote:?}");
    assert!(wrote.stdout.starts_with("wrote scale-lint.toml: 1 package, 1 service\n"), "{wrote:?}");
    let config = fs::read_to_string(dir.path().join("scale-lint.toml")).expect("there is a configuration");
    assert!(config.contains("#   example (.): 2 handlers\n"), "{config}");
    assert!(config.contains("# guard-across-await            = \"error\"    # 2 findings today\n"), "{config}");
    assert_eq!(misfits(&config), Vec::<String>::new());
    let ran = scale_lint(dir.path(), &["check"]);
    assert!(ran.code == 0 && ran.stdout.starts_with("nothing new to report, 2 known"), "{ran:?}");

    let again = scale_lint(dir.path(), &["init"]);
    assert_eq!(again.code, 2, "{again:?}");
    assert!(again.stderr.contains("`scale-lint.toml` configures scale-lint already"), "{again:?}");
    fs::write(dir.path().join("src/main.rs"), service(&["one", "two", "three"])).expect("files can be written");
    let report = json(&scale_lint(dir.path(), &["check", "--format", "json"]));
    assert_eq!(crate::baseline::symbols(&report, "new"), ["example::three"]);
}

#[test]
fn every_line_of_what_init_writes_is_valid_when_it_is_switched_on() {
    let dir = workspace(&files(&[("src/lib.rs", "")]));
    assert_eq!(scale_lint(dir.path(), &["init"]).code, 0);
    let path = dir.path().join("scale-lint.toml");
    let config = fs::read_to_string(&path).expect("there is a configuration");
    assert!(config.contains("No binary starts a server"), "{config}");
    let is_setting = |line: &&str| line.contains(" = ") || line.starts_with('[');
    let switched: Vec<&str> =
        config.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).filter(is_setting).collect();
    assert!(switched.len() > 30 && switched.contains(&"[[allow]]") && switched.contains(&"[roles]"), "{switched:#?}");
    fs::write(path, switched.join("\n")).expect("files can be written");
    let ran = scale_lint(dir.path(), &["check"]);
    assert_ne!(ran.code, 2, "{ran:?}");
}

#[test]
fn the_schema_refuses_what_the_tool_refuses() {
    for mistake in [
        "fail-on = \"loud\"",
        "fale-on = \"error\"",
        "rules-version = \"new\"",
        "[rules]\nno-such-rule = \"off\"",
        "[rules]\ncrate-cycle = \"loud\"",
        "[rules]\ncrate-cycle = { size = 3 }",
        "[[allow]]\nrule = \"crate-cycle\"\npath = \"a\"",
        "[[allow]]\nrule = \"crate-cycle\"\nreason = \"a test\"",
        "[roles]\nserver-strat = [\"a::b\"]",
        "[boundaries]\nkinds = [\"devel\"]",
        "[[layer]]\npackages = \"a\"",
        "[[forbid]]\nfrom = \"a\"",
        "[[forbid]]\nfrom = []\nto = \"b\"",
        "[[allow-only]]\nfrom = \"a\"",
        "[[own]]\nby = \"a\"",
        "[[own]]\nby = \"a\"\nroles = [\"http-requst\"]",
        "[[interface]]\nof = \"a\"\npublic = [\"b::*\"]",
        "[[exception]]\nfrom = \"a\"\nto = \"b\"",
        "[[exception]]\nfrom = \"a-*\"\nto = \"b\"\nreason = \"a test\"",
    ] {
        let dir = workspace(&files(&[("src/lib.rs", ""), ("scale-lint.toml", mistake)]));
        assert_eq!(scale_lint(dir.path(), &["check"]).code, 2, "{mistake}");
        assert_ne!(misfits(mistake), Vec::<String>::new(), "{mistake}");
    }
}

#[test]
fn a_pin_leaves_newer_rules_off_unless_they_are_asked_for() {
    let main = service(&["one"]);
    let with = |config: &str| {
        let dir = workspace(&files(&[("src/main.rs", main.as_str()), ("scale-lint.toml", config)]));
        scale_lint(dir.path(), &["check", "--format", "json"])
    };
    let rules = |ran: &Ran| -> Vec<String> {
        let report = json(ran);
        let findings = report["findings"].as_array().expect("a list").iter();
        findings.map(|finding| finding["rule"].as_str().expect("an id").to_string()).collect()
    };
    assert_eq!(rules(&with("rules-version = \"0.1\"")), ["guard-across-await"]);
    let old = with("rules-version = \"0.0.9\"");
    assert_eq!((old.code, rules(&old)), (0, Vec::new()));
    let kinds = json(&old);
    let kinds = kinds["notifications"].as_array().expect("a list").iter();
    assert!(kinds.map(|found| &found["kind"]).any(|kind| kind == "newer-rules"));
    let asked = with("rules-version = \"0.0.9\"\n[rules]\nguard-across-await = \"note\"");
    assert_eq!((asked.code, rules(&asked)), (0, vec!["guard-across-await".to_string()]));
    let future = with("rules-version = \"99.0\"");
    assert!(future.code == 2 && future.stderr.contains("the rules of 99.0.0 are not known yet"), "{future:?}");
}

#[test]
fn levels_on_the_command_line_overrule_the_configuration() {
    let config = "[rules]\nguard-across-await = \"off\"";
    let dir = workspace(&files(&[("src/main.rs", &service(&["one"])), ("scale-lint.toml", config)]));
    let code = |args: &[&str]| scale_lint(dir.path(), &[&["check"], args].concat()).code;
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["-D", "guard-across-await"]), 1);
    assert_eq!(code(&["-W", "guard-across-await"]), 0);
    assert_eq!(code(&["-W", "guard-across-await", "--fail-on", "warning"]), 1);
    assert_eq!(code(&["-D", "guard-across-await", "-A", "guard-across-await"]), 1);
    let unknown = scale_lint(dir.path(), &["check", "-A", "guard-across-wait"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("did you mean `guard-across-await`?"), "{unknown:?}");
}

#[test]
fn shells_and_man_know_every_command() {
    let dir = fixture("clean");
    let commands = ["check", "explain", "rules", "entry-points", "stats", "baseline", "init"];
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&dir, &["completions", shell]);
        assert!(script.code == 0 && commands.iter().all(|command| script.stdout.contains(command)), "{shell}");
    }
    let page = run(&dir, &["man"]).stdout.replace("\\-", "-");
    assert!(page.contains(".TH cargo-scale-lint 1") && commands.iter().all(|command| page.contains(command)), "{page}");
}

#[test]
fn what_ci_reads_names_options_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| fs::read_to_string(root.join(name)).expect("the file is there");
    let help = run(&fixture("clean"), &["check", "--help"]).stdout;
    let action = read("action.yml");
    let (_, script) = action.split_once("args=(").expect("the action runs the tool");
    for option in script.split(|c: char| c.is_whitespace() || "()\"".contains(c)).filter(|word| word.starts_with("--"))
    {
        assert!(help.contains(option), "the action names `{option}`");
    }
    let hooks = read(".pre-commit-hooks.yaml");
    assert_eq!(hooks.matches("entry: cargo-scale-lint\n").count(), 2);
    let manifest: toml::Value = toml::from_str(&read("Cargo.toml")).expect("the manifest is TOML");
    assert_eq!(manifest["package"]["name"].as_str(), Some("cargo-scale-lint"));
}
