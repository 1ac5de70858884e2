//! A refusal: a row of the error table, with the ids that its text may name filled in.

use std::borrow::Cow;

use super::Code;

impl Code {
    /// The code as clients see it, for example `IMG.0113`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status when the code answers a request; job failures carry the code alone.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.row().1
    }

    /// The text sent to the client: the exact one where the contract gives it, else the meaning.
    #[must_use]
    pub const fn text(self) -> &'static str {
        let (_, _, text, meaning) = self.row();
        if text.is_empty() { meaning } else { text }
    }

    /// What the code means, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.row().3
    }

    /// Whether the gateway in front of the service sends this one, always in its own flat form.
    #[must_use]
    pub fn is_gateway(self) -> bool {
        self.code().starts_with("APIGW.")
    }

    /// The first row with this code, for example `IMG.0113`; `None` if no row has it.
    #[must_use]
    pub fn parse(code: &str) -> Option<Code> {
        Self::ALL.iter().copied().find(|row| row.code() == code)
    }
}

/// A request that was refused: which row of the table, and its text with ids filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The row of the error table.
    pub code: Code,
    /// The text sent to the client.
    pub text: Cow<'static, str>,
}

impl Refusal {
    /// A refusal with the table's own text.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code, text: Cow::Borrowed(code.text()) }
    }

    /// A refusal of the native API, whose texts name the image and the member as the client wrote them.
    #[must_use]
    pub fn naming(code: Code, image: &str, member: &str) -> Self {
        Self::filled(code, &[("{image}", image), ("{member}", member)])
    }

    /// A refusal whose text tells one thing: what is wrong, or what was not found.
    #[must_use]
    pub fn about(code: Code, what: &str) -> Self {
        Self::filled(code, &[("{what}", what), ("{canonical}", what)])
    }

    /// In one pass, so that what a client wrote is never taken for a place to fill.
    fn filled(code: Code, places: &[(&str, &str)]) -> Self {
        let mut text = String::new();
        for part in code.text().split_inclusive('}') {
            match places.iter().find_map(|(place, it)| Some((part.strip_suffix(place)?, it))) {
                Some((before, it)) => text.extend([before, *it]),
                None => text.push_str(part),
            }
        }
        Self { code, text: Cow::Owned(text) }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_the_199_codes_of_the_reference_and_the_five_later_ones() {
        let service = Code::ALL.iter().filter(|row| row.code().starts_with("IMG."));
        let distinct: std::collections::BTreeSet<_> = service.map(|row| row.code()).collect();
        assert_eq!(distinct.len(), 199 + 5);
    }

    #[test]
    fn ids_are_filled_in_as_the_client_wrote_them() {
        let text = |image, member| Refusal::naming(Code::NativeMemberNotFound, image, member).text;
        assert_eq!(text("i", "m"), "m not found in the member list of the image i.");
        let odd = text("{member}", "{image}");
        assert_eq!(odd, "{image} not found in the member list of the image {member}.");
    }

    #[test]
    fn a_row_without_a_text_sends_its_meaning() {
        assert_eq!(Code::Img0002.text(), "Image name longer than 128 characters");
        assert_eq!(Code::Img0113.text(), "Failed to delete the tenant.");
    }

    #[test]
    fn every_row_has_a_meaning_a_status_of_an_error_and_is_found_by_its_code() {
        for row in Code::ALL {
            assert!(!row.meaning().is_empty(), "{row:?}");
            assert!((400..=599).contains(&row.status()), "{row:?}");
            assert_eq!(Code::parse(row.code()).map(Code::code), Some(row.code()));
        }
    }
}
