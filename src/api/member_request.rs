//! Request bodies of the native member endpoints. Contract, "Native member endpoints" and "Refusals".
//!
//! Unknown keys are ignored (C-8). What is not of the right form is refused in the words that Glance has
//! for it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use serde_json::value::RawValue;

use super::{Code, MemberDecision};

/// The body of POST: whom to share the image with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddBody {
    /// The member, as the client wrote it; never empty.
    pub member: Box<str>,
}

/// The body of PUT: what the recipient decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionBody {
    /// The decision; `None` for any other value, `pending` among them (DECISION U-22).
    pub decision: Option<MemberDecision>,
    /// The vault that takes a whole-server image's backup; never empty.
    pub vault: Option<Box<str>>,
}

/// What is looked at of a body: each value as it is written, so that none costs more than its text.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    member: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    status: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    vault_id: Option<&'a RawValue>,
}

/// A value that is there, `null` included.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(from: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

impl JsonSchema for AddBody {
    fn schema_name() -> Cow<'static, str> {
        "AddMember".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Whom to share the image with.",
            "properties": {
                "member": { "type": "string", "minLength": 1, "description": "A project." },
            },
            "required": ["member"],
        })
    }
}

impl JsonSchema for DecisionBody {
    fn schema_name() -> Cow<'static, str> {
        "DecideMember".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "What the recipient decides.",
            "properties": {
                "status": {
                    "type": "string",
                    "enum": ["accepted", "rejected"],
                    "description": "The decision.",
                },
                "vault_id": {
                    "type": ["string", "null"],
                    "minLength": 1,
                    "description": "The vault that takes a whole-server image's backup.",
                },
            },
            "required": ["status"],
        })
    }
}

impl AddBody {
    /// Reads a body.
    ///
    /// # Errors
    /// 400: no body, no JSON, no object, no member, an empty one or one that is no string.
    pub fn read(body: &[u8]) -> Result<Self, Code> {
        let written = read(body, Code::NativeMemberForm)?;
        let member = written.member.ok_or(Code::NativeMemberMissing)?;
        match text(member) {
            Some(member) if !member.is_empty() => Ok(Self { member }),
            None if !is_null(member) => Err(Code::NativeMemberForm),
            _ => Err(Code::NativeMemberEmpty),
        }
    }
}

impl DecisionBody {
    /// Reads a body.
    ///
    /// # Errors
    /// 400: no body, no JSON, no object, no status, or a vault that is empty or no string. A status that
    /// nobody may set is refused only when it is known that the caller may set one.
    pub fn read(body: &[u8]) -> Result<Self, Code> {
        let written = read(body, Code::NativeStatusForm)?;
        let status = written.status.ok_or(Code::NativeStatusMissing)?;
        let decision = text(status).and_then(|status| MemberDecision::parse(&status));
        let vault = written.vault_id.filter(|vault| !is_null(vault));
        let vault = vault.map(|vault| {
            text(vault).filter(|vault| !vault.is_empty()).ok_or(Code::NativeVaultForm)
        });
        Ok(Self { decision, vault: vault.transpose()? })
    }
}

/// Reads an object; `no_object` refuses what is JSON and none.
fn read(body: &[u8], no_object: Code) -> Result<Written<'_>, Code> {
    if body.is_empty() {
        return Err(Code::NativeBodyMissing);
    }
    let text = std::str::from_utf8(body).map_err(|_| Code::NativeBodyMalformed)?;
    // Derived readers also take an array with the values in order.
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|_| Code::NativeBodyMalformed);
    }
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Err(no_object),
        Err(_) => Err(Code::NativeBodyMalformed),
    }
}

fn text(value: &RawValue) -> Option<Box<str>> {
    serde_json::from_str(value.get()).ok()
}

fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bodies_that_add_are_read_or_refused_in_glances_words() {
        let check = |text: &str, expected: Result<&str, Code>| {
            let found = AddBody::read(text.as_bytes()).map(|body| body.member);
            assert_eq!(found, expected.map(Into::into), "{text}");
        };
        check(r#"{"member": "x"}"#, Ok("x"));
        check(r#"{"member": "", "member_type": 1}"#, Err(Code::NativeMemberEmpty));
        check(r#"{"member": "\u0078", "unknown": {"deep": [1]}}"#, Ok("x"));
        check(r#"{"member": null}"#, Err(Code::NativeMemberEmpty));
        check(r#"{"member": 5}"#, Err(Code::NativeMemberForm));
        check(r#"{"member": ["x"]}"#, Err(Code::NativeMemberForm));
        check(r#"{"member": "x", "member": "y"}"#, Err(Code::NativeBodyMalformed));
        check("{}", Err(Code::NativeMemberMissing));
        check("null", Err(Code::NativeMemberForm));
        check(r#"["x", "accepted", null]"#, Err(Code::NativeMemberForm));
        check(r#""x""#, Err(Code::NativeMemberForm));
        check("", Err(Code::NativeBodyMissing));
        check(" ", Err(Code::NativeBodyMalformed));
        check("{", Err(Code::NativeBodyMalformed));
        check("[", Err(Code::NativeBodyMalformed));
        check(r#"{"member": "x"} x"#, Err(Code::NativeBodyMalformed));
    }

    #[test]
    fn bodies_that_decide_are_read_or_refused_in_glances_words() {
        use MemberDecision::{Accepted, Rejected};
        let check = |text: &str, expected: Result<(Option<MemberDecision>, Option<&str>), Code>| {
            let found = DecisionBody::read(text.as_bytes());
            let expected = expected
                .map(|(decision, vault)| DecisionBody { decision, vault: vault.map(Into::into) });
            assert_eq!(found, expected, "{text}");
        };
        check(r#"{"status": "accepted"}"#, Ok((Some(Accepted), None)));
        check(r#"{"status": "rejected", "member": "x"}"#, Ok((Some(Rejected), None)));
        check(r#"{"status": "accepted", "vault_id": "v"}"#, Ok((Some(Accepted), Some("v"))));
        check(r#"{"status": "accepted", "vault_id": null}"#, Ok((Some(Accepted), None)));
        check(r#"{"status": "accepted", "vault_id": ""}"#, Err(Code::NativeVaultForm));
        check(r#"{"status": "accepted", "vault_id": 1}"#, Err(Code::NativeVaultForm));
        check(r#"{"status": "pending"}"#, Ok((None, None)));
        check(r#"{"status": "ACCEPTED"}"#, Ok((None, None)));
        check(r#"{"status": null}"#, Ok((None, None)));
        check(r#"{"status": {"accepted": null}}"#, Ok((None, None)));
        check("{}", Err(Code::NativeStatusMissing));
        check("null", Err(Code::NativeStatusForm));
        check("", Err(Code::NativeBodyMissing));
        check("status", Err(Code::NativeBodyMalformed));
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_overflow() {
        let deep = format!(r#"{{"x":{}"#, "[".repeat(1 << 20));
        assert_eq!(AddBody::read(deep.as_bytes()), Err(Code::NativeBodyMalformed));
        let deep = "[".repeat(1 << 20);
        assert_eq!(AddBody::read(deep.as_bytes()), Err(Code::NativeBodyMalformed));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = AddBody::read(&bytes);
            let _ = DecisionBody::read(&bytes);
        }
    }
}
