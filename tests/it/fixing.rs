//! `--fix` as it treats files and their repository: what it refuses, and what it leaves as it was.

use crate::command::{Ran, run};
use crate::diff_base::{commit, git, put, repository};
use crate::workspaces::{files, workspace};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
const COMMENT: &str = "// scale-lint: allow(crate-cycle) it was once";

fn sources(lib: &str) -> Vec<(String, String)> {
    files(&[("Cargo.toml", MANIFEST), ("src/lib.rs", lib)])
}

fn lib() -> String {
    format!("fn f() {{\n    {COMMENT}\n    g();\n}}\n")
}

fn fix(dir: &Path, more: &[&str]) -> Ran {
    run(dir, &[&["check", "--no-cargo", "--no-cache", "--fix"], more].concat())
}

fn text(dir: &Path) -> String {
    fs::read_to_string(dir.join("src/lib.rs")).expect("there is a source")
}

fn refuses(dir: &Path, more: &[&str], why: &str) {
    let before = text(dir);
    let ran = fix(dir, more);
    let shown = ran.stderr.replace("\n  │ ", " ").replace("\n        ", " ");
    assert!(ran.code == 2 && shown.contains(why) && shown.contains("help: "), "{ran:?}");
    assert_eq!(text(dir), before);
}

fn mends(dir: &Path, more: &[&str]) {
    let ran = fix(dir, more);
    assert!(ran.code == 0 && ran.stdout.starts_with("nothing to report, 1 fixed ("), "{ran:?}");
    assert!(!text(dir).contains(COMMENT));
}

#[test]
fn what_no_commit_has_is_not_touched_unless_that_is_allowed() {
    let dir = repository(&sources(&lib()));
    put(dir.path(), "README.md", "no source of the workspace\n");
    mends(dir.path(), &[]);
    put(dir.path(), "src/lib.rs", &format!("{}\n", lib()));
    refuses(dir.path(), &[], "`src/lib.rs` (dirty)");
    refuses(dir.path(), &["--allow-staged"], "`src/lib.rs` (dirty)");
    mends(dir.path(), &["--allow-dirty"]);
    put(dir.path(), "src/lib.rs", &format!("{}\n\n", lib()));
    git(dir.path(), &["add", "src/lib.rs"]);
    refuses(dir.path(), &[], "`src/lib.rs` (staged)");
    mends(dir.path(), &["--allow-staged"]);
    git(dir.path(), &["checkout", "--quiet", "HEAD", "--", "."]);
    put(dir.path(), "src/lib.rs", &format!("mod new;\n{}", lib()));
    commit(dir.path());
    put(dir.path(), "src/new.rs", "pub fn new() {}\n");
    refuses(dir.path(), &[], "`src/new.rs` (dirty)");
    put(dir.path(), ".gitignore", "new.rs\n");
    mends(dir.path(), &[]);
}

#[test]
fn without_version_control_it_must_be_allowed() {
    let dir = workspace(&sources(&lib()));
    refuses(dir.path(), &[], "nothing here can take that back");
    refuses(dir.path(), &["--allow-dirty"], "`--allow-no-vcs`");
    mends(dir.path(), &["--allow-no-vcs"]);
    git(dir.path(), &["init", "--quiet"]);
    put(dir.path(), "src/lib.rs", &lib());
    refuses(dir.path(), &[], "(dirty)");
    for args in [&["--unsafe-fixes"][..], &["--allow-dirty"], &["--fix", "--message-format", "json"]] {
        let ran = run(dir.path(), &[&["check"], args].concat());
        assert!(ran.code == 2 && ran.stdout.is_empty(), "{args:?}: {ran:?}");
    }
}

#[test]
fn what_git_changed_at_check_out_is_not_dirty() {
    let dir = repository(&sources(&lib()));
    put(dir.path(), "src/lib.rs", &lib().replace('\n', "\r\n"));
    mends(dir.path(), &[]);
    assert_eq!(text(dir.path()), "fn f() {\r\n    g();\r\n}\r\n");
}

