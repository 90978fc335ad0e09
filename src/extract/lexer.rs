//! A glance at raw text before the parser sees it: how deep it could make the parser recurse, and where comments stand.
//!
//! The parser recurses without a guard and drops comments, so both must be known from the text itself.

use crate::source::TextRange;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// The deepest nesting of brackets outside of literals and comments.
    pub nesting: Deepest,
    /// The longest way the parser may have gone down at once: the tokens since the last `;` or `,`, or since the last block
    /// if a statement may begin after it, summed over all brackets that are open.
    pub descent: Deepest,
    pub line_comments: Vec<TextRange>,
}

/// The largest value of a measure, and where it is first reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deepest {
    pub depth: usize,
    pub at: u32,
}

impl Deepest {
    fn reach(&mut self, depth: usize, at: usize) {
        if depth > self.depth {
            *self = Deepest { depth, at: at as u32 };
        }
    }
}

/// Reads a text once. `keep` says which line comments are of interest.
pub fn glance(text: &str, keep: impl Fn(&str) -> bool) -> Glance {
    let bytes = text.as_bytes();
    let mut glance = Glance::default();
    let mut open = Open::default();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                let end = line_end(bytes, at);
                if keep(&text[at..end]) {
                    glance.line_comments.push(TextRange::new(at as u32, end as u32));
                }
                end
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => block_comment_end(bytes, at),
            byte if byte.is_ascii_whitespace() => at + 1,
            _ => {
                let end = token_end(text, at);
                open.read(&bytes[at..end]);
                end
            }
        };
        glance.nesting.reach(open.around.len(), at);
        glance.descent.reach(open.descent, at);
        at = end;
    }
    glance
}

/// The brackets that are open while a text is read, and the statement begun in each.
#[derive(Default)]
struct Open {
    /// The statements around the innermost one, outermost first.
    around: Vec<Statement>,
    statement: Statement,
    /// The tokens of all of them.
    descent: usize,
    /// A block has just been closed, after which a statement may begin.
    closed: bool,
}

#[derive(Clone, Copy, Default)]
struct Statement {
    tokens: usize,
    /// What a comma does not end: lists in angle brackets, and parameters of closures.
    lists: usize,
}

impl Open {
    fn read(&mut self, token: &[u8]) {
        let begins_statement = self.closed && (is_name(token[0]) || token == b"#");
        if begins_statement && token != b"else" && token != b"as" {
            self.cut(0);
        }
        self.closed = token == b"}";
        match token[0] {
            b')' | b']' | b'}' => {
                self.descent -= self.statement.tokens;
                self.statement = self.around.pop().unwrap_or_default();
                return;
            }
            b';' => return self.cut(0),
            b',' => return self.cut(self.statement.lists),
            _ => {}
        }
        self.statement.tokens += 1;
        self.descent += 1;
        match token[0] {
            b'<' | b'|' => self.statement.lists += 1,
            b'>' => self.statement.lists = self.statement.lists.saturating_sub(1),
            b'(' | b'[' | b'{' => self.around.push(std::mem::take(&mut self.statement)),
            _ => {}
        }
    }

    fn cut(&mut self, tokens: usize) {
        self.descent -= self.statement.tokens - tokens.min(self.statement.tokens);
        self.statement = Statement { tokens: tokens.min(self.statement.tokens), lists: tokens };
    }
}

/// The tokens of a piece of code that stay when it is laid out anew: no comments, and none of the commas, semicolons and
/// braces that a formatter adds and removes.
pub fn lasting_tokens(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'/')) => line_end(bytes, at).max(at + 1),
            (b'/', Some(b'*')) => block_comment_end(bytes, at),
            (b',' | b';' | b'{' | b'}', _) => at + 1,
            (byte, _) if byte.is_ascii_whitespace() => at + 1,
            _ => {
                let end = token_end(text, at).min(text.len());
                tokens.push(&text[at..end]);
                end
            }
        };
        at = end;
    }
    tokens
}

fn token_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    match bytes[at] {
        b'"' => string_end(bytes, at + 1),
        b'\'' => quote_end(text, at),
        byte if is_name(byte) => {
            let length = bytes[at..].iter().position(|byte| !is_name(*byte)).unwrap_or(bytes.len() - at);
            let is_raw = matches!(&bytes[at..at + length], b"r" | b"br" | b"cr");
            let raw = is_raw.then(|| raw_string_end(bytes, at + length)).flatten();
            raw.unwrap_or(at + length)
        }
        _ => at + 1,
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Where a line's text ends, without its line break.
fn line_end(bytes: &[u8], at: usize) -> usize {
    let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length);
    if end > at && bytes[end - 1] == b'\r' { end - 1 } else { end }
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

/// Past the `"..."` or `#"..."#` of a raw string; `None` where there is none, as behind `r` in a raw name.
fn raw_string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let hashes = bytes[at..].iter().take_while(|byte| **byte == b'#').count();
    let start = at + hashes;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(text: &str) -> usize {
        glance(text, |_| false).nesting.depth
    }

    fn descent(text: &str) -> usize {
        glance(text, |_| false).descent.depth
    }

    #[test]
    fn brackets_in_literals_and_comments_do_not_nest() {
        assert_eq!(depth("fn f() { g([1]) }"), 3);
        assert_eq!(depth(r##"fn f() { "((("; r#"((" (("#; '('; b'{'; br"(("; '\''; '\u{7b}'; }"##), 1);
        assert_eq!(depth("fn f<'a>() { /* ((( /* (( */ ( */ } // (((("), 1);
        assert_eq!(depth("let r = bar(r); 'label: loop { x('a', '(') }"), 2);
    }

    #[test]
    fn a_layout_takes_and_gives_no_lasting_token() {
        let wide = r#"select(a, |x| { b(x, ", //") }).await // why"#;
        let tall = "select(\n    a,\n    /* , */ |x| b(\n x,\n \", //\",\n),\n)\n.await";
        assert_eq!(lasting_tokens(wide), lasting_tokens(tall));
        assert_eq!(lasting_tokens(r##"r#"/*"#, 'a'; '/'"##), [r##"r#"/*"#"##, "'a'", "'/'"]);
        assert_ne!(lasting_tokens("a b"), lasting_tokens("ab"));
    }

    #[test]
    fn a_descent_ends_where_the_parser_comes_back() {
        assert_eq!(descent(&"a();".repeat(100)), 2);
        assert_eq!(descent(&"fn f() { a; }".repeat(100)), 5);
        assert_eq!(descent(&format!("f({})", "a, ".repeat(100))), 3);
        assert_eq!(descent("f(a, (b, (c + d, e)))"), 7);
        for chain in ["+a", ".b()", "!", "?.await", "a = ", "|a, b| ", "V<a, ", "if a {} else ", "A {} + ", "A {} as "]
        {
            assert!(descent(&chain.repeat(100)) >= 100, "{chain}");
        }
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
