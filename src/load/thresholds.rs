//! temp
use super::report_form::{LoadReport, Threshold as Judged};
use crate::scenario::load_section::Threshold;
pub(super) fn judge(_: &[Threshold], _: &LoadReport) -> Vec<Judged> {
    Vec::new()
}
pub(super) fn broken_for_good(_: &LoadReport) -> bool {
    false
}
