//! What is new since a branch was made: exactly that is shown, and the repository neither runs anything nor changes.

use crate::baseline::{json, service, symbols};
use crate::command::{Ran, finish, program, run};
use crate::workspaces::{CYCLE, files, package_manifest, workspace};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

pub fn git(dir: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(dir).args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]).args(args);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "someone").env(format!("GIT_{role}_EMAIL"), "someone@example.org");
    }
    let output = command.output().expect("git can be run");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn commit(dir: &Path) {
    git(dir, &["add", "--all"]);
    git(dir, &["commit", "--quiet", "--message", "a step"]);
}

/// A repository of one commit.
pub fn repository(of: &[(String, String)]) -> TempDir {
    let dir = workspace(of);
    git(dir.path(), &["init", "--quiet", "--initial-branch", "main"]);
    commit(dir.path());
    dir
}

pub fn put(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("folders can be made");
    fs::write(path, text).expect("files can be written");
}

pub fn since(dir: &Path, rev: &str, more: &[&str]) -> Ran {
    run(dir, &[&["check", "--no-cargo", "--no-cache", "--diff-base", rev], more].concat())
}

/// A base, a commit that moves one finding, and one that adds another.
fn branch() -> TempDir {
    let dir = repository(&files(&[("src/main.rs", &service(&["one", "two"]))]));
    git(dir.path(), &["checkout", "--quiet", "-b", "work"]);
    put(dir.path(), "src/main.rs", &service(&["two", "one"]));
    commit(dir.path());
    put(dir.path(), "src/main.rs", &service(&["two", "three", "one"]));
    commit(dir.path());
    dir
}

#[test]
fn exactly_the_finding_that_a_branch_adds_is_shown() {
    let dir = branch();
    let ran = since(dir.path(), "main", &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.contains("\n1 new error, 2 known, 0 gone ("), "{ran:?}");
    let report = json(&since(dir.path(), "main", &["--format", "json"]));
    assert_eq!(symbols(&report, "new"), ["example::three"]);
    // What main got since is not what the branch brings, nor is what it lost.
    git(dir.path(), &["checkout", "--quiet", "main"]);
    put(dir.path(), "src/main.rs", &service(&["four"]));
    commit(dir.path());
    git(dir.path(), &["checkout", "--quiet", "work"]);
    assert_eq!(json(&since(dir.path(), "main", &["--format", "json"])), report);
    assert_eq!(since(dir.path(), "HEAD", &[]).code, 0);
    // What is not committed counts as it is, and what was known in one way or the other is known.
    put(dir.path(), "src/main.rs", &service(&["three"]));
    let report = json(&since(dir.path(), "main", &["--format", "json"]));
    assert_eq!((symbols(&report, "new").len(), report["summary"]["gone"].as_u64()), (1, Some(2)));
    run(dir.path(), &["baseline", "--no-cargo", "--no-cache"]);
    assert_eq!(since(dir.path(), "main", &[]).code, 0);
}

#[test]
fn a_workspace_below_the_top_is_compared_with_itself_and_the_cache_changes_nothing() {
    let dir = TempDir::new().expect("a temporary folder can be made");
    let inner = dir.path().join("a \u{e9}/server");
    put(&inner, "Cargo.toml", &package_manifest());
    put(&inner, "src/main.rs", &service(&["one"]));
    git(dir.path(), &["init", "--quiet", "--initial-branch", "main"]);
    commit(dir.path());
    put(&inner, "src/main.rs", &service(&["two", "one"]));
    let cold = since(&inner, "main", &["--format", "json"]);
    assert_eq!(symbols(&json(&cold), "new"), ["example::two"], "{cold:?}");
    let args = ["check", "--diff-base", "main", "--format", "json"];
    assert_eq!((run(&inner, &args).stdout, run(&inner, &args).stdout), (cold.stdout.clone(), cold.stdout));
}

