//! A rule's page: one Markdown file that is its documentation, its metadata and its tests.

use crate::catalog::Version;
use crate::finding::{Applicability, Confidence, Severity};
use std::collections::BTreeMap;

/// The sections of a page, in the order they must stand.
pub const SECTIONS: [&str; 6] = ["Why it matters at scale", "How to fix", "Bad", "Good", "Known limits", "Cases"];

/// A parsed page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub severity: Severity,
    pub confidence: Confidence,
    /// The release that brought the rule.
    pub since: Version,
    /// How sure the surest fix of its findings is; `None` when none has one.
    pub fix: Option<Applicability>,
    /// Options with their default values.
    pub options: BTreeMap<String, i64>,
    pub title: String,
    /// One line.
    pub summary: String,
    /// The text of each section, in order.
    pub sections: Vec<(String, String)>,
    pub examples: Vec<Example>,
}

/// A small workspace out of the code blocks of one example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    pub section: String,
    /// The line of the page on which its first block opens.
    pub line: usize,
    /// Paths and texts.
    pub files: Vec<(String, String)>,
}

/// Why a page cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageError {
    pub line: usize,
    pub message: String,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// When front matter, title, summary or sections are not as they must be.
    pub fn parse(text: &str) -> Result<Self, PageError> {
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line)).peekable();
        let front = front_matter(&mut lines)?;
        let error = |line: usize, message: &str| PageError { line, message: message.into() };
        let mut skip_blank = || {
            while lines.next_if(|(_, line)| line.trim().is_empty()).is_some() {}
            lines.next()
        };
        let (at, title) = skip_blank().ok_or_else(|| error(0, "the page has no title"))?;
        let title = title.strip_prefix("# ").ok_or_else(|| error(at, "expected `# Title`"))?.to_string();
        let (at, summary) = skip_blank().ok_or_else(|| error(0, "the page has no summary"))?;
        if summary.starts_with('#') {
            return Err(error(at, "expected a summary of one line below the title"));
        }
        let summary = summary.to_string();
        let rest: Vec<(usize, &str)> = lines.collect();
        let sections = sections(&rest);
        let examples = sections.iter().flat_map(|(name, lines)| examples(name, lines)).collect();
        let text = |lines: &[(usize, &str)]| lines.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
        let sections =
            sections.iter().map(|(name, lines)| (name.to_string(), text(lines).trim().to_string())).collect();
        Ok(Self { title, summary, sections, examples, ..front })
    }

    pub fn section(&self, name: &str) -> &str {
        self.sections.iter().find(|(found, _)| found == name).map_or("", |(_, text)| text)
    }

    /// The page as people read it: without front matter, markers and the cases that are only tests.
    pub fn prose(&self) -> String {
        let mut text = format!("# {}\n\n{}\n", self.title, self.summary);
        if let Some(fix) = self.fix {
            text.push_str(&format!("\nMost findings can be mended with `{}`.\n", fix.option()));
        }
        for (name, body) in self.sections.iter().filter(|(name, _)| name != "Cases") {
            let body: Vec<&str> = body.lines().map(without_marker).collect();
            text.push_str(&format!("\n## {name}\n\n{}\n", body.join("\n")));
        }
        text
    }
}

/// A line of an example without the marker of an expected finding.
pub fn without_marker(line: &str) -> &str {
    line.find("//~").or_else(|| line.find("#~")).map_or(line, |at| line[..at].trim_end())
}

fn front_matter<'t>(
    lines: &mut std::iter::Peekable<impl Iterator<Item = (usize, &'t str)>>,
) -> Result<Page, PageError> {
    let error = |line: usize, message: String| PageError { line, message };
    if lines.next().is_none_or(|(_, line)| line != "---") {
        return Err(error(1, "expected front matter between `---` lines".into()));
    }
    let (mut severity, mut confidence, mut since, mut fix, mut options) = (None, None, None, None, BTreeMap::new());
    for (at, line) in lines.by_ref() {
        if line == "---" {
            break;
        }
        let (key, value) = line.split_once(':').ok_or_else(|| error(at, "expected `key: value`".into()))?;
        let (key, value) = (key.trim(), value.trim());
        match key {
            "severity" => severity = Some(value.parse().map_err(|unknown| error(at, format!("{unknown}")))?),
            "confidence" => confidence = Some(value.parse().map_err(|unknown| error(at, format!("{unknown}")))?),
            "fix" => fix = Some(value.parse().map_err(|unknown| error(at, format!("{unknown}")))?),
            "since" => {
                let version = Version::parse(value).ok_or_else(|| error(at, format!("`{value}` is no version")))?;
                since = Some(version);
            }
            key => {
                let name = key.strip_prefix("option.").ok_or_else(|| error(at, format!("unknown key `{key}`")))?;
                let value = value.parse().map_err(|_| error(at, format!("`{value}` is not a whole number")))?;
                options.insert(name.to_string(), value);
            }
        }
    }
    let missing = |key: &str| error(1, format!("front matter has no `{key}`"));
    Ok(Page {
        severity: severity.ok_or_else(|| missing("severity"))?,
        confidence: confidence.ok_or_else(|| missing("confidence"))?,
        since: since.ok_or_else(|| missing("since"))?,
        fix,
        options,
        title: String::new(),
        summary: String::new(),
        sections: Vec::new(),
        examples: Vec::new(),
    })
}

