//! `graph`: a picture of crates, modules or services.

use super::{Output, WorkspaceArgs};
use crate::engine::{self, Options, Prepared};
use crate::error::{UserError, nearest};
use crate::graph::{DevEdges, EdgeKind, Graph, Selection, View};
use crate::report::displayable;
use crate::workspace::Workspace;
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct GraphArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    /// Show modules and which needs what another one declares, instead of crates
    #[arg(long)]
    modules: bool,
    /// Show services, what enters them, and the topics, endpoints and tables that they name
    #[arg(long, conflicts_with = "modules")]
    services: bool,
    /// Show the modules of this package only
    #[arg(long, short, value_name = "NAME", requires = "modules")]
    package: Vec<String>,
    /// Show only what is around this node
    #[arg(long, value_name = "NODE", conflicts_with_all = ["from", "to"])]
    focus: Option<String>,
    /// How far around it
    #[arg(long, value_name = "EDGES", default_value_t = 1, requires = "focus")]
    depth: usize,
    /// Show only the shortest ways from this node
    #[arg(long, value_name = "NODE", requires = "to")]
    from: Option<String>,
    /// ... to this one
    #[arg(long, value_name = "NODE", requires = "from")]
    to: Option<String>,
    /// The kinds of dependencies shown [default: normal,build, and those for development that close a cycle]
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    edges: Vec<KindArg>,
    /// Show figures instead of edges: who depends on whom, how far changes reach, how much is in cycles
    #[arg(long, conflicts_with_all = ["services", "focus", "from", "edges"])]
    metrics: bool,
    /// Show how the figures have changed since the merge base with this revision
    #[arg(long, value_name = "REV", requires = "metrics")]
    diff_base: Option<String>,
    #[arg(long, value_enum, default_value_t = GraphFormat::Text)]
    format: GraphFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum KindArg {
    Normal,
    Build,
    Dev,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GraphFormat {
    /// For people: level by level, what each leads to, and the cycles
    Text,
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
    /// For programs
    Json,
    /// One page to look at in a browser, which needs nothing else
    Html,
}

impl GraphArgs {
    fn view(&self) -> View {
        match (self.modules, self.services) {
            (true, _) => View::Modules,
            (_, true) => View::Services,
            _ => View::Crates,
        }
    }

    fn dev_edges(&self) -> DevEdges {
        if self.edges.contains(&KindArg::Dev) { DevEdges::Shown } else { DevEdges::Hidden }
    }

    fn selection(&self) -> Selection {
        let kind = |kind: &KindArg| match kind {
            KindArg::Normal => EdgeKind::Normal,
            KindArg::Build => EdgeKind::Build,
            KindArg::Dev => EdgeKind::Dev,
        };
        Selection {
            kinds: self.edges.iter().map(kind).collect(),
            focus: self.focus.clone().map(|node| (node, self.depth)),
            path: self.from.clone().zip(self.to.clone()),
            // The page hides dependencies for development until they are asked for.
            keeps_dev: self.format == GraphFormat::Html,
        }
    }
}

/// Draws what is asked for; what there is to say about it goes to the other stream.
pub fn graph(args: &GraphArgs) -> Result<Output, UserError> {
    let options = args.workspace.options();
    if args.metrics && !matches!(args.format, GraphFormat::Text | GraphFormat::Json) {
        return Err(UserError::new("figures are a table").help("use `--format text` or `--format json`"));
    }
    engine::with_threads(&options, || {
        let prepared = engine::prepare(&options)?;
        if args.metrics {
            return metrics(args, &options, &prepared);
        }
        let model = prepared.model();
        args.package.iter().try_for_each(|name| is_there(model.workspace, name))?;
        let whole = Graph::of(&model, args.view(), &args.package);
        let (graph, remark) = whole.select(&args.selection())?;
        let stdout = match args.format {
            GraphFormat::Text => graph.text(),
            GraphFormat::Dot => graph.dot(),
            GraphFormat::Mermaid => graph.mermaid(),
            GraphFormat::Json => graph.json(),
            GraphFormat::Html => graph.html(args.dev_edges()),
        };
        let stderr = remark.map(|remark| format!("note: {remark}\n")).unwrap_or_default();
        Ok(Output { stdout, stderr, ..Output::default() })
    })
}

/// The figures, beside those of the base when there is one.
fn metrics(args: &GraphArgs, options: &Options, prepared: &Prepared) -> Result<Output, UserError> {
    args.package.iter().try_for_each(|name| is_there(&prepared.workspace, name))?;
    let figures = |prepared: &Prepared| Graph::of(&prepared.model(), args.view(), &args.package).figures();
    let base = args.diff_base.as_ref().map(|rev| engine::at_merge_base(prepared, rev, options)).transpose()?.flatten();
    let (now, before) = (figures(prepared), base.as_ref().map(|base| figures(&base.prepared)));
    let stdout = match args.format {
        GraphFormat::Json => now.json(args.view(), before.as_ref()),
        _ => now.text(args.view(), before.as_ref()),
    };
    Ok(Output { stdout, ..Output::default() })
}

fn is_there(workspace: &Workspace, name: &str) -> Result<(), UserError> {
    let mut names = workspace.packages.iter().map(|package| package.name.as_str());
    if names.any(|package| package == name) {
        return Ok(());
    }
    let error = UserError::new(format!("there is no package `{}` in the workspace", displayable(name)));
    let names = workspace.packages.iter().map(|package| package.name.as_str());
    Err(match nearest(name, names) {
        Some(near) => error.help(format!("did you mean `{}`?", displayable(near))),
        None => error,
    })
}
