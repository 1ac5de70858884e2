//! Pages of members, which only later editions of the contract know (DECISION U-28). Contract, "Native
//! member endpoints".

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Member;
use crate::api::member::PageInfo;
use crate::api::{Code, ProjectId};

/// How many members a page has unless the client says something else.
const PAGE: usize = 500;

/// The most members that a client may ask for.
const LARGEST_PAGE: usize = 1_000;

/// Markers with and without the padding at their end.
const MARKER: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The part of a list that a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberPage {
    limit: usize,
    /// The member behind which it begins.
    behind: Option<ProjectId>,
}

impl MemberPage {
    /// The whole list, as it was before there were pages.
    #[must_use]
    pub const fn whole() -> Self {
        Self { limit: usize::MAX, behind: None }
    }

    /// Reads the pairs of a query. As in lists of images, an empty value is as good as none, unknown keys
    /// are passed over, and of a key that stands several times the last one counts.
    ///
    /// # Errors
    /// 400 for a limit that is no number from 1 to 1000, and for what is no marker.
    pub fn parse<'q>(
        pairs: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
    ) -> Result<Self, Code> {
        let mut page = Self { limit: PAGE, behind: None };
        for (key, value) in pairs.filter(|(_, value)| !value.is_empty()) {
            match &*key {
                "limit" => page.limit = limit(&value).ok_or(Code::NativeLimitWrong)?,
                "marker" => {
                    page.behind = Some(project(&value).ok_or(Code::NativeMarkerWrong)?);
                }
                _ => {}
            }
        }
        Ok(page)
    }

    /// The page of these members, and how to ask for the next one.
    ///
    /// # Errors
    /// 400 if the page is to begin behind a member that is not there.
    pub(super) fn of<'m>(
        self,
        members: impl Iterator<Item = &'m Member>,
    ) -> Result<(Vec<Member>, PageInfo), Code> {
        let mut members = members.copied();
        if let Some(behind) = self.behind {
            let mut passed = members.by_ref().skip_while(|member| member.project != behind);
            passed.next().ok_or(Code::NativeMarkerWrong)?;
        }
        let page: Vec<Member> = members.by_ref().take(self.limit).collect();
        let last = page.last().filter(|_| members.next().is_some());
        let next_marker = last.map(|last| MARKER.encode(last.project.to_string()));
        let info =
            PageInfo { next_marker: next_marker.unwrap_or_default(), current_count: page.len() };
        Ok((page, info))
    }
}

fn limit(text: &str) -> Option<usize> {
    let digits = text.bytes().all(|digit| digit.is_ascii_digit());
    let limit = text.parse().ok().filter(|_| digits);
    limit.filter(|limit| (1..=LARGEST_PAGE).contains(limit))
}

fn project(marker: &str) -> Option<ProjectId> {
    ProjectId::parse(std::str::from_utf8(&MARKER.decode(marker).ok()?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::MemberStatus;
    use crate::clock::SimTime;

    fn members(count: u128) -> Vec<Member> {
        let at = SimTime::from_millis(0);
        let member = |number| Member {
            project: ProjectId::from_u128(number),
            status: MemberStatus::Pending,
            created: at,
            updated: at,
        };
        (1..=count).map(member).collect()
    }

    fn parse(query: &str) -> Result<MemberPage, Code> {
        MemberPage::parse(form_urlencoded::parse(query.as_bytes()))
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let members = members(7);
        let (mut query, mut seen, mut pages) = ("limit=3".to_owned(), Vec::new(), Vec::new());
        loop {
            let page = parse(&query).and_then(|page| page.of(members.iter()));
            let (page, info) = page.expect("a good page");
            assert_eq!(info.current_count, page.len());
            pages.push(page.len());
            seen.extend(page);
            if info.next_marker.is_empty() {
                break;
            }
            query = format!("limit=3&marker={}", info.next_marker);
        }
        assert_eq!((seen, pages), (members, vec![3, 3, 1]));
    }

    #[test]
    fn a_query_that_makes_no_sense_is_refused() {
        let check = |query: &str, expected: Result<usize, Code>| {
            assert_eq!(parse(query).map(|page| page.limit), expected, "{query}");
        };
        check("", Ok(PAGE));
        check("limit=&marker=&image_id=x", Ok(PAGE));
        check("limit=1", Ok(1));
        check("limit=5&limit=1000", Ok(LARGEST_PAGE));
        for wrong in ["0", "1001", "-1", "%2B1", "1.0", "x", "99999999999999999999999"] {
            check(&format!("limit={wrong}"), Err(Code::NativeLimitWrong));
        }
        check("marker=x", Err(Code::NativeMarkerWrong));
        check("marker=!", Err(Code::NativeMarkerWrong));
        let one = ProjectId::from_u128(1).to_string();
        check(&format!("marker={one}"), Err(Code::NativeMarkerWrong));
        let padded = MARKER.encode(&one);
        check(&format!("marker={padded}"), Ok(PAGE));
        check(&format!("marker={}", padded.trim_end_matches('=')), Ok(PAGE));
    }

    #[test]
    fn a_page_behind_nobody_is_refused() {
        let page = MemberPage { limit: 5, behind: Some(ProjectId::from_u128(9)) };
        assert_eq!(page.of(members(3).iter()), Err(Code::NativeMarkerWrong));
        assert_eq!(MemberPage::whole().of([].iter()).map(|(page, _)| page.len()), Ok(0));
    }
}
