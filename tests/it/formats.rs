//! Every format, read back by somebody else's parser: it says what the JSON report says, whatever the sources hold.

use crate::command::{finish, fixture, program, run};
use crate::schemas::{misfits, schema};
use crate::workspaces::{self, CYCLE, files, workspace};
use scale_lint::report::{displayable, sarif};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Signs that end something in one format or another.
const SIGNS: &str = "::error::x]]><script>&amp;\"'`|%0A%0D--> @me #1 [a](b) é😀";

/// A workspace whose path and messages try to break out: two findings in an oddly named file, one on an odd line.
fn hostile() -> TempDir {
    let name = format!("a\n::error file=b,line=1::c {} \u{1b}[31m\u{202e}", SIGNS.replace('/', ""));
    let lib = format!("#[path = {name_rs:?}]\nmod odd;\n", name_rs = format!("{name}.rs"));
    let odd = format!(
        "// scale-lint: allow({}) why\npub const A: &str = \"é😀\"; // scale-lint: allow(crate-cycle)\r\n",
        SIGNS.replace(')', "\u{1b}[31m\u{202e}").replace('(', "")
    );
    let manifest = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let mut all = files(&[("Cargo.toml", manifest), ("src/lib.rs", &lib)]);
    all.push((format!("src/{name}.rs"), odd));
    workspace(&all)
}

fn check(dir: &Path, format: &str) -> String {
    run(dir, &["check", "--no-cache", "--no-cargo", "--format", format]).stdout
}

fn json(dir: &Path, format: &str) -> Value {
    serde_json::from_str(&check(dir, format)).expect("the report is JSON")
}

/// The findings of the JSON report that count.
fn findings(dir: &Path) -> Vec<Value> {
    let report = json(dir, "json");
    list(&report["findings"]).iter().filter(|found| found["suppressed"].is_null()).cloned().collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn word<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("there is a text at {pointer} of {value}"))
}

fn number(value: &Value, pointer: &str) -> u64 {
    value
        .pointer(pointer)
        .and_then(Value::as_u64)
        .unwrap_or_else(|| panic!("there is a number at {pointer} of {value}"))
}

/// Does something with a plain workspace and with the hostile one; each has findings.
fn in_both(check: impl Fn(&Path, &[Value])) {
    let (orders, hostile) = (fixture("orders"), hostile());
    for dir in [orders.as_path(), hostile.path()] {
        let findings = findings(dir);
        assert!(findings.len() >= 2, "{findings:?}");
        check(dir, &findings);
    }
}

/// A workflow command as the runner of GitHub reads it: what it is, its properties, and its message.
fn command(line: &str) -> (String, Vec<(String, String)>, String) {
    let rest = line.strip_prefix("::").unwrap_or_else(|| panic!("`{line}` is no command"));
    let (head, message) = rest.split_once("::").expect("a command has a message");
    let (kind, properties) = head.split_once(' ').expect("a command has properties");
    let plain = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let property = |pair: &str| {
        let (name, value) = pair.split_once('=').expect("a property has a value");
        (name.to_string(), plain(value).replace("%3A", ":").replace("%2C", ",").replace("%25", "%"))
    };
    let properties = properties.split(',').map(property).collect();
    (kind.to_string(), properties, plain(message).replace("%25", "%"))
}

#[test]
fn github_reads_each_annotation_as_it_is_meant() {
    in_both(|dir, findings| {
        let text = check(dir, "github");
        assert_eq!(text.lines().count(), findings.len(), "{text}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}'), "{text:?}");
        let mut messages = BTreeSet::new();
        for line in text.lines() {
            let (kind, properties, message) = command(line);
            assert!(["error", "warning", "notice"].contains(&kind.as_str()), "{line}");
            let names: Vec<&str> = properties.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["file", "line", "endLine", "col", "endColumn", "title"]);
            messages.insert((
                properties[0].1.clone(),
                properties[1].1.clone(),
                message.lines().next().map(String::from),
            ));
        }
        for found in findings {
            let prefix = if dir == fixture("orders") { "fixtures/orders/" } else { "" };
            let path = format!("{prefix}{}", displayable(word(found, "/path")));
            let expected = (path, number(found, "/line").to_string(), Some(displayable(word(found, "/message"))));
            assert!(messages.contains(&expected), "{expected:?} is not in {messages:?}");
        }
    });
}

