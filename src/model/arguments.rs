//! What an argument that a caller writes out rules out in the function that is called: `load(None)` takes no `Some(..)`.

use super::defs::DefKind;
use super::site::Site;
use crate::facts::{Body, NodeKind, Operator, PatternId, PatternKind};

/// An argument of which it is written which way it leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written<'m> {
    Bool(bool),
    /// A variant, by its name.
    Variant(&'m str),
}

impl<'m> Site<'m> {
    /// Whether this is not done when the function around is called by `call`, which writes out an argument that leads
    /// another way.
    pub fn is_ruled_out_by(self, call: Site<'m>) -> bool {
        let body = self.body();
        let mut below = self.node;
        body.ancestors(self.node).any(|around| {
            let child = std::mem::replace(&mut below, around);
            match body.kind(around) {
                NodeKind::If => {
                    let way = (1..3).find(|nth| body.child(around, *nth) == Some(child));
                    let holds = body.child(around, 0).and_then(|asked| self.at(asked).holds_for(call));
                    matches!((way, holds), (Some(1), Some(false)) | (Some(2), Some(true)))
                }
                NodeKind::Arm { pattern, .. } => {
                    let asked = body.child(body.node(around).parent, 0).map(|asked| self.at(asked));
                    let written = asked.filter(|asked| asked.node != child).and_then(|asked| asked.written_by(call));
                    written.is_some_and(|written| self.takes(pattern, written) == Some(false))
                }
                _ => false,
            }
        })
    }

    /// Whether a condition holds for what a call writes out.
    fn holds_for(self, call: Site<'m>) -> Option<bool> {
        match self.kind() {
            NodeKind::Operator(Operator::Not) => Some(!self.child(0)?.holds_for(call)?),
            NodeKind::LetCondition(pattern) => self.takes(pattern, self.child(0)?.written_by(call)?),
            _ => match self.written_by(call)? {
                Written::Bool(value) => Some(value),
                Written::Variant(_) => None,
            },
        }
    }

    /// Whether a pattern takes a value, as far as its name says so.
    fn takes(self, pattern: PatternId, value: Written<'m>) -> Option<bool> {
        let body = self.body();
        let is_named = |name: &str| match value {
            Written::Variant(variant) => Some(variant == name),
            Written::Bool(_) => None,
        };
        match &body.pattern(pattern).kind {
            PatternKind::Ref(inner) => self.takes(*inner, value),
            PatternKind::Or(any) => {
                let all: Option<Vec<bool>> = any.iter().map(|one| self.takes(*one, value)).collect();
                all.map(|all| all.contains(&true))
            }
            PatternKind::Path(path) | PatternKind::TupleStruct(path, _) | PatternKind::Struct(path, _) => {
                is_named(self.text_of(body.path(*path).segments.last()?.name))
            }
            // A name in capitals is that of a variant or constant.
            PatternKind::Bind { name, inner: None, .. } if self.text_of(*name).starts_with(char::is_uppercase) => {
                is_named(self.text_of(*name))
            }
            PatternKind::Wild | PatternKind::Bind { .. } => Some(true),
            PatternKind::Literal(literal) => match (body.bool_literal(*literal), value) {
                (Some(literal), Written::Bool(value)) => Some(literal == value),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a call writes out for the parameter that this names, perhaps through references and methods of options that
    /// leave it what it is.
    fn written_by(self, call: Site<'m>) -> Option<Written<'m>> {
        let lang = &self.model.declared.lang;
        match self.kind() {
            NodeKind::Name(_) => {
                let local = self.view.types.locals.get(&self.node)?;
                let position = self.at(Body::ROOT).params().iter().position(|param| param == local)?;
                call.argument_of(self, position)?.written()
            }
            NodeKind::Operator(Operator::Ref { .. } | Operator::Deref) => self.child(0)?.written_by(call),
            NodeKind::Method { .. } if self.args().count() == 0 => {
                let inner = self.child(0)?;
                let is_option = |site: Site<'m>| site.type_def().is_some() && site.type_def() == lang.option;
                if is_option(self) && is_option(inner) { inner.written_by(call) } else { None }
            }
            _ => None,
        }
    }

    /// What a call gives for a parameter of the function around `inside`.
    fn argument_of(self, inside: Site<'m>, position: usize) -> Option<Site<'m>> {
        let owner = inside.view.prepared.owner;
        let receiver = self.model.names.defs.function(owner)?.receiver.is_some();
        match self.kind() {
            NodeKind::Method { .. } => self.arg(position),
            NodeKind::Call => self.arg(position + usize::from(receiver)),
            _ => None,
        }
    }

    fn written(self) -> Option<Written<'m>> {
        let defs = &self.model.names.defs;
        let variant = |def| match defs.get(def).kind {
            DefKind::Variant(_) => Some(Written::Variant(defs.name(def))),
            _ => None,
        };
        match self.kind() {
            NodeKind::Literal(literal) => self.body().bool_literal(literal).map(Written::Bool),
            NodeKind::Operator(Operator::Ref { .. }) => self.child(0)?.written(),
            NodeKind::Name(_) | NodeKind::Path(_) => variant(self.model.places.named_at((self.view.id, self.node))?),
            NodeKind::Call => variant(self.target()?),
            _ => None,
        }
    }
}
