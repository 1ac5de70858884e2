//! Request and response bodies of the three batch operations. Contract, "The three batch operations".
//!
//! Reading is strict where check 5 of "Checks before a job exists" is (types, required fields, repeated
//! keys) and silent about unknown keys. Which ids exist, and how many are too many, is not known here.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use rustc_hash::FxHashSet;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::{ImageId, JobId, MemberDecision, ProjectId};

/// The most different ids that are kept of one list, and so the highest limit a world can set.
///
/// A body of 12 MiB can hold millions; what lies beyond this number is read, checked and let go.
pub const LONGEST_LIST: usize = 1_000;

/// The most different ids in one list unless a world says otherwise (DECISION U-6).
pub const USUAL_LIMIT: usize = 100;

/// Lists up to this length are searched faster by looking at each element than by hashing.
const SHORT_LIST: usize = 32;

/// The body of POST and DELETE.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SharingBody {
    /// The images to share or withdraw.
    pub images: IdList<ImageId>,
    /// The recipients.
    pub projects: IdList<ProjectId>,
    /// Accounts; refused unless empty (DECISION U-24).
    #[serde(default)]
    #[schemars(length(max = 0))]
    pub domains: Option<Vec<Text>>,
    /// Organisations; refused unless empty (DECISION U-24).
    #[serde(default)]
    #[schemars(length(max = 0))]
    pub organizations: Option<Vec<Text>>,
}

/// The body of PUT.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct UpdateBody {
    /// The shared images to decide on.
    pub images: IdList<ImageId>,
    /// The deciding recipient.
    pub project_id: Element<ProjectId>,
    /// The decision.
    #[serde(deserialize_with = "decision")]
    pub status: MemberDecision,
    /// The vault that takes a whole-server image's backup.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub vault_id: Option<String>,
    /// Accounts; refused unless empty (DECISION U-24).
    #[serde(default)]
    #[schemars(length(max = 0))]
    pub domains: Option<Vec<Text>>,
    /// Organisations; refused unless empty (DECISION U-24).
    #[serde(default)]
    #[schemars(length(max = 0))]
    pub organizations: Option<Vec<Text>>,
}

/// The answer to an accepted batch.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobAcceptedBody {
    /// The job to poll.
    pub job_id: JobId,
}

/// Reads a body; `None` unless it is one JSON object of the right form.
#[must_use]
pub fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    // Derived readers also take an array with the fields in order, which no client may send.
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace())?;
    if *first != b'{' {
        return None;
    }
    // Read from bytes, a value that nobody looks at could be no text at all, and JSON is always UTF-8.
    serde_json::from_str(std::str::from_utf8(body).ok()?).ok()
}

/// A decision as a string; a derived reader would also take an object with the word as its key.
fn decision<'de, D: Deserializer<'de>>(from: D) -> Result<MemberDecision, D::Error> {
    let text = String::deserialize(from)?;
    MemberDecision::parse(&text).ok_or_else(|| D::Error::custom("neither accepted nor rejected"))
}

/// A JSON string whose content does not matter.
#[derive(Debug)]
pub struct Text;

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl Visitor<'_> for TextVisitor {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, _: &str) -> Result<Text, E> {
                Ok(Text)
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// An id that can be read from text.
pub trait WireId: Copy + Eq + std::hash::Hash {
    /// The id, or `None` if the text has not its form.
    fn from_text(text: &str) -> Option<Self>;
}

impl WireId for ImageId {
    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl WireId for ProjectId {
    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// A string where an id should stand: the id, or the text that is none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Element<T> {
    /// An id of the right form.
    Id(T),
    /// Anything else that is a string.
    Malformed(Box<str>),
}

impl<T: Copy> Element<T> {
    /// The id, if it is one.
    #[must_use]
    pub const fn id(&self) -> Option<T> {
        match self {
            Self::Id(id) => Some(*id),
            Self::Malformed(_) => None,
        }
    }
}

impl<T: JsonSchema> JsonSchema for Element<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<'de, T: WireId> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ElementVisitor<T>(PhantomData<T>);
        impl<T: WireId> Visitor<'_> for ElementVisitor<T> {
            type Value = Element<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id as a string")
            }
            fn visit_str<E>(self, text: &str) -> Result<Element<T>, E> {
                Ok(T::from_text(text).map_or_else(|| Element::Malformed(text.into()), Element::Id))
            }
        }
        deserializer.deserialize_str(ElementVisitor(PhantomData))
    }
}

/// A list of ids in request order, without duplicates (DECISION U-7), never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdList<T> {
    elements: Vec<Element<T>>,
}

impl<T: WireId> IdList<T> {
    /// How many different elements there are; everything above [`LONGEST_LIST`] counts as one more.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.elements.len()
    }

    /// The elements in request order.
    #[must_use]
    pub fn elements(&self) -> &[Element<T>] {
        &self.elements
    }

    /// The ids in request order, or `None` if an element has not the form of one.
    #[must_use]
    pub fn ids(&self) -> Option<Vec<T>> {
        let id = |element: &Element<T>| match element {
            Element::Id(id) => Some(*id),
            Element::Malformed(_) => None,
        };
        self.elements.iter().map(id).collect()
    }
}

