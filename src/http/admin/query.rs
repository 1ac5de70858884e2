//! Query parameters, read strictly: a wrong name would else be a wrong answer.

use actix_web::http::StatusCode;
use actix_web::web;

use super::answer::AdminError;
use crate::clock::SimDuration;
use crate::scenario::problem::nearest;
use crate::scenario::span::Span;

/// The parameters of a request; each of them is known and stands once.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query in which only `known` names may stand.
    pub(super) fn read(text: &str, known: &[&'static str]) -> Result<Self, AdminError> {
        let read = web::Query::<Vec<(String, String)>>::from_query(text);
        let pairs = read.map_err(|error| {
            AdminError::new(StatusCode::BAD_REQUEST, format!("the query cannot be read: {error}"))
        })?;
        let pairs = pairs.into_inner();
        for (place, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return Err(AdminError::at(name, unknown(name, known)));
            }
            if pairs[..place].iter().any(|(other, _)| other == name) {
                return Err(AdminError::at(name, "the parameter stands twice"));
            }
        }
        Ok(Self(pairs))
    }

    /// A parameter as text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// A parameter as `read` understands it; what is not understood is refused with its message.
    pub(super) fn parsed<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, AdminError> {
        let read = self.text(name).map(read).transpose();
        read.map_err(|message| AdminError::at(name, message))
    }

    /// A parameter that is a whole number of at least `least` and at most `most`.
    pub(super) fn number(
        &self,
        name: &str,
        least: u64,
        most: u64,
    ) -> Result<Option<u64>, AdminError> {
        self.parsed(name, |text| match text.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ if most == u64::MAX => Err(format!("found `{text}`; it is a whole number")),
            _ => Err(format!("found `{text}`; it is a whole number from {least} to {most}")),
        })
    }

    /// A parameter that bounds a list: `usual` if it is not there, at most `most`.
    pub(super) fn limit(&self, usual: usize, most: usize) -> Result<usize, AdminError> {
        let limit = self.number("limit", 1, most as u64)?;
        Ok(limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usual))
    }

    /// A parameter that is a duration of at most `most`.
    pub(super) fn span(
        &self,
        name: &str,
        most: SimDuration,
    ) -> Result<Option<SimDuration>, AdminError> {
        self.parsed(name, |text| match Span::parse(text)?.0 {
            span if span <= most => Ok(span),
            _ => Err(format!("found `{text}`; it is at most {most}")),
        })
    }
}

fn unknown(name: &str, known: &[&'static str]) -> String {
    if known.is_empty() {
        return format!("unknown parameter `{name}`; this endpoint takes none");
    }
    let near = nearest(name, known.iter().copied());
    format!("unknown parameter `{name}`; there are {}{near}", listed(known.iter().copied()))
}

/// Names as a list for people.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The one of `all` that has this name, or what would be right.
pub(super) fn one_of<T: Copy>(
    all: &[T],
    name: impl Fn(T) -> &'static str,
    found: &str,
) -> Result<T, String> {
    all.iter().copied().find(|one| name(*one) == found).ok_or_else(|| {
        let near = nearest(found, all.iter().map(|one| name(*one)));
        format!("found `{found}`; it is one of {}{near}", listed(all.iter().map(|one| name(*one))))
    })
}
