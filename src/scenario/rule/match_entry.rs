//! A rule's `match`: which events it is about.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

use super::image_match_entry::ImageMatchEntry;
use crate::api::Operation;
use crate::api::job::JobType;
use crate::faults::{HeaderTest, Match, Matcher, OperationSet, Point};
use crate::scenario::named::is_header;
use crate::scenario::pattern::{LONGEST_PATTERN, pattern};
use crate::scenario::problem::{Misfit, Within, nearest, one_of};
use crate::scenario::schema_words;
use crate::scenario::world_names::WorldNames;

/// Which events a rule is about; what is left out matches all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MatchEntry {
    /// An operation, by name; `*` and `?` stand for any characters: `show_*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = LONGEST_PATTERN))]
    pub operation: Option<String>,
    /// An HTTP method.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema_words::Method>")]
    pub method: Option<String>,
    /// A path with its query; `*` and `?` stand for any characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = LONGEST_PATTERN))]
    pub path: Option<String>,
    /// The project that calls, by name or id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// An image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageMatchEntry>,
    /// A project that images are shared with, by name or id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// A header of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<HeaderEntry>,
    /// The type of a job, as the API shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema_words::JobTypeName>")]
    pub job_type: Option<String>,
    /// The address of the client, without its port; `*` and `?` stand for any characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = LONGEST_PATTERN))]
    pub client: Option<String>,
}

/// Which header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeaderEntry {
    /// Its name.
    #[schemars(regex(pattern = schema_words::HEADER_NAME))]
    pub name: String,
    /// Its value, with `*` and `?` for any characters; any value if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = LONGEST_PATTERN))]
    pub value: Option<String>,
}

/// Whether a text is a pattern rather than a name.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

pub(in crate::scenario) const METHODS: [&str; 7] =
    ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

impl MatchEntry {
    pub(super) fn compile(&self, at: Point, names: &WorldNames<'_>) -> Result<Match, Misfit> {
        self.known_at(at)?;
        let project = |name: &Option<String>| name.as_deref().map(|name| names.project(name));
        let operations = self.operation.as_deref().map(|name| operations(name, at));
        let header = self.header.as_ref().map(HeaderEntry::compile);
        Ok(Match {
            operations: operations.transpose().within("operation")?,
            method: self.method.as_deref().map(method).transpose().within("method")?,
            path: self.path.as_deref().map(bounded).transpose().within("path")?,
            project: project(&self.project).transpose().within("project")?,
            image: self
                .image
                .as_ref()
                .map(|image| image.compile(names))
                .transpose()
                .within("image")?,
            member: project(&self.member).transpose().within("member")?,
            header: header.transpose().within("header")?,
            job_type: self.job_type.as_deref().map(job_type).transpose().within("job_type")?,
            client: self.client.as_deref().map(client).transpose().within("client")?,
        })
    }

    /// What is said, with its key.
    fn said(&self) -> Vec<Matcher> {
        let said = [
            (Matcher::Operation, self.operation.is_some()),
            (Matcher::Method, self.method.is_some()),
            (Matcher::Path, self.path.is_some()),
            (Matcher::Project, self.project.is_some()),
            (Matcher::Image, self.image.is_some()),
            (Matcher::Member, self.member.is_some()),
            (Matcher::Header, self.header.is_some()),
            (Matcher::JobType, self.job_type.is_some()),
            (Matcher::Client, self.client.is_some()),
        ];
        said.into_iter().filter(|(_, said)| *said).map(|(matcher, _)| matcher).collect()
    }

    fn known_at(&self, at: Point) -> Result<(), Misfit> {
        let unknown = self.said().into_iter().find(|matcher| !at.matchers().contains(matcher));
        let Some(unknown) = unknown else { return Ok(()) };
        let known: Vec<&str> = at.matchers().iter().map(|matcher| matcher.name()).collect();
        let message = format!(
            "`{}` is not known at `{at}`; a rule there can match {}",
            unknown.name(),
            one_of(&known)
        );
        Err(Misfit::new(message)).within(unknown.name())
    }

