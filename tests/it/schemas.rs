//! What the tool writes for programs, held against the schemas it is promised to fit.

use crate::command::{fixture, run};
use crate::pages;
use crate::workspaces;
use jsonschema::Validator;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// A schema of the `schemas` folder, with formats such as `uri` held too.
pub fn schema(name: &str) -> Validator {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    let text = fs::read_to_string(path).expect("the schema is there");
    // One pattern of the published schema, of a field that we do not write, has a bracket too many.
    let text = text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is well formed")
}

/// Where a text does not fit a schema; nothing when it does.
pub fn misfits(schema: &Validator, text: &str) -> Vec<String> {
    let value: Value = serde_json::from_str(text).expect("the report is JSON");
    schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn reports_of_all_examples_fit_both_schemas() {
    let (json, sarif) = (schema("report.schema.json"), schema("sarif-2.1.0.json"));
    let mut problems = Vec::new();
    for (place, example) in pages::all_checked() {
        let found = misfits(&json, &example.json).into_iter().chain(misfits(&sarif, &example.sarif));
        problems.extend(found.map(|problem| format!("{place}: {problem}")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn reports_of_whole_workspaces_fit_both_schemas() {
    for name in ["orders", "clean"] {
        for (format, schema_name) in [("json", "report.schema.json"), ("sarif", "sarif-2.1.0.json")] {
            let ran = run(&fixture(name), &["check", "--no-cache", "--format", format]);
            assert_eq!(misfits(&schema(schema_name), &ran.stdout), Vec::<String>::new(), "{name} as {format}");
        }
    }
}

#[test]
fn suppressed_findings_and_notifications_fit_both_schemas() {
    let mut files = workspaces::files(&workspaces::CYCLE);
    files.extend(workspaces::files(&[
        ("util/src/broken.rs", "pub fn f( {\n"),
        ("util/src/lost.rs", ""),
        ("scale-lint.toml", "[[allow]]\nrule = \"crate-cycle\"\npath = \"util/**\"\nreason = \"a test\"\n"),
    ]));
    files.push(("util/src/lib.rs".into(), "mod broken;\nmod missing;\npub fn retries() -> u32 { 3 }\n".into()));
    let dir = workspaces::workspace(&files);
    let json = run(dir.path(), &["check", "--no-cache", "--format", "json"]).stdout;
    assert_eq!(misfits(&schema("report.schema.json"), &json), Vec::<String>::new());
    let report: Value = serde_json::from_str(&json).expect("the report is JSON");
    let kinds: Vec<&str> = list(&report["notifications"]).iter().filter_map(|found| found["kind"].as_str()).collect();
    assert_eq!(kinds, ["unparsed-file", "missing-file", "unreached-file"]);
    let suppressed: Vec<&Value> = list(&report["findings"]).iter().map(|found| &found["suppressed"]["by"]).collect();
    assert_eq!(suppressed, ["config"]);
    let sarif = run(dir.path(), &["check", "--no-cache", "--format", "sarif"]).stdout;
    assert_eq!(misfits(&schema("sarif-2.1.0.json"), &sarif), Vec::<String>::new());
}

#[test]
fn the_schema_of_reports_is_closed() {
    let schema = schema("report.schema.json");
    let dir = workspaces::workspace(&workspaces::files(&workspaces::CYCLE));
    let report = run(dir.path(), &["check", "--no-cache", "--format", "json"]).stdout;
    let whole: Value = serde_json::from_str(&report).expect("the report is JSON");
    for place in ["", "/tool", "/workspace", "/findings/0", "/findings/0/related/0", "/summary"] {
        let mut changed = whole.clone();
        let object = changed.pointer_mut(place).and_then(Value::as_object_mut).expect("the report has the place");
        object.insert("surprise".into(), Value::Null);
        assert!(!schema.is_valid(&changed), "a field more at `{place}` is refused");
        let mut changed = whole.clone();
        let object = changed.pointer_mut(place).and_then(Value::as_object_mut).expect("the report has the place");
        let first = object.keys().next().cloned().expect("objects of the report have fields");
        object.remove(&first);
        assert!(!schema.is_valid(&changed), "a field less at `{place}` is refused");
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).expect("it is a list")
}
