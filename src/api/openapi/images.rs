//! What the operations on images take and answer.

use serde_json::{Value, json};

use super::super::Operation;
use super::super::image::{CloudImagesBody, ImageBody, ImagesBody, QuotasBody};
use super::super::version::VersionsBody;
use super::operations::{Answers, answered, one, status};
use super::parameters::in_query;
use super::schemas::Schemas;

/// Filters that compare for equality and take any text.
const PLAIN_FILTERS: [(&str, &str); 15] = [
    ("__imagetype", "`gold`, `private`, `shared` or `market`."),
    ("owner", "The project that owns it."),
    ("id", "The id."),
    ("name", "The whole name."),
    ("status", "The status."),
    ("tag", "A tag; `key=value` in its newer form."),
    ("virtual_env_type", "What it is for."),
    ("architecture", "`x86` or `arm`."),
    ("enterprise_project_id", "`0`, a UUID, or `all_granted_eps`."),
    ("__os_type", "`Linux`, `Windows` or `Other`."),
    ("__os_bit", "`32` or `64`."),
    ("__platform", "The platform."),
    ("container_format", "`bare`."),
    ("disk_format", "The format of the disk."),
    ("__system__cmkid", "The key that it is encrypted with."),
];

/// Filters whose values other than these fit no image.
const OTHER_FILTERS: [(&str, &str); 5] = [
    ("protected", "`true` or `false`."),
    ("__isregistered", "`true` is all that there is."),
    ("__whole_image", "`true` or `false`."),
    ("min_ram", "The least memory, in MB."),
    ("min_disk", "The smallest disk, in GB."),
];

/// What the answers of a list of images say.
pub(super) fn of(operation: Operation, schemas: &mut Schemas) -> Answers {
    match operation {
        Operation::ListCloudImages => {
            let about = "One page; the next one begins behind its last image.";
            one(answered::<CloudImagesBody>(schemas, about))
        }
        Operation::ListImages => {
            one(answered::<ImagesBody>(schemas, "One page, with the way to the next one."))
        }
        Operation::ShowImage => one(answered::<ImageBody>(schemas, "The image.")),
        Operation::DeleteImage => {
            vec![status(204, json!({ "description": "The image is gone." }))]
        }
        Operation::ShowSchema => one(json!({
            "description": "A JSON Schema.",
            "content": { "application/json": { "schema": { "type": "object" } } },
        })),
        Operation::ShowQuota => one(answered::<QuotasBody>(schemas, "Quotas.")),
        _ => vec![status(300, answered::<VersionsBody>(schemas, "The versions."))],
    }
}

/// What the query of a list of images takes.
pub(super) fn query(page: usize) -> Vec<Value> {
    let text = || json!({ "type": "string" });
    // An empty value is no filter (contract, C-12).
    let words = |words: &[&'static str]| {
        let words: Vec<&str> = words.iter().copied().chain([""]).collect();
        json!({ "type": "string", "enum": words })
    };
    let time = || {
        let pattern = r"^$|^(gt|gte|lt|lte|eq|neq):[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$";
        json!({ "type": "string", "pattern": pattern })
    };
    let statuses = words(&["pending", "accepted", "rejected"]);
    let keys = ["name", "container_format", "disk_format", "status", "id", "size", "created_at"];
    let limit = json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "enum": [""] }], "default": page });
    let mut all = vec![
        in_query("visibility", "Who sees it.", words(&["public", "private", "shared"])),
        in_query("member_status", "Received images of which the share stands so.", statuses),
        in_query("marker", "The image behind which the page begins.", marker()),
        in_query("limit", "How long a page is; longer ones than 1000 are cut.", limit),
        in_query("sort_key", "What they are sorted by.", words(&keys)),
        in_query("sort_dir", "In which direction.", words(&["asc", "desc"])),
        in_query("created_at", "An operator and a time.", time()),
        in_query("updated_at", "An operator and a time.", time()),
    ];
    let filters = PLAIN_FILTERS.iter().chain(&OTHER_FILTERS);
    all.extend(filters.map(|(name, about)| in_query(name, about, text())));
    all
}

/// An image, or nothing at all, which is no marker (contract, C-12).
fn marker() -> Value {
    let hex = |digits| format!("[0-9a-fA-F]{{{digits}}}");
    let pattern = format!("^$|^{}(-{}){{3}}-{}$", hex(8), hex(4), hex(12));
    json!({ "type": "string", "pattern": pattern })
}
