//! Checkstyle's XML, which most code review tools read.

use super::xml::{document, element, empty};
use super::{Report, advice};
use crate::finding::{Finding, Severity};
use std::collections::BTreeMap;

/// One document, file by file.
pub fn report(report: &Report<'_>) -> String {
    let mut files: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in report.active() {
        files.entry(report.path(finding.primary.span)).or_default().push(finding);
    }
    document(|xml| {
        element(xml, "checkstyle", &[("version", "8.0")], |xml| {
            files.iter().try_for_each(|(path, findings)| {
                element(xml, "file", &[("name", path)], |xml| {
                    findings.iter().try_for_each(|finding| {
                        let (start, _) = report.positions(finding.primary.span);
                        let attributes = [
                            ("line", start.line.to_string()),
                            ("column", start.column.to_string()),
                            ("severity", severity(finding.severity).to_string()),
                            ("message", advice(finding).join("; ")),
                            ("source", format!("scale-lint.{}", finding.rule)),
                        ];
                        empty(xml, "error", &attributes.each_ref().map(|(name, value)| (*name, value.as_str())))
                    })
                })
            })
        })
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    }
}
