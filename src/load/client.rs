//! One transaction from its planned start to its end, as a client goes through it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use serde::Deserialize;

use super::call::{Answered, Caller, Ending, Phase};
use super::gathered::Gathered;
use super::ledger::{Deed, Ledger, Micros, Promise};
use super::mix::Transaction;
use super::plan::Plan;
use super::polling::{Pauses, Silence};
use super::request::{self, Request};
use super::under_way::UnderWay;
use crate::api::job::JobState;
use crate::api::{ImageId, JobId, MemberStatus, ProjectId};
use crate::clock::SimDuration;
use crate::scenario::load_section::{BATCHES, NATIVE};

/// By how much a timer of the runtime can be late without anybody having been slow: its grain is a
/// millisecond, and it rounds up.
const TIMER_GRAIN: Micros = 2_000;

/// What the transactions of one thread share.
pub(super) struct Client {
    pub(super) plan: Arc<Plan>,
    pub(super) caller: Caller,
    pub(super) under_way: Arc<UnderWay>,
    pub(super) gathered: RefCell<Gathered>,
    pub(super) ledger: RefCell<Ledger>,
}

/// How a transaction ended, for the user who waits for it.
pub(super) struct Ended {
    /// How long the server asked not to be called.
    pub(super) retry_after: Option<SimDuration>,
}

/// A job as it is shown; what is not needed is not read.
#[derive(Deserialize)]
struct JobSeen {
    status: String,
    #[serde(default)]
    entities: EntitiesSeen,
}

#[derive(Default, Deserialize)]
struct EntitiesSeen {
    #[serde(default)]
    results: Vec<ResultSeen>,
}

#[derive(Deserialize)]
struct ResultSeen {
    image_id: String,
    project_id: Option<String>,
    status: String,
}

#[derive(Deserialize)]
struct Accepted {
    job_id: String,
}

/// The final state of a job, and its pairs that failed, as places in the stock: image, project.
type Outcome = (JobState, Arc<[(u32, u32)]>);

/// What polling a job came to.
enum Polled {
    /// It is final; and whether fault rules had their hands in the answer.
    Final {
        outcome: Outcome,
        struck: bool,
    },
    GivenUp,
    /// Nobody answers there any more.
    Unreachable,
}

/// The job that an answer to a batch names.
fn job_of(answered: &Answered) -> Option<JobId> {
    let accepted: Accepted = serde_json::from_slice(&answered.body).ok()?;
    JobId::parse(&accepted.job_id)
}

impl Client {
    /// Goes through a transaction.
    pub(super) async fn transact(self: &Rc<Self>, number: u64, planned: Micros) -> Ended {
        let _counted = self.under_way.transactions.one();
        self.begun(planned, self.caller.now());
        let transaction = self.plan.mix.transaction(number, &self.plan.stock);
        let request = request::first(&transaction, &self.plan.stock);
        let answered = self.send(&request, planned).await;
        let good = self.go_on(&transaction, planned, &answered).await;
        let mut gathered = self.gathered.borrow_mut();
        let end = if good { &mut gathered.finished } else { &mut gathered.broken_off };
        *end += 1;
        gathered.finished_in_time += u64::from(good && self.in_time());
        let asked = answered.retry_after.filter(|_| !answered.is_good());
        let millis = |asked: std::time::Duration| u64::try_from(asked.as_millis()).unwrap_or(0);
        Ended { retry_after: asked.map(|asked| SimDuration::from_millis(millis(asked))) }
    }

    /// Whether load is still put on: what ends later is no part of a rate.
    fn in_time(&self) -> bool {
        self.caller.phase() == Phase::On
    }

    /// Takes note of a start.
    fn begun(&self, planned: Micros, began: Micros) {
        let lateness = began.saturating_sub(planned);
        let mut gathered = self.gathered.borrow_mut();
        gathered.planned += 1;
        gathered.lateness.record(lateness);
        gathered.late += u64::from(lateness > self.plan.late_after.as_millis() * 1_000);
    }

    /// Takes note of a start that there was no room for.
    pub(super) fn dropped(&self) {
        let mut gathered = self.gathered.borrow_mut();
        gathered.planned += 1;
        gathered.dropped += 1;
    }

    async fn send(&self, request: &Request, planned: Micros) -> Answered {
        let mut answered = self.caller.call(request).await;
        if BATCHES.contains(&request.operation) && answered.is_good() && job_of(&answered).is_none()
        {
            answered.ending = Ending::Broken("no_job_id");
        }
        let mut gathered = self.gathered.borrow_mut();
        gathered.request(request.operation, planned, request.body.len(), &answered, self.in_time());
        answered
    }

