//! What the journal of a simulator says of a difference: whether a fault rule explains it.

use std::cell::RefCell;

use actix_web::http::Method;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

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
    /// Whether nothing has made room since the start of the server.
    is_whole: bool,
    /// By whom the world was changed by hand during the load, if by anybody.
    pub(super) by_hand: Vec<String>,
    asked: RefCell<FxHashMap<JobId, Struck>>,
    names: RefCell<FxHashMap<ImageId, String>>,
}

impl<'a> Journal<'a> {
    pub(super) async fn open(inside: &'a Inside, start: &Simulated) -> Result<Self, String> {
        let first = ask(inside, "/journal?since=0&limit=1").await?;
        let evicted = first["evicted"].as_u64().unwrap_or(1);
        let number = first["entries"][0]["number"].as_u64();
        let by_hand =
            ask(inside, &format!("/journal?event=admin&limit={PAGE}&since={}", start.journal_next))
                .await?;
        let entries = by_hand["entries"].as_array().into_iter().flatten();
        let actions = entries.filter_map(|entry| entry["action"].as_str().map(str::to_owned));
        Ok(Self {
            inside,
            // The journal numbers its entries from 0, and a cleared one goes on with the numbers.
            is_whole: evicted == 0 && number == Some(0),
            by_hand: actions.filter(|action| is_about_world(action)).collect(),
            asked: RefCell::default(),
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
        let is_whole = self.is_whole || accepted["entries"].get(0).is_some();
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
        let mut found = Verdict::Violation;
        for job in &suspect.jobs {
            match self.struck(*job, Some(suspect.image), LIES).await? {
                Verdict::Explained => return Ok(Verdict::Explained),
                Verdict::NotJudged(why) => found = Verdict::NotJudged(why),
                Verdict::Violation => {}
            }
        }
        if suspect.forgetful && found == Verdict::Violation {
            found = Verdict::NotJudged(FORGOTTEN);
        }
        if found == Verdict::Violation && self.was_a_stranger(suspect, strangers).await? {
            found = Verdict::NotJudged(STRANGERS);
        }
        Ok(found)
    }

    /// Whether a job of somebody else settled the pair, or a native call changed it that is not ours.
    async fn was_a_stranger(
        &self,
        suspect: &Suspect,
        strangers: &FxHashSet<String>,
    ) -> Result<bool, String> {
        let (image, project) = (suspect.image, suspect.project);
        let path = |event: &str| {
            format!("/journal?event={event}&image={image}&project={project}&limit={PAGE}")
        };
        if suspect.untouched {
            // An id that no project has is refused; then nobody settled it either.
            let called = ask(self.inside, &path("member_changed")).await;
            if called.is_ok_and(|page| page["entries"].get(0).is_some()) {
                return Ok(true);
            }
        }
        if strangers.is_empty() {
            return Ok(false);
        }
        let Ok(settled) = ask(self.inside, &path("pair_settled")).await else { return Ok(false) };
        let subjects = settled["entries"].as_array().into_iter().flatten();
        let mut keys = subjects.filter_map(|entry| entry["subject"].as_str()?.split('/').next());
        Ok(keys.any(|key| strangers.contains(key)))
    }

    /// Whether some client submitted a job, as far as the journal tells.
    pub(super) async fn was_submitted(&self, job: JobId) -> Result<Option<bool>, String> {
        let path = |event: &str| format!("/journal?event={event}&job={job}&limit={PAGE}");
        let calls = ask(self.inside, &path("call")).await?;
        let mut calls = calls["entries"].as_array().into_iter().flatten();
        if calls.any(|call| call["target"].as_str() == Some("/v1/cloudimages/members")) {
            return Ok(Some(true));
        }
        Ok(self.is_whole.then_some(false))
    }
}

/// Whether something that is done by hand changes what the world holds.
fn is_about_world(action: &str) -> bool {
    let kinds = ["image", "member", "project", "reset"];
    kinds.iter().any(|kind| action.contains(kind)) || action == "add_to_world"
}

pub(super) async fn ask(inside: &Inside, path: &str) -> Result<Value, String> {
    inside.ask(Method::GET, path, None).await
}
