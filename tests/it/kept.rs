//! Texts that are kept true: what the fixtures give, and what the README shows of it.
//!
//! After a change that is meant, write them anew with `UPDATE_KEPT=1 cargo test --test it kept`.

use crate::command::{fixture, run};
use scale_lint::catalog::Role;
use scale_lint::config::{Config, ConfigSource, FILE_NAME, Known};
use scale_lint::engine;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("there is a README")
}

/// Holds a text against what it should be, or writes it.
fn keep(path: &str, is: &str, should_be: &str) {
    if std::env::var_os("UPDATE_KEPT").is_some() {
        fs::write(root().join(path), should_be).expect("the repository can be written");
    } else {
        assert_eq!(is, should_be, "{path} is out of date: run `UPDATE_KEPT=1 cargo test --test it kept`");
    }
}

/// The README with what stands between two markers replaced.
fn with_part(readme: &str, name: &str, part: &str) -> String {
    let (begin, end) = (format!("<!-- begin: {name} -->\n"), format!("<!-- end: {name} -->"));
    let (before, rest) = readme.split_once(&begin).unwrap_or_else(|| panic!("README.md has no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("README.md has no {end}"));
    format!("{before}{begin}{part}{end}{after}")
}

/// A finding as the terminal shows it, and how the report ends.
fn picture() -> String {
    let shown = run(&fixture("orders"), &["check", "--no-cache"]).stdout;
    let start = shown.find("error[outbound-http-no-timeout]").expect("the fixture has the finding of the README");
    let finding = &shown[start..];
    let end = finding.find("\n\n  ").and_then(|head| Some(head + 2 + finding[head + 2..].find("\n\n")?));
    let (_, last) = shown.trim_end().rsplit_once("\n\n").expect("the summary stands alone");
    format!("```text\n{}\n\n...\n\n{last}\n```\n", finding[..end.expect("an empty line ends a finding")].trim_end())
}

/// All rules, by family and id.
fn table() -> String {
    let mut rules = engine::rule_infos();
    rules.sort_by_key(|rule| (rule.family, rule.id));
    let mut table =
        "| rule | family | severity | confidence | fix | what it finds |\n|---|---|---|---|---|---|\n".to_string();
    for rule in rules {
        let file = format!("rules/{}/{}.md", rule.family, rule.id).replace('-', "_");
        let (severity, confidence, summary) = (rule.page.severity, rule.page.confidence, &rule.page.summary);
        let fix = rule.page.fix.map(|fix| format!("`{}`", fix.option().rsplit(' ').next().unwrap_or_default()));
        let fix = fix.unwrap_or_default();
        table.push_str(&format!(
            "| [`{}`]({file}) | {} | {severity} | {confidence} | {fix} | {summary} |\n",
            rule.id, rule.family
        ));
    }
    table
}

#[test]
fn the_readme_shows_what_the_tool_prints_and_all_rules() {
    let is = readme();
    let should_be = with_part(&with_part(&is, "picture", &picture()), "rules", &table());
    keep("README.md", &is, &should_be);
    for line in table().lines().skip(2) {
        let file = line.split(['(', ')']).nth(1).expect("lines of the table link to a page");
        assert!(root().join(file).is_file(), "{file}");
    }
}

#[test]
fn the_configuration_of_the_readme_is_one() {
    let readme = readme();
    let (_, rest) = readme.split_once("```toml\n").expect("the README shows a configuration");
    let (text, _) = rest.split_once("```").expect("the block is closed");
    let options = |rule: &scale_lint::rule::RuleInfo| rule.page.options.keys().cloned().collect();
    let known = Known { rules: engine::rule_infos().iter().map(|rule| (rule.id.to_string(), options(rule))).collect() };
    let source = ConfigSource { path: FILE_NAME.to_string(), text: text.to_string() };
    let config = Config::parse(source, &known).unwrap_or_else(|error| panic!("{error}: {:?}", error.source));
    let shown =
        (config.fail_on.is_some(), config.rules.is_empty(), config.allows.is_empty(), config.entries.is_empty());
    assert_eq!(shown, (true, false, false, false), "the example shows each part");
}

/// The schema of the configuration with all rules and roles.
fn config_schema(is: &str) -> String {
    let mut schema: Value = serde_json::from_str(is).expect("the schema is JSON");
    let rule = |rule: &scale_lint::rule::RuleInfo| {
        let mut table = json!({ "level": { "$ref": "#/definitions/level" } });
        rule.page.options.keys().for_each(|option| table[option] = json!({ "type": "integer" }));
        let table = json!({ "type": "object", "additionalProperties": false, "properties": table });
        let level = json!({ "$ref": "#/definitions/level" });
        (rule.id.to_string(), json!({ "description": rule.page.summary, "anyOf": [level, table] }))
    };
    let paths = json!([{ "$ref": "#/definitions/paths" }]);
    let role = |role: &Role| (role.id().to_string(), json!({ "description": role.meaning(), "allOf": paths }));
    schema["properties"]["rules"]["properties"] = engine::rule_infos().iter().map(rule).collect();
    schema["properties"]["roles"]["properties"] = Role::ALL.iter().map(role).collect();
    let ids: Vec<&str> = Role::ALL.iter().map(|role| role.id()).collect();
    schema["definitions"]["own"]["properties"]["roles"]["items"] = json!({ "enum": ids });
    serde_json::to_string_pretty(&schema).expect("a schema serialises") + "\n"
}

#[test]
fn the_schema_of_the_configuration_knows_all_rules_and_roles() {
    let path = "schemas/config.schema.json";
    let is = fs::read_to_string(root().join(path)).expect("the schema is there");
    keep(path, &is, &config_schema(&is));
}

#[test]
fn the_readme_names_commands_that_exist() {
    let (readme, dir) = (readme(), fixture("orders"));
    let help = [
        &["--help"][..],
        &["check", "--help"],
        &["entry-points", "--help"],
        &["stats", "--help"],
        &["baseline", "--help"],
        &["init", "--help"],
        &["graph", "--help"],
    ]
    .map(|args| run(&dir, args).stdout)
    .concat();
    let words = readme.split(|c: char| c.is_whitespace() || "`\"()[],".contains(c));
    let of_others = ["--all-targets", "--locked", "--release", "--path", "--test", "--no-deps"];
    for option in words.filter(|word| word.starts_with("--") && word.len() > 3 && !word.starts_with("---")) {
        let name = option.split('=').next().expect("a split has a first part");
        assert!(help.contains(name) || of_others.contains(&name), "the README names `{option}`");
    }
    for rule in ["unbounded-channel", "crate-cycle"] {
        assert!(run(&dir, &["explain", rule]).code == 0);
    }
}

#[test]
fn the_readme_has_a_line_for_each_format() {
    let help = run(&fixture("orders"), &["check", "--help"]).stdout;
    let (_, rest) = help.split_once("--format <FORMAT>").expect("there is an option `--format`");
    let listed = rest.lines().map(str::trim).skip_while(|line| !line.starts_with("- "));
    let formats: Vec<&str> = listed.map_while(|line| line.strip_prefix("- ")?.split(':').next()).collect();
    assert!(formats.len() > 5, "{help}");
    let readme = readme();
    let table = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let told: Vec<&str> = table.map(|(name, _)| name).filter(|name| formats.contains(name)).collect();
    assert_eq!(told, formats, "the formats of the README are those of the help");
}

#[test]
fn the_fixtures_give_what_they_were_made_for() {
    let report = |name: &str| -> Value {
        let ran = run(&fixture(name), &["check", "--no-cache", "--min-confidence", "low", "--format", "json"]);
        serde_json::from_str(&ran.stdout).expect("the report is JSON")
    };
    let clean = report("clean");
    assert_eq!((&clean["findings"], &clean["notifications"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    let orders = report("orders");
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_string();
    let line = |finding: &Value| {
        let [severity, rule, path, message] = ["severity", "rule", "path", "message"].map(|key| word(finding, key));
        format!("{severity}[{rule}] {path}:{}:{}\n    {message}\n", finding["line"], finding["column"])
    };
    let found: String = orders["findings"].as_array().expect("findings are a list").iter().map(line).collect();
    let kept = fs::read_to_string(fixture("orders").join("findings.txt")).unwrap_or_default();
    keep("fixtures/orders/findings.txt", &kept, &found);
}
