//! The driver of the live clock: advances, jumps, polls, and the flow of time.

use super::*;

#[test]
fn an_advance_includes_what_begins_to_wait_on_the_way() {
    let modes = ["frozen", "real", "x2", "auto", "auto-per-poll"];
    for mode in modes.map(|mode| mode.parse::<Mode>().expect("a mode")) {
        let woken = Woken::default();
        beside_driver(mode, |clock, _| {
            let woken = Rc::clone(&woken);
            async move {
                // The chain wakes every 10 ms of the simulated hour, the other sleeper once in between.
                let hold = clock.busy(0);
                let began = clock.now();
                let (chain, chained) = (clock.clone(), Rc::clone(&woken));
                let mut busy = clock.busy(0);
                tokio::task::spawn_local(async move {
                    for number in 1..=100 {
                        let due = began + ms(3_600_000 + 10 * u64::from(number));
                        let wake = chain.sleep_until(due, work(number), busy).await;
                        chained.borrow_mut().push(((wake.at - began).as_millis(), number));
                        // What a message takes on its way is not yet settled either.
                        tokio::task::yield_now().await;
                        busy = wake.busy;
                    }
                });
                let (other, others) = (clock.clone(), Rc::clone(&woken));
                tokio::task::spawn_local(async move {
                    let due = began + ms(3_600_015);
                    let wake = other.sleep_until(due, work(500), other.busy(1)).await;
                    others.borrow_mut().push(((wake.at - began).as_millis(), 500));
                });
                tokio::task::yield_now().await;
                let advance = clock.advance(ms(3_600_500));
                drop(hold);
                let advanced = advance.await;
                assert_eq!(advanced.to, advanced.from + ms(3_600_500), "{mode}");
                assert!(clock.now() >= advanced.to, "{mode}");
                let until = |to: SimTime| {
                    let passed = (to - began).as_millis();
                    move |(due, _): &&(u64, u32)| *due <= passed
                };
                let expected = ((advanced.to - began).as_millis() - 3_600_000) / 10;
                let woken = woken.borrow();
                let due = woken.iter().filter(until(advanced.to)).count() as u64;
                assert_eq!(due, expected.min(100) + 1, "{mode}");
                if mode == Mode::Frozen {
                    assert_eq!((advanced.fired, woken.len()), (51, 51));
                    assert_eq!(clock.now(), advanced.to);
                    assert_eq!(clock.status().next_due, Some(began + ms(3_600_510)));
                }
            }
        });
        let woken = woken.take();
        let order: Vec<u32> = woken.iter().map(|(_, number)| *number).take(4).collect();
        assert_eq!(order, [1, 500, 2, 3], "{mode}");
    }
}

#[test]
fn advances_come_one_after_the_other() {
    beside_driver(Mode::Frozen, |clock, wall| async move {
        let woken = Woken::default();
        start(&clock, 1_015, 1, &woken);
        let advances: Vec<_> = (0..40)
            .map(|_| {
                let clock = clock.clone();
                tokio::task::spawn_local(async move { clock.advance(ms(10)).await })
            })
            .collect();
        for (number, advance) in (0..).zip(advances) {
            let (from, to) = (at(1_000 + 10 * number), at(1_010 + 10 * number));
            let fired = u64::from(number == 1);
            assert_eq!(advance.await.ok(), Some(Advanced { from, to, fired }));
        }
        assert_eq!((clock.now(), wall.sleeps()), (at(1_400), 0));
        let none = clock.advance(SimDuration::ZERO).await;
        assert_eq!(none, Advanced { from: at(1_400), to: at(1_400), fired: 0 });
        let far = clock.advance(SimDuration::from_millis(u64::MAX)).await;
        assert_eq!((far.to, clock.now()), (at(LAST_MS), at(LAST_MS)));
    });
}

#[test]
fn an_advance_that_nobody_waits_for_is_made_all_the_same() {
    beside_driver(Mode::Frozen, |clock, _| async move {
        let hold = clock.busy(0);
        let given_up = clock.clone();
        let advance = tokio::task::spawn_local(async move { given_up.advance(ms(10)).await });
        tokio::task::yield_now().await;
        advance.abort();
        drop(hold);
        assert_eq!(clock.advance(ms(1)).await.to, at(1_011));
    });
}

#[test]
fn time_does_not_jump_while_a_token_is_alive() {
    beside_driver(Mode::Auto { one_event_per_poll: false }, |clock, wall| async move {
        let held = [clock.busy(0), clock.busy(1), clock.busy(200)];
        let clone = held[1].clone();
        let woken = Woken::default();
        start(&clock, DAY, 1, &woken);
        for busy in held {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            assert!(woken.borrow().is_empty() && clock.now() < at(DAY));
            drop(busy);
        }
        assert_eq!((clock.status().busy, clock.status().jumps), (1, 0));
        drop(clone);
        clock.sleep_until(at(DAY + 1), work(0), clock.busy(3)).await;
        assert_eq!(*woken.borrow(), [(DAY, 1)]);
        let status = clock.status();
        assert_eq!((status.jumps, status.fired, status.waiting, status.busy), (2, 2, 0, 0));
        assert_eq!((wall.sleeps(), status.real_sleeps), (0, 0));
    });
}

