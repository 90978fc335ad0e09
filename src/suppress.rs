//! Which findings count: comments and `[[allow]]` tables, and what is wrong with those.

use crate::config::{Allow, Config, Date, path_matches};
use crate::error::nearest;
use crate::facts::{Suppression, SuppressionScope};
use crate::finding::{Applicability, Edit, Finding, Fix, Place, Suppressed, SuppressedBy};
use crate::rule::Findings;
use crate::source::{FileId, Span};
use crate::workspace::Workspace;

/// What suppressions are held against.
pub struct Context<'c> {
    pub workspace: &'c Workspace,
    pub config: &'c Config,
    /// Ids of all rules.
    pub rules: &'c [&'static str],
    /// Ids of the rules that ran. A suppression of a rule that did not run is not unused.
    pub ran: &'c [&'static str],
    pub today: Date,
    /// Where the configuration itself is, as a file that findings can point into.
    pub config_file: Option<FileId>,
}

/// Marks the findings that suppressions cover, and reports suppressions that are wrong or not needed.
pub fn apply(context: &Context<'_>, findings: &mut [Finding], invalid: &mut Findings<'_>, unused: &mut Findings<'_>) {
    for (file, suppression) in comments(context.workspace) {
        let used = cover_by_comment(file, suppression, findings);
        context.judge_comment(file, suppression, &used, invalid, unused);
    }
    for allow in &context.config.allows {
        let used = cover_by_config(context, allow, findings);
        context.judge_allow(allow, used, invalid, unused);
    }
}

fn comments(workspace: &Workspace) -> impl Iterator<Item = (FileId, &Suppression)> {
    let files = workspace.files.iter().enumerate();
    files.flat_map(|(index, file)| file.facts.suppressions.iter().map(move |found| (FileId(index as u32), found)))
}

/// Covers findings; which of the comment's rules were needed.
fn cover_by_comment(file: FileId, suppression: &Suppression, findings: &mut [Finding]) -> Vec<bool> {
    let (SuppressionScope::Range(scope) | SuppressionScope::Module(scope)) = suppression.scope;
    let is_valid = !suppression.malformed && !suppression.reason.is_empty();
    let mut used = vec![false; suppression.rules.len()];
    for finding in findings.iter_mut().filter(|finding| is_valid && finding.primary.span.file == file) {
        let start = finding.primary.span.range.start;
        let inside = scope.start <= start && start < scope.end.max(scope.start + 1);
        let named = suppression.rules.iter().position(|rule| **rule == *finding.rule);
        if let (true, Some(position)) = (inside, named) {
            used[position] = true;
            mark(finding, SuppressedBy::Comment, &suppression.reason);
        }
    }
    used
}

fn cover_by_config(context: &Context<'_>, allow: &Allow, findings: &mut [Finding]) -> bool {
    if allow.until.is_some_and(|until| until < context.today) {
        return false;
    }
    let mut used = false;
    for finding in findings.iter_mut() {
        let path = &context.workspace.file(finding.primary.span.file).path;
        let fits = allow.rules.iter().any(|rule| rule == finding.rule)
            && allow.path.as_ref().is_none_or(|pattern| path_matches(pattern, path))
            && allow.package.as_ref().is_none_or(|package| *package == finding.package);
        if fits {
            used = true;
            mark(finding, SuppressedBy::Config, &allow.reason);
        }
    }
    used
}

fn mark(finding: &mut Finding, by: SuppressedBy, reason: &str) {
    finding.suppressed.get_or_insert(Suppressed { by, reason: reason.to_string() });
}

impl Context<'_> {
    fn judge_comment(
        &self,
        file: FileId,
        suppression: &Suppression,
        used: &[bool],
        invalid: &mut Findings<'_>,
        unused: &mut Findings<'_>,
    ) {
        let place = || Place { span: Span::new(file, suppression.range), symbol: String::new(), package: "" };
        if suppression.malformed {
            invalid
                .report(
                    place(),
                    "a comment addresses scale-lint in a form it does not know, so it allows nothing",
                    "not understood",
                )
                .help("write `// scale-lint: allow(rule-id) reason`");
            return;
        }
        if suppression.reason.is_empty() {
            invalid
                .report(place(), "a suppression gives no reason, so it allows nothing", "no reason")
                .help("say after the closing parenthesis why this is fine here: the next reader cannot know");
            return;
        }
        for (rule, used) in suppression.rules.iter().zip(used) {
            if !self.rules.contains(&&**rule) {
                let help = match nearest(rule, self.rules.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`cargo scale-lint rules` lists all rules".to_string(),
                };
                invalid
                    .report(place(), format!("a suppression names `{rule}`, which is no rule"), "unknown rule")
                    .help(help);
            } else if !used && self.ran.contains(&&**rule) {
                let message = format!("nothing is left for this suppression of `{rule}` to allow");
                let finding = unused.report(place(), message, "not needed");
                finding.help(format!("remove `{rule}` from the comment, so that a new finding here is seen"));
                if suppression.rules.len() == 1 {
                    let edit = Edit::remove(place().span);
                    finding.fix = Some(Fix::new(Applicability::MachineApplicable, "remove the comment", vec![edit]));
                }
            }
        }
    }

    fn judge_allow(&self, allow: &Allow, used: bool, invalid: &mut Findings<'_>, unused: &mut Findings<'_>) {
        let Some(file) = self.config_file else { return };
        let place = || Place { span: Span::new(file, allow.range), symbol: String::new(), package: "" };
        let rules = allow.rules.join("`, `");
        if let Some(until) = allow.until.filter(|until| *until < self.today) {
            let owner = allow.owner.as_ref().map(|owner| format!(" by {owner}")).unwrap_or_default();
            invalid
                .report(place(), format!("an exception for `{rules}` ended on {until}"), "expired")
                .help(format!("mend what it allowed{owner}, or decide anew until when it may stay"));
        } else if !used && allow.rules.iter().any(|rule| self.ran.contains(&rule.as_str())) {
            unused
                .report(place(), format!("nothing is left for this exception for `{rules}` to allow"), "not needed")
                .help("remove the table, so that a new finding there is seen");
        }
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Date {
    /// The day of a time, in UTC.
    pub fn of(time: std::time::SystemTime) -> Self {
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let days = (since.as_secs() / 86_400) as i64;
        // Days counted from 1 March of year 0 fall into eras of 400 years of the same length.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year: year as u16, month: month as u8, day: day as u8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn days_are_counted_right() {
        let date = |days: u64| Date::of(UNIX_EPOCH + Duration::from_secs(days * 86_400)).to_string();
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(20_454), "2026-01-01");
        assert_eq!(date(20_780), "2026-11-23");
    }
}
