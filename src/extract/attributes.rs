//! Attributes, conditions and visibility.

use super::Extractor;
use crate::facts::{Attribute, Cfg, Visibility};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Expr, Lit, Meta, Token};

/// Attributes that say nothing about behaviour at scale and are everywhere.
const INERT: [&str; 16] = [
    "allow",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "macro_use",
    "must_use",
    "no_mangle",
    "non_exhaustive",
    "repr",
    "rustfmt",
    "track_caller",
    "warn",
];

/// What the attributes of one item say.
#[derive(Default)]
pub struct Attributes {
    pub list: Vec<Attribute>,
    pub cfg: Option<Cfg>,
    /// The item is a test or is compiled for tests.
    pub test: bool,
    /// The text of `#[path = ".."]`.
    pub path: Option<Box<str>>,
    pub macro_export: bool,
    pub macro_use: bool,
}

impl Extractor<'_> {
    pub fn attributes(&mut self, attributes: &[syn::Attribute]) -> Attributes {
        let mut read = Attributes::default();
        let mut conditions = Vec::new();
        for attribute in attributes {
            if attribute.path().is_ident("cfg") {
                conditions.extend(attribute.parse_args().ok().map(|meta| cfg(&meta)));
            } else {
                let range = self.between(attribute.pound_token.span, attribute.bracket_token.span.close());
                self.attribute(&attribute.meta, range, &mut read);
            }
        }
        read.test |= conditions.iter().any(Cfg::is_test);
        read.cfg = match conditions.len() {
            0 | 1 => conditions.pop(),
            _ => Some(Cfg::All(conditions)),
        };
        read
    }

    fn attribute(&mut self, meta: &Meta, range: crate::source::TextRange, read: &mut Attributes) {
        let path = meta.path();
        let Some(last) = path.segments.last().map(|segment| segment.ident.to_string()) else { return };
        if path.is_ident("cfg_attr") {
            return self.conditional(meta, range, read);
        }
        if path.is_ident("path") {
            read.path = literal_value(meta).map(Into::into);
        }
        read.macro_export |= path.is_ident("macro_export");
        read.macro_use |= path.is_ident("macro_use");
        read.test |= names_a_test(&last);
        let first = path.segments[0].ident.to_string();
        if INERT.contains(&first.as_str()) || first == "clippy" {
            return;
        }
        let paths = if path.is_ident("derive") { self.listed_paths(meta) } else { Vec::new() };
        let args = match meta {
            Meta::Path(_) => String::new(),
            Meta::List(list) => list.tokens.to_string(),
            Meta::NameValue(pair) => pair.value.to_token_stream().to_string(),
        };
        let path = self.path(path, None);
        let marks_macro = meta.path().is_ident("macro_export");
        read.list.push(Attribute { path, args: args.into(), paths, marks_macro, range });
    }

    /// `#[cfg_attr(condition, attribute, ..)]`: the attributes as if they stood alone, unless they are for tests.
    fn conditional(&mut self, meta: &Meta, range: crate::source::TextRange, read: &mut Attributes) {
        let Meta::List(list) = meta else { return };
        let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
        let Ok(parts) = list.parse_args_with(parser) else { return };
        let mut parts = parts.iter();
        if parts.next().is_some_and(|condition| cfg(condition).is_test()) {
            return;
        }
        for part in parts {
            self.attribute(part, range, read);
        }
    }

    fn listed_paths(&mut self, meta: &Meta) -> Vec<crate::facts::Path> {
        let Meta::List(list) = meta else { return Vec::new() };
        let parser = Punctuated::<syn::Path, Token![,]>::parse_terminated;
        let listed = list.parse_args_with(parser).unwrap_or_default();
        listed.iter().map(|path| self.path(path, None)).collect()
    }

    pub fn visibility(&mut self, visibility: &syn::Visibility) -> Visibility {
        match visibility {
            syn::Visibility::Public(_) => Visibility::Public,
            syn::Visibility::Inherited => Visibility::Private,
            syn::Visibility::Restricted(restricted) => {
                let names: Vec<String> = restricted.path.segments.iter().map(|s| s.ident.to_string()).collect();
                match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                    ["crate"] => Visibility::Crate,
                    ["super"] => Visibility::Super,
                    ["self"] => Visibility::Private,
                    _ => Visibility::In(names.iter().map(|name| self.intern(name)).collect()),
                }
            }
        }
    }
}

/// `test`, `bench` and the attributes of test harnesses, whatever their path: `rstest`, `gtest`, `test_case`.
fn names_a_test(last_segment: &str) -> bool {
    // Who runs the tests of a crate says nothing about the rest of it.
    if last_segment == "test_runner" {
        return false;
    }
    last_segment.ends_with("test")
        || last_segment.starts_with("test_")
        || matches!(last_segment, "bench" | "quickcheck")
}

fn literal_value(meta: &Meta) -> Option<String> {
    let Meta::NameValue(pair) = meta else { return None };
    match &pair.value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

pub fn cfg(meta: &Meta) -> Cfg {
    match meta {
        Meta::Path(path) => Cfg::Flag(path.to_token_stream().to_string().into()),
        Meta::NameValue(pair) => {
            let key = pair.path.to_token_stream().to_string();
            Cfg::Pair(key.into(), literal_value(meta).unwrap_or_default().into())
        }
        Meta::List(list) => {
            let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
            let parts: Vec<Cfg> = list.parse_args_with(parser).unwrap_or_default().iter().map(cfg).collect();
            if list.path.is_ident("any") {
                Cfg::Any(parts)
            } else if list.path.is_ident("not") {
                Cfg::Not(Box::new(parts.into_iter().next().unwrap_or(Cfg::All(Vec::new()))))
            } else {
                Cfg::All(parts)
            }
        }
    }
}
