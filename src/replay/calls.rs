//! Steps that make one call of the service, or poll with it.

use actix_web::http::Method;
use serde_json::Value;

use super::compare::{Mismatch, compare};
use super::runner::{Runner, Turn};
use super::wire::{self, BATCH, Seen};
use crate::api::{JobId, Operation, ProjectId};
use crate::scenario::expect::{Expect, Outcome};
use crate::scenario::named::Named;
use crate::scenario::query;
use crate::scenario::step::{
    ImageStep, ImagesStep, JobStep, QuotaStep, RequestStep, SharingStep, UpdateStep, WaitJobStep,
};
use crate::scenario::values::ValueSource;
use crate::simulator::virtual_run::VirtualRequest;

impl Runner {
    /// Calls the admin API.
    pub(super) async fn admin(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        turn: &Turn,
    ) -> Seen {
        self.stage.call(turn.spot.number, &wire::admin(method, path, body)).await
    }

    /// Sends a request and waits for the answer, but no longer than the step's client does.
    async fn send(&self, request: VirtualRequest, expect: &Expect, turn: &Turn) -> Seen {
        let busy = self.at(self.now(), turn).await;
        let sent = self.now();
        let took = || self.now() - sent;
        let call = self.stage.call(turn.spot.number, &request);
        let Some(patience) = turn.timeout.or_else(|| self.stage.silence(expect)) else {
            let seen = call.await;
            return Seen { took: took(), ..seen };
        };
        let given_up = match turn.timeout {
            Some(_) => Outcome::TimedOut,
            None => Outcome::Unanswered,
        };
        let over = self.at(sent + patience, turn);
        tokio::pin!(over);
        let seen = tokio::select! {
            biased;
            seen = call => seen,
            _ = &mut over => return Seen::nothing(given_up, took()),
        };
        drop(busy);
        if seen.outcome == Outcome::Unanswered {
            over.await;
            return Seen::nothing(given_up, took());
        }
        Seen { took: took(), ..seen }
    }

    /// Sends a request, saves what the step wants of the answer, and holds it against what is expected.
    pub(super) async fn call(
        &self,
        request: VirtualRequest,
        expect: &Expect,
        save: &Named<ValueSource>,
        turn: &Turn,
    ) -> Seen {
        let seen = self.send(request, expect, turn).await;
        self.note_token(&seen);
        let mut mismatches = self.compare(expect, &seen, false);
        mismatches.extend(self.save_values(save, &seen));
        self.hold(mismatches, turn);
        seen
    }

    fn compare(&self, expect: &Expect, seen: &Seen, must_end: bool) -> Vec<Mismatch> {
        compare(expect, seen, self.names(), must_end, &self.stage.times(expect.took.is_some()))
    }

    fn save_values(&self, save: &Named<ValueSource>, seen: &Seen) -> Vec<Mismatch> {
        let mut missing = Vec::new();
        for (name, source) in save.iter() {
            let (value, place) = match source {
                ValueSource::Body(pointer) => {
                    (seen.body.pointer(pointer).cloned(), format!("at `{pointer}` of the body"))
                }
                ValueSource::Header(header) => {
                    (seen.header(header).map(Value::from), format!("in the header `{header}`"))
                }
            };
            match value {
                Some(value) => drop(self.values.borrow_mut().insert(name.to_owned(), value)),
                None => missing.push(Mismatch {
                    what: format!("save_values.{name}"),
                    expected: format!("a value {place}"),
                    found: "none".to_owned(),
                }),
            }
        }
        missing
    }

    pub(super) async fn request(&self, step: &RequestStep, turn: &Turn) {
        let mut request = wire::as_written(step);
        if let Some((access, key)) = step.sign.as_ref().and_then(|sign| {
            Some((sign.access_key.as_str(), self.names().signing_key(&sign.access_key)?))
        }) {
            let (host, target) = self.stage.place(&step.path);
            wire::sign(&mut request, (host, &target), (access, key), self.now());
        }
        self.call(request, &step.expect, &step.save_values, turn).await;
    }

    /// Remembers for which project a token is that was given out.
    fn note_token(&self, seen: &Seen) {
        let project = seen.body.pointer("/token/project/id").and_then(Value::as_str);
        if let Some((project, token)) = project.zip(seen.header("x-subject-token")) {
            let project = ProjectId::parse(project);
            self.given.borrow_mut().extend(project.map(|project| (token, project)));
        }
    }

