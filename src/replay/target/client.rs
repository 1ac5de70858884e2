//! The client that speaks to a server, and what it makes of connections that break.
//!
//! Some things look alike from this side. A server that closes while it still has something to read resets
//! the connection, whatever it meant. A head that breaks off is no HTTP, like garbage. A body in chunks that
//! ends early by an orderly close looks whole to the library; one with a length does not.
//!
//! Over TLS a close that the server's TLS did not announce is a close like any other, and bytes that are no
//! TLS are garbage as much as such that are no HTTP.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;
use std::time::Duration;

use actix_web::error::ParseError;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web::{Bytes, BytesMut};
use awc::error::{ConnectError, SendRequestError};
use awc::{ClientResponse, Connector};
use futures_core::Stream;

use super::trust::{self, Trust};
use crate::clock::SimDuration;
use crate::replay::wire::{self, Seen};
use crate::scenario::expect::Outcome;

/// Connections at once: as many as steps side by side, so that those who wait for an answer for ever keep
/// nobody from asking.
const MOST_CONNECTIONS: usize = 10_000;

/// How long a connection may take to come about.
const SLOWEST_CONNECT: Duration = Duration::from_secs(5);

/// How long an idle connection is kept: less than servers keep theirs, so that none is used that was just
/// closed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The longest body that is read; a job of ten thousand pairs has two megabytes.
const LONGEST_BODY: usize = 64 * 1024 * 1024;

/// A client with its connections.
pub(crate) struct Client(awc::Client);

/// How a body ended.
enum End {
    Whole,
    BrokenOff,
    TooLong,
}

impl Client {
    /// A client without connections, that waits for ever, follows nobody elsewhere and sends no header that
    /// it was not given.
    pub(crate) fn new(trust: &Trust) -> Self {
        Self::with_connections(trust, MOST_CONNECTIONS)
    }

    /// The same with at most so many connections at once; requests beyond it wait for one.
    pub(crate) fn with_connections(trust: &Trust, most: usize) -> Self {
        let connector = Connector::new()
            .rustls_0_23(trust.config())
            .handshake_timeout(SLOWEST_CONNECT)
            .timeout(SLOWEST_CONNECT)
            .conn_keep_alive(KEEP_ALIVE)
            .limit(most);
        let builder = awc::Client::builder().connector(connector);
        Self(builder.disable_timeout().disable_redirects().no_default_headers().finish())
    }

    /// Sends a request and waits for the whole answer.
    pub(super) async fn send(
        &self,
        url: &str,
        method: &Method,
        headers: &[(String, Vec<u8>)],
        body: &Bytes,
    ) -> Seen {
        match self.exchange(url, method, headers, body, LONGEST_BODY).await {
            Ok(answer) => answer.seen(method != Method::HEAD),
            Err(error) => broken(&error),
        }
    }

    /// Sends a request and waits for the whole answer, or for so many bytes of it.
    pub(crate) async fn exchange(
        &self,
        url: &str,
        method: &Method,
        headers: &[(String, Vec<u8>)],
        body: &Bytes,
        longest: usize,
    ) -> Result<Answer, SendRequestError> {
        let mut request = self.0.request(method.clone(), url);
        for (name, value) in headers {
            request = request.append_header((name.as_str(), value.as_slice()));
        }
        let sent = match body.is_empty() {
            true => request.send(),
            false => request.send_body(body.clone()),
        };
        let mut response = sent.await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let (bytes, end) = read_until_it_ends(&mut response, longest).await;
        Ok(Answer { status, headers, bytes, end })
    }
}

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
    end: End,
}

impl Answer {
    /// Why it is not whole, if it is not.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        match self.end {
            End::Whole if is_short(&self.headers, self.bytes.len()) => Some("it broke off"),
            End::Whole => None,
            End::BrokenOff => Some("it broke off"),
            End::TooLong => Some("it is too long"),
        }
    }

    fn seen(self, has_body: bool) -> Seen {
        let Self { status, headers, bytes, end } = self;
        let (outcome, trouble) = match end {
            End::Whole if has_body && is_short(&headers, bytes.len()) => (Outcome::Truncated, None),
            End::Whole => (Outcome::Answered, None),
            End::BrokenOff => (Outcome::Truncated, None),
            End::TooLong => {
                (Outcome::Truncated, Some(format!("a body of more than {LONGEST_BODY} bytes")))
            }
        };
        let (body, took) = (wire::body(&bytes), SimDuration::ZERO);
        Seen { outcome, status, headers, body, took, trouble }
    }
}

