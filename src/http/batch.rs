//! The three batch operations. Contract, "The three batch operations".

use log::error;

use super::answer::{Answer, Success};
use super::call::Call;
use crate::actors::messages::SubmitBatch;
use crate::api::Code;
use crate::api::batch::JobAcceptedBody;
use crate::faults::Point;

/// Hands the request to the front, if there is a place for it.
pub(super) async fn submit(call: &mut Call<'_>) -> Answer {
    // The plan may still ask what the body says.
    let asked = !call.state.shared.plan.is_empty_at(Point::Response);
    let batch = if asked { call.batch.clone() } else { call.batch.take() };
    let batch = batch.unwrap_or(Err(Code::Img0007));
    let state = call.state;
    let place = match state.shared.admission.enter() {
        Ok(place) => place,
        Err(code) => return Answer::refusal(code.into()),
    };
    let request = SubmitBatch {
        operation: call.operation,
        credentials: call.credentials.clone(),
        batch,
        body: call.target,
        generation: call.generation,
        busy: call.busy(),
    };
    let submission = call.state.front.send(request).await;
    drop(place);
    match submission {
        Ok(done) => {
            call.fired.extend(done.fired);
            Answer {
                job: done.job.ok(),
                result: match done.job {
                    Ok((job_id, _)) => Ok(Success::json(&JobAcceptedBody { job_id })),
                    Err(code) => Err(code.into()),
                },
            }
        }
        Err(gone) => {
            error!("the front of shard {} is gone: {gone}", call.state.shard);
            Answer::refusal(Code::Img0061.into())
        }
    }
}
