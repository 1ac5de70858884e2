//! `imsim replay --target`: the same files against a server, in real time.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::builder::{NonEmptyStringValueParser, TypedValueParser as _};
use clap::{Args, ValueEnum};

use super::args::{ReplayArgs, sayable};
use super::files_apart::NamedFile;
use super::output::Output;
use super::replay::Counts;
use super::trust::TrustArgs;
use super::{Exit, could_not_run};
use crate::api::{ImageId, ProjectId};
use crate::clock::{SimDuration, WallTime};
use crate::replay::{self, BaseUrl, Prepare, StandIns, TargetOptions};
use crate::scenario::named::Named;
use crate::scenario::span::Span;
use crate::scenario::{self, Names, ScenarioFile};
use crate::seed::Seed;

/// The longest file of tokens: one megabyte, some thousand of the longest that clouds give out.
const LARGEST_TOKENS: u64 = 1024 * 1024;

/// Where a file is replayed that is not replayed in virtual time.
#[derive(Debug, Args)]
#[command(next_help_heading = "Against a server, in real time")]
pub(super) struct TargetArgs {
    /// Replay against the server at this URL, a simulator or the real service, in real time
    #[arg(
        long = "target",
        value_name = "URL",
        value_parser = BaseUrl::parse,
        conflicts_with_all = ["repeat", "shards", "check", "golden", "trace", "report", "jobs"]
    )]
    pub(super) url: Option<BaseUrl>,

    #[command(flatten)]
    server: ServerArgs,

    /// By how much a duration may differ from what is expected
    #[arg(
        long,
        value_name = "DURATION",
        requires = "url",
        default_value = "250ms",
        value_parser = Span::parse
    )]
    tolerance: Span,

    /// The longest that one file may take; what it has not done by then did not hold
    #[arg(
        long,
        value_name = "DURATION",
        requires = "url",
        default_value = "10m",
        value_parser = Span::parse
    )]
    within: Span,
}

/// How a server is reached and prepared, and what stands on it for what files name. The command has an
/// argument `url` that names the server.
#[derive(Debug, Args)]
pub(super) struct ServerArgs {
    /// Where the admin API of the server is [default: /__admin of the server, if it answers there]
    #[arg(long, value_name = "URL", requires = "url", value_parser = BaseUrl::parse)]
    admin_url: Option<BaseUrl>,

    #[command(flatten)]
    trust: TrustArgs,

    // The variable may be set for a server that is not meant here, so it requires no `--target`.
    /// Token that the admin API of the server asks for
    #[arg(
        long,
        value_name = "TOKEN",
        env = "IMSIM_ADMIN_TOKEN",
        hide_env_values = true,
        value_parser = NonEmptyStringValueParser::new().try_map(sayable)
    )]
    admin_token: Option<String>,

    /// Send this value where the files name this token; may be repeated
    #[arg(long = "token", value_name = "NAME=VALUE", requires = "url", value_parser = token)]
    tokens: Vec<(String, String)>,

    /// Take such values from a file: a JSON object with the names of tokens as its keys
    #[arg(long = "tokens", value_name = "FILE", requires = "url")]
    tokens_file: Option<PathBuf>,

    /// The id of an image or project on the server that the files give this name; may be repeated
    #[arg(long = "name", value_name = "NAME=ID", requires = "url", value_parser = id)]
    names: Vec<(String, String)>,

    /// Before anything is sent, reset a simulator that serves the file's scenario, and refuse any other; or
    /// always, and make its world and its rules those of the file; or never
    #[arg(long, value_name = "WHEN", requires = "url", value_enum, default_value_t = PrepareWhen::Same)]
    prepare: PrepareWhen,
}

/// See [`Prepare`]; without comments of its own, which would make the help four times as long.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum PrepareWhen {
    Same,
    Always,
    Never,
}

impl From<PrepareWhen> for Prepare {
    fn from(when: PrepareWhen) -> Self {
        match when {
            PrepareWhen::Same => Self::Same,
            PrepareWhen::Always => Self::Always,
            PrepareWhen::Never => Self::Never,
        }
    }
}

/// A name and what stands for it.
fn pair(text: &str, right: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err(format!("it is not of the form {right}")),
    }
}

fn token(text: &str) -> Result<(String, String), String> {
    let (name, value) = pair(text, "NAME=VALUE")?;
    Ok((name, sayable(value)?))
}

fn id(text: &str) -> Result<(String, String), String> {
    let (name, id) = pair(text, "NAME=ID")?;
    if ImageId::parse(&id).is_none() && ProjectId::parse(&id).is_none() {
        return Err("the id of an image is a UUID, that of a project 32 hex digits".to_owned());
    }
    Ok((name, id))
}