async fn read_until_it_ends(body: &mut ClientResponse, longest: usize) -> (Bytes, End) {
    let mut read = BytesMut::new();
    loop {
        match poll_fn(|cx| Pin::new(&mut *body).poll_next(cx)).await {
            Some(Ok(piece)) if read.len() + piece.len() > longest => {
                return (read.freeze(), End::TooLong);
            }
            Some(Ok(piece)) => read.extend_from_slice(&piece),
            Some(Err(_)) => return (read.freeze(), End::BrokenOff),
            None => return (read.freeze(), End::Whole),
        }
    }
}

/// Whether fewer bytes came than the head announced; the library takes an orderly close for the end.
fn is_short(headers: &HeaderMap, read: usize) -> bool {
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    announced.is_some_and(|length: usize| read < length)
}

/// What a client sees if no answer comes.
fn broken(error: &SendRequestError) -> Seen {
    let outcome = outcome_of(error);
    let trouble = outcome.is_none().then(|| in_words(error));
    let seen = Seen::nothing(outcome.unwrap_or(Outcome::Closed), SimDuration::ZERO);
    Seen { trouble, ..seen }
}

/// What a fault of the wire looks like from here; `None` if it is something else that went wrong.
pub(crate) fn outcome_of(error: &SendRequestError) -> Option<Outcome> {
    match error {
        SendRequestError::Connect(ConnectError::Disconnected) => Some(Outcome::Closed),
        // A certificate that is not trusted, and a port that speaks no TLS, are no fault of the wire.
        SendRequestError::Connect(ConnectError::Io(error)) if trust::explained(error).is_some() => {
            None
        }
        SendRequestError::Connect(ConnectError::Io(error))
        | SendRequestError::Send(error)
        | SendRequestError::Response(ParseError::Io(error)) => by_kind(error.kind()),
        SendRequestError::Response(_) => Some(Outcome::Garbage),
        _ => None,
    }
}

/// Whether there was nobody to connect to.
pub(crate) fn finds_nobody(error: &SendRequestError) -> bool {
    let SendRequestError::Connect(error) = error else { return false };
    match error {
        ConnectError::Resolver(_) | ConnectError::NoRecords | ConnectError::Timeout => true,
        ConnectError::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
                | ErrorKind::TimedOut
        ),
        _ => false,
    }
}

/// Why no answer came.
pub(crate) fn in_words(error: &SendRequestError) -> String {
    let explained = match error {
        SendRequestError::Connect(ConnectError::Io(error)) => trust::explained(error),
        _ => None,
    };
    explained.unwrap_or_else(|| error.to_string())
}

fn by_kind(kind: ErrorKind) -> Option<Outcome> {
    match kind {
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            Some(Outcome::Reset)
        }
        ErrorKind::UnexpectedEof => Some(Outcome::Closed),
        // The library says this of a head that breaks off.
        ErrorKind::Other => Some(Outcome::Garbage),
        // TLS says this of bytes that are none.
        ErrorKind::InvalidData => Some(Outcome::Garbage),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_there_only_where_no_connection_comes_about_for_want_of_somebody() {
        let check = |error: SendRequestError, expected: bool| {
            assert_eq!(finds_nobody(&error), expected, "{error}");
        };
        let connect = |kind: ErrorKind| {
            SendRequestError::Connect(ConnectError::Io(std::io::Error::from(kind)))
        };
        check(connect(ErrorKind::ConnectionRefused), true);
        check(connect(ErrorKind::HostUnreachable), true);
        check(SendRequestError::Connect(ConnectError::Timeout), true);
        check(SendRequestError::Connect(ConnectError::NoRecords), true);
        // The driver itself has no more descriptors.
        check(connect(ErrorKind::Other), false);
        check(connect(ErrorKind::ConnectionReset), false);
        check(SendRequestError::Connect(ConnectError::Disconnected), false);
        check(SendRequestError::Timeout, false);
        check(SendRequestError::Send(ErrorKind::ConnectionRefused.into()), false);
    }
}
