//! What an image says of itself, and what it is like where it says nothing. Contract, "Image object".

use std::borrow::Cow;
use std::sync::Arc;

use super::image_words::{Architecture, DiskFormat, OsBit, OsType, VirtualEnvType};

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

#[cfg(test)]
mod tests {
    use super::*;

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
