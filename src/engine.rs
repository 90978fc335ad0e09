//! The pipeline, top to bottom.

mod comparing;
mod mending;

use crate::cache::{Cache, Kept, content_hash, encode};
use crate::catalog::{Catalog, CatalogCrate};
use crate::config::{Config, Date, Known};
use crate::diff_base::Base;
use crate::error::{Notification, NotificationKind, UserError};
use crate::extract::{STACK_SIZE, TroubleKind, extract};
use crate::facts::FileFacts;
use crate::finding::{Confidence, Finding, Level, Severity};
use crate::fingerprint::identify;
use crate::fix::Wanted;
use crate::levels::{Asked, Levels};
use crate::model::Model;
use crate::model::boundaries::{self, Boundaries, Drawn, Inventory, Missing};
use crate::model::names::Description;
use crate::progress::Progress;
use crate::rule::{Detector, Findings, RuleInfo};
use crate::rules;
use crate::source::{FileId, LineIndex, Sources};
use crate::stats::Timings;
use crate::suppress;
use crate::workspace::{File, Loaded, Locate, Request, Workspace, read_text};
pub use comparing::{Past, at_merge_base};
use comparing::{analyse_base, compare, read_baseline};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::SystemTime;

/// What to analyse, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub locate: Locate,
    /// Only findings in these packages are reported; all of them when empty.
    pub packages: Vec<String>,
    pub exclude: Vec<String>,
    /// Read and write the cache of facts.
    pub cache: bool,
    /// How many threads to use; as many as there are processors when zero.
    pub jobs: usize,
    /// Overrides the configuration.
    pub min_confidence: Option<Confidence>,
    pub baseline: BaselineFile,
    /// Overrules the levels of the configuration.
    pub levels: Asked,
    /// A revision: only what is new since the branch was made from it counts.
    pub diff_base: Option<String>,
    /// Fixes to make before the findings are told.
    pub fix: Option<Wanted>,
    pub progress: Progress,
}

/// Where the findings are kept that were there before.
#[derive(Clone, Debug, Default)]
pub enum BaselineFile {
    /// Beside the root manifest, when it is there.
    #[default]
    OfWorkspace,
    /// At a place the user names.
    Named(PathBuf),
    Ignored,
}

/// A workspace that was read, with what is needed to look into it.
pub struct Prepared {
    pub workspace: Workspace,
    pub config: Config,
    pub rules: Vec<RuleInfo>,
    pub catalog: Catalog,
    descriptions: Vec<Description>,
    config_file: Option<FileId>,
    /// What the baseline knows of layers.
    frozen: Option<Inventory>,
    pub timings: Timings,
    progress: Progress,
}

/// What a run found.
pub struct Outcome {
    pub workspace: Workspace,
    pub config: Config,
    pub rules: Vec<RuleInfo>,
    pub findings: Vec<Finding>,
    pub sources: Sources,
    /// A rule failed: the findings are incomplete.
    pub failed: bool,
    /// How many findings that were there before are so no more; `None` when nothing was compared.
    pub gone: Option<usize>,
    /// The names of all edges of the graphs of crates and modules.
    edges: BTreeSet<String>,
    /// Fingerprints in the baseline that no finding has.
    pub stale: BTreeSet<String>,
    /// How many findings were mended before these were left.
    pub fixed: usize,
    /// What a baseline keeps of layers.
    pub inventory: Inventory,
    /// What the boundaries name and is not there.
    missing: Option<Missing>,
}

/// Analyses a workspace, and mends it when that is asked for.
///
/// # Errors
/// When the workspace or its configuration cannot be read, or fixes would mix with other changes.
pub fn run(options: &Options) -> Result<Outcome, UserError> {
    with_threads(options, || match &options.fix {
        Some(wanted) => mending::mend(options, wanted),
        None => analyse(options),
    })
}

fn analyse(options: &Options) -> Result<Outcome, UserError> {
    let mut prepared = prepare(options)?;
    let baseline = read_baseline(&prepared.workspace, options)?;
    prepared.frozen = baseline.as_ref().map(|baseline| baseline.inventory.clone());
    let base = options.diff_base.as_ref().map(|rev| Base::of(&prepared.workspace.root, rev)).transpose()?;
    let mut outcome = prepared.analyse();
    if let (Some(missing), Some(source)) = (&outcome.missing, &outcome.config.source) {
        return Err(source.mistake(&missing.message, missing.place, "leads nowhere".to_string(), None));
    }
    let before = base.map(|base| analyse_base(&base, &outcome, options)).transpose()?;
    compare(&mut outcome, baseline.as_ref(), before.as_ref());
    select(&mut outcome.findings, &outcome.config, options);
    outcome.workspace.notifications.sort();
    Ok(outcome)
}

