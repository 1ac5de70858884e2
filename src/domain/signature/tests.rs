use proptest::prelude::*;

use super::*;
use crate::domain::caller::Token;
use crate::domain::identity::{AccessKey, Secret};

const ACCESS: &str = "SIMAK0000000000EXAMPLE";
const SECRET: &str = "simsk-not-a-secret-EXAMPLE-000000000000";
const HEADERS: [&str; 5] = ["content-type", "host", "user-agent", "x-project-id", "x-sdk-date"];
const BODY: &str = "{\"images\": [\"3f0e1c52-7a64-4b0d-9c1f-2d5b8a6e4f10\"], \"projects\": \
                    [\"5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e\"]}";

/// A request in one piece, so that a test can change any of it.
#[derive(Clone, Debug)]
struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// The published one, without its signature.
    fn published() -> Self {
        let values = [
            "application/json;charset=utf-8",
            "ims.sim.example.com",
            "contract-test/1",
            "0a1b2c3d4e5f40718293a4b5c6d7e8f9",
            "20250102T030405Z",
        ];
        let headers = HEADERS.iter().zip(values);
        Self {
            method: "DELETE".to_owned(),
            path: "/v1/cloudimages/members".to_owned(),
            query: String::new(),
            headers: headers.map(|(name, value)| ((*name).to_owned(), value.to_owned())).collect(),
            body: BODY.as_bytes().to_vec(),
        }
    }

    fn with<T>(&self, work: impl FnOnce(&Signable<'_>) -> T) -> T {
        let header = |name: &str| {
            let found = self.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| Cow::Borrowed(value.as_bytes()))
        };
        work(&Signable {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            header: &header,
            body: &self.body,
        })
    }

    fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Signs all of its headers.
    fn signed(mut self) -> Self {
        let mut names: Vec<String> = self.headers.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let value = self.with(|request| sign(request, &names, ACCESS, SECRET));
        self.set("authorization", &value);
        self
    }

    fn verified(&self) -> Result<Signed, SignatureError> {
        self.verified_at(now())
    }

    fn verified_at(&self, now: SimTime) -> Result<Signed, SignatureError> {
        self.with(|request| verify(&world(), request, now))
    }
}

fn now() -> SimTime {
    SimTime::from_millis(time::parse("2025-01-02T03:04:05Z").expect("a time"))
}

fn world() -> World {
    let mut world = World::default();
    let token = Token { project: None, actions: Vec::new(), expires: None };
    let key = |security_token: Option<&str>| AccessKey {
        secret: Secret::new(SECRET),
        security_token: security_token.map(Secret::new),
        user: None,
        token: Arc::new(token.clone()),
    };
    world.add_access_key(ACCESS, key(None));
    world.add_access_key("temporary", key(Some("for-an-hour")));
    world
}

/// Contract, "AK/SK signature: algorithm", the test vector.
#[test]
fn the_published_signature_is_that_of_the_published_request() {
    let request = Request::published().signed();
    let signature = "c7d52fdb0bbafc2b26c10145fe83a9572cb81fbae08352b2c75370fc00a807c3";
    let expected = format!(
        "SDK-HMAC-SHA256 Access={ACCESS}, SignedHeaders={}, Signature={signature}",
        HEADERS.join(";")
    );
    assert_eq!(request.headers.last().map(|(_, value)| value), Some(&expected));
    let text = request.with(|it| Canonical::of(it, &HEADERS).texts().next().expect("a text"));
    let hash = "a2495d2b002d642d46971eb578f675efb92bb460eb95ba4c77f01990e0cc9bf7";
    assert_eq!(hex(&Sha256::digest(text)), hash);
    let project = Some("0a1b2c3d4e5f40718293a4b5c6d7e8f9".into());
    assert_eq!(request.verified(), Ok(Signed { key: ACCESS.into(), project }));
}

