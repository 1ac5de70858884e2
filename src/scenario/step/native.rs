//! Steps about one image or one of its members.

use super::call::call_steps;
use crate::api::MemberDecision;

call_steps! {
    /// Lists the members of an image, shows it, or deletes it.
    ImageStep {
        /// The image, by name or id.
        image: String,
    }

    /// Shows, adds or removes one member of an image.
    MemberStep {
        /// The image, by name or id.
        image: String,
        /// The member project, by name or id.
        member: String,
    }

    /// Accepts or rejects one shared image, at once.
    DecideStep {
        /// The image, by name or id.
        image: String,
        /// The deciding project, by name or id; the token's own if left out.
        member: Option<String>,
        /// The decision.
        status: MemberDecision,
        /// The vault for a whole-server image.
        vault: Option<String>,
    }
}
