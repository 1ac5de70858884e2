//! A thread that sends: its transactions, and what it measured of them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use actix_web::rt::{self, System};
use tokio::sync::{Notify, Semaphore, mpsc, watch};

use super::call::{Caller, Phase};
use super::client::Client;
use super::gathered::Gathered;
use super::ledger::{Ledger, Micros};
use super::pacer::{MOST_WAITING, Pacer, Start};
use super::plan::{Model, Plan};
use super::under_way::UnderWay;
use crate::clock::{SimDuration, WallInstant, WallTime};
use crate::domain::latency::Law;
use crate::replay::target::client::Client as HttpClient;
use crate::replay::{BaseUrl, Trust};
use crate::seed::What;

/// Microseconds of a second.
pub(super) const SECOND: Micros = 1_000_000;
/// How often a user who has nothing to do yet looks whether his time has come.
const USER_LOOK: SimDuration = SimDuration::from_millis(20);

/// What a thread tells the one that leads the run.
pub(super) enum Told {
    /// What a thread measured in one second.
    Second { thread: u32, second: u64, gathered: Box<Gathered> },
    /// No more transactions begin on this thread.
    NoMore { used_up: bool },
    /// All its transactions have ended.
    Done { thread: u32, ledger: Box<Ledger> },
}

/// What a thread needs to know.
#[derive(Clone)]
pub(super) struct Orders {
    pub(super) plan: Arc<Plan>,
    pub(super) url: BaseUrl,
    pub(super) trust: Trust,
    pub(super) wall: WallTime,
    /// When the run begins.
    pub(super) start: WallInstant,
    /// Which of the threads it is.
    pub(super) thread: u32,
    pub(super) under_way: Arc<UnderWay>,
    pub(super) phase: watch::Receiver<Phase>,
    pub(super) tell: mpsc::Sender<Told>,
}

/// Starts a thread that sends, and in the open model the one that keeps its pace.
///
/// # Errors
/// If the system has no thread to give.
#[expect(clippy::disallowed_methods, reason = "load is put on in real time alone")]
pub(super) fn start(orders: Orders) -> std::io::Result<()> {
    let (starts, due) = mpsc::channel(MOST_WAITING);
    if matches!(orders.plan.model, Model::Open) {
        let pacer = Pacer {
            plan: Arc::clone(&orders.plan),
            wall: orders.wall.clone(),
            start: orders.start,
            first: orders.thread.into(),
            step: orders.plan.threads.into(),
            phase: orders.phase.clone(),
        };
        let name = format!("load-pace-{}", orders.thread);
        std::thread::Builder::new().name(name).spawn(move || pacer.keep(&starts))?;
    }
    let name = format!("load-{}", orders.thread);
    std::thread::Builder::new().name(name).spawn(move || {
        System::new().block_on(drive(orders, due));
    })?;
    Ok(())
}

async fn drive(orders: Orders, due: mpsc::Receiver<Start>) {
    let Orders { plan, url, trust, wall, start, thread, under_way, phase, tell } = orders;
    let connections = plan.connections.div_ceil(plan.threads) as usize;
    let timeout = plan.timeout;
    let client = HttpClient::with_connections(&trust, connections);
    let connections = Semaphore::new(connections);
    let client = Rc::new(Client {
        plan,
        caller: Caller { client, connections, url, wall, start, timeout, phase },
        under_way,
        gathered: RefCell::default(),
        ledger: RefCell::default(),
    });
    let seconds = rt::spawn(tell_seconds(Rc::clone(&client), thread, tell.clone()));
    let pending = Rc::new(Pending::default());
    let used_up = match client.plan.model {
        Model::Open => open(&client, due, &pending).await,
        Model::Closed { think_time } => closed(&client, thread, think_time).await,
    };
    // An error means that nobody leads the run any more; then there is nobody to tell.
    let _ = tell.send(Told::NoMore { used_up }).await;
    pending.none().await;
    seconds.abort();
    let _ = tell.send(second_of(&client, thread)).await;
    let ledger = Box::new(client.ledger.take());
    let _ = tell.send(Told::Done { thread, ledger }).await;
}

/// What was measured since the last time.
fn second_of(client: &Client, thread: u32) -> Told {
    // The moment at which a second ends belongs to it.
    let second = client.caller.now().saturating_sub(1) / SECOND;
    Told::Second { thread, second, gathered: Box::new(client.gathered.take()) }
}

async fn tell_seconds(client: Rc<Client>, thread: u32, tell: mpsc::Sender<Told>) {
    loop {
        let now = client.caller.now();
        let next = (now / SECOND + 1) * SECOND;
        // Rounded up: who wakes before the second is over would tell of it twice, as if he were two threads.
        client.caller.wall.sleep(SimDuration::from_millis((next - now).div_ceil(1_000))).await;
        // Room comes first: what was taken must not be lost if this ends while it waits.
        let Ok(room) = tell.reserve().await else { return };
        let gathered = Box::new(client.gathered.take());
        room.send(Told::Second { thread, second: (next - 1) / SECOND, gathered });
    }
}

/// Transactions under way on this thread.
#[derive(Default)]
struct Pending {
    count: Cell<u64>,
    changed: Notify,
}

/// One of them; it counts until it is dropped, so that one that panics keeps nobody waiting.
struct One(Rc<Pending>);

impl Drop for One {
    fn drop(&mut self) {
        self.0.count.set(self.0.count.get() - 1);
        self.0.changed.notify_one();
    }
}