impl<T: JsonSchema> JsonSchema for IdList<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("ListOf{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<Element<T>>();
        json_schema!({ "type": "array", "items": items, "minItems": 1, "maxItems": USUAL_LIMIT })
    }
}

impl<'de, T: WireId> Deserialize<'de> for IdList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);
        impl<'de, T: WireId> Visitor<'de> for ListVisitor<T> {
            type Value = IdList<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of ids, not empty")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<IdList<T>, A::Error> {
                let mut distinct = Distinct::default();
                while distinct.elements.len() <= LONGEST_LIST {
                    let Some(element) = list.next_element()? else {
                        break;
                    };
                    distinct.push(element);
                }
                // Beyond the bound only the form matters: each further element must still be a string.
                while list.next_element::<Text>()?.is_some() {}
                if distinct.elements.is_empty() {
                    return Err(A::Error::custom("the list is empty"));
                }
                Ok(IdList { elements: distinct.elements })
            }
        }
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

/// Collects elements in order and drops those seen before.
struct Distinct<T> {
    elements: Vec<Element<T>>,
    seen: FxHashSet<Element<T>>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self { elements: Vec::new(), seen: FxHashSet::default() }
    }
}

impl<T: WireId> Distinct<T> {
    fn push(&mut self, element: Element<T>) {
        if self.elements.len() < SHORT_LIST {
            if !self.elements.contains(&element) {
                self.elements.push(element);
            }
            return;
        }
        if self.seen.is_empty() {
            self.seen.extend(self.elements.iter().cloned());
        }
        if self.seen.insert(element.clone()) {
            self.elements.push(element);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IMAGE: &str = "3f0e1c52-7a64-4b0d-9c1f-2d5b8a6e4f10";
    const PROJECT: &str = "5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e";

    fn body(images: &str, rest: &str) -> String {
        format!(r#"{{"images":{images},"projects":["{PROJECT}"]{rest}}}"#)
    }

    /// The text with a byte that is no UTF-8 in place of each question mark.
    fn not_utf8(text: &str) -> Vec<u8> {
        text.bytes().map(|byte| if byte == b'?' { 0xff } else { byte }).collect()
    }

    #[test]
    fn sharing_bodies_are_read_as_check_5_says() {
        let check = |text: &str, good: bool| {
            assert_eq!(read::<SharingBody>(text.as_bytes()).is_some(), good, "{text}");
        };
        let one = format!(r#"["{IMAGE}"]"#);
        check(&body(&one, ""), true);
        check(&body(r#"["not a uuid"]"#, ""), true);
        check(&body(&one, r#","unknown":{"deep":[1]}"#), true);
        check(&body(&one, r#","domains":[],"organizations":null"#), true);
        check(&format!("  \n{}", body(&one, "")), true);
        check(&body("[]", ""), false);
        check(&body("null", ""), false);
        check(&body(r#""x""#, ""), false);
        check(&body("[1]", ""), false);
        check(&body("[null]", ""), false);
        check(&body(&one, r#","domains":"x""#), false);
        check(&body(&one, r#","images":["x"]"#), false);
        check(&format!(r#"{{"images":{one}}}"#), false);
        check(&format!(r#"[{one},["{PROJECT}"]]"#), false);
        check("", false);
        check("null", false);
        assert!(read::<SharingBody>(&not_utf8(&body(&one, r#","unknown":"?""#))).is_none());
        check(&body(&one, "").replace('}', ""), false);
        check(&(body(&one, "") + "x"), false);
    }

    #[test]
    fn the_status_of_an_update_has_two_values() {
        let check = |status: &str, good: bool| {
            let text = format!(r#"{{"images":["x"],"project_id":"p","status":{status}}}"#);
            assert_eq!(read::<UpdateBody>(text.as_bytes()).is_some(), good, "{text}");
        };
        check(r#""accepted""#, true);
        check(r#""rejected""#, true);
        check(r#""pending""#, false);
        check(r#""ACCEPTED""#, false);
        check(r#"{"accepted":null}"#, false);
        check("null", false);
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_overflow() {
        let deep = format!(r#"{{"x":{}"#, "[".repeat(1 << 20));
        assert!(read::<SharingBody>(deep.as_bytes()).is_none());
    }

    #[test]
    fn the_same_image_in_two_cases_is_one() {
        let text = body(&format!(r#"["{IMAGE}","{}"]"#, IMAGE.to_uppercase()), "");
        let read: SharingBody = read(text.as_bytes()).expect("a good body");
        assert_eq!(read.images.distinct(), 1);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read::<SharingBody>(&bytes);
            let _ = read::<UpdateBody>(&bytes);
        }

        #[test]
        fn duplicates_go_and_the_order_of_first_appearance_stays(
            numbers in proptest::collection::vec(0_u128..1_500, 1..3_000)
        ) {
            let ids: Vec<ImageId> = numbers.iter().map(|n| ImageId::from_u128(*n)).collect();
            let text = body(&serde_json::to_string(&ids).expect("ids become JSON"), "");
            let read: SharingBody = read(text.as_bytes()).expect("a good body");
            let mut expected: Vec<ImageId> = Vec::new();
            let mut seen = std::collections::BTreeSet::new();
            expected.extend(ids.iter().filter(|id| seen.insert(**id)));
            expected.truncate(LONGEST_LIST + 1);
            prop_assert_eq!(read.images.ids().expect("all well formed"), expected);
        }
    }
}
