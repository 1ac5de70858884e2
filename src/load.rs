//! A load that is put on a server, and what came of it: transactions as clients make them, measured from when
//! they were planned, and held against what the server has at the end.

#[allow(dead_code)]
mod audit;
pub mod audit_form;
#[allow(dead_code)]
mod ledger;
pub mod report_form;
#[allow(dead_code)]
mod stock;
