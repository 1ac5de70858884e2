//! What the journal of a simulator says of a difference: whether a fault rule explains it.

use std::cell::{Cell, RefCell};

use actix_web::http::Method;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::by_hand::ByHand;
use super::memberships::Suspect;
use super::simulator::Simulated;
use crate::api::{ImageId, JobId};
use crate::replay::target::inside::Inside;

/// The most jobs whose entries are looked for: each look goes over the whole journal.
const MOST_ASKED: usize = 2_000;

/// The most entries of one answer.
const PAGE: usize = 1_000;

/// What explains that a membership is not as a job said.
pub(super) const LIES: &[&str] =
    &["report_opposite", "lose", "stick", "run_twice", "claim_success", "claim_failure"];

const GONE: &str = "the journal tells no more of some jobs, so nothing is said of what a rule may have \
                    done to them";
const TOO_MANY: &str = "there are more differences than the journal is asked about";
const STRANGERS: &str = "others used the server during the load, and changed what it holds";
const BY_HAND: &str = "what was changed by hand is not judged";
const FORGOTTEN_STRANGERS: &str = "the journal has made room since the load began, so nobody can say whether others made some differences";
/// Also said of servers without a journal.
pub(super) const FORGED: &str =
    "some promises were made by answers that a fault rule may have made up";
const FORGOTTEN: &str = "more was unanswered or failed at some pairs than the driver remembers";

/// What is made of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The server broke its word.
    Violation,
    /// A rule did it.
    Explained,
    /// Nobody can say; with the reason.
    NotJudged(&'static str),
}

/// What is known of the rules that struck one job: their effects, with the images they struck.
#[derive(Clone, Debug)]
enum Struck {
    By(Vec<(String, Option<String>)>),
    Untold,
    TooMany,
}

/// The journal, and what was asked of it.
pub(super) struct Journal<'a> {
    inside: &'a Inside,
    /// Whether nothing has made room since the load began.
    is_whole: bool,
    /// Whether nobody but the load knows of the server, which was started for it.
    own: bool,
    /// Whether rules can have made jobs lie, as far as the rules themselves count.
    can_lie: bool,
    /// Whether rules can have made up promises.
    pub(super) can_forge: bool,
    /// What was changed by hand during the load.
    pub(super) by_hand: ByHand,
    asked: RefCell<FxHashMap<JobId, Struck>>,
    /// How many jobs were asked about of which the driver knows nothing.
    submitted: Cell<usize>,
    names: RefCell<FxHashMap<ImageId, String>>,
}

