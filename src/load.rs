//! A load that is put on a server, and what came of it: transactions as clients make them, measured from when
//! they were planned, and held against what the server has at the end.

pub mod audit_form;
pub mod baseline;
#[cfg(test)]
mod example;
#[allow(dead_code)]
mod ledger;
pub mod report_form;
#[allow(dead_code)]
mod stock;
pub mod thresholds;
