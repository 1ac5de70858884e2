//! JSON as tests write it.

use serde_json::Value;

/// JSON, given as text or as a value: whatever takes it takes `&str`, `String` and [`Value`].
///
/// ```
/// use imsim::simulator::embedded::Json;
/// use serde_json::json;
///
/// let text: Json = r#"{"at":"request"}"#.into();
/// assert_eq!(text, json!({ "at": "request" }).into());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(pub(super) String);

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&String> for Json {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(value.to_string())
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        Self(value.to_string())
    }
}
