//! What a call leads to, as the compiler writes it: `std::vec::Vec::<T>::len`, `<T as std::clone::Clone>::clone`.

use std::collections::BTreeSet;

#[derive(Debug, PartialEq, Eq)]
pub struct Callee<'t> {
    /// The path without generic arguments; of a trait's method, by the trait.
    path: Vec<&'t str>,
    /// The type on which it is called or whose impl holds it.
    of: Option<&'t str>,
    by_trait: bool,
}

impl<'t> Callee<'t> {
    pub fn read(text: &'t str) -> Self {
        if let Some(rest) = text.strip_prefix('<') {
            let end = at_depth_zero(rest, ">").unwrap_or(rest.len());
            let (inside, member) = (&rest[..end], rest[end..].trim_start_matches('>'));
            let member = segments(member.trim_start_matches("::"));
            return match at_depth_zero(inside, " as ") {
                // A function within a method.
                _ if member.len() > 1 => Self { path: member, of: None, by_trait: false },
                Some(at) => {
                    let path = segments(&inside[at + 4..]).into_iter().chain(member).collect();
                    Self { path, of: Some(head(&inside[..at])), by_trait: true }
                }
                // The methods of an object or slice stand in a module.
                None if inside.starts_with(['(', '[']) => Self { path: member, of: None, by_trait: false },
                None => Self { path: member, of: Some(head(inside)), by_trait: false },
            };
        }
        let parts = segments(text);
        let block = parts.iter().find_map(|part| part.strip_prefix("<impl "));
        let block = block.map(|block| block.strip_suffix('>').unwrap_or(block));
        let of = block.map(|block| head(block.rsplit_once(" for ").map_or(block, |(_, ty)| ty)));
        let path = parts.into_iter().filter(|part| !part.starts_with('<')).collect();
        Self { path, of, by_trait: false }
    }

    /// The first segment: a crate, or within the crate at hand a module or type.
    pub fn krate(&self) -> &'t str {
        self.path.first().copied().unwrap_or_default()
    }

    /// Whether no path or method is called: a value is, which something holds, or it is what `?` does.
    pub fn is_unwritten(&self) -> bool {
        const TRAITS: [&str; 7] = ["Fn", "FnMut", "FnOnce", "AsyncFn", "AsyncFnMut", "AsyncFnOnce", "FromResidual"];
        self.by_trait && self.path.len().checked_sub(2).is_some_and(|at| TRAITS.contains(&self.path[at]))
    }

    /// Whether the model means the same. It may name a trait's method by the trait or by the type, and an item by any
    /// path that leads to it, so that modules do not count.
    pub fn is(&self, target: &str, own: &BTreeSet<String>) -> bool {
        let parts: Vec<&str> = target.split("::").collect();
        let (Some(name), Some(krate)) = (parts.last(), parts.first()) else { return false };
        if self.path.last() != Some(name) {
            return false;
        }
        let owner = parts.len().checked_sub(2).map(|at| parts[at]).filter(|owner| is_type(owner));
        let outer = self
            .path
            .len()
            .checked_sub(2)
            .map(|at| self.path[at])
            .filter(|owner| is_type(owner) || owner.starts_with("__"));
        // Some names are given out under another that tells where they come from: `__tracing_subscriber_Layer`.
        let outer =
            outer.map(|owner| if owner.starts_with("__") { owner.rsplit('_').next().unwrap_or(owner) } else { owner });
        let owners = [outer, self.of];
        let same_owner = match owner {
            Some(_) => owners.contains(&owner),
            // The methods of numbers stand in modules.
            None => owners.into_iter().flatten().all(is_primitive),
        };
        // An item that several crates give out is known by its module or type.
        let given_out =
            parts.len() > 2 && self.path.len() > 2 && self.path[self.path.len() - 2] == parts[parts.len() - 2];
        same_owner && (self.by_trait || given_out || self.same_crate(krate, own))
    }

    /// Whether the path may start from the crate, or leads through it: `parking_lot::lock_api::Mutex`.
    fn same_crate(&self, krate: &str, own: &BTreeSet<String>) -> bool {
        let family = |krate| if ["core", "alloc"].contains(&krate) { "std" } else { krate };
        self.path.len() == 1 || self.path.iter().any(|part| family(part) == family(krate)) || own.contains(krate)
    }
}

/// The segments of a path, without generic arguments.
fn segments(text: &str) -> Vec<&str> {
    let (mut rest, mut found) = (text, Vec::new());
    while !rest.is_empty() {
        let end = at_depth_zero(rest, "::").unwrap_or(rest.len());
        let segment = &rest[..end];
        let is_last = end == rest.len();
        let is_generic = segment.starts_with('<') && (is_last || !segment.starts_with("<impl "));
        if !is_generic {
            let plain = if segment.starts_with('<') { segment } else { segment.split('<').next().unwrap_or(segment) };
            found.push(plain);
        }
        rest = rest[end..].trim_start_matches("::");
    }
    found
}

/// The name of a type, without references, path and arguments.
fn head(ty: &str) -> &str {
    let mut ty = ty.trim();
    loop {
        let bare = ty.trim_start_matches(['&', '*', '(']);
        let bare = bare.trim_start_matches("mut ").trim_start_matches("const ").trim_start_matches("dyn ");
        let bare = match bare.strip_prefix('\'') {
            Some(lifetime) => lifetime.split_once(' ').map_or("", |(_, rest)| rest),
            None => bare,
        };
        if bare == ty {
            break;
        }
        ty = bare;
    }
    match ty.as_bytes().first() {
        Some(b'[') => "slice",
        _ => segments(ty).last().copied().unwrap_or(ty),
    }
}

/// The parts of a list, split at its own commas.
pub fn parts(list: &str) -> Vec<&str> {
    let (mut rest, mut found) = (list, Vec::new());
    while let Some(at) = at_depth_zero(rest, ",") {
        found.push(rest[..at].trim());
        rest = &rest[at + 1..];
    }
    found.push(rest.trim());
    found
}

/// Where a text stands outside of all brackets.
pub fn at_depth_zero(text: &str, wanted: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        let is_arrow = character == '>' && text[..at].ends_with(['-', '=']);
        if depth == 0 && !is_arrow && text[at..].starts_with(wanted) {
            return Some(at);
        }
        match character {
            '<' | '(' | '[' | '{' => depth += 1,
            '>' if is_arrow => {}
            '>' | ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn is_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase) || is_primitive(name)
}

fn is_primitive(name: &str) -> bool {
    const PRIMITIVES: [&str; 18] = [
        "str", "slice", "bool", "char", "f32", "f64", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32",
        "i64", "i128", "isize",
    ];
    PRIMITIVES.contains(&name)
}
