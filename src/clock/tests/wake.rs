//! Waiting that no time ends, and waking before the time.

use super::*;

#[test]
fn whoever_stays_moves_no_time_and_wakes_only_by_hand() {
    for mode in [Mode::Frozen, Mode::Real, Mode::Auto { one_event_per_poll: false }] {
        beside_driver(mode, |clock, _| async move {
            let woken = Woken::default();
            for number in [2, 1] {
                let stay = clock.stay(work(number), clock.busy(0));
                let woken = Rc::clone(&woken);
                tokio::task::spawn_local(async move {
                    let wake = stay.await;
                    woken.borrow_mut().push((wake.at.as_millis() / 3_600_000, number));
                });
            }
            let advanced = clock.advance(ms(3_600_000)).await;
            assert_eq!((advanced.fired, clock.waiting(), clock.status().next_due), (0, 0, None));
            assert_eq!(clock.status().busy, 0, "{mode}");
            assert!(woken.borrow().is_empty() && clock.status().jumps == 0, "{mode}");
            assert_eq!(clock.wake(|subject| subject == work(1)), 1);
            clock.advance(ms(0)).await;
            assert_eq!(clock.wake(|_| true), 1);
            clock.advance(ms(0)).await;
            assert_eq!(*woken.borrow(), [(1, 1), (1, 2)], "{mode}");
            assert_eq!(clock.wake(|_| true), 0);
        });
    }
}

#[test]
fn those_who_are_woken_early_come_in_order_and_the_others_stay() {
    beside_driver(Mode::Frozen, |clock, _| async move {
        let woken = Woken::default();
        for (due, number) in [(3_000, 3), (2_000, 2), (9_000, 9), (2_000, 1)] {
            start(&clock, due, number, &woken);
        }
        start(&clock, 2_500, 5, &woken);
        clock.advance(ms(0)).await;
        assert_eq!(clock.wake(|subject| subject != work(5)), 4);
        clock.advance(ms(0)).await;
        let order: Vec<u32> = woken.borrow().iter().map(|(_, number)| *number).collect();
        assert_eq!((order, clock.waiting()), (vec![1, 2, 3, 9], 1));
    });
}

#[test]
fn who_has_gone_is_not_kept_for_ever() {
    let clock = Clock::live(Mode::Frozen, at(0), WallTime::default());
    let stays: Vec<Sleep> = (0..10).map(|it| clock.stay(call(it), clock.busy(0))).collect();
    for number in 0..100_000 {
        drop(clock.stay(call(number), clock.busy(0)));
        assert!(clock.inner.queue.lock().stuck_len() <= 128);
    }
    assert_eq!(clock.wake(|_| true), stays.len());
}

#[test]
fn arrivals_are_held_back_as_long_as_somebody_wants_it() {
    for mode in [Mode::Frozen, Mode::Auto { one_event_per_poll: false }] {
        beside_driver(mode, |clock, _| async move {
            let held = clock.hold_arrivals();
            let (arriving, arrived) = (clock.clone(), Rc::new(RefCell::new(false)));
            let seen = Rc::clone(&arrived);
            let arrival = tokio::task::spawn_local(async move {
                let busy = arriving.arrive(0).await;
                *seen.borrow_mut() = true;
                drop(busy);
            });
            // The driver opens the door behind itself, but not this one.
            for _ in 0..10 {
                clock.advance(ms(10)).await;
            }
            assert!(!*arrived.borrow(), "{mode}");
            drop(held);
            // Somebody else is quicker than the one who was let in.
            let held = clock.hold_arrivals();
            clock.advance(ms(10)).await;
            assert!(!*arrived.borrow(), "{mode}");
            drop(held);
            arrival.await.expect("it arrives");
        });
    }
}
