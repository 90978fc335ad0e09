//! Changes that a tool can make by itself.

use super::{ArtifactLocation, Columns, Region, Text, artifact};
use crate::finding::Fix;
use crate::report::Report;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FixOutput {
    description: Text,
    artifact_changes: [ArtifactChange; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: [Replacement; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
}

pub fn fix(report: &Report<'_>, fix: &Fix) -> FixOutput {
    let removed = report.removed(fix);
    let (start, end) = report.positions(removed);
    let columns = Columns { start_column: start.column, end_line: end.line, end_column: end.column };
    let deleted_region = Region { start_line: start.line, columns: Some(columns) };
    FixOutput {
        description: Text::new(&fix.description),
        artifact_changes: [ArtifactChange {
            artifact_location: artifact(report, report.path(removed)),
            replacements: [Replacement { deleted_region }],
        }],
    }
}
