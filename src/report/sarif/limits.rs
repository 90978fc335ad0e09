//! How much services take of a log.

use super::{MAX_RELATED, MAX_STEPS, Suppressed};
use crate::error::{Notification, NotificationKind};
use crate::finding::Finding;
use crate::report::Report;
use std::cmp::Reverse;

/// Services refuse a log with more results, or with more bytes: 10 MB after compression, which a log shrinks under to a
/// tenth or less.
const MAX_RESULTS: usize = 25_000;
const MAX_BYTES: usize = 64 << 20;
/// About what a place takes, and a result without its places and texts.
const PLACE_BYTES: usize = 700;
const RESULT_BYTES: usize = 1_000;

/// As many findings as services take, the worst if need be, in their order; and a note when some had to go.
pub fn within_limits<'r>(report: &'r Report<'_>, suppressed: Suppressed) -> (Vec<&'r Finding>, Option<Notification>) {
    let wanted = |finding: &&Finding| finding.counts() || suppressed == Suppressed::Marked;
    let mut findings: Vec<(usize, &Finding)> = report.findings.iter().filter(wanted).enumerate().collect();
    let all = findings.len();
    findings.sort_by_key(|(_, finding)| (!finding.counts(), Reverse(finding.severity)));
    let mut room = MAX_BYTES;
    let fits = |(_, finding): &&(usize, &Finding)| {
        let left = room.checked_sub(size(finding));
        room = left.unwrap_or_default();
        left.is_some()
    };
    let kept = findings.iter().take(MAX_RESULTS).take_while(fits).count();
    findings.truncate(kept);
    findings.sort_by_key(|(position, _)| *position);
    let left_out = (kept < all).then(|| Notification {
        kind: NotificationKind::Truncated,
        path: None,
        line: None,
        message: format!("{} of {all} findings are left out, for services refuse so large a report", all - kept),
    });
    (findings.into_iter().map(|(_, finding)| finding).collect(), left_out)
}

/// About how many bytes a finding takes.
fn size(finding: &Finding) -> usize {
    let labels = finding.related.iter().take(MAX_RELATED).chain(finding.trace.iter().take(MAX_STEPS));
    let places: usize = labels.map(|label| PLACE_BYTES + label.message.len()).sum();
    RESULT_BYTES + finding.message.len() + finding.help.len() + finding.symbol.len() + places
}
