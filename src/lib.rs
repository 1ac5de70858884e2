//! imsim: a local simulator of a cloud image service's sharing API.
//!
//! # The way of a request
//!
//! ```text
//!                                                                      faults are asked at
//!  DELETE /v1/cloudimages/members         GET /v1/{project_id}/jobs/{job_id}
//!           |                                       |
//!    http::connection                        http::connection         connection
//!           |                                       |
//!    http::pipeline                          http::pipeline           request, response, read
//!           |                                       |
//!           |--- SubmitBatch --> actors::Front      |                 job
//!           |                      | domain::checks |
//!           |                      |                |
//!           |                      |--- JobAccepted --> actors::JobRegistry <--- GetJob
//!           |  <---- job id -------|                       ^   domain::job_table
//!           |                      v                       |
//!           |              actors::JobSupervisor ----- JobChanged
//!           |                      |  domain::job_work
//!           |          +-----------+-----------+
//!           |          v           v           v
//!           |   actors::ImageWorker, one per image, in parallel       image, pair
//!           |          |  domain::image_work, domain::rules
//!           |          v
//!           |   domain::Image: its members, behind a lock
//! ```
//!
//! A native call changes one member, or deletes an image, at once and without a job: `http::members` hands it
//! to `actors::native`, which lets `domain::native_members` decide and change in one step, under the image's
//! lock, and tells the journal.
//!
//! Wherever something may go wrong, [`faults`] is asked, and [`journal`] hears of everything that happens.
//! Time passes in [`clock`] alone, whether it follows real time, stands still, is advanced or jumps.
//!
//! # The layers
//!
//! A module uses only what stands above it here; a test holds that.
//!
//! | Module | Is |
//! |---|---|
//! | [`api`] | what travels on the wire, and the one table of errors |
//! | [`seed`], [`clock`] | the doors to chance and to time |
//! | [`domain`] | what the service does, as plain logic |
//! | [`faults`], [`journal`], [`metrics`] | what may go wrong; what happened; figures for monitoring |
//! | [`page`] | the frame that every page of HTML has |
//! | [`scenario`] | scenario files, and the rules and worlds that are written while a simulation runs |
//! | [`actors`] | the actors, thin shells around the domain |
//! | [`http`] | routes, how answers look on the wire and what may become of them there, the admin API |
//! | [`simulator`] | a whole simulation, live or virtual |
//! | [`replay`] | running scenario files in virtual time |
//! | [`load`] | putting load on a server, and holding what it has against what it promised |
//! | [`cli`] | the command line |

pub mod actors;
pub mod api;
pub mod cli;
pub mod clock;
pub mod domain;
pub mod faults;
pub mod http;
pub mod journal;
pub mod load;
pub mod metrics;
pub mod page;
pub mod replay;
pub mod scenario;
pub mod seed;
pub mod simulator;

pub use simulator::embedded::Simulator;

/// The examples of the README run with those beside the code.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
