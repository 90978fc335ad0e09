//! The hash by which GitHub knows the line of a finding again.
//!
//! Code scanning computes it from the source as well, and warns when ours is another one. So it is what the reference
//! does (`src/fingerprints.ts` of github/codeql-action), in its own units: the next 100 characters from the start of a
//! line, over line ends, without spaces and tabs.

use std::collections::HashMap;

/// How many characters from the start of a line count.
const BLOCK: usize = 100;
const FACTOR: u64 = 37;
/// What comes after the last character.
const END: u64 = 65_535;

/// Tells the hash of each line, with its number from 1. Here a lone carriage return ends a line too.
pub fn line_hashes(text: &str, mut found: impl FnMut(u32, String)) {
    let [space, tab, line_feed, carriage_return] = [b' ', b'\t', b'\n', b'\r'].map(u64::from);
    let mut window = Window::new();
    let (mut line, mut starts_line, mut after_return) = (0, true, false);
    for unit in text.encode_utf16().map(u64::from).chain([END]) {
        if unit == space || unit == tab || (after_return && unit == line_feed) {
            after_return = false;
            continue;
        }
        after_return = unit == carriage_return;
        let unit = if after_return { line_feed } else { unit };
        window.tell(&mut found);
        if std::mem::replace(&mut starts_line, unit == line_feed) {
            line += 1;
            window.lines[window.at] = Some(line);
        }
        window.push(unit);
    }
    for _ in 0..BLOCK {
        window.tell(&mut found);
        window.push(0);
    }
}

/// The last characters, and which lines start at which of them.
struct Window {
    units: [u64; BLOCK],
    lines: [Option<u32>; BLOCK],
    /// The oldest character, which is the next to be replaced.
    at: usize,
    hash: u64,
    /// What a character counts when it leaves.
    oldest: u64,
    /// How often each hash was told.
    told: HashMap<u64, u32>,
}

impl Window {
    fn new() -> Self {
        let oldest = FACTOR.wrapping_pow(BLOCK as u32);
        Self { units: [0; BLOCK], lines: [None; BLOCK], at: 0, hash: 0, oldest, told: HashMap::new() }
    }

    /// When the oldest character starts a line, its block is complete.
    fn tell(&mut self, found: &mut impl FnMut(u32, String)) {
        if let Some(line) = self.lines[self.at].take() {
            let count = self.told.entry(self.hash).or_insert(0);
            *count += 1;
            found(line, format!("{:x}:{count}", self.hash));
        }
    }

    fn push(&mut self, unit: u64) {
        let left = std::mem::replace(&mut self.units[self.at], unit);
        let hash = self.hash.wrapping_mul(FACTOR).wrapping_add(unit);
        self.hash = hash.wrapping_sub(self.oldest.wrapping_mul(left));
        self.at = (self.at + 1) % BLOCK;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_hashes(text: &str, expected: &[&str]) {
        let mut found = Vec::new();
        line_hashes(text, |line, hash| {
            found.push(hash);
            assert_eq!(line as usize, found.len(), "lines come in order");
        });
        assert_eq!(found, expected, "{text:?}");
    }

    /// Texts and hashes are those of the reference's own tests.
    #[test]
    fn hashes_are_those_of_the_reference() {
        assert_hashes("", &["c129715d7a2bc9a3:1"]);
        assert_hashes(
            " a\nb\n  \t\tc\n d",
            &["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
        );
        assert_hashes(
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
            &[
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1",
            ],
        );
        assert_hashes(
            "x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n",
            &[
                "e54938cc54b302f1:1",
                "bb609acbe9138d60:1",
                "1131fd5871777f34:1",
                "5c482a0f8b35ea28:1",
                "54517377da7028d2:1",
                "2c644846cb18d53e:1",
                "f1b89f20de0d133:1",
                "c129715d7a2bc9a3:1",
            ],
        );
    }

    #[test]
    fn all_line_ends_are_the_same() {
        for text in [
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n",
            " hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r",
            " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n",
            " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
        ] {
            assert_hashes(
                text,
                &[
                    "e9496ae3ebfced30:1",
                    "fb7c023a8b9ccb3f:1",
                    "ce8ba1a563dcdaca:1",
                    "e20e36e16fcb0cc8:1",
                    "b3edc88f2938467e:1",
                    "c8e28b0b4002a3a0:1",
                    "c129715d7a2bc9a3:1",
                ],
            );
        }
    }

    #[test]
    fn lines_that_look_alike_are_counted() {
        assert_hashes(
            &"Lorem ipsum dolor sit amet.\n".repeat(10),
            &[
                "a7f2ff13bc495cf2:1",
                "a7f2ff13bc495cf2:2",
                "a7f2ff13bc495cf2:3",
                "a7f2ff13bc495cf2:4",
                "a7f2ff13bc495cf2:5",
                "a7f2ff13bc495cf2:6",
                "a7f2ff1481e87703:1",
                "a9cf91f7bbf1862b:1",
                "55ec222b86bcae53:1",
                "cc97dc7b1d7d8f7b:1",
                "c129715d7a2bc9a3:1",
            ],
        );
    }
}