    /// What comes behind the first answer; whether all of it went well.
    async fn go_on(&self, transaction: &Transaction, planned: Micros, answered: &Answered) -> bool {
        if NATIVE.contains(&transaction.operation) {
            let promise = match answered.is_good() {
                true => Promise::Done,
                false if answered.is_refusal() => Promise::Refused,
                false => Promise::Ambiguous,
            };
            let struck = !answered.rules.is_empty();
            self.note(transaction, (answered.sent, answered.ended), promise, struck);
            return answered.is_good();
        }
        if !BATCHES.contains(&transaction.operation) {
            return answered.is_good();
        }
        let Some(job) = answered.is_good().then(|| job_of(answered)).flatten() else {
            let refused = answered.is_refusal();
            let promise = if refused { Promise::Refused } else { Promise::Ambiguous };
            self.note(transaction, (answered.sent, answered.ended), promise, false);
            return false;
        };
        self.gathered.borrow_mut().accepted += 1;
        let counted = self.under_way.jobs.one();
        // Until the job is seen to have ended, it is known as one that was accepted.
        let polled = self.poll(job, transaction, answered).await;
        drop(counted);
        let ended = self.caller.now();
        let mut struck = !answered.rules.is_empty();
        let (promise, good) = match polled {
            Polled::Final { outcome: (state, failed), struck: by_rule } => {
                struck |= by_rule;
                let mut gathered = self.gathered.borrow_mut();
                gathered.to_final.record(planned, Some(answered.sent), ended);
                let pairs = transaction.images.len() * transaction.projects.len();
                gathered.ended_in_time += u64::from(self.in_time());
                gathered.job_ended(state, pairs as u64, failed.len() as u64);
                (Promise::Ended { job, state, failed }, true)
            }
            given_up @ (Polled::GivenUp | Polled::Unreachable) => {
                let mut gathered = self.gathered.borrow_mut();
                gathered.given_up += 1;
                gathered.unreachable += u64::from(matches!(given_up, Polled::Unreachable));
                (Promise::Open { job }, false)
            }
        };
        self.note(transaction, (answered.sent, ended), promise, struck);
        good
    }

    /// Asks for a job until it is final, or for as long as anybody would.
    async fn poll(&self, job: JobId, transaction: &Transaction, accepted: &Answered) -> Polled {
        let request = request::poll(job, transaction.caller, &self.plan.stock);
        let last = accepted.ended + self.plan.poll.give_up.as_millis() * 1_000;
        let mut pauses = Pauses::new(self.plan.poll);
        let mut silence = Silence::default();
        let mut retry_after = accepted.retry_after;
        loop {
            let pause = pauses.next(retry_after);
            let due = self.caller.now() + pause.as_millis() * 1_000;
            if due > last {
                return Polled::GivenUp;
            }
            self.caller.sleep(pause, Phase::Cut).await;
            if self.caller.phase() == Phase::Cut {
                return Polled::GivenUp;
            }
            let now = self.caller.now();
            let planned = if now.saturating_sub(due) <= TIMER_GRAIN { now } else { due };
            let answered = self.send(&request, planned).await;
            retry_after = answered.retry_after;
            // One that never left tells nothing of the server.
            if answered.was_sent && silence.is_death(answered.found_nobody, answered.ended) {
                return Polled::Unreachable;
            }
            match answered.ending {
                Ending::Status(200) => {
                    let seen = serde_json::from_slice::<JobSeen>(&answered.body).ok();
                    if let Some(outcome) = seen.and_then(|seen| self.last_state(&seen, transaction))
                    {
                        return Polled::Final { outcome, struck: !answered.rules.is_empty() };
                    }
                }
                // The server does not know the job, and will not come to know it.
                Ending::Status(400 | 404) if answered.rules.is_empty() => return Polled::GivenUp,
                _ => {}
            }
        }
    }

    /// The final state that an answer shows; none while the job goes on.
    fn last_state(&self, seen: &JobSeen, transaction: &Transaction) -> Option<Outcome> {
        let state = match seen.status.as_str() {
            "SUCCESS" => JobState::Success,
            "FAIL" => JobState::Fail,
            _ => return None,
        };
        let failed = seen.entities.results.iter().filter(|pair| pair.status != "success");
        let failed = failed.filter_map(|pair| self.places(pair, transaction)).collect();
        Some((state, failed))
    }

    /// Where a pair that is reported stands in the stock.
    fn places(&self, pair: &ResultSeen, transaction: &Transaction) -> Option<(u32, u32)> {
        let (stock, id) = (&self.plan.stock, ImageId::parse(&pair.image_id)?);
        let image = transaction.images.iter().find(|place| stock.image(**place).id == id)?;
        let project = match pair.project_id.as_deref().map(ProjectId::parse) {
            Some(id) => {
                let id = id?;
                transaction.projects.iter().find(|place| stock.project(**place).id == id)
            }
            // An older form leaves it out, where there can be but one.
            None => transaction.projects.first(),
        };
        Some((*image, *project?))
    }

    fn note(
        &self,
        transaction: &Transaction,
        (sent, known): (Micros, Micros),
        promise: Promise,
        struck: bool,
    ) {
        self.ledger.borrow_mut().note(Deed {
            operation: transaction.operation,
            caller: transaction.caller,
            images: Arc::clone(&transaction.images),
            projects: Arc::clone(&transaction.projects),
            status: transaction.decision.map(MemberStatus::from),
            sent,
            known,
            promise,
            struck,
        });
    }
}
