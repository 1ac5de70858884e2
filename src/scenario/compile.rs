//! From a scenario file to what a simulation is made of: names become ids, numbers meet their bounds.

use rustc_hash::FxHashSet;

use super::entry_check::{self, MOST_MEMBERSHIPS};
use super::file::{ScenarioFile, Sections};
use super::names::{Names, members_of};
use super::problem::{Misfit, Problem, Within, nearest};
use super::step_check::{self, SavedJobs};
use super::rule_book::RuleBook;
use super::world_names::WorldNames;
use super::world_section::{ImageEntry, ImageStatus, TokenEntry, WholeServerEntry, WorldSection};
use crate::api::operation::ACTIONS;
use crate::api::{MemberStatus, ProjectId, time};
use crate::clock::SimTime;
use crate::domain::caller::Token;
use crate::domain::image::Facts;
use crate::domain::job_work::Supervision;
use crate::domain::latency::Timing;
use crate::domain::world::Project;
use crate::domain::{Image, WholeServer, World};
use crate::seed::Seed;

/// The most steps of a file, those inside others included.
pub const MOST_STEPS: usize = 100_000;

/// What a simulation is made of.
pub struct Blueprint {
    /// What exists.
    pub world: World,
    /// How long things take.
    pub timing: Timing,
    /// How dying workers are treated.
    pub supervision: Supervision,
    /// What goes wrong.
    pub plan: RuleBook,
    /// What things are called.
    pub names: Names,
}

/// Compiles a scenario for a seed and a start.
///
/// # Errors
/// The first problem, in the order of the sections.
pub fn compile(file: &ScenarioFile, seed: Seed, start: SimTime) -> Result<Blueprint, Problem> {
    sections(&file.sections, seed, start).map_err(|misfit| file.place(&misfit))
}

fn sections(sections: &Sections, seed: Seed, start: SimTime) -> Result<Blueprint, Misfit> {
    epoch(sections)?;
    entry_check::check(&sections.world)?;
    let names = Names::of(&sections.world, seed);
    let world = world(&sections.world, &names, start).within("world")?;
    let timing = sections.timing.compile().within("timing")?;
    let supervision = sections.supervision.compile().within("supervision")?;
    let world_names = WorldNames::of(&world);
    let plan = RuleBook::of_file(&sections.faults, &world_names, start).within("faults")?;
    drop(world_names);
    steps(sections, &names).within("steps")?;
    Ok(Blueprint { world, timing, supervision, plan, names })
}

/// The most pairs that the steps of a file can ask for: they are all remembered until the replay ends, so
/// that which jobs can still be queried does not depend on the number of shards.
pub const MOST_PAIRS: usize = 10_000_000;

/// The latest start of a run: times on the wire end with the year 9999.
const LATEST_EPOCH: SimTime = SimTime::from_millis(time::LAST_MS / 2);

fn epoch(sections: &Sections) -> Result<(), Misfit> {
    if sections.epoch.is_some_and(|epoch| epoch.0 > LATEST_EPOCH) {
        let latest = time::whole_seconds(LATEST_EPOCH.as_millis());
        return Err(Misfit::new(format!("a run starts at {latest} at the latest"))).within("epoch");
    }
    Ok(())
}

fn steps(sections: &Sections, names: &Names) -> Result<(), Misfit> {
    let total: usize = sections.steps.iter().map(super::step::StepEntry::size).sum();
    if total > MOST_STEPS {
        return Err(Misfit::new(format!("{total} steps; a file has at most {MOST_STEPS}")));
    }
    let mut saved = SavedJobs::default();
    let mut pairs = 0_usize;
    for (index, step) in sections.steps.iter().enumerate() {
        step_check::check(step, names, &mut saved).within(index)?;
        pairs = pairs.saturating_add(step_check::pairs(step, names));
        if pairs > MOST_PAIRS {
            let message =
                format!("with this step they ask for {pairs} pairs; at most {MOST_PAIRS}");
            return Err(Misfit::new(message)).within(index);
        }
    }
    Ok(())
}

fn world(section: &WorldSection, names: &Names, start: SimTime) -> Result<World, Misfit> {
    let mut world = World::new(section.settings.compile().within("settings")?);
    projects(section, names, &mut world).within("projects")?;
    tokens(section, names, start, &mut world).within("tokens")?;
    images(section, names, start, &mut world).within("images")?;
    Ok(world)
}

