//! Questions to git, asked so that no setting of the repository runs anything and nothing in it changes.
//!
//! Only plumbing that reads objects and the index: no work tree, no filters, no text conversion, no diff drivers. Files
//! are compared here and not by git, which would pass them through the filters that a repository names.

use crate::error::UserError;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What would let a repository's own configuration start a program or reach out, put out of action. These come before
/// any configuration file. Those of the user and the system stay: they say whose repositories are trusted.
const HARMLESS: [&str; 9] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.askPass=",
    "credential.helper=",
    "diff.external=",
    "protocol.allow=never",
    "gc.auto=0",
    "safe.bareRepository=explicit",
];

const DEEPEN: &str = "fetch the history first: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout";

/// How many paths git is asked about at once: the length of a command is limited.
const MAX_ASKED: usize = 200;

/// A repository, seen from a folder of its work tree.
pub struct Git {
    dir: PathBuf,
}

/// The name of an object: hexadecimal digits only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oid(String);

/// A file in a tree.
#[derive(Clone, Debug)]
pub struct TreeFile {
    /// Relative to the top of the repository.
    pub path: String,
    pub oid: Oid,
    /// `None` when git does not know it without fetching.
    pub size: Option<u64>,
    pub is_link: bool,
}

/// Files that are not as the last commit has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uncommitted {
    /// As the index has them, they are no longer as in the commit.
    pub staged: Vec<String>,
    /// They are not as the index has them, or it has them not.
    pub dirty: Vec<String>,
}

impl Oid {
    fn parse(text: &str) -> Option<Self> {
        let is_oid = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_oid.then(|| Self(text.to_string()))
    }

    /// A few digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl Git {
    /// # Errors
    /// When there is no git, or the folder is in no repository that git trusts.
    pub fn at(dir: &Path) -> Result<Self, UserError> {
        let git = Self { dir: dir.to_path_buf() };
        git.prefix()?;
        Ok(git)
    }

    /// Where the folder is below the top of the repository: empty, or with a `/` at its end.
    ///
    /// # Errors
    /// When the folder is in no repository that git trusts.
    pub fn prefix(&self) -> Result<String, UserError> {
        self.ask(&["rev-parse", "--show-prefix"])?.map_err(|why| {
            let why = why.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_string();
            UserError::new(format!("git knows no repository in `{}`: {why}", self.dir.display()))
                .help("run it in a clone; without one, `cargo scale-lint baseline` keeps what is known in a file")
        })
    }

    /// The commit at which the histories of `rev` and of what is checked out part.
    ///
    /// # Errors
    /// When either is missing, or they have nothing in common.
    pub fn merge_base(&self, rev: &str) -> Result<Oid, UserError> {
        let base = self.commit(rev)?.ok_or_else(|| {
            let error = UserError::new(format!("git knows no revision `{rev}` here"));
            if self.is_shallow() {
                return error.help(format!("the clone is shallow; {DEEPEN}"));
            }
            error.help("name a branch, tag or commit of this clone, such as `origin/main`; `git fetch` brings new ones")
        })?;
        let head = self.commit("HEAD")?.ok_or_else(|| {
            UserError::new("nothing is checked out that a revision could be compared with")
                .help("make the first commit, or check one out")
        })?;
        let found = self.ask(&["merge-base", "--end-of-options", &base.0, &head.0])?.ok();
        found.and_then(|found| Oid::parse(&found)).ok_or_else(|| {
            let error = UserError::new(format!("`{rev}` and what is checked out have no commit in common"));
            error.help(match self.is_shallow() {
                true => format!("the clone is shallow; {DEEPEN}"),
                false => "name a revision that this branch was made from".to_string(),
            })
        })
    }

    fn commit(&self, rev: &str) -> Result<Option<Oid>, UserError> {
        let commit = format!("{rev}^{{commit}}");
        let found = self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
        Ok(found.ok().and_then(|found| Oid::parse(&found)))
    }

    fn is_shallow(&self) -> bool {
        matches!(self.ask(&["rev-parse", "--is-shallow-repository"]), Ok(Ok(answer)) if answer == "true")
    }

    /// All files of a commit, links among them; neither folders nor other repositories.
    ///
    /// # Errors
    /// When the commit's trees cannot be read.
    pub fn files(&self, commit: &Oid) -> Result<Vec<TreeFile>, UserError> {
        let list = ["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", &commit.0];
        let listed = self.ask(&list)?.map_err(|why| unreadable(commit, &why))?;
        Ok(listed.split('\0').filter_map(tree_file).collect())
    }

