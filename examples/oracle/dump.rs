//! Runs the compiler and reads its dumps.

use crate::callee::at_depth_zero;
use crate::compiled::{Compiled, Seen, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

/// The pass that makes coroutines state machines: before it, the body is as written, and drops are where they happen.
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
            let body = std::fs::read_to_string(&path).expect("a dump can be read");
            compiled.calls.extend(calls(&body));
            compiled.awaits.extend(awaits(&body));
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

/// For each place where a coroutine is suspended, the types of the locals that hold something then. The compiler's own
/// list of what it keeps is longer: it has room for what was moved away, if it was ever borrowed.
fn awaits(body: &str) -> Vec<Seen> {
    if !body.contains("= yield(") {
        return Vec::new();
    }
    let (mut types, blocks) = parts_of(body);
    let captured: BTreeMap<u32, &str> = captures(body).collect();
    let mut before: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::from([(0, captured.keys().copied().collect())]);
    types.extend(captured);
    let (mut found, mut waiting) = (BTreeMap::new(), vec![0]);
    while let Some(block) = waiting.pop() {
        let mut held = before[&block].clone();
        for line in &blocks[block] {
            let (code, comment) = line.split_once("// ").unwrap_or((line, ""));
            for gone in ["move ", "drop(", "StorageDead("].iter().flat_map(|word| locals_after(code, word)) {
                held.remove(&gone);
            }
            for gone in ["move (_1.", "drop((_1."].iter().filter_map(|word| code.split_once(word)) {
                capture(gone.1).map(|(captured, _)| held.remove(&captured));
            }
            held.extend(code.split_once(" = ").and_then(|(target, _)| locals_after(target, "").next()));
            if code.contains("= yield(")
                && let Some(span) = comment.split_once(" at ").and_then(|(_, span)| Span::parse(span))
            {
                found.insert(span, held.clone());
            }
            for target in targets(code) {
                let is_new = !before.contains_key(&target);
                let known = before.entry(target).or_default();
                let size = known.len();
                known.extend(&held);
                if is_new || known.len() > size {
                    waiting.push(target);
                }
            }
        }
    }
    let what = |held: BTreeSet<u32>| held.iter().filter_map(|local| types.get(local)).copied().collect::<Vec<_>>();
    found.into_iter().map(|(span, held)| Seen { span, what: what(held).join("; ") }).collect()
}

/// What an `async` block has captured stays in the block itself: a number that no local has, and the type.
fn captures(body: &str) -> impl Iterator<Item = (u32, &str)> {
    let named = body.lines().filter_map(|line| line.trim().strip_prefix("debug ")?.split_once(" => (_1."));
    named.filter_map(|(_, place)| capture(place))
}

/// `0: Type)`.
fn capture(place: &str) -> Option<(u32, &str)> {
    const FIRST: u32 = 1 << 20;
    let (index, rest) = place.split_once(": ")?;
    Some((FIRST + index.parse::<u32>().ok()?, rest.split(");").next()?))
}

/// The types of the locals, and the lines of each block.
fn parts_of(body: &str) -> (BTreeMap<u32, &str>, Vec<Vec<&str>>) {
    let (mut types, mut blocks) = (BTreeMap::new(), Vec::new());
    for line in body.lines() {
        let code = line.split("// ").next().unwrap_or(line).trim();
        let declared = code.strip_prefix("let ").map(|rest| rest.trim_start_matches("mut "));
        if let Some((local, ty)) = declared.and_then(|rest| rest.strip_suffix(';')?.split_once(": ")) {
            types.extend(locals_after(local, "").next().map(|local| (local, ty)));
        } else if code.starts_with("bb") && code.ends_with('{') {
            blocks.push(Vec::new());
        } else if let Some(block) = blocks.last_mut() {
            block.push(line);
        }
    }
    (types, blocks)
}

/// The locals whose value, or a part of it, stands after a word; not what they point to.
fn locals_after(code: &str, word: &str) -> impl Iterator<Item = u32> {
    let starts =
        if word.is_empty() { vec![0] } else { code.match_indices(word).map(|(at, _)| at + word.len()).collect() };
    let local = |at: usize| {
        let rest = code[at..].trim_start().trim_start_matches('(').strip_prefix('_')?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    starts.into_iter().filter_map(local).collect::<Vec<u32>>().into_iter()
}

/// The blocks to which a terminator leads, but for the ways out when something panics.
fn targets(code: &str) -> impl Iterator<Item = usize> {
    let list = code.rsplit_once(" -> ").map_or("", |(_, list)| list);
    let is_way = |part: &&str| !part.trim_start().starts_with("unwind");
    let number = |part: &str| {
        let (_, number) = part.rsplit_once("bb")?;
        number.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok()
    };
    list.split(", ").filter(is_way).filter_map(number).collect::<Vec<usize>>().into_iter()
}
