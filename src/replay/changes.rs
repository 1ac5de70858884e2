//! Steps that change rules, world and clock: calls of the admin API.

use actix_web::http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::compare::Mismatch;
use super::runner::{Runner, Turn};
use super::wire::Seen;
use crate::scenario::named::Named;
use crate::scenario::step::{AdvanceStep, ChangeFaultsStep, ChangeWorldStep};

/// The calls of one step, and what was refused.
struct Changes<'a> {
    runner: &'a Runner,
    turn: &'a Turn,
    refused: Vec<Mismatch>,
}

/// A name as a piece of a path.
pub(crate) fn piece(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// What went wrong with a call of the admin API.
pub(super) fn refusal(seen: &Seen) -> String {
    let error = &seen.body["error"];
    let at = error["at"].as_str().map(|at| format!("{at}: ")).unwrap_or_default();
    let message = error["message"].as_str().unwrap_or("no answer of the admin API");
    format!("{} {at}{message}", seen.status)
}

impl Changes<'_> {
    async fn call(&mut self, what: String, method: Method, path: &str, body: Option<&Value>) {
        let seen = self.runner.admin(method, path, body, self.turn).await;
        if seen.status >= 300 {
            let expected = "to be done".to_owned();
            self.refused.push(Mismatch { what, expected, found: refusal(&seen) });
        }
    }

    async fn remove(&mut self, what: &str, kind: &str, names: &[String]) {
        for name in names {
            let path = format!("{kind}/{}", piece(name));
            self.call(format!("{what} {name}"), Method::DELETE, &path, None).await;
        }
    }

    async fn patch(&mut self, what: &str, kind: &str, patches: &Named<Value>) {
        for (name, patch) in patches.iter() {
            let path = format!("{kind}/{}", piece(name));
            self.call(format!("{what} {name}"), Method::PATCH, &path, Some(patch)).await;
        }
    }
}

/// Changes rules.
pub(super) async fn faults(runner: &Runner, step: &ChangeFaultsStep, turn: &Turn) -> Vec<Mismatch> {
    let mut changes = Changes { runner, turn, refused: Vec::new() };
    if step.remove_all {
        changes.call("remove_all".to_owned(), Method::DELETE, "/faults", None).await;
    }
    changes.remove("remove", "/faults", &step.remove).await;
    changes.patch("patch", "/faults", &step.patch).await;
    for (index, rule) in step.add.iter().enumerate() {
        let rule = written(rule);
        changes.call(format!("add[{index}]"), Method::POST, "/faults", Some(&rule)).await;
    }
    changes.refused
}

/// Changes the world.
pub(super) async fn world(runner: &Runner, step: &ChangeWorldStep, turn: &Turn) -> Vec<Mismatch> {
    let mut changes = Changes { runner, turn, refused: Vec::new() };
    changes.remove("remove_images", "/world/images", &step.remove_images).await;
    changes.remove("remove_projects", "/world/projects", &step.remove_projects).await;
    changes.remove("remove_tokens", "/world/tokens", &step.remove_tokens).await;
    changes.remove("remove_users", "/world/users", &step.remove_users).await;
    let keys = &step.remove_access_keys;
    changes.remove("remove_access_keys", "/world/access_keys", keys).await;
    changes.patch("patch_images", "/world/images", &step.patch_images).await;
    changes.patch("patch_projects", "/world/projects", &step.patch_projects).await;
    changes.patch("patch_tokens", "/world/tokens", &step.patch_tokens).await;
    let added = [
        step.projects.0.len(),
        step.images.0.len(),
        step.tokens.0.len(),
        step.users.0.len(),
        step.access_keys.0.len(),
    ];
    if added.iter().any(|number| *number > 0) {
        let body = json!({
            "projects": written(&step.projects),
            "images": written(&step.images),
            "tokens": written(&step.tokens),
            "users": written(&step.users),
            "access_keys": written(&step.access_keys),
        });
        changes.call("what is added".to_owned(), Method::POST, "/world", Some(&body)).await;
    }
    for (image, members) in step.members.iter() {
        for (project, status) in members.iter() {
            let path = format!("/world/images/{}/members/{}", piece(image), piece(project));
            let what = format!("members.{image}.{project}");
            match status {
                Some(status) => {
                    let body = json!({ "status": status });
                    changes.call(what, Method::PUT, &path, Some(&body)).await;
                }
                None => changes.call(what, Method::DELETE, &path, None).await,
            }
        }
    }
    changes.refused
}

/// Moves the clock on.
pub(super) async fn advance(runner: &Runner, step: &AdvanceStep, turn: &Turn) -> Vec<Mismatch> {
    let mut changes = Changes { runner, turn, refused: Vec::new() };
    let body = json!({ "by": step.by });
    changes.call("by".to_owned(), Method::POST, "/clock/advance", Some(&body)).await;
    changes.refused
}

/// As JSON; what was read from JSON can always be written.
fn written(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
