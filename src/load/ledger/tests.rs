//! Whatever order things really happen in, what comes of it is among the states that the ledger holds for
//! possible; and those are no others than some order explains.

use proptest::prelude::*;

use super::*;
use MemberStatus::{Accepted, Pending, Rejected};

type State = Option<MemberStatus>;

const STATES: [State; 4] = [None, Some(Pending), Some(Accepted), Some(Rejected)];

/// What a client does to one pair, and when: it is sent, the server makes the change, the client knows.
#[derive(Clone, Debug)]
struct Act {
    operation: Operation,
    status: State,
    sent: Micros,
    done: Micros,
    known: Micros,
    /// Whether the client learns what came of it.
    told: bool,
}

const JOB: JobId = JobId::compose(1, 0, 1);

fn deed(act: &Act, promise: Promise) -> Deed {
    Deed {
        operation: act.operation,
        caller: 0,
        images: [0].into(),
        projects: [0].into(),
        status: act.status,
        sent: act.sent,
        known: act.known,
        promise,
        struck: false,
    }
}

fn is_native(operation: Operation) -> bool {
    matches!(operation, Operation::AddMember | Operation::UpdateMember | Operation::DeleteMember)
}

/// What the service does to a pair, by the contract; `None` where it fails.
fn serve(act: &Act, state: State) -> Option<State> {
    match (act.operation, state) {
        (Operation::AddMembers, Some(Accepted)) => Some(state),
        (Operation::AddMembers, _) | (Operation::AddMember, None) => Some(Some(Pending)),
        (Operation::DeleteMembers | Operation::DeleteMember, Some(_)) => Some(None),
        (Operation::UpdateMembers | Operation::UpdateMember, Some(_)) => Some(act.status),
        _ => None,
    }
}

/// What the client notes.
fn promise(act: &Act, succeeds: bool) -> Promise {
    match (is_native(act.operation), succeeds, act.told) {
        (true, _, false) => Promise::Ambiguous,
        (false, _, false) => Promise::Open { job: JOB },
        (true, true, _) => Promise::Done,
        (true, false, _) => Promise::Refused,
        (false, true, _) => {
            Promise::Ended { job: JOB, state: JobState::Success, failed: [].into() }
        }
        (false, false, _) => {
            Promise::Ended { job: JOB, state: JobState::Fail, failed: [(0, 0)].into() }
        }
    }
}

/// Lets the server do all of it in the order of `done`; gives the end, and what the clients noted.
fn run(acts: &[Act], start: State) -> (State, Vec<Deed>) {
    let mut order: Vec<&Act> = acts.iter().collect();
    order.sort_by_key(|act| act.done);
    let (mut state, mut deeds) = (start, Vec::new());
    for act in order {
        let next = serve(act, state);
        deeds.push(deed(act, promise(act, next.is_some())));
        state = next.unwrap_or(state);
    }
    (state, deeds)
}

/// Notes deeds in some order, split between two drivers.
fn possible(deeds: &[Deed], order: &[usize], start: State) -> Possible {
    let (mut one, mut other) = (Ledger::default(), Ledger::default());
    let mut left: Vec<&Deed> = deeds.iter().collect();
    for (n, at) in order.iter().enumerate().take(deeds.len()) {
        let deed = left.remove(at % left.len()).clone();
        if n % 2 == 0 { one.note(deed) } else { other.note(deed) }
    }
    one.merge(other);
    let start = Possible::only(start);
    one.at(0, 0).map_or(start, |pair| pair.possible(start))
}

fn acts(told: impl Strategy<Value = bool> + Clone, most: usize) -> impl Strategy<Value = Vec<Act>> {
    use Operation::{
        AddMember, AddMembers, DeleteMember, DeleteMembers, UpdateMember, UpdateMembers,
    };
    let operation = prop::sample::select(vec![
        AddMembers,
        AddMember,
        DeleteMembers,
        DeleteMember,
        UpdateMembers,
        UpdateMember,
    ]);
    let status = prop::sample::select(vec![Some(Accepted), Some(Rejected)]);
    let one = (operation, status, 0_u64..60, 0_u64..20, 0_u64..20, told);
    prop::collection::vec(one, 0..most).prop_map(|all| {
        let act = |(n, (operation, status, done, before, after, told))| {
            // No two changes are made at one moment.
            let done = done * 100 + n as u64 + 2_000;
            let (sent, known) = (done - before * 100, done + after * 100);
            Act { operation, status, sent, done, known, told }
        };
        all.into_iter().enumerate().map(act).collect()
    })
}