#[test]
fn a_new_edge_that_closes_a_circle_is_pointed_at() {
    let mut open = files(&CYCLE);
    let closed = open[2].1.clone();
    open[2].1 = closed.split("\n[dev-dependencies]").next().expect("a split has a first part").to_string();
    let dir = repository(&open);
    put(dir.path(), "util/Cargo.toml", &closed);
    commit(dir.path());
    put(dir.path(), "store/src/lib.rs", "pub fn open() -> u32 {\n    util::retries() + 1\n}\n");
    commit(dir.path());
    let report = json(&since(dir.path(), "HEAD~2", &["--format", "json"]));
    let findings = report["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 1, "{report}");
    assert_eq!((&findings[0]["rule"], &findings[0]["path"]), (&"crate-cycle".into(), &"util/Cargo.toml".into()));
    assert_eq!((&findings[0]["baseline"], &findings[0]["line"]), (&"new".into(), &7.into()), "{report}");
    let after = json(&since(dir.path(), "HEAD~1", &["--format", "json"]));
    assert_eq!((symbols(&after, "new").len(), symbols(&after, "known").len()), (0, 1), "{after}");
    // A third package joins the circle: the new edge is the place, whatever is cheapest to cut.
    put(
        dir.path(),
        "third/Cargo.toml",
        "[package]\nname = \"third\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nstore = { path = \"../store\" }\n",
    );
    put(dir.path(), "third/src/lib.rs", "pub use store::open;\n");
    let manifest = fs::read_to_string(dir.path().join("Cargo.toml")).expect("there is a manifest");
    put(dir.path(), "Cargo.toml", &manifest.replace("members = [", "members = [\"third\", "));
    commit(dir.path());
    put(dir.path(), "util/Cargo.toml", &format!("{closed}third = {{ path = \"../third\" }}\n"));
    let grown = json(&since(dir.path(), "HEAD", &["--format", "json"]));
    let finding = &grown["findings"][0];
    assert_eq!(
        (&finding["baseline"], &finding["path"], &finding["line"]),
        (&"new".into(), &"util/Cargo.toml".into(), &8.into()),
        "{grown}"
    );
}

#[test]
fn a_comparison_that_cannot_be_made_is_refused_with_help() {
    let refused = |ran: &Ran, said: &[&str]| {
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
        let stderr = ran.stderr.split(['\n', ' ']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        said.iter().for_each(|text| assert!(stderr.contains(text), "`{text}` is not in:\n{stderr}"));
    };
    let dir = branch();
    refused(&since(dir.path(), "gone", &[]), &["git knows no revision `gone`", "`git fetch` brings new ones"]);
    refused(&since(dir.path(), "main:Cargo.toml", &[]), &["git knows no revision"]);
    let option = run(dir.path(), &["check", "--no-cargo", "--no-cache", "--diff-base=--all"]);
    refused(&option, &["git knows no revision `--all`"]);
    git(dir.path(), &["checkout", "--quiet", "--orphan", "other"]);
    commit(dir.path());
    refused(
        &since(dir.path(), "main", &[]),
        &["no commit in common", "name a revision that this branch was made from"],
    );

    let shallow = TempDir::new().expect("a temporary folder can be made");
    let url = format!("file://{}", dir.path().display());
    git(shallow.path(), &["clone", "--quiet", "--depth", "1", "--branch", "work", "--no-single-branch", &url, "."]);
    refused(&since(shallow.path(), "work~1", &[]), &["the clone is shallow", "fetch-depth: 0"]);
    refused(&since(shallow.path(), "origin/main", &[]), &["no commit in common", "git fetch --unshallow"]);

    let bare = workspace(&files(&[("src/main.rs", "fn main() {}\n")]));
    refused(&since(bare.path(), "main", &[]), &["git knows no repository", "run it in a clone"]);
    let mut without = program(dir.path());
    without.args(["check", "--no-cargo", "--no-cache", "--diff-base", "main"]).env("PATH", "");
    refused(&finish(&mut without), &["git cannot be run", "install git"]);
}

/// The work tree and the index, down to time stamps and content.
#[cfg(unix)]
fn state(dir: &Path) -> Vec<(String, Vec<u8>, std::time::SystemTime)> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).expect("folders can be read").flatten().map(|entry| entry.path()));
        } else {
            let modified = path.symlink_metadata().and_then(|metadata| metadata.modified()).expect("it is there");
            found.push((path.display().to_string(), fs::read(&path).unwrap_or_default(), modified));
        }
    }
    found.sort();
    found
}

