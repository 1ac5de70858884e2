//! One question to the admin API of a server, for those who replay nothing.

use actix_web::http::Method;
use actix_web::rt::System;
use actix_web::web::Bytes;

use super::base_url::BaseUrl;
use super::client::{self, Client};
use super::trust::Trust;
use crate::clock::{SimDuration, WallTime};
use crate::http::admin::PREFIX;

/// How much an answer may take.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The longest that it may take, in real time.
    pub slowest: SimDuration,
    /// The most bytes that its body may have.
    pub longest: u64,
}

/// Asks for what is at a path below the admin API's own, and returns the whole URL, the status and the body
/// of the answer. The URL may be that of the service or of the admin API.
///
/// # Errors
/// A sentence for people, if no whole answer comes.
pub fn ask_admin(
    at: &BaseUrl,
    path: &str,
    token: Option<&str>,
    trust: &Trust,
    question: &Question,
) -> Result<(String, u16, String), String> {
    let at = at.to_string();
    let url = format!("{}{PREFIX}{path}", at.strip_suffix(PREFIX).unwrap_or(&at));
    let bearer = token.map(|token| ("authorization".to_owned(), format!("Bearer {token}").into()));
    let headers: Vec<(String, Vec<u8>)> = bearer.into_iter().collect();
    let longest = usize::try_from(question.longest).unwrap_or(usize::MAX);
    let answer = System::new().block_on(async {
        let (client, nothing) = (Client::new(trust), Bytes::new());
        let answer = client.exchange(&url, &Method::GET, &headers, &nothing, longest);
        WallTime::default().within(question.slowest, answer).await
    });
    let answer = match answer {
        Some(Ok(answer)) => answer,
        Some(Err(error)) => {
            return Err(format!("cannot ask {url}: {}", client::in_words(&error)));
        }
        None => return Err(format!("{url} gave no answer within {}", question.slowest)),
    };
    if let Some(why) = answer.missing() {
        return Err(format!("cannot read the answer of {url}: {why}"));
    }
    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
    Ok((url, answer.status, text))
}