    /// The same with ids in place of names, so that both ways of writing mean the same rule.
    pub(super) fn with_ids(&self, names: &WorldNames<'_>) -> Self {
        let project = |name: &Option<String>| {
            let id = name.as_deref().and_then(|name| names.project(name).ok());
            id.map_or_else(|| name.clone(), |id| Some(id.to_string()))
        };
        let mut same = self.clone();
        same.project = project(&self.project);
        same.member = project(&self.member);
        if let Some(image) = &mut same.image
            && let Some(id) = image.name.as_deref().and_then(|name| names.image(name).ok())
        {
            image.name = Some(id.to_string());
        }
        same
    }
}

/// A pattern of a length that can be matched against everything that comes.
fn bounded(text: &str) -> Result<WildMatch, Misfit> {
    pattern(text).map_err(Misfit::new)
}

/// A whole address in the form in which addresses are written, or a pattern of it.
fn client(text: &str) -> Result<WildMatch, Misfit> {
    if is_pattern(text) {
        return bounded(text);
    }
    let address: IpAddr = text.parse().map_err(|_| {
        Misfit::new(format!(
            "`{text}` is no address of a client, such as `127.0.0.1`; `127.0.*` stands for many"
        ))
    })?;
    Ok(WildMatch::new(&address.to_canonical().to_string()))
}

impl HeaderEntry {
    fn compile(&self) -> Result<HeaderTest, Misfit> {
        if !is_header(&self.name) {
            return Err(Misfit::new("no name of a header: letters, digits and `-`")).within("name");
        }
        let value = self.value.as_deref().map(bounded).transpose().within("value")?;
        Ok(HeaderTest { name: self.name.to_ascii_lowercase().into(), value })
    }
}

fn operations(name: &str, at: Point) -> Result<OperationSet, Misfit> {
    let pattern = bounded(name)?;
    let chosen = OperationSet::of(|operation| pattern.matches(operation.name()));
    let possible = OperationSet::of(|operation| happens_at(operation, at));
    if !chosen.and(possible).is_empty() {
        return Ok(chosen.and(possible));
    }
    let valid = Operation::ALL.iter().filter(|operation| possible.contains(**operation));
    let valid: Vec<&str> = valid.map(|operation| operation.name()).collect();
    let near = nearest(name, valid.iter().copied());
    let what = if chosen.is_empty() { "no operation" } else { "no operation that comes there" };
    let message = format!("`{name}` is {what}; at `{at}` there are {}{near}", one_of(&valid));
    Err(Misfit::new(message))
}

/// Whether an operation can have events at a point.
pub(in crate::scenario) fn happens_at(operation: Operation, at: Point) -> bool {
    match at {
        Point::Connection | Point::Request | Point::Response => true,
        Point::Job | Point::Image | Point::Pair => operation.job_type().is_some(),
        Point::Read => operation.reads(),
    }
}

fn method(name: &str) -> Result<Box<str>, Misfit> {
    if METHODS.contains(&name) {
        return Ok(name.into());
    }
    let near = nearest(&name.to_ascii_uppercase(), METHODS.into_iter());
    let near = if METHODS.contains(&name.to_ascii_uppercase().as_str()) {
        format!("; did you mean `{}`?", name.to_ascii_uppercase())
    } else {
        near
    };
    Err(Misfit::new(format!(
        "`{name}` is no method that clients use ({}){near}",
        METHODS.join(", ")
    )))
}

fn job_type(name: &str) -> Result<JobType, Misfit> {
    let types = [JobType::Add, JobType::Delete, JobType::Update];
    let found = types.into_iter().find(|one| one.as_str() == name);
    found.ok_or_else(|| {
        let valid = types.map(JobType::as_str);
        let near = nearest(name, valid.into_iter());
        Misfit::new(format!("`{name}` is no type of a members job ({}){near}", valid.join(", ")))
    })
}
