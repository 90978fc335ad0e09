//! What was seen of a workspace, and how much of it was understood: how the model is measured.

use crate::facts::GapKind;
use crate::model::Model;
use crate::model::calls::Certainty;
use crate::model::defs::DefId;
use crate::model::types::{Call, CallKind, Target};
use crate::source::LineIndex;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Instant;

/// How long each stage took, in the order they ran.
#[derive(Clone, Debug, Default)]
pub struct Timings {
    pub stages: Vec<(&'static str, f64)>,
}

impl Timings {
    pub fn time<T>(&mut self, stage: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        self.stages.push((stage, start.elapsed().as_secs_f64() * 1000.0));
        result
    }
}

#[derive(Debug, Default, Serialize)]
pub struct Stats {
    packages: usize,
    targets: usize,
    files: usize,
    lines: u64,
    functions: usize,
    path_calls: Resolved,
    method_calls: Typed,
    call_edges: BTreeMap<&'static str, usize>,
    not_understood: BTreeMap<&'static str, usize>,
    stages_ms: BTreeMap<&'static str, f64>,
    peak_memory_bytes: Option<u64>,
}

/// Where calls by path lead.
#[derive(Debug, Default, Serialize)]
struct Resolved {
    workspace: usize,
    external: usize,
    unknown: usize,
}

/// Whether the method of a call is known, which takes its receiver's type.
#[derive(Debug, Default, Serialize)]
struct Typed {
    typed: usize,
    untyped: usize,
}

pub fn gather(model: &Model<'_>, timings: &Timings) -> Stats {
    let workspace = model.workspace;
    let mut stats = Stats {
        packages: workspace.packages.len(),
        targets: workspace.packages.iter().map(|package| package.targets.len()).sum(),
        files: workspace.files.iter().filter(|file| !file.facts.modules.is_empty()).count(),
        lines: workspace.files.iter().map(|file| u64::from(file.facts.lines)).sum(),
        functions: model.bodies().filter(|body| model.names.defs.function(body.prepared.owner).is_some()).count(),
        stages_ms: timings.stages.iter().copied().collect(),
        peak_memory_bytes: peak_memory(),
        ..Stats::default()
    };
    for body in model.bodies() {
        for call in &body.types.calls {
            stats.count(model, call);
        }
    }
    for certainty in model.calls.edges().map(|edge| edge.certainty) {
        *stats.call_edges.entry(certainty_word(certainty)).or_default() += 1;
    }
    for gap in workspace.files.iter().flat_map(|file| &file.facts.gaps) {
        *stats.not_understood.entry(gap_word(gap.kind)).or_default() += 1;
    }
    stats
}

impl Stats {
    fn count(&mut self, model: &Model<'_>, call: &Call) {
        match call.kind {
            CallKind::Macro => {}
            CallKind::Method => {
                *if call.target == Target::Unknown {
                    &mut self.method_calls.untyped
                } else {
                    &mut self.method_calls.typed
                } += 1;
            }
            CallKind::Path => {
                *match call.target {
                    // What a local or field holds is no path.
                    Target::Value => return,
                    Target::Def(def) if model.names.defs.is_workspace(def) => &mut self.path_calls.workspace,
                    Target::Closure(_) => &mut self.path_calls.workspace,
                    Target::Def(_) | Target::Member(..) => &mut self.path_calls.external,
                    Target::Unknown => &mut self.path_calls.unknown,
                } += 1;
            }
        }
    }

    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings and numbers serialise") + "\n"
    }

    pub fn human(&self) -> String {
        let share = |part: usize, whole: usize| 100.0 * part as f64 / (whole.max(1)) as f64;
        let Resolved { workspace, external, unknown } = self.path_calls;
        let paths = workspace + external + unknown;
        let Typed { typed, untyped } = self.method_calls;
        let list = |counts: &BTreeMap<&str, usize>| {
            counts.iter().map(|(word, count)| format!("{word} {count}")).collect::<Vec<_>>().join(", ")
        };
        let stages: Vec<String> = self.stages_ms.iter().map(|(stage, ms)| format!("{stage} {ms:.0} ms")).collect();
        let memory = self.peak_memory_bytes.map_or("unknown".into(), |bytes| format!("{} MB", bytes / 1_000_000));
        format!(
            "packages        {}\ntargets         {}\nfiles           {}\nlines           {}\nfunctions       {}\n\
             path calls      {paths}: workspace {workspace}, external {external}, unknown {unknown} ({:.1} % resolved)\n\
             method calls    {}: typed {typed}, untyped {untyped} ({:.1} % typed)\n\
             call edges      {}\nnot understood  {}\ntime            {}\npeak memory     {memory}\n",
            self.packages,
            self.targets,
            self.files,
            self.lines,
            self.functions,
            share(workspace + external, paths),
            typed + untyped,
            share(typed, typed + untyped),
            list(&self.call_edges),
            list(&self.not_understood),
            stages.join(", "),
        )
    }
}

fn certainty_word(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Path => "path",
        Certainty::Typed => "typed",
        Certainty::Dispatch => "dispatch",
        Certainty::Ambiguous => "ambiguous",
        Certainty::UniqueName => "unique_name",
    }
}

fn gap_word(kind: GapKind) -> &'static str {
    match kind {
        GapKind::Item => "items",
        GapKind::ItemMacro => "item macros",
        GapKind::BodyMacro => "macros",
        GapKind::Expression => "expressions",
    }
}

/// The most memory the process has held so far, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = crate::workspace::process_status()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[derive(Serialize)]
struct CallSite<'m> {
    path: &'m str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    kind: &'static str,
    target: Option<String>,
    certainty: &'static str,
}

/// Every call site of production code, as JSON lines.
pub fn calls(model: &Model<'_>) -> String {
    let mut lines = String::new();
    let mut texts: BTreeMap<u32, (String, LineIndex)> = BTreeMap::new();
    for body in model.bodies() {
        let file = body.prepared.file;
        let (text, index) = texts.entry(file.0).or_insert_with(|| {
            let text = model.workspace.read(file).unwrap_or_default();
            let index = LineIndex::new(&text);
            (text, index)
        });
        for call in &body.types.calls {
            // From the receiver or path to the closing parenthesis, as the compiler gives it.
            let range = body.facts().node(call.node).range;
            let (start, end) = (index.position(text, range.start), index.position(text, range.end));
            let site = CallSite {
                path: &model.workspace.file(file).path,
                line: start.line,
                column: start.column,
                end_line: end.line,
                end_column: end.column,
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
            lines.push_str(&serde_json::to_string(&site).expect("strings and numbers serialise"));
            lines.push('\n');
        }
    }
    lines
}

fn target_path(model: &Model<'_>, target: Target) -> Option<String> {
    let path = |def: DefId| model.names.defs.path(def);
    match target {
        Target::Def(def) => Some(path(def)),
        Target::Closure(_) => Some("{closure}".into()),
        Target::Member(..) | Target::Value | Target::Unknown => None,
    }
}
