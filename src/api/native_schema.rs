//! The forms of members and images, as the native API describes them. Contract, "Schemas" and "Image
//! object".
//!
//! Each property is described once; a list describes its things with the same properties.

use serde_json::{Value, json};

use super::image_schema;

/// The schema with this name; `None` if there is none.
#[must_use]
pub fn named(name: &str) -> Option<Value> {
    match name {
        "member" => Some(member()),
        "members" => Some(list("members", &member(), &[])),
        "image" => Some(image()),
        "images" => Some(list("images", &image(), &["first", "next"])),
        _ => None,
    }
}

fn member() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let like =
        "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$";
    json!({
        "name": "member",
        "properties": {
            "status": {
                "enum": ["pending", "accepted", "rejected"],
                "type": "string",
                "description": "The status of this image member",
            },
            "created_at": text("Date and time of image member creation"),
            "updated_at": text("Date and time of last modification of image member"),
            "image_id": {
                "pattern": like,
                "type": "string",
                "description": "An identifier for the image",
            },
            "member_id": text("An identifier for the image member (tenantId)"),
            "schema": { "readOnly": true, "type": "string" },
        },
    })
}

fn image() -> Value {
    json!({
        "name": "image",
        "properties": image_schema::properties(),
        // What else a world says of an image.
        "additionalProperties": { "type": "string" },
        "links": [
            { "href": "{self}", "rel": "self" },
            { "href": "{file}", "rel": "enclosure" },
            { "href": "{schema}", "rel": "describedby" },
        ],
    })
}

/// The schema of a list, which may have links of these kinds to other pages.
fn list(name: &str, thing: &Value, pages: &[&str]) -> Value {
    let mut properties = json!({ "schema": { "type": "string" } });
    properties[name] = json!({ "type": "array", "items": thing });
    let mut links = Vec::new();
    for page in pages {
        properties[*page] = json!({ "type": "string" });
        links.push(json!({ "href": format!("{{{page}}}"), "rel": page }));
    }
    links.push(json!({ "href": "{schema}", "rel": "describedby" }));
    json!({ "name": name, "links": links, "properties": properties })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contract, "Schemas": the documents that it writes out.
    #[test]
    fn members_are_described_as_the_contract_does() {
        let expected = json!({
            "name": "member",
            "properties": {
                "status": {"enum": ["pending", "accepted", "rejected"], "type": "string", "description": "The status of this image member"},
                "created_at": {"type": "string", "description": "Date and time of image member creation"},
                "updated_at": {"type": "string", "description": "Date and time of last modification of image member"},
                "image_id": {"pattern": "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$", "type": "string", "description": "An identifier for the image"},
                "member_id": {"type": "string", "description": "An identifier for the image member (tenantId)"},
                "schema": {"readOnly": true, "type": "string"},
            },
        });
        assert_eq!(named("member"), Some(expected.clone()));
        let list = json!({
            "name": "members",
            "links": [{"href": "{schema}", "rel": "describedby"}],
            "properties": {
                "members": {"type": "array", "items": expected},
                "schema": {"type": "string"},
            },
        });
        assert_eq!(named("members"), Some(list));
    }

    #[test]
    fn a_list_of_images_describes_them_as_one_image_is_described() {
        let (one, many) = (named("image").expect("there is one"), named("images"));
        let many = many.expect("there is one");
        assert_eq!(many["properties"]["images"]["items"], one);
        assert_eq!(many["properties"]["next"], json!({ "type": "string" }));
        assert_eq!(named("task"), None);
    }
}
