//! How texts of calls are said in steps: jobs by the names under which earlier steps saved them, tokens that
//! the world does not know by made-up names, and `${` so that it stands for itself.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use crate::api::JobId;
use crate::domain::World;
use crate::journal::SentToken;
use crate::scenario::Names;

/// What was said so far.
pub(super) struct Said<'a> {
    /// What things are called in the file.
    pub(super) names: Names,
    /// What they are called in the world as it is.
    pub(super) world: &'a World,
    /// The names of jobs that earlier steps saved, by their ids.
    jobs: FxHashMap<String, String>,
    /// The made-up names of unknown tokens, by their hashes.
    unknown: FxHashMap<u128, String>,
    /// The names under which earlier steps saved tokens that were given out, by their hashes.
    pub(super) given: FxHashMap<u128, String>,
}

/// How many hex digits an id of a job has.
const ID_DIGITS: usize = 32;

impl<'a> Said<'a> {
    /// Nothing was said.
    pub(super) fn new(names: Names, world: &'a World) -> Self {
        Self {
            names,
            world,
            jobs: FxHashMap::default(),
            unknown: FxHashMap::default(),
            given: FxHashMap::default(),
        }
    }

    /// Gives a job the name under which a step saves it.
    pub(super) fn name_job(&mut self, id: JobId) -> String {
        let name = format!("job-{}", self.jobs.len() + 1);
        self.jobs.insert(id.to_string(), name.clone());
        name
    }

    /// The name of a job that an earlier step saved.
    pub(super) fn job(&self, id: &str) -> Option<&str> {
        self.jobs.get(&*id.to_ascii_lowercase()).map(String::as_str)
    }

    /// The token to send.
    pub(super) fn token(&mut self, token: &SentToken) -> Option<String> {
        match token {
            SentToken::None | SentToken::Signed(_) | SentToken::WronglySigned => None,
            SentToken::Known(name) => Some(escaped(name)),
            SentToken::Unknown(hash) => match self.given.get(hash) {
                Some(name) => Some(format!("${{{name}}}")),
                None => Some(self.made_up(*hash)),
            },
        }
    }

    /// A name that no token has.
    fn made_up(&mut self, hash: u128) -> String {
        if let Some(name) = self.unknown.get(&hash) {
            return name.clone();
        }
        let number = self.unknown.len() + 1;
        let mut name = format!("unknown-token-{number}");
        while self.names.has_token(&name) || self.world.token(&name).is_some() {
            name.push('x');
        }
        self.unknown.insert(hash, name.clone());
        name
    }

    /// A text as a step says it.
    pub(super) fn text(&self, text: &str) -> String {
        let text = escaped(text);
        let (mut said, mut kept) = (String::new(), 0);
        let is_hex = |c: char| c.is_ascii_hexdigit();
        let mut from = 0;
        while let Some(start) = text[from..].find(is_hex).map(|at| from + at) {
            let end = text[start..].find(|c| !is_hex(c)).map_or(text.len(), |at| start + at);
            if end - start == ID_DIGITS
                && let Some(name) = self.job(&text[start..end])
            {
                said.extend([&text[kept..start], "${", name, "}"]);
                kept = end;
            }
            from = end;
        }
        if kept == 0 { text } else { said + &text[kept..] }
    }

    /// A value as a step says it.
    pub(super) fn value(&self, value: Value) -> Value {
        mapped(value, &|text| self.text(text))
    }
}

/// A text that stands for itself.
pub(super) fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

/// A value with all of its texts, keys too, as `say` says them.
fn mapped(value: Value, say: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(say(&text)),
        Value::Array(list) => list.into_iter().map(|one| mapped(one, say)).collect(),
        Value::Object(object) => {
            let pairs = object.into_iter();
            let pairs = pairs.map(|(key, value)| (say(&key), mapped(value, say)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
        plain => plain,
    }
}

/// A body as a step has it: as JSON where writing it again gives the same, else as text.
pub(super) fn body_of(
    bytes: &[u8],
    say: impl Fn(&str) -> String,
) -> (Option<Value>, Option<String>) {
    if bytes.is_empty() {
        return (None, None);
    }
    let text = String::from_utf8_lossy(bytes);
    match serde_json::from_str::<Value>(&text) {
        // `null` in a step would be no body at all.
        Ok(value) if !value.is_null() && is_same(&text, &value) => {
            (Some(mapped(value, &say)), None)
        }
        _ => (None, Some(say(&text))),
    }
}

/// Whether a value says all that a text does: a key that stands twice, or a number of more digits than
/// are kept, would make it shorter or longer. The order of keys does not matter to anybody.
fn is_same(text: &str, value: &Value) -> bool {
    let (mut length, mut quoted, mut escaped) = (0, false, false);
    for byte in text.bytes() {
        length += usize::from(quoted || !byte.is_ascii_whitespace());
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            _ => {}
        }
    }
    length == value.to_string().len()
}

/// The body of an answer as a value, as a replay looks at it.
pub(super) fn answer_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| {
        let text: Cow<'_, str> = String::from_utf8_lossy(bytes);
        Value::String(text.into_owned())
    })
}
