//! From a method and a path to an endpoint.

use actix_web::http::{StatusCode, header};
use percent_encoding::percent_decode_str;

use super::PREFIX;
use super::answer::AdminError;
use super::endpoints::{self, Endpoint};
use super::query::listed;
use crate::scenario::problem::nearest;

/// The endpoint of a request, and what stands in its path in place of braces, in their order.
pub(super) fn find(
    method: &str,
    path: &str,
) -> Result<(&'static Endpoint, Vec<String>), AdminError> {
    let Some(below) = below_prefix(path) else {
        let message = format!("`{path}` is not served here; GET {PREFIX} lists what is");
        return Err(AdminError::new(StatusCode::NOT_FOUND, message));
    };
    if percent_decode_str(below).decode_utf8().is_err() {
        let message = format!("`{path}` is not UTF-8 behind its `%` and digits; names are");
        return Err(AdminError::new(StatusCode::BAD_REQUEST, message));
    }
    let there = || endpoints::all().filter_map(|one| Some((one, pieces(one.path, below)?)));
    if let Some(found) = there().find(|(one, _)| one.method == method) {
        return Ok(found);
    }
    let mut methods: Vec<&str> = Vec::new();
    for (one, _) in there() {
        if !methods.contains(&one.method) {
            methods.push(one.method);
        }
    }
    if methods.is_empty() {
        return Err(unknown_path(below));
    }
    let allowed = listed(methods.iter().copied());
    let message = format!("found {method}; `{PREFIX}{below}` is called with {allowed}");
    let error = AdminError::new(StatusCode::METHOD_NOT_ALLOWED, message);
    Err(error.with_header(header::ALLOW, methods.join(", ")))
}

/// 404 with the nearest path, in which the request's own segments stand in place of braces.
fn unknown_path(below: &str) -> AdminError {
    let segments: Vec<&str> = below.split('/').collect();
    let own = |place: usize| segments.get(place).or(segments.last()).copied().unwrap_or_default();
    let filled = |path: &str| {
        let parts = path.split('/').enumerate();
        let parts = parts.map(|(place, part)| if is_brace(part) { own(place) } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let paths: Vec<String> = endpoints::all().map(|one| filled(one.path)).collect();
    // Compared without the prefix, which would make all paths alike.
    let near = nearest(below, paths.iter().map(String::as_str));
    let near = near.replace("mean `", &format!("mean `{PREFIX}"));
    let message = format!("there is no `{PREFIX}{below}`; GET {PREFIX} lists what there is{near}");
    AdminError::new(StatusCode::NOT_FOUND, message)
}

/// The path below the prefix, without a slash at its end.
fn below_prefix(path: &str) -> Option<&str> {
    let below = path.strip_prefix(PREFIX)?;
    (below.is_empty() || below.starts_with('/')).then(|| below.strip_suffix('/').unwrap_or(below))
}

fn is_brace(segment: &str) -> bool {
    segment.starts_with('{')
}

/// What stands in place of braces if a path matches. Names may have any letters, so they come with those
/// that a path cannot have written as `%` and two digits.
fn pieces(template: &str, path: &str) -> Option<Vec<String>> {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    let mut pieces = Vec::new();
    loop {
        match (template.next(), path.next()) {
            (None, None) => return Some(pieces),
            (Some(part), Some(found)) if is_brace(part) && !found.is_empty() => {
                pieces.push(percent_decode_str(found).decode_utf8_lossy().into_owned());
            }
            (Some(part), Some(found)) if part == found => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_stand_for_one_segment_each() {
        let check = |template: &str, path: &str, expected: Option<&[&str]>| {
            let found = pieces(template, path);
            let expected = expected.map(|all| all.iter().map(|one| (*one).to_owned()).collect());
            assert_eq!(found, expected, "{template} {path}");
        };
        check("", "", Some(&[]));
        check("/jobs", "/jobs", Some(&[]));
        check("/jobs/{id}", "/jobs/7", Some(&["7"]));
        check("/jobs/{id}", "/jobs/", None);
        check("/jobs/{id}", "/jobs/7/8", None);
        check("/a/{b}/c/{d}", "/a/1/c/2", Some(&["1", "2"]));
        check("/a/{b}/c/{d}", "/a/1/x/2", None);
        check("/a/{b}", "/a/one%20two%2Fthree", Some(&["one two/three"]));
    }
}
