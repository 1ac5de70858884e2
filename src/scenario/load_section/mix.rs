//! What a load does, and how often each of it.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Operation;
use crate::scenario::named::Named;
use crate::scenario::problem::nearest;

/// The operations that submit a job, which is then polled until it is final.
pub const BATCHES: [Operation; 3] =
    [Operation::AddMembers, Operation::UpdateMembers, Operation::DeleteMembers];

/// The operations that change one member at once.
pub const NATIVE: [Operation; 3] =
    [Operation::AddMember, Operation::UpdateMember, Operation::DeleteMember];

/// The operations that only look.
pub const QUERIES: [Operation; 8] = [
    Operation::ListMembers,
    Operation::ShowMember,
    Operation::ListCloudImages,
    Operation::ListImages,
    Operation::ShowImage,
    Operation::ShowQuota,
    Operation::ListVersions,
    Operation::ShowToken,
];

/// One operation of a mix: its weight alone, or with what it is done to.
#[derive(Clone, Debug, PartialEq)]
pub struct MixEntry {
    /// How often it is done, beside the weights of the others.
    pub weight: u32,
    /// The images that it draws from, by name, or with `name-*` all numbered ones; all if left out.
    pub images: Option<Vec<String>>,
    /// The projects that images are shared with, in the same way; all that do not own the image if left out.
    pub projects: Option<Vec<String>>,
}

/// The long form of an entry.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Long {
    weight: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    images: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    projects: Option<Vec<String>>,
}

fn all() -> impl Iterator<Item = Operation> {
    BATCHES.into_iter().chain(NATIVE).chain(QUERIES)
}

/// What a key of a mix is, as a part of the schema.
pub(super) fn names() -> Value {
    json!({ "enum": all().map(Operation::name).collect::<Vec<_>>() })
}

/// Reads a mix from one line: `add_members=3, list_members`. What has no weight has that of 1.
///
/// # Errors
/// A sentence for people that names the operation that is wrong.
pub fn read_mix(text: &str) -> Result<Named<MixEntry>, String> {
    let mut mix: Vec<(String, MixEntry)> = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
        let name = name.trim();
        in_mix(name)?;
        let weight = weight.trim();
        let weight = weight
            .parse()
            .map_err(|_| format!("`{weight}`, the weight of `{name}`, is not a whole number"))?;
        if mix.iter().any(|(other, _)| other == name) {
            return Err(format!("`{name}` stands twice"));
        }
        mix.push((name.to_owned(), MixEntry::weighing(weight)));
    }
    Ok(Named(mix))
}

/// The operation of a mix with this name.
///
/// # Errors
/// Says which ones there are nearest to it.
pub fn in_mix(name: &str) -> Result<Operation, String> {
    all().find(|operation| operation.name() == name).ok_or_else(|| {
        let near = nearest(name, all().map(Operation::name));
        let known = all().map(Operation::name).collect::<Vec<_>>().join(", ");
        format!("no load can be made of `{name}`{near}; there are {known}")
    })
}

impl MixEntry {
    /// An operation on everything.
    #[must_use]
    pub const fn weighing(weight: u32) -> Self {
        Self { weight, images: None, projects: None }
    }
}

impl Serialize for MixEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.images.is_none() && self.projects.is_none() {
            return serializer.serialize_u32(self.weight);
        }
        let Self { weight, images, projects } = self.clone();
        Long { weight, images, projects }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MixEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = MixEntry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a weight, or an object with `weight`, `images` and `projects`")
            }
            fn visit_u64<E: serde::de::Error>(self, weight: u64) -> Result<MixEntry, E> {
                let weight = u32::try_from(weight);
                weight
                    .map(MixEntry::weighing)
                    .map_err(|_| E::custom(format!("a weight is at most {}", u32::MAX)))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MixEntry, A::Error> {
                let long = Long::deserialize(MapAccessDeserializer::new(map));
                let Long { weight, images, projects } = long.map_err(A::Error::custom)?;
                Ok(MixEntry { weight, images, projects })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for MixEntry {
    fn schema_name() -> Cow<'static, str> {
        "MixEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let long = generator.subschema_for::<Long>();
        json_schema!({
            "description": "A weight, or a weight with the images and projects that are drawn from.",
            "anyOf": [{ "type": "integer", "minimum": 0, "maximum": u32::MAX }, long]
        })
    }
}
