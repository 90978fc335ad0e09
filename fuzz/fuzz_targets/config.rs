//! Any text is a configuration, or a mistake with a place that can be drawn.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scale_lint::config::{Config, ConfigSource, FILE_NAME, Known};
use scale_lint::report::terminal::{self, Style};

fuzz_target!(|text: &str| {
    let known = Known {
        rules: [("unbounded-channel", vec![]), ("god-crate", vec!["max-lines".to_string()])]
            .map(|(id, options)| (id.to_string(), options))
            .into(),
    };
    for path in [FILE_NAME, "Cargo.toml"] {
        let source = ConfigSource { path: path.to_string(), text: text.to_string() };
        if let Err(error) = Config::parse(source, &known) {
            assert!(!terminal::error(&error, Style { color: false, width: 80 }).is_empty());
        }
    }
});
