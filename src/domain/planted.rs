//! Defects planted on purpose, below everything that watches: of the changes that jobs make to memberships some
//! are lost, and where nothing was to change, something sometimes does. Whoever reports or records what was
//! settled believes that all went well.
//!
//! Only with the feature `planted-defects`, by which tests make sure that the comparison at the end of a load
//! finds what nobody else can. Which pairs are struck is a matter of keyed chance: of the image, of the
//! project, and of what was to be done.

use super::members::Member;
use super::rules::Change;
use crate::api::{ImageId, ProjectId};
use crate::seed::{Seed, What};

/// The part of the changes that is struck: enough that a load of a second meets some, and few enough that most
/// of it goes well.
pub const PART: f64 = 0.05;

/// Whether a change of this kind to this pair is struck.
#[must_use]
pub fn strikes(image: ImageId, project: ProjectId, change: Change) -> bool {
    let key = (image, project, change.as_str());
    Seed::DEFAULT.draw(What::PlantedDefect, &key).unit() < PART
}

/// What is truly done where this was to be done to the share with a project, which stands like this.
pub(super) fn instead_of(
    change: Change,
    image: ImageId,
    project: ProjectId,
    member: Option<&Member>,
) -> Change {
    match change {
        change if !strikes(image, project, change) => change,
        Change::Nothing if member.is_some() => Change::Removed,
        Change::Nothing => Change::Added,
        Change::Added | Change::Removed | Change::SetTo(_) => Change::Nothing,
    }
}