#[test]
fn one_changed_byte_anywhere_is_refused() {
    let mut signed = Request::published();
    signed.query = "limit=10&marker=a%20b".to_owned();
    let signed = signed.signed();
    assert!(signed.verified().is_ok());
    let other = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        String::from_utf8(bytes).expect("ASCII")
    };
    let check = |what: &str, request: Request| {
        assert!(request.verified().is_err(), "{what}: {request:?}");
    };
    for at in 0..signed.method.len() {
        check("method", Request { method: other(&signed.method, at), ..signed.clone() });
    }
    for at in 0..signed.path.len() {
        check("path", Request { path: other(&signed.path, at), ..signed.clone() });
    }
    for at in 0..signed.query.len() {
        check("query", Request { query: other(&signed.query, at), ..signed.clone() });
    }
    for at in 0..signed.body.len() {
        let mut body = signed.body.clone();
        body[at] ^= 1;
        check("body", Request { body, ..signed.clone() });
    }
    // Those that are signed, and that which says so.
    for (place, (name, value)) in signed.headers.iter().enumerate() {
        for at in 0..value.len() {
            let mut request = signed.clone();
            request.headers[place].1 = other(value, at);
            check(name, request);
        }
        let mut request = signed.clone();
        request.headers.remove(place);
        check(name, request);
    }
}

#[test]
fn each_case_has_its_refusal() {
    let check = |change: &dyn Fn(&mut Request), code| {
        let mut request = Request::published().signed();
        change(&mut request);
        assert_eq!(request.verified().map_err(|error| error.code), code, "{request:?}");
    };
    let authorization = |from: &'static str, to: &'static str| {
        move |request: &mut Request| {
            let (_, value) = request.headers.pop().expect("the signature stands last");
            request.set("authorization", &value.replace(from, to));
        }
    };
    let unreadable = Err(Code::SignatureUnreadable);
    check(&|request| request.set("authorization", "SDK-HMAC-SHA256"), unreadable.clone());
    check(&authorization("Access=", "Accept="), unreadable.clone());
    check(&authorization(", Signature=", ", Signature"), unreadable.clone());
    check(&authorization("Signature=", "X=, Signature="), unreadable.clone());
    check(&authorization("content-type;host", "host;content-type"), unreadable.clone());
    check(&authorization(";x-sdk-date", ""), unreadable.clone());
    check(&|request| request.headers.retain(|(name, _)| name != DATE), unreadable.clone());
    check(&|request| request.set(DATE, "2025-01-02T03:04:05Z"), unreadable.clone());
    check(&authorization(ACCESS, "nobody"), Err(Code::AccessKeyUnknown));
    check(&authorization("SDK-HMAC-SHA256", "SDK-HMAC-SM3"), Err(Code::SignatureWrong));
    check(&authorization("Signature=c", "Signature=C"), Err(Code::SignatureWrong));
    check(&|request| request.body.push(b' '), Err(Code::SignatureWrong));
}

#[test]
fn a_refusal_shows_the_canonical_request() {
    let mut request = Request::published().signed();
    request.method = "POST".to_owned();
    let shown = request.verified().map_err(|error| error.canonical);
    let expected = "POST|/v1/cloudimages/members/||content-type:application/json;charset=utf-8|\
                    host:ims.sim.example.com|user-agent:contract-test/1|\
                    x-project-id:0a1b2c3d4e5f40718293a4b5c6d7e8f9|x-sdk-date:20250102T030405Z||\
                    content-type;host;user-agent;x-project-id;x-sdk-date|\
                    0c6f01b15943faf3a9d8d31f60220c2b5abf939b9a33e7e348c1d489958fe47f";
    assert_eq!(shown, Err(Some(expected.into())));
}

#[test]
fn a_signature_counts_for_fifteen_minutes_either_way() {
    let request = Request::published().signed();
    let check = |seconds: i64, good: bool| {
        let at = now().as_millis().checked_add_signed(seconds * 1_000).expect("a time");
        let found = request.verified_at(SimTime::from_millis(at));
        assert_eq!(found.is_ok(), good, "{seconds}");
    };
    for seconds in [0, 900, -900] {
        check(seconds, true);
    }
    for seconds in [901, -901, 86_400] {
        check(seconds, false);
    }
}

#[test]
fn a_temporary_key_brings_its_security_token() {
    let check = |token: Option<&str>, code: Result<(), Code>| {
        let mut request = Request::published();
        request.headers.extend(token.map(|it| ("x-security-token".to_owned(), it.to_owned())));
        let mut names: Vec<&str> = HEADERS.to_vec();
        names.extend(token.map(|_| "x-security-token"));
        names.sort_unstable();
        let value = request.with(|request| sign(request, &names, "temporary", SECRET));
        request.set("authorization", &value);
        assert_eq!(request.verified().map(drop).map_err(|error| error.code), code, "{token:?}");
    };
    check(Some("for-an-hour"), Ok(()));
    check(Some("for-an-houR"), Err(Code::AccessKeyUnknown));
    check(None, Err(Code::AccessKeyUnknown));
}

