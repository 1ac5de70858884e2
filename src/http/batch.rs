//! The three batch operations. Contract, "The three batch operations".

use actix_web::web::Bytes;
use log::error;

use super::ShardState;
use super::answer::{Answer, json};
use crate::actors::messages::SubmitBatch;
use crate::api::batch::JobAcceptedBody;
use crate::api::{Code, Operation};
use crate::clock::Busy;
use crate::domain::caller::Credentials;
use crate::seed;

/// Hands the request to the front, if there is a place for it.
pub(super) async fn submit(
    operation: Operation,
    credentials: Credentials,
    body: Bytes,
    busy: Busy,
    state: &ShardState,
) -> Answer {
    let raw = body.clone();
    let refuse = |code: Code| state.refuse(None, operation, seed::hash_of(&raw[..]), code.into());
    let place = match state.shared.admission.enter() {
        Ok(place) => place,
        Err(code) => return refuse(code),
    };
    let submission = state.front.send(SubmitBatch { operation, credentials, body, busy }).await;
    drop(place);
    match submission {
        Ok(done) => Answer {
            call: done.call,
            project: done.project,
            job: done.job.ok(),
            result: match done.job {
                Ok((job_id, _)) => Ok(json(&JobAcceptedBody { job_id })),
                Err(code) => Err(code.into()),
            },
        },
        Err(gone) => {
            error!("the front of shard {} is gone: {gone}", state.shard);
            refuse(Code::Img0061)
        }
    }
}
