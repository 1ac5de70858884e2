//! What a list of images can be narrowed down by. Contract, "`GET /v2/cloudimages`".
//!
//! A value that no image can have fits none, unless DECISION U-25 refuses it.

use super::image::{Sight, Status};
use super::image_view::{cmkid, image_type};
use super::{Image, WholeServer};
use crate::api::image::Details;
use crate::api::{ImageId, ProjectId, time};

/// One condition; `None` in it stands for a value that nothing has.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    Id(Option<ImageId>),
    Owner(Option<ProjectId>),
    Tag(Box<str>),
    Flag(Flag, Option<bool>),
    Number(Number, Option<u32>),
    Text(Text, Box<str>),
    /// A property by its key.
    Property(Box<str>, Box<str>),
    /// A comparison with a time in whole seconds.
    Time(Time, Comparison, i64),
    /// A key that means no narrowing as it stands.
    Anything(Text),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    Protected,
    Registered,
    WholeImage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    MinRam,
    MinDisk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Name,
    Status,
    ImageType,
    VirtualEnvType,
    EnterpriseProject,
    Architecture,
    OsType,
    OsBit,
    Platform,
    ContainerFormat,
    DiskFormat,
    Cmkid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    Created,
    Updated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
}

/// The value of `enterprise_project_id` that stands for all of them.
const ALL_ENTERPRISE_PROJECTS: &str = "all_granted_eps";

impl Filter {
    /// Reads a pair of a query: `Some(None)` if nothing is narrowed down by the key, `None` if the value is
    /// one that is refused.
    pub(super) fn read(key: &str, value: &str) -> Option<Option<Self>> {
        let text = |text: Text| Self::Text(text, value.into());
        let flag = |flag: Flag| Self::Flag(flag, boolean(value));
        Some(Some(match key {
            "id" => Self::Id(ImageId::parse(value)),
            "owner" => Self::Owner(ProjectId::parse(value)),
            "tag" => Self::Tag(value.into()),
            "created_at" => compared(Time::Created, value)?,
            "updated_at" => compared(Time::Updated, value)?,
            "protected" => flag(Flag::Protected),
            "__isregistered" => flag(Flag::Registered),
            "__whole_image" => flag(Flag::WholeImage),
            "min_ram" => Self::Number(Number::MinRam, value.parse().ok()),
            "min_disk" => Self::Number(Number::MinDisk, value.parse().ok()),
            "name" => text(Text::Name),
            "status" => text(Text::Status),
            "__imagetype" => text(Text::ImageType),
            "virtual_env_type" => text(Text::VirtualEnvType),
            "enterprise_project_id" if value == ALL_ENTERPRISE_PROJECTS => {
                Self::Anything(Text::EnterpriseProject)
            }
            "enterprise_project_id" => text(Text::EnterpriseProject),
            "architecture" => text(Text::Architecture),
            "__os_type" => text(Text::OsType),
            "__os_bit" => text(Text::OsBit),
            "__platform" => text(Text::Platform),
            "container_format" => text(Text::ContainerFormat),
            "disk_format" => text(Text::DiskFormat),
            "__system__cmkid" => text(Text::Cmkid),
            key if key == "flavor_id" || key.starts_with("__support_") => {
                Self::Property(key.into(), value.into())
            }
            _ => return Some(None),
        }))
    }

