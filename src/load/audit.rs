//! The end of a load: what the server has, held against what its answers promised.
//!
//! Where the server is a simulator, its admin API tells the truth: no fault and no stale read strikes it. Any
//! other server is asked through the service itself, within bounds.
//!
//! A difference that a fault rule explains which struck one of the jobs in question is counted and no
//! violation; where the journal tells no more of such a job, nothing is said of the difference, and that is
//! counted too. The same goes for what somebody changed by hand, and for what others did who used the server
//! at the same time, as far as the server tells: no job is to blame for it, and the report says that it was
//! so. The service tells nothing of such things, so whoever loads another server has to have it for himself.

mod by_hand;
mod findings;
mod jobs;
mod journal;
mod memberships;
mod service;
mod simulator;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::audit_form::Audit;
use super::ledger::Ledger;
use super::stock::{Members, Stock};
use crate::api::ImageId;
use crate::clock::{SimDuration, WallTime};
use findings::Findings;
use journal::{FORGED, Verdict};
pub(super) use service::Service;
use simulator::Simulated;

/// How long the comparison may take, in real time: some hundred thousand images and jobs of a server that is
/// not overloaded.
const LONGEST: SimDuration = SimDuration::from_millis(300_000);

/// How the truth of a server is read.
#[derive(Clone)]
pub(super) enum Server {
    /// By the admin API of a simulator.
    Simulator(Rc<crate::replay::target::inside::Inside>),
    /// Through the service.
    Other(Rc<Service>),
}

/// How a server stood before the load.
#[derive(Debug, Default)]
pub(super) struct Start {
    /// The members of the images of the stock; `None` if there are too many images to read them all.
    members: Option<Shares>,
    /// What a simulator tells of itself.
    simulated: Simulated,
    /// Whether the server was started for the load, so that nobody else knows of it.
    own: bool,
}

/// What is held against a server.
pub(super) struct Promised<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) stock: &'a Stock,
    /// Whether transactions were cut off, so that some of their jobs had no time to end.
    pub(super) cut: bool,
}

/// Members by image. An image that is not there is gone, or could not be read.
type Shares = FxHashMap<ImageId, Members>;

/// Reads how a server stands before the load.
///
/// # Errors
/// A sentence, if the server does not tell.
pub(super) async fn begin(
    stock: &Stock,
    server: &Server,
    own: bool,
    wall: &WallTime,
) -> Result<Start, String> {
    let reading = async {
        match server {
            Server::Simulator(inside) => Ok(Start {
                simulated: simulator::stand(inside).await?,
                members: simulator::members(inside, stock, None).await?,
                own,
            }),
            Server::Other(service) => Ok(Start {
                // Images that cannot be read are not judged; a load can do without.
                members: service
                    .members(stock, None, wall)
                    .await
                    .unwrap_or(Some(Shares::default())),
                simulated: Simulated::default(),
                own,
            }),
        }
    };
    let read = wall.within(LONGEST, reading).await;
    read.unwrap_or_else(|| Err(format!("the memberships could not be read within {LONGEST}")))
}

/// Holds what a server has against what its answers promised. All transactions have ended, or were given up,
/// and their jobs have had time to end unless they were cut off.
pub(super) async fn audit(
    promised: &Promised<'_>,
    start: &Start,
    server: &Server,
    wall: &WallTime,
) -> Audit {
    let ambiguous = promised.ledger.jobs().ambiguous();
    let compared = wall.within(LONGEST, compare(promised, start, server, wall)).await;
    let compared = compared.unwrap_or_else(|| Err(format!("it took longer than {LONGEST}")));
    match compared {
        Ok(findings) => Audit { ambiguous, ..findings.into_audit() },
        Err(why_not) => Audit { why_not: Some(why_not), ambiguous, ..Audit::default() },
    }
}

async fn compare(
    promised: &Promised<'_>,
    start: &Start,
    server: &Server,
    wall: &WallTime,
) -> Result<Findings, String> {
    let Promised { ledger, stock, .. } = *promised;
    let mut findings = Findings::default();
    // Above the bound only images are read again that somebody touched.
    let touched = start.members.is_none().then(|| {
        let mut images: Vec<u32> = ledger.places().into_iter().map(|(image, _)| image).collect();
        images.dedup();
        images
    });
    if touched.is_some() {
        findings.remark("there are too many images to read them all, so only those were that the load touched, and of them only what it certainly changed is judged");
    }
    let left_out = ledger.left_out() + ledger.jobs().left_out();
    if left_out > 0 {
        findings
            .remark(&format!("{left_out} changes and jobs were more than the driver remembers"));
        findings.not_judged += left_out;
    }
    let (shares, strangers) = match server {
        Server::Simulator(inside) => {
            let shares = simulator::members(inside, stock, touched.as_deref()).await?;
            let journal = journal::Journal::open(inside, &start.simulated, start.own).await?;
            let listed = simulator::jobs(inside, &start.simulated).await?;
            let mut judge = jobs::Judge { promised, listed, journal: &journal };
            let strangers = judge.judge(start, inside, &mut findings).await?;
            (shares, Some((journal, strangers)))
        }
        Server::Other(service) => {
            service.ask_jobs(promised, wall, &mut findings).await?;
            (service.members(stock, touched.as_deref(), wall).await?, None)
        }
    };
    let shares = shares.unwrap_or_default();
    let suspects =
        memberships::compare(ledger, stock, start.members.as_ref(), &shares, &mut findings);
    for suspect in suspects {
        let verdict = match &strangers {
            Some((journal, strangers)) => journal.explain(&suspect, strangers).await?,
            None if suspect.struck => Verdict::NotJudged(FORGED),
            None => Verdict::Violation,
        };
        findings.judge(verdict, suspect.violation);
    }
    Ok(findings)
}
