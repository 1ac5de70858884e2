//! What a list of images is asked for. Contract, "`GET /v2/cloudimages`" and DECISION U-25.

use std::borrow::Cow;

use super::image_filter::Filter;
use crate::api::image_words::Visibility;
use crate::api::{Code, ImageId, MemberStatus};

/// The longest page.
pub const LONGEST_PAGE: usize = 1_000;

/// How long a page of the extension API is unless something else is said.
pub const PAGE: usize = 500;

/// The same of the native API.
pub const NATIVE_PAGE: usize = 25;

/// What a list of images is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageQuery {
    pub(super) visibility: Option<Visibility>,
    pub(super) member_status: Option<MemberStatus>,
    /// All of them must fit.
    pub(super) filters: Vec<Filter>,
    pub(super) sort: SortKey,
    pub(super) ascending: bool,
    pub(super) marker: Option<ImageId>,
    pub(super) limit: usize,
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SortKey {
    Name,
    ContainerFormat,
    DiskFormat,
    Status,
    Id,
    Size,
    Created,
}

impl SortKey {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "name" => Self::Name,
            "container_format" => Self::ContainerFormat,
            "disk_format" => Self::DiskFormat,
            "status" => Self::Status,
            "id" => Self::Id,
            "size" => Self::Size,
            "created_at" => Self::Created,
            _ => return None,
        })
    }
}

impl ImageQuery {
    /// The newest images first, in pages so long.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self {
            visibility: None,
            member_status: None,
            filters: Vec::new(),
            sort: SortKey::Created,
            ascending: false,
            marker: None,
            limit,
        }
    }

    /// Reads the pairs of a query; pages are so long unless it says something else. An empty value is as
    /// good as none (contract, C-12), and unknown keys are passed over. Of a key that stands several times
    /// the last one counts; only tags and times must all fit.
    ///
    /// # Errors
    /// IMG.0017 where DECISION U-25 says so: the limit, and words and times that nobody knows.
    pub fn parse<'q>(
        pairs: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
        limit: usize,
    ) -> Result<Self, Code> {
        let mut query = Self::new(limit);
        for (key, value) in pairs.filter(|(_, value)| !value.is_empty()) {
            query.read(&key, &value).ok_or(Code::Img0017)?;
        }
        Ok(query)
    }

    /// Reads one pair; `None` if it must not be like that.
    fn read(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "visibility" => self.visibility = Some(Visibility::parse(value)?),
            "member_status" => self.member_status = Some(MemberStatus::parse(value)?),
            "sort_key" => self.sort = SortKey::parse(value)?,
            "sort_dir" => self.ascending = ascending(value)?,
            "marker" => self.marker = Some(ImageId::parse(value)?),
            "limit" => self.limit = limit(value)?,
            _ => {
                if let Some(filter) = Filter::read(key, value)? {
                    self.filters.retain(|other| !filter.replaces(other));
                    self.filters.push(filter);
                }
            }
        }
        Some(())
    }
}

fn ascending(word: &str) -> Option<bool> {
    match word {
        "asc" => Some(true),
        "desc" => Some(false),
        _ => None,
    }
}

/// A length of a page; longer ones are cut.
fn limit(value: &str) -> Option<usize> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    // What does not fit into a number is long enough.
    digits.then(|| value.parse().map_or(LONGEST_PAGE, |limit: usize| limit.min(LONGEST_PAGE)))
}
