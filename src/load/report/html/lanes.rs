//! When each fault rule fired: a lane for each.

use maud::{Markup, html};

use super::buckets::Buckets;
use crate::load::report_form::{LoadReport, Rule};
use crate::load::words::{count, grouped};

/// The most lanes; the rules that fired most have one.
const MOST_LANES: usize = 30;

pub(super) fn lanes(report: &LoadReport, buckets: &Buckets) -> Markup {
    let mut rules: Vec<&Rule> = report.rules.iter().collect();
    rules.sort_by(|a, b| b.answers.cmp(&a.answers).then_with(|| a.id.cmp(&b.id)));
    let more = rules.len().saturating_sub(MOST_LANES) as u64;
    html! {
        @if !rules.is_empty() {
            figure.chart {
                figcaption { h3 { "Fault rules" } span.note { "when answers named them" } }
                @for rule in rules.iter().take(MOST_LANES) { (lane(rule, buckets)) }
                (buckets.axis())
                @if more > 0 { p.note { "and " (count(more, "rule")) " more" } }
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "drawn")]
fn lane(rule: &Rule, buckets: &Buckets) -> Markup {
    let fired = || {
        let known = buckets.known();
        known.filter_map(|(place, it)| Some((place, *it.rules.get(&rule.id)?)))
    };
    let most = fired().map(|(_, number)| number).max().unwrap_or(1).max(1);
    html! {
        p.lane { (rule.id) span.note { " " (count(rule.answers, "answer")) } }
        svg.lane viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label=(rule.id) {
            @for (place, number) in fired() {
                @let (left, width) = buckets.edges(place);
                @let part = number as f64 / most as f64;
                rect x=(left) y="0" width=(width) height="14" fill-opacity=(format!("{:.2}", part.mul_add(0.65, 0.35))) {
                    title { (buckets.when(place)) "\n" (rule.id) ": " (grouped(number)) }
                }
            }
        }
    }
}
