//! A glance at raw text before the parser sees it: how deep brackets nest, and where comments stand.
//!
//! The parser recurses without a guard and drops comments, so both must be known from the text itself.

use crate::source::TextRange;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// The deepest nesting of brackets outside of literals and comments.
    pub depth: usize,
    /// Where the deepest nesting is first reached.
    pub deepest: u32,
    pub line_comments: Vec<TextRange>,
}

/// Reads a text once. `keep` says which line comments are of interest.
pub fn glance(text: &str, keep: impl Fn(&str) -> bool) -> Glance {
    let bytes = text.as_bytes();
    let mut glance = Glance::default();
    let (mut depth, mut at) = (0usize, 0);
    while at < bytes.len() {
        at = match bytes[at] {
            b'(' | b'[' | b'{' => {
                depth += 1;
                if depth > glance.depth {
                    (glance.depth, glance.deepest) = (depth, at as u32);
                }
                at + 1
            }
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                at + 1
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                let end = line_end(bytes, at);
                if keep(&text[at..end]) {
                    glance.line_comments.push(TextRange::new(at as u32, end as u32));
                }
                end
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => block_comment_end(bytes, at),
            b'"' => string_end(bytes, at + 1),
            b'\'' => quote_end(text, at),
            b'r' if !follows_name(bytes, at) => raw_string_end(bytes, at).unwrap_or(at + 1),
            _ => at + 1,
        };
    }
    glance
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length)
}

/// Past a block comment; they nest.
fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let (mut open, mut at) = (0usize, start);
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'/', b'*') => (open, at) = (open + 1, at + 2),
            (b'*', b'/') if open == 1 => return at + 2,
            (b'*', b'/') => (open, at) = (open - 1, at + 2),
            _ => at += 1,
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Past a character literal, or past the quote of a lifetime or label.
fn quote_end(text: &str, at: usize) -> usize {
    let mut rest = text[at + 1..].char_indices();
    match rest.next() {
        Some((_, '\\')) => {
            let escaped = at + 3;
            let close = text.as_bytes().get(escaped..).and_then(|rest| rest.iter().position(|byte| *byte == b'\''));
            close.map_or(text.len(), |length| escaped + length + 1)
        }
        Some(_) => match rest.next() {
            Some((length, '\'')) => at + 1 + length + 1,
            _ => at + 1,
        },
        None => at + 1,
    }
}

/// Past `r"..."` or `r#"..."#`; `None` for a name that starts with `r`.
fn raw_string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    let start = at + 1 + hashes;
    if bytes.get(start) != Some(&b'"') {
        return None;
    }
    let mut end = start + 1;
    while end < bytes.len() {
        let closes =
            bytes[end] == b'"' && bytes[end + 1..].iter().take(hashes).filter(|b| **b == b'#').count() == hashes;
        end += 1;
        if closes {
            return Some(end + hashes);
        }
    }
    Some(bytes.len())
}

/// Whether the byte at `at` continues a name; the prefixes of byte and C strings do not count.
fn follows_name(bytes: &[u8], at: usize) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let before = |back: usize| at.checked_sub(back).map(|index| bytes[index]);
    match before(1) {
        Some(b'b' | b'c') => before(2).is_some_and(is_name),
        Some(byte) => is_name(byte),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(text: &str) -> usize {
        glance(text, |_| false).depth
    }

    #[test]
    fn brackets_in_literals_and_comments_do_not_nest() {
        assert_eq!(depth("fn f() { g([1]) }"), 3);
        assert_eq!(depth(r##"fn f() { "((("; r#"((" (("#; '('; b'{'; br"(("; '\''; '\u{7b}'; }"##), 1);
        assert_eq!(depth("fn f<'a>() { /* ((( /* (( */ ( */ } // (((("), 1);
        assert_eq!(depth("let r = bar(r); 'label: loop { x('a', '(') }"), 2);
    }

    #[test]
    fn unfinished_text_ends_quietly() {
        for text in ["\"abc", "r#\"abc", "/* abc", "'", "'\\", "'a", "b'", "//", "é'é", "r", "br#"] {
            glance(text, |_| true);
        }
    }

    #[test]
    fn line_comments_are_found_outside_strings() {
        let text = "let a = \"// no\"; // yes\n//! also\nlet url = r\"http://x\"; /* // no */";
        let found = glance(text, |comment| comment.contains('s'));
        let comments: Vec<&str> =
            found.line_comments.iter().map(|range| &text[range.start as usize..range.end as usize]).collect();
        assert_eq!(comments, ["// yes", "//! also"]);
    }
}
