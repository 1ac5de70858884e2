//! Values that steps save and later steps say: `${name}` in any text of a step, and in the keys of its
//! objects. `$${` stands for `${` itself. Where any JSON can stand, a text that is one `${name}` becomes the
//! value itself, with its type; everywhere else values are text.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::step::StepEntry;

/// Where in an answer a value stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueSource {
    /// At this JSON pointer (RFC 6901) of the body; the whole body if empty.
    Body(String),
    /// In this header.
    Header(String),
}

/// What a `${…}` stands for where it is said.
pub(crate) enum Said {
    /// This value.
    Value(Value),
    /// Something that is known only when the step is done; the text stays as it is.
    Later,
    /// Nothing.
    Nothing,
}

/// Why a step could not be filled.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FillError {
    /// Nothing has this name.
    Unknown(String),
    /// Nobody has closed the brace.
    Unclosed,
    /// With its values the step makes no sense.
    Senseless(String),
}

/// Whether a name can be said as a value.
pub(super) fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && name.bytes().all(allowed)
}

/// Whether a text still says a value.
pub(super) fn is_open(text: &str) -> bool {
    text.match_indices("${").any(|(at, _)| !text[..at].ends_with('$'))
}

/// The keys of steps below which any JSON can stand.
const OF_JSON: [&str; 6] =
    ["body", "exact_body", "patch", "patch_images", "patch_projects", "patch_tokens"];

/// The same for what must be true; elsewhere these are lists of names.
const OF_JSON_IN_TRUTH: [&str; 2] = ["images", "jobs"];

/// A step with what its `${…}` stand for. Steps inside it stay as they are: their time comes later.
pub(crate) fn fill<'s>(
    step: &'s StepEntry,
    say: &dyn Fn(&str) -> Said,
) -> Result<Cow<'s, StepEntry>, FillError> {
    if step.inside().is_some() {
        return Ok(Cow::Borrowed(step));
    }
    let mut value =
        serde_json::to_value(step).map_err(|error| FillError::Senseless(error.to_string()))?;
    let filler = Filler { say, truth: matches!(step, StepEntry::Look(_)) };
    if !filler.value(&mut value, false)? {
        return Ok(Cow::Borrowed(step));
    }
    let filled = serde_json::from_value(value);
    filled.map(Cow::Owned).map_err(|error| FillError::Senseless(error.to_string()))
}

/// Fills what stands in JSON values; `true` if anything did.
struct Filler<'a> {
    say: &'a dyn Fn(&str) -> Said,
    /// Whether the step says what must be true.
    truth: bool,
}

impl Filler<'_> {
    /// Fills a value; where it is `typed`, values keep their types.
    fn value(&self, value: &mut Value, typed: bool) -> Result<bool, FillError> {
        match value {
            Value::String(text) => {
                let Some(filled) = fill_text(text, self.say)? else { return Ok(false) };
                *value = if typed { filled } else { Value::String(plain(&filled)) };
                Ok(true)
            }
            Value::Array(list) => {
                let mut any = false;
                for element in list {
                    any |= self.value(element, typed)?;
                }
                Ok(any)
            }
            Value::Object(object) => self.object(object, typed),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(false),
        }
    }

    fn object(&self, object: &mut Map<String, Value>, typed: bool) -> Result<bool, FillError> {
        let mut any = false;
        let mut keys = Vec::new();
        for (key, value) in object.iter_mut() {
            let of_json = OF_JSON.contains(&key.as_str())
                || self.truth && OF_JSON_IN_TRUTH.contains(&key.as_str());
            any |= self.value(value, typed || of_json)?;
            if let Some(filled) = fill_text(key, self.say)? {
                keys.push((key.clone(), plain(&filled)));
            }
        }
        any |= !keys.is_empty();
        for (old, new) in keys {
            let value = object.remove(&old).unwrap_or_default();
            object.insert(new, value);
        }
        Ok(any)
    }
}