/// Cuts at `## ` headings outside of code blocks.
fn sections<'t>(lines: &[(usize, &'t str)]) -> Vec<(&'t str, Vec<(usize, &'t str)>)> {
    let mut found: Vec<(&str, Vec<(usize, &str)>)> = Vec::new();
    let mut in_code = false;
    for (at, line) in lines {
        in_code ^= line.starts_with("```");
        match line.strip_prefix("## ").filter(|_| !in_code) {
            Some(name) => found.push((name, Vec::new())),
            None => {
                if let Some((_, body)) = found.last_mut() {
                    body.push((*at, line));
                }
            }
        }
    }
    found
}

/// The examples of a section. A line that is only a path in backticks names the file of the block below; blocks that
/// follow one another with paths make one workspace, and prose between blocks starts the next. Rust without a path is
/// a library, or a program when it has a `main`.
fn examples(section: &str, lines: &[(usize, &str)]) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let (mut path, mut joined) = (None, false);
    let mut lines = lines.iter();
    while let Some((at, line)) = lines.next() {
        let trimmed = line.trim();
        if let Some(named) = trimmed.strip_prefix('`').and_then(|rest| rest.strip_suffix("`:")) {
            path = Some(named.to_string());
        } else if let Some(language) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().map(|(_, line)| *line).take_while(|line| *line != "```").collect();
            let default = match language {
                "rust" if body.iter().any(|line| line.contains("fn main(")) => "src/main.rs",
                "rust" => "src/lib.rs",
                "toml" => "Cargo.toml",
                // What is shown without a path belongs to no workspace.
                "json" if path.is_some() => "",
                _ => continue,
            };
            let named = path.take();
            joined &= named.is_some();
            let file = (named.unwrap_or_else(|| default.to_string()), body.join("\n") + "\n");
            match found.last_mut().filter(|_| joined) {
                Some(example) => example.files.push(file),
                None => found.push(Example { section: section.to_string(), line: *at, files: vec![file] }),
            }
            joined = true;
        } else if !trimmed.is_empty() {
            joined = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "---\nseverity: warning\nconfidence: high\nsince: 0.1.0\noption.max-size: 12\n---\n# Title\n\nSummary.\n\n\
        ## Why it matters at scale\n\nBecause.\n\n## Bad\n\n```rust\nfn f() {} //~ some-rule\n## not a heading\n```\n\nAnd:\n\n\
        `a/src/lib.rs`:\n```rust\nmod a;\n```\n`a/Cargo.toml`:\n```toml\n[package]\n```\n\n```text\nshown\n```\n\n## Cases\n\nNone.\n";

    #[test]
    fn a_page_is_read_in_all_its_parts() {
        let page = Page::parse(PAGE).expect("the page is well formed");
        assert_eq!((page.title.as_str(), page.summary.as_str()), ("Title", "Summary."));
        assert_eq!(page.options.get("max-size"), Some(&12));
        assert_eq!(page.section("Why it matters at scale"), "Because.");
        let files: Vec<Vec<&str>> =
            page.examples.iter().map(|example| example.files.iter().map(|(path, _)| path.as_str()).collect()).collect();
        assert_eq!(files, [vec!["src/lib.rs"], vec!["a/src/lib.rs", "a/Cargo.toml"]]);
        assert!(page.prose().contains("fn f() {}\n"));
        assert!(!page.prose().contains("Cases"));
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let at = |text: &str| Page::parse(text).expect_err("the page is not well formed").line;
        assert_eq!(at("# Title\n"), 1);
        assert_eq!(at("---\nseverity: loud\n---\n"), 2);
        assert_eq!(at(&PAGE.replace("# Title", "Title")), 7);
    }
}
