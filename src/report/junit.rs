//! JUnit's XML: each finding is a failed test, in a suite for its file.

use super::xml::{Xml, document, element, empty, text};
use super::{Report, advice, displayable};
use crate::finding::{Finding, Label};
use std::collections::BTreeMap;
use std::io;

const NAME: &str = "scale-lint";
/// So many places of a finding are listed.
const MAX_PLACES: usize = 20;

/// One document. A run without findings is one test that passes: tools refuse a report without tests.
pub fn report(report: &Report<'_>) -> String {
    let mut suites: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in report.active() {
        suites.entry(report.path(finding.primary.span)).or_default().push(finding);
    }
    let failures = suites.values().map(Vec::len).sum::<usize>();
    document(|xml| {
        group(xml, "testsuites", NAME, failures, |xml| {
            if suites.is_empty() {
                let passed = |xml: &mut Xml| empty(xml, "testcase", &[("name", NAME), ("classname", NAME)]);
                return group(xml, "testsuite", NAME, 0, passed);
            }
            suites.iter().try_for_each(|(path, findings)| {
                let cases = |xml: &mut Xml| findings.iter().try_for_each(|finding| case(xml, report, finding));
                group(xml, "testsuite", path, findings.len(), cases)
            })
        })
    })
}

/// One suite, or all of them.
fn group(
    xml: &mut Xml,
    element_name: &str,
    name: &str,
    failures: usize,
    inner: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    let (tests, failures) = (failures.max(1).to_string(), failures.to_string());
    let counts = [("name", name), ("tests", &tests), ("failures", &failures), ("errors", "0"), ("skipped", "0")];
    element(xml, element_name, &counts, inner)
}

fn case(xml: &mut Xml, report: &Report<'_>, finding: &Finding) -> io::Result<()> {
    let path = report.path(finding.primary.span);
    let (start, _) = report.positions(finding.primary.span);
    let name = format!("{} at {}:{}", finding.rule, start.line, start.column);
    let line = start.line.to_string();
    let attributes = [("name", name.as_str()), ("classname", path), ("file", path), ("line", &line)];
    element(xml, "testcase", &attributes, |xml| {
        let attributes = [("type", finding.severity.word()), ("message", &finding.message)];
        element(xml, "failure", &attributes, |xml| text(xml, &lines(report, finding)))
    })
}

/// All that there is to say of a finding.
fn lines(report: &Report<'_>, finding: &Finding) -> Vec<String> {
    let place = |label: &Label| {
        let (start, _) = report.positions(label.span);
        let path = displayable(report.path(label.span));
        format!("{path}:{}:{}: {}", start.line, start.column, displayable(&label.message))
    };
    let mut lines = advice(finding);
    let labels = finding.trace.iter().chain([&finding.primary]).chain(&finding.related);
    lines.extend(labels.take(MAX_PLACES).map(place));
    lines
}
