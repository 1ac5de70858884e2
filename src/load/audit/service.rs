//! What a server tells through the service, where there is no admin API: as a client, with bounds and retries.

use std::rc::Rc;

use actix_web::http::Method;
use actix_web::rt::spawn;
use actix_web::web::Bytes;
use serde_json::Value;

use super::super::audit_form::ViolationKind;
use super::super::ledger::Kept;
use super::super::stock::{Members, Stock};
use super::findings::Findings;
use super::jobs::{CUT, violation};
use super::journal::{FORGED, Verdict};
use super::{Promised, Shares};
use crate::api::job::JobState;
use crate::api::{JobId, MemberStatus, ProjectId};
use crate::clock::{SimDuration, WallTime};
use crate::replay::target::BaseUrl;
use crate::replay::target::client::Client;

/// The most images that are read, one request each.
const MOST_IMAGES: usize = 2_000;
/// The most jobs that are asked for: those that did not end, and the newest of the others.
const MOST_JOBS: usize = 2_000;
/// Requests at once.
const AT_ONCE: usize = 16;
/// How often one is tried.
const TRIES: u32 = 3;
/// How long an answer may take, and how long is waited before a request is tried again, in real time.
const SLOWEST: SimDuration = SimDuration::from_millis(10_000);
const BETWEEN: SimDuration = SimDuration::from_millis(200);
/// The longest answer that is read.
const LONGEST_BODY: usize = 4 * 1024 * 1024;

const UNASKED: &str =
    "only the jobs that were not seen to end, and the newest of the others, were asked for again";
const UNTOLD: &str = "the server did not tell of some jobs";

/// A server that is asked through the service.
pub(in crate::load) struct Service {
    /// The client.
    pub(in crate::load) client: Client,
    /// Where the service is.
    pub(in crate::load) url: BaseUrl,
}

/// What a question came to.
enum Told {
    Body(Value),
    Unknown,
    Nothing,
}

impl Service {
    /// The members of all images of the stock, or of those that `only` names; `None` if all were asked for
    /// and there are too many.
    ///
    /// # Errors
    /// A sentence, if the server does not answer.
    pub(super) async fn members(
        self: &Rc<Self>,
        stock: &Stock,
        only: Option<&[u32]>,
        wall: &WallTime,
    ) -> Result<Option<Shares>, String> {
        let images: Vec<u32> = match only {
            Some(only) => only.iter().copied().take(MOST_IMAGES).collect(),
            None if stock.images.len() > MOST_IMAGES => return Ok(None),
            None => stock.images.iter().zip(0..).map(|(_, number)| number).collect(),
        };
        let questions = images.iter().filter_map(|number| {
            let image = stock.images.get(*number as usize)?;
            let token = stock.projects.get(image.owner as usize)?.token.clone()?;
            Some((image.id, format!("/v2/images/{}/members", image.id), token))
        });
        let mut shares = Shares::default();
        for (image, told) in self.ask_all(questions.collect(), wall).await? {
            if let Told::Body(body) = told {
                shares.insert(image, members_of(&body));
            }
        }
        Ok(Some(shares))
    }

    /// Asks again for jobs that were accepted.
    ///
    /// # Errors
    /// A sentence, if the server does not answer.
    pub(super) async fn ask_jobs(
        self: &Rc<Self>,
        promised: &Promised<'_>,
        wall: &WallTime,
        findings: &mut Findings,
    ) -> Result<(), String> {
        let Promised { ledger, stock, cut } = *promised;
        let mut jobs = ledger.jobs().accepted();
        // The newest first, and before them those that did not end.
        jobs.reverse();
        jobs.sort_by_key(|(_, kept)| kept.state.is_some());
        let unasked = jobs.len().saturating_sub(MOST_JOBS);
        if unasked > 0 {
            findings.not_judged += unasked as u64;
            findings.remark(UNASKED);
            jobs.truncate(MOST_JOBS);
        }
        let questions = jobs.into_iter().filter_map(|(id, kept)| {
            let caller = stock.projects.get(kept.caller as usize)?;
            let path = format!("/v1/{}/jobs/{id}", caller.id);
            Some(((id, kept), path, caller.token.clone()?))
        });
        for ((id, kept), told) in self.ask_all(questions.collect(), wall).await? {
            judge(id, kept, &told, cut, findings);
        }
        Ok(())
    }

