//! What was asked for.

use maud::{Markup, html};

use crate::load::report_form::LoadReport;

/// The `load` section with every default filled in, as a scenario file takes it.
pub(super) fn asked(report: &LoadReport) -> Markup {
    let section = serde_json::to_string_pretty(&report.load).unwrap_or_default();
    html! {
        section {
            h2 { "What was asked for" }
            p.note { "With every default filled in; a scenario file takes it as its " code { "load" } " section." }
            pre.asked { (section) }
        }
    }
}