#[test]
fn a_request_that_waits_for_the_clock_does_not_hold_it() {
    for mode in ["auto", "auto-per-poll"] {
        beside_driver(mode.parse().expect("a mode"), |clock, wall| async move {
            let requests: Vec<_> = (0..64)
                .map(|number| {
                    let clock = clock.clone();
                    tokio::task::spawn_local(async move {
                        let busy = clock.arrive(0).await;
                        let due = clock.now() + ms(DAY);
                        let wake = clock.sleep_until(due, call(number), busy).await;
                        assert_eq!(wake.at, due);
                    })
                })
                .collect();
            for request in requests {
                request.await.expect("it ends");
            }
            assert_eq!(wall.sleeps(), 0);
        });
    }
}

/// Lets everything happen that happens by itself.
async fn pass() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn by_polls_work_goes_on_by_one_entry_for_each() {
    beside_driver(Mode::Auto { one_event_per_poll: true }, |clock, wall| async move {
        // What was answered when there was nothing to do counts for nothing later.
        clock.poll_answered();
        pass().await;
        let woken = Woken::default();
        for number in 1..=8 {
            start(&clock, DAY + u64::from(number), number, &woken);
        }
        pass().await;
        assert_eq!(woken.borrow().len(), 0);
        for polls in 1..=2 {
            clock.poll_answered();
            // A request that comes next sees what the last poll brought about.
            drop(clock.arrive(0).await);
            assert_eq!(woken.borrow().len(), polls);
            pass().await;
            assert_eq!(woken.borrow().len(), polls);
        }
        // Two polls while something happens leave one credit.
        let busy = clock.busy(0);
        clock.poll_answered();
        clock.poll_answered();
        pass().await;
        assert_eq!(woken.borrow().len(), 2);
        drop(busy);
        pass().await;
        assert_eq!(woken.borrow().len(), 3);
        // A request that waits for the clock takes along what is due before it, and nothing more.
        let wake = clock.sleep_until(at(DAY + 5), call(0), clock.busy(0)).await;
        assert_eq!(woken.borrow().len(), 5);
        drop(wake);
        pass().await;
        assert_eq!(woken.borrow().len(), 5);
        // One that gave up is no reason to go on.
        drop(clock.sleep_until(at(DAY + 9), call(0), clock.busy(0)));
        pass().await;
        assert_eq!(woken.borrow().len(), 5);
        let hurry = clock.hurry();
        pass().await;
        assert_eq!(woken.borrow().len(), 8);
        drop(hurry);
        start(&clock, 2 * DAY, 9, &woken);
        pass().await;
        assert_eq!((woken.borrow().len(), wall.sleeps()), (8, 0));
    });
}

#[test]
fn real_and_scaled_time_sleep_until_an_entry_is_due() {
    for mode in ["real", "x5"] {
        beside_driver(mode.parse().expect("a mode"), |clock, wall| async move {
            let due = clock.now() + ms(20);
            let wake = clock.sleep_until(due, work(0), clock.busy(0)).await;
            assert!(wake.at == due && clock.now() >= due);
            // An earlier one is not kept waiting by a later one, nor by a change of the mode.
            let _late = clock.sleep_until(at(9 * DAY), work(0), clock.busy(0));
            pass().await;
            assert!(wall.sleeps() > 0 && clock.status().jumps == 0);
            let early = clock.sleep_until(at(2 * DAY), work(1), clock.busy(0));
            assert_eq!(clock.set_mode(Mode::Scaled(Factor::FASTEST)), Ok(()));
            assert_eq!(early.await.at, at(2 * DAY));
        });
    }
}

#[test]
fn whoever_is_woken_early_wakes_at_the_present_time() {
    beside_driver(Mode::Frozen, |clock, _| async move {
        let sleeps = [1_500, 3_000].map(|due| clock.sleep_until(at(due), call(due), clock.busy(0)));
        let gone = clock.sleep_until(at(2_000), call(1), clock.busy(0));
        drop(gone);
        clock.wake(|_| true);
        for sleep in sleeps {
            assert_eq!(sleep.await.at, at(1_000));
        }
        assert_eq!((clock.waiting(), clock.now()), (0, at(1_000)));
    });
}

/// A server with more clients than it has time for would never settle, were they not kept at the door.
#[test]
fn time_moves_on_however_many_clients_there_are() {
    beside_driver(Mode::Auto { one_event_per_poll: false }, |clock, _| async move {
        let ended = Rc::new(RefCell::new(false));
        for _ in 0..8 {
            let (clock, ended) = (clock.clone(), Rc::clone(&ended));
            tokio::task::spawn_local(async move {
                while !*ended.borrow() {
                    let _busy = clock.arrive(0).await;
                    tokio::task::yield_now().await;
                    tokio::task::yield_now().await;
                }
            });
        }
        pass().await;
        for day in 1..10 {
            clock.sleep_until(at(day * DAY), work(0), clock.busy(0)).await;
        }
        ended.replace(true);
    });
}
