//! Holds an answer against what a step expects.

mod images;

use serde_json::Value;

use super::wire::Seen;
use crate::api::job::JobState;
use crate::api::{ImageId, MemberStatus, ProjectId, time};
use crate::clock::{SimDuration, SimTime};
use crate::scenario::Names;
use crate::scenario::expect::{Expect, JobFacts, Outcome, ResultFact};

/// One thing that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What was looked at, for example `job.state`.
    pub what: String,
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub found: String,
}

/// Collects what does not hold.
pub(super) struct Comparison<'a> {
    names: &'a Names,
    seen: &'a Seen,
    times: &'a Times,
    mismatches: Vec<Mismatch>,
}

/// How exactly durations must be what is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exactness {
    /// To the millisecond.
    Exact,
    /// Give or take so much.
    Within(SimDuration),
    /// Not at all.
    NotJudged,
}

/// How exactly durations must be what is expected, by the clock that measures them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    /// Those that the client measures.
    pub(super) seen: Exactness,
    /// Those that the server tells.
    pub(super) told: Exactness,
}

impl Exactness {
    /// Whether a duration is as expected.
    pub(super) fn allows(self, expected: SimDuration, found: SimDuration) -> bool {
        match self {
            Self::Exact => expected == found,
            Self::Within(more) => expected <= found + more && found <= expected + more,
            Self::NotJudged => true,
        }
    }

    /// What is expected, in words.
    pub(super) fn say(self, expected: SimDuration) -> String {
        match self {
            Self::Within(more) => format!("{expected}, give or take {more}"),
            Self::Exact | Self::NotJudged => expected.to_string(),
        }
    }
}

/// Everything that does not hold of an answer. Where a job `must_end`, an answer that shows one must show
/// its end, unless the step expects a state.
pub(super) fn compare(
    expect: &Expect,
    seen: &Seen,
    names: &Names,
    must_end: bool,
    times: &Times,
) -> Vec<Mismatch> {
    let mut comparison = Comparison { names, seen, times, mismatches: Vec::new() };
    comparison.answer(expect);
    comparison.state(expect, must_end);
    if let Some(facts) = &expect.job {
        comparison.job(facts);
    }
    comparison.members(expect);
    comparison.images(expect);
    comparison.mismatches
}

