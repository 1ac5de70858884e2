//! Where a service is: the part of a URL in front of the paths of its operations.

use std::fmt;

use actix_web::http::Uri;

/// The beginning of a URL: scheme, host, perhaps a port and a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    host: String,
    port: u16,
    /// Whether it ends with the host, and has no path.
    bare: bool,
    tls: bool,
}

impl BaseUrl {
    /// Reads the beginning of a URL.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let right = "a URL such as http://127.0.0.1:8787";
        let uri: Uri = text.parse().map_err(|error| format!("it is not {right} ({error})"))?;
        let host = uri.host().filter(|host| !host.is_empty());
        let (Some(scheme), Some(host)) = (uri.scheme_str(), host) else {
            return Err(format!("it is not {right}"));
        };
        let (tls, usual_port) = match scheme {
            "http" => (false, 80),
            "https" => (true, 443),
            other => return Err(format!("`{other}` is neither `http` nor `https`")),
        };
        // The HTTP library takes the brackets for a part of the name that a certificate must have.
        if tls && host.starts_with('[') {
            return Err(
                "https goes to a host name or an IPv4 address, not to an IPv6 one; a name \
                        that stands for it will do, such as https://localhost:8787"
                    .to_owned(),
            );
        }
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err("a user in a URL is not sent; tokens are given with --token".to_owned());
        }
        if uri.query().is_some() {
            return Err("paths are put behind it, so it has no query".to_owned());
        }
        let (host, port) = (host.to_owned(), uri.port_u16().unwrap_or(usual_port));
        let text = text.trim_end_matches('/').to_owned();
        Ok(Self { text, host, port, bare: uri.path() == "/", tls })
    }

    /// Whether it is spoken to over TLS.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.tls
    }

    /// The URL of a path below it, which starts with `/`.
    pub(crate) fn with(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The same with a path behind it, unless it has one.
    pub(super) fn or_at(&self, path: &str) -> Self {
        if self.bare { self.below(path) } else { self.clone() }
    }

    /// The same with a path behind it.
    pub(super) fn below(&self, path: &str) -> Self {
        Self { text: self.with(path), bare: false, ..self.clone() }
    }

    /// The address to connect to.
    pub(super) fn address(&self) -> (&str, u16) {
        // An IPv6 address stands in brackets in a URL, and nowhere else.
        (self.host.trim_start_matches('[').trim_end_matches(']'), self.port)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_behind_a_base() {
        let check = |text: &str, url: &str| {
            assert_eq!(BaseUrl::parse(text).map(|base| base.with("/v1/x?y")).as_deref(), Ok(url));
        };
        check("http://a", "http://a/v1/x?y");
        check("http://a:1/", "http://a:1/v1/x?y");
        check("http://a/b/c/", "http://a/b/c/v1/x?y");
        check("http://[::1]:8787", "http://[::1]:8787/v1/x?y");
    }

    #[test]
    fn the_admin_api_is_below_the_service_unless_a_path_is_named() {
        let check = |text: &str, url: &str| {
            let base = BaseUrl::parse(text).map(|base| base.or_at("/__admin").to_string());
            assert_eq!(base.as_deref(), Ok(url));
        };
        check("http://a", "http://a/__admin");
        check("http://a/", "http://a/__admin");
        check("http://a/sim/__admin", "http://a/sim/__admin");
    }

    #[test]
    fn what_is_no_base_is_refused() {
        let check = |text: &str, says: &str| {
            let error = BaseUrl::parse(text).expect_err(text);
            assert!(error.contains(says), "{text}: {error}");
        };
        check("127.0.0.1:8787", "a URL such as");
        check("localhost", "a URL such as");
        check("/v1", "a URL such as");
        check("http://", "a URL such as");
        check("ftp://a", "`ftp` is neither `http` nor `https`");
        check("https://[::1]:8787", "not to an IPv6 one");
        check("http://me:secret@a", "--token");
        check("http://a?b", "no query");
    }

    #[test]
    fn an_address_has_no_brackets() {
        let address = |text: &str| BaseUrl::parse(text).map(|base| base.address().0.to_owned());
        assert_eq!(address("http://[::1]:8787").as_deref(), Ok("::1"));
        assert_eq!(address("http://a").as_deref(), Ok("a"));
    }

    #[test]
    fn a_port_that_is_left_out_is_that_of_the_scheme() {
        let check = |text: &str, expected: (u16, bool)| {
            let base = BaseUrl::parse(text).map(|base| (base.address().1, base.is_https()));
            assert_eq!(base, Ok(expected));
        };
        check("http://a", (80, false));
        check("https://a", (443, true));
        check("https://a:8787", (8787, true));
    }
}
