//! Memberships: those that can be there, and those that are.

use std::collections::BTreeMap;

use super::super::audit_form::{Violation, ViolationKind};
use super::super::ledger::{By, Ledger, Pair, Possible, words};
use super::super::stock::{Members, Stock, StockImage};
use super::Shares;
use super::findings::Findings;
use crate::api::{ImageId, JobId, MemberStatus, ProjectId};

/// The most jobs and calls that a violation names.
const MOST_NAMED: usize = 10;

/// A difference, and what is needed to explain it.
pub(super) struct Suspect {
    pub(super) violation: Violation,
    pub(super) image: ImageId,
    pub(super) project: ProjectId,
    /// The jobs that changed the pair, or tried to, and can matter.
    pub(super) jobs: Vec<JobId>,
    /// Whether nobody of ours touched the pair.
    pub(super) untouched: bool,
    /// Whether a native call of ours can matter.
    pub(super) called: bool,
    /// Whether fault rules had their hands in the answers by which it was promised.
    pub(super) struck: bool,
    /// Whether some who tried are forgotten.
    pub(super) forgetful: bool,
}

/// Compares all images that were read.
pub(super) fn compare(
    ledger: &Ledger,
    stock: &Stock,
    before: Option<&Shares>,
    now: &Shares,
    findings: &mut Findings,
) -> Vec<Suspect> {
    let places = ledger.places();
    let numbers = stock.projects.iter().zip(0_u32..);
    let numbers: BTreeMap<ProjectId, u32> = numbers.map(|(project, n)| (project.id, n)).collect();
    let mut suspects = Vec::new();
    for (image, number) in stock.images.iter().zip(0_u32..) {
        let from = places.partition_point(|(image, _)| *image < number);
        let touched: Vec<u32> =
            places[from..].iter().take_while(|(it, _)| *it == number).map(|(_, it)| *it).collect();
        let Some(members) = now.get(&image.id) else {
            if before.is_some() || !touched.is_empty() {
                findings.not_judged += touched.len().max(1) as u64;
                findings.remark("some images are gone, or their members could not be read");
            }
            continue;
        };
        let start = before.map(|all| all.get(&image.id));
        if start == Some(None) {
            findings.not_judged += touched.len().max(1) as u64;
            findings.remark("the members of some images could not be read before the load");
            continue;
        }
        let start = start.flatten();
        let here = touched.iter().filter_map(|project| stock.projects.get(*project as usize));
        for (project, (was, is)) in was_and_is(start, members, here.map(|project| project.id)) {
            let pair = numbers.get(&project).and_then(|it| ledger.at(number, *it));
            let was = start.map_or(Possible::ANY, |_| Possible::only(was));
            let possible = pair.map_or(was, |pair| pair.possible(was));
            if possible == Possible::ANY {
                findings.not_judged += u64::from(pair.is_some());
                continue;
            }
            findings.memberships += 1;
            if !possible.has(is) {
                let others = || of_the_image(ledger, number, &touched);
                suspects.push(suspect(stock, image, project, pair, possible, is, others));
            }
        }
    }
    suspects
}

/// Each project that is or was a member of an image, or that somebody touched: what it was, and what it is.
fn was_and_is(
    start: Option<&Members>,
    now: &Members,
    touched: impl Iterator<Item = ProjectId>,
) -> BTreeMap<ProjectId, (Option<MemberStatus>, Option<MemberStatus>)> {
    let mut all: BTreeMap<ProjectId, (Option<_>, Option<_>)> = BTreeMap::new();
    for (project, status) in start.into_iter().flatten() {
        all.entry(*project).or_default().0 = Some(*status);
    }
    for (project, status) in now {
        all.entry(*project).or_default().1 = Some(*status);
    }
    for project in touched {
        all.entry(project).or_default();
    }
    all
}

fn suspect(
    stock: &Stock,
    image: &StockImage,
    project: ProjectId,
    pair: Option<&Pair>,
    possible: Possible,
    is: Option<MemberStatus>,
    others: impl FnOnce() -> Vec<String>,
) -> Suspect {
    let kind = match is {
        None => ViolationKind::LostMembership,
        Some(_) if !possible.has_member() => ViolationKind::InventedMembership,
        Some(_) if pair.is_some_and(Pair::is_sure) => ViolationKind::LostMembership,
        Some(_) => ViolationKind::InventedMembership,
    };
    let name = stock.projects.iter().find(|it| it.id == project).map(|it| it.name.clone());
    let by = pair.map(|pair| pair.suspects().iter().map(|claim| claim.name()).collect::<Vec<_>>());
    // Nobody was asked to touch the pair, so it can have been any that worked on the image.
    let mut by = by.unwrap_or_else(others);
    by.truncate(MOST_NAMED);
    let claims = pair.map(Pair::claims).unwrap_or_default();
    let jobs = claims.iter().filter_map(|claim| match claim.by {
        By::Job(job) => Some(job),
        By::Call(_) => None,
    });
    Suspect {
        violation: Violation {
            kind,
            image: Some(image.name.clone()),
            project: Some(name.unwrap_or_else(|| project.to_string())),
            by,
            expected: possible.in_words(),
            found: words(is).to_owned(),
        },
        image: image.id,
        project,
        jobs: jobs.collect(),
        untouched: pair.is_none(),
        called: claims.iter().any(|claim| matches!(claim.by, By::Call(_))),
        struck: claims.iter().any(|claim| claim.struck),
        forgetful: pair.is_some_and(Pair::is_forgetful),
    }
}

/// The names of all that worked on an image and are remembered, the newest first.
fn of_the_image(ledger: &Ledger, image: u32, touched: &[u32]) -> Vec<String> {
    let pairs = touched.iter().filter_map(|project| ledger.at(image, *project));
    let mut claims: Vec<_> = pairs.flat_map(Pair::claims).collect();
    claims.sort_by_key(|claim| (std::cmp::Reverse(claim.sent()), claim.by));
    let mut names: Vec<String> = claims.into_iter().map(|claim| claim.name()).collect();
    names.dedup();
    names
}
