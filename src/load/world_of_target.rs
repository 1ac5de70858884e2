//! The scenario that a simulator serves, as far as a load needs it: whoever names no file means what is there.

use actix_web::http::Method;
use serde_json::{Map, Value, json};

use crate::replay::changes::piece;
use crate::replay::target::inside::Inside;
use crate::scenario::ScenarioFile;
use crate::scenario::file::FORMAT;

/// The most things of each kind that are read: what a file with their names would have in some ten megabytes.
const MOST_THINGS: usize = 100_000;
/// Things of one page; the admin API gives no more at once.
const PAGE: usize = 1_000;

/// Reads the world of a simulator into a scenario.
///
/// # Errors
/// A sentence, if it has more than a load can take, or its world makes no scenario.
pub(super) async fn read(inside: &Inside) -> Result<ScenarioFile, String> {
    let projects = all(inside, "projects").await?;
    let images = all(inside, "images").await?;
    let tokens = all(inside, "tokens").await?;
    let world = inside.ask(Method::GET, "/world", None).await?;
    // What a load needs of an image; all that it is besides is the server's own affair.
    let images: Map<String, Value> = images
        .into_iter()
        .map(|(name, image)| (name, json!({ "id": image["id"], "owner": image["owner"] })))
        .filter(|(_, image)| projects.contains_key(image["owner"].as_str().unwrap_or_default()))
        .collect();
    let text = json!({
        "format": FORMAT,
        "world": {
            "settings": world["settings"],
            "projects": projects,
            "images": images,
            "tokens": tokens,
        },
    });
    let file = ScenarioFile::parse("the server's world".as_ref(), text.to_string());
    file.map_err(|problem| format!("its world cannot be drawn from: {problem}"))
}

/// All things of a kind, as the world describes them.
async fn all(inside: &Inside, kind: &str) -> Result<Map<String, Value>, String> {
    let (mut things, mut after) = (Map::new(), None::<String>);
    loop {
        let behind = after.map(|name| format!("&after={}", piece(&name))).unwrap_or_default();
        let path = format!("/world/{kind}?limit={PAGE}{behind}");
        let mut page = inside.ask(Method::GET, &path, None).await?;
        if let Some(Value::Object(found)) = page.get_mut(kind).map(Value::take) {
            things.extend(found);
        }
        if things.len() > MOST_THINGS {
            return Err(format!(
                "its world has more than {MOST_THINGS} {kind}; name the scenario that it serves"
            ));
        }
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => return Ok(things),
        }
    }
}