/// The states that the orders explain in which what was told to be done can have been done.
fn explained(deeds: &[&Deed], state: State, found: &mut Vec<State>) {
    if deeds.is_empty() {
        found.push(state);
    }
    for (n, next) in deeds.iter().enumerate() {
        if deeds.iter().any(|other| other.known < next.sent) {
            continue;
        }
        let left: Vec<&Deed> =
            deeds.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, deed)| *deed).collect();
        let after = match (next.operation, state) {
            (Operation::AddMembers, Some(Accepted)) => state,
            (Operation::AddMembers | Operation::AddMember, _) => Some(Pending),
            (Operation::DeleteMembers | Operation::DeleteMember, _) => None,
            _ => next.status,
        };
        explained(&left, after, found);
    }
}

fn order() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0_usize..100, 30)
}

proptest! {
    #[test]
    fn what_a_server_does_that_keeps_its_word_is_possible(
        acts in acts(prop::bool::weighted(0.8), 12),
        order in order(),
        start in prop::sample::select(STATES.to_vec()),
    ) {
        let (end, deeds) = run(&acts, start);
        let possible = possible(&deeds, &order, start);
        prop_assert!(possible.has(end), "{end:?} is not in {}", possible.in_words());
    }

    /// So a change that was lost or invented is found whenever what it led to is none of these.
    #[test]
    fn nothing_is_possible_that_no_order_explains(
        acts in acts(Just(true), 7),
        order in order(),
        start in prop::sample::select(STATES.to_vec()),
    ) {
        let (_, deeds) = run(&acts, start);
        let sure: Vec<&Deed> = deeds
            .iter()
            .filter(|deed| match &deed.promise {
                Promise::Done => true,
                Promise::Ended { failed, .. } => failed.is_empty(),
                _ => false,
            })
            .collect();
        let mut all = Vec::new();
        explained(&sure, start, &mut all);
        let possible = possible(&deeds, &order, start);
        for state in STATES {
            prop_assert_eq!(possible.has(state), all.contains(&state), "{:?}", state);
        }
    }

    /// Without two changes at once everything is found: one state is possible, and it is the right one.
    #[test]
    fn one_after_the_other_leaves_one_possible_state(
        acts in acts(Just(true), 12),
        order in order(),
        start in prop::sample::select(STATES.to_vec()),
    ) {
        let alone = |act: &Act| Act { sent: act.done, known: act.done, ..act.clone() };
        let acts: Vec<Act> = acts.iter().map(alone).collect();
        let (end, deeds) = run(&acts, start);
        prop_assert_eq!(possible(&deeds, &order, start), Possible::only(end));
    }
}

fn act(operation: Operation, status: State, sent: Micros, known: Micros) -> Act {
    Act { operation, status, sent, done: sent, known, told: true }
}

#[test]
fn only_what_can_be_the_last_is_kept_and_named() {
    let mut ledger = Ledger::default();
    for n in 0..1_000 {
        let sent = n * 10;
        ledger.note(deed(&act(Operation::AddMember, None, sent, sent + 5), Promise::Done));
        ledger.note(deed(&act(Operation::DeleteMember, None, sent + 6, sent + 8), Promise::Done));
    }
    let pair = ledger.at(0, 0).expect("it was changed");
    assert_eq!(pair.possible(Possible::ANY).in_words(), "no member");
    let names: Vec<String> = pair.suspects().into_iter().map(Claim::name).collect();
    assert_eq!(names, ["delete_member at 0.009 s"]);
    assert_eq!(pair.claims().len(), 1);
}

#[test]
fn of_what_nobody_told_only_some_names_are_kept_and_every_effect() {
    let mut ledger = Ledger::default();
    for n in 0..100 {
        let update = act(Operation::UpdateMember, Some(Accepted), n, n);
        ledger.note(deed(&update, Promise::Ambiguous));
    }
    ledger.note(deed(&act(Operation::DeleteMember, None, 200, 201), Promise::Done));
    let pair = ledger.at(0, 0).expect("it was changed");
    assert_eq!(pair.possible(Possible::only(None)).in_words(), "accepted or no member");
    assert!(pair.claims().len() < 20 && pair.is_forgetful());
    // Native calls are no batches.
    assert_eq!(ledger.jobs().ambiguous(), 0);
}

#[test]
fn more_at_once_than_are_kept_are_not_judged() {
    let mut ledger = Ledger::default();
    for n in 0..100 {
        ledger.note(deed(&act(Operation::AddMember, None, n, 1_000), Promise::Done));
    }
    let pair = ledger.at(0, 0).expect("it was changed");
    assert_eq!(pair.possible(Possible::only(None)), Possible::ANY);
}