/// Takes note of a transaction that does not come to its end, since the driver itself panicked: its task alone
/// dies, and nobody else would say so.
struct Noticed(Rc<Client>);

impl Drop for Noticed {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Ok(mut gathered) = self.0.gathered.try_borrow_mut()
        {
            gathered.died += 1;
        }
    }
}

impl Pending {
    fn one(all: &Rc<Self>) -> One {
        all.count.set(all.count.get() + 1);
        One(Rc::clone(all))
    }

    async fn none(&self) {
        while self.count.get() > 0 {
            self.changed.notified().await;
        }
    }
}

/// Begins transactions when they are due; whether no image was left in the end.
async fn open(client: &Rc<Client>, mut due: mpsc::Receiver<Start>, pending: &Rc<Pending>) -> bool {
    let most = client.plan.most_in_flight;
    while let Some(Start { number, planned }) = due.recv().await {
        if client.caller.phase() != Phase::On {
            break;
        }
        if client.under_way.transactions.now() >= most {
            client.dropped();
            continue;
        }
        let (client, one) = (Rc::clone(client), Pending::one(pending));
        rt::spawn(async move {
            let _one = one;
            let _noticed = Noticed(Rc::clone(&client));
            client.transact(number, planned).await;
        });
    }
    let left = client.plan.mix.used_up_after();
    left.is_some_and(|left| client.plan.arrivals.due(left).is_some())
        && client.caller.phase() == Phase::On
}

/// Lets the users of this thread go on until their time is over; whether no image was left in the end.
async fn closed(client: &Rc<Client>, thread: u32, think_time: Law) -> bool {
    let users = whole(client.plan.arrivals.highest());
    let mine = (u64::from(thread)..users).step_by(client.plan.threads as usize);
    let mine: Vec<_> =
        mine.map(|user| rt::spawn(be_user(Rc::clone(client), user, users, think_time))).collect();
    let mut used_up = false;
    for user in mine {
        // One that panicked has told of it, and found nothing used up.
        used_up |= user.await.unwrap_or(false);
    }
    used_up
}

/// One user: a transaction, a thought, and so on; whether no image was left in the end.
async fn be_user(client: Rc<Client>, user: u64, users: u64, think_time: Law) -> bool {
    let _noticed = Noticed(Rc::clone(&client));
    let (plan, caller) = (&client.plan, &client.caller);
    let left = plan.mix.used_up_after().unwrap_or(u64::MAX);
    let mut number = user;
    while caller.phase() == Phase::On && caller.now() < plan.arrivals.end() {
        if whole(plan.arrivals.height(caller.now())) <= user {
            caller.sleep(USER_LOOK, Phase::Ending).await;
            continue;
        }
        if number >= left {
            return true;
        }
        let ended = client.transact(number, caller.now()).await;
        let thought = think_time.sample(|| plan.seed.draw(What::LoadThinkTime, &number));
        let pause = ended.retry_after.map_or(thought, |asked| asked.max(thought));
        if pause > SimDuration::ZERO {
            caller.sleep(pause, Phase::Ending).await;
        }
        number += users;
    }
    false
}

/// Users are whole; a slope has so many of them as it has reached.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "profiles are bounded and not negative"
)]
fn whole(users: f64) -> u64 {
    users.ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::super::plan::filled;
    use super::super::stock::Stock;
    use super::*;
    use crate::clock::SimTime;
    use crate::scenario::compile;
    use crate::seed::Seed;

    const SEED: Seed = Seed::new(1);

    /// What a thread tells if every transaction makes it panic: its plan names a project that is not there.
    fn failing(load: &str) -> (Gathered, u64) {
        let load: serde_json::Value = serde_json::from_str(load).expect("it is JSON");
        let file = crate::load::tests::scenario(&load, &serde_json::json!([]));
        let blueprint = compile(&file, SEED, SimTime::from_millis(0)).expect("it makes sense");
        let names = &blueprint.names;
        let stock = Stock::of(&file.sections.world, names);
        let said = filled(file.sections.load.clone().unwrap_or_default(), 2);
        let plan = Plan::new(&said, names, Arc::new(stock), SEED).expect("a plan");
        let plan = Arc::new(Plan { stock: Arc::default(), ..plan });
        let (_running, phase) = watch::channel(Phase::On);
        let (tell, mut told) = mpsc::channel(64);
        let (wall, under_way) = (WallTime::default(), Arc::<UnderWay>::default());
        let orders = Orders {
            plan,
            url: BaseUrl::parse("http://127.0.0.1:9").expect("it is a URL"),
            trust: Trust::public(),
            start: wall.now(),
            wall,
            thread: 0,
            under_way: Arc::clone(&under_way),
            phase,
            tell,
        };
        start(orders).expect("there is a thread");
        let mut sums = Gathered::default();
        while let Some(message) = told.blocking_recv() {
            if let Told::Second { gathered, .. } = message {
                sums.add(&gathered);
            }
        }
        (sums, under_way.transactions.now())
    }

    #[test]
    fn a_transaction_at_which_the_driver_panics_is_counted() {
        let check = |load: &str, died: u64| {
            let (sums, in_flight) = failing(load);
            assert_eq!((sums.planned, sums.died, in_flight), (died, died, 0), "{load}");
            assert_eq!((sums.finished, sums.broken_off), (0, 0), "{load}");
        };
        check(r#"{"users": 3, "duration": "200ms", "threads": 1, "mix": {"show_quota": 1}}"#, 3);
        check(r#"{"rate": 20, "duration": "200ms", "threads": 1, "mix": {"show_quota": 1}}"#, 4);
    }
}
