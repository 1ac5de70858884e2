//! The versions of the service. Contract, "Version discovery".

use super::answer::{Answer, Success};
use super::call::Call;
use super::request;
use crate::api::Operation;
use crate::api::version::VersionsBody;

/// The versions that have a path.
pub(super) const ALL: [&str; 7] = ["v1", "v2", "v1.0", "v1.1", "v2.0", "v2.1", "v2.2"];

/// Shows all versions or those that the path names, with status 300 (DECISION U-26).
pub(super) fn show(call: &Call<'_>) -> Answer {
    let (scheme, authority) = request::authority(call.http);
    let in_path = call.operation == Operation::ShowVersion;
    let named = in_path.then(|| call.path.get("api_version"));
    let body = VersionsBody::of(named, &format!("{scheme}://{authority}"));
    Answer::of(Ok(Success::json(&body).with_status(300)))
}
