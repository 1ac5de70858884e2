//! A scenario file as it is written: its sections, read strictly.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::compile::MOST_STEPS;
use super::load_section::LoadSection;
use super::problem::{Misfit, Problem, Segment, nearest};
use super::rule::RuleEntry;
use super::rule_book::MOST_RULES;
use super::span::Moment;
use super::step::{StepEntry, Truth};
use super::timing_section::{SupervisionSection, TimingSection};
use super::world_section::WorldSection;
use crate::api::hex::hex;
use crate::seed::Seed;

/// The version of the format that this program reads.
pub const FORMAT: u32 = 1;

/// The largest scenario file: a hundred thousand steps take some twenty megabytes.
pub const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// The world that is served unless a file is named; it is a scenario that can be replayed, too.
const BUILT_IN: &str = include_str!("../../scenarios/basics/default-world.json");

/// What `imsim load` puts on a server unless a file is named.
const BUILT_IN_LOAD: &str = include_str!("../../scenarios/load/default-load.json");

/// A scenario file with its text, which is needed to say where a problem lies.
#[derive(Debug)]
pub struct ScenarioFile {
    /// Where it was read from, or what it is called.
    pub path: PathBuf,
    pub(super) text: Arc<str>,
    /// Its sections.
    pub sections: Sections,
}

/// The sections of a scenario file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sections {
    /// A JSON Schema for editors; not looked at.
    #[serde(rename = "$schema")]
    pub schema: Option<String>,
    /// What the scenario shows, for people.
    pub about: Option<String>,
    /// The version of the format: 1.
    #[schemars(extend("const" = FORMAT))]
    pub format: u32,
    /// The seed, unless the command line names one.
    #[schemars(extend("default" = Seed::DEFAULT.number()))]
    pub seed: Option<u64>,
    /// The simulated time at which a replay starts; 2025-01-01T00:00:00Z if left out.
    #[schemars(extend("default" = "2025-01-01T00:00:00Z"))]
    pub epoch: Option<Moment>,
    /// What exists.
    // Shared, since it can be most of what a server keeps in memory.
    pub world: Arc<WorldSection>,
    /// How long things take.
    #[serde(default)]
    pub timing: TimingSection,
    /// How dying workers are treated.
    #[serde(default)]
    pub supervision: SupervisionSection,
    /// What goes wrong.
    #[serde(default)]
    #[schemars(length(max = MOST_RULES))]
    pub faults: Vec<RuleEntry>,
    /// What is done, and what must hold.
    #[serde(default)]
    #[schemars(length(max = MOST_STEPS))]
    pub steps: Vec<StepEntry>,
    /// What must be true at the end, when all that the steps set going has ended, too.
    pub expect: Option<Truth>,
    /// Which load `imsim load` puts on a server, and what must hold of it.
    pub load: Option<LoadSection>,
}

/// Looks only at the version, so that a file of another one is not blamed for keys it may have.
#[derive(Deserialize)]
struct Version {
    format: Option<Value>,
}

/// What a server takes from a file, as it is written but for the layout.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Served {
    world: Value,
    timing: Value,
    supervision: Value,
    faults: Value,
}