/// A package with as many findings of one kind.
fn many(count: usize) -> TempDir {
    let manifest = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let lines = "// scale-lint: allow(crate-cycle)\npub fn f() {}\n".repeat(count);
    workspace(&files(&[("Cargo.toml", manifest), ("src/lib.rs", &lines)]))
}

#[test]
fn github_gets_no_more_annotations_than_it_shows_and_all_in_the_summary() {
    let dir = many(25);
    let summary = dir.path().join("summary.md");
    fs::write(&summary, "before\n").expect("files can be written");
    let args = ["check", "--no-cache", "--no-cargo", "--format", "github"];
    let text = finish(program(dir.path()).args(args).env("GITHUB_STEP_SUMMARY", &summary)).stdout;
    assert_eq!(text.lines().filter(|line| line.starts_with("::warning ")).count(), 10, "{text}");
    let last = text.lines().last().expect("there are commands");
    assert_eq!(last, "::notice title=scale-lint::15 more findings not shown here: see the summary of the job");
    let summary = fs::read_to_string(summary).expect("the summary is there");
    assert!(summary.starts_with("before\n## scale-lint: 25 warnings\n"), "{summary}");
    assert_eq!(summary.matches("\n| warning |").count(), 25);
}

#[test]
fn gitlab_gets_all_that_it_requires() {
    in_both(|dir, findings| {
        let report = json(dir, "gitlab");
        assert_eq!(list(&report).len(), findings.len());
        let prints: BTreeSet<&str> = list(&report).iter().map(|issue| word(issue, "/fingerprint")).collect();
        assert_eq!(prints.len(), findings.len(), "GitLab merges issues with the same fingerprint");
        for (issue, found) in list(&report).iter().zip(findings) {
            assert!(word(issue, "/description").ends_with(&displayable(word(found, "/message"))));
            assert_eq!(issue["check_name"], found["rule"]);
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&word(issue, "/severity")));
            assert!(word(issue, "/location/path").ends_with(word(found, "/path")));
            assert_eq!(issue["location"]["lines"]["begin"], found["line"]);
        }
    });
}

/// The elements of a name, after a look at the whole document.
fn elements<'d>(document: &'d roxmltree::Document<'_>, name: &str) -> Vec<roxmltree::Node<'d, 'd>> {
    let hostile = |text: &str| text.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}');
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(node.tag_name().name() != "script");
        assert!(!node.attributes().any(|attribute| hostile(attribute.value())), "{node:?}");
        assert!(!node.text().is_some_and(hostile), "{node:?}");
    }
    document.descendants().filter(|node| node.has_tag_name(name)).collect()
}

#[test]
fn junit_has_a_failed_test_for_each_finding() {
    in_both(|dir, findings| {
        let text = check(dir, "junit");
        let document = roxmltree::Document::parse(&text).expect("the report is XML");
        let root = document.root_element();
        assert_eq!(
            (root.tag_name().name(), root.attribute("failures")),
            ("testsuites", Some(&*findings.len().to_string()))
        );
        let cases = elements(&document, "testcase");
        for (case, found) in cases.iter().zip(findings) {
            assert_eq!(case.attribute("file"), Some(displayable(word(found, "/path")).as_str()));
            assert_eq!(case.attribute("line"), Some(&*number(found, "/line").to_string()));
            let failure = case.first_element_child().expect("the test has failed");
            assert_eq!(failure.attribute("message"), Some(displayable(word(found, "/message")).as_str()));
            assert_eq!(failure.text().and_then(|text| text.lines().next()), failure.attribute("message"));
        }
        assert_eq!(cases.len(), findings.len());
    });
    let clean = check(&fixture("clean"), "junit");
    let document = roxmltree::Document::parse(&clean).expect("the report is XML");
    assert_eq!(document.root_element().attribute("tests"), Some("1"), "a report without tests is refused");
    assert!(elements(&document, "failure").is_empty());
}

