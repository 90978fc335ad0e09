//! Changes that a tool can make by itself.

use super::{ArtifactLocation, Columns, Region, Text, artifact};
use crate::finding::Replacement;
use crate::report::{Change, Report};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FixOutput {
    description: Text,
    artifact_changes: Vec<ArtifactChange>,
    properties: Properties,
}

#[derive(Serialize)]
struct Properties {
    applicability: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: Vec<ReplacementOutput>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplacementOutput {
    deleted_region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<Inserted>,
}

/// Source text as it is, which [`Text`] would spell out on one line.
#[derive(Serialize)]
struct Inserted {
    text: String,
}

pub fn fix(report: &Report<'_>, change: &Change<'_>) -> FixOutput {
    let of_one_file = |of: &[Replacement]| ArtifactChange {
        artifact_location: artifact(report, report.path(of[0].span)),
        replacements: of.iter().map(|replacement| replaced(report, replacement)).collect(),
    };
    let by_file = change.replacements.chunk_by(|one, next| one.span.file == next.span.file);
    FixOutput {
        description: Text::new(&change.fix.description),
        artifact_changes: by_file.map(of_one_file).collect(),
        properties: Properties { applicability: change.fix.applicability.word() },
    }
}

fn replaced(report: &Report<'_>, replacement: &Replacement) -> ReplacementOutput {
    let (start, end) = report.positions(replacement.span);
    let columns = Columns { start_column: start.column, end_line: end.line, end_column: end.column };
    let inserted = (!replacement.text.is_empty()).then(|| Inserted { text: replacement.text.clone() });
    ReplacementOutput {
        deleted_region: Region { start_line: start.line, columns: Some(columns) },
        inserted_content: inserted,
    }
}
