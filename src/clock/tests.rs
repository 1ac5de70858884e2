//! The queue's order and both paces of the clock, without the simulator around them.

mod driver;
mod wake;

use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;

use super::*;
use crate::seed::{CallKey, JobKey};

fn at(ms: u64) -> SimTime {
    SimTime::from_millis(ms)
}

fn ms(ms: u64) -> SimDuration {
    SimDuration::from_millis(ms)
}

fn work(number: u32) -> Subject {
    Subject::Image(JobKey::new(0, 0), number)
}

fn call(number: u64) -> Subject {
    Subject::Call(CallKey::new(0, number))
}

/// Runs a story about a stepped clock that starts at `start`.
fn on_paused<T>(start: u64, story: impl AsyncFnOnce(Clock, Idle) -> T) -> T {
    let idle = Idle::default();
    let clock = Clock::stepped(at(start), WallTime::default(), &idle);
    let runtime = idle.runtime().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, story(clock, idle))
}

/// Runs a future beside the driver of a live clock that starts at 1000 in this mode. The runtime's own
/// clock is not paused, since nothing must depend on it.
fn beside_driver<F: Future>(mode: Mode, story: impl FnOnce(Clock, WallTime) -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let wall = WallTime::default();
    let clock = Clock::live(mode, at(1_000), wall.clone());
    tokio::task::LocalSet::new().block_on(&runtime.expect("a runtime"), async {
        let driven = clock.clone();
        let driver = tokio::task::spawn_local(async move { driven.drive().await });
        let output = story(clock, wall).await;
        driver.abort();
        output
    })
}

/// What woke, as (time, number), in order.
type Woken = Rc<RefCell<Vec<(u64, u32)>>>;

/// Starts a sleeper that notes when it wakes.
fn start(clock: &Clock, due: u64, number: u32, woken: &Woken) {
    let sleep = clock.sleep_until(at(due), work(number), clock.busy(0));
    let (woken, clock) = (Rc::clone(woken), clock.clone());
    tokio::task::spawn_local(async move {
        let wake = sleep.await;
        assert!(wake.at <= clock.now());
        woken.borrow_mut().push((wake.at.as_millis(), number));
        drop(wake.busy);
    });
}

/// Starts sleepers in the given order and returns the order in which they woke.
fn order_of_waking(sleepers: &[(u64, u32)]) -> Vec<(u64, u32)> {
    let woken = Woken::default();
    on_paused(0, async |clock, idle| {
        for (due, number) in sleepers.iter().copied() {
            start(&clock, due, number, &woken);
        }
        while clock.step().await {}
        idle.wait().await;
    });
    woken.take()
}

/// The same under a live clock that skips.
fn order_of_skipping(sleepers: &[(u64, u32)]) -> Vec<(u64, u32)> {
    let woken = Woken::default();
    beside_driver(Mode::Auto { one_event_per_poll: false }, |clock, wall| {
        let woken = Rc::clone(&woken);
        async move {
            let hold = clock.busy(0);
            for (due, number) in sleepers.iter().copied() {
                start(&clock, DAY + due, number, &woken);
            }
            drop(hold);
            clock.sleep_until(at(2 * DAY), work(0), clock.busy(1)).await;
            assert_eq!(wall.sleeps(), 0);
        }
    });
    woken.take().into_iter().map(|(due, number)| (due - DAY, number)).collect()
}

/// Further off than any test takes in real time.
const DAY: u64 = 24 * 3_600_000;

proptest! {
    #[test]
    fn sleepers_wake_by_time_and_then_by_subject_whoever_came_first(
        sleepers in proptest::collection::btree_set((0_u64..5, 0_u32..20), 1..40),
        rotation in 0_usize..40,
    ) {
        let sorted: Vec<_> = sleepers.into_iter().collect();
        let mut arrival = sorted.clone();
        arrival.rotate_left(rotation % sorted.len());
        prop_assert_eq!(&order_of_waking(&arrival), &sorted);
        prop_assert_eq!(&order_of_skipping(&arrival), &sorted);
    }
}

#[test]
fn a_dropped_sleeper_does_not_move_time() {
    on_paused(0, async |clock, _| {
        drop(clock.sleep_until(at(5), Subject::Step(0), clock.busy(0)));
        let kept = clock.sleep_until(at(9), Subject::Step(1), clock.busy(0));
        assert!(clock.step().await);
        assert_eq!(kept.await.at, at(9));
        assert!(!clock.step().await);
        assert_eq!(clock.now(), at(9));
    });
}

#[test]
fn sleepers_that_have_gone_do_not_pile_up_behind_one_that_waits() {
    let clock = Clock::live(Mode::Frozen, at(1_000), WallTime::default());
    let first = clock.sleep_until(at(1_001), call(0), clock.busy(0));
    let mut most = 0;
    for number in 1..10_000 {
        drop(clock.sleep_until(at(2_000), call(number), clock.busy(0)));
        most = clock.inner.queue.lock().len().max(most);
    }
    assert!(most <= 1_024, "{most} entries for one sleeper");
    assert_eq!(clock.waiting(), 1);
    drop(first);
    assert_eq!(clock.waiting(), 0);
}