#[test]
fn checkstyle_has_an_error_for_each_finding_below_its_file() {
    in_both(|dir, findings| {
        let text = check(dir, "checkstyle");
        let document = roxmltree::Document::parse(&text).expect("the report is XML");
        let errors = elements(&document, "error");
        for (error, found) in errors.iter().zip(findings) {
            let file = error.parent_element().and_then(|file| file.attribute("name"));
            assert_eq!(file, Some(displayable(word(found, "/path")).as_str()));
            assert_eq!(error.attribute("column"), Some(&*number(found, "/column").to_string()));
            assert_eq!(error.attribute("source"), Some(&*format!("scale-lint.{}", word(found, "/rule"))));
            let message = error.attribute("message").expect("errors have messages");
            assert!(message.starts_with(&displayable(word(found, "/message"))), "{message}");
        }
        assert_eq!(errors.len(), findings.len());
    });
}

/// The text that a finding marks, cut out by lines and columns of the JSON report.
fn marked(dir: &Path, found: &Value) -> String {
    let text = fs::read_to_string(dir.join(word(found, "/path"))).expect("findings are in files");
    let line = text.split('\n').nth(number(found, "/line") as usize - 1).expect("the line is there");
    let (from, to) = (number(found, "/column") as usize - 1, number(found, "/end_column") as usize - 1);
    line.chars().skip(from).take(to - from).collect()
}

#[test]
fn reviewdog_gets_what_its_schema_says_with_columns_in_bytes() {
    let schema = schema("rdjson.schema.json");
    in_both(|dir, findings| {
        let text = check(dir, "rdjson");
        assert_eq!(misfits(&schema, &text), Vec::<String>::new());
        let report: Value = serde_json::from_str(&text).expect("the report is JSON");
        assert_eq!(list(&report["diagnostics"]).len(), findings.len());
        for (diagnostic, found) in list(&report["diagnostics"]).iter().zip(findings) {
            assert_eq!(diagnostic["location"]["path"], found["path"]);
            assert_eq!(diagnostic["code"]["value"], found["rule"]);
            let range = &diagnostic["location"]["range"];
            let source = fs::read_to_string(dir.join(word(found, "/path"))).expect("findings are in files");
            let line = source.split('\n').nth(number(range, "/start/line") as usize - 1).expect("the line is there");
            let (from, to) = (number(range, "/start/column") as usize - 1, number(range, "/end/column") as usize - 1);
            assert_eq!(line[from..to], marked(dir, found));
        }
    });
}

#[test]
fn sonar_gets_rules_and_issues_with_columns_in_utf_16() {
    in_both(|dir, findings| {
        let report = json(dir, "sonar");
        let rules: BTreeSet<&str> = list(&report["rules"]).iter().map(|rule| word(rule, "/id")).collect();
        for rule in list(&report["rules"]) {
            for field in ["/name", "/description", "/engineId", "/cleanCodeAttribute", "/type", "/severity"] {
                assert!(!word(rule, field).is_empty());
            }
            assert!(["HIGH", "MEDIUM", "LOW"].contains(&word(rule, "/impacts/0/severity")));
            assert_eq!(word(rule, "/impacts/0/softwareQuality"), "RELIABILITY");
        }
        assert_eq!(list(&report["issues"]).len(), findings.len());
        for (issue, found) in list(&report["issues"]).iter().zip(findings) {
            assert!(rules.contains(word(issue, "/ruleId")));
            let place = &issue["primaryLocation"];
            assert_eq!(place["filePath"], found["path"]);
            assert!(word(place, "/message").starts_with(&displayable(word(found, "/message"))));
            let range = &place["textRange"];
            let source = fs::read_to_string(dir.join(word(found, "/path"))).expect("findings are in files");
            let line = source.split('\n').nth(number(range, "/startLine") as usize - 1).expect("the line is there");
            let units: Vec<u16> = line.encode_utf16().collect();
            let columns = number(range, "/startColumn") as usize..number(range, "/endColumn") as usize;
            assert_eq!(String::from_utf16(&units[columns]).expect("columns are whole"), marked(dir, found));
        }
    });
}

