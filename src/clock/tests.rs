//! The queue's order and the stepped clock, without the simulator around them.

use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;

use super::*;
use crate::seed::JobKey;

fn at(ms: u64) -> SimTime {
    SimTime::from_millis(ms)
}

/// Starts sleepers in the given order and returns the order in which they woke, as (time, number).
fn order_of_waking(sleepers: &[(u64, u32)]) -> Vec<(u64, u32)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let local = tokio::task::LocalSet::new();
    let woken = Rc::new(RefCell::new(Vec::new()));
    let clock = Clock::stepped(at(0), WallTime::default());
    local.block_on(&runtime, async {
        for (due, number) in sleepers.iter().copied() {
            let sleep = clock.sleep_until(at(due), Subject::Image(JobKey::new(0, 0), number));
            let (woken, clock) = (Rc::clone(&woken), clock.clone());
            tokio::task::spawn_local(async move {
                let time = sleep.await;
                assert_eq!(time, clock.now());
                woken.borrow_mut().push((time.as_millis(), number));
            });
        }
        while clock.step().await {}
        wall::idle().await;
    });
    woken.take()
}

proptest! {
    #[test]
    fn sleepers_wake_by_time_and_then_by_subject_whoever_came_first(
        sleepers in proptest::collection::btree_set((0_u64..5, 0_u32..20), 1..40),
        rotation in 0_usize..40,
    ) {
        let sorted: Vec<_> = sleepers.into_iter().collect();
        let mut arrival = sorted.clone();
        arrival.rotate_left(rotation % sorted.len());
        prop_assert_eq!(order_of_waking(&arrival), sorted);
    }
}

#[test]
fn a_dropped_sleeper_does_not_move_time() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let clock = Clock::stepped(at(0), WallTime::default());
        drop(clock.sleep_until(at(5), Subject::Step(0)));
        let kept = clock.sleep_until(at(9), Subject::Step(1));
        assert!(clock.step().await);
        assert_eq!(kept.await, at(9));
        assert!(!clock.step().await);
        assert_eq!(clock.now(), at(9));
    });
}

#[test]
fn a_stepped_clock_never_sleeps_in_real_time_and_never_runs_backwards() {
    let wall = WallTime::default();
    let clock = Clock::stepped(at(100), wall.clone());
    let past = clock.sleep_until(at(3), Subject::Step(0));
    assert_eq!(past.due, at(100));
    assert_eq!(wall.sleeps(), 0);
}

#[test]
fn a_real_clock_has_no_queue_for_what_is_already_over() {
    let clock = Clock::real(WallTime::default());
    let now = clock.now();
    assert_eq!(clock.sleep_until(now, Subject::Step(0)).over(), Some(now));
    assert_eq!(clock.waiting(), 0);
}
