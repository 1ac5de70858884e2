//! What strikes the wire: at a connection, at a request and at a response, with the admin API on the
//! service's port and elsewhere.

use std::io::ErrorKind;

use imsim::clock::SimDuration;
use imsim::faults::{EffectKind, Point};
use imsim::journal::{Delivery, Event};
use serde_json::{Value, json};

use super::client::{Curl, Curled, End, Wire, header, split};
use crate::stage::{AdminAt, Stage, members_path, with_server};
use crate::world::world;

const POINTS: [Point; 3] = [Point::Connection, Point::Request, Point::Response];

/// What a client sees.
#[derive(Clone, Copy)]
enum Sees {
    /// The whole answer, once time has moved by so many seconds.
    Later(u64),
    /// This status in place of the answer.
    Status(u16),
    /// This status, but not the first time.
    SecondTime(u16),
    Reset,
    Nothing,
    Garbage,
    /// So many bytes of the body.
    CutShort(usize),
    /// So many bytes of the body each time that time has moved by so many milliseconds.
    Pieces(usize, u64),
    /// No answer, however time moves.
    Never,
}

/// Each effect, how a rule writes it, and what a client sees. The clock is frozen.
const EFFECTS: [(EffectKind, &str, Sees); 10] = [
    (EffectKind::Delay, r#"{"delay": {"fixed": "5s"}}"#, Sees::Later(5)),
    (EffectKind::Answer, r#"{"answer": {"code": "IMG.0061"}}"#, Sees::Status(500)),
    (
        EffectKind::RateLimit,
        r#"{"rate_limit": {"requests": 1, "per": "1h"}}"#,
        Sees::SecondTime(429),
    ),
    (EffectKind::Reset, r#""reset""#, Sees::Reset),
    (EffectKind::Close, r#""close""#, Sees::Nothing),
    (EffectKind::Garbage, r#""garbage""#, Sees::Garbage),
    (EffectKind::Truncate, r#"{"truncate": {"after_bytes": 10}}"#, Sees::CutShort(10)),
    (EffectKind::Dribble, r#"{"dribble": {"bytes": 70, "every": "3s"}}"#, Sees::Pieces(70, 3_000)),
    (EffectKind::Bandwidth, r#"{"bandwidth": {"bytes_per_second": 500}}"#, Sees::Pieces(50, 100)),
    (EffectKind::NeverAnswer, r#""never_answer""#, Sees::Never),
];

pub(super) fn seen() -> impl Iterator<Item = (EffectKind, Point)> {
    EFFECTS.iter().flat_map(|(kind, _, _)| POINTS.map(|point| (*kind, point)))
}

#[test]
fn with_the_admin_api_on_the_services_port() {
    all(AdminAt::ServicePort);
}

#[test]
fn with_the_admin_api_on_an_address_of_its_own() {
    all(AdminAt::OwnAddress);
}

fn all(admin: AdminAt) {
    with_server("frozen", &world("0s", "0s"), admin, |stage| {
        let mut plain = Wire::open(stage.address);
        plain.get(&members_path(0));
        let length = header(&plain.head(), "content-length").and_then(|text| text.parse().ok());
        let length = length.expect("a length");
        for (kind, effect, sees) in EFFECTS {
            for point in POINTS {
                let strike = Strike { stage, admin, kind, point, effect, sees, length };
                strike.seen_on_a_socket();
                strike.seen_by_curl();
            }
        }
        stage.until("all settles", |stage| stage.shared.clock.status().busy == 0);
    });
}

/// One effect at one point, which strikes once.
struct Strike<'a> {
    stage: &'a Stage,
    admin: AdminAt,
    kind: EffectKind,
    point: Point,
    effect: &'static str,
    sees: Sees,
    /// How long the body of the whole answer is.
    length: usize,
}

const RULE: &str = "struck";

impl Strike<'_> {
    /// Makes the next connection or request the one that is struck.
    fn prepare(&self) {
        let effect: Value = serde_json::from_str(self.effect).expect("JSON");
        let (at, when) = (self.point.name(), json!({ "first": 1 }));
        self.stage.set_rules(&json!([{ "id": RULE, "at": at, "when": when, "effect": effect }]));
        if matches!(self.sees, Sees::SecondTime(_)) {
            self.passes();
        }
    }

    /// What is struck once works again, on a new connection.
    fn passes(&self) {
        let answer = self.stage.connect().call("GET", &members_path(0), "owner", "");
        assert_eq!((answer.status, answer.text.len()), (200, self.length), "{}", self.name());
        assert_eq!(answer.header("x-imsim-rules"), None, "{}", self.name());
    }

    fn name(&self) -> String {
        format!("{} at {}, {:?}", self.kind.name(), self.point, self.admin)
    }

    /// A connection is cut when it is accepted, if nothing but the service can be meant.
    fn strikes_at_once(&self) -> bool {
        self.admin == AdminAt::OwnAddress
            && self.point == Point::Connection
            && matches!(self.sees, Sees::Reset | Sees::Nothing | Sees::Garbage)
    }

    fn seen_on_a_socket(&self) {
        self.prepare();
        // A path of its own, since what curl sent before on a connection that was cut at once can still come
        // to the server, and be noted, at any moment.
        let path = format!("{}?by=socket", members_path(0));
        let calls = || {
            let mut calls = self.stage.calls();
            calls.retain(|call| call.target == path);
            calls
        };
        let before = calls().len();
        let mut wire = Wire::try_open(self.stage.address);
        if let Ok(wire) = &mut wire
            && !self.strikes_at_once()
        {
            wire.get(&path);
        }
        let delivery = match &mut wire {
            Ok(wire) => self.see(wire),
            Err(error) => {
                let reset = error.kind() == ErrorKind::ConnectionReset;
                assert!(reset && self.strikes_at_once(), "{}: {error}", self.name());
                Delivery::Reset
            }
        };
        let calls = calls();
        if self.strikes_at_once() {
            assert_eq!(calls.len(), before, "{}: there was no call", self.name());
        } else {
            assert_eq!(calls.len(), before + 1, "{}: {:?}", self.name(), &calls[before..]);
            assert_eq!(calls[before].delivery, delivery, "{}", self.name());
        }
        drop(wire);
        self.passes();
        self.is_told();
    }

    /// Holds what comes against what should, and says what the journal must call it.
    fn see(&self, wire: &mut Wire) -> Delivery {
        let name = self.name();
        match self.sees {
            Sees::Later(seconds) => {
                self.stays_silent(wire, &name);
                let advanced = self.stage.advance(SimDuration::from_millis(seconds * 1_000 - 1));
                assert!(advanced.fired == 0 && wire.is_silent(), "{name}");
                self.stage.advance(SimDuration::from_millis(1));
                self.whole(wire);
                Delivery::Answered
            }
            Sees::Status(status) | Sees::SecondTime(status) => {
                let head = wire.head();
                assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {head}");
                assert_eq!(header(&head, "x-imsim-rules"), Some(RULE), "{name}: {head}");
                Delivery::Answered
            }
            Sees::Reset => {
                assert_eq!(wire.rest(), (Vec::new(), End::Reset), "{name}");
                Delivery::Reset
            }
            Sees::Nothing => {
                assert_eq!(wire.rest(), (Vec::new(), End::Closed), "{name}");
                Delivery::Closed
            }
            Sees::Garbage => {
                let (bytes, end) = wire.rest();
                assert!(!bytes.is_empty() && !bytes.starts_with(b"HTTP"), "{name}: {bytes:?}");
                assert_eq!(end, End::Closed, "{name}");
                Delivery::Garbage
            }
            Sees::CutShort(bytes) => {
                let (answer, end) = wire.rest();
                let (head, came) = split(&answer);
                let announced = self.length.to_string();
                assert_eq!(header(&head, "content-length"), Some(&*announced), "{name}");
                assert_eq!(header(&head, "x-imsim-rules"), Some(RULE), "{name}");
                assert_eq!((came, end), (bytes, End::Closed), "{name}");
                Delivery::Truncated { sent: bytes as u64 }
            }
            Sees::Pieces(piece, every) => self.in_pieces(wire, piece, every),
            Sees::Never => {
                self.stage.until(&name, |stage| {
                    stage.calls().last().is_some_and(|call| call.delivery == Delivery::Unanswered)
                });
                self.stage.advance(SimDuration::from_millis(86_400_000));
                assert!(wire.is_silent(), "{name}");
                Delivery::Unanswered
            }
        }
    }

    /// Waits until the call waits for the clock, and sees nothing.
    fn stays_silent(&self, wire: &Wire, name: &str) {
        self.stage.until(name, |stage| stage.shared.clock.waiting() == 1);
        assert!(wire.is_silent(), "{name}");
    }

    fn whole(&self, wire: &mut Wire) {
        let head = wire.head();
        assert_eq!(header(&head, "x-imsim-rules"), Some(RULE), "{}", self.name());
        wire.read(self.length);
        assert!(wire.is_silent(), "{}: the connection stays", self.name());
    }

    fn in_pieces(&self, wire: &mut Wire, piece: usize, every: u64) -> Delivery {
        let name = self.name();
        let head = wire.head();
        assert_eq!(header(&head, "x-imsim-rules"), Some(RULE), "{name}: {head}");
        self.stays_silent(wire, &name);
        self.stage.advance(SimDuration::from_millis(every - 1));
        assert!(wire.is_silent(), "{name}: a piece came too early");
        self.stage.advance(SimDuration::from_millis(1));
        wire.read(piece);
        self.stays_silent(wire, &name);
        // Two at once, the second of which begins to wait only when the first one has come.
        self.stage.advance(SimDuration::from_millis(2 * every));
        wire.read(2 * piece);
        self.stays_silent(wire, &name);
        let left = self.length - 3 * piece;
        let pieces = u64::try_from(left.div_ceil(piece)).expect("few");
        self.stage.advance(SimDuration::from_millis(pieces * every));
        wire.read(left);
        assert!(wire.is_silent(), "{name}: the connection stays");
        Delivery::Answered
    }

    /// The rule tells that it fired, and so does the journal.
    fn is_told(&self) {
        let name = self.name();
        let plan = self.stage.shared.plan.load();
        assert_eq!(plan.rules()[0].state.counts.fired(), 1, "{name}");
        let fired = self.stage.entries(|event| matches!(event, Event::FaultFired(_))).pop();
        let Some(Event::FaultFired(fired)) = fired.map(|entry| entry.event) else {
            panic!("{name}: the journal tells of no rule");
        };
        assert_eq!((&*fired.rule, fired.point), (RULE, self.point), "{name}");
    }

    fn seen_by_curl(&self) {
        self.prepare();
        let whole = Curled { exit: 0, status: 200, length: self.length };
        let expected = match self.sees {
            Sees::Later(_) | Sees::Pieces(..) => whole,
            Sees::Status(status) | Sees::SecondTime(status) => Curled { status, ..whole },
            Sees::Reset => Curled { exit: 56, status: 0, length: 0 },
            Sees::Nothing => Curled { exit: 52, status: 0, length: 0 },
            Sees::Garbage => Curled { exit: 1, status: 0, length: 0 },
            Sees::CutShort(length) => Curled { exit: 18, status: 200, length },
            Sees::Never => Curled { exit: 28, status: 0, length: 0 },
        };
        let gives_up = matches!(self.sees, Sees::Never);
        let arguments = if gives_up { ["--max-time", "0.3"].as_slice() } else { &[] };
        let mut curl = Curl::get(self.stage.address, &members_path(0), arguments);
        if matches!(self.sees, Sees::Later(_) | Sees::Pieces(..)) {
            self.stage.until(&self.name(), |stage| {
                stage.advance(SimDuration::from_millis(1_000));
                !curl.waits()
            });
        }
        let curled = curl.end();
        // The body of an injected answer has its own length.
        let expected = match self.sees {
            Sees::Status(_) | Sees::SecondTime(_) => Curled { length: curled.length, ..expected },
            _ => expected,
        };
        // A reset may come before curl has noticed that it is connected, or before it has sent anything.
        let early = matches!(self.sees, Sees::Reset) && matches!(curled.exit, 7 | 55);
        if !(self.strikes_at_once() && early) {
            assert_eq!(curled, expected, "{}", self.name());
        }
        self.passes();
    }
}