#[test]
fn markdown_has_a_row_for_each_finding_and_nothing_of_its_own_accord() {
    in_both(|dir, findings| {
        let text = check(dir, "markdown");
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(rows.len(), findings.len() + 1, "{text}");
        for row in rows {
            assert_eq!(row.matches('|').count(), 5, "{row}");
            assert!(!row.contains("@me") && !row.contains("#1 "), "{row}");
            let ours = ["<code>", "</code>", "<br>", "<!-- -->"];
            let text = ours.iter().fold(row.to_string(), |row, tag| row.replace(tag, ""));
            let signs = ['<', '>', '`', '\\', '*', '~', '!', '$', '\u{1b}', '\u{202e}'];
            assert!(!text.contains(signs), "{row}");
            assert_eq!(text.matches('[').count(), text.matches("](https://docs.rs/").count(), "{row}");
        }
    });
    let clean = check(&fixture("clean"), "markdown");
    assert!(clean.starts_with("## scale-lint: nothing to report\n"), "{clean}");
}

#[test]
fn sarif_has_the_hash_of_the_line_and_paths_from_the_repository() {
    in_both(|dir, findings| {
        let log = json(dir, "sarif");
        for (result, found) in list(&log["runs"][0]["results"]).iter().zip(findings) {
            let hash = word(result, "/partialFingerprints/primaryLocationLineHash");
            let (hash, count) = hash.split_once(':').expect("a hash and a count");
            assert!(u64::from_str_radix(hash, 16).is_ok() && count.parse::<u32>().is_ok_and(|count| count > 0));
            let uri = word(result, "/locations/0/physicalLocation/artifactLocation/uri");
            if dir == fixture("orders") {
                assert_eq!(uri, format!("fixtures/orders/{}", word(found, "/path")));
            }
            assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
        }
    });
}

#[test]
fn sarif_marks_suppressed_findings_when_asked_for_them() {
    let allow = "[[allow]]\nrule = \"crate-cycle\"\npackage = \"util\"\nreason = \"a test\"\n";
    let dir = workspace(&[files(&CYCLE), files(&[("scale-lint.toml", allow)])].concat());
    let text = run(dir.path(), &["check", "--no-cache", "--format", "sarif", "--include-suppressed"]).stdout;
    assert_eq!(misfits(&schema("sarif-2.1.0.json"), &text), Vec::<String>::new());
    let log: Value = serde_json::from_str(&text).expect("the log is JSON");
    let [result] = list(&log["runs"][0]["results"]) else { panic!("{log}") };
    assert_eq!(result["suppressions"], serde_json::json!([{ "kind": "external", "justification": "a test" }]));
}

#[test]
fn sarif_keeps_the_worst_when_there_are_too_many() {
    let dir = workspace(&files(&CYCLE));
    let mut outcome = workspaces::run(dir.path());
    let warning = outcome.findings[0].clone();
    let error = scale_lint::finding::Finding { severity: scale_lint::finding::Severity::Error, ..warning.clone() };
    outcome.findings = [vec![warning; 25_000], vec![error; 2]].concat();
    let text = sarif::report(&workspaces::report(&outcome), sarif::Suppressed::LeftOut);
    let log: Value = serde_json::from_str(&text).expect("the log is JSON");
    let levels: Vec<&str> = list(&log["runs"][0]["results"]).iter().map(|result| word(result, "/level")).collect();
    assert_eq!((levels.len(), levels.iter().filter(|level| **level == "error").count()), (25_000, 2));
    let notification = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(word(notification, "/descriptor/id"), "truncated");
    assert!(word(notification, "/message/text").starts_with("2 of 25002 findings are left out"));
}