    /// The project of a token: one of the file, or one that was given out.
    pub(super) fn project_of(&self, token: &str) -> Option<ProjectId> {
        let given = || self.given.borrow().get(token).copied();
        self.names().project_of_token(token).or_else(given)
    }

    /// Saves the job of an answer. If there is none, a job of an earlier round is not meant either.
    fn save_job(&self, name: Option<&String>, seen: &Seen) {
        let Some(name) = name else { return };
        match seen.body["job_id"].as_str() {
            Some(id) => drop(self.values.borrow_mut().insert(name.clone(), id.into())),
            None => drop(self.values.borrow_mut().remove(name)),
        }
    }

    pub(super) async fn share(&self, operation: Operation, step: &SharingStep, turn: &Turn) {
        let images = self.names().image_ids(&step.images);
        let body = wire::sharing_body(&images, &self.names().project_ids(&step.projects));
        let request = wire::request(operation, BATCH, step.token.as_deref(), Some(&body));
        let seen = self.call(request, &step.expect, &step.save_values, turn).await;
        self.save_job(step.save.as_ref(), &seen);
    }

    pub(super) async fn update(&self, step: &UpdateStep, turn: &Turn) {
        let names = self.names();
        let own = || step.token.as_deref().and_then(|token| self.project_of(token));
        let project = step.project.as_deref().map_or_else(own, |name| names.project_id(name));
        let images = names.image_ids(&step.images);
        let body = wire::update_body(&images, project, step.status, step.vault.as_deref());
        let token = step.token.as_deref();
        let request = wire::request(Operation::UpdateMembers, BATCH, token, Some(&body));
        let seen = self.call(request, &step.expect, &step.save_values, turn).await;
        self.save_job(step.save.as_ref(), &seen);
    }

    /// The request for a saved job; `None`, and a failure, if the step that should have saved it did not
    /// get one.
    fn job_request(
        &self,
        operation: Operation,
        job: &str,
        token: Option<&str>,
        turn: &Turn,
    ) -> Option<VirtualRequest> {
        let saved = self.value(job);
        let Some(id) = saved.as_ref().and_then(Value::as_str).and_then(JobId::parse) else {
            let mismatch = Mismatch {
                what: "job".to_owned(),
                expected: format!("a job saved as `{job}`"),
                found: "none: the step that saves it got no job id, or no answer yet".to_owned(),
            };
            self.hold(vec![mismatch], turn);
            return None;
        };
        let project = token.and_then(|token| self.project_of(token));
        Some(wire::request(operation, &wire::job_path(operation, project, id), token, None))
    }

    pub(super) async fn show(&self, operation: Operation, step: &JobStep, turn: &Turn) {
        let Some(request) = self.job_request(operation, &step.job, step.token.as_deref(), turn)
        else {
            return;
        };
        self.call(request, &step.expect, &step.save_values, turn).await;
    }

    pub(super) async fn wait_job(&self, step: &WaitJobStep, turn: &Turn) {
        let token = step.token.as_deref();
        let Some(request) = self.job_request(Operation::ShowJob, &step.job, token, turn) else {
            return;
        };
        let every = step.every();
        let last = self.now() + step.deadline();
        loop {
            let seen = self.send(request.clone(), &step.expect, turn).await;
            let pending =
                seen.status == 200 && matches!(seen.job_state(), Some("INIT" | "RUNNING"));
            if !pending || self.now() + every > last {
                let mut mismatches = self.compare(&step.expect, &seen, true);
                mismatches.extend(self.save_values(&step.save_values, &seen));
                return self.hold(mismatches, turn);
            }
            self.at(self.now() + every, turn).await;
        }
    }

    /// Lists images by one of the two operations that do.
    pub(super) async fn list_images(&self, operation: Operation, step: &ImagesStep, turn: &Turn) {
        let target = query::target(operation.path(), &step.query, self.names());
        let request = wire::request(operation, &target, step.token.as_deref(), None);
        self.call(request, &step.expect, &step.save_values, turn).await;
    }

    /// Shows an image.
    pub(super) async fn show_image(&self, step: &ImageStep, turn: &Turn) {
        let path = wire::image_path(self.names().image_id(&step.image));
        let request = wire::request(Operation::ShowImage, &path, step.token.as_deref(), None);
        self.call(request, &step.expect, &step.save_values, turn).await;
    }

    /// Shows the quota for images.
    pub(super) async fn show_quota(&self, step: &QuotaStep, turn: &Turn) {
        let operation = Operation::ShowQuota;
        let request = wire::request(operation, operation.path(), step.token.as_deref(), None);
        self.call(request, &step.expect, &step.save_values, turn).await;
    }
}
