//! Any text becomes facts, and what it could not become is told at a place inside it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scale_lint::extract::{STACK_SIZE, extract};

fuzz_target!(|text: &str| {
    let text = text.to_string();
    let work = move || {
        let (facts, troubles) = extract(&text);
        assert!(troubles.iter().all(|trouble| trouble.at as usize <= text.len()));
        for item in &facts.items {
            assert!(item.range.end as usize <= text.len());
            assert!(text.is_char_boundary(item.range.start as usize) && text.is_char_boundary(item.range.end as usize));
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK_SIZE).spawn(work).expect("a thread starts");
    thread.join().expect("no text makes it panic");
});
