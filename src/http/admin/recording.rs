//! `GET /__admin/recording`: what was seen so far, as a scenario that replays it.

use serde::Serialize;
use serde_json::value::RawValue;

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::endpoints::Endpoint;

/// The endpoint.
pub(super) const ENDPOINTS: &[Endpoint] = &[Endpoint::new(
    "GET",
    "/recording",
    "Shows what was seen since the start, or the last reset of everything, as a scenario that replays \
     it; `missing` counts what the journal has no more.",
    &[],
    |ask| Box::pin(show(ask)),
)];

#[derive(Serialize)]
struct Shown {
    /// How many calls and changes by hand the scenario has.
    happenings: usize,
    /// How many of them cannot be written as a step.
    left_out: usize,
    /// How many entries of the journal had to make room or were deleted; of a server that records, how many
    /// calls and changes came when the recording was full.
    missing: u64,
    /// The file.
    scenario: Box<RawValue>,
}

async fn show(ask: Ask) -> Result<Reply, AdminError> {
    let recorded = ask.shared().recorded();
    let scenario = RawValue::from_string(recorded.scenario.trim_end().to_owned());
    Ok(Reply::ok(&Shown {
        happenings: recorded.happenings,
        left_out: recorded.left_out,
        missing: recorded.missing,
        scenario: scenario.unwrap_or_default(),
    }))
}
