//! What travels on the wire: ids, times, operations, request and response bodies, and the error table.
//!
//! Nothing here knows actors, HTTP or state; every other module may use this one.

pub mod batch;
pub mod error_body;
mod error_table;
pub mod hex;
pub mod id;
pub mod identity;
pub mod image;
mod image_details;
pub mod image_schema;
pub mod image_words;
pub mod job;
pub mod json_schema;
pub mod member;
pub mod member_request;
pub mod native_schema;
pub mod object;
pub mod openapi;
pub mod operation;
pub mod refusal;
pub mod time;
pub mod version;

pub use error_table::Code;
pub use id::{AccountId, ImageId, JobId, ProjectId, UserId};
pub use member::{MemberDecision, MemberStatus};
pub use operation::Operation;
pub use refusal::Refusal;
