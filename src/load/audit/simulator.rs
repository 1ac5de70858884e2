//! What the admin API of a simulator tells: members of images, jobs, and how the server stood at the start.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::super::stock::{Members, Stock};
use super::Shares;
use super::journal::ask;
use crate::api::{ImageId, JobId, MemberStatus, ProjectId, time};
use crate::replay::changes::piece;
use crate::replay::target::inside::Inside;

/// The most images of a server that are all read: some hundred answers of a megabyte.
const MOST_IMAGES: u64 = 100_000;

/// The most jobs that are read: the server looks through all that it remembers for each page.
const MOST_JOBS: usize = 200_000;

/// How many things an answer has: the most that it may.
const PAGE: usize = 1_000;

/// How a simulator stood before the load.
#[derive(Debug, Default)]
pub(super) struct Simulated {
    /// Its time, in milliseconds since 1970.
    pub(super) now: u64,
    /// Jobs that it had accepted, and those of them that rules had lost.
    pub(super) accepted: u64,
    pub(super) lost: u64,
    /// The number of the next entry of its journal.
    pub(super) journal_next: u64,
    /// How many entries of it had made room.
    pub(super) evicted: u64,
    /// What it had counted for ever.
    pub(super) counted: Counted,
}

/// A job, as the admin API lists it.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) key: String,
    pub(super) owner: Option<ProjectId>,
    pub(super) operation: String,
    pub(super) state: String,
    pub(super) pairs: u64,
    /// Milliseconds since 1970; none while it has not ended.
    pub(super) ended: Option<u64>,
}

/// The jobs of a server since the load began.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    pub(super) all: BTreeMap<(u64, JobId), Listed>,
    /// The last that was read, if there are more.
    pub(super) read_until: Option<(u64, JobId)>,
}

/// Events that a simulator counts, which no journal forgets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    /// All of them.
    pub(super) events: u64,
    /// Changes by hand.
    pub(super) by_hand: u64,
}

pub(super) async fn counted(inside: &Inside) -> Result<Counted, String> {
    let counters = ask(inside, "/counters").await?;
    let events = counters["events"].as_object().into_iter().flat_map(|events| events.values());
    Ok(Counted {
        events: events.filter_map(Value::as_u64).sum(),
        by_hand: counters["events"]["admin"].as_u64().unwrap_or(0),
    })
}

/// The number of the next entry of the journal.
pub(super) async fn journal_next(inside: &Inside) -> Result<u64, String> {
    let journal = ask(inside, &format!("/journal?since={}&limit=1", u64::MAX)).await?;
    Ok(journal["next"].as_u64().unwrap_or(0))
}

pub(super) async fn stand(inside: &Inside) -> Result<Simulated, String> {
    let health = ask(inside, "/health").await?;
    let counted = counted(inside).await?;
    let journal = ask(inside, &format!("/journal?since={}&limit=1", u64::MAX)).await?;
    let count = |name: &str| health["jobs"][name].as_u64().unwrap_or(0);
    Ok(Simulated {
        now: health["now"].as_str().and_then(time::parse).unwrap_or(0),
        accepted: count("accepted"),
        lost: count("lost"),
        journal_next: journal["next"].as_u64().unwrap_or(0),
        evicted: journal["evicted"].as_u64().unwrap_or(0),
        counted,
    })
}

/// The members of all images of the stock, or of those that `only` names; `None` if all were asked for and
/// the server has too many.
pub(super) async fn members(
    inside: &Inside,
    stock: &Stock,
    only: Option<&[u32]>,
) -> Result<Option<Shares>, String> {
    if only.is_none() {
        let world = ask(inside, "/world").await?;
        if world["images"].as_u64().unwrap_or(0) > MOST_IMAGES {
            return Ok(None);
        }
    }
    let projects = projects(inside).await?;
    let wanted: FxHashSet<ImageId> = match only {
        None => stock.images.iter().map(|image| image.id).collect(),
        Some(only) => {
            only.iter().filter_map(|it| stock.images.get(*it as usize)).map(|it| it.id).collect()
        }
    };
    let mut shares = Shares::default();
    let mut take = |page: &Value| {
        for image in page["images"].as_object().into_iter().flat_map(|page| page.values()) {
            let id = image["id"].as_str().and_then(ImageId::parse);
            if let Some(id) = id.filter(|id| wanted.contains(id)) {
                shares.insert(id, members_of(image, &projects));
            }
        }
    };
    if only.is_none() {
        each_page(inside, "images", take).await?;
    } else {
        let mut images: Vec<ImageId> = wanted.iter().copied().collect();
        images.sort_unstable();
        for image in images {
            // One that is gone is not found, and then not judged.
            if let Ok(page) = ask(inside, &format!("/world/images/{image}")).await {
                take(&page);
            }
        }
    }
    Ok(Some(shares))
}

fn members_of(image: &Value, projects: &FxHashMap<String, ProjectId>) -> Members {
    let members = image["members"].as_object().into_iter().flatten();
    let member = |(name, status): (&String, &Value)| {
        let project = projects.get(name).copied().or_else(|| ProjectId::parse(name))?;
        Some((project, status.as_str().and_then(MemberStatus::parse)?))
    };
    members.filter_map(member).collect()
}

/// The ids of projects by the names that the world has for them.
async fn projects(inside: &Inside) -> Result<FxHashMap<String, ProjectId>, String> {
    let mut ids = FxHashMap::default();
    each_page(inside, "projects", |page| {
        for (name, project) in page["projects"].as_object().into_iter().flatten() {
            if let Some(id) = project["id"].as_str().and_then(ProjectId::parse) {
                ids.insert(name.clone(), id);
            }
        }
    })
    .await?;
    Ok(ids)
}

async fn each_page(
    inside: &Inside,
    kind: &str,
    mut take: impl FnMut(&Value),
) -> Result<(), String> {
    let mut after = String::new();
    loop {
        let page = ask(inside, &format!("/world/{kind}?limit={PAGE}{after}")).await?;
        take(&page);
        match page["next"].as_str() {
            Some(next) => after = format!("&after={}", piece(next)),
            None => return Ok(()),
        }
    }
}

/// The jobs that were submitted since the load began.
pub(super) async fn jobs(inside: &Inside, start: &Simulated) -> Result<Jobs, String> {
    let mut jobs = Jobs::default();
    // Jobs stand in lists by the time of their submission, which their ids carry.
    let mut after = JobId::compose(0, 0, start.now.saturating_sub(1));
    loop {
        let page = ask(inside, &format!("/jobs?limit={PAGE}&after={after}")).await?;
        for job in page["jobs"].as_array().into_iter().flatten() {
            let Some(id) = job["job_id"].as_str().and_then(JobId::parse) else { continue };
            jobs.all.insert((id.submitted_ms(), id), listed(job));
        }
        let Some(next) = page["next"].as_str().and_then(JobId::parse) else { return Ok(jobs) };
        if jobs.all.len() >= MOST_JOBS {
            jobs.read_until = Some((next.submitted_ms(), next));
            return Ok(jobs);
        }
        after = next;
    }
}

fn listed(job: &Value) -> Listed {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Listed {
        key: text(&job["key"]),
        owner: job["owner"]["id"].as_str().and_then(ProjectId::parse),
        operation: text(&job["operation"]),
        state: text(&job["state"]),
        pairs: job["pairs"].as_u64().unwrap_or(0),
        ended: job["end_time"].as_str().and_then(time::parse),
    }
}