#[test]
fn a_hostile_repository_runs_nothing() {
    let dir = repository(&sources(&lib()));
    let mark = dir.path().join("ran");
    let run = format!("touch {}; cat", mark.display());
    for (key, value) in [
        ("core.fsmonitor", run.as_str()),
        ("filter.evil.clean", &run),
        ("filter.evil.smudge", &run),
        ("filter.evil.process", &run),
        ("filter.evil.required", "true"),
        ("diff.evil.textconv", &run),
        ("diff.evil.command", &run),
        ("diff.external", &run),
        ("core.pager", &run),
        ("alias.ls-files", &format!("!{run}")),
    ] {
        git(dir.path(), &["config", key, value]);
    }
    put(dir.path(), ".git/info/attributes", "* filter=evil diff=evil\n");
    mends(dir.path(), &[]);
    refuses(dir.path(), &[], "`src/lib.rs` (dirty)");
    assert!(!mark.exists(), "something ran");
}

#[test]
fn files_keep_what_they_are() {
    let all = |text: &str| [format!("\u{feff}{text}"), text.replace('\n', "\r\n"), text.trim_end().to_string()];
    for (before, after) in all(&lib()).into_iter().zip(all("fn f() {\n    g();\n}\n")) {
        let dir = workspace(&sources(&before));
        mends(dir.path(), &["--allow-no-vcs"]);
        assert_eq!(text(dir.path()), after);
    }
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay_and_nothing_outside_is_written() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = workspace(&sources(&lib()));
    let path = dir.path().join("src/lib.rs");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).expect("permissions can be set");
    mends(dir.path(), &["--allow-no-vcs"]);
    assert_eq!(fs::metadata(&path).expect("the file is there").permissions().mode() & 0o777, 0o750);
    // A link within the workspace stays one; what it leads to is mended.
    put(dir.path(), "real.rs", &lib());
    fs::remove_file(&path).expect("files can be removed");
    symlink("../real.rs", &path).expect("links can be made");
    mends(dir.path(), &["--allow-no-vcs"]);
    assert!(path.symlink_metadata().expect("the link is there").is_symlink());
    let outside = TempDir::new().expect("a temporary folder can be made");
    put(outside.path(), "out.rs", &lib());
    fs::remove_file(&path).expect("files can be removed");
    symlink(outside.path().join("out.rs"), &path).expect("links can be made");
    fix(dir.path(), &["--allow-no-vcs"]);
    assert_eq!(fs::read_to_string(outside.path().join("out.rs")).expect("it is there"), lib());
    // What is for reading only is left, and that is said.
    fs::remove_file(&path).expect("files can be removed");
    put(dir.path(), "src/lib.rs", &lib());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).expect("permissions can be set");
    let ran = fix(dir.path(), &["--allow-no-vcs"]);
    assert!(ran.stdout.contains("note: src/lib.rs: was left as it is: it cannot be written"), "{ran:?}");
    assert_eq!(text(dir.path()), lib());
}

#[test]
fn what_is_suppressed_known_or_of_another_package_stays() {
    let other = ("shop/Cargo.toml", MANIFEST);
    let all = |name: &'static str| MANIFEST.replace("shop", name);
    let of = files(&[other, ("shop/src/lib.rs", &lib()), ("bar/Cargo.toml", &all("bar")), ("bar/src/lib.rs", &lib())]);
    let dir = workspace(&of);
    let args = ["check", "--no-cargo", "--no-cache", "--fix", "--allow-no-vcs"];
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).expect("there is a source");
    run(dir.path(), &["baseline", "--no-cargo", "--no-cache"]);
    run(dir.path(), &args);
    assert!(read("shop/src/lib.rs").contains(COMMENT) && read("bar/src/lib.rs").contains(COMMENT), "both are known");
    let ran = run(dir.path(), &[&args[..], &["--no-baseline"]].concat());
    assert!(ran.stdout.contains("2 fixed"), "{ran:?}");
}
