//! What the model says of each place, as JSON lines: held against what the compiler says.

use crate::facts::Body;
use crate::model::Model;
use crate::model::defs::{DefId, DefKind};
use crate::model::liveness::{held, held_from_the_start};
use crate::model::ownership::GUARDS;
use crate::model::roles::RoleSet;
use crate::model::site::Site;
use crate::model::types::{CallKind, Target};
use crate::source::{FileId, LineIndex, Span};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Position<'m> {
    path: &'m str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct CallSite<'m> {
    #[serde(flatten)]
    at: Position<'m>,
    kind: &'static str,
    target: Option<String>,
    certainty: &'static str,
}

#[derive(Serialize)]
struct AwaitSite<'m> {
    #[serde(flatten)]
    at: Position<'m>,
    guards: Vec<Guard<'m>>,
}

#[derive(Serialize)]
struct Guard<'m> {
    #[serde(rename = "type")]
    of: String,
    name: Option<&'m str>,
    taken: Position<'m>,
}

/// Every call site of production code: from the receiver or path to the closing parenthesis, as the compiler gives it.
pub fn calls(model: &Model<'_>) -> String {
    let mut lines = Lines::new(model);
    for view in model.bodies() {
        for call in &view.types.calls {
            let site = Site { model, view, node: call.node };
            let line = CallSite {
                at: lines.position(site.span()),
                kind: match call.kind {
                    CallKind::Path => "path",
                    CallKind::Method => "method",
                    CallKind::Macro => "macro",
                },
                target: target_path(model, call.target),
                certainty: match (call.target, call.kind) {
                    (Target::Def(_) | Target::Closure(_), CallKind::Method) => "typed",
                    (Target::Def(_) | Target::Closure(_), _) => "path",
                    _ => "unknown",
                },
            };
            lines.push(&line);
        }
    }
    lines.text
}

/// Every place of production code at which a task may be suspended while guards are alive, with these.
pub fn guards(model: &Model<'_>) -> String {
    let mut lines = Lines::new(model);
    let roles = RoleSet::of(&GUARDS);
    let mut found: BTreeMap<Span, Vec<Guard<'_>>> = BTreeMap::new();
    let taken = model.sites().filter_map(|site| Some((site, held(model, site, roles)?)));
    let functions = model.bodies().map(|view| Site { model, view, node: Body::ROOT });
    let given =
        functions.flat_map(|site| held_from_the_start(model, site, roles).into_iter().map(move |held| (site, held)));
    for (site, held) in taken.chain(given) {
        for wait in held.awaits() {
            let of = model.names.defs.path(held.guard);
            let guard = Guard { of, name: held.name, taken: lines.position(site.span()) };
            found.entry(wait.span()).or_default().push(guard);
        }
    }
    for (span, guards) in found {
        let at = lines.position(span);
        lines.push(&AwaitSite { at, guards });
    }
    lines.text
}

/// The paths of the types whose values are guards.
pub fn guard_types(model: &Model<'_>) -> Vec<String> {
    let roles = RoleSet::of(&GUARDS);
    let defs = &model.names.defs;
    defs.ids().filter(|def| model.roles.of(*def).meets(roles)).map(|def| defs.path(def)).collect()
}

/// Lines of JSON, and what is needed to tell where something is.
struct Lines<'m> {
    model: &'m Model<'m>,
    texts: BTreeMap<FileId, (String, LineIndex)>,
    text: String,
}

impl<'m> Lines<'m> {
    fn new(model: &'m Model<'m>) -> Self {
        Self { model, texts: BTreeMap::new(), text: String::new() }
    }

    fn position(&mut self, span: Span) -> Position<'m> {
        let workspace = self.model.workspace;
        let (text, index) = self.texts.entry(span.file).or_insert_with(|| {
            let text = workspace.read(span.file).unwrap_or_default();
            let index = LineIndex::new(&text);
            (text, index)
        });
        let (start, end) = (index.position(text, span.range.start), index.position(text, span.range.end));
        Position {
            path: &workspace.file(span.file).path,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    fn push(&mut self, line: &impl Serialize) {
        self.text.push_str(&serde_json::to_string(line).expect("strings and numbers serialise"));
        self.text.push('\n');
    }
}

fn target_path(model: &Model<'_>, target: Target) -> Option<String> {
    match target {
        Target::Def(def) => Some(path_of(model, def)),
        Target::Closure(_) => Some("{closure}".into()),
        Target::Member(..) | Target::Value | Target::Unknown => None,
    }
}

/// A path that names the type or trait of a member: the impls of types from elsewhere stand in no type.
fn path_of(model: &Model<'_>, def: DefId) -> String {
    let defs = &model.names.defs;
    let owner = defs.get(def).parent.filter(|owner| defs.get(*owner).kind == DefKind::Impl);
    let in_module =
        owner.and_then(|owner| defs.get(owner).parent).is_some_and(|at| defs.get(at).kind == DefKind::Module);
    let of_trait = owner.filter(|_| in_module).and_then(|owner| model.declared.find_impl(owner)?.of_trait);
    match of_trait {
        Some((of, _)) => format!("{}::{}", defs.path(of), defs.name(def)),
        None => defs.path(def),
    }
}
