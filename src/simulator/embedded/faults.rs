//! The fault rules of an embedded simulator.

use serde::Deserialize;

use super::{Error, Fault, Json, Simulator, in_path};

impl Simulator {
    /// Adds a fault rule behind all others, in the form that scenario files and the admin API have, and
    /// gives its id.
    ///
    /// # Errors
    /// If the rule is wrong, with the place and what would be right.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// service.add_fault(r#"{ "at": "image", "match": { "image": { "name": "web-*" } }, "effect": { "fail": { "code": "IMG.0047" } } }"#)?;
    /// let refused = service.add_fault(r#"{ "at": "image", "match": { "image": { "name": "wbe-*" } }, "effect": "stick" }"#);
    /// assert!(refused.is_err());
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn add_fault(&self, rule: impl Into<Json>) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct Added {
            id: String,
        }
        self.ask_for("POST", "/faults", rule).map(|Added { id }| id)
    }

    /// Takes a fault rule out.
    ///
    /// # Errors
    /// If there is no such rule, or another one waits for it.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// let rule = service.add_fault(r#"{ "at": "request", "effect": "close" }"#)?;
    /// service.remove_fault(&rule)?;
    /// assert!(service.faults()?.is_empty());
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn remove_fault(&self, id: &str) -> Result<(), Error> {
        self.admin("DELETE", &format!("/faults/{}", in_path(id)), "").map(drop)
    }

    /// The fault rules in the order in which they are asked, each with what it has counted.
    ///
    /// # Errors
    /// If the server has stopped.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// service.add_fault(r#"{ "id": "gone", "at": "request", "effect": "close" }"#)?;
    /// assert_eq!(service.faults()?[0].id, "gone");
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn faults(&self) -> Result<Vec<Fault>, Error> {
        #[derive(Deserialize)]
        struct List {
            faults: Vec<Fault>,
        }
        self.ask_for("GET", "/faults", "").map(|List { faults }| faults)
    }

    /// One fault rule with what it has counted.
    ///
    /// # Errors
    /// If there is no such rule.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// let id = service.add_fault(r#"{ "at": "request", "effect": "close" }"#)?;
    /// assert_eq!(service.fault(&id)?.counts.fired, 0);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn fault(&self, id: &str) -> Result<Fault, Error> {
        self.ask_for("GET", &format!("/faults/{}", in_path(id)), "")
    }
}
