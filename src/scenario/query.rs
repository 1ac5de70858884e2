//! Queries of URLs as steps write them: by names where ids are meant, in readable letters.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named::Named;
use super::names::Names;
use super::problem::{Misfit, Within};
use super::values::is_open;

/// What a key of a query is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(
    untagged,
    expecting = "expected a text, a whole number, `true`, `false`, or a list of texts"
)]
pub enum QueryValue {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Flag(bool),
    /// The key stands once for each of them.
    Several(Vec<String>),
}

impl QueryValue {
    fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Text(text) => vec![text.into()],
            Self::Number(number) => vec![number.to_string().into()],
            Self::Flag(flag) => vec![flag.to_string().into()],
            Self::Several(texts) => texts.iter().map(Cow::from).collect(),
        }
    }
}

/// What the value under a key of a query names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// An image.
    Image,
    /// A project.
    Project,
    /// Nothing but itself.
    Itself,
}

impl Meant {
    /// What is meant under a key.
    pub(super) fn by(key: &str) -> Self {
        match key {
            "id" | "marker" => Self::Image,
            "owner" => Self::Project,
            _ => Self::Itself,
        }
    }
}

/// What stands in a query as it is: with these, filters stay readable.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b':')
    .remove(b'=')
    .remove(b',')
    .remove(b'/');

/// Checks that whatever a query names exists. An empty value names nothing: clients send such.
pub(super) fn check(query: &Named<QueryValue>, names: &Names) -> Result<(), Misfit> {
    for (key, value) in query.iter() {
        for text in value.texts().iter().filter(|text| !text.is_empty() && !is_open(text)) {
            let known = match Meant::by(key) {
                Meant::Image => names.image(text).map(drop),
                Meant::Project => names.project(text).map(drop),
                Meant::Itself => Ok(()),
            };
            known.within(key)?;
        }
    }
    Ok(())
}

/// A path with a query, in a scenario that compiled.
pub(crate) fn target(path: &str, query: &Named<QueryValue>, names: &Names) -> String {
    let mut target = path.to_owned();
    let pairs = query
        .iter()
        .flat_map(|(key, value)| value.texts().into_iter().map(move |text| (key, text)));
    for ((key, text), mark) in pairs.zip(std::iter::once('?').chain(std::iter::repeat('&'))) {
        let id = match Meant::by(key) {
            Meant::Image => names.image_id(&text).map(|id| id.to_string()),
            Meant::Project => names.project_id(&text).map(|id| id.to_string()),
            Meant::Itself => None,
        };
        let text = id.map_or(text, Cow::from);
        let (key, text) = (utf8_percent_encode(key, PLAIN), utf8_percent_encode(&text, PLAIN));
        target.extend([mark.to_string(), key.to_string(), "=".to_owned(), text.to_string()]);
    }
    target
}
