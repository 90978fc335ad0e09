//! Which reports a run writes, and where to.

use crate::error::{UserError, nearest};
use crate::report::sarif::Suppressed;
use crate::report::terminal::{Detail, Style};
use crate::report::{self, Report, displayable};
use clap::{Args, ValueEnum};
use std::fs::{self, OpenOptions};
use std::io::Write;

#[derive(Debug, Args)]
pub struct OutputArgs {
    /// How to print the report [default: human]
    #[arg(long, value_enum, hide_default_value = true)]
    format: Option<Format>,
    /// Write the report to a file too, or instead of --format to standard output when PATH is `-`; may be repeated
    #[arg(long, value_name = "FORMAT=PATH")]
    output: Vec<String>,
    /// In SARIF, list suppressed and known findings too, marked as such
    #[arg(long)]
    include_suppressed: bool,
    /// Print messages as cargo does, after those of `cargo check`, which is run first: for editors
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub message_format: Option<MessageFormat>,
    /// With --message-format, run `cargo clippy` instead of `cargo check`
    #[arg(long, requires = "message_format")]
    pub clippy: bool,
    /// With --message-format, more options for `cargo check`
    #[arg(last = true, value_name = "CARGO_OPTIONS", requires = "message_format")]
    pub cargo_options: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people at a terminal
    Human,
    /// Everything, for programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions, and a summary of the job
    Github,
    /// Code quality report of GitLab
    Gitlab,
    /// JUnit XML
    Junit,
    /// Checkstyle XML
    Checkstyle,
    /// For reviewdog
    Rdjson,
    /// Generic issues of SonarQube
    Sonar,
    /// For summaries and comments
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    Json,
}

/// What to write where, once it is known that it can be done.
pub struct Plan {
    /// Nothing when cargo's messages are asked for.
    stdout: Option<Format>,
    files: Vec<(Format, String)>,
    suppressed: Suppressed,
}

/// How people are to see a report.
#[derive(Clone, Copy)]
pub struct Drawn {
    pub style: Style,
    pub detail: Detail,
}

impl OutputArgs {
    /// # Errors
    /// When an output names no format, or two reports would end up in one place.
    pub fn plan(&self) -> Result<Plan, UserError> {
        let mut on_stdout: Vec<Format> = self.format.into_iter().collect();
        let mut files: Vec<(Format, String)> = Vec::new();
        for output in &self.output {
            match parse(output)? {
                (format, "-") => on_stdout.push(format),
                (_, path) if files.iter().any(|(_, other)| other == path) => {
                    let message = format!("two reports cannot both be written to `{}`", displayable(path));
                    return Err(UserError::new(message).help("give each a file of its own"));
                }
                (format, path) => files.push((format, path.to_string())),
            }
        }
        let is_cargo = self.message_format.is_some();
        if on_stdout.len() + usize::from(is_cargo) > 1 {
            return Err(UserError::new("only one report can be written to standard output")
                .help("give the others a file, as in `--output sarif=scale-lint.sarif`"));
        }
        let stdout = on_stdout.pop().or((!is_cargo).then_some(Format::Human));
        let suppressed = if self.include_suppressed { Suppressed::Marked } else { Suppressed::LeftOut };
        Ok(Plan { stdout, files, suppressed })
    }
}

/// `FORMAT=PATH`.
fn parse(output: &str) -> Result<(Format, &str), UserError> {
    let names: Vec<String> = Format::value_variants()
        .iter()
        .filter_map(|format| format.to_possible_value())
        .map(|value| value.get_name().to_string())
        .collect();
    let Some((name, path)) = output.split_once('=').filter(|(_, path)| !path.is_empty()) else {
        return Err(UserError::new(format!("`--output {}` does not say where to", displayable(output)))
            .help("name a format and a file, as in `--output sarif=scale-lint.sarif`; `-` is standard output"));
    };
    let format = Format::from_str(name, false).map_err(|_| {
        let error = UserError::new(format!("there is no format `{}`", displayable(name)));
        match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("the formats are {}", names.join(", "))),
        }
    })?;
    Ok((format, path))
}

impl Plan {
    /// Writes all files; what is for standard output.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, report: &Report<'_>, drawn: Drawn) -> Result<String, UserError> {
        let in_file = Drawn { style: Style { color: false, ..drawn.style }, ..drawn };
        for (format, path) in &self.files {
            fs::write(path, self.text(*format, report, in_file)).map_err(|error| not_written(path, &error))?;
        }
        if self.stdout.iter().chain(self.files.iter().map(|(format, _)| format)).any(|format| *format == Format::Github)
        {
            append_summary(report)?;
        }
        Ok(match self.stdout {
            Some(format) => self.text(format, report, drawn),
            None => report::cargo::report(report),
        })
    }

    fn text(&self, format: Format, report: &Report<'_>, drawn: Drawn) -> String {
        match format {
            Format::Human => report::terminal::report(report, drawn.style, drawn.detail),
            Format::Json => report::json::report(report),
            Format::Sarif => report::sarif::report(report, self.suppressed),
            Format::Github => report::github::report(report),
            Format::Gitlab => report::gitlab::report(report),
            Format::Junit => report::junit::report(report),
            Format::Checkstyle => report::checkstyle::report(report),
            Format::Rdjson => report::rdjson::report(report),
            Format::Sonar => report::sonar::report(report),
            Format::Markdown => report::markdown::report(report),
        }
    }
}

/// On GitHub, each step can say something on the page of its job.
fn append_summary(report: &Report<'_>) -> Result<(), UserError> {
    let Ok(path) = std::env::var("GITHUB_STEP_SUMMARY") else { return Ok(()) };
    if path.is_empty() {
        return Ok(());
    }
    let file = OpenOptions::new().create(true).append(true).open(&path);
    file.and_then(|mut file| file.write_all(report::markdown::report(report).as_bytes()))
        .map_err(|error| not_written(&path, &error))
}

fn not_written(path: &str, error: &std::io::Error) -> UserError {
    UserError::new(format!("`{}` cannot be written: {error}", displayable(path)))
        .help("name a file in a folder that exists and can be written")
}
