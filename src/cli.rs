//! Arguments in, texts out.

mod baseline;
mod compiler;
mod fixing;
mod graph;
mod init;
mod outputs;
mod shell;

use crate::engine::{self, BaselineFile, Options};
use crate::entry_points::EntryPointList;
use crate::error::UserError;
use crate::finding::{Confidence, Severity};
use crate::levels::{Asked, no_such_rule};
use crate::progress::Progress;
use crate::report::{self, Report, terminal::Style};
use crate::stats;
use crate::workspace::Locate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use fixing::FixArgs;
use outputs::{Drawn, OutputArgs, Plan};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Nothing at or above the limit was found.
pub const CLEAN: u8 = 0;
/// Something at or above the limit was found.
pub const FOUND: u8 = 1;
/// The tool could not do its work.
pub const FAILED: u8 = 2;

/// Says what in a Rust workspace will break when it has to scale.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-scale-lint",
    bin_name = "cargo scale-lint",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 the tool could not do its work."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: CheckArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Analyse the workspace (the default)
    Check(Box<CheckArgs>),
    /// Show the page of a rule: what it means at scale, how to fix it, examples
    Explain {
        /// The rule's id
        rule: String,
    },
    /// List all rules
    Rules {
        #[arg(long, value_enum, default_value_t = ListFormat::Human)]
        format: ListFormat,
    },
    /// List what is called from outside: on which thread, and what observes and limits it
    EntryPoints(EntryPointsArgs),
    /// Draw crates, modules or services and what leads from one to another
    Graph(graph::GraphArgs),
    /// Print what was seen of the workspace and how much of it was understood
    Stats(StatsArgs),
    /// Keep today's findings as known, so that `check` shows and fails on new ones only
    Baseline(baseline::BaselineArgs),
    /// Write scale-lint.toml, fitted to the workspace, and a baseline of today's findings
    Init(init::InitArgs),
    /// Print the completions for a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page, in the format of man(7)
    Man,
}

#[derive(Debug, Args)]
struct WorkspaceArgs {
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH")]
    manifest_path: Option<PathBuf>,
    /// Assert that Cargo.lock will remain unchanged
    #[arg(long)]
    locked: bool,
    /// Run without accessing the network (always so)
    #[arg(long)]
    offline: bool,
    /// Equivalent to specifying both --locked and --offline
    #[arg(long)]
    frozen: bool,
    /// Read the manifests instead of asking cargo, which then is not run at all
    #[arg(long)]
    no_cargo: bool,
    /// Read all sources anew and keep nothing
    #[arg(long)]
    no_cache: bool,
    /// Number of threads, by default the number of processors
    #[arg(long, short, value_name = "N", default_value_t = 0, hide_default_value = true)]
    jobs: usize,
    /// Coloring
    #[arg(long, value_enum, value_name = "WHEN", env = "CARGO_TERM_COLOR", default_value_t = Color::Auto)]
    color: Color,
}

#[derive(Debug, Args)]
struct CheckArgs {
    #[command(flatten)]
    workspace: WorkspaceArgs,
    /// Report only findings in this package
    #[arg(long, short, value_name = "NAME")]
    package: Vec<String>,
    /// Report findings in all packages (the default)
    #[arg(long = "workspace", id = "all", alias = "all", conflicts_with = "package")]
    all: bool,
    /// Leave out findings in this package
    #[arg(long, value_name = "NAME")]
    exclude: Vec<String>,
    #[command(flatten)]
    output: OutputArgs,
    /// The lowest severity that makes the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<SeverityArg>,
    /// Show findings of at least this confidence
    #[arg(long, value_enum, value_name = "CONFIDENCE")]
    min_confidence: Option<ConfidenceArg>,
    /// Switch a rule off
    #[arg(long, short = 'A', value_name = "RULE")]
    allow: Vec<String>,
    /// Make a rule's findings warnings
    #[arg(long, short = 'W', value_name = "RULE")]
    warn: Vec<String>,
    /// Make a rule's findings errors
    #[arg(long, short = 'D', value_name = "RULE")]
    deny: Vec<String>,
    /// Findings that are known and not shown [default: scale-lint.baseline.json at the workspace root, if it is there]
    #[arg(long, value_name = "PATH")]
    baseline: Option<PathBuf>,
    /// Show known findings too
    #[arg(long, conflicts_with = "baseline")]
    no_baseline: bool,
    /// Show only findings that are new since this branch was made from a revision, such as origin/main
    #[arg(long, value_name = "REV")]
    diff_base: Option<String>,
    #[command(flatten)]
    fix: FixArgs,
    /// Print findings only, no notes and no summary
    #[arg(long, short)]
    quiet: bool,
    /// Say more: also what was not reached
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Debug, Args)]
struct EntryPointsArgs {
    #[command(flatten)]
    workspace: WorkspaceArgs,
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    format: ListFormat,
}

