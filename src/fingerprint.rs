//! Who a finding is across edits, so that what was known before can be told from what is new.
//!
//! A fingerprint is made of the rule, the package, the item around the place, the code there without its layout, and
//! which of several alike it is. No line, column or message is part of it, nor the path where there is an item. So it
//! survives edits elsewhere, moves of the item within its module, and reformatting.

use crate::extract::lasting_tokens;
use crate::finding::Finding;
use crate::source::Sources;
use crate::workspace::Workspace;
use std::collections::BTreeMap;

/// Gives each finding and each of its parts a fingerprint. Wants all findings in the order of their places: which of
/// several alike one is, is counted.
pub fn identify(workspace: &Workspace, sources: &Sources, findings: &mut [Finding]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let key = if finding.parts.is_empty() { own_key(workspace, sources, finding) } else { key_of_parts(finding) };
        let count = seen.entry(key.clone()).or_insert(0);
        finding.fingerprint = fingerprint(&format!("{key}\n{count}"));
        *count += 1;
        for part in &mut finding.parts {
            part.fingerprint = fingerprint(&format!("{}\npart\n{}", finding.rule, part.name));
        }
    }
}

fn own_key(workspace: &Workspace, sources: &Sources, finding: &Finding) -> String {
    let span = finding.primary.span;
    let code = sources.get(span.file).map_or("", |source| source.slice(span.range));
    let code = lasting_tokens(code).join(" ");
    let path = if finding.symbol.is_empty() { workspace.file(span.file).path.as_str() } else { "" };
    [finding.rule, &finding.package, &finding.symbol, path, &code].join("\n")
}

/// Which part is the primary place of such a finding depends on how heavy the others are, so they all make it.
fn key_of_parts(finding: &Finding) -> String {
    let mut names: Vec<&str> = finding.parts.iter().map(|part| part.name.as_str()).collect();
    names.sort_unstable();
    format!("{}\n{}", finding.rule, names.join("\n"))
}

fn fingerprint(key: &str) -> String {
    blake3::hash(key.as_bytes()).to_hex()[..32].to_string()
}