impl<'a> Journal<'a> {
    pub(super) async fn open(
        inside: &'a Inside,
        start: &Simulated,
        own: bool,
    ) -> Result<Self, String> {
        let first = ask(inside, "/journal?since=0&limit=1").await?;
        let kept = first["evicted"].as_u64() == Some(start.evicted);
        // A cleared journal goes on with the numbers, so that its first entry is behind the start of the load.
        let from_start = match first["entries"][0]["number"].as_u64() {
            Some(number) => number <= start.journal_next,
            None => first["next"].as_u64() == Some(start.journal_next),
        };
        let is_whole = kept && from_start;
        let by_hand = ByHand::read(inside, start).await?;
        let listed = ask(inside, "/faults").await?;
        let rules = listed["faults"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            inside,
            is_whole,
            own,
            // Rules that were deleted meanwhile are not listed any more.
            can_lie: by_hand.rules || rules.iter().any(has_lied),
            can_forge: by_hand.rules || rules.iter().any(forges),
            by_hand,
            asked: RefCell::default(),
            submitted: Cell::default(),
            names: RefCell::default(),
        })
    }

    /// Whether a rule with one of these effects struck the job; at the image, if one is named.
    pub(super) async fn struck(
        &self,
        job: JobId,
        image: Option<ImageId>,
        effects: &[&str],
    ) -> Result<Verdict, String> {
        let known = self.asked.borrow().get(&job).cloned();
        let struck = match known {
            Some(struck) => struck,
            None if self.asked.borrow().len() >= MOST_ASKED => Struck::TooMany,
            None => {
                let struck = self.look(job).await?;
                self.asked.borrow_mut().insert(job, struck.clone());
                struck
            }
        };
        let name = match image {
            Some(image) => Some(self.name(image).await?),
            None => None,
        };
        let explains = |(effect, at): &(String, Option<String>)| {
            let there = match (at, &name) {
                (Some(at), Some(name)) => at == name,
                _ => true,
            };
            there && effects.contains(&effect.as_str())
        };
        Ok(match struck {
            Struck::By(rules) if rules.iter().any(explains) => Verdict::Explained,
            Struck::By(_) => Verdict::Violation,
            Struck::Untold => Verdict::NotJudged(GONE),
            Struck::TooMany => Verdict::NotJudged(TOO_MANY),
        })
    }

    async fn look(&self, job: JobId) -> Result<Struck, String> {
        let path = |event: &str| format!("/journal?event={event}&job={job}&limit={PAGE}");
        let fired = ask(self.inside, &path("fault_fired")).await?;
        let accepted = ask(self.inside, &path("job_accepted")).await?;
        let rules = fired["entries"].as_array().into_iter().flatten().map(|entry| {
            let effect = entry["effect"].as_str().unwrap_or_default().to_owned();
            (effect, entry["image"].as_str().map(str::to_owned))
        });
        let rules: Vec<_> = rules.collect();
        // What a job begins with makes room first: where that is still there, all else is.
        let is_whole = self.is_whole || !self.can_lie || accepted["entries"].get(0).is_some();
        Ok(if is_whole || !rules.is_empty() { Struck::By(rules) } else { Struck::Untold })
    }

    /// The name that the world has for an image, by which the journal calls it.
    async fn name(&self, image: ImageId) -> Result<String, String> {
        if let Some(name) = self.names.borrow().get(&image) {
            return Ok(name.clone());
        }
        let shown = ask(self.inside, &format!("/world/images/{image}")).await?;
        let name = shown["images"].as_object().and_then(|all| all.keys().next().cloned());
        let name = name.unwrap_or_default();
        self.names.borrow_mut().insert(image, name.clone());
        Ok(name)
    }

    /// What is to be made of a membership that is not as it must be.
    pub(super) async fn explain(
        &self,
        suspect: &Suspect,
        strangers: &FxHashSet<String>,
    ) -> Result<Verdict, String> {
        if self.was_by_hand(suspect).await? {
            return Ok(Verdict::NotJudged(BY_HAND));
        }
        let mut found = Verdict::Violation;
        for job in &suspect.jobs {
            match self.struck(*job, Some(suspect.image), LIES).await? {
                Verdict::Explained => return Ok(Verdict::Explained),
                Verdict::NotJudged(why) => found = Verdict::NotJudged(why),
                Verdict::Violation => {}
            }
        }
        if found != Verdict::Violation {
            return Ok(found);
        }
        if suspect.forgetful && self.can_lie {
            return Ok(Verdict::NotJudged(FORGOTTEN));
        }
        if suspect.struck && self.can_forge {
            return Ok(Verdict::NotJudged(FORGED));
        }
        self.by_strangers(suspect, strangers).await
    }

    async fn was_by_hand(&self, suspect: &Suspect) -> Result<bool, String> {
        if !self.by_hand.is_any() {
            return Ok(false);
        }
        let (name, id) = (self.name(suspect.image).await?, suspect.image.to_string());
        let project = suspect.project.to_string();
        let called = suspect.violation.project.as_deref().unwrap_or_default();
        Ok(self.by_hand.touched(&[&name, &id], &[called, &project]))
    }

    /// Whether others can have made a difference: a job of theirs settled the pair, or the last that changed
    /// it was a native call and none of ours was.
    async fn by_strangers(
        &self,
        suspect: &Suspect,
        strangers: &FxHashSet<String>,
    ) -> Result<Verdict, String> {
        let (image, project) = (suspect.image, suspect.project);
        let path = |event: &str| {
            format!("/journal?event={event}&image={image}&project={project}&limit={PAGE}")
        };
        let called = ask(self.inside, &path("member_changed")).await;
        let settled = ask(self.inside, &path("pair_settled")).await;
        // An id that no project has any more is refused; then nothing is known of the pair.
        let (Ok(called), Ok(settled)) = (called, settled) else {
            return Ok(Verdict::NotJudged(STRANGERS));
        };
        let entries = settled["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut keys = entries.iter().filter_map(|it| it["subject"].as_str()?.split('/').next());
        let last = |page: &Value| page["entries"].as_array()?.last()?["number"].as_u64();
        let by_call = !suspect.called && last(&called) > last(&settled);
        if by_call || keys.any(|key| strangers.contains(key)) {
            return Ok(Verdict::NotJudged(STRANGERS));
        }
        let may_be_theirs = suspect.untouched && !self.own || !strangers.is_empty();
        Ok(match self.is_whole || !may_be_theirs {
            true => Verdict::Violation,
            false => Verdict::NotJudged(FORGOTTEN_STRANGERS),
        })
    }

    /// Whether some client submitted a job, as far as the journal tells. Of more jobs than are asked about it
    /// tells nothing.
    pub(super) async fn was_submitted(&self, job: JobId) -> Result<Option<bool>, String> {
        if self.submitted.get() >= MOST_ASKED {
            return Ok(None);
        }
        self.submitted.set(self.submitted.get() + 1);
        let path = |event: &str| format!("/journal?event={event}&job={job}&limit={PAGE}");
        let calls = ask(self.inside, &path("call")).await?;
        let mut calls = calls["entries"].as_array().into_iter().flatten();
        if calls.any(|call| call["target"].as_str() == Some("/v1/cloudimages/members")) {
            return Ok(Some(true));
        }
        Ok(self.is_whole.then_some(false))
    }
}

/// Whether a rule made a job lie.
fn has_lied(rule: &Value) -> bool {
    let effect = &rule["rule"]["effect"];
    let is = |name: &&str| effect.as_str() == Some(name) || effect.get(name).is_some();
    rule["counts"]["fired"].as_u64() != Some(0) && LIES.iter().any(is)
}

/// Whether a rule answers as if something had been done.
fn forges(rule: &Value) -> bool {
    let status = &rule["rule"]["effect"]["answer"]["status"];
    status.as_u64().is_some_and(|status| status < 400)
}

pub(super) async fn ask(inside: &Inside, path: &str) -> Result<Value, String> {
    inside.ask(Method::GET, path, None).await
}