#[derive(Debug, Args)]
struct StatsArgs {
    #[command(flatten)]
    workspace: WorkspaceArgs,
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    format: ListFormat,
    /// Print every call site of production code with its target, as JSON lines
    #[arg(long, conflicts_with = "guards")]
    calls: bool,
    /// Print every place at which a task may be suspended while guards are alive, with these, as JSON lines
    #[arg(long)]
    guards: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SeverityArg {
    Error,
    Warning,
    Note,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ConfidenceArg {
    High,
    Medium,
    Low,
}

impl From<ConfidenceArg> for Confidence {
    fn from(confidence: ConfidenceArg) -> Self {
        match confidence {
            ConfidenceArg::High => Confidence::High,
            ConfidenceArg::Medium => Confidence::Medium,
            ConfidenceArg::Low => Confidence::Low,
        }
    }
}

/// What a run prints, and the exit code.
#[derive(Debug, Default)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub code: u8,
}

impl WorkspaceArgs {
    fn options(&self) -> Options {
        let current_dir = std::env::current_dir().unwrap_or_default();
        let locate = Locate {
            manifest_path: self.manifest_path.clone(),
            current_dir,
            locked: self.locked || self.frozen,
            without_cargo: self.no_cargo,
        };
        let progress = if is_dumb_terminal() { Progress::default() } else { Progress::on_terminal() };
        Options { locate, cache: !self.no_cache, jobs: self.jobs, progress, ..Options::default() }
    }

    /// `--color`, then the conventions of the environment, then whether somebody is looking.
    fn style(&self, is_terminal: bool) -> Style {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let forced =
            set("FORCE_COLOR") || std::env::var("CLICOLOR_FORCE").is_ok_and(|value| value != "0" && !value.is_empty());
        let color = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !set("NO_COLOR") && (forced || (is_terminal && !is_dumb_terminal())),
        };
        let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        Style { color, width: width.unwrap_or(100).clamp(60, 160) }
    }
}

fn is_dumb_terminal() -> bool {
    std::env::var("TERM").is_ok_and(|term| term == "dumb")
}

/// Runs the program: everything but printing.
pub fn run(cli: &Cli) -> Output {
    let plain = Style { color: false, width: 100 };
    let (result, style) = match &cli.command {
        None => (check(&cli.check), cli.check.workspace.style(std::io::stderr().is_terminal())),
        Some(Command::Check(args)) => (check(args), args.workspace.style(std::io::stderr().is_terminal())),
        Some(Command::Explain { rule }) => (explain(rule), plain),
        Some(Command::Rules { format }) => (Ok(rules(*format)), plain),
        Some(Command::EntryPoints(args)) => (entry_points(args), args.workspace.style(std::io::stderr().is_terminal())),
        Some(Command::Graph(args)) => (graph::graph(args), args.workspace.style(std::io::stderr().is_terminal())),
        Some(Command::Stats(args)) => (show_stats(args), args.workspace.style(std::io::stderr().is_terminal())),
        Some(Command::Baseline(args)) => {
            (baseline::baseline(args), args.workspace.style(std::io::stderr().is_terminal()))
        }
        Some(Command::Init(args)) => (init::init(args), args.workspace.style(std::io::stderr().is_terminal())),
        Some(Command::Completions { shell }) => (Ok(shell::completions(*shell)), plain),
        Some(Command::Man) => (shell::manual(), plain),
    };
    result.unwrap_or_else(|error| Output {
        stderr: report::terminal::error(&error, style),
        code: FAILED,
        ..Output::default()
    })
}

fn check(args: &CheckArgs) -> Result<Output, UserError> {
    let plan = args.output.plan()?;
    if args.output.message_format.is_none() {
        return analyse(args, &plan);
    }
    // What goes wrong here is said beside what cargo says, and the last message comes in any case.
    let failure = |error: UserError| Output {
        stderr: report::terminal::error(&error, args.workspace.style(std::io::stderr().is_terminal())),
        code: FAILED,
        ..Output::default()
    };
    let compiled = if args.workspace.no_cargo { Ok(true) } else { compile(args) };
    let mut output = analyse(args, &plan).unwrap_or_else(failure);
    match compiled {
        Ok(true) => {}
        Ok(false) => output.code = output.code.max(FOUND),
        Err(error) => {
            let error = UserError::new(format!("cargo cannot be run: {error}")).help("`--no-cargo` does without it");
            output = Output { stdout: output.stdout, ..failure(error) };
        }
    }
    output.stdout.push_str(&report::cargo::finished(output.code == CLEAN));
    Ok(output)
}

/// Lets cargo check the same packages. Whether they compile.
fn compile(args: &CheckArgs) -> std::io::Result<bool> {
    let mut options: Vec<OsString> = vec![if args.output.clippy { "clippy" } else { "check" }.into()];
    options.push("--message-format=json".into());
    for (set, name) in [
        (args.workspace.locked, "--locked"),
        (args.workspace.offline, "--offline"),
        (args.workspace.frozen, "--frozen"),
        (args.package.is_empty(), "--workspace"),
    ] {
        options.extend(set.then(|| name.into()));
    }
    let manifest = args.workspace.manifest_path.iter().flat_map(|path| ["--manifest-path".into(), path.into()]);
    options.extend(manifest);
    options.extend(args.package.iter().flat_map(|name| ["--package".into(), name.into()]));
    // Cargo leaves out packages only of a whole workspace.
    let excluded = args.exclude.iter().filter(|_| args.package.is_empty());
    options.extend(excluded.flat_map(|name| ["--exclude".into(), name.into()]));
    options.extend(args.output.cargo_options.iter().map(OsString::from));
    compiler::pass_on(&options, &mut std::io::stdout().lock())
}

