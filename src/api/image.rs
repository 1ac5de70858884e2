//! Images as the read endpoints show them. Contract, "Image object" and "Read endpoints".

use std::sync::Arc;

use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::image_words::{Architecture, ImageStatus, ImageType, Visibility};
use super::{ImageId, ProjectId, time};

pub use super::image_details::{Details, Properties, Tags};

/// One image, as the read endpoints show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageBody {
    /// The id.
    pub id: ImageId,
    /// The name.
    pub name: Arc<str>,
    /// The project that owns it.
    pub owner: ProjectId,
    /// Its status.
    pub status: ImageStatus,
    /// Who sees it.
    pub visibility: Visibility,
    /// Of which kind it is.
    pub image_type: ImageType,
    /// Whether it can be deleted only after it was made deletable.
    pub protected: bool,
    /// Whether it holds a whole server.
    pub whole_server: bool,
    /// The key that it is encrypted with, if it is.
    pub cmkid: Option<Box<str>>,
    /// The product that it is on the marketplace, if it is one.
    pub productcode: Option<Box<str>>,
    /// When it was made, in milliseconds since 1970; it is usable since then.
    pub created: u64,
    /// When it last changed, likewise.
    pub updated: u64,
    /// The rest.
    pub details: Arc<Details>,
}

impl Serialize for ImageBody {
    /// Keys in the order of the contract's example, and behind them those that only some images have.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.head(&mut map)?;
        self.middle(&mut map)?;
        self.tail(&mut map)?;
        map.end()
    }
}

impl ImageBody {
    fn head<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let details = &self.details;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("owner", &self.owner)?;
        map.serialize_entry("status", self.status.as_str())?;
        map.serialize_entry("visibility", self.visibility.as_str())?;
        map.serialize_entry("__imagetype", self.image_type.as_str())?;
        map.serialize_entry("protected", &self.protected)?;
        map.serialize_entry("container_format", details.container_format())?;
        map.serialize_entry("disk_format", details.disk_format().as_str())?;
        map.serialize_entry("min_disk", &details.min_disk())?;
        map.serialize_entry("min_ram", &details.min_ram())?;
        map.serialize_entry("size", &0)?;
        map.serialize_entry("virtual_size", &())?;
        map.serialize_entry("tags", &*details.tags)
    }

    fn middle<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let (id, created) = (self.id, time::whole_seconds(self.created));
        let details = &self.details;
        map.serialize_entry("created_at", &created)?;
        map.serialize_entry("updated_at", &time::whole_seconds(self.updated))?;
        map.serialize_entry("active_at", &created)?;
        map.serialize_entry("self", &format_args!("/v2/images/{id}"))?;
        map.serialize_entry("file", &format_args!("/v2/images/{id}/file"))?;
        map.serialize_entry("schema", "/v2/schemas/image")?;
        map.serialize_entry("__isregistered", "true")?;
        map.serialize_entry("__image_source_type", "uds")?;
        map.serialize_entry("__os_type", details.os_type().as_str())?;
        map.serialize_entry("__os_bit", details.os_bit().as_str())?;
        map.serialize_entry("__os_version", &details.os_version())?;
        map.serialize_entry("__platform", details.platform())?;
        map.serialize_entry("virtual_env_type", details.virtual_env_type().as_str())?;
        map.serialize_entry("__image_size", &format_args!("{}", details.image_size()))
    }

    /// What is absent when it does not apply.
    fn tail<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let details = &self.details;
        let architecture = details.architecture.map(Architecture::as_str);
        let texts = [
            ("architecture", architecture),
            ("__description", details.description.as_deref()),
            ("enterprise_project_id", details.enterprise_project_id.as_deref()),
            ("__backup_id", details.backup_id.as_deref()),
            ("__system__cmkid", self.cmkid.as_deref()),
            ("__productcode", self.productcode.as_deref()),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                map.serialize_entry(key, text)?;
            }
        }
        if self.whole_server {
            map.serialize_entry("__whole_image", &true)?;
        }
        for (key, value) in &details.properties {
            map.serialize_entry(key, value)?;
        }
        Ok(())
    }
}

/// The answer of `GET /v2/cloudimages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CloudImagesBody {
    /// One page.
    pub images: Vec<ImageBody>,
}

/// The answer of `GET /v2/images`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImagesBody {
    /// Always `/v2/schemas/images`.
    pub schema: &'static str,
    /// The path of the first page.
    pub first: String,
    /// The path of the next page, while there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub next: Option<String>,
    /// One page.
    pub images: Vec<ImageBody>,
}

/// The schema that a native list of images names.
pub const IMAGES_SCHEMA: &str = "/v2/schemas/images";

/// The answer of `GET /v1/cloudimages/quota`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuotasBody {
    /// What there are quotas for.
    pub quotas: QuotaResources,
}

/// What there are quotas for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuotaResources {
    /// One entry each.
    pub resources: [QuotaBody; 1],
}

/// A quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuotaBody {
    /// What it is for.
    #[serde(rename = "type")]
    pub resource: &'static str,
    /// How much of it is used.
    pub used: usize,
    /// How much there may be.
    pub quota: usize,
    /// The least that a quota can be.
    pub min: usize,
    /// The most that a quota can be.
    pub max: usize,
}

impl QuotasBody {
    /// The quota of private images, of which there are so many.
    #[must_use]
    pub const fn of_images(used: usize, quota: usize) -> Self {
        let image = QuotaBody { resource: "image", used, quota, min: 1, max: 1_000 };
        Self { quotas: QuotaResources { resources: [image] } }
    }
}

#[cfg(test)]
mod tests {
    use super::super::image_schema::has_field;
    use super::*;

    fn full() -> ImageBody {
        let text = || Some("text".into());
        let details = Details {
            architecture: Some(Architecture::Arm),
            description: text(),
            enterprise_project_id: text(),
            backup_id: text(),
            ..Details::default()
        };
        ImageBody {
            id: ImageId::from_u128(1),
            name: "web".into(),
            owner: ProjectId::from_u128(2),
            status: ImageStatus::Active,
            visibility: Visibility::Private,
            image_type: ImageType::Private,
            protected: false,
            whole_server: true,
            cmkid: text(),
            productcode: text(),
            created: 0,
            updated: 0,
            details: Arc::new(details),
        }
    }

    #[test]
    fn no_property_can_take_a_key_of_the_image_itself() {
        let body = serde_json::to_value(full()).expect("an image is JSON");
        let keys = body.as_object().expect("an object").keys();
        let unknown: Vec<_> = keys.filter(|key| !has_field(key)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