/// Runs work on threads with stacks deep enough for the parser. What it is at is no longer shown when it is over.
///
/// # Errors
/// Those of the work.
pub fn with_threads<T: Send>(
    options: &Options,
    work: impl FnOnce() -> Result<T, UserError> + Send,
) -> Result<T, UserError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs).stack_size(STACK_SIZE).build();
    let result = match pool {
        Ok(pool) => pool.install(work),
        Err(error) => Err(UserError::new(format!("threads cannot be started: {error}")).help("try `--jobs 1`")),
    };
    options.progress.end();
    result
}

/// Reads the workspace, its configuration and the catalog.
///
/// # Errors
/// When the workspace or its configuration cannot be read.
pub fn prepare(options: &Options) -> Result<Prepared, UserError> {
    let mut timings = Timings::default();
    let rules = rule_infos();
    let workspace = timings.time("workspace", || Workspace::discover(&options.locate))?;
    check_packages(&workspace, options)?;
    let known = Known {
        rules: rules.iter().map(|rule| (rule.id.to_string(), rule.page.options.keys().cloned().collect())).collect(),
    };
    let mut config = Config::read(&workspace.root, &known)?;
    boundaries::check(&config, &workspace)?;
    options.levels.overrule(&mut config, &rules)?;
    let keeping = if options.cache { Keeping::In(workspace.target_dir.clone()) } else { Keeping::Nothing };
    Ok(read(workspace, config, timings, &keeping, options.progress.clone()))
}

/// Reads sources and catalog.
fn read(
    mut workspace: Workspace,
    config: Config,
    mut timings: Timings,
    keeping: &Keeping,
    progress: Progress,
) -> Prepared {
    progress.stage("reading");
    let config_file = config.source.as_ref().map(|source| {
        let existing = workspace.files.iter().position(|file| file.path == source.path);
        existing.map_or_else(|| add_file(&mut workspace, &source.path), |index| FileId(index as u32))
    });
    timings.time("facts", || load(&mut workspace, keeping, &progress));
    let catalog = timings.time("catalog", || read_catalog(|package| may_use(&workspace, package)));
    let descriptions = timings.time("catalog", || describe(&catalog));
    let rules = rule_infos();
    Prepared { workspace, config, rules, catalog, descriptions, config_file, frozen: None, timings, progress }
}

/// What becomes of facts.
enum Keeping {
    Nothing,
    /// Those in this target folder are used, and replaced by today's.
    In(PathBuf),
    /// Those in this target folder are used.
    From(PathBuf),
}

fn add_file(workspace: &mut Workspace, path: &str) -> FileId {
    workspace.files.push(File { path: path.to_string(), facts: FileFacts::default() });
    FileId(workspace.files.len() as u32 - 1)
}

/// All rules with their pages, sorted by id.
pub fn rule_infos() -> Vec<RuleInfo> {
    let mut infos: Vec<RuleInfo> = rules::ALL.iter().flat_map(|family| family.iter()).map(|rule| rule.info()).collect();
    infos.sort_by_key(|info| info.id);
    infos
}

fn check_packages(workspace: &Workspace, options: &Options) -> Result<(), UserError> {
    let names: Vec<&str> = workspace.packages.iter().map(|package| package.name.as_str()).collect();
    for wanted in options.packages.iter().chain(&options.exclude) {
        if !names.contains(&wanted.as_str()) {
            let error = UserError::new(format!("there is no package `{wanted}` in the workspace"));
            return Err(match crate::error::nearest(wanted, names.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("the packages are {}", names.join(", "))),
            });
        }
    }
    if workspace.packages.is_empty() {
        let help = workspace.notifications.first().map_or_else(
            || "add a member to `[workspace] members`".to_string(),
            |first| match &first.path {
                Some(path) => format!("`{path}`: {}", first.message),
                None => first.message.clone(),
            },
        );
        return Err(UserError::new("the workspace has no packages that can be read").help(help));
    }
    Ok(())
}

fn load(workspace: &mut Workspace, keeping: &Keeping, progress: &Progress) {
    let cache = match keeping {
        Keeping::Nothing => Cache::default(),
        Keeping::In(target_dir) | Keeping::From(target_dir) => Cache::read(target_dir),
    };
    let mut kept = Vec::new();
    workspace.load(&mut |requests| {
        progress.expect(requests.len());
        let loaded: Vec<(Loaded, Option<Kept>)> =
            requests.par_iter().map(|request| load_file(request, &cache)).inspect(|_| progress.advance()).collect();
        let (loaded, keep): (Vec<Loaded>, Vec<Option<Kept>>) = loaded.into_iter().unzip();
        kept.extend(keep.into_iter().flatten());
        loaded
    });
    if let Keeping::In(target_dir) = keeping {
        cache.write(target_dir, &kept);
    }
}

