//! Calls and connections.

use super::{Outline, Scrape};
use crate::api::Operation;
use crate::metrics::family::{Family, Labels};

impl Scrape<'_> {
    pub(super) fn calls(&self, outline: &Outline) -> Vec<Family> {
        let (open, connections) = self.meters.connections();
        vec![
            Family::counters(
                "requests",
                "Calls by operation, status and error code. Status 0: no answer was given. Operation other: \
                 calls of more projects than are told apart.",
                requests(outline),
            ),
            Family::histograms(
                "request_duration_seconds",
                "From the last byte of a request to the first of its answer, or to its end without one, with \
                 the delays that rules add; in real time, in a replay in simulated time. Calls that are \
                 never answered have no duration.",
                self.durations(),
            ),
            Family::gauge(
                "connections",
                "Open connections to the port of the service; those of scopes are the server's.",
                open as f64,
            ),
            Family::counter(
                "connections_accepted",
                "Connections to the port of the service.",
                connections,
            ),
        ]
    }

    /// At most one for each operation; those that nobody called are left out.
    fn durations(&self) -> impl Iterator<Item = (Labels, crate::metrics::Measured)> {
        let measured = Operation::ALL.into_iter().map(|one| (one, self.meters.calls(one)));
        let called = measured.filter(|(_, measured)| measured.count() > 0);
        called.map(|(operation, measured)| (of(operation), measured))
    }
}

fn of(operation: Operation) -> Labels {
    vec![("operation", operation.name().into())]
}

/// At most one for each operation with each code of the error table, and with each status that rules may
/// answer in place of the service.
fn requests(outline: &Outline) -> Vec<(Labels, u64)> {
    let calls = outline.calls.iter().map(|((operation, status, code), count)| {
        let mut labels = of(*operation);
        labels.push(("status", status.to_string().into()));
        labels.push(("code", code.unwrap_or_default().into()));
        (labels, *count)
    });
    let mut all: Vec<(Labels, u64)> = calls.collect();
    if outline.other > 0 {
        let labels = ["operation", "status", "code"].map(|name| (name, "other".into()));
        all.push((labels.into(), outline.other));
    }
    all
}
