//! A story that clients live through in virtual time: calls at given instants, whatever comes of them.
//!
//! Steps of a scenario end with the first one that fails; here nothing is expected, so that any plan can
//! strike anything. What happened is read from the journal and from the world that is left.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::web::Bytes;
use imsim::actors::Shared;
use imsim::api::{ImageId, JobId, MemberStatus, ProjectId};
use imsim::clock::{SimDuration, SimTime, WallTime};
use imsim::journal::invariants::{Invariants, Violations};
use imsim::journal::{Entry, Numbered, TraceWriter};
use imsim::scenario::ScenarioFile;
use imsim::seed::{Seed, Subject};
use imsim::simulator::Options;
use imsim::simulator::virtual_run::{VirtualRequest, VirtualRun, VirtualService};
use serde_json::{Value, json};

/// What a client does at an instant.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    /// When, in milliseconds from the start.
    pub(crate) at: u64,
    /// Whose token it sends.
    pub(crate) token: String,
    /// How long it waits for an answer, in milliseconds; for ever if `None`.
    pub(crate) timeout: Option<u64>,
    /// What it asks for.
    pub(crate) ask: Ask,
}

/// What a client asks for.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    /// `add_members` or, with `DELETE`, `delete_members`.
    Share { method: Method, images: Vec<String>, projects: Vec<String> },
    /// `update_members`.
    Update { images: Vec<String>, status: &'static str },
    /// A query of the job that the n-th action of all got, if it got one by then.
    Job { of: usize, progress: bool },
    /// `list_members`, or `show_member`.
    Members { image: String, member: Option<String> },
    /// `add_member`, `update_member` with a status, or `delete_member`.
    Member { method: Method, image: String, member: String, status: &'static str },
    /// `delete_image`.
    DeleteImage { image: String },
}

/// A world with its plan, and what happens in it.
#[derive(Clone)]
pub(crate) struct Story {
    /// A scenario without steps.
    pub(crate) scenario: Value,
    /// What clients do.
    pub(crate) actions: Vec<Action>,
}

/// A failed property shows its story: the rules one a line, then the actions.
impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.scenario.clone();
        for rule in rest["faults"].take().as_array().into_iter().flatten() {
            write!(f, "\n{rule}")?;
        }
        write!(f, "\n{rest}")?;
        self.actions.iter().enumerate().try_for_each(|(n, action)| write!(f, "\n{n}: {action:?}"))
    }
}

/// Who is a member of what.
pub(crate) type Members = BTreeMap<(ImageId, ProjectId), MemberStatus>;

/// What a story left behind.
pub(crate) struct Told {
    /// The journal, in order.
    pub(crate) entries: Vec<Entry>,
    /// The same in the order in which everything happened, within an instant, too.
    pub(crate) in_order: Vec<Entry>,
    /// The digest of its trace.
    pub(crate) digest: String,
    /// Memberships before and after it.
    pub(crate) members: [Members; 2],
    /// The simulation that it happened in.
    pub(crate) shared: Arc<Shared>,
}

/// When every story starts.
pub(crate) const START: SimTime = SimTime::from_millis(1_735_689_600_000);

/// Reads the scenario of a story; `None` if its rules make no sense.
pub(crate) fn prepare(scenario: &Value, seed: u64, shards: usize) -> Option<VirtualRun> {
    let file = ScenarioFile::parse(Path::new("story"), scenario.to_string()).ok()?;
    let options = Options::new(Seed::new(seed), shards);
    VirtualRun::new(&file, &options, START, WallTime::default()).ok()
}

/// Lives through a story and gives the journal of each instant to `at_instant`. Whatever the story, no
/// invariant is broken.
pub(crate) fn live(run: VirtualRun, actions: Vec<Action>, mut at_instant: impl FnMut(&[Numbered])) {
    let shared = Arc::clone(run.shared());
    let mut invariants = Invariants::new(&shared.world);
    let (lived, known) = run.run_to_the_end(
        |service| async move {
            let jobs: Jobs = Rc::new(RefCell::new(vec![None; actions.len()]));
            let clients = actions.into_iter().enumerate().map(|(number, action)| {
                let client = act(service.clone(), Rc::clone(&jobs), number, action);
                actix_web::rt::spawn(client)
            });
            for client in clients.collect::<Vec<_>>() {
                client.await.expect("a client lives to the end");
            }
        },
        std::future::ready,
        |entries| {
            invariants.take(entries);
            at_instant(entries);
        },
    );
    assert!(lived.is_some(), "no client waits for what never happens");
    assert_eq!(invariants.close(&known), Violations::default());
}

