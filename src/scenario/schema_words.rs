//! The words and forms that texts in a scenario file may have, as parts of its schema.
//!
//! Where the readers take any text and only its meaning is checked, these say what the check would take,
//! so that an editor offers it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::rule::match_entry::METHODS;
use crate::api::Code;
use crate::api::job::JobType;
use crate::api::operation::ACTIONS;
use crate::journal::EventKind;

/// What the name of a header is like.
pub(super) const HEADER_NAME: &str = r"^[A-Za-z0-9_.!#$%&'*+^`|~-]+$";

/// What the names of projects and images are like; `\x00-\x1f\x7f-\x9f` are the control characters.
pub(super) fn name() -> Value {
    json!({ "pattern": r"^[^*\u0000-\u001f\u007f-\u009f]+$" })
}

/// What a token is like: printable ASCII without blanks.
pub(super) fn token() -> Value {
    json!({ "pattern": "^[!-~]+$" })
}

/// What a key of an image's properties is like.
pub(super) fn property() -> Value {
    json!({ "pattern": "^[A-Za-z0-9_.:-]{1,255}$" })
}

/// What an access key is like: the same without commas.
pub(super) fn access_key() -> Value {
    json!({ "pattern": "^[!-+\\--~]+$" })
}

/// What a key in an object of headers is like.
pub(super) fn header_name() -> Value {
    json!({ "pattern": HEADER_NAME })
}

/// Makes types that stand only for a list of words in the schema.
macro_rules! words {
    ($( $(#[doc = $doc:literal])* $name:ident = $words:expr; )*) => {
        $(
            $(#[doc = $doc])*
            pub(super) struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    let words = $words;
                    json_schema!({
                        "description": concat!($($doc, "\n"),*).trim(),
                        "type": "string",
                        "enum": words,
                    })
                }
            }
        )*
    };
}

words! {
    /// An HTTP method.
    Method = METHODS;
    /// An IAM action that a token can hold.
    Action = ACTIONS;
    /// The type of a members job, as the API shows it.
    JobTypeName = [JobType::Add, JobType::Delete, JobType::Update].map(JobType::as_str);
    /// The name of a journal entry.
    JournalEntry = EventKind::ALL.map(EventKind::name);
}

/// Makes types that stand only for codes of the error table in the schema, each with its meaning.
macro_rules! codes {
    ($( $(#[doc = $doc:literal])* $name:ident = $test:expr; )*) => {
        $(
            $(#[doc = $doc])*
            pub(super) struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({
                        "description": concat!($($doc, "\n"),*).trim(),
                        "oneOf": explained($test),
                    })
                }
            }
        )*
    };
}

codes! {
    /// A code of the image service.
    ImageServiceCode = |code| code.starts_with("IMG.");
    /// A code of the gateway.
    GatewayCode = |code| code.contains('.') && !code.starts_with("IMG.");
    /// What stands for a code in the errors of the native API.
    NativeCode = |code| !code.contains('.');
}

/// The codes that pass a test, in the order of the table, with status and meaning. Rows that share a code
/// share an entry.
fn explained(test: fn(&str) -> bool) -> Vec<Value> {
    let mut codes: Vec<(&str, String)> = Vec::new();
    for row in Code::ALL.iter().filter(|row| test(row.code())) {
        let says = format!("Status {}: {}.", row.status(), row.meaning());
        match codes.iter_mut().find(|(code, _)| *code == row.code()) {
            Some((_, all)) => all.push_str(&format!(" {says}")),
            None => codes.push((row.code(), says)),
        }
    }
    codes.iter().map(|(code, says)| json!({ "const": code, "description": says })).collect()
}

/// Any code that an answer of the service can carry.
pub(super) struct AnyCode;

/// A code that an injected answer can have; those of the native API have texts that name an image.
pub(super) struct AnswerCode;

impl JsonSchema for AnyCode {
    fn schema_name() -> Cow<'static, str> {
        "AnyCode".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A code of an error.",
            "anyOf": [
                generator.subschema_for::<ImageServiceCode>(),
                generator.subschema_for::<GatewayCode>(),
                generator.subschema_for::<NativeCode>(),
            ],
        })
    }
}

impl JsonSchema for AnswerCode {
    fn schema_name() -> Cow<'static, str> {
        "AnswerCode".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A code of an injected answer.",
            "anyOf": [
                generator.subschema_for::<ImageServiceCode>(),
                generator.subschema_for::<GatewayCode>(),
            ],
        })
    }
}