/// The facts of one file: kept ones when it has not changed, or read anew. Files with trouble are not kept, so that it
/// is told every time.
fn load_file(request: &Request, cache: &Cache) -> (Loaded, Option<Kept>) {
    let keep = |content, facts| Kept { path: request.name.clone(), stat: request.stat, content, facts };
    if let Some((facts, content)) = cache.by_stat(&request.name, request.stat) {
        return (Loaded { facts, notifications: Vec::new() }, Some(keep(content, None)));
    }
    let notify = |kind, line, message: String| Notification { kind, path: Some(request.name.clone()), line, message };
    let content = match read_text(&request.path) {
        Ok(content) => content,
        Err(why) => {
            let notifications = vec![notify(NotificationKind::SkippedFile, None, why)];
            return (Loaded { facts: FileFacts::default(), notifications }, None);
        }
    };
    let hash = content_hash(&content.text);
    if let Some(facts) = cache.by_content(&request.name, &hash) {
        return (Loaded { facts, notifications: Vec::new() }, Some(keep(hash, None)));
    }
    let (facts, troubles) = extract(&content.text);
    let lines = LineIndex::new(&content.text);
    let mut notifications: Vec<Notification> = troubles
        .into_iter()
        .map(|trouble| {
            let line = lines.position(&content.text, trouble.at).line;
            let message = match trouble.kind {
                TroubleKind::Syntax => {
                    format!("does not parse, so only parts of it were analysed: {}", trouble.message)
                }
                TroubleKind::TooDeep => format!("was not analysed: {}", trouble.message),
            };
            notify(NotificationKind::UnparsedFile, Some(line), message)
        })
        .collect();
    if content.lossy {
        let message = "is not valid UTF-8; what is not was replaced".to_string();
        notifications.push(notify(NotificationKind::UnparsedFile, None, message));
    }
    let kept = notifications.is_empty().then(|| keep(hash, Some(encode(&facts))));
    (Loaded { facts, notifications }, kept)
}

/// Whether a package can play a part in a workspace: any can when there is no lock file.
fn may_use(workspace: &Workspace, package: &str) -> bool {
    package == "std" || workspace.locked.is_empty() || workspace.locked.contains_key(package)
}

/// The catalog that comes with the tool, of the packages that are wanted.
///
/// # Panics
/// When one of its files is not well formed; a test reads them all, so a released catalog never is.
pub fn read_catalog(wanted: impl Fn(&str) -> bool + Sync) -> Catalog {
    let read = |text: &str| CatalogCrate::parse(text).expect("the catalog is well formed");
    let wanted = rules::CATALOG.par_iter().filter(|(package, _)| wanted(package));
    Catalog { crates: wanted.map(|(_, text)| read(text)).collect() }
}

/// Reads the descriptions of crates.
fn describe(catalog: &Catalog) -> Vec<Description> {
    let describe = |krate: &CatalogCrate| Description {
        package: krate.package.clone(),
        facts: extract(&krate.description).0,
        derives: krate.derives.iter().map(|(name, items)| (name.clone(), extract(items).0)).collect(),
    };
    catalog.crates.par_iter().map(describe).collect()
}