fn analyse(args: &CheckArgs, plan: &Plan) -> Result<Output, UserError> {
    let mut options = Options {
        packages: args.package.clone(),
        exclude: args.exclude.clone(),
        min_confidence: args.min_confidence.map(Confidence::from),
        baseline: match &args.baseline {
            Some(path) => BaselineFile::Named(path.clone()),
            None if args.no_baseline => BaselineFile::Ignored,
            None => BaselineFile::OfWorkspace,
        },
        diff_base: args.diff_base.clone(),
        fix: args.fix.wanted(),
        levels: Asked::new(&args.allow, &args.warn, &args.deny),
        ..args.workspace.options()
    };
    if args.quiet || args.output.message_format.is_some() {
        options.progress = Progress::default();
    }
    let outcome = engine::run(&options)?;
    let report = Report {
        workspace: &outcome.workspace,
        sources: &outcome.sources,
        rules: &outcome.rules,
        findings: &outcome.findings,
        notifications: &outcome.workspace.notifications,
        gone: outcome.gone,
        fixed: outcome.fixed,
    };
    let limit = args.fail_on.map(|severity| match severity {
        SeverityArg::Error => Severity::Error,
        SeverityArg::Warning => Severity::Warning,
        SeverityArg::Note => Severity::Note,
    });
    let limit = limit.or(outcome.config.fail_on).unwrap_or(Severity::Error);
    let found = report.active().any(|finding| finding.severity >= limit);
    let code = if outcome.failed {
        FAILED
    } else if found {
        FOUND
    } else {
        CLEAN
    };
    let detail = match (args.quiet, args.verbose) {
        (true, _) => report::terminal::Detail::Findings,
        (false, true) => report::terminal::Detail::Everything,
        (false, false) => report::terminal::Detail::Normal,
    };
    let style = args.workspace.style(std::io::stdout().is_terminal());
    let stdout = plan.write(&report, Drawn { style, detail })?;
    Ok(Output { stdout, code, ..Output::default() })
}

fn explain(id: &str) -> Result<Output, UserError> {
    let infos = engine::rule_infos();
    match infos.iter().find(|info| info.id == id) {
        Some(info) => Ok(Output { stdout: info.page.prose(), ..Output::default() }),
        None => Err(no_such_rule(id, &infos)),
    }
}

fn rules(format: ListFormat) -> Output {
    let infos = engine::rule_infos();
    let stdout = match format {
        ListFormat::Json => {
            let list: Vec<serde_json::Value> = infos
                .iter()
                .map(|info| {
                    serde_json::json!({
                        "id": info.id, "family": info.family, "severity": info.page.severity.word(),
                        "confidence": info.page.confidence.word(), "since": info.page.since.to_string(),
                        "fix": info.page.fix.map(|fix| fix.word()),
                        "title": info.page.title, "summary": info.page.summary, "options": info.page.options,
                    })
                })
                .collect();
            serde_json::to_string_pretty(&list).expect("strings and numbers serialise") + "\n"
        }
        ListFormat::Human => {
            let width = infos.iter().map(|info| info.id.len()).max().unwrap_or_default();
            let line = |info: &crate::rule::RuleInfo| {
                let fix = if info.page.fix.is_some() { "fix" } else { "" };
                format!("{:width$}  {:8}  {fix:4} {}\n", info.id, info.page.severity.word(), info.page.summary)
            };
            infos.iter().map(line).collect()
        }
    };
    Output { stdout, ..Output::default() }
}

fn entry_points(args: &EntryPointsArgs) -> Result<Output, UserError> {
    let options = args.workspace.options();
    let stdout = engine::with_threads(&options, || {
        let prepared = engine::prepare(&options)?;
        let list = EntryPointList::of(&prepared.model());
        Ok(match args.format {
            ListFormat::Json => list.json(),
            ListFormat::Human => list.human(),
        })
    })?;
    Ok(Output { stdout, ..Output::default() })
}

fn show_stats(args: &StatsArgs) -> Result<Output, UserError> {
    let options = args.workspace.options();
    let stdout = engine::with_threads(&options, || {
        let mut prepared = engine::prepare(&options)?;
        let mut timings = std::mem::take(&mut prepared.timings);
        let model = timings.time("model", || prepared.model());
        if args.calls {
            return Ok(stats::calls(&model));
        }
        if args.guards {
            return Ok(stats::guards(&model));
        }
        let stats = stats::gather(&model, &timings);
        Ok(match args.format {
            ListFormat::Json => stats.json(),
            ListFormat::Human => stats.human(),
        })
    })?;
    Ok(Output { stdout, ..Output::default() })
}
