//! The client that speaks to a server, and what it makes of connections that break.
//!
//! Some things look alike from this side. A server that closes while it still has something to read resets
//! the connection, whatever it meant. A head that breaks off is no HTTP, like garbage. A body in chunks that
//! ends early by an orderly close looks whole to the library; one with a length does not.

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
pub(super) struct Client(awc::Client);

/// How a body ended.
enum End {
    Whole,
    BrokenOff,
    TooLong,
}

impl Client {
    /// A client without connections, that waits for ever, follows nobody elsewhere and sends no header that
    /// it was not given.
    pub(super) fn new() -> Self {
        let connector = Connector::new()
            .timeout(SLOWEST_CONNECT)
            .conn_keep_alive(KEEP_ALIVE)
            .limit(MOST_CONNECTIONS);
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
        let mut request = self.0.request(method.clone(), url);
        for (name, value) in headers {
            request = request.append_header((name.as_str(), value.as_slice()));
        }
        let sent = match body.is_empty() {
            true => request.send(),
            false => request.send_body(body.clone()),
        };
        match sent.await {
            Ok(response) => read(response, method != Method::HEAD).await,
            Err(error) => broken(&error),
        }
    }
}

async fn read(mut response: ClientResponse, has_body: bool) -> Seen {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let (bytes, end) = read_until_it_ends(&mut response).await;
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

async fn read_until_it_ends(body: &mut ClientResponse) -> (Bytes, End) {
    let mut read = BytesMut::new();
    loop {
        match poll_fn(|cx| Pin::new(&mut *body).poll_next(cx)).await {
            Some(Ok(piece)) if read.len() + piece.len() > LONGEST_BODY => {
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
    let outcome = match error {
        SendRequestError::Connect(ConnectError::Disconnected) => Some(Outcome::Closed),
        SendRequestError::Connect(ConnectError::Io(error))
        | SendRequestError::Send(error)
        | SendRequestError::Response(ParseError::Io(error)) => by_kind(error.kind()),
        SendRequestError::Response(_) => Some(Outcome::Garbage),
        _ => None,
    };
    let trouble = outcome.is_none().then(|| error.to_string());
    let seen = Seen::nothing(outcome.unwrap_or(Outcome::Closed), SimDuration::ZERO);
    Seen { trouble, ..seen }
}

fn by_kind(kind: ErrorKind) -> Option<Outcome> {
    match kind {
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            Some(Outcome::Reset)
        }
        ErrorKind::UnexpectedEof => Some(Outcome::Closed),
        // The library says this of a head that breaks off.
        ErrorKind::Other => Some(Outcome::Garbage),
        _ => None,
    }
}
