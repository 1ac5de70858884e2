//! Brings a simulator to where a file begins.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::Prepare;
use super::inside::Inside;
use crate::replay::changes::piece;
use crate::scenario::named::Named;
use crate::scenario::world_section::{SettingsEntry, TokenEntry};
use crate::scenario::{Blueprint, ScenarioFile};

/// Prepares a simulator, and says what people should know about it.
///
/// # Errors
/// A sentence, if it serves another scenario and may not be changed, or cannot be.
pub(super) async fn prepare(
    inside: &Inside,
    file: &ScenarioFile,
    blueprint: &Blueprint,
    how: Prepare,
) -> Result<Option<String>, String> {
    let same = inside.scenario() == file.fingerprint();
    match (how, same) {
        (Prepare::Never, _) => Ok(None),
        (_, true) => reset(inside, &["faults", "world", "journal", "jobs"]).await.map(|()| None),
        (Prepare::Same, false) => Err(format!(
            "the server serves another scenario than {file}; start it with `imsim serve {file}`, let \
             --prepare always make its world and its rules those of the file, or let --prepare never \
             leave it as it is",
            file = file.path.display(),
        )),
        (Prepare::Always, false) => {
            replace(inside, file, blueprint).await?;
            Ok(Some("the server keeps its own timing and supervision".to_owned()))
        }
    }
}

async fn reset(inside: &Inside, parts: &[&str]) -> Result<(), String> {
    inside.ask(Method::POST, "/reset", Some(&json!({ "parts": parts }))).await.map(drop)
}

/// Puts the world and the rules of a file in the place of those that are there.
async fn replace(
    inside: &Inside,
    file: &ScenarioFile,
    blueprint: &Blueprint,
) -> Result<(), String> {
    check_settings(inside, blueprint).await?;
    reset(inside, &["jobs"]).await?;
    inside.ask(Method::DELETE, "/faults", None).await?;
    // A project takes its tokens with it; those that are left have none.
    for kind in ["images", "projects", "tokens"] {
        for name in inside.names_of(kind).await? {
            let path = format!("/world/{kind}/{}", piece(&name));
            inside.ask(Method::DELETE, &path, None).await?;
        }
    }
    inside.ask(Method::POST, "/world", Some(&world(file, blueprint))).await?;
    for rule in &file.sections.faults {
        inside.ask(Method::POST, "/faults", Some(&written(rule))).await?;
    }
    reset(inside, &["journal"]).await
}

/// Limits and switches are fixed when a server starts.
async fn check_settings(inside: &Inside, blueprint: &Blueprint) -> Result<(), String> {
    let there = inside.ask(Method::GET, "/world", None).await?;
    let wanted = written(&SettingsEntry::from(&blueprint.world.settings));
    let wanted = wanted.as_object().into_iter().flatten();
    let differs = wanted.filter(|(key, value)| there["settings"][key.as_str()] != **value);
    match differs.map(|(key, value)| (key, value, &there["settings"][key.as_str()])).next() {
        None => Ok(()),
        Some((key, wanted, found)) => Err(format!(
            "the server's world has another `{key}`, {found} instead of {wanted}, which cannot be \
             changed while it runs; start it with the file"
        )),
    }
}

/// The world of a file as the admin API takes it.
fn world(file: &ScenarioFile, blueprint: &Blueprint) -> Value {
    let section = &file.sections.world;
    let by_default = || {
        let tokens = blueprint.names.tokens().map(|(name, project)| {
            let project = project.map(str::to_owned);
            (name.to_owned(), TokenEntry { project, ..TokenEntry::default() })
        });
        Named(tokens.collect())
    };
    let tokens = section.tokens.clone().unwrap_or_else(by_default);
    json!({
        "projects": written(&section.projects),
        "images": written(&section.images),
        "tokens": written(&tokens),
    })
}

/// As JSON; what was read from JSON can always be written.
fn written(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
