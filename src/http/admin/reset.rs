//! `POST /__admin/reset`: back to what the scenario describes.

use std::sync::Arc;

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::body;
use super::endpoints::Endpoint;
use super::query::one_of;
use crate::actors::reset::{NotReset, ResetPart, SLOWEST_END};

/// The endpoint.
pub(super) const ENDPOINTS: &[Endpoint] = &[Endpoint::new(
    "POST",
    "/reset",
    "Puts faults, world, journal and jobs back to how the scenario describes them, or only the \
     `parts` that are named; the clock goes on.",
    &[],
    |ask| Box::pin(reset(ask)),
)
.taking_body()];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    parts: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Done {
    reset: Vec<&'static str>,
    /// How many jobs ran and were ended.
    jobs_ended: usize,
}

async fn reset(ask: Ask) -> Result<Reply, AdminError> {
    let Asked { parts } = body::json(&ask.body)?;
    let parts = match parts {
        Some(words) => read(&words)?,
        None => ResetPart::ALL.to_vec(),
    };
    let reset = parts.iter().map(|part| part.name()).collect();
    let (shared, whole) = (Arc::clone(ask.shared()), Arc::clone(&ask.whole));
    // A task of its own: whoever does not wait for the answer must not leave it half done.
    let done = actix_web::rt::spawn(async move { shared.reset(&parts, Some(&whole)).await });
    let jobs_ended = done.await.unwrap_or(Err(NotReset::Stopping)).map_err(not_reset)?;
    Ok(Reply::ok(&Done { reset, jobs_ended }))
}

/// The parts that are named, in the order in which they are put back.
fn read(words: &[String]) -> Result<Vec<ResetPart>, AdminError> {
    let mut named = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let part = one_of(&ResetPart::ALL, ResetPart::name, word);
        named.push(part.map_err(|message| AdminError::at(&format!("parts[{place}]"), message))?);
    }
    if named.is_empty() {
        return Err(AdminError::at("parts", "names nothing; leave it out to reset everything"));
    }
    Ok(ResetPart::ALL.into_iter().filter(|part| named.contains(part)).collect())
}

fn not_reset(why: NotReset) -> AdminError {
    let message = match why {
        NotReset::StillUnderWay => format!(
            "nothing was put back: something is still under way after {SLOWEST_END}; \
             GET /__admin/clock shows how much"
        ),
        NotReset::Stopping => "the server is stopping".to_owned(),
    };
    AdminError::new(StatusCode::SERVICE_UNAVAILABLE, message)
}
