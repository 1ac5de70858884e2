//! What the service does, as plain logic: no actors, no HTTP, no waiting.

pub mod administrator;
pub mod admission;
pub mod batch;
pub mod caller;
mod catalog;
pub mod checks;
pub mod conduct;
mod ended_jobs;
mod history;
pub mod identity;
pub mod image;
mod image_filter;
pub mod image_list;
pub mod image_query;
pub mod image_view;
pub mod image_work;
pub mod job_census;
mod job_past;
pub mod job_table;
pub mod job_view;
pub mod job_work;
pub mod latency;
pub mod member_page;
pub mod member_view;
mod members;
pub mod native_images;
pub mod native_members;
#[cfg(feature = "planted-defects")]
pub mod planted;
mod read_mostly;
pub mod rules;
pub mod settings;
mod shelf;
pub mod signature;
pub mod world;

pub use batch::{Action, AskedPairs, Batch, Fingerprint};
pub use image::{Image, Member, WholeServer};
pub use settings::Settings;
pub use world::World;
