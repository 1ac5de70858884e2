//! Every effect at every point where it may stand, seen by a real client over a real socket. What must be
//! seen is taken from the enum itself, so that a new effect without its test fails here.

#[path = "effects/client.rs"]
pub(crate) mod client;
#[path = "effects/wire.rs"]
mod wire;
#[path = "effects/work.rs"]
mod work;

use std::collections::BTreeSet;

use imsim::faults::{EffectKind, Point};

#[test]
fn every_effect_is_seen_at_every_point_where_it_may_stand() {
    let kinds = EffectKind::ALL.iter();
    let needed = kinds.flat_map(|kind| kind.points().iter().map(|point| (*kind, *point)));
    let needed: BTreeSet<(EffectKind, Point)> = needed.collect();
    let seen: BTreeSet<(EffectKind, Point)> = wire::seen().chain(work::seen()).collect();
    let missing: Vec<_> = needed.difference(&seen).collect();
    assert!(missing.is_empty(), "no live test observes {missing:?}");
    assert!(seen.is_subset(&needed), "tests of what cannot be: {:?}", seen.difference(&needed));
}
