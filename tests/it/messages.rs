//! Messages in cargo's own shape, read back as editors read them.

use crate::command::{Ran, fixture, run};
use crate::workspaces::{files, workspace};
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};
use cargo_metadata::{CompilerMessage, Message, Metadata, MetadataCommand};
use tempfile::TempDir;

const MANIFEST: &str = "[package]\nname = \"my-shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
/// Compiles with a warning, and has one finding.
const SOURCE: &str = "pub fn f() {\n    let unused = \"é😀\"; // scale-lint: allow(crate-cycle)\n}\n";

fn package(source: &str) -> TempDir {
    workspace(&files(&[("Cargo.toml", MANIFEST), ("Cargo.lock", "version = 4\n"), ("src/lib.rs", source)]))
}

/// All messages; every line is one that cargo's own readers understand.
fn messages(ran: &Ran) -> Vec<Message> {
    let read = Message::parse_stream(ran.stdout.as_bytes()).map(|message| message.expect("texts can be read"));
    let messages: Vec<Message> = read.collect();
    for message in &messages {
        assert!(!matches!(message, Message::TextLine(_)), "{message:?}");
    }
    messages
}

fn compiler(messages: &[Message]) -> Vec<&CompilerMessage> {
    let mut found = Vec::new();
    for message in messages {
        if let Message::CompilerMessage(message) = message {
            found.push(message);
        }
    }
    found
}

fn is_ours(message: &CompilerMessage) -> bool {
    message.message.code.as_ref().is_some_and(|code| code.code.starts_with("scale_lint::"))
}

fn finished(messages: &[Message]) -> bool {
    let ends: Vec<bool> = messages
        .iter()
        .filter_map(|message| match message {
            Message::BuildFinished(finished) => Some(finished.success),
            _ => None,
        })
        .collect();
    assert!(matches!(messages.last(), Some(Message::BuildFinished(_))) && ends.len() == 1, "{messages:?}");
    ends[0]
}

#[test]
fn findings_come_after_what_the_compiler_says() {
    let dir = package(SOURCE);
    for clippy in [None, Some("--clippy")] {
        let args = ["check", "--no-cache", "--message-format", "json"].into_iter().chain(clippy);
        let ran = run(dir.path(), &args.collect::<Vec<_>>());
        let messages = messages(&ran);
        let said = compiler(&messages);
        let [theirs, ours] = said.as_slice() else { panic!("{ran:?}") };
        assert!(!is_ours(theirs) && is_ours(ours), "{ran:?}");
        assert_eq!((&ours.package_id, &ours.target), (&theirs.package_id, &theirs.target), "of the same crate");
        let theirs = messages.iter().any(|message| matches!(message, Message::CompilerArtifact(_)));
        assert!(theirs, "all of cargo's messages are passed on");
        assert_eq!((finished(&messages), ran.code), (true, 0));
    }
}

#[test]
fn when_the_code_does_not_compile_both_are_heard() {
    let dir = package(&SOURCE.replace("let unused", "let unused: u8"));
    let ran = run(dir.path(), &["check", "--no-cache", "--message-format", "json"]);
    let messages = messages(&ran);
    let said = compiler(&messages);
    assert!(said.iter().any(|message| !is_ours(message) && message.message.level == DiagnosticLevel::Error), "{ran:?}");
    assert_eq!(said.iter().filter(|message| is_ours(message)).count(), 1);
    assert_eq!((finished(&messages), ran.code), (false, 1));
    let broken = workspace(&files(&[("Cargo.toml", MANIFEST), ("src/lib.rs", SOURCE), ("scale-lint.toml", "x = 1\n")]));
    let ran = run(broken.path(), &["check", "--no-cache", "--message-format", "json"]);
    let messages = self::messages(&ran);
    assert_eq!((compiler(&messages).len(), finished(&messages), ran.code), (1, false, 2), "{ran:?}");
    assert!(ran.stderr.contains("unknown field `x`"), "{}", ran.stderr);
}

#[test]
fn options_are_passed_on_to_cargo() {
    let dir = package(SOURCE);
    let ran = run(dir.path(), &["--no-cache", "--message-format", "json", "--", "--all-targets"]);
    let tests = |message: &Message| matches!(message, Message::CompilerArtifact(artifact) if artifact.profile.test);
    assert!(messages(&ran).iter().any(tests), "{ran:?}");
    let ran = run(dir.path(), &["--no-cache", "--", "--all-targets"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    let two = run(dir.path(), &["--no-cache", "--message-format", "json", "--format", "json"]);
    assert!(two.code == 2 && two.stderr.contains("only one report"), "{two:?}");
}

/// What cargo itself says of the fixture.
fn described_by_cargo() -> Metadata {
    let mut command = MetadataCommand::new();
    command.current_dir(fixture("orders")).no_deps().other_options(vec!["--offline".to_string()]);
    command.exec().expect("cargo describes the fixture")
}

#[test]
fn a_finding_is_told_with_all_its_places() {
    let ran = run(&fixture("orders"), &["check", "--no-cache", "--no-cargo", "--message-format", "json"]);
    let messages = messages(&ran);
    let described = described_by_cargo();
    let report: serde_json::Value =
        serde_json::from_str(&run(&fixture("orders"), &["check", "--no-cache", "--format", "json"]).stdout)
            .expect("the report is JSON");
    let findings = report["findings"].as_array().expect("findings are a list");
    assert_eq!(compiler(&messages).len(), findings.len());
    for (message, found) in compiler(&messages).into_iter().zip(findings) {
        let Diagnostic { message: said, spans, children, rendered, .. } = &message.message;
        assert_eq!(found["message"], said.as_str());
        let package = described.packages.iter().find(|package| package.name.as_str() == found["package"]);
        assert_eq!(Some(&message.package_id), package.map(|package| &package.id));
        assert!(message.target.src_path.as_std_path().is_absolute() && message.target.src_path.exists());
        assert!(rendered.as_ref().is_some_and(|drawn| drawn.contains("] ") || drawn.contains("[")));
        assert!(spans[0].is_primary && spans[1..].iter().all(|span| !span.is_primary && span.label.is_some()));
        assert_eq!(spans.len(), 1 + found["related"].as_array().map_or(0, Vec::len));
        let of_level = |level| children.iter().filter(move |child| child.level == level);
        let steps = of_level(DiagnosticLevel::Note).filter(|child| child.spans.len() == 1).count();
        assert_eq!(steps, found["trace"].as_array().map_or(0, Vec::len));
        assert!(of_level(DiagnosticLevel::Help).any(|child| child.message.contains("https://docs.rs/")));
        for span in spans.iter().chain(children.iter().flat_map(|child| &child.spans)) {
            let source = std::fs::read_to_string(fixture("orders").join(&span.file_name)).expect("spans are in files");
            let marked = &source[span.byte_start as usize..span.byte_end as usize];
            let shown: Vec<String> = span
                .text
                .iter()
                .map(|line| {
                    let marked = line.text.chars().skip(line.highlight_start - 1);
                    marked.take(line.highlight_end - line.highlight_start).collect()
                })
                .collect();
            assert_eq!(shown.join("\n"), marked);
        }
    }
}
