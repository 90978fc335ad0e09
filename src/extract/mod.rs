//! Text in, facts out. The only module that sees syntax.
//!
//! Trees never leave the thread that parsed them: byte ranges are taken before the spans of the file are given up.
//! What does not parse becomes a [`Gap`]; nothing here fails or panics because of what a file holds.

mod attributes;
mod blocks;
mod comments;
mod expressions;
mod items;
mod lexer;
mod macros;
mod offsets;
mod patterns;
mod tables;
mod types;
mod uses;

pub use lexer::lasting_tokens;

use crate::facts::{FileFacts, Gap, GapKind, Module, ModuleIdx, ModuleKind, Name};
use crate::source::TextRange;
use offsets::Offsets;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use rustc_hash::FxHashMap;

/// How deep brackets may nest. Real files stay below 50; the parser recurses and has no guard of its own.
pub const MAX_NESTING: usize = 128;

/// How many tokens may lead the parser down at once, those around the brackets they are in included. The most in 90,000
/// files was 4,133, the most in a service 1,735.
pub const MAX_DESCENT: usize = 8_000;

/// The stack a thread needs to parse a file at these limits in a debug build. It is reserved, not used.
pub const STACK_SIZE: usize = 64 << 20;

/// Why a file, or a part of it, was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub kind: TroubleKind,
    pub at: u32,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// Some or all of the file does not parse.
    Syntax,
    /// Brackets nest deeper than [`MAX_NESTING`].
    TooDeep,
}

/// Reads one file. Goes in: its text. Comes out: all that was understood, and what was not.
pub fn extract(text: &str) -> (FileFacts, Vec<Trouble>) {
    let body_start = skip_preamble(text);
    let glance = lexer::glance(text, comments::is_addressed);
    let mut extractor = Extractor::new(text, body_start);
    let trouble = match too_deep(&glance) {
        Some(trouble) => vec![trouble],
        None => extractor.text(&text[body_start..]),
    };
    extractor.suppressions(&glance.line_comments);
    proc_macro2::extra::invalidate_current_thread_spans();
    (extractor.facts, trouble)
}

fn too_deep(glance: &lexer::Glance) -> Option<Trouble> {
    let (at, message) = if glance.nesting.depth > MAX_NESTING {
        (glance.nesting.at, format!("brackets nest deeper than {MAX_NESTING} levels"))
    } else if glance.descent.depth > MAX_DESCENT {
        (glance.descent.at, format!("one expression or type has more than {MAX_DESCENT} tokens"))
    } else {
        return None;
    };
    Some(Trouble { kind: TroubleKind::TooDeep, at, message })
}

/// The byte at which code starts: past a byte order mark and a `#!` line.
fn skip_preamble(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = &text[mark..];
    let is_shebang = rest.starts_with("#!") && !rest[2..].trim_start().starts_with('[');
    mark + if is_shebang { rest.find('\n').unwrap_or(rest.len()) } else { 0 }
}

/// The state of reading one file.
struct Extractor<'t> {
    text: &'t str,
    offsets: Offsets<'t>,
    interned: FxHashMap<Box<str>, Name>,
    facts: FileFacts,
}

impl<'t> Extractor<'t> {
    fn new(text: &'t str, body_start: usize) -> Self {
        let offsets = Offsets::new(&text[body_start..], body_start as u32);
        let root = Module { kind: ModuleKind::File, parent: None, open: false };
        let facts = FileFacts { modules: vec![root], lines: offsets.lines(text), ..FileFacts::default() };
        Self { text, offsets, interned: FxHashMap::default(), facts }
    }

    fn range(&self, span: proc_macro2::Span) -> TextRange {
        self.offsets.range(span)
    }

    fn between(&self, first: proc_macro2::Span, last: proc_macro2::Span) -> TextRange {
        TextRange::new(self.range(first).start, self.range(last).end)
    }

    fn intern(&mut self, text: &str) -> Name {
        let text = text.strip_prefix("r#").unwrap_or(text);
        if let Some(name) = self.interned.get(text) {
            return *name;
        }
        let name = Name(self.facts.names.len() as u32);
        self.facts.names.push(text.into());
        self.interned.insert(text.into(), name);
        name
    }

    fn ident(&mut self, ident: &syn::Ident) -> Name {
        self.intern(&ident.to_string())
    }

    fn gap(&mut self, kind: GapKind, range: TextRange) {
        self.facts.gaps.push(Gap { kind, range });
    }

    fn new_module(&mut self, kind: ModuleKind, parent: ModuleIdx) -> ModuleIdx {
        self.facts.modules.push(Module { kind, parent: Some(parent), open: false });
        ModuleIdx(self.facts.modules.len() as u32 - 1)
    }

    /// Reads the items of a file; those that do not parse are left out one by one.
    fn text(&mut self, body: &str) -> Vec<Trouble> {
        let lex = || body.parse::<TokenStream>();
        let tokens = match lex() {
            Ok(tokens) => tokens,
            Err(error) => {
                self.facts.modules[0].open = true;
                let message = "unbalanced brackets or an unfinished literal".into();
                let at = self.range(error.span()).start;
                return vec![Trouble { kind: TroubleKind::Syntax, at, message }];
            }
        };
        let scope = items::Scope::file();
        match syn::parse2::<syn::File>(tokens) {
            Ok(file) => {
                let test = self.attributes(&file.attrs).test;
                self.items(&file.items, items::Scope { test, ..scope });
                Vec::new()
            }
            // The tokens are read again: keeping a copy for this rare case would cost every file.
            Err(error) => self.recover(lex().unwrap_or_default(), scope, &error),
        }
    }

    fn recover(&mut self, tokens: TokenStream, scope: items::Scope, error: &syn::Error) -> Vec<Trouble> {
        let at = self.range(error.span()).start;
        for chunk in item_chunks(tokens) {
            let range = self.between(first_span(&chunk), last_span(&chunk));
            match syn::parse2::<syn::File>(chunk.into_iter().collect()) {
                Ok(file) => self.items(&file.items, scope),
                Err(_) => {
                    self.gap(GapKind::Item, range);
                    self.facts.modules[0].open = true;
                }
            }
        }
        vec![Trouble { kind: TroubleKind::Syntax, at, message: error.to_string() }]
    }
}

/// Cuts the tokens of a file where items seem to end: after a `;` or a pair of braces at the top level.
fn item_chunks(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut chunks = vec![Vec::new()];
    for token in tokens {
        let ends = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            _ => false,
        };
        chunks.last_mut().expect("there is always an open chunk").push(token);
        if ends {
            chunks.push(Vec::new());
        }
    }
    chunks.retain(|chunk| !chunk.is_empty());
    chunks
}

fn first_span(tokens: &[TokenTree]) -> proc_macro2::Span {
    tokens.first().map_or_else(proc_macro2::Span::call_site, TokenTree::span)
}

fn last_span(tokens: &[TokenTree]) -> proc_macro2::Span {
    tokens.last().map_or_else(proc_macro2::Span::call_site, TokenTree::span)
}