impl ScenarioFile {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// If the file cannot be read, is too large, or has not the form of a scenario.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let unreadable = |message: String| Problem {
            file: path.to_owned(),
            place: None,
            path: String::new(),
            message,
        };
        let mut bytes = Vec::new();
        // The length that a file system tells is no bound: devices and pipes tell none.
        File::open(path)
            .and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes))
            .map_err(|error| unreadable(error.to_string()))?;
        if bytes.len() as u64 > LARGEST_FILE {
            let message = format!("longer than {LARGEST_FILE} bytes, the longest scenario file");
            return Err(unreadable(message));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            unreadable(format!("byte {at} is not UTF-8; a scenario file is JSON in UTF-8"))
        })?;
        Self::parse(path, text)
    }

    /// The world that is served unless a file is named.
    ///
    /// # Errors
    /// Never, as a test holds: it has the form of a scenario.
    pub fn built_in() -> Result<Self, Problem> {
        Self::parse(Path::new("built-in world"), BUILT_IN.to_owned())
    }

    /// The load that is put on a server unless a file is named, with its world.
    ///
    /// # Errors
    /// Never, as a test holds: it has the form of a scenario.
    pub fn built_in_load() -> Result<Self, Problem> {
        Self::parse(Path::new("built-in load"), BUILT_IN_LOAD.to_owned())
    }

    /// Reads a scenario from its text.
    ///
    /// # Errors
    /// If the text has not the form of a scenario.
    pub fn parse(path: &Path, text: String) -> Result<Self, Problem> {
        check_version(path, &text)?;
        // Derived readers also take a list with the sections in order, which nobody means.
        if text.trim_start().starts_with('[') {
            let message = "found a list; a scenario is a JSON object".to_owned();
            return Err(Problem {
                file: path.to_owned(),
                place: Some((1, 1)),
                path: String::new(),
                message,
            });
        }
        let mut json = serde_json::Deserializer::from_str(&text);
        let sections: Sections = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| problem(path, &text, &error.path().to_string(), error.inner()))?;
        json.end().map_err(|error| problem(path, &text, "", &error))?;
        Ok(Self { path: path.to_owned(), text: text.into(), sections })
    }

    /// The same file without the parts that a live server has no use for.
    #[must_use]
    pub fn to_serve(&self) -> Self {
        let Sections { seed, world, timing, supervision, faults, .. } = &self.sections;
        let sections = Sections {
            schema: None,
            about: None,
            format: FORMAT,
            seed: *seed,
            epoch: None,
            world: Arc::clone(world),
            timing: timing.clone(),
            supervision: *supervision,
            faults: faults.clone(),
            steps: Vec::new(),
            expect: None,
            load: None,
        };
        Self { path: self.path.clone(), text: Arc::clone(&self.text), sections }
    }

    /// Gives a misfit its place in the text.
    pub(super) fn place(&self, misfit: &Misfit) -> Problem {
        Problem {
            file: self.path.clone(),
            place: Some(super::locate::locate(&self.text, &misfit.path)),
            path: misfit.path_text(),
            message: misfit.message.clone(),
        }
    }

    /// The whole document, as plain JSON.
    pub(super) fn document(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The line of a place, from 1; see [`crate::replay`].
    #[must_use]
    pub fn line_of(&self, place: &[Segment]) -> usize {
        super::locate::locate(&self.text, place).0
    }

    /// A hash of what a server takes from the file: two files with the same one are served alike.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let served: Served = serde_json::from_str(&self.text).unwrap_or_default();
        let text = serde_json::to_string(&served).unwrap_or_default();
        hex(&Sha256::digest(text)[..8])
    }

    /// The sections that are present and that a live server has no use for.
    #[must_use]
    pub fn ignored_when_served(&self) -> Vec<&'static str> {
        let ignored = [
            ("epoch", self.sections.epoch.is_some()),
            ("steps", !self.sections.steps.is_empty()),
            ("expect", self.sections.expect.is_some()),
            ("load", self.sections.load.is_some()),
        ];
        ignored.iter().filter(|(_, present)| *present).map(|(name, _)| *name).collect()
    }
}

fn check_version(path: &Path, text: &str) -> Result<(), Problem> {
    let Ok(Version { format: Some(format) }) = serde_json::from_str(text) else { return Ok(()) };
    if format.as_u64() == Some(FORMAT.into()) {
        return Ok(());
    }
    Err(Problem {
        file: path.to_owned(),
        place: Some(super::locate::locate(text, &["format".into()])),
        path: "format".to_owned(),
        message: format!("found {format}; this program reads format {FORMAT}"),
    })
}

fn problem(path: &Path, text: &str, place: &str, error: &serde_json::Error) -> Problem {
    Problem {
        file: path.to_owned(),
        place: Some((error.line(), error.column())),
        path: place.to_owned(),
        message: plain(text, error),
    }
}

/// What serde found wrong in a text, for people, without the place.
pub(super) fn plain(text: &str, error: &serde_json::Error) -> String {
    let shown = error.to_string();
    // The place is shown in front, so serde's own mention of it goes.
    let message = shown.rsplit_once(" at line ").map_or(shown.as_str(), |(message, _)| message);
    let message = match message {
        // serde says this of a choice with two keys, too, where a person would look for bad syntax.
        "expected value" if serde_json::from_str::<IgnoredAny>(text).is_ok() => ONE_KEY,
        message => message,
    };
    explained(message)
}

pub(super) const ONE_KEY: &str = "expected an object with exactly one key, which says what it is";

/// What serde says, with the nearest valid name where it lists them.
pub(super) fn explained(message: &str) -> String {
    let message = match message {
        "invalid value: map, expected map with a single key" => ONE_KEY,
        message => message,
    };
    format!("{message}{}", suggestion(message))
}

/// serde lists the valid names behind "expected"; the nearest one is what was meant.
pub(crate) fn suggestion(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match (message.starts_with("unknown "), quoted.next()) {
        (true, Some(found)) => nearest(found, quoted),
        _ => String::new(),
    }
}
