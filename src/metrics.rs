//! Figures for monitoring, in the form that Prometheus reads.
//!
//! What is counted elsewhere is not counted again: journal, faults, admission, clock and registries are asked
//! when somebody asks for the figures. Only what nobody else knows has a meter of its own, see [`Meters`]: how
//! long calls took, image workers and connections.
//!
//! Labels are bounded, since each value is a series of its own in whatever stores them: operations, statuses,
//! codes of the error table, types and states of jobs, kinds of events, points and effects come from fixed
//! lists, and of rules only the first have names, the others are summed. Nothing is told apart by project, image or
//! job.

mod family;
mod histogram;
mod meters;
mod scrape;

pub use family::CONTENT_TYPE;
pub use histogram::{BOUNDS, Histogram, Measured};
pub use meters::{Meters, OpenConnection};
pub use scrape::Scrape;
