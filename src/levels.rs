//! Which rules are on, and at which severity: what the page says, the pin, the configuration, the command line.

use crate::catalog::Version;
use crate::config::Config;
use crate::error::{Notification, NotificationKind, UserError, nearest};
use crate::finding::{Level, Severity};
use crate::rule::RuleInfo;
use std::collections::BTreeMap;

/// Levels that were asked for on the command line; they overrule the configuration.
#[derive(Clone, Debug, Default)]
pub struct Asked(Vec<(String, Level)>);

impl Asked {
    /// Of a rule that is named twice, the stricter level holds.
    pub fn new(allowed: &[String], warned: &[String], denied: &[String]) -> Self {
        let levels =
            [(allowed, Level::Off), (warned, Level::On(Severity::Warning)), (denied, Level::On(Severity::Error))];
        Self(levels.into_iter().flat_map(|(ids, level)| ids.iter().map(move |id| (id.clone(), level))).collect())
    }

    /// Writes the levels into the configuration.
    ///
    /// # Errors
    /// When there is no such rule.
    pub fn overrule(&self, config: &mut Config, rules: &[RuleInfo]) -> Result<(), UserError> {
        for (id, level) in &self.0 {
            if !rules.iter().any(|rule| rule.id == id) {
                return Err(no_such_rule(id, rules));
            }
            config.rules.entry(id.clone()).or_default().level = Some(*level);
        }
        Ok(())
    }
}

pub fn no_such_rule(id: &str, rules: &[RuleInfo]) -> UserError {
    let error = UserError::new(format!("there is no rule `{}`", id.escape_debug()));
    match nearest(id, rules.iter().map(|rule| rule.id)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("`cargo scale-lint rules` lists all rules"),
    }
}

/// The level of each rule.
#[derive(Clone, Debug)]
pub struct Levels {
    levels: BTreeMap<&'static str, Level>,
    /// Rules that are off because they are newer than the pin.
    newer: Vec<&'static str>,
}

impl Levels {
    pub fn new(rules: &[RuleInfo], config: &Config) -> Self {
        let mut newer = Vec::new();
        let mut level_of = |rule: &RuleInfo| {
            if let Some(level) = config.rule(rule.id).and_then(|rule| rule.level) {
                return level;
            }
            if config.rules_version.is_some_and(|pin| pin < rule.page.since) {
                newer.push(rule.id);
                return Level::Off;
            }
            Level::On(rule.page.severity)
        };
        let levels = rules.iter().map(|rule| (rule.id, level_of(rule))).collect();
        Self { levels, newer }
    }

    pub fn of(&self, rule: &RuleInfo) -> Level {
        self.levels.get(rule.id).copied().unwrap_or(Level::Off)
    }

    pub fn off(&self) -> Vec<&'static str> {
        self.levels.iter().filter(|(_, level)| **level == Level::Off).map(|(id, _)| *id).collect()
    }

    pub fn on(&self) -> Vec<&'static str> {
        self.levels.iter().filter(|(_, level)| **level != Level::Off).map(|(id, _)| *id).collect()
    }

    /// Says what a pin leaves out.
    pub fn notification(&self, pin: Option<Version>) -> Option<Notification> {
        let pin = pin.filter(|_| !self.newer.is_empty())?;
        Some(Notification {
            kind: NotificationKind::NewerRules,
            path: None,
            line: None,
            message: format!("rules newer than `rules-version` {pin} are off: {}", self.newer.join(", ")),
        })
    }
}