#[test]
fn one_run_writes_several_reports() {
    let dir = fixture("orders");
    let out = TempDir::new().expect("a temporary folder can be made");
    let formats = ["json", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson", "sonar", "markdown", "human"];
    let mut args = vec!["check".to_string(), "--no-cache".into()];
    for format in formats {
        args.extend(["--output".into(), format!("{format}={}", out.path().join(format).display())]);
    }
    let ran = run(&dir, &args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ran, run(&dir, &["check", "--no-cache"]), "beside what is printed");
    assert_eq!(ran.code, 1, "the files are written all the same");
    for format in formats {
        let written = fs::read_to_string(out.path().join(format)).expect("the file is written");
        let printed = run(&dir, &["check", "--no-cache", "--format", format]);
        assert_eq!((written, 1), (printed.stdout, printed.code), "{format}");
    }
    let dashed = run(&dir, &["check", "--no-cache", "--output", "gitlab=-"]);
    assert_eq!(dashed.stdout, run(&dir, &["check", "--no-cache", "--format", "gitlab"]).stdout);
}

#[test]
fn outputs_that_cannot_be_are_refused_with_help() {
    let dir = workspace(&files(&CYCLE));
    for (outputs, said) in [
        (&["sarf=a.json"][..], &["there is no format `sarf`", "help: did you mean `sarif`?"][..]),
        (&["text=a.txt"], &["help: the formats are human, json, sarif, github"]),
        (&["sarif"], &["does not say where to", "help: name a format and a file"]),
        (&["sarif="], &["does not say where to"]),
        (&["sarif=-", "json=-"], &["only one report", "help: give the others a file"]),
        (&["sarif=a.json", "json=a.json"], &["cannot both be written to `a.json`", "help: give each"]),
        (&["json=gone/a.json"], &["`gone/a.json` cannot be written: ", "help: name a file in a folder that exists"]),
        (&["json=util"], &["`util` cannot be written: "]),
    ] {
        let outputs = outputs.iter().flat_map(|output| ["--output", output]);
        let ran = run(dir.path(), &["check", "--no-cache"].into_iter().chain(outputs).collect::<Vec<_>>());
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
        for text in said {
            assert!(ran.stderr.contains(text), "`{text}` is not in:\n{}", ran.stderr);
        }
    }
    let twice = run(dir.path(), &["check", "--no-cache", "--format", "json", "--output", "sarif=-"]);
    assert!(twice.code == 2 && twice.stderr.contains("only one report"), "{twice:?}");
}

/// A text without what lies between two places, whose columns count characters.
fn without(text: &str, [line, column, end_line, end_column]: [u64; 4]) -> String {
    let offset = |line: u64, column: u64| {
        let before: usize = text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
        before + text[before..].chars().take(column as usize - 1).map(char::len_utf8).sum::<usize>()
    };
    [&text[..offset(line, column)], &text[offset(end_line, end_column)..]].concat()
}

#[test]
fn fixes_leave_no_trace_of_what_they_remove() {
    let comment = "// scale-lint: allow(crate-cycle) it was once";
    let manifest = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let [sarif, rdjson] = ["sarif-2.1.0.json", "rdjson.schema.json"].map(schema);
    for (before, after) in [
        (format!("fn f() {{\n    {comment}\n    g();\n}}\n"), "fn f() {\n    g();\n}\n"),
        (format!("fn f() {{\r\n\tg(\"é😀\"); {comment}\r\n}}\r\n"), "fn f() {\r\n\tg(\"é😀\");\r\n}\r\n"),
        (format!("{comment}\r\nfn f() {{}}\r\n"), "fn f() {}\r\n"),
        (format!("\u{feff}{comment}\nfn f() {{}}\n"), "\u{feff}fn f() {}\n"),
        (format!("fn f() {{}}\n  {comment}"), "fn f() {}\n"),
    ] {
        let dir = workspace(&files(&[("Cargo.toml", manifest), ("src/lib.rs", &before)]));
        let text = check(dir.path(), "sarif");
        assert_eq!(misfits(&sarif, &text), Vec::<String>::new());
        let log: Value = serde_json::from_str(&text).expect("the log is JSON");
        let change = &log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
        assert_eq!(word(change, "/artifactLocation/uri"), "src/lib.rs");
        let region = &change["replacements"][0]["deletedRegion"];
        let place = ["/startLine", "/startColumn", "/endLine", "/endColumn"].map(|key| number(region, key));
        let body = before.trim_start_matches('\u{feff}');
        assert_eq!(without(body, place), after.trim_start_matches('\u{feff}'), "{before:?}");
        let text = check(dir.path(), "rdjson");
        assert_eq!(misfits(&rdjson, &text), Vec::<String>::new());
        assert!(text.contains("\"suggestions\""), "{text}");
        let messages = run(dir.path(), &["--no-cache", "--no-cargo", "--message-format", "json"]).stdout;
        let message: Value = serde_json::from_str(messages.lines().next().unwrap_or_default()).expect("a message");
        let mut spans = list(&message["message"]["children"]).iter().flat_map(|child| list(&child["spans"]));
        let fix = spans.find(|span| span["suggestion_applicability"] == "MachineApplicable").expect("a fix");
        let range = number(fix, "/byte_start") as usize..number(fix, "/byte_end") as usize;
        assert_eq!([&before[..range.start], &before[range.end..]].concat(), after, "{before:?}");
    }
}