impl ServerArgs {
    /// What is known of the server at this URL. A file that is held against it may differ by `tolerance`, and
    /// takes at most `within`.
    ///
    /// # Errors
    /// A sentence for people, about a file that is named or about whom to trust.
    pub(super) fn options(
        &self,
        url: &BaseUrl,
        seed: Option<u64>,
        tolerance: SimDuration,
        within: SimDuration,
    ) -> Result<TargetOptions, String> {
        let mut tokens = self.tokens.clone();
        if let Some(path) = &self.tokens_file {
            tokens.extend(read_tokens(path)?);
        }
        let urls = [Some(url), self.admin_url.as_ref()];
        let trust = self.trust.trust(urls.into_iter().flatten())?;
        Ok(TargetOptions {
            url: url.clone(),
            admin_url: self.admin_url.clone(),
            admin_token: self.admin_token.clone(),
            trust,
            stand_ins: StandIns { tokens, ids: self.names.clone() },
            prepare: self.prepare.into(),
            tolerance,
            within,
            seed: seed.map(Seed::new),
        })
    }

    /// The files that are read to reach it.
    pub(super) fn files(&self) -> [NamedFile<'_>; 2] {
        [("--tokens", self.tokens_file.as_deref()), ("--ca-file", self.trust.ca_file())]
    }
}

fn read_tokens(path: &Path) -> Result<Vec<(String, String)>, String> {
    let wrong = |reason: &dyn std::fmt::Display| format!("{}: {reason}", path.display());
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_TOKENS + 1).read_to_string(&mut text))
        .map_err(|error| wrong(&error))?;
    if text.len() as u64 > LARGEST_TOKENS {
        return Err(wrong(&format!(
            "longer than {LARGEST_TOKENS} bytes, the longest file of tokens"
        )));
    }
    let tokens: Named<String> = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    for (name, value) in tokens.iter() {
        sayable(value.to_owned()).map_err(|right| wrong(&format!("{name}: {right}")))?;
    }
    Ok(tokens.0)
}

/// Replays files one after the other against a server.
pub(super) fn replay_against(url: &BaseUrl, args: &ReplayArgs) -> Exit {
    let (files, options) = match prepare(url, args) {
        Ok(prepared) => prepared,
        Err(reason) => return could_not_run(&reason),
    };
    let width = files.iter().map(|file| file.display().to_string().len()).max().unwrap_or(0);
    let (mut counts, mut output) = (Counts::default(), Output::default());
    for file in &files {
        match replay::replay_against(file, &options) {
            Ok(replayed) => {
                let held = replayed.failures.is_empty();
                let counter = if held { &mut counts.passed } else { &mut counts.failed };
                *counter += 1;
                output.print(replay::target_line(&replayed, width));
            }
            Err(error) => {
                counts.broken += 1;
                could_not_run(&error);
            }
        }
    }
    output.print(replay::summary(counts.passed, counts.failed, counts.broken));
    output.exit(counts.exit())
}

/// What is to be done, once the arguments are found to make sense together.
fn prepare(url: &BaseUrl, args: &ReplayArgs) -> Result<(Vec<PathBuf>, TargetOptions), String> {
    let files = replay::find_files(&args.paths).map_err(|problem| problem.to_string())?;
    let TargetArgs { server, tolerance, within, .. } = &args.target;
    let options = server.options(url, args.seed, tolerance.0, within.0)?;
    match unknown(&options.stand_ins, &files) {
        Some(name) => {
            Err(format!("--token or --name says what stands for `{name}`, and no file has it"))
        }
        None => Ok((files, options)),
    }
}

/// A name that something stands for and that no file has. Files that make no sense are not asked; what is
/// wrong with them is told when their turn comes.
fn unknown(stand_ins: &StandIns, files: &[PathBuf]) -> Option<String> {
    if *stand_ins == StandIns::default() {
        return None;
    }
    let start = WallTime::default().since_1970();
    let names = |file: &PathBuf| -> Option<Names> {
        let file = ScenarioFile::read(file).ok()?;
        Some(scenario::compile(&file, Seed::DEFAULT, start).ok()?.names)
    };
    let mut unknown: Option<Vec<String>> = None;
    for names in files.iter().filter_map(names) {
        let here: Vec<&str> = stand_ins.unknown_in(&names);
        match &mut unknown {
            Some(unknown) => unknown.retain(|name| here.contains(&name.as_str())),
            None => unknown = Some(here.into_iter().map(str::to_owned).collect()),
        }
    }
    unknown?.into_iter().next()
}