    /// Asks some questions at a time. A server that answers none of so many at once is asked no more: each of
    /// them would take as long as its tries.
    async fn ask_all<K: 'static>(
        self: &Rc<Self>,
        questions: Vec<(K, String, String)>,
        wall: &WallTime,
    ) -> Result<Vec<(K, Told)>, String> {
        let at_once = AT_ONCE.min(questions.len());
        let (mut answers, mut questions) = (Vec::new(), questions.into_iter().peekable());
        while questions.peek().is_some() {
            let asked = questions.by_ref().take(AT_ONCE).map(|(key, path, token)| {
                let (service, wall) = (Rc::clone(self), wall.clone());
                spawn(async move { (key, service.ask(&path, &token, &wall).await) })
            });
            let asked: Vec<_> = asked.collect();
            let from = answers.len();
            for answer in asked {
                answers.extend(answer.await.ok());
            }
            let latest: &[(K, Told)] = &answers[from..];
            let silent = latest.iter().all(|(_, told)| matches!(told, Told::Nothing));
            if silent && latest.len() >= at_once {
                return Err(format!("{} does not answer what it is asked", self.url));
            }
        }
        Ok(answers)
    }

    async fn ask(&self, path: &str, token: &str, wall: &WallTime) -> Told {
        let url = self.url.with(path);
        let headers = [
            ("accept".to_owned(), b"application/json".to_vec()),
            ("x-auth-token".to_owned(), token.as_bytes().to_vec()),
        ];
        for attempt in 0..TRIES {
            if attempt > 0 {
                wall.sleep(BETWEEN).await;
            }
            let body = Bytes::new();
            let answer = self.client.exchange(&url, &Method::GET, &headers, &body, LONGEST_BODY);
            let Some(Ok(answer)) = wall.within(SLOWEST, answer).await else { continue };
            // What a fault rule had its hands in is not the truth.
            if answer.missing().is_some() || answer.headers.contains_key("x-imsim-rules") {
                continue;
            }
            let Ok(body) = serde_json::from_slice::<Value>(&answer.bytes) else { continue };
            match answer.status {
                // What has neither is no answer to either question.
                200 if body["status"].is_string() || body["members"].is_array() => {
                    return Told::Body(body);
                }
                // DECISION U-19: that is what the service says of a job that it does not know.
                400 if body["error"]["code"] == "IMG.0023" => return Told::Unknown,
                404 => return Told::Unknown,
                _ => {}
            }
        }
        Told::Nothing
    }
}

fn judge(id: JobId, kept: Kept, told: &Told, cut: bool, findings: &mut Findings) {
    let wrong = |kind, expected: &str, found: &str| violation(kind, id, expected, found);
    findings.jobs += u64::from(!matches!(told, Told::Nothing));
    match (told, kept.state) {
        (Told::Nothing, _) => {
            findings.not_judged += 1;
            findings.remark(UNTOLD);
        }
        // One that had ended may have been forgotten since.
        (Told::Unknown, Some(_)) => {
            findings.not_judged += 1;
            findings.remark("some jobs that had ended are no longer known to the server");
        }
        (Told::Unknown, None) => {
            let lost = wrong(ViolationKind::LostJob, "a job that the server knows", "unknown");
            findings.judge(unless(kept.struck, FORGED), lost);
        }
        (Told::Body(body), state) => {
            let found = body["status"].as_str().unwrap_or_default();
            let finals = [JobState::Success, JobState::Fail].map(JobState::as_str);
            match state {
                None if !finals.contains(&found) => {
                    let unended = wrong(ViolationKind::UnendedJob, "SUCCESS or FAIL", found);
                    findings.judge(unless(cut, CUT), unended);
                }
                Some(state) if state.as_str() != found => {
                    let changed = wrong(ViolationKind::ChangedJob, state.as_str(), found);
                    findings.judge(unless(kept.struck, FORGED), changed);
                }
                _ => {}
            }
        }
    }
}

/// A violation, unless there is a reason why nobody can say.
fn unless(doubtful: bool, why: &'static str) -> Verdict {
    if doubtful { Verdict::NotJudged(why) } else { Verdict::Violation }
}

fn members_of(body: &Value) -> Members {
    let members = body["members"].as_array().into_iter().flatten();
    let member = |member: &Value| {
        let project = member["member_id"].as_str().and_then(ProjectId::parse)?;
        Some((project, member["status"].as_str().and_then(MemberStatus::parse)?))
    };
    members.filter_map(member).collect()
}