impl Prepared {
    pub fn model(&self) -> Model<'_> {
        self.progress.stage("following calls");
        let mut model = Model::build(&self.workspace, &self.catalog, &self.descriptions, &self.config.entries);
        let drawn = Drawn {
            config: &self.config.boundaries,
            file: self.config_file,
            today: Date::of(SystemTime::now()),
            frozen: self.frozen.as_ref(),
        };
        model.boundaries = Boundaries::build(&model, drawn);
        model
    }

    /// All findings in the order of their places, with their fingerprints.
    fn analyse(self) -> Outcome {
        let mut model = self.model();
        let levels = Levels::new(&self.rules, &self.config);
        self.progress.stage("applying rules");
        let (mut findings, failures) = self.detect(&model, &levels);
        let edges = model.edge_names();
        let Boundaries { inventory, missing, .. } = std::mem::take(&mut model.boundaries);
        drop(model);
        let Prepared { mut workspace, config, rules, config_file, .. } = self;
        let failed = !failures.is_empty();
        workspace.notifications.extend(failures.into_iter().chain(levels.notification(config.rules_version)));
        suppress(&workspace, &config, &rules, &levels, config_file, &mut findings);
        findings.sort_by(|a, b| order(&workspace, a).cmp(&order(&workspace, b)));
        findings.dedup_by(|a, b| (a.rule, a.primary.span, &a.message) == (b.rule, b.primary.span, &b.message));
        let sources = load_sources(&workspace, &config, config_file, &findings);
        // Before any is left out: what is asked to be shown must not change who a finding is.
        identify(&workspace, &sources, &mut findings);
        let (gone, stale, fixed) = (None, BTreeSet::new(), 0);
        Outcome { workspace, config, rules, findings, sources, failed, edges, gone, stale, fixed, inventory, missing }
    }

    /// Runs all rules that are on. A rule that fails is named in a notification; the others go on.
    fn detect(&self, model: &Model<'_>, levels: &Levels) -> (Vec<Finding>, Vec<Notification>) {
        let on: Vec<(&RuleInfo, Severity)> = self
            .rules
            .iter()
            .filter_map(|rule| match levels.of(rule) {
                Level::On(severity) => Some((rule, severity)),
                Level::Off => None,
            })
            .collect();
        let results: Vec<Result<Vec<Finding>, Notification>> =
            on.par_iter().map(|(rule, severity)| self.check(rule, *severity, model)).collect();
        let mut findings = Vec::new();
        let mut failures = Vec::new();
        for result in results {
            match result {
                Ok(found) => findings.extend(found),
                Err(failure) => failures.push(failure),
            }
        }
        (findings, failures)
    }

    fn check(&self, rule: &RuleInfo, severity: Severity, model: &Model<'_>) -> Result<Vec<Finding>, Notification> {
        let Detector::Model(check) = rule.detector else { return Ok(Vec::new()) };
        let defaults = BTreeMap::new();
        let options = self.config.rule(rule.id).map_or(&defaults, |rule| &rule.options);
        let run = || {
            let mut findings = Findings::new(rule, severity, options);
            check(model, &mut findings);
            findings.finish()
        };
        catch_unwind(AssertUnwindSafe(run)).map_err(|_| Notification {
            kind: NotificationKind::FailedRule,
            path: None,
            line: None,
            message: format!("the rule `{}` failed, so its findings are missing; this is a bug of scale-lint", rule.id),
        })
    }
}

fn suppress(
    workspace: &Workspace,
    config: &Config,
    rules: &[RuleInfo],
    levels: &Levels,
    config_file: Option<FileId>,
    findings: &mut Vec<Finding>,
) {
    let ids: Vec<&'static str> = rules.iter().map(|rule| rule.id).collect();
    let ran = levels.on();
    let today = Date::of(SystemTime::now());
    let context = suppress::Context { workspace, config, rules: &ids, ran: &ran, today, config_file };
    let defaults = BTreeMap::new();
    let sink = |id: &str| {
        let rule = rules.iter().find(|rule| rule.id == id).expect("the rule list holds the suppression rules");
        match levels.of(rule) {
            Level::On(severity) => (Findings::new(rule, severity, &defaults), true),
            Level::Off => (Findings::new(rule, Severity::Note, &defaults), false),
        }
    };
    let (mut invalid, invalid_on) = sink("invalid-suppression");
    let (mut unused, unused_on) = sink("unused-suppression");
    suppress::apply(&context, findings, &mut invalid, &mut unused);
    for (found, on) in [(invalid, invalid_on), (unused, unused_on)] {
        findings.extend(found.finish().into_iter().filter(|_| on));
    }
}

/// Keeps the findings of the packages and the confidence asked for.
fn select(findings: &mut Vec<Finding>, config: &Config, options: &Options) {
    let confidence = options.min_confidence.or(config.min_confidence).unwrap_or(Confidence::Medium);
    let packages: BTreeSet<&str> = options.packages.iter().map(String::as_str).collect();
    let excluded: BTreeSet<&str> = options.exclude.iter().map(String::as_str).collect();
    findings.retain(|finding| {
        let package = finding.package.as_str();
        finding.confidence >= confidence
            && (packages.is_empty() || packages.contains(package))
            && !excluded.contains(package)
    });
}

/// Findings are shown by path, place, rule and message. Of several that say the same, the surest comes first.
fn order<'f>(workspace: &'f Workspace, finding: &'f Finding) -> impl Ord + 'f {
    let span = finding.primary.span;
    let words = (&finding.message, Reverse(finding.confidence), &finding.related, &finding.trace);
    (&workspace.file(span.file).path, span.range, finding.rule, words)
}

/// The texts of all files that findings point into.
fn load_sources(workspace: &Workspace, config: &Config, config_file: Option<FileId>, findings: &[Finding]) -> Sources {
    let labels = findings
        .iter()
        .flat_map(|finding| std::iter::once(&finding.primary).chain(&finding.related).chain(&finding.trace));
    let edited = findings.iter().flat_map(|finding| &finding.fix).flat_map(|fix| &fix.edits).map(|edit| edit.at.file);
    let files: BTreeSet<FileId> = labels.map(|label| label.span.file).chain(edited).collect();
    let mut sources = Sources::default();
    for file in files {
        let own = config.source.as_ref().filter(|_| config_file == Some(file)).map(|source| source.text.clone());
        if let Some(text) = own.or_else(|| workspace.read(file)) {
            sources.insert(file, text);
        }
    }
    sources
}
