//! The forms of members and images. Contract, "Schemas".

use super::answer::{Answer, Success};
use super::call::Call;
use crate::api::{Code, Refusal, native_schema};

/// Shows a schema to whoever has a token, whatever he may do.
pub(super) fn show(call: &Call<'_>) -> Answer {
    let document = call.allowed().map_err(Refusal::from).and_then(|_| {
        let document = native_schema::named(call.path.get("schema"));
        document.ok_or_else(|| Code::NativeSchemaNotFound.into())
    });
    Answer::of(document.map(|document| Success::json(&document)))
}
