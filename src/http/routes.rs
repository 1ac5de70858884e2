//! Which operation a request calls, by its method and path.
//!
//! The HTTP library has a router, too. It holds a path against one pattern after the other, each a regular
//! expression, which took twice as long as all the rest of a job query; the patterns here are segments.

use actix_web::http::Method;

use super::versions;
use crate::api::Operation;

/// What is known of the path of a request that matches no route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// It has other methods.
    Known,
    /// It has, where the later operations are served.
    Later,
    /// Nothing.
    Unknown,
}

/// What a request calls.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'a> {
    /// An operation, and what its path names.
    Served(Operation, PathNames<'a>),
    /// None.
    Nothing(Path),
}

/// What a path names, by the names that its pattern has between braces.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PathNames<'a> {
    path: Segments<'a>,
    pattern: Option<&'a Pattern>,
}

/// A path, cut at its slashes.
#[derive(Clone, Copy, Debug, Default)]
struct Segments<'a> {
    texts: [&'a str; MOST_SEGMENTS],
    count: usize,
}

/// The most segments of a path in the table, with the nothing before the first slash, and one for a slash at the
/// end.
const MOST_SEGMENTS: usize = 8;

impl<'a> Segments<'a> {
    /// `None` for a path with more segments than any in the table.
    fn of(path: &'a str) -> Option<Self> {
        let (mut all, mut start) = (Self::default(), 0);
        for (place, byte) in path.bytes().enumerate() {
            if byte == b'/' {
                all.push(&path[start..place])?;
                start = place + 1;
            }
        }
        all.push(&path[start..])?;
        Some(all)
    }

    fn push(&mut self, text: &'a str) -> Option<()> {
        *self.texts.get_mut(self.count)? = text;
        self.count += 1;
        Some(())
    }
}

/// The name that stands for a version, and for nothing else.
const VERSION: &str = "api_version";

impl<'a> PathNames<'a> {
    /// What stands in the place of a name; nothing where there is no such place.
    pub(super) fn get(&self, name: &str) -> &'a str {
        let named = |(segment, text): (&Segment, &&'a str)| {
            let is_it = match segment {
                Segment::Text(_) => false,
                Segment::Named(one) => *one == name,
                Segment::Version => name == VERSION,
            };
            is_it.then_some(*text)
        };
        let segments = self.pattern.map_or(&[][..], |pattern| &pattern.segments);
        segments.iter().zip(&self.path.texts).find_map(named).unwrap_or_default()
    }
}

/// Every path with its operations.
#[derive(Debug)]
pub(super) struct Routes {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    segments: Vec<Segment>,
    /// Whether the path may end in a slash. Only versions may.
    may_end_in_slash: bool,
    operations: Vec<(Method, Operation)>,
}

#[derive(Debug)]
enum Segment {
    Text(&'static str),
    /// Anything but nothing.
    Named(&'static str),
    /// A version that the service has.
    Version,
}

impl Default for Routes {
    /// Fixed paths first: `/v1/cloudimages/job/{job_id}` is no job of a project `cloudimages`.
    fn default() -> Self {
        let served = || Operation::ALL.iter().filter(|one| **one != Operation::Unknown);
        let mut paths: Vec<&'static str> = served().map(|operation| operation.path()).collect();
        paths.sort_by_key(|path| (path.contains('{'), *path));
        paths.dedup();
        let of_path = |path: &str| {
            let of_path = served().filter(|operation| operation.path() == path);
            let methods = of_path.filter_map(|operation| {
                let method = Method::from_bytes(operation.method()?.as_bytes()).ok()?;
                Some((method, *operation))
            });
            methods.collect()
        };
        let patterns = paths.into_iter().map(|path| Pattern {
            segments: path.split('/').map(Segment::of).collect(),
            may_end_in_slash: matches!(path, "/{api_version}" | "/v3"),
            operations: of_path(path),
        });
        Self { patterns: patterns.collect() }
    }
}

impl Routes {
    /// Finds what a request calls.
    pub(super) fn find<'a>(&'a self, method: &Method, path: &'a str) -> Found<'a> {
        let Some(path) = Segments::of(path) else {
            return Found::Nothing(Path::Unknown);
        };
        let Some(pattern) = self.patterns.iter().find(|pattern| pattern.matches(&path)) else {
            return Found::Nothing(Path::Unknown);
        };
        match pattern.operations.iter().find(|(one, _)| one == method) {
            Some((_, operation)) => {
                Found::Served(*operation, PathNames { path, pattern: Some(pattern) })
            }
            None if pattern.operations.iter().all(|(_, one)| one.is_later()) => {
                Found::Nothing(Path::Later)
            }
            None => Found::Nothing(Path::Known),
        }
    }
}

impl Pattern {
    fn matches(&self, path: &Segments<'_>) -> bool {
        let own = self.segments.len();
        let ends_in_slash = path.count == own + 1 && path.texts[own].is_empty();
        (path.count == own || (self.may_end_in_slash && ends_in_slash))
            && self.segments.iter().zip(&path.texts).all(|(segment, text)| segment.fits(text))
    }
}

impl Segment {
    fn of(text: &'static str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(VERSION) => Self::Version,
            Some(name) => Self::Named(name),
            None => Self::Text(text),
        }
    }

    fn fits(&self, text: &str) -> bool {
        match self {
            Self::Text(own) => *own == text,
            Self::Named(_) => !text.is_empty(),
            Self::Version => versions::ALL.contains(&text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_calls_what_its_method_and_path_say() {
        let routes = Routes::default();
        let check = |request: &str, expected: &str| {
            let (method, path) = request.split_once(' ').expect("a method and a path");
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let found = match routes.find(&method, path) {
                Found::Nothing(path) => format!("{path:?}"),
                Found::Served(operation, names) => {
                    let all = ["project_id", "job_id", "image_id", "member_id", "api_version"];
                    let named = all.iter().filter(|name| !names.get(name).is_empty());
                    let named = named.map(|name| format!(" {name}={}", names.get(name)));
                    operation.name().to_owned() + &named.collect::<String>()
                }
            };
            assert_eq!(found, expected, "{request}");
        };
        check("DELETE /v1/cloudimages/members", "delete_members");
        check("GET /v1/cloudimages/members", "Known");
        check("HEAD /v1/cloudimages/members", "Known");
        check("GET /v1/cloudimages/members/", "Unknown");
        check("GET /v1/p/jobs/j", "show_job project_id=p job_id=j");
        check("GET /v1/cloudimages/jobs/j", "show_job project_id=cloudimages job_id=j");
        check("GET /v1/cloudimages/job/j", "show_job_progress job_id=j");
        check("GET /v1//jobs/j", "Unknown");
        check("GET /v1/p/jobs/", "Unknown");
        check("GET /v2/images/i/members/m", "show_member image_id=i member_id=m");
        check("PATCH /v1/p/cloudimages/i/members", "Later");
        check("GET /", "list_versions");
        check("GET //", "Unknown");
        check("GET /v2.1", "show_version api_version=v2.1");
        check("GET /v2.1/", "show_version api_version=v2.1");
        check("GET /v9", "Unknown");
        check("GET /v3/", "show_identity_version");
        check("GET /v3//", "Unknown");
        check("OPTIONS *", "Unknown");
        check(&format!("GET {}", "/v1".repeat(100)), "Unknown");
    }
}
