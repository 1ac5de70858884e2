//! Holds lists of images against what a step expects.

use rustc_hash::FxHashMap;

use super::Comparison;
use crate::api::ImageId;
use crate::scenario::expect::Expect;

impl Comparison<'_> {
    /// Holds listed images against expected ones, in their order: those that are missing and those that are
    /// too many are named, and only if there are none the order.
    pub(super) fn images(&mut self, expect: &Expect) {
        let Some(expected) = &expect.images else { return };
        let Some(listed) = self.seen.body["images"].as_array() else {
            return self.miss("images", format!("{} images", expected.len()), "no list");
        };
        let names = self.names;
        let called = |id: ImageId| match names.image_called(id) {
            Some(name) => name.to_owned(),
            None => id.to_string(),
        };
        let listed = listed.iter().map(|image| image["id"].as_str().unwrap_or_default());
        let listed = listed.map(|id| ImageId::parse(id).map_or_else(|| id.to_owned(), called));
        let listed: Vec<String> = listed.collect();
        let expected: Vec<String> = names.image_ids(expected).into_iter().map(called).collect();
        let missing = without(&expected, &listed);
        let extra = without(&listed, &expected);
        for name in &missing {
            self.miss(&format!("images.{name}"), "listed", "not listed");
        }
        for name in &extra {
            self.miss(&format!("images.{name}"), "not listed", "listed");
        }
        if missing.is_empty() && extra.is_empty() && expected != listed {
            self.miss("images", expected.join(", "), listed.join(", "));
        }
    }
}

/// What is left of some names when others are taken away, each as often as it is there.
fn without(names: &[String], others: &[String]) -> Vec<String> {
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for other in others {
        *counts.entry(other).or_default() += 1;
    }
    let mut left = names.to_vec();
    left.retain(|name| match counts.get_mut(name.as_str()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    });
    left
}
