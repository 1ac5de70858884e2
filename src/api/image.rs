//! Images as the read endpoints show them. Contract, "Image object" and "Read endpoints".

use std::borrow::Cow;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::image_words::{Architecture, DiskFormat, ImageType, OsBit, OsType, VirtualEnvType};
use super::image_words::{ImageStatus, Visibility};
use super::{ImageId, ProjectId, time};

/// The tags of an image; images that were made alike share them.
pub type Tags = Arc<[Box<str>]>;

/// What an image says of itself beside what all images say, each key with its value.
pub type Properties = Box<[(Box<str>, Box<str>)]>;

/// What is said of an image and matters to nobody but those who list it. What is left out is what an
/// ordinary image has, by the methods of the same names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// Its tags.
    pub tags: Tags,
    /// `__os_type`.
    pub os_type: Option<OsType>,
    /// `__os_version`.
    pub os_version: Option<Box<str>>,
    /// `__os_bit`.
    pub os_bit: Option<OsBit>,
    /// `__platform`.
    pub platform: Option<Box<str>>,
    /// `disk_format`.
    pub disk_format: Option<DiskFormat>,
    /// `container_format`.
    pub container_format: Option<Box<str>>,
    /// `min_disk`, in gigabytes.
    pub min_disk: Option<u32>,
    /// `min_ram`, in megabytes.
    pub min_ram: Option<u32>,
    /// `__image_size`, in bytes.
    pub image_size: Option<u64>,
    /// `virtual_env_type`.
    pub virtual_env_type: Option<VirtualEnvType>,
    /// `architecture`.
    pub architecture: Option<Architecture>,
    /// `__description`.
    pub description: Option<Box<str>>,
    /// `enterprise_project_id`.
    pub enterprise_project_id: Option<Box<str>>,
    /// `__system__cmkid` of an encrypted image.
    pub cmkid: Option<Box<str>>,
    /// `__productcode` of a marketplace image.
    pub productcode: Option<Box<str>>,
    /// `__backup_id`.
    pub backup_id: Option<Box<str>>,
    /// What else it says of itself, by keys that are none of its own.
    pub properties: Properties,
}

impl Details {
    /// The enterprise project of everything that names none.
    pub const DEFAULT_ENTERPRISE_PROJECT: &'static str = "0";

    /// `Linux` unless something else is said.
    #[must_use]
    pub fn os_type(&self) -> OsType {
        self.os_type.unwrap_or(OsType::Linux)
    }

    /// `64` unless something else is said.
    #[must_use]
    pub fn os_bit(&self) -> OsBit {
        self.os_bit.unwrap_or(OsBit::Bits64)
    }

    /// `Ubuntu` for Linux, and the type of the system for others, unless something else is said.
    #[must_use]
    pub fn platform(&self) -> &str {
        let usual = match self.os_type() {
            OsType::Linux => UBUNTU,
            other => other.as_str(),
        };
        self.platform.as_deref().unwrap_or(usual)
    }

    /// A version of the platform, unless something else is said.
    #[must_use]
    pub fn os_version(&self) -> Cow<'_, str> {
        let bits = self.os_bit().as_str();
        match (self.os_version.as_deref(), self.platform()) {
            (Some(version), _) => version.into(),
            (None, UBUNTU) => format!("Ubuntu 18.04 server {bits}bit").into(),
            (None, platform) => format!("{platform} {bits}bit").into(),
        }
    }

    /// `zvhd2` unless something else is said (DECISION U-25).
    #[must_use]
    pub fn disk_format(&self) -> DiskFormat {
        self.disk_format.unwrap_or(DiskFormat::Zvhd2)
    }

    /// `bare` unless something else is said.
    #[must_use]
    pub fn container_format(&self) -> &str {
        self.container_format.as_deref().unwrap_or("bare")
    }

    /// 40 GB unless something else is said.
    #[must_use]
    pub fn min_disk(&self) -> u32 {
        self.min_disk.unwrap_or(40)
    }

    /// 0 unless something else is said.
    #[must_use]
    pub fn min_ram(&self) -> u32 {
        self.min_ram.unwrap_or(0)
    }

    /// One GiB unless something else is said.
    #[must_use]
    pub fn image_size(&self) -> u64 {
        self.image_size.unwrap_or(1_073_741_824)
    }

    /// `FusionCompute` unless something else is said.
    #[must_use]
    pub fn virtual_env_type(&self) -> VirtualEnvType {
        self.virtual_env_type.unwrap_or(VirtualEnvType::FusionCompute)
    }

    /// `x86` unless something else is said.
    #[must_use]
    pub fn architecture(&self) -> Architecture {
        self.architecture.unwrap_or(Architecture::X86)
    }

    /// The default one unless something else is said.
    #[must_use]
    pub fn enterprise_project_id(&self) -> &str {
        self.enterprise_project_id.as_deref().unwrap_or(Self::DEFAULT_ENTERPRISE_PROJECT)
    }

    /// What it says of itself under a key of its properties.
    #[must_use]
    pub fn property(&self, key: &str) -> Option<&str> {
        let mut properties = self.properties.iter();
        properties.find(|(one, _)| **one == *key).map(|(_, value)| &**value)
    }
}

/// The platform of most images.
const UBUNTU: &str = "Ubuntu";

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

impl ImageBody {
    /// Every key that an image may have of its own, so that no property takes one.
    pub const KEYS: [&'static str; 35] = [
        "id",
        "name",
        "owner",
        "status",
        "visibility",
        "__imagetype",
        "protected",
        "container_format",
        "disk_format",
        "min_disk",
        "min_ram",
        "size",
        "virtual_size",
        "tags",
        "created_at",
        "updated_at",
        "active_at",
        "self",
        "file",
        "schema",
        "__isregistered",
        "__image_source_type",
        "__os_type",
        "__os_bit",
        "__os_version",
        "__platform",
        "virtual_env_type",
        "__image_size",
        "architecture",
        "__description",
        "enterprise_project_id",
        "__whole_image",
        "__backup_id",
        "__system__cmkid",
        "__productcode",
    ];
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CloudImagesBody {
    /// One page.
    pub images: Vec<ImageBody>,
}

/// The answer of `GET /v2/images`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImagesBody {
    /// Always `/v2/schemas/images`.
    pub schema: &'static str,
    /// The path of the first page.
    pub first: String,
    /// The path of the next page, while there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// One page.
    pub images: Vec<ImageBody>,
}

/// The schema that a native list of images names.
pub const IMAGES_SCHEMA: &str = "/v2/schemas/images";

/// The answer of `GET /v1/cloudimages/quota`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuotasBody {
    /// What there are quotas for.
    pub quotas: QuotaResources,
}

/// What there are quotas for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuotaResources {
    /// One entry each.
    pub resources: [QuotaBody; 1],
}

/// A quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
        let unknown: Vec<_> = keys.filter(|key| !ImageBody::KEYS.contains(&key.as_str())).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn what_is_not_said_fits_what_is() {
        let check = |os_type, platform: Option<&str>, expected: [&str; 3]| {
            let platform = platform.map(Into::into);
            let details = Details { os_type, platform, ..Details::default() };
            let found = [details.os_type().as_str(), details.platform(), &details.os_version()];
            assert_eq!(found, expected);
        };
        check(None, None, ["Linux", "Ubuntu", "Ubuntu 18.04 server 64bit"]);
        check(None, Some("CentOS"), ["Linux", "CentOS", "CentOS 64bit"]);
        check(Some(OsType::Windows), None, ["Windows", "Windows", "Windows 64bit"]);
        check(Some(OsType::Other), None, ["Other", "Other", "Other 64bit"]);
    }
}
