//! The answer that a rule's `answer` gives.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::Code;
use crate::api::error_body::JSON;
use crate::faults::{Answer, AnswerContent};
use crate::scenario::named::{self, Named};
use crate::scenario::problem::{Misfit, Within, nearest};
use crate::scenario::schema_words;
use crate::scenario::span::Span;

/// An injected answer: a code of the error table, or a status of one's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerEntry {
    /// A code of the error table, in the form that the operation's errors have.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema_words::AnswerCode>")]
    pub code: Option<String>,
    /// The status; with `code` it chooses among rows of the same code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 200, max = 599))]
    pub status: Option<u16>,
    /// Headers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("propertyNames" = schema_words::header_name()))]
    pub headers: Option<Headers>,
    /// The body: text as it is, anything else as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The value of `Retry-After`; whole seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Span>,
}

/// Header names with their values.
type Headers = Named<String>;

/// The most bytes of an injected body: as much as the service itself ever sends for a large job.
const LONGEST_ANSWER: usize = 1024 * 1024;

impl AnswerEntry {
    pub(super) fn compile(&self) -> Result<Answer, Misfit> {
        let retry_after = self.retry_after.map(whole_seconds).transpose().within("retry_after")?;
        let content = match (&self.code, self.status) {
            (Some(code), status) => {
                if self.body.is_some() || self.headers.is_some() {
                    let message =
                        "a code brings its own form; `body` and `headers` go with `status`";
                    return Err(Misfit::new(message)).within("code");
                }
                AnswerContent::Code(row(code, status).within("code")?)
            }
            (None, Some(status)) => self.own(status)?,
            (None, None) => {
                return Err(Misfit::new("give a `code` of the error table, or a `status`"));
            }
        };
        Ok(Answer { content, retry_after })
    }

    fn own(&self, status: u16) -> Result<AnswerContent, Misfit> {
        // Informational answers are not final, and no client gets past them.
        if !(200..=599).contains(&status) {
            return Err(Misfit::new("a status lies from 200 to 599")).within("status");
        }
        let text = match &self.body {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(json) => json.to_string(),
        };
        if text.len() > LONGEST_ANSWER {
            let message = format!("{} bytes; at most {LONGEST_ANSWER}", text.len());
            return Err(Misfit::new(message)).within("body");
        }
        if !text.is_empty() && matches!(status, 204 | 304) {
            return Err(Misfit::new(format!("a {status} has no body"))).within("body");
        }
        let mut headers = Vec::new();
        if matches!(&self.body, Some(body) if !body.is_string()) {
            headers.push(("content-type".into(), JSON.into()));
        }
        for (name, value) in self.headers.iter().flat_map(Named::iter) {
            header(name, value).within(name).within("headers")?;
            headers.retain(|(other, _): &(Box<str>, Box<str>)| !other.eq_ignore_ascii_case(name));
            headers.push((name.into(), value.as_str().into()));
        }
        Ok(AnswerContent::Own { status, headers, body: text.into() })
    }
}

fn whole_seconds(span: Span) -> Result<u64, Misfit> {
    let ms = span.0.as_millis();
    if !ms.is_multiple_of(1_000) {
        return Err(Misfit::new(format!("{} is no whole number of seconds", span.0)));
    }
    Ok(ms / 1_000)
}

/// The row of the error table; several rows may share a code, and then the status chooses.
fn row(code: &str, status: Option<u16>) -> Result<Code, Misfit> {
    // The native API's rows have no code of their own; their texts name an image.
    let rows = || Code::ALL.iter().filter(|row| row.code().contains('.'));
    let mut same = rows().filter(|row| row.code() == code).peekable();
    if same.peek().is_none() {
        return Err(unknown_code(code, rows().map(|row| row.code())));
    }
    let statuses: Vec<String> = same.clone().map(|row| row.status().to_string()).collect();
    let found = same.find(|row| status.is_none_or(|status| status == row.status()));
    found.copied().ok_or_else(|| {
        let status = status.unwrap_or_default();
        Misfit::new(format!("`{code}` comes with status {}, not {status}", statuses.join(" or ")))
    })
}

fn unknown_code<'a>(code: &str, valid: impl Iterator<Item = &'a str>) -> Misfit {
    let near = nearest(code, valid);
    Misfit::new(format!("`{code}` is no code that can stand here{near}"))
}

fn header(name: &str, value: &str) -> Result<(), Misfit> {
    if !named::is_header(name) {
        return Err(Misfit::new("no name of a header: letters, digits and `-`"));
    }
    let framing = ["content-length", "transfer-encoding", "connection", "date", "x-request-id"];
    if framing.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(Misfit::new("the server sets this header itself"));
    }
    if !value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
        return Err(Misfit::new("a value is printable ASCII"));
    }
    Ok(())
}
