//! What a rule is: a page, and a function from the model to findings.

use crate::finding::{BaselineState, Confidence, Finding, Label, Part, Place, Severity, Suppressed, SuppressedBy};
use crate::model::Model;
use crate::model::workers::OnWorker;
use crate::page::Page;
use crate::source::Span;
use std::collections::BTreeMap;

/// The documentation of this release.
pub const HOME: &str =
    concat!("https://docs.rs/", env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"), "/scale_lint");

/// A rule as its two files declare it.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Of the form `..::rules::family::rule`, which is where id and family come from.
    pub module: &'static str,
    /// The page's text.
    pub text: &'static str,
    pub detector: Detector,
}

#[derive(Clone, Copy)]
pub enum Detector {
    Model(fn(&Model<'_>, &mut Findings<'_>)),
    /// Reported by the step that matches findings with suppressions.
    Suppressions,
}

/// Declares the rule of a module from the page beside it and the module's `check`.
#[macro_export]
macro_rules! rule {
    ($page:literal) => {
        #[doc = include_str!($page)]
        pub const RULE: $crate::rule::Rule = $crate::rule::Rule {
            module: module_path!(),
            text: include_str!($page),
            detector: $crate::rule::Detector::Model(check),
        };
    };
}

/// Declares a rule whose findings come from the step that matches findings with suppressions.
#[macro_export]
macro_rules! suppression_rule {
    ($page:literal) => {
        #[doc = include_str!($page)]
        pub const RULE: $crate::rule::Rule = $crate::rule::Rule {
            module: module_path!(),
            text: include_str!($page),
            detector: $crate::rule::Detector::Suppressions,
        };
    };
}

/// A rule with its page read.
#[derive(Clone)]
pub struct RuleInfo {
    pub id: &'static str,
    pub family: &'static str,
    pub page: Page,
    pub detector: Detector,
}

impl Rule {
    /// Reads the rule's page.
    ///
    /// # Panics
    /// When the page is not well formed; a test reads every page, so a released rule never does.
    pub fn info(&self) -> RuleInfo {
        let mut segments = self.module.rsplit("::");
        let module = segments.next().unwrap_or(self.module);
        let family = segments.next().unwrap_or_default();
        let page = Page::parse(self.text)
            .unwrap_or_else(|error| panic!("{}.md line {}: {}", self.module, error.line, error.message));
        RuleInfo { id: leaked_id(module), family: leaked_id(family), page, detector: self.detector }
    }
}

/// File names use `_` where ids use `-`.
fn leaked_id(name: &'static str) -> &'static str {
    if name.contains('_') { Box::leak(name.replace('_', "-").into_boxed_str()) } else { name }
}

impl RuleInfo {
    /// Where people read the page: the documentation of the rule's constant.
    pub fn help_uri(&self) -> String {
        let (family, rule) = (self.family.replace('-', "_"), self.id.replace('-', "_"));
        format!("{HOME}/rules/{family}/{rule}/constant.RULE.html")
    }
}

/// Where one rule puts its findings.
pub struct Findings<'r> {
    rule: &'r RuleInfo,
    severity: Severity,
    options: &'r BTreeMap<String, i64>,
    found: Vec<Finding>,
}

impl<'r> Findings<'r> {
    /// `options` holds the user's values; those not in it are the page's.
    pub fn new(rule: &'r RuleInfo, severity: Severity, options: &'r BTreeMap<String, i64>) -> Self {
        Self { rule, severity, options, found: Vec::new() }
    }

    /// Reports something at a place. The message says what happens at scale.
    pub fn report(&mut self, at: Place<'_>, message: impl Into<String>, label: impl Into<String>) -> &mut Finding {
        self.found.push(Finding {
            rule: self.rule.id,
            family: self.rule.family,
            severity: self.severity,
            confidence: self.rule.page.confidence,
            message: message.into(),
            primary: Label::new(at.span, label),
            related: Vec::new(),
            trace: Vec::new(),
            help: String::new(),
            fix: None,
            symbol: at.symbol,
            package: at.package.to_string(),
            fingerprint: String::new(),
            parts: Vec::new(),
            suppressed: None,
            baseline: BaselineState::New,
        });
        self.found.last_mut().expect("a finding was just added")
    }

    /// Reports what keeps a worker of the runtime busy: the first call of the function, the way to it, and the others.
    pub fn report_on_worker(&mut self, found: &OnWorker<'_>, message: impl Into<String>, label: &str) -> &mut Finding {
        let site = found.sites[0];
        let finding = self.report(site.place(), message, label);
        for other in found.sites.iter().skip(1).take(4) {
            finding.related(other.head(), "and here");
        }
        if let Some(left) = found.left_async {
            finding.related(left, "async code calls it here, and could hand it to another thread");
        }
        let mut trace = found.way.clone();
        trace.push(Label::new(site.head(), format!("{label} here")));
        finding.trace(trace)
    }

    /// The value of an option that the rule's page declares.
    ///
    /// # Panics
    /// When the page declares no such option.
    pub fn option(&self, name: &str) -> i64 {
        let default = self.rule.page.options.get(name).expect("the page declares the option");
        *self.options.get(name).unwrap_or(default)
    }

    pub fn finish(self) -> Vec<Finding> {
        self.found
    }
}

/// The longest way that is taken to be evidence.
const MAX_STEPS: usize = 12;

impl Finding {
    pub fn related(&mut self, span: Span, message: impl Into<String>) -> &mut Self {
        self.related.push(Label::new(span, message));
        self
    }

    /// One of the pieces that together make this finding, by a name that no edit elsewhere changes.
    pub fn part(&mut self, name: String, span: Span) -> &mut Self {
        self.part_of_edge(name.clone(), name, span)
    }

    /// A piece that goes along a dependency and has a name of its own.
    pub fn part_of_edge(&mut self, name: String, edge: String, span: Span) -> &mut Self {
        self.parts.push(Part { name, edge, span, fingerprint: String::new() });
        self
    }

    /// How the place is reached. A way of very many steps is one of many that the program may take, and says little.
    pub fn trace(&mut self, steps: Vec<Label>) -> &mut Self {
        if steps.len() > MAX_STEPS {
            self.confidence = Confidence::Low;
        }
        self.trace = steps;
        self
    }

    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = help.into();
        self
    }

    /// Lets it not count, because the configuration knows and accepts it.
    pub fn accepted(&mut self, reason: &str) -> &mut Self {
        self.suppressed = Some(Suppressed { by: SuppressedBy::Config, reason: reason.to_string() });
        self
    }

    /// Holds this one back further than its rule does.
    pub fn at_most(&mut self, severity: Severity, confidence: Confidence) -> &mut Self {
        self.severity = self.severity.min(severity);
        self.confidence = self.confidence.min(confidence);
        self
    }
}