#[test]
fn a_stepped_clock_never_sleeps_in_real_time_and_never_runs_backwards() {
    let wall = WallTime::default();
    let clock = Clock::stepped(at(100), wall.clone(), &Idle::default());
    let past = clock.sleep_until(at(3), Subject::Step(0), clock.busy(0));
    assert_eq!(past.due(), at(100));
    assert_eq!((wall.sleeps(), clock.mode()), (0, None));
    assert_eq!(clock.set_mode(Mode::Frozen), Err(NotLive));
}

#[test]
fn an_advance_of_a_stepped_clock_is_a_turn_after_all_others_of_its_instant() {
    let woken = Woken::default();
    let advanced = on_paused(100, async |clock, idle| {
        start(&clock, 130, 1, &woken);
        start(&clock, 131, 2, &woken);
        let advancing = clock.clone();
        let advance = tokio::task::spawn_local(async move { advancing.advance(ms(30)).await });
        idle.wait().await;
        while !advance.is_finished() && clock.step().await {
            idle.wait().await;
        }
        advance.await.expect("it ends")
    });
    assert_eq!(advanced, Advanced { from: at(100), to: at(130), fired: 1 });
    assert_eq!(woken.take(), [(130, 1)]);
}

/// How a wait that is over, and one that is not, begin in each mode: over at once, or queued.
#[test]
fn a_live_clock_has_no_queue_for_what_is_already_over() {
    let check = |mode: &str, subject: Subject, queued: usize| {
        let clock = Clock::live(mode.parse().expect("a mode"), at(1_000), WallTime::default());
        let wake = clock.sleep_until(at(1_000), subject, clock.busy(0)).over();
        assert_eq!(wake.is_ok(), queued == 0, "{mode} {subject}");
        assert!(wake.as_ref().map_or(true, |wake| wake.at == at(1_000)));
        assert_eq!(clock.waiting(), queued);
    };
    for mode in ["frozen", "real", "x60", "auto"] {
        check(mode, work(0), 0);
        check(mode, call(0), 0);
    }
    // Where a job goes on by polls, each of its phases takes one, however short.
    check("auto-per-poll", work(0), 1);
    check("auto-per-poll", call(0), 0);
}

#[test]
fn modes_are_written_as_they_are_read() {
    for word in
        ["frozen", "real", "x1", "x60", "x0.5", "x0.001", "x1000000", "auto", "auto-per-poll"]
    {
        assert_eq!(word.parse::<Mode>().map(|mode| mode.to_string()), Ok(word.to_owned()));
    }
    assert_eq!("x1.50".parse::<Mode>().map(|mode| mode.to_string()), Ok("x1.5".to_owned()));
    for word in [
        "",
        "x",
        "60",
        "x0",
        "x0.0001",
        "x1000000.001",
        "x-1",
        "x+1",
        "xinf",
        "xNaN",
        "x1e3",
        "x.5",
        "x1.",
        "X2",
        "Real",
        "auto-per-pol",
        "x99999999999999999999",
        "x١",
    ] {
        assert_eq!(word.parse::<Mode>(), Err(NoMode), "{word}");
    }
}

#[test]
fn a_change_of_mode_makes_time_neither_jump_nor_run_back() {
    let clock = Clock::live(Mode::Frozen, at(1_000), WallTime::default());
    assert_eq!(clock.now(), at(1_000));
    let mut last = clock.now();
    for mode in ["real", "x1000", "frozen", "auto", "x0.001", "frozen", "x1000000", "frozen"] {
        let mode: Mode = mode.parse().expect("a mode");
        assert_eq!((clock.set_mode(mode), clock.mode()), (Ok(()), Some(mode)));
        let now = clock.now();
        assert!(now >= last, "{mode}: {now:?} after {last:?}");
        last = now;
    }
    // Frozen it stands still, and a change from there begins where it stood.
    let (stood, wall) = (clock.now(), WallTime::default());
    assert_eq!(clock.now(), stood);
    let start = wall.now();
    assert_eq!(clock.set_mode(Mode::Real), Ok(()));
    let (now, real) = (clock.now(), wall.elapsed(start));
    assert!((now - stood).to_std() <= real, "{now:?} after {stood:?} and {real:?}");
}

#[test]
fn simulated_time_ends_with_the_last_year_that_can_be_written() {
    let clock = Clock::live(Mode::Real, at(u64::MAX), WallTime::default());
    assert_eq!(clock.now(), at(LAST_MS));
    let over = clock.sleep_until(at(u64::MAX), work(0), clock.busy(0)).over();
    assert!(over.is_ok_and(|wake| wake.at == at(LAST_MS)));
}

#[test]
fn readers_in_other_threads_never_see_time_run_back() {
    let clock = Clock::live(Mode::Real, at(0), WallTime::default());
    let reader = || {
        let mut last = clock.now();
        for _ in 0..20_000 {
            let now = clock.now();
            assert!(now >= last, "{now:?} after {last:?}");
            last = now;
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(reader);
        scope.spawn(reader);
        for round in 0..2_000 {
            let mode = if round % 2 == 0 { "x1000000" } else { "frozen" };
            assert_eq!(clock.set_mode(mode.parse().expect("a mode")), Ok(()));
        }
    });
}