/// Contract, "AK/SK signature: headers": what decides must be signed, or it could be changed on the way.
#[test]
fn headers_that_decide_are_signed() {
    let check = |unsigned: &str, code: Result<(), Code>| {
        let mut request = Request::published();
        let names: Vec<&str> = HEADERS.into_iter().filter(|name| *name != unsigned).collect();
        let value = request.with(|request| sign(request, &names, ACCESS, SECRET));
        request.set("authorization", &value);
        assert_eq!(request.verified().map(drop).map_err(|error| error.code), code, "{unsigned}");
    };
    check("nothing", Ok(()));
    check("user-agent", Ok(()));
    check("content-type", Ok(()));
    check("host", Err(Code::SignatureWrong));
    check("x-project-id", Err(Code::SignatureWrong));
    check("x-sdk-date", Err(Code::SignatureUnreadable));
    // Added on the way, to one that names no project.
    let mut request = Request::published();
    request.headers.retain(|(name, _)| name != "x-project-id");
    let mut request = request.signed();
    assert!(request.verified().is_ok());
    request.set("x-project-id", "5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e");
    assert_eq!(request.verified().map_err(|error| error.code), Err(Code::SignatureWrong));
}

/// Contract, "AK/SK signature: headers", `X-Sdk-Content-Sha256`.
#[test]
fn a_header_can_stand_for_the_hash_of_the_body() {
    let check = |content_type: &str, said: &str, body: &str, good: bool| {
        let mut request = Request { body: body.into(), ..Request::published() };
        request.set("content-type", content_type);
        request.set(CONTENT, said);
        let found = request.signed().verified();
        assert_eq!(found.is_ok(), good, "{content_type} {said} {body}");
    };
    let hash = hex(&Sha256::digest("{}"));
    let unsigned = "UNSIGNED-PAYLOAD";
    check("application/json", &hash, "{}", true);
    check("application/json", &hash, "[]", false);
    check("application/octet-stream", unsigned, "anything", true);
    check("application/json", unsigned, "{}", false);
    check("application/bson", unsigned, "{}", false);
    check("application/json", unsigned, "", true);
}

#[test]
fn a_token_is_no_signature() {
    let check = |value: &str, signed| assert_eq!(looks_signed(value.as_bytes()), signed, "{value}");
    check("SDK-HMAC-SHA256 Access=x", true);
    check("SDK-ECDSA-P256-SHA256 Access=x", true);
    check("V11-HMAC-SHA256 Access=x", true);
    check("Bearer x", false);
    check("Basic eDp5", false);
    check("", false);
}

proptest! {
    /// However a client writes path, query and headers, the verifier reads what the signer meant.
    #[test]
    fn signer_and_verifier_agree(
        segments in prop::collection::vec("[a-zA-Z0-9%~._ +:@-]{0,6}", 0..5),
        pairs in prop::collection::vec(("[a-zA-Z{}=& +_-]{1,4}", "[^\\x00-\\x1f]{0,6}"), 0..5),
        extra in prop::collection::btree_map("x-[a-z]{1,6}", "[ -~]{0,12}", 0..4),
        body in prop::collection::vec(any::<u8>(), 0..40),
        method in "GET|POST|PUT|DELETE",
        slash in any::<bool>(),
    ) {
        let written = |text: &String| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        let mut path = format!("/{}", segments.iter().map(written).collect::<Vec<_>>().join("/"));
        if slash {
            path.push('/');
        }
        let query: Vec<String> =
            pairs.iter().map(|(key, value)| format!("{}={}", written(key), written(value))).collect();
        let mut request = Request { method, path, query: query.join("&"), body, ..Request::published() };
        for (name, value) in &extra {
            request.set(name, value);
        }
        let mut signed = request.signed();
        prop_assert!(signed.verified().is_ok());
        // The order of the pairs is not what they mean, and neither is how a letter is written.
        let mut turned = query.clone();
        turned.reverse();
        signed.query = turned.join("&");
        prop_assert!(signed.verified().is_ok());
        signed.path = signed.path.replace('v', "%76");
        prop_assert!(signed.verified().is_ok());
        signed.path.push('x');
        prop_assert!(signed.verified().is_err());
    }
}