/// Lives through a story and keeps all of it.
pub(crate) fn tell(story: &Story, seed: u64, shards: usize) -> Told {
    let run = prepare(&story.scenario, seed, shards).expect("the story makes sense");
    let shared = Arc::clone(run.shared());
    let before = members(&shared);
    let (mut entries, mut in_order) = (Vec::new(), Vec::new());
    let writer = TraceWriter::new(&shared.world, Seed::new(seed), START, None);
    let mut writer = writer.expect("nothing is written");
    live(run, story.actions.clone(), |some| {
        writer.write(some).expect("nothing is written");
        entries.extend(some.iter().map(|numbered| numbered.entry.clone()));
        let mut by_number: Vec<&Numbered> = some.iter().collect();
        by_number.sort_unstable_by_key(|numbered| numbered.number);
        in_order.extend(by_number.iter().map(|numbered| numbered.entry.clone()));
    });
    let digest = writer.finish().0.to_string();
    let members = [before, members(&shared)];
    Told { entries, in_order, digest, members, shared }
}

fn members(shared: &Shared) -> Members {
    let images = shared.world.images();
    let all = images.iter().flat_map(|image| {
        let members = image.members();
        let named = members.all().iter().map(|one| ((image.id, one.project), one.status));
        named.collect::<Vec<_>>()
    });
    all.collect()
}

/// The jobs that actions got, by the number of the action.
type Jobs = Rc<RefCell<Vec<Option<JobId>>>>;

async fn act(service: VirtualService, jobs: Jobs, number: usize, action: Action) {
    let clock = service.shared.clock.clone();
    let turn = Subject::Step(number as u64);
    let at = START + SimDuration::from_millis(action.at);
    let busy = clock.sleep_until(at, turn, clock.busy(0)).await.busy;
    let Some(request) = request(&service, &jobs, &action) else { return };
    let call = service.call(number, &request);
    let answer = match action.timeout {
        None => call.await,
        Some(timeout) => {
            let over = at + SimDuration::from_millis(timeout);
            tokio::select! {
                biased;
                answer = call => answer,
                _ = clock.sleep_until(over, turn, clock.busy(0)) => return,
            }
        }
    };
    drop(busy);
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    jobs.borrow_mut()[number] = body["job_id"].as_str().and_then(JobId::parse);
}

fn request(service: &VirtualService, jobs: &Jobs, action: &Action) -> Option<VirtualRequest> {
    let names = &service.names;
    let (method, target, body) = match &action.ask {
        Ask::Share { method, images, projects } => {
            let (images, projects) = (names.image_ids(images), names.project_ids(projects));
            (method.clone(), BATCH.to_owned(), json!({"images": images, "projects": projects}))
        }
        Ask::Update { images, status } => {
            let project = names.project_of_token(&action.token);
            let images = names.image_ids(images);
            let body = json!({"images": images, "project_id": project, "status": status});
            (Method::PUT, BATCH.to_owned(), body)
        }
        Ask::Job { of, progress } => {
            let job = (*jobs.borrow().get(*of)?)?;
            let project = names.project_of_token(&action.token)?;
            let target = match progress {
                true => format!("/v1/cloudimages/job/{job}"),
                false => format!("/v1/{project}/jobs/{job}"),
            };
            (Method::GET, target, Value::Null)
        }
        Ask::Members { image, member } => {
            let image = names.image_id(image)?;
            let member = member.as_ref().and_then(|member| names.project_id(member));
            let member = member.map(|member| format!("/{member}")).unwrap_or_default();
            (Method::GET, format!("/v2/images/{image}/members{member}"), Value::Null)
        }
        Ask::Member { method, image, member, status } => {
            let (image, member) = (names.image_id(image)?, names.project_id(member)?);
            let members = format!("/v2/images/{image}/members");
            match method.as_str() {
                "POST" => (method.clone(), members, json!({ "member": member })),
                "PUT" => {
                    (method.clone(), format!("{members}/{member}"), json!({ "status": status }))
                }
                _ => (method.clone(), format!("{members}/{member}"), Value::Null),
            }
        }
        Ask::DeleteImage { image } => {
            let image = names.image_id(image)?;
            (Method::DELETE, format!("/v2/images/{image}"), Value::Null)
        }
    };
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let headers = vec![
        header("x-auth-token", &action.token),
        header("accept", "application/json"),
        header("content-type", "application/json"),
    ];
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    Some(VirtualRequest { method, target: target.parse().ok()?, headers, body })
}

const BATCH: &str = "/v1/cloudimages/members";
