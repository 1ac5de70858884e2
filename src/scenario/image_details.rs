//! What an entry says of an image beside what the sharing rules ask, checked and made ready to be shared.

use super::entry_check::{
    LONGEST_DESCRIPTION, LONGEST_TAG, LONGEST_TEXT, MOST_PROPERTIES, MOST_TAGS,
};
use super::named::Named;
use super::problem::{Misfit, Within};
use super::span::{Moment, Past};
use super::world_section::ImageEntry;
use crate::api::image::Properties;
use crate::api::image_schema::has_field;
use crate::api::image_words::OsBit;
use crate::api::{ImageId, time};
use crate::clock::{SimDuration, SimTime};
use crate::domain::image::{Details, Tags, Times};

/// When the images of an entry were made and last changed, one after the other; an entry without a count is
/// one image.
pub(super) fn times(
    entry: &ImageEntry,
    now: SimTime,
) -> Result<impl Iterator<Item = Times> + use<>, Misfit> {
    let first = entry.created_at.map_or(now, |past| past.from(now));
    if entry.created_every.is_some() && entry.count.is_none() {
        let message = "without `count` there is only one; say `created_at`";
        return Err(Misfit::new(message)).within("created_every");
    }
    let every = entry.created_every.map_or(SimDuration::ZERO, |span| span.0);
    let created = move |number: u32| {
        let later = every.as_millis().saturating_mul(number.into());
        first + SimDuration::from_millis(later)
    };
    let last = created(entry.count.unwrap_or(1).saturating_sub(1));
    if last.as_millis() > time::LAST_MS {
        let message = "the last of them would be made after the year 9999";
        return Err(Misfit::new(message)).within("created_every");
    }
    let updated = entry.updated_at.map(|past| past.from(now));
    in_order(Times { created: last, updated: updated.unwrap_or(last) })?;
    Ok((0..entry.count.unwrap_or(1)).map(move |number| {
        let created = created(number);
        Times { created, updated: updated.unwrap_or(created) }
    }))
}

/// Puts into an entry when its image was made and last changed.
pub(super) fn date(entry: &mut ImageEntry, times: Times) {
    let at = |time: SimTime| Some(Past::At(Moment(time)));
    entry.created_at = at(times.created);
    entry.updated_at = at(times.updated).filter(|_| times.updated != times.created);
}

/// Makes sure that nothing changes before it is made.
pub(super) fn in_order(times: Times) -> Result<(), Misfit> {
    if times.updated < times.created {
        let made = time::with_millis(times.created.as_millis());
        let message = format!("nothing changes before it is made, which is at {made}");
        return Err(Misfit::new(message)).within("updated_at");
    }
    Ok(())
}

/// What an entry says of its images.
pub(super) fn details(entry: &ImageEntry) -> Result<Details, Misfit> {
    if entry.cmkid.is_some() && !entry.encrypted {
        let message = "only an encrypted image has a key; say `encrypted`, too";
        return Err(Misfit::new(message)).within("cmkid");
    }
    if entry.productcode.is_some() && !entry.marketplace {
        let message = "only a marketplace image has a product code; say `marketplace`, too";
        return Err(Misfit::new(message)).within("productcode");
    }
    Ok(Details {
        tags: tags(&entry.tags).within("tags")?,
        os_type: entry.os_type,
        os_version: text("os_version", entry.os_version.as_deref())?,
        os_bit: entry.os_bit.map(os_bit).transpose().within("os_bit")?,
        platform: text("platform", entry.platform.as_deref())?,
        disk_format: entry.disk_format,
        container_format: text("container_format", entry.container_format.as_deref())?,
        min_disk: entry.min_disk,
        min_ram: entry.min_ram,
        image_size: entry.image_size,
        virtual_env_type: entry.virtual_env_type,
        architecture: entry.architecture,
        description: bounded("description", entry.description.as_deref(), LONGEST_DESCRIPTION)?,
        enterprise_project_id: enterprise_project(entry.enterprise_project_id.as_deref())?,
        cmkid: text("cmkid", entry.cmkid.as_deref())?,
        productcode: text("productcode", entry.productcode.as_deref())?,
        backup_id: text("backup_id", entry.backup_id.as_deref())?,
        properties: properties(&entry.properties).within("properties")?,
    })
}

