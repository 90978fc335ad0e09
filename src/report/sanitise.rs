//! Text from outside, made safe to show: no control characters, nothing that reorders or hides text.

/// Whether a character could change how a terminal or reader shows what is around it.
fn is_hostile(c: char) -> bool {
    let bidi = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}');
    let hidden = matches!(c, '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{feff}');
    (c.is_control() && c != '\t' && c != '\n') || bidi || hidden
}

/// Replaces hostile characters one by one with harmless ones of the same length in bytes, so that offsets stay right.
/// Tabs and line feeds are kept, and so is a carriage return before a line feed.
pub fn sanitise(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let ends_line = c == '\r' && rest.peek() == Some(&'\n');
        match c.len_utf8() {
            _ if !is_hostile(c) || ends_line => safe.push(c),
            1 => safe.push('?'),
            2 => safe.push('\u{bf}'),
            3 => safe.push('\u{fffd}'),
            _ => safe.push_str("\u{bf}\u{bf}"),
        }
    }
    safe
}

/// One line of text, such as a path or a message, with hostile characters spelt out.
pub fn displayable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hostile(c) || c == '\n' || c == '\t' {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_remains_and_offsets_stay() {
        let text = "a\u{1b}[31m\u{7}\u{9b}b\u{202e}c\u{200b}\r\nd\re\tf\u{e0001}";
        let safe = sanitise(text);
        assert_eq!(safe.len(), text.len());
        assert!(!safe.replace("\r\n", "").contains(|c: char| is_hostile(c)));
        assert_eq!(safe, "a?[31m?\u{bf}b\u{fffd}c\u{fffd}\r\nd?e\tf\u{e0001}");
    }

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(displayable("a\nb\u{1b}\t\u{202e}é"), "a\\nb\\u{1b}\\t\\u{202e}é");
    }
}
