//! What can go wrong between a test and its simulator.

use std::fmt;
use std::io;

use serde::Deserialize;

use super::Job;
use crate::http::admin::Answered;
use crate::scenario::Problem;

/// Why something could not be done.
///
/// ```
/// use imsim::Simulator;
/// use imsim::simulator::embedded::Error;
///
/// let service = Simulator::start()?;
/// let refused = service.add_fault(r#"{ "at": "request", "effect": { "dealy": "1s" } }"#);
/// match refused {
///     Err(Error::Refused { status: 400, at: Some(at), message }) => {
///         assert_eq!(at, "effect.dealy");
///         assert!(message.contains("did you mean `delay`?"));
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub enum Error {
    /// The scenario cannot be read, or makes no sense.
    Scenario(Problem),
    /// The address cannot be listened on.
    Address {
        /// The address.
        address: String,
        /// What the system says.
        error: io::Error,
    },
    /// No certificate could be made for the address.
    Certificate(String),
    /// No thread could be started for the server, or its thread died.
    Thread(String),
    /// The admin API refuses it.
    Refused {
        /// The status that the same request gets over HTTP.
        status: u16,
        /// The place in what was given, if it is about one.
        at: Option<String>,
        /// What was found, and what would be right.
        message: String,
    },
    /// Calls were not made as often as they should have been.
    DoesNotHold {
        /// How often they were made.
        count: u64,
        /// Whether that is all there were, or the least.
        exact: bool,
        /// The calls that come nearest, if there was none, and what differs in each.
        nearest: serde_json::Value,
    },
    /// A job did not end while it was waited for.
    StillRuns {
        /// The job as it stands.
        job: Box<Job>,
        /// How long was waited, and what keeps the job from ending where that is known.
        message: String,
    },
    /// The server has stopped.
    Stopped,
}

#[derive(Deserialize)]
struct Body {
    error: Shown,
}

#[derive(Deserialize)]
struct Shown {
    at: Option<String>,
    message: String,
}

impl Error {
    /// What an answer of the admin API says that is none of the good ones.
    pub(super) fn told(answered: &Answered) -> Self {
        match serde_json::from_str(&answered.body) {
            Ok(Body { error: Shown { at, message } }) => {
                Self::Refused { status: answered.status, at, message }
            }
            Err(_) => Self::Refused {
                status: answered.status,
                at: None,
                message: answered.body.trim_end().to_owned(),
            },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenario(problem) => problem.fmt(f),
            Self::Address { address, error } => write!(f, "cannot listen on {address}: {error}"),
            Self::Certificate(reason) => write!(f, "no certificate can be made: {reason}"),
            Self::Thread(reason) => write!(f, "the server has no thread: {reason}"),
            Self::Refused { at: Some(at), message, .. } => write!(f, "{at}: {message}"),
            Self::Refused { message, .. } | Self::StillRuns { message, .. } => f.write_str(message),
            Self::DoesNotHold { count, exact, nearest } => {
                let least = if *exact { "" } else { " at least" };
                write!(f, "there were{least} {count} such calls")?;
                match nearest.as_array().is_some_and(|calls| !calls.is_empty()) {
                    true => write!(f, "; the nearest are {nearest:#}"),
                    false => Ok(()),
                }
            }
            Self::Stopped => f.write_str("the server has stopped"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Address { error, .. } => Some(error),
            _ => None,
        }
    }
}
