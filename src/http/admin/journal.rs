//! `GET /__admin/journal`: what happened; `DELETE` forgets it.

use serde::Serialize;

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::query::one_of;
use super::{jobs, names};
use crate::journal::{EventKind, Filter, Selected, Shown};

/// Entries shown unless something else is said.
const USUAL: usize = 100;
/// The most entries in one answer: with the longest bodies some 32 MB, and usually far less.
const MOST: usize = 1_000;

/// The parameters of `GET`.
pub(super) const PARAMETERS: &[&str] = &[
    "since",
    "limit",
    "event",
    "operation",
    "project",
    "job",
    "image",
    "status",
    "rule",
    "subject",
];

#[derive(Serialize)]
struct Page<'a> {
    entries: Vec<Shown<'a>>,
    /// What to give as `since` to go on.
    next: u64,
    /// How many entries have made room for newer ones.
    evicted: u64,
}

pub(super) async fn show(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let since = ask.query.number("since", 0, u64::MAX)?;
    let limit = ask.query.limit(USUAL, MOST)?;
    let filter = filter(&ask).await?;
    let Selected { entries, next } =
        shared.journal.select(since, limit, |numbered| filter.matches(numbered));
    let shown = entries.iter().map(|entry| Shown::new(entry, &shared.world));
    let page = Page { entries: shown.collect(), next, evicted: shared.journal.evicted() };
    Ok(Reply::ok(&page))
}

async fn filter(ask: &Ask) -> Result<Filter, AdminError> {
    let (world, query) = (&ask.shared().world, &ask.query);
    let text = |name| query.text(name).map(str::to_owned);
    let job = match query.text("job").map(|text| names::job("job", text)).transpose()? {
        Some(id) => {
            let known = jobs::find(ask.shared(), id).await.ok();
            Some(ask.shared().journal.of_job(id, known.map(|job| job.key)))
        }
        None => None,
    };
    let project = query.text("project").map(|text| names::project(world, "project", text));
    let image = query.text("image").map(|text| names::image(world, "image", text));
    Ok(Filter {
        event: query.parsed("event", |text| one_of(&EventKind::ALL, EventKind::name, text))?,
        operation: query.parsed("operation", names::operation)?,
        project: project.transpose()?,
        job,
        image: image.transpose()?,
        status: query.number("status", 100, 999)?.and_then(|status| u16::try_from(status).ok()),
        rule: text("rule"),
        subject: text("subject"),
    })
}

#[derive(Serialize)]
struct Cleared {
    removed: u64,
    note: &'static str,
}

pub(super) async fn clear(ask: Ask) -> Result<Reply, AdminError> {
    let removed = ask.shared().journal.clear();
    Ok(Reply::ok(&Cleared { removed, note: "counters stay; numbers of entries go on" }))
}