impl Comparison<'_> {
    fn miss(&mut self, what: &str, expected: impl ToString, found: impl ToString) {
        let (expected, found) = (expected.to_string(), found.to_string());
        self.mismatches.push(Mismatch { what: what.to_owned(), expected, found });
    }

    fn equal(&mut self, what: &str, expected: Option<&str>, found: Option<&str>) {
        if expected != found {
            self.miss(what, expected.unwrap_or("nothing"), found.unwrap_or("nothing"));
        }
    }

    fn answer(&mut self, expect: &Expect) {
        let seen = self.seen;
        let outcome = expect.outcome.unwrap_or(Outcome::Answered);
        let found = seen.trouble.as_deref().unwrap_or(seen.outcome.as_str());
        self.equal("outcome", Some(outcome.as_str()), Some(found));
        let exactness = self.times.seen;
        if let Some(took) = expect.took.filter(|took| !exactness.allows(took.0, seen.took)) {
            self.miss("took", exactness.say(took.0), seen.took);
        }
        if !seen.outcome.has_head() {
            return;
        }
        let status = expect.status.unwrap_or(200);
        if seen.status != status {
            let found = match seen.error_code() {
                Some(code) => format!("{} with {code}", seen.status),
                None => seen.status.to_string(),
            };
            self.miss("status", status, found);
        }
        if let Some(code) = &expect.error_code {
            self.equal("error_code", Some(code), seen.error_code());
        }
        for (name, value) in expect.headers.iter().flat_map(|headers| headers.iter()) {
            let found = seen.header(name);
            self.equal(&format!("headers.{name}"), value.as_deref(), found.as_deref());
        }
        if let Some(body) = &expect.body {
            self.mismatches.extend(contain("body", body, &seen.body));
        }
        if let Some(body) = &expect.exact_body {
            self.mismatches.extend(equal("exact_body", body, &seen.body));
        }
    }

    fn state(&mut self, expect: &Expect, must_end: bool) {
        let stated = expect.job.as_ref().and_then(|facts| facts.state);
        let whole = expect.outcome.is_none_or(|outcome| outcome == Outcome::Answered);
        let shows_a_job = whole && expect.status.is_none_or(|status| status == 200);
        let by_default = (must_end && shows_a_job).then(|| match &expect.job {
            Some(facts) if facts.tell_of_failure() => JobState::Fail,
            _ => JobState::Success,
        });
        if let Some(state) = stated.or(by_default) {
            self.equal("job.state", Some(state.as_str()), self.seen.job_state());
        }
    }

    fn job(&mut self, facts: &JobFacts) {
        let body = &self.seen.body;
        if let Some(code) = &facts.error_code {
            self.equal("job.error_code", Some(code), body["error_code"].as_str());
        }
        if let Some(results) = &facts.results {
            match body["entities"]["results"].as_array() {
                Some(found) => self.results(results, found),
                None => self.miss("job.results", format!("{} results", results.len()), "none yet"),
            }
        }
        if let Some(took) = facts.took {
            let (found, exactness) = (took_of(body), self.times.told);
            if !found.is_some_and(|found| exactness.allows(took.0, found)) {
                let found = found.map_or_else(|| "no end".to_owned(), |found| found.to_string());
                self.miss("job.took", exactness.say(took.0), found);
            }
        }
    }

    /// Holds reported pairs against expected ones, by their ids; told are the names.
    fn results(&mut self, expected: &[ResultFact], found: &[Value]) {
        if expected.len() != found.len() {
            let count = |number: usize| format!("{number} results");
            self.miss("job.results", count(expected.len()), count(found.len()));
        }
        for (index, (fact, found)) in expected.iter().zip(found).enumerate() {
            let image = self.names.image_id(&fact.image).map(|id| id.to_string());
            let project = self.names.project_id(&fact.project).map(|id| id.to_string());
            let same = found["image_id"].as_str() == image.as_deref()
                && found["project_id"].as_str() == project.as_deref()
                && found["status"] == fact.status.as_str();
            if !same {
                let expected =
                    format!("{} with {}: {}", fact.image, fact.project, fact.status.as_str());
                self.miss(&format!("job.results[{index}]"), expected, self.told(found));
            }
        }
    }

    /// A reported pair by the names of what it is about.
    fn told(&self, result: &Value) -> String {
        let text = |key: &str| result[key].as_str().unwrap_or_default();
        let (image, project) = (text("image_id"), text("project_id"));
        let image_name = ImageId::parse(image).and_then(|id| self.names.image_called(id));
        let project_name = ProjectId::parse(project).and_then(|id| self.names.project_called(id));
        let (image, project) = (image_name.unwrap_or(image), project_name.unwrap_or(project));
        format!("{image} with {project}: {}", text("status"))
    }

    fn members(&mut self, expect: &Expect) {
        let body = &self.seen.body;
        if let Some(status) = expect.member {
            self.equal("member", Some(status.as_str()), body["status"].as_str());
        }
        let Some(members) = &expect.members else { return };
        let each = |(name, status): (&str, &MemberStatus)| {
            let (named, status) = (self.names.projects_named(name), status.as_str());
            named.into_iter().map(move |(name, id)| (id.to_string(), name, status))
        };
        let mut expected: Vec<(String, String, &str)> = members.iter().flat_map(each).collect();
        for member in body["members"].as_array().into_iter().flatten() {
            let id = member["member_id"].as_str().unwrap_or_default();
            let status = member["status"].as_str();
            match expected.iter().position(|(expected, _, _)| expected == id) {
                Some(place) => {
                    let (_, name, expected) = expected.swap_remove(place);
                    self.equal(&format!("members.{name}"), Some(expected), status);
                }
                None => {
                    let name = ProjectId::parse(id).and_then(|id| self.names.project_called(id));
                    self.equal(&format!("members.{}", name.unwrap_or(id)), None, status);
                }
            }
        }
        expected.sort_unstable();
        for (_, name, status) in expected {
            self.equal(&format!("members.{name}"), Some(status), None);
        }
    }
}

/// How objects are held against each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum More {
    /// What is found may have more keys.
    Allowed,
    /// It has the same keys.
    Refused,
}

/// Where a value does not contain what is expected: objects may have more keys, lists are as long, and
/// everything else is equal.
pub(super) fn contain(what: &str, expected: &Value, found: &Value) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    hold(what, expected, found, More::Allowed, &mut mismatches);
    mismatches
}

/// Where a value is not what is expected.
fn equal(what: &str, expected: &Value, found: &Value) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    hold(what, expected, found, More::Refused, &mut mismatches);
    mismatches
}

fn hold(what: &str, expected: &Value, found: &Value, more: More, mismatches: &mut Vec<Mismatch>) {
    let mut miss = |what: String, expected: String, found: String| {
        mismatches.push(Mismatch { what, expected, found });
    };
    match (expected, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            if more == More::Refused {
                for (key, found) in found.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
                    miss(format!("{what}.{key}"), "no such key".to_owned(), found.to_string());
                }
            }
            for (key, expected) in wanted {
                let what = format!("{what}.{key}");
                match found.get(key) {
                    Some(found) => hold(&what, expected, found, more, mismatches),
                    None => mismatches.push(Mismatch {
                        what,
                        expected: expected.to_string(),
                        found: "no such key".to_owned(),
                    }),
                }
            }
        }
        (Value::Array(wanted), Value::Array(list)) if wanted.len() == list.len() => {
            for (index, (expected, found)) in wanted.iter().zip(list).enumerate() {
                hold(&format!("{what}[{index}]"), expected, found, more, mismatches);
            }
        }
        (expected, found) if expected != found => {
            miss(what.to_owned(), expected.to_string(), found.to_string());
        }
        _ => {}
    }
}

fn took_of(body: &Value) -> Option<SimDuration> {
    let time = |key: &str| body[key].as_str().and_then(time::parse).map(SimTime::from_millis);
    Some(time("end_time")? - time("begin_time")?)
}
