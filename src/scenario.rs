//! Scenario files: what a simulation starts with, what goes wrong in it, what is done to it, and what
//! must hold.
//!
//! A file is read in two passes. The first ([`mod@file`]) knows the form: sections, keys, types. The second
//! ([`fn@compile`]) knows the meaning: every name is resolved, every number is held against its bounds.
//! Both report the first problem with file, line, column, what was found and what would be right.

pub mod check;
mod compile;
mod contents;
mod entry_check;
pub mod expect;
pub mod file;
mod image_details;
mod live_names;
mod load_check;
pub mod load_section;
pub mod load_stock;
mod locate;
pub mod named;
pub mod names;
mod origin;
pub mod pattern;
pub mod problem;
pub mod query;
pub mod recording;
pub mod rule;
pub mod rule_book;
pub mod schema;
mod schema_bounds;
mod schema_words;
mod source;
pub mod span;
pub mod step;
mod step_check;
pub mod timing_section;
pub mod values;
mod world_build;
pub mod world_edit;
mod world_names;
pub mod world_section;

pub use compile::{Blueprint, MOST_STEPS, compile};
pub use contents::Contents;
pub use file::ScenarioFile;
pub use load_check::check_load;
pub use names::{Names, SigningKey};
pub use origin::Origin;
pub use problem::{Problem, Segment};
pub use rule_book::RuleBook;
pub use step_check::MOST_PAIRS;
pub(crate) use step_check::check_filled;
pub use world_names::WorldNames;
