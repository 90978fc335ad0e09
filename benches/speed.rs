//! How fast a run is, as ratios to what no run can do without, taken side by side so that they hold on any machine.
//!
//! `cargo bench` prints them. A cold run is held against reading and parsing each file once on all cores; a warm run
//! against asking cargo for the packages and looking at the time of each file.

use rayon::prelude::*;
use scale_lint::engine::{self, Options};
use scale_lint::extract::STACK_SIZE;
use scale_lint::workspace::Locate;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};
use walkdir::WalkDir;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Copies of the fixture's four packages.
const COPIES: usize = 60;
const ROUNDS: usize = 7;
const PACKAGES: [&str; 4] = ["api", "domain", "store", "worker"];

fn main() {
    // Asked by `cargo test` whether the benches work at all.
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let dir = tempfile::TempDir::new().expect("a temporary folder can be made");
    generate(dir.path());
    let files = sources(dir.path());
    let bytes: u64 = files.iter().filter_map(|file| fs::metadata(file).ok()).map(|data| data.len()).sum();
    println!("{} packages, {} files, {} kB", COPIES * PACKAGES.len(), files.len(), bytes / 1000);
    let (mut parse, mut cold, mut look, mut warm) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        parse.push(timed(|| parse_all(&files)));
        fs::remove_dir_all(dir.path().join("target")).ok();
        cold.push(timed(|| lint(dir.path())));
        look.push(timed(|| look_at(dir.path())));
        warm.push(timed(|| lint(dir.path())));
    }
    let [parse, cold, look, warm] = [parse, cold, look, warm].map(median);
    println!("parse once           {:7.1} ms", milliseconds(parse));
    println!("cold run             {:7.1} ms  {:5.2} times parsing once", milliseconds(cold), ratio(cold, parse));
    println!("cargo and file times {:7.1} ms", milliseconds(look));
    println!(
        "warm run             {:7.1} ms  {:5.2} times cargo and file times",
        milliseconds(warm),
        ratio(warm, look)
    );
}

/// Writes a workspace of many services, older than any cache of it.
fn generate(root: &Path) {
    let fixture = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/orders");
    let manifest = fs::read_to_string(fixture.join("Cargo.toml")).expect("the fixture has a manifest");
    let shared = manifest.lines().filter(|line| !line.starts_with("orders-")).collect::<Vec<_>>().join("\n");
    write(&root.join("Cargo.toml"), &shared);
    fs::copy(fixture.join("Cargo.lock"), root.join("Cargo.lock")).expect("the fixture has a lock file");
    for copy in 0..COPIES {
        for package in PACKAGES {
            let (from, to) = (fixture.join("crates").join(package), root.join(format!("crates/{package}-{copy}")));
            for file in WalkDir::new(&from).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
                let text = fs::read_to_string(file.path()).expect("fixtures are text");
                let inside = file.path().strip_prefix(&from).expect("the walk stays inside");
                let text = if inside == Path::new("Cargo.toml") { renamed(&text, copy) } else { text };
                write(&to.join(inside), &text);
            }
        }
    }
}

/// A manifest of one copy: its own name, and dependencies on the packages of the same copy.
fn renamed(manifest: &str, copy: usize) -> String {
    let line = |line: &str| {
        let dependency = line.strip_prefix("orders-").and_then(|rest| rest.strip_suffix(".workspace = true"));
        match (dependency, line.strip_prefix("name = \"").and_then(|rest| rest.strip_suffix('"'))) {
            (Some(name), _) => {
                format!("orders-{name} = {{ package = \"orders-{name}-{copy}\", path = \"../{name}-{copy}\" }}\n")
            }
            (None, Some(name)) => format!("name = \"{name}-{copy}\"\n"),
            (None, None) => format!("{line}\n"),
        }
    };
    manifest.lines().map(line).collect()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("files are in folders")).expect("folders can be made");
    fs::write(path, text).expect("files can be written");
    let file = fs::File::options().write(true).open(path).expect("the file is there");
    let old = SystemTime::now() - Duration::from_secs(3600);
    file.set_modified(old).expect("times can be set");
}

fn sources(root: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(root).into_iter().flatten().map(walkdir::DirEntry::into_path);
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

fn parse_all(files: &[PathBuf]) {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_SIZE).build().expect("threads can be started");
    pool.install(|| {
        files.par_iter().for_each(|file| {
            let text = fs::read_to_string(file).expect("sources are text");
            drop(syn::parse_file(&text).expect("sources parse"));
            proc_macro2::extra::invalidate_current_thread_spans();
        });
    });
}

fn look_at(root: &Path) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).current_dir(root);
    assert!(command.output().expect("cargo runs").status.success(), "cargo knows the workspace");
    let files = WalkDir::new(root.join("crates")).into_iter().flatten();
    assert!(files.filter_map(|entry| entry.metadata().ok()).count() > 0);
}

fn lint(root: &Path) {
    let locate = Locate { current_dir: root.to_path_buf(), ..Locate::default() };
    let outcome = engine::run(&Options { locate, cache: true, ..Options::default() }).expect("the workspace loads");
    assert!(outcome.findings.len() >= COPIES, "each copy has its findings");
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn ratio(time: Duration, floor: Duration) -> f64 {
    time.as_secs_f64() / floor.as_secs_f64()
}
