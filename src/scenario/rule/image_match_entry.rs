//! Which image a rule is about: a name, or an object that says more.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::contradiction::HIGHEST_INDEX;
use super::match_entry::is_pattern;
use crate::faults::ImageTest;
use crate::scenario::pattern::LONGEST_PATTERN;
use crate::scenario::problem::{Misfit, Within};
use crate::scenario::world_names::WorldNames;

/// Which image: a name, a pattern or an id as text, or an object that says more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageMatchEntry {
    /// By name, with `*` and `?` for any characters, or by id.
    pub name: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// At this place of the request, from 0.
    pub index: Option<u32>,
}

/// The long form of which image.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Long {
    /// By name, with `*` and `?` for any characters, or by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = LONGEST_PATTERN))]
    name: Option<String>,
    /// With this tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    /// At this place of the request, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = HIGHEST_INDEX))]
    index: Option<u32>,
}

impl JsonSchema for ImageMatchEntry {
    fn schema_name() -> Cow<'static, str> {
        "ImageMatchEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Which image: a name, a pattern or an id as text, or an object that says more.",
            "anyOf": [
                { "type": "string", "maxLength": LONGEST_PATTERN },
                generator.subschema_for::<Long>(),
            ],
        })
    }
}

impl Serialize for ImageMatchEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self { name: Some(name), tag: None, index: None } => serializer.serialize_str(name),
            Self { name, tag, index } => {
                Long { name: name.clone(), tag: tag.clone(), index: *index }.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for ImageMatchEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntryVisitor;
        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = ImageMatchEntry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "an image's name or id as text, or an object with `name`, `tag`, `index`",
                )
            }
            fn visit_str<E>(self, name: &str) -> Result<ImageMatchEntry, E> {
                Ok(ImageMatchEntry { name: Some(name.to_owned()), ..ImageMatchEntry::default() })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ImageMatchEntry, A::Error> {
                let Long { name, tag, index } = Long::deserialize(MapAccessDeserializer::new(map))?;
                Ok(ImageMatchEntry { name, tag, index })
            }
        }
        deserializer.deserialize_any(EntryVisitor)
    }
}

impl ImageMatchEntry {
    pub(super) fn compile(&self, names: &WorldNames<'_>) -> Result<ImageTest, Misfit> {
        let mut test = ImageTest { index: self.index, ..ImageTest::default() };
        match self.name.as_deref() {
            Some(name) if is_pattern(name) => {
                test.name = Some(names.image_pattern(name).within("name")?);
            }
            Some(name) => {
                let id = names.image(name)?;
                test.id = Some(id);
                test.called = Some(names.called(id));
            }
            None => {}
        }
        if let Some(tag) = &self.tag {
            names.tag(tag).within("tag")?;
            test.tag = Some(tag.as_str().into());
        }
        if test == ImageTest::default() {
            return Err(Misfit::new(
                "says nothing; give `name`, `tag` or `index`, or leave it out",
            ));
        }
        Ok(test)
    }
}