    /// Whether it is of the same key as another one, and takes its place.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Id(_), Self::Id(_)) | (Self::Owner(_), Self::Owner(_)) => true,
            (Self::Flag(a, _), Self::Flag(b, _)) => a == b,
            (Self::Number(a, _), Self::Number(b, _)) => a == b,
            (Self::Property(a, _), Self::Property(b, _)) => a == b,
            (Self::Text(a, _) | Self::Anything(a), Self::Text(b, _) | Self::Anything(b)) => a == b,
            _ => false,
        }
    }

    /// Whether it asks for images in this status.
    pub(super) fn asks_for(&self, status: Status) -> bool {
        matches!(self, Self::Text(Text::Status, word) if **word == *status.as_str())
    }

    /// Whether an image fits.
    pub(super) fn fits(&self, image: &Image, sight: &Sight<'_>) -> bool {
        match self {
            Self::Id(id) => *id == Some(image.id),
            Self::Owner(owner) => *owner == Some(image.owner),
            Self::Tag(tag) => sight.details.tags.contains(tag),
            Self::Flag(flag, wanted) => *wanted == Some(flag.of(sight)),
            Self::Number(number, wanted) => *wanted == Some(number.of(sight.details)),
            Self::Text(text, wanted) => text.is(wanted, image, sight),
            Self::Property(key, wanted) => sight.details.property(key) == Some(wanted),
            Self::Time(time, comparison, than) => comparison.holds(time.of(sight), *than),
            Self::Anything(_) => true,
        }
    }
}

impl Flag {
    fn of(self, sight: &Sight<'_>) -> bool {
        match self {
            Self::Protected => sight.facts.protected,
            Self::Registered => true,
            Self::WholeImage => sight.facts.whole_server != WholeServer::No,
        }
    }
}

impl Number {
    fn of(self, details: &Details) -> u32 {
        match self {
            Self::MinRam => details.min_ram(),
            Self::MinDisk => details.min_disk(),
        }
    }
}

impl Text {
    fn is(self, wanted: &str, image: &Image, sight: &Sight<'_>) -> bool {
        let details = sight.details;
        let found = match self {
            Self::Name => &image.name,
            Self::Status => sight.facts.status.as_str(),
            Self::ImageType => image_type(sight).as_str(),
            Self::VirtualEnvType => details.virtual_env_type().as_str(),
            Self::EnterpriseProject => details.enterprise_project_id(),
            Self::Architecture => details.architecture().as_str(),
            Self::OsType => details.os_type().as_str(),
            Self::OsBit => details.os_bit().as_str(),
            Self::Platform => details.platform(),
            Self::ContainerFormat => details.container_format(),
            Self::DiskFormat => details.disk_format().as_str(),
            Self::Cmkid => return cmkid(image, sight).is_some_and(|id| *id == *wanted),
        };
        found == wanted
    }
}

impl Time {
    fn of(self, sight: &Sight<'_>) -> i64 {
        let time = match self {
            Self::Created => sight.times.created,
            Self::Updated => sight.times.updated,
        };
        i64::try_from(time.as_millis() / 1_000).unwrap_or(i64::MAX)
    }
}

impl Comparison {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "gt" => Self::Greater,
            "gte" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "lte" => Self::LessOrEqual,
            "eq" => Self::Equal,
            "neq" => Self::NotEqual,
            _ => return None,
        })
    }

    const fn holds(self, found: i64, than: i64) -> bool {
        match self {
            Self::Greater => found > than,
            Self::GreaterOrEqual => found >= than,
            Self::Less => found < than,
            Self::LessOrEqual => found <= than,
            Self::Equal => found == than,
            Self::NotEqual => found != than,
        }
    }
}

/// The SDK of Python writes booleans with a capital letter.
fn boolean(value: &str) -> Option<bool> {
    match value {
        "true" | "True" => Some(true),
        "false" | "False" => Some(false),
        _ => None,
    }
}

/// Reads `op:time`, the time as `yyyy-MM-ddThh:mm:ssZ` or `yyyy-MM-dd hh:mm:ss`.
fn compared(time: Time, value: &str) -> Option<Filter> {
    let (comparison, than) = value.split_once(':')?;
    let zoned = match than.len() {
        // humantime takes a blank for the `T`, and fractions, which no filter of the service has.
        19 if than.as_bytes()[10] == b' ' => format!("{}Z", than.replace(' ', "T")),
        20 if than.as_bytes()[10] == b'T' => than.to_owned(),
        _ => return None,
    };
    Some(Filter::Time(time, Comparison::parse(comparison)?, time::parse_seconds(&zoned)?))
}
