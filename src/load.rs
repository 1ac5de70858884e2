//! A load that is put on a server, and what came of it: transactions as clients make them, measured from when
//! they were planned, and held against what the server has at the end.
//!
//! ```text
//!  section ---- plan::filled, Plan ----+
//!                                      v
//!  pacer (one thread each) -- Start --> driver (threads that send) -- Told --> lead (one thread)
//!   arrivals: when                       client: a transaction                  collect: sums and seconds
//!                                        mix, draw: which                       assemble: the report
//!                                        request, call, polling: how            thresholds, baseline: held?
//!                                        gathered: what was measured            audit: what the server has
//!                                        ledger: what was promised
//!                                        under_way: how much at once
//! ```

mod arrivals;
mod assemble;
mod audit;
pub mod audit_form;
pub mod baseline;
mod call;
mod client;
mod collect;
mod draw;
mod driver;
#[cfg(test)]
mod example;
mod gathered;
mod lead;
mod ledger;
mod mix;
mod pacer;
mod plan;
mod polling;
pub mod progress_line;
pub mod report;
pub mod report_form;
mod request;
mod run;
mod stock;
pub mod thresholds;
mod under_way;
pub mod view;
mod words;
mod world_of_target;

pub use plan::USUAL_DURATION;
pub use run::{Baseline, LoadError, LoadOptions, run};

#[cfg(test)]
mod tests;
