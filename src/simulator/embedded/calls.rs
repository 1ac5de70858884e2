//! What clients did to an embedded simulator.

use serde::Deserialize;
use serde_json::Value;

use super::{Error, Json, ReceivedCall, Simulator, Verified, good};
use crate::actors::shared::MOST_SHARDS;
use crate::journal::{ENTRIES_KEPT, Event};

/// As many calls as a journal can have.
const MOST_CALLS: usize = ENTRIES_KEPT * MOST_SHARDS;

impl Simulator {
    /// The calls that clients made, the oldest first. A call is among them before its answer leaves. The
    /// journal keeps the newest 65,536 entries, jobs and pairs included, of each shard.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// let _ = ureq::get(service.url() + "/v1/nothing").call();
    /// let refused = service.calls().into_iter().filter(|call| call.status == 404);
    /// assert_eq!(refused.count(), 1);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    #[must_use]
    pub fn calls(&self) -> Vec<ReceivedCall> {
        let shared = self.shared();
        let is_call = |event: &Event| matches!(event, Event::Call(_));
        let all = shared.journal.select(None, MOST_CALLS, |one| is_call(&one.entry.event)).entries;
        let calls = all.iter().filter_map(|one| match &one.entry.event {
            Event::Call(call) => Some(ReceivedCall::new(one.number, call, &shared.world)),
            _ => None,
        });
        calls.collect()
    }

    /// The newest entries of the journal that a query asks for, in the form of `GET /__admin/journal`: calls,
    /// jobs, settled pairs, faults that fired. An empty query asks for all; at most a thousand are shown.
    ///
    /// # Errors
    /// If the query names what does not exist.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// service.add_fault(r#"{ "id": "gone", "at": "request", "effect": "close" }"#)?;
    /// let _ = ureq::get(service.url() + "/v1/nothing").call();
    /// let fired = service.journal("event=fault_fired&rule=gone")?;
    /// assert_eq!(fired[0]["effect"], "close");
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn journal(&self, query: &str) -> Result<Vec<Value>, Error> {
        #[derive(Deserialize)]
        struct Page {
            entries: Vec<Value>,
        }
        let limit =
            if query.split('&').any(|part| part.starts_with("limit=")) { "" } else { "limit=1000" };
        let between = if query.is_empty() || limit.is_empty() { "" } else { "&" };
        let shown = self.ask_for("GET", &format!("/journal?{query}{between}{limit}"), "");
        shown.map(|Page { entries }| entries)
    }

    /// Says how often calls were made, and holds that against what is asked: `operation`, `project`,
    /// `status`, `error_code`, `method`, `path`, `image`, `job`, `since`, and the bounds `exactly`,
    /// `at_least` and `at_most`.
    ///
    /// # Errors
    /// [`Error::DoesNotHold`] if a bound does not hold, with the calls that come nearest; if the question
    /// names what does not exist, what would be right.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// # use serde_json::json;
    /// let service = Simulator::start()?;
    /// service.verify(json!({ "operation": "delete_members", "exactly": 0 }))?;
    /// let missing = service.verify(json!({ "operation": "delete_members", "at_least": 1 }));
    /// assert!(missing.unwrap_err().to_string().contains("there were 0 such calls"));
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn verify(&self, question: impl Into<Json>) -> Result<Verified, Error> {
        #[derive(Deserialize)]
        struct Broken {
            count: u64,
            exact: bool,
            #[serde(default)]
            nearest: Value,
        }
        let answered = self.ask("POST", "/verify", question.into())?;
        match (answered.status, serde_json::from_str(&answered.body)) {
            (409, Ok(Broken { count, exact, nearest })) => {
                Err(Error::DoesNotHold { count, exact, nearest })
            }
            _ => good(&answered),
        }
    }
}
