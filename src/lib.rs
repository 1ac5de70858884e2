//! x
#![allow(missing_docs)]
pub mod api;
pub mod clock;
pub mod domain;
pub mod faults;
pub mod journal;
pub mod seed;
