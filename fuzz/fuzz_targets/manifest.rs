//! Any text as the manifest of a member, read without cargo.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scale_lint::workspace::{Locate, Workspace};
use std::fs;

fuzz_target!(|text: &str| {
    let dir = tempfile::TempDir::new().expect("a temporary folder can be made");
    fs::create_dir_all(dir.path().join("member/src")).expect("folders can be made");
    fs::write(dir.path().join("Cargo.toml"), "[workspace]\nmembers = [\"member\"]\n").expect("files can be written");
    fs::write(dir.path().join("member/Cargo.toml"), text).expect("files can be written");
    fs::write(dir.path().join("member/src/lib.rs"), "").expect("files can be written");
    for named in [dir.path().to_path_buf(), dir.path().join("member")] {
        let locate = Locate { current_dir: named, without_cargo: true, ..Locate::default() };
        drop(Workspace::discover(&locate));
    }
});