fn projects(section: &WorldSection, names: &Names, world: &mut World) -> Result<(), Misfit> {
    for (name, entry) in section.projects.iter() {
        for member in members_of(name, entry.count) {
            let id = names.project(&member)?;
            let unavailable = entry.unavailable;
            let project = Project { id, name: member.into(), unavailable };
            if !world.add_project(project) {
                return Err(taken("project", &id, &world.project_name(id))).within(name);
            }
        }
    }
    Ok(())
}

fn taken(kind: &str, id: &impl std::fmt::Display, by: &str) -> Misfit {
    Misfit::new(format!("the {kind} `{by}` already has the id or name of this one ({id})"))
}

fn tokens(
    section: &WorldSection,
    names: &Names,
    start: SimTime,
    world: &mut World,
) -> Result<(), Misfit> {
    let Some(entries) = &section.tokens else {
        for (token, project) in names.tokens() {
            sendable(token).within(token)?;
            let project = project.map(|name| names.project(name)).transpose()?;
            world.add_token(token, Token { project, actions: ACTIONS.to_vec(), expires: None });
        }
        return Ok(());
    };
    for (name, entry) in entries.iter() {
        let token = token(name, entry, names, start).within(name)?;
        world.add_token(name, token);
    }
    Ok(())
}

fn token(name: &str, entry: &TokenEntry, names: &Names, start: SimTime) -> Result<Token, Misfit> {
    sendable(name)?;
    let project = entry.project.as_deref().map(|name| names.project(name).within("project"));
    let actions = match &entry.actions {
        None => ACTIONS.to_vec(),
        Some(actions) => {
            let known =
                actions.iter().enumerate().map(|(i, action)| known_action(action).within(i));
            known.collect::<Result<_, _>>().within("actions")?
        }
    };
    let expires = entry.expires_in.map(|span| start + span.0);
    Ok(Token { project: project.transpose()?, actions, expires })
}

fn sendable(token: &str) -> Result<(), Misfit> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Misfit::new("a token is sent in a header: printable ASCII without blanks"));
    }
    Ok(())
}

fn known_action(action: &str) -> Result<&'static str, Misfit> {
    ACTIONS.iter().copied().find(|known| *known == action).ok_or_else(|| {
        let near = nearest(action, ACTIONS.iter().copied());
        Misfit::new(format!(
            "`{action}` is no action of the service ({}){near}",
            ACTIONS.join(", ")
        ))
    })
}

fn images(
    section: &WorldSection,
    names: &Names,
    start: SimTime,
    world: &mut World,
) -> Result<(), Misfit> {
    let mut memberships = 0_usize;
    for (name, entry) in section.images.iter() {
        let owner = names.project(&entry.owner).within("owner").within(name)?;
        let members = members(entry, owner, names).within("members").within(name)?;
        memberships += members.len().saturating_mul(entry.count.unwrap_or(1) as usize);
        if memberships > MOST_MEMBERSHIPS {
            let message =
                format!("{memberships} memberships; a world has at most {MOST_MEMBERSHIPS}");
            return Err(Misfit::new(message)).within("members").within(name);
        }
        for member in members_of(name, entry.count) {
            let id = names.image(&member)?;
            let image = Image::new(id, &member, owner, facts(entry), &members, start);
            if !world.add_image(image) {
                return Err(taken("image", &id, &world.image_name(id))).within(name);
            }
        }
    }
    Ok(())
}

fn members(
    entry: &ImageEntry,
    owner: ProjectId,
    names: &Names,
) -> Result<Vec<(ProjectId, MemberStatus)>, Misfit> {
    let mut members: Vec<(ProjectId, MemberStatus)> = Vec::new();
    let mut seen = FxHashSet::default();
    for (name, status) in entry.members.iter() {
        for project in names.projects_of(name).within(name)? {
            if project == owner {
                return Err(Misfit::new("the owner cannot be a member")).within(name);
            }
            if !seen.insert(project) {
                return Err(Misfit::new("this project is already a member")).within(name);
            }
            members.push((project, *status));
        }
    }
    Ok(members)
}

fn facts(entry: &ImageEntry) -> Facts {
    Facts {
        active: entry.status == ImageStatus::Active,
        public: entry.public,
        marketplace: entry.marketplace,
        encrypted: entry.encrypted,
        whole_server: match entry.whole_server {
            None => WholeServer::No,
            Some(WholeServerEntry::Cbr) => WholeServer::Cbr,
            Some(WholeServerEntry::Other) => WholeServer::Other,
        },
    }
}
