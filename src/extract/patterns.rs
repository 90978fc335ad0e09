//! Patterns.

use super::blocks::BodyBuilder;
use crate::facts::{Pattern, PatternId, PatternKind};
use crate::source::TextRange;
use syn::spanned::Spanned;
use syn::{Expr, Member, Pat};

impl BodyBuilder<'_, '_> {
    /// Reads a pattern; a guard is not part of it.
    pub fn pattern(&mut self, pattern: &Pat) -> PatternId {
        let id = PatternId(self.body.patterns.len() as u32);
        let range = TextRange::default();
        self.body.patterns.push(Pattern { kind: PatternKind::Unknown, range });
        let (kind, range) = self.pattern_kind(pattern);
        self.body.patterns[id.index()] = Pattern { kind, range };
        id
    }

    fn pattern_kind(&mut self, pattern: &Pat) -> (PatternKind, TextRange) {
        let kind = match pattern {
            Pat::Ident(ident) => {
                let range = self.ex.range(ident.ident.span());
                let name = self.ex.ident(&ident.ident);
                let inner = ident.subpat.as_ref().map(|(_, inner)| self.pattern(inner));
                let (by_ref, mutable) = (ident.by_ref.is_some(), ident.mutability.is_some());
                return (PatternKind::Bind { name, by_ref, mutable, inner }, range);
            }
            Pat::Wild(wild) => return (PatternKind::Wild, self.ex.range(wild.underscore_token.span)),
            Pat::Guard(guard) => return self.pattern_kind(&guard.pat),
            Pat::Paren(paren) => return self.pattern_kind(&paren.pat),
            Pat::Type(typed) => return self.pattern_kind(&typed.pat),
            Pat::Rest(_) => PatternKind::Rest,
            Pat::Path(path) => PatternKind::Path(self.path_id(&path.path, path.qself.as_ref())),
            Pat::Lit(literal) => PatternKind::Literal(self.literal(&literal.lit)),
            Pat::Tuple(tuple) => PatternKind::Tuple(self.pattern_list(&tuple.elems)),
            Pat::TupleStruct(tuple) => {
                let path = self.path_id(&tuple.path, tuple.qself.as_ref());
                PatternKind::TupleStruct(path, self.pattern_list(&tuple.elems))
            }
            Pat::Struct(fields) => {
                let path = self.path_id(&fields.path, fields.qself.as_ref());
                let fields = fields.fields.iter().map(|field| (self.member(&field.member), self.pattern(&field.pat)));
                let fields = fields.collect();
                PatternKind::Struct(path, fields)
            }
            Pat::Slice(slice) => PatternKind::Slice(self.pattern_list(&slice.elems)),
            Pat::Or(or) => PatternKind::Or(self.pattern_list(&or.cases)),
            Pat::Reference(reference) => PatternKind::Ref(self.pattern(&reference.pat)),
            _ => PatternKind::Unknown,
        };
        (kind, self.ex.range(pattern.span()))
    }

    fn pattern_list<'p>(&mut self, patterns: impl IntoIterator<Item = &'p Pat>) -> Vec<PatternId> {
        patterns.into_iter().map(|pattern| self.pattern(pattern)).collect()
    }

    pub fn member(&mut self, member: &Member) -> crate::facts::Name {
        match member {
            Member::Named(ident) => self.ex.ident(ident),
            Member::Unnamed(index) => self.ex.intern(&index.index.to_string()),
        }
    }
}

/// The guard of an arm, which the parser keeps in the pattern.
pub fn guard(pattern: &Pat) -> Option<&Expr> {
    match pattern {
        Pat::Guard(guard) => Some(&guard.guard),
        Pat::Paren(paren) => guard(&paren.pat),
        _ => None,
    }
}