    /// Hands the content of each file to `take`, in order.
    ///
    /// # Errors
    /// When one is not in this clone, or `take` fails.
    pub fn contents(
        &self,
        files: &[TreeFile],
        mut take: impl FnMut(&TreeFile, &mut dyn Read) -> std::io::Result<()>,
    ) -> Result<(), UserError> {
        let mut command = self.command(&["cat-file", "--batch"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| no_git(&error))?;
        let mut asked = child.stdin.take().expect("the input is a pipe");
        let mut answers = BufReader::new(child.stdout.take().expect("the output is a pipe"));
        let names: String = files.iter().map(|file| format!("{}\n", file.oid.0)).collect();
        // Asked beside the reading: pipes hold little, and git answers while it is asked.
        let result = std::thread::scope(|scope| {
            scope.spawn(move || drop(asked.write_all(names.as_bytes())));
            let result = files.iter().try_for_each(|file| answer(&mut answers, file, &mut take));
            stop(&mut child);
            result
        });
        result.map_err(|(file, why)| {
            UserError::new(format!("git cannot give back `{file}` as it has it: {why}"))
                .help("a partial clone lacks what it has not fetched, and nothing is fetched here: `git fetch --refetch --no-filter`")
        })
    }

    /// Which of some files have changes that no commit has. They are named from the folder. Untracked ones that git is
    /// told to ignore are not minded.
    ///
    /// # Errors
    /// When index or commit cannot be read.
    pub fn uncommitted(&self, paths: &BTreeSet<String>) -> Result<Uncommitted, UserError> {
        let prefix = self.prefix()?;
        let listed = self.ask(&["ls-files", "-s", "-z"])?;
        let listed = listed.map_err(|why| UserError::new(format!("git's index cannot be read: {why}")))?;
        let mut index: BTreeMap<&str, Option<TreeFile>> = BTreeMap::new();
        for (path, file) in listed.split('\0').filter_map(index_file).filter(|(path, _)| paths.contains(*path)) {
            // Several entries of one path are the sides of a conflict.
            index.entry(path).and_modify(|known| *known = None).or_insert(file);
        }
        let commit = self.commit("HEAD")?.map(|head| self.files(&head)).transpose()?.unwrap_or_default();
        let commit: BTreeMap<&str, &Oid> =
            commit.iter().filter_map(|file| Some((file.path.strip_prefix(&prefix)?, &file.oid))).collect();
        let tracked: Vec<TreeFile> = index.values().flatten().cloned().collect();
        let as_in_commit = |file: &&TreeFile| commit.get(file.path.as_str()) == Some(&&file.oid);
        let staged = tracked.iter().filter(|file| !as_in_commit(file)).map(|file| file.path.clone()).collect();
        let mut dirty = self.changed(&tracked)?;
        dirty.extend(index.iter().filter(|(_, file)| file.is_none()).map(|(path, _)| path.to_string()));
        let untracked: Vec<&str> = paths.iter().map(String::as_str).filter(|path| !index.contains_key(path)).collect();
        dirty.extend(self.not_ignored(&untracked)?);
        dirty.sort();
        Ok(Uncommitted { staged, dirty })
    }

    /// Which files differ from what git keeps of them, by more than the line ends that it may have changed.
    fn changed(&self, files: &[TreeFile]) -> Result<Vec<String>, UserError> {
        let mut changed = Vec::new();
        self.contents(files, |file, content| {
            let (mut kept, now) = (Vec::new(), std::fs::read(self.dir.join(&file.path))?);
            content.read_to_end(&mut kept)?;
            if kept != now && kept != without_carriage_returns(&now) {
                changed.push(file.path.clone());
            }
            Ok(())
        })?;
        Ok(changed)
    }

    fn not_ignored(&self, paths: &[&str]) -> Result<Vec<String>, UserError> {
        let mut left = Vec::new();
        for some in paths.chunks(MAX_ASKED) {
            // It fails when none is ignored. Odd names are quoted, and so not known again: they are minded.
            let below: Vec<String> = some.iter().map(|path| format!("./{path}")).collect();
            let asked: Vec<&str> = ["check-ignore", "--"].into_iter().chain(below.iter().map(String::as_str)).collect();
            let ignored = self.ask(&asked)?.unwrap_or_default();
            let ignored: BTreeSet<&str> = ignored.lines().map(|path| path.trim_start_matches("./")).collect();
            left.extend(some.iter().filter(|path| !ignored.contains(*path)).map(|path| path.to_string()));
        }
        Ok(left)
    }

    /// What git answers, or what it complains of.
    fn ask(&self, args: &[&str]) -> Result<Result<String, String>, UserError> {
        let output = self.command(args).stdin(Stdio::null()).output().map_err(|error| no_git(&error))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if !output.status.success() {
            return Ok(Err(text(&output.stderr)));
        }
        let mut answer = text(&output.stdout);
        if answer.ends_with('\n') {
            answer.pop();
        }
        Ok(Ok(answer))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.current_dir(&self.dir);
        command.args(["--no-pager", "--no-replace-objects", "--no-optional-locks"]);
        command.args(HARMLESS.iter().flat_map(|setting| ["-c", *setting]));
        command.args(args);
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0").env("GIT_ALLOW_PROTOCOL", "");
        command.env("LC_ALL", "C").env_remove("GIT_EXTERNAL_DIFF").env_remove("GIT_ASKPASS");
        command
    }
}

/// Ends a git that may still have something to say.
fn stop(child: &mut Child) {
    drop(child.kill());
    drop(child.wait());
}

fn no_git(error: &std::io::Error) -> UserError {
    UserError::new(format!("git cannot be run: {error}"))
        .help("install git; without it, `cargo scale-lint baseline` keeps what is known in a file")
}

fn unreadable(commit: &Oid, why: &str) -> UserError {
    let why = why.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_string();
    UserError::new(format!("the commit {} cannot be read: {why}", commit.short()))
        .help(format!("the clone may be partial; {DEEPEN}"))
}

/// A line of `ls-tree -l`: mode, kind, object, size, a tab, and the path.
fn tree_file(line: &str) -> Option<TreeFile> {
    let (head, path) = line.split_once('\t')?;
    let [mode, _, oid, size] = head.split_ascii_whitespace().collect::<Vec<_>>().try_into().ok()?;
    let is_link = mode == "120000";
    if !is_link && !mode.starts_with("100") {
        return None;
    }
    Some(TreeFile { path: path.to_string(), oid: Oid::parse(oid)?, size: size.parse().ok(), is_link })
}

/// A line of `ls-files -s`: mode, object, stage, a tab, and the path. `None` for what is no file or in conflict.
fn index_file(line: &str) -> Option<(&str, Option<TreeFile>)> {
    let (head, path) = line.split_once('\t')?;
    let [mode, oid, stage] = head.split_ascii_whitespace().collect::<Vec<_>>().try_into().ok()?;
    let is_file = mode.starts_with("100") && stage == "0";
    let file = Oid::parse(oid).filter(|_| is_file);
    Some((path, file.map(|oid| TreeFile { path: path.to_string(), oid, size: None, is_link: false })))
}

fn without_carriage_returns(text: &[u8]) -> Vec<u8> {
    let ends_line = |at: usize| text[at] == b'\r' && text.get(at + 1) == Some(&b'\n');
    (0..text.len()).filter(|at| !ends_line(*at)).map(|at| text[at]).collect()
}

/// One answer of `cat-file --batch`: a line with object, kind and size, the content, and a line break.
fn answer(
    answers: &mut impl BufRead,
    file: &TreeFile,
    take: &mut impl FnMut(&TreeFile, &mut dyn Read) -> std::io::Result<()>,
) -> Result<(), (String, String)> {
    let failed = |why: String| (file.path.clone(), why);
    let mut head = String::new();
    answers.read_line(&mut head).map_err(|error| failed(error.to_string()))?;
    let size = match head.split_ascii_whitespace().collect::<Vec<_>>()[..] {
        [_, "blob", size] => size.parse().map_err(|_| failed("git's answer is not understood".into()))?,
        [_, "missing"] | [] => return Err(failed("it is not in this clone".into())),
        _ => return Err(failed("it is not a file".into())),
    };
    let mut content = answers.take(size);
    let taken = take(file, &mut content).and_then(|()| std::io::copy(&mut content, &mut std::io::sink()));
    taken.map_err(|error| failed(error.to_string()))?;
    answers.read_exact(&mut [0]).map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_tree_are_read() {
        let oid = "0123456789abcdef0123456789abcdef01234567";
        let read =
            |mode: &str, kind: &str, size: &str| tree_file(&format!("{mode} {kind} {oid} {size}\ta b/\u{e9}.rs"));
        let file = read("100644", "blob", "     12").expect("a file");
        assert_eq!((file.path.as_str(), file.size, file.is_link), ("a b/\u{e9}.rs", Some(12), false));
        assert!(read("120000", "blob", "3").is_some_and(|file| file.is_link));
        assert!(read("160000", "commit", "      -").is_none());
        assert!(tree_file("").is_none());
    }

    #[test]
    fn only_hexadecimal_names_are_passed_on() {
        assert_eq!(Oid::parse("--upload-pack=x"), None);
        assert!(Oid::parse(&"a".repeat(40)).is_some());
    }
}
