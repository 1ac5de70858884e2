//! What `imsim serve` prints first: all that a person needs to try it.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use crate::domain::{Image, World};
use crate::http::admin::PREFIX;
use crate::scenario::ScenarioFile;
use crate::simulator::Options;
use crate::simulator::live::LiveServer;

/// How many tokens, projects and images are shown; a generated world can have a million.
const MOST_SHOWN: usize = 12;

/// `certificate` is the file to which the certificate of the server was written.
pub(super) fn welcome(
    live: &LiveServer,
    file: &ScenarioFile,
    options: &Options,
    certificate: Option<&Path>,
) -> String {
    let world = &live.shared().world;
    let mut text = how_it_is_reached(live, file, options, certificate);
    text.push_str("\ntokens (X-Auth-Token) and their projects\n");
    let tokens = live.tokens();
    list(
        &mut text,
        tokens.map(|(token, project)| format!("{token}  {}", project.unwrap_or("no project"))),
    );
    text.push_str("users and their passwords\n");
    let size = world.size();
    let users = world.users_after(None, MOST_SHOWN).unwrap_or_default();
    let users = users.iter().map(|user| format!("{}  {}", user.name, user.password.reveal()));
    beginning(&mut text, users, size.users);
    text.push_str("access keys, their secrets and projects\n");
    let keys = world.access_keys_after(None, MOST_SHOWN).unwrap_or_default();
    let keys = keys.iter().map(|(name, key)| {
        let project = key.token.project.map(|id| world.project_name(id)).unwrap_or_default();
        format!("{name}  {}  {project}", key.secret.reveal())
    });
    beginning(&mut text, keys, size.access_keys);
    text.push_str("projects\n");
    list(
        &mut text,
        world.projects().iter().map(|project| format!("{}  {}", project.id, project.name)),
    );
    text.push_str("images\n");
    list(&mut text, world.images().iter().map(|image| describe(image, world)));
    if let Some(curl) = ready_made_curl(live, world, certificate) {
        let _ = writeln!(text, "\ntry\n{curl}");
    }
    text.push('\n');
    text
}

/// What the server is, and where it listens.
fn how_it_is_reached(
    live: &LiveServer,
    file: &ScenarioFile,
    options: &Options,
    certificate: Option<&Path>,
) -> String {
    let mut text = format!(
        "imsim {}: seed {}, {} shards, clock {}, {}\n",
        env!("CARGO_PKG_VERSION"),
        options.seed,
        options.shards,
        options.clock,
        file.path.display()
    );
    for address in live.addresses() {
        let _ = writeln!(text, "listening on {}", live.url(*address));
    }
    for address in live.admin_addresses() {
        let _ = writeln!(text, "admin API on {}{PREFIX}", live.url(*address));
    }
    if let Some(tls) = live.tls() {
        let _ = writeln!(text, "certificate SHA-256 {}", tls.fingerprint());
    }
    if let Some(certificate) = certificate {
        let _ = writeln!(text, "certificate in {}", certificate.display());
    }
    if let Some(warning) = live.shared().world.settings.auth.warning() {
        let _ = writeln!(text, "{warning}");
    }
    text
}

/// The first things of a list that has so many.
fn beginning(text: &mut String, lines: impl Iterator<Item = String>, all: usize) {
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
    if all > MOST_SHOWN {
        let _ = writeln!(text, "  and {} more", all - MOST_SHOWN);
    }
}

fn list(text: &mut String, lines: impl Iterator<Item = String>) {
    let mut hidden = 0_usize;
    for (place, line) in lines.enumerate() {
        if place < MOST_SHOWN {
            let _ = writeln!(text, "  {line}");
        } else {
            hidden += 1;
        }
    }
    if hidden > 0 {
        let _ = writeln!(text, "  and {hidden} more");
    }
}

fn describe(image: &Image, world: &World) -> String {
    let members = image.members();
    let shown = members.all().iter().take(MOST_SHOWN);
    let shared: Vec<String> = shown
        .map(|member| {
            format!("{} ({})", world.project_name(member.project), member.status.as_str())
        })
        .collect();
    let shared = match (shared.len(), members.all().len()) {
        (0, _) => "not shared".to_owned(),
        (shown, all) if shown < all => {
            format!("shared with {} and {} more", shared.join(", "), all - shown)
        }
        _ => format!("shared with {}", shared.join(", ")),
    };
    format!("{}  {}, of {}, {shared}", image.id, image.name, world.project_name(image.owner))
}

/// A revocation of what the first shared image shares, by its owner.
fn ready_made_curl(live: &LiveServer, world: &World, certificate: Option<&Path>) -> Option<String> {
    let url = live.service_url();
    let token_of = |owner| {
        let mut tokens = live.tokens();
        tokens.find(|(value, _)| {
            let token = world.token(value);
            let may = token.is_some_and(|t| t.project == Some(owner) && !t.actions.is_empty());
            // In single quotes a shell takes everything as it is, but for this one.
            may && !value.contains('\'')
        })
    };
    let images = world.images();
    let candidates = images.iter().filter(|image| !image.members().all().is_empty());
    let (image, (token, _)) =
        candidates.into_iter().find_map(|image| Some((image, token_of(image.owner)?)))?;
    let members: Vec<_> = image.members().all().iter().take(2).map(|m| m.project).collect();
    let body = json!({ "images": [image.id], "projects": members });
    Some(format!(
        "curl{} -X DELETE {url}/v1/cloudimages/members \\\n  \
         -H 'X-Auth-Token: {token}' -H 'Content-Type: application/json' \\\n  -d '{body}'",
        trusting(live, certificate)
    ))
}

/// What curl must be told to trust the server.
fn trusting(live: &LiveServer, certificate: Option<&Path>) -> String {
    let made = live.tls().is_some_and(|tls| tls.made().is_some());
    match certificate.map(|file| file.display().to_string()) {
        Some(file) if !file.contains('\'') => format!(" --cacert '{file}'"),
        _ if made => " --insecure".to_owned(),
        _ => String::new(),
    }
}
