//! Holds what must be true against what the admin API tells.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::changes::{piece, refusal};
use super::compare::{Mismatch, contain};
use super::runner::{Runner, Turn};
use crate::api::MemberStatus;
use crate::scenario::named::Named;
use crate::scenario::step::{Amount, CallFacts, JobCountFacts, RuleFacts, Truth};

/// What is looked at, and what did not hold.
struct Look<'a> {
    runner: &'a Runner,
    turn: &'a Turn,
    mismatches: Vec<Mismatch>,
}

/// Everything that is not as it must be.
pub(super) async fn look(runner: &Runner, truth: &Truth, turn: &Turn) -> Vec<Mismatch> {
    let mut look = Look { runner, turn, mismatches: Vec::new() };
    for (image, members) in truth.members.iter() {
        look.members(image, members).await;
    }
    for (image, expected) in truth.images.iter() {
        let what = format!("images.{image}");
        if let Some(found) = look.image(&what, image).await {
            look.mismatches.extend(contain(&what, expected, &found));
        }
    }
    for (name, expected) in truth.jobs.iter() {
        look.job(name, expected).await;
    }
    if let Some(facts) = &truth.job_counts {
        look.job_counts(facts).await;
    }
    for (rule, facts) in truth.rules.iter() {
        look.rule(rule, facts).await;
    }
    for (index, call) in truth.calls.iter().enumerate() {
        look.calls(index, call).await;
    }
    let exactness = runner.stage.times(truth.time.is_some()).seen;
    if let Some(time) = truth.time.filter(|time| !exactness.allows(time.0, runner.time())) {
        look.miss("time", exactness.say(time.0), runner.time());
    }
    look.mismatches
}

impl Look<'_> {
    fn miss(&mut self, what: &str, expected: impl ToString, found: impl ToString) {
        let (expected, found) = (expected.to_string(), found.to_string());
        self.mismatches.push(Mismatch { what: what.to_owned(), expected, found });
    }

    /// Asks the admin API; a refusal is what did not hold.
    async fn ask(
        &mut self,
        what: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Option<Value> {
        let seen = self.runner.admin(method, path, body, self.turn).await;
        if seen.status == 200 {
            return Some(seen.body);
        }
        self.miss(what, "something to look at", refusal(&seen));
        None
    }

    async fn image(&mut self, what: &str, image: &str) -> Option<Value> {
        let path = format!("/world/images/{}", piece(image));
        let mut found = self.ask(what, Method::GET, &path, None).await?;
        let images = found["images"].as_object_mut()?;
        images.values_mut().next().map(Value::take)
    }

    async fn members(&mut self, image: &str, expected: &Named<MemberStatus>) {
        let what = format!("members.{image}");
        let Some(found) = self.image(&what, image).await else { return };
        let names = self.runner.names();
        let mut found: Vec<(String, String)> = found["members"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, status)| (name.clone(), status.as_str().unwrap_or_default().to_owned()))
            .collect();
        let each = |(name, status)| {
            names.projects_named(name).into_iter().map(move |(name, id)| (name, id, status))
        };
        for (project, id, status) in expected.iter().flat_map(each) {
            let what = format!("{what}.{project}");
            let place = found
                .iter()
                .position(|(name, _)| *name == project || names.project_id(name) == Some(id));
            match place.map(|place| found.swap_remove(place).1) {
                Some(found) if found == status.as_str() => {}
                Some(found) => self.miss(&what, status.as_str(), found),
                None => self.miss(&what, status.as_str(), "no member"),
            }
        }
        found.sort_unstable();
        for (project, status) in found {
            self.miss(&format!("{what}.{project}"), "no member", status);
        }
    }

    async fn job(&mut self, name: &str, expected: &Value) {
        let what = format!("jobs.{name}");
        let id = self.runner.value(name);
        let Some(id) = id.as_ref().and_then(Value::as_str) else {
            return self.miss(&what, format!("a job saved as `{name}`"), "none");
        };
        let path = format!("/jobs/{}", piece(id));
        if let Some(found) = self.ask(&what, Method::GET, &path, None).await {
            self.mismatches.extend(contain(&what, expected, &found));
        }
    }

    async fn job_counts(&mut self, facts: &JobCountFacts) {
        let Some(found) = self.ask("job_counts", Method::GET, "/health", None).await else {
            return;
        };
        self.amounts("job_counts", &facts.amounts(), &found["jobs"]);
    }

    async fn rule(&mut self, rule: &str, facts: &RuleFacts) {
        let what = format!("rules.{rule}");
        let path = format!("/faults/{}", piece(rule));
        let Some(found) = self.ask(&what, Method::GET, &path, None).await else { return };
        self.amounts(&what, &facts.amounts(), &found["counts"]);
    }

    fn amounts(&mut self, what: &str, facts: &[(&str, Option<Amount>)], found: &Value) {
        for (key, expected) in facts {
            let Some(expected) = expected else { continue };
            match found[*key].as_u64() {
                Some(found) if expected.allows(found) => {}
                Some(found) => self.miss(&format!("{what}.{key}"), expected, found),
                None => self.miss(&format!("{what}.{key}"), expected, "no number"),
            }
        }
    }

    async fn calls(&mut self, index: usize, call: &CallFacts) {
        let what = format!("calls[{index}]");
        let question = json!({
            "operation": call.operation,
            "project": call.project,
            "status": call.status,
            "error_code": call.error_code,
        });
        let Some(found) = self.ask(&what, Method::POST, "/verify", Some(&question)).await else {
            return;
        };
        match (found["count"].as_u64(), found["exact"].as_bool()) {
            (Some(count), Some(true)) if call.times.allows(count) => {}
            (Some(count), Some(true)) => self.miss(&what, call.times, count),
            (count, _) => {
                let found = format!(
                    "at least {}, since not all calls are counted one by one",
                    count.unwrap_or(0)
                );
                self.miss(&what, call.times, found);
            }
        }
    }
}
