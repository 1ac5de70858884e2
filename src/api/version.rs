//! The versions of the service. Contract, "Version discovery".

use schemars::JsonSchema;
use serde::Serialize;

/// A version, the word for where it stands, and the path below which it is served.
const VERSIONS: [(&str, &str, &str); 5] = [
    ("v2.2", "CURRENT", "/v2/"),
    ("v2.1", "SUPPORTED", "/v2/"),
    ("v2.0", "SUPPORTED", "/v2/"),
    ("v1.1", "DEPRECATED", "/v1/"),
    ("v1.0", "DEPRECATED", "/v1/"),
];

/// Versions of the service as discovery shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VersionsBody {
    /// The newest first.
    pub versions: Vec<VersionBody>,
}

/// One version of the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VersionBody {
    /// Where it stands.
    pub status: &'static str,
    /// Its name.
    pub id: &'static str,
    /// Where it is served.
    pub links: [VersionLink; 1],
}

/// Where a version is served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VersionLink {
    /// The URL.
    pub href: String,
    /// Always `self`.
    pub rel: &'static str,
}

impl VersionsBody {
    /// The versions that a path names: all if it names none, one such as `v2.0`, or those of one number
    /// before the point, such as `v2`; none if there is no such version. Links begin with `base`, which is
    /// scheme and authority of the request (contract, C-4).
    #[must_use]
    pub fn of(named: Option<&str>, base: &str) -> Self {
        let is_named =
            |id: &str| named.is_none_or(|named| id == named || id.split('.').next() == Some(named));
        let link = |path| VersionLink { href: format!("{base}{path}"), rel: "self" };
        let named = VERSIONS.into_iter().filter(|(id, _, _)| is_named(id));
        let shown = named.map(|(id, status, path)| VersionBody { status, id, links: [link(path)] });
        Self { versions: shown.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_all_versions_some_or_one() {
        let check = |named, expected: &[&str]| {
            let body = VersionsBody::of(named, "https://here:1");
            let ids: Vec<&str> = body.versions.iter().map(|version| version.id).collect();
            assert_eq!(ids, expected, "{named:?}");
            let major = |id: &str| format!("https://here:1/{}/", &id[..2]);
            assert!(body.versions.iter().all(|it| it.links[0].href == major(it.id)));
        };
        check(None, &["v2.2", "v2.1", "v2.0", "v1.1", "v1.0"]);
        check(Some("v2"), &["v2.2", "v2.1", "v2.0"]);
        check(Some("v1"), &["v1.1", "v1.0"]);
        check(Some("v2.0"), &["v2.0"]);
        check(Some("v3"), &[]);
    }
}
