//! From a method and a path to an endpoint.

use actix_web::http::{StatusCode, header};
use percent_encoding::percent_decode_str;

use super::PREFIX;
use super::answer::AdminError;
use super::endpoints::{self, Endpoint};
use super::query::listed;

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

/// 404 with the nearest path.
fn unknown_path(below: &str) -> AdminError {
    let near = nearest(below).map(|near| format!("; did you mean `{PREFIX}{near}`?"));
    let near = near.unwrap_or_default();
    let message = format!("there is no `{PREFIX}{below}`; GET {PREFIX} lists what there is{near}");
    AdminError::new(StatusCode::NOT_FOUND, message)
}

/// The path with the fewest slips between it and what was found, if there are few. The request's own
/// segments stand in place of braces.
fn nearest(below: &str) -> Option<String> {
    let near = endpoints::all().filter_map(|one| Some((one, slips(one.path, below)?)));
    let (nearest, _) = near.min_by_key(|(_, slips)| *slips)?;
    let segments = nearest.path.split('/').zip(below.split('/'));
    let filled = segments.map(|(part, own)| if is_brace(part) { own } else { part });
    Some(filled.collect::<Vec<_>>().join("/"))
}

/// What lies between a path and an endpoint's: whether there is a segment too many, which weighs more, and
/// how many letters of its words are wrong. `None` if somebody must have meant something else.
fn slips(template: &str, path: &str) -> Option<(bool, usize)> {
    let (mut parts, mut segments) = (template.split('/').skip(1), path.split('/').skip(1));
    let mut wrong = 0;
    loop {
        wrong += match (parts.next(), segments.next()) {
            // The list of endpoints, which has no word, is near nothing.
            (None, _) if template.is_empty() => return None,
            (None, None) => return Some((false, wrong)),
            (None, Some(_)) => return segments.next().is_none().then_some((true, wrong)),
            (Some(part), Some("")) if is_brace(part) => return None,
            (Some(part), Some(_)) if is_brace(part) => 0,
            (Some(word), Some(found)) => wrong_letters(word, found)?,
            (Some(_), None) => return None,
        };
    }
}

/// How many letters of a word are wrong; at most one in three, or the word is another one.
fn wrong_letters(word: &str, found: &str) -> Option<usize> {
    // Whatever is much longer need not be compared.
    if found.len() > 2 * word.len() {
        return None;
    }
    let wrong = strsim::damerau_levenshtein(word, found);
    (wrong <= word.len() / 3).then_some(wrong)
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

    #[test]
    fn a_path_is_suggested_only_where_it_is_near() {
        let check = |below: &str, expected: Option<&str>| {
            assert_eq!(nearest(below).as_deref(), expected, "{below}");
        };
        for (below, near) in [
            ("/helth", "/health"),
            ("/wiat", "/wait"),
            ("/Jobs", "/jobs"),
            ("/job/7", "/jobs/7"),
            ("/jobs/7/8", "/jobs/7"),
            ("/journal/1", "/journal"),
            ("/reset/all", "/reset"),
            ("/metric", "/metrics"),
            ("/clok/advence", "/clock/advance"),
            ("/fault/export", "/faults/export"),
            ("/world/imags", "/world/images"),
            ("/world/images/web/member/lab", "/world/images/web/members/lab"),
        ] {
            check(below, Some(near));
        }
        let far = ["/statistics", "/status", "/foo", "/x", "//", "/jobs/7/8/9"];
        for below in far {
            check(below, None);
        }
        check(&format!("/{}", "jobs".repeat(1_000)), None);
    }
}