/// What comes of a text; `None` if it says nothing. A text that is one `${…}` becomes the value itself,
/// with its type.
fn fill_text(text: &str, say: &dyn Fn(&str) -> Said) -> Result<Option<Value>, FillError> {
    let mut filled = String::new();
    let (mut rest, mut any) = (text, false);
    while let Some(at) = rest.find("${") {
        if let Some(before) = rest[..at].strip_suffix('$') {
            filled.extend([before, "${"]);
            (rest, any) = (&rest[at + 2..], true);
            continue;
        }
        let end = rest[at..].find('}').ok_or(FillError::Unclosed)?;
        let name = &rest[at + 2..at + end];
        let after = &rest[at + end + 1..];
        match say(name) {
            Said::Value(value) if at == 0 && after.is_empty() && filled.is_empty() => {
                return Ok(Some(value));
            }
            Said::Value(value) => {
                filled.extend([&rest[..at], &plain(&value)]);
                any = true;
            }
            Said::Later => filled.push_str(&rest[..=at + end]),
            Said::Nothing => return Err(FillError::Unknown(name.to_owned())),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(any.then_some(Value::String(filled)))
}

/// A value within a longer text.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn say(name: &str) -> Said {
        match name {
            "index" => Said::Value(json!(7)),
            "job" => Said::Value(json!("ff08")),
            "body" => Said::Value(json!({ "a": [1] })),
            "later" => Said::Later,
            _ => Said::Nothing,
        }
    }

    #[test]
    fn texts_say_values() {
        let check = |text: &str, filled: Result<Option<Value>, FillError>| {
            assert_eq!(fill_text(text, &say), filled, "{text}");
        };
        check("plain", Ok(None));
        check("", Ok(None));
        check("$5 {a}", Ok(None));
        check("${index}", Ok(Some(json!(7))));
        check("${body}", Ok(Some(json!({ "a": [1] }))));
        check("image-${index}", Ok(Some(json!("image-7"))));
        check("/v1/${job}/${index}?x", Ok(Some(json!("/v1/ff08/7?x"))));
        check("a${body}", Ok(Some(json!("a{\"a\":[1]}"))));
        check("$${index}", Ok(Some(json!("${index}"))));
        check("ü$${x}${index}", Ok(Some(json!("ü${x}7"))));
        check("${later}", Ok(None));
        check("${later}-${index}", Ok(Some(json!("${later}-7"))));
        check("${nobody}", Err(FillError::Unknown("nobody".to_owned())));
        check("${index", Err(FillError::Unclosed));
    }

    #[test]
    fn an_open_text_says_a_value() {
        let check = |text: &str, open| assert_eq!(is_open(text), open, "{text}");
        check("${x}", true);
        check("a$${x}", false);
        check("$${x} ${y}", true);
        check("$x {y}", false);
    }

    #[test]
    fn objects_say_values_in_their_keys_too() {
        let mut value = json!({ "image-${index}": ["${job}", { "x": "${index}" }], "b": null });
        let filler = Filler { say: &say, truth: false };
        assert_eq!(filler.value(&mut value, true), Ok(true));
        assert_eq!(value, json!({ "image-7": ["ff08", { "x": 7 }], "b": null }));
    }

    #[test]
    fn values_keep_their_types_only_where_any_json_can_stand() {
        let check = |truth, before: Value, after: Value| {
            let mut value = before;
            assert_eq!(Filler { say: &say, truth }.value(&mut value, false), Ok(true));
            assert_eq!(value, after);
        };
        check(false, json!({ "headers": { "x": "${index}" } }), json!({ "headers": { "x": "7" } }));
        check(false, json!({ "body": { "x": ["${index}"] } }), json!({ "body": { "x": [7] } }));
        check(false, json!({ "images": ["${index}"] }), json!({ "images": ["7"] }));
        check(
            true,
            json!({ "images": { "web": ["${index}"] } }),
            json!({ "images": { "web": [7] } }),
        );
    }
}