#[cfg(unix)]
#[test]
fn a_hostile_repository_runs_nothing_and_nothing_changes() {
    use std::os::unix::fs::PermissionsExt;
    let dir = branch();
    let marks = TempDir::new().expect("a temporary folder can be made");
    let script = marks.path().join("run.sh");
    fs::write(&script, format!("#!/bin/sh\ntouch '{}'/ran\ncat\n", marks.path().display()))
        .expect("files can be written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("modes can be set");
    let script = script.display().to_string();
    let hooks = marks.path().join("hooks");
    fs::create_dir(&hooks).expect("folders can be made");
    for hook in ["post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman"] {
        fs::copy(&script, hooks.join(hook)).expect("files can be copied");
        fs::copy(&script, dir.path().join(".git/hooks").join(hook)).expect("files can be copied");
    }
    let hooks = hooks.display().to_string();
    let upload = format!("ext::{script}");
    for (key, value) in [
        ("core.fsmonitor", &script),
        ("core.hooksPath", &hooks),
        ("core.pager", &script),
        ("core.sshCommand", &script),
        ("core.askPass", &script),
        ("core.editor", &script),
        ("credential.helper", &script),
        ("diff.external", &script),
        ("diff.evil.command", &script),
        ("diff.evil.textconv", &script),
        ("filter.evil.smudge", &script),
        ("filter.evil.clean", &script),
        ("filter.evil.process", &script),
        ("alias.ls-tree", &format!("!{script}")),
        ("protocol.ext.allow", &"always".to_string()),
        ("remote.origin.url", &upload),
        ("remote.origin.promisor", &"true".to_string()),
        ("extensions.partialClone", &"origin".to_string()),
    ] {
        git(dir.path(), &["config", key, value]);
    }
    fs::write(dir.path().join(".gitattributes"), "* filter=evil diff=evil\n").expect("files can be written");
    let before = state(dir.path());
    let ran = since(dir.path(), "main", &["--format", "json"]);
    assert_eq!(symbols(&json(&ran), "new"), ["example::three"]);
    assert_eq!(state(dir.path()), before);

    // An object that is not there would be fetched from the remote, which is a program.
    let oid = git(dir.path(), &["rev-parse", "main:src/main.rs"]);
    let (folder, rest) = oid.trim().split_at(2);
    fs::remove_file(dir.path().join(".git/objects").join(folder).join(rest)).expect("the object is loose");
    let ran = since(dir.path(), "main", &[]);
    assert!(ran.code == 2 && ran.stderr.contains("it is not in this clone"), "{ran:?}");
    assert!(!marks.path().join("ran").exists(), "something of the repository was run");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_out_of_the_old_revision() {
    let outside = TempDir::new().expect("a temporary folder can be made");
    put(outside.path(), "more.rs", "pub fn more() {}\n");
    let main = format!("mod far;\nmod near;\n{}", service(&["one"]));
    let dir = workspace(&files(&[
        ("src/main.rs", &main),
        (
            "shared/near.rs",
            "use dashmap::DashMap;\n\nasync fn wait() {\n    std::future::pending().await\n}\n\npub async fn hold(map: DashMap<u8, u8>) {\n    let held = map.get(&1);\n    wait().await;\n    drop(held);\n}\n",
        ),
    ]));
    let link =
        |target: &Path, at: &str| std::os::unix::fs::symlink(target, dir.path().join(at)).expect("links can be made");
    link(&outside.path().join("more.rs"), "src/far.rs");
    link(Path::new("../shared/near.rs"), "src/near.rs");
    git(dir.path(), &["init", "--quiet", "--initial-branch", "main"]);
    commit(dir.path());
    let report = json(&since(dir.path(), "main", &["--format", "json"]));
    assert_eq!(symbols(&report, "new"), Vec::<String>::new(), "{report}");
    assert!(symbols(&report, "known").contains(&"example::one".to_string()), "{report}");
}