/// Puts into an entry what there is to say of an image.
pub(super) fn describe(entry: &mut ImageEntry, details: &Details) {
    let owned = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    entry.tags = details.tags.iter().map(|tag| tag.to_string()).collect();
    entry.os_type = details.os_type;
    entry.os_version = owned(&details.os_version);
    entry.os_bit = details.os_bit.map(|bits| match bits {
        OsBit::Bits32 => 32,
        OsBit::Bits64 => 64,
    });
    entry.platform = owned(&details.platform);
    entry.disk_format = details.disk_format;
    entry.container_format = owned(&details.container_format);
    entry.min_disk = details.min_disk;
    entry.min_ram = details.min_ram;
    entry.image_size = details.image_size;
    entry.virtual_env_type = details.virtual_env_type;
    entry.architecture = details.architecture;
    entry.description = owned(&details.description);
    entry.enterprise_project_id = owned(&details.enterprise_project_id);
    entry.cmkid = owned(&details.cmkid);
    entry.productcode = owned(&details.productcode);
    entry.backup_id = owned(&details.backup_id);
    let properties = details.properties.iter();
    let properties = properties.map(|(key, value)| (key.to_string(), value.to_string()));
    entry.properties = Named(properties.collect());
}

/// Checks tags and makes them ready to be shared.
fn tags(tags: &[String]) -> Result<Tags, Misfit> {
    if tags.len() > MOST_TAGS {
        let message = format!("{} tags; an image has at most {MOST_TAGS}", tags.len());
        return Err(Misfit::new(message));
    }
    for (index, tag) in tags.iter().enumerate() {
        if tag.is_empty() || tag.chars().count() > LONGEST_TAG {
            let message = format!("a tag has from 1 to {LONGEST_TAG} characters");
            return Err(Misfit::new(message)).within(index);
        }
        if tags[..index].contains(tag) {
            return Err(Misfit::new(format!("the tag `{tag}` stands twice"))).within(index);
        }
    }
    Ok(tags.iter().map(|tag| tag.as_str().into()).collect())
}

fn text(key: &str, text: Option<&str>) -> Result<Option<Box<str>>, Misfit> {
    bounded(key, text, LONGEST_TEXT)
}

fn bounded(key: &str, text: Option<&str>, longest: usize) -> Result<Option<Box<str>>, Misfit> {
    let Some(text) = text else { return Ok(None) };
    if text.is_empty() || text.chars().count() > longest {
        return Err(Misfit::new(format!("has from 1 to {longest} characters"))).within(key);
    }
    Ok(Some(text.into()))
}

fn os_bit(bits: u8) -> Result<OsBit, Misfit> {
    match bits {
        32 => Ok(OsBit::Bits32),
        64 => Ok(OsBit::Bits64),
        _ => Err(Misfit::new(format!("{bits} is neither 32 nor 64"))),
    }
}

fn enterprise_project(id: Option<&str>) -> Result<Option<Box<str>>, Misfit> {
    let Some(id) = id else { return Ok(None) };
    if id != Details::DEFAULT_ENTERPRISE_PROJECT && ImageId::parse(id).is_none() {
        let message = format!("`{id}` is neither `0`, the default one, nor a UUID with hyphens");
        return Err(Misfit::new(message)).within("enterprise_project_id");
    }
    Ok(Some(id.into()))
}

fn properties(properties: &Named<String>) -> Result<Properties, Misfit> {
    let number = properties.0.len();
    if number > MOST_PROPERTIES {
        let message = format!("{number} properties; an image has at most {MOST_PROPERTIES}");
        return Err(Misfit::new(message));
    }
    let each = |(key, value): (&str, &String)| -> Result<(Box<str>, Box<str>), Misfit> {
        if has_field(key) {
            return Err(Misfit::new(taken(key))).within(key);
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
        if !(1..=LONGEST_TEXT).contains(&key.len()) || !key.bytes().all(allowed) {
            let message = format!(
                "a key has from 1 to {LONGEST_TEXT} letters, digits, `_`, `-`, `.` and `:`"
            );
            return Err(Misfit::new(message)).within(key);
        }
        if value.chars().count() > LONGEST_TEXT {
            return Err(Misfit::new(format!("has at most {LONGEST_TEXT} characters"))).within(key);
        }
        Ok((key.into(), value.as_str().into()))
    };
    properties.iter().map(each).collect()
}

/// Says that a key is one that images have anyway, and how it is said.
fn taken(key: &str) -> String {
    const SAID: [&str; 18] = [
        "architecture",
        "backup_id",
        "cmkid",
        "container_format",
        "created_at",
        "description",
        "disk_format",
        "enterprise_project_id",
        "image_size",
        "min_disk",
        "min_ram",
        "os_bit",
        "os_type",
        "os_version",
        "platform",
        "productcode",
        "updated_at",
        "virtual_env_type",
    ];
    let plain = key.trim_start_matches('_').trim_start_matches("system__");
    match SAID.iter().find(|said| **said == plain) {
        Some(said) => format!("is none of these; say `{said}` beside them"),
        None => "every image has this by itself".to_owned(),
    }
}
