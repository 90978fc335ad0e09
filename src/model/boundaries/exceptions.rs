//! Exceptions: which violations they cover, and which of them are not as they should be.

use super::Drawn;
use super::breaches::Violation;
use super::edges::Edges;
use crate::config::{Date, EdgeKind, Exception};
use crate::error::nearest;
use crate::source::Span;

/// An exception of which something is to be said.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The edge, as `from -> to`.
    pub edge: String,
    pub owner: Option<String>,
    pub place: Span,
    pub doubt: Doubt,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The last day is over, and the edge is still there.
    Expired(Date),
    /// No such package; perhaps another one is meant.
    NoPackage { name: String, near: Option<String> },
    /// The package does not depend on that one, or no longer.
    NoEdge,
    /// Nothing forbids the edge, or not any more.
    NotForbidden,
    /// An earlier one covers the edge.
    Again,
    /// The edge is also of this kind, which is not excepted.
    OtherKind(EdgeKind),
}

/// Marks the violations that are accepted.
pub fn apply(drawn: Drawn<'_>, edges: &Edges<'_>, violations: &mut [Violation]) -> Vec<Judged> {
    let mut judged = Vec::new();
    for exception in &drawn.config.exceptions {
        let doubt = match violations.iter_mut().find(|violation| is_for(exception, violation)) {
            Some(violation) => cover(exception, violation, drawn.today),
            None => Some(not_needed(exception, edges)),
        };
        if let (Some(doubt), Some(file)) = (doubt, drawn.file) {
            judged.push(Judged {
                edge: format!("{} -> {}", exception.from, exception.to),
                owner: exception.owner.clone(),
                place: Span::new(file, exception.range),
                doubt,
            });
        }
    }
    judged
}

fn is_for(exception: &Exception, violation: &Violation) -> bool {
    (&exception.from, &exception.to) == (&violation.source, &violation.to)
}

fn cover(exception: &Exception, violation: &mut Violation, today: Date) -> Option<Doubt> {
    if violation.accepted.is_some() {
        return Some(Doubt::Again);
    }
    if let Some(until) = exception.until.filter(|until| *until < today) {
        return Some(Doubt::Expired(until));
    }
    if let Some(kind) = violation.kinds.iter().find(|kind| !exception.kinds.has(**kind)) {
        return Some(Doubt::OtherKind(*kind));
    }
    violation.accepted = Some(exception.reason.clone());
    None
}

fn not_needed(exception: &Exception, edges: &Edges<'_>) -> Doubt {
    let workspace = edges.workspace;
    let package = exception.from.split("::").next().unwrap_or_default();
    let Some(from) = workspace.package_ids().find(|id| workspace.package(*id).name == package) else {
        let names = workspace.packages.iter().map(|package| package.name.as_str());
        let near = nearest(package, names).map(str::to_string);
        return Doubt::NoPackage { name: exception.from.clone(), near };
    };
    let mut edges_from = edges.from(from).map(|edge| edges.name(edge.to));
    if edges_from.any(|name| name == exception.to) {
        return Doubt::NotForbidden;
    }
    let names: Vec<&str> = edges.from(from).map(|edge| edges.name(edge.to)).collect();
    match nearest(&exception.to, names) {
        Some(near) => Doubt::NoPackage { name: exception.to.clone(), near: Some(near.to_string()) },
        None => Doubt::NoEdge,
    }
}
