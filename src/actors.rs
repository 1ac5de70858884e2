//! The actors: thin shells around the structs of [`crate::domain`].
//!
//! A [`front::Front`] takes a batch and starts a [`job_supervisor::JobSupervisor`], which starts one
//! [`image_worker::ImageWorker`] per image and adds up what they report; the
//! [`job_registry::JobRegistry`] remembers and answers queries. What they say to each other stands in
//! [`messages`], in the order in which a request meets it.

mod by_hand;
pub mod front;
pub mod image_worker;
pub mod job_registry;
pub mod job_supervisor;
pub mod messages;
pub mod native;
mod occasion;
mod pause;
mod recording;
pub mod reset;
#[cfg(test)]
mod sabotage;
pub mod shared;
mod start;
mod waiters;

pub use by_hand::{ByHand, Generation};
pub use front::Front;
pub use image_worker::ImageWorker;
pub use job_registry::JobRegistry;
pub use job_supervisor::JobSupervisor;
#[cfg(test)]
pub(crate) use sabotage::Sabotage;
pub use shared::Shared;
