//! The headers of answers that come again and again.

use std::cell::RefCell;

use actix_web::http::header::{HeaderName, HeaderValue};

use crate::api::time;
use crate::clock::SimTime;

/// The header that tells the id of a request (DECISION U-30).
pub(super) static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The header that brings a token.
pub(super) static AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// The value of `Date` in the second in which it was last asked for; a thread makes one for all the answers of
/// that second.
#[derive(Debug, Default)]
pub(super) struct Dates {
    last: RefCell<Option<(u64, HeaderValue)>>,
}

impl Dates {
    /// The value at this time; `None` for one that no header can say, of which there is none.
    pub(super) fn at(&self, now: SimTime) -> Option<HeaderValue> {
        let second = now.as_millis() / 1_000;
        let mut last = self.last.borrow_mut();
        match &*last {
            Some((of, value)) if *of == second => Some(value.clone()),
            _ => {
                let value = HeaderValue::from_str(&time::http_date(second * 1_000)).ok()?;
                *last = Some((second, value.clone()));
                Some(value)
            }
        }
    }
}
