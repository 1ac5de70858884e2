//! The fields of an image, once for all who describe them. Contract, "Image object".

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::image::ImageBody;
use super::image_words::{
    Architecture, DiskFormat, ImageStatus, ImageType, OsBit, OsType, VirtualEnvType, Visibility,
};

/// One field: its key, whether every image has it, what it is, and its type.
struct Field(&'static str, bool, &'static str, Type);

/// What a field holds.
enum Type {
    Text,
    /// A text that is always this one.
    Constant(&'static str),
    Id,
    Time,
    Flag,
    Number,
    Nothing,
    Texts,
    Words(fn() -> Schema),
}

use Type::{Constant, Flag, Id, Nothing, Number, Text, Texts, Time, Words};

/// Every field that an image may have of its own, in the order in which they are written.
const FIELDS: [Field; 35] = [
    Field("id", true, "The id.", Id),
    Field("name", true, "The name.", Text),
    Field("owner", true, "The project that owns it.", Text),
    Field("status", true, "Its status; only `active` is usable.", Words(words::<ImageStatus>)),
    Field("visibility", true, "Who sees it.", Words(words::<Visibility>)),
    Field("__imagetype", true, "Of which kind it is.", Words(words::<ImageType>)),
    Field("protected", true, "Whether it cannot be deleted.", Flag),
    Field("container_format", true, "The format of the container.", Text),
    Field("disk_format", true, "The format of the disk.", Words(words::<DiskFormat>)),
    Field("min_disk", true, "The smallest disk for it, in GB.", Number),
    Field("min_ram", true, "The least memory for it, in MB.", Number),
    Field("size", true, "Not used.", Number),
    Field("virtual_size", true, "Not used.", Nothing),
    Field("tags", true, "Its tags.", Texts),
    Field("created_at", true, "When it was made.", Time),
    Field("updated_at", true, "When it last changed.", Time),
    Field("active_at", true, "When it became usable.", Time),
    Field("self", true, "Its path.", Text),
    Field("file", true, "The path of its file.", Text),
    Field("schema", true, "The path of its schema.", Constant("/v2/schemas/image")),
    Field("__isregistered", true, "Always `true`.", Constant("true")),
    Field("__image_source_type", true, "Where it is kept.", Constant("uds")),
    Field("__os_type", true, "The kind of operating system.", Words(words::<OsType>)),
    Field("__os_bit", true, "The width of its words.", Words(words::<OsBit>)),
    Field("__os_version", true, "The version of the operating system.", Text),
    Field("__platform", true, "The platform of the operating system.", Text),
    Field("virtual_env_type", true, "What it is for.", Words(words::<VirtualEnvType>)),
    Field("__image_size", true, "Its size in bytes.", Text),
    Field("architecture", false, "The processors that it is for.", Words(words::<Architecture>)),
    Field("__description", false, "What it is about.", Text),
    Field("enterprise_project_id", false, "Its enterprise project.", Text),
    Field("__backup_id", false, "The backup that it was made from.", Text),
    Field("__system__cmkid", false, "The key that it is encrypted with.", Text),
    Field("__productcode", false, "Its product on the marketplace.", Text),
    Field("__whole_image", false, "Whether it holds a whole server.", Flag),
];

/// Whether an image may have a field of its own with this key.
#[must_use]
pub fn has_field(key: &str) -> bool {
    FIELDS.iter().any(|Field(own, ..)| *own == key)
}

/// The fields as properties of a JSON Schema.
#[must_use]
pub fn properties() -> Map<String, Value> {
    let property = |Field(key, _, about, kind): &Field| {
        let mut schema = kind.schema();
        schema["description"] = json!(about);
        ((*key).to_owned(), schema)
    };
    FIELDS.iter().map(property).collect()
}

fn words<T: JsonSchema>() -> Schema {
    T::json_schema(&mut SchemaGenerator::default())
}

impl Type {
    fn schema(&self) -> Value {
        match self {
            Text => json!({ "type": "string" }),
            Constant(text) => json!({ "type": "string", "enum": [text] }),
            Id => json!({ "type": "string", "format": "uuid" }),
            Time => json!({ "type": "string", "format": "date-time" }),
            Flag => json!({ "type": "boolean" }),
            Number => json!({ "type": "integer" }),
            Nothing => json!({ "type": ["integer", "null"] }),
            Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Words(schema) => {
                // Only the words are told here, not what each of them means.
                let schema = schema();
                let each = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
                let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
                let words: Vec<&Value> =
                    each.filter_map(|one| one.get("const")).chain(listed).collect();
                json!({ "type": "string", "enum": words })
            }
        }
    }
}

impl JsonSchema for ImageBody {
    fn schema_name() -> Cow<'static, str> {
        "Image".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let always = FIELDS.iter().filter(|Field(_, always, ..)| *always);
        let mut schema = Schema::default();
        schema.insert("type".to_owned(), json!("object"));
        schema.insert("description".to_owned(), json!("One image."));
        schema.insert("properties".to_owned(), Value::Object(properties()));
        let required: Vec<&str> = always.map(|Field(key, ..)| *key).collect();
        schema.insert("required".to_owned(), json!(required));
        // What else a world says of an image.
        schema.insert("additionalProperties".to_owned(), json!({ "type": "string" }));
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_that_the_types_have() {
        let words = Words(words::<ImageStatus>).schema();
        assert_eq!(words["enum"], json!(["queued", "saving", "deleted", "killed", "active"]));
        let words = Words(super::words::<VirtualEnvType>).schema();
        assert_eq!(words["enum"][0], "FusionCompute");
    }
}
