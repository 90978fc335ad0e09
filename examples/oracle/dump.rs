//! Runs the compiler and reads its dumps.

use crate::callee::at_depth_zero;
use crate::compiled::{Compiled, Seen, Span};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// The pass that makes coroutines state machines: before it, the body is as written; after it, what is kept is known.
const PASS: &str = "StateTransform";

/// Compiles one crate and reads what the compiler says of it.
pub fn compile(folder: &Path, cargo_options: &[String]) -> Compiled {
    let dumps = std::env::temp_dir().join(format!("oracle-{}", std::process::id()));
    let mut command = Command::new("cargo");
    // Checking is enough, and asks only for the metadata of dependencies. Printing reaches bodies nobody calls.
    command.current_dir(folder).args(["rustc", "--profile", "check"]).args(cargo_options).arg("--");
    command.args(["-Zunpretty=mir", "-Zmir-include-spans=on", "-Ztrim-diagnostic-paths=no", "-Awarnings"]);
    command.arg(format!("-Zdump-mir={PASS}")).arg(format!("-Zdump-mir-dir={}", dumps.display()));
    command.env("RUSTC_BOOTSTRAP", "1").env_remove("RUSTFLAGS").stdout(Stdio::null());
    let status = command.status().expect("cargo runs");
    assert!(status.success(), "the crate does not compile");
    let compiled = read(&dumps);
    std::fs::remove_dir_all(&dumps).expect("the dumps can be removed");
    compiled
}

fn read(dumps: &Path) -> Compiled {
    let mut compiled = Compiled::default();
    for entry in std::fs::read_dir(dumps).expect("the compiler wrote dumps") {
        let path = entry.expect("the folder can be read").path();
        let name = path.to_string_lossy().into_owned();
        if name.ends_with(&format!("{PASS}.before.mir")) {
            compiled.calls.extend(calls(&std::fs::read_to_string(&path).expect("a dump can be read")));
        } else if name.ends_with(&format!("{PASS}.after.mir")) {
            compiled.awaits.extend(awaits(&std::fs::read_to_string(&path).expect("a dump can be read")));
        }
    }
    compiled
}

/// The calls of a body that stand in the source: their callee is written, so its span is not that of the whole call.
fn calls(body: &str) -> Vec<Seen> {
    let mut found = Vec::new();
    let mut lines = body.lines();
    while let Some(line) = lines.next() {
        let Some((callee, span)) = call(line) else { continue };
        let written = lines.by_ref().take(2).find_map(|line| Span::parse(line.trim().strip_prefix("// + span: ")?));
        if written.is_some_and(|written| written != span && written.path == span.path && written.end <= span.end) {
            found.push(Seen { span, what: callee.to_string() });
        }
    }
    found
}

/// `_3 = callee(arguments) -> [return: bb1, unwind: bb2]; // scope 0 at span`.
fn call(line: &str) -> Option<(&str, Span)> {
    let (code, comment) = line.rsplit_once("// scope ")?;
    let code = &code[..code.rfind(") -> ")?];
    let (_, span) = comment.split_once(" at ")?;
    let value = &code[at_depth_zero(code, " = ")? + 3..];
    let callee = &value[..at_depth_zero(value, "(")?];
    let is_operand = ["copy ", "move ", "yield", "const "].iter().any(|word| value.starts_with(word));
    (!is_operand && !callee.is_empty()).then_some((callee, Span::parse(span)?))
}

/// For each place where a coroutine is suspended, the types of what it keeps.
fn awaits(body: &str) -> Vec<Seen> {
    let Some((layout, code)) = body.split_once("} */") else { return Vec::new() };
    let (types, variants) = layout_of(layout);
    let mut found = Vec::new();
    for line in code.lines() {
        let Some((code, comment)) = line.split_once("// scope ") else { continue };
        let Some((target, state)) = code.trim_end_matches([' ', ';']).split_once(") = ") else { continue };
        let Some(kept) = target.trim().strip_prefix("discriminant(").and_then(|_| variants.get(state)) else {
            continue;
        };
        let Some(span) = comment.split_once(" at ").and_then(|(_, span)| Span::parse(span)) else { continue };
        let kept: Vec<&str> = kept.iter().filter_map(|name| types.get(name)).copied().collect();
        found.push(Seen { span, what: kept.join("; ") });
    }
    found
}

type Layout<'t> = (BTreeMap<&'t str, &'t str>, BTreeMap<&'t str, Vec<&'t str>>);

/// The type of each thing kept, and what is kept in each state. Types of futures, which span lines, are left out.
fn layout_of(text: &str) -> Layout<'_> {
    let (mut types, mut variants, mut field) = (BTreeMap::new(), BTreeMap::new(), "");
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(": CoroutineSavedTy {") {
            field = name;
        } else if let Some(ty) = line.strip_prefix("ty: ").and_then(|rest| rest.strip_suffix(',')) {
            types.entry(field).or_insert(ty);
        } else if let Some((state, kept)) = line.strip_prefix("Suspend").and_then(|rest| rest.split_once("): [")) {
            let (_, number) = state.split_once('(').unwrap_or_default();
            variants.insert(number, kept.trim_end_matches("],").split(", ").collect());
        }
    }
    (types, variants)
}
