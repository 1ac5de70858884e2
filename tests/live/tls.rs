//! A server that speaks TLS, asked by curl, with HTTP/1.1 and with HTTP/2.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rcgen::{CertifiedKey, KeyPair};
use serde_json::{Value, json};

use crate::server::Server;
use crate::stage::members_path;
use crate::world::world;

const VERSIONS: [&str; 2] = ["--http1.1", "--http2"];

/// Strikes of the wire, each on the requests whose path names it.
fn rules() -> Value {
    let rule = |name: &str, effect: Value| {
        let path = format!("/{name}*");
        json!({ "at": "request", "match": { "path": path }, "effect": effect })
    };
    json!([
        rule("reset", json!("reset")),
        rule("close", json!("close")),
        rule("garbage", json!("garbage")),
        rule("truncate", json!({ "truncate": { "after_bytes": 9 } })),
        rule("nothing", json!({ "truncate": { "after_bytes": 0 } })),
        rule("never", json!("never_answer")),
        rule("late", json!({ "delay": { "fixed": "1h" } })),
        rule("dribble", json!({ "dribble": { "bytes": 40, "every": "10ms" } })),
    ])
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tls-{name}"))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of this build is text")
}

/// A server with a certificate of its own, and where that is.
struct Secure {
    server: Server,
    certificate: PathBuf,
}

impl Secure {
    fn start(name: &str, arguments: &[&str]) -> Self {
        Self::start_with(None, name, arguments)
    }

    fn start_with(descriptors: Option<u64>, name: &str, arguments: &[&str]) -> Self {
        let certificate = path(&format!("{name}.pem"));
        let mut all = vec!["--tls", "--tls-cert-out", text(&certificate), "--shards", "2"];
        all.extend(arguments);
        let mut scenario = world("0s", "0s");
        scenario["faults"] = rules();
        let name = format!("tls-{name}");
        let server = match descriptors {
            Some(descriptors) => Server::start_with(descriptors, &name, &scenario, &all),
            None => Server::start(&name, &scenario, &all),
        };
        Self { server, certificate }
    }

    fn curl(&self, arguments: &[&str]) -> Output {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--noproxy", "*", "--cacert", text(&self.certificate)]);
        curl.args(["--header", "X-Auth-Token: owner"]).args(arguments);
        curl.output().expect("curl is installed")
    }

    /// How curl ends that asks for a path of the service, and what it says of the answer.
    fn ask(&self, version: &str, path: &str) -> (i32, String) {
        let url = format!("{}{path}", self.server.url());
        let output = self.curl(&[
            version,
            "--max-time",
            "20",
            "--output",
            "/dev/null",
            "--write-out",
            "%{http_code} %{http_version} %{size_download}",
            &url,
        ]);
        let code = output.status.code().expect("no signal");
        (code, String::from_utf8(output.stdout).expect("text"))
    }

    fn admin(&self, method: &str, path: &str) -> Value {
        let url = format!("{}/__admin{path}", self.server.admin_url());
        let output = self.curl(&["--request", method, &url]);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{method} {path}: {output:?}"))
    }

    /// What became of each call, in their order, as the journal tells it.
    fn told(&self) -> Vec<(String, String)> {
        let journal = self.admin("GET", "/journal?event=call&limit=1000");
        let calls = journal["entries"].as_array().expect("a list").iter();
        let told = calls.map(|call| {
            let said = |key: &str| call[key].as_str().unwrap_or("answered").to_owned();
            (said("target"), said("delivery"))
        });
        told.collect()
    }

    fn advance(&self) {
        let url = format!("{}/__admin/clock/advance", self.server.admin_url());
        let by = json!({ "by": "1h" }).to_string();
        assert!(self.curl(&["--fail", "--data", &by, &url]).status.success());
    }

    /// Asks the clock until nobody waits and nothing happens.
    fn settle(&self) {
        let quiet = |clock: &Value| clock["waiting"] == 0 && clock["busy"] == 0;
        let quiet = (0..2_000).any(|_| quiet(&self.admin("GET", "/clock")));
        assert!(quiet, "{}", self.admin("GET", "/clock"));
    }
}

/// curl takes the end of a stream whose body nobody read for an error.
#[test]
fn an_answer_that_comes_before_the_whole_body_reaches_clients_of_both_versions() {
    let secure = Secure::start("early", &[]);
    let body = format!("{}/early-body", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&body, vec![b'x'; 13 * 1024 * 1024]).expect("room on the disk");
    let data = format!("@{body}");
    for version in VERSIONS {
        for (path, status) in
            [("/v1/cloudimages/members", "413"), ("/nowhere", "404"), ("/__admin/helth", "404")]
        {
            let url = secure.server.url() + path;
            let asked =
                [version, "--request", "POST", "--data-binary", &data, "--header", "Expect:"];
            let written = ["--output", "/dev/null", "--write-out", "%{http_code}", &url];
            let output = secure.curl(&[&asked[..], &written].concat());
            let found = String::from_utf8(output.stdout).expect("text");
            assert_eq!((output.status.code(), &*found), (Some(0), status), "{version} {path}");
        }
    }
}

#[test]
fn both_versions_of_http_are_spoken_and_the_admin_api_speaks_tls_too() {
    let secure = Secure::start("versions", &["--admin-addr", "127.0.0.1:0"]);
    let members = members_path(0);
    let (code, http1) = secure.ask("--http1.1", &members);
    assert!(code == 0 && http1.starts_with("200 1.1 "), "{code} {http1}");
    let (code, http2) = secure.ask("--http2", &members);
    assert!(code == 0 && http2.starts_with("200 2 "), "{code} {http2}");
    assert_eq!(http1.split(' ').next_back(), http2.split(' ').next_back());
    assert_eq!(secure.ask("--http2", "/__admin/health").1.split(' ').next(), Some("404"));
    assert_eq!(secure.admin("GET", "/health")["status"], "ok");
    let by_name = secure.server.url().replace("127.0.0.1", "localhost") + &members;
    assert!(secure.curl(&[&by_name]).status.success());
    let stranger = Command::new("curl").args(["--silent", &secure.server.url()]).output();
    assert_eq!(stranger.expect("curl is installed").status.code(), Some(60));
    secure.server.stop();
}

/// What curl makes of each strike, with HTTP/1.1 and with HTTP/2; the README has the same table. Over
/// HTTP/2 it may meet a reset while it sends or while it reads.
const SEEN: [(&str, &[i32], &[i32]); 5] = [
    ("reset", &[56], &[55, 56]),
    ("close", &[52], &[18]),
    ("garbage", &[56], &[56]),
    ("truncate", &[18], &[92]),
    ("nothing", &[18], &[92]),
];

#[test]
fn every_strike_of_the_wire_is_seen_through_tls() {
    let secure = Secure::start("strikes", &[]);
    for (version, place) in VERSIONS.into_iter().zip(0..) {
        for (strike, http1, http2) in SEEN {
            let expected = [http1, http2][place];
            let (code, said) = secure.ask(version, &format!("/{strike}"));
            assert!(expected.contains(&code), "{strike} {version}: {code} {said}");
            let (answered, sent) = match strike {
                "truncate" => ("404", "9"),
                "nothing" => ("404", "0"),
                _ => ("000", "0"),
            };
            assert!(said.starts_with(answered), "{strike} {version}: {said}");
            assert!(said.ends_with(&format!(" {sent}")), "{strike} {version}: {said}");
        }
        assert_eq!(secure.ask(version, "/dribble").0, 0);
    }
    let told = secure.told();
    for (strike, delivery) in [
        ("/reset", "reset"),
        ("/close", "closed"),
        ("/garbage", "garbage"),
        ("/truncate", "truncated"),
        ("/dribble", "answered"),
    ] {
        let deliveries = told.iter().filter(|(target, _)| target == strike).map(|(_, it)| it);
        assert!(deliveries.clone().all(|it| it == delivery), "{strike}: {told:?}");
        assert!(deliveries.count() >= VERSIONS.len(), "{strike}: {told:?}");
    }
    secure.server.stop();
}

#[test]
fn connections_are_struck_when_they_are_accepted() {
    for strike in ["reset", "close", "garbage"] {
        let secure = Secure::start(&format!("accept-{strike}"), &["--admin-addr", "127.0.0.1:0"]);
        let rule = json!({ "at": "connection", "effect": strike }).to_string();
        let faults = format!("{}/__admin/faults", secure.server.admin_url());
        assert!(secure.curl(&["--data", &rule, "--fail", &faults]).status.success());
        for version in VERSIONS {
            let (code, said) = secure.ask(version, "/");
            assert!(code != 0 && said.starts_with("000 "), "{strike} {version}: {code} {said}");
        }
        secure.server.stop();
    }
}

/// Three streams on one connection: one to see that it speaks HTTP/2, one that waits, one that is struck.
#[test]
fn a_strike_is_recorded_for_each_stream_on_its_connection() {
    for (strike, delivery, waits) in [
        ("reset", "reset", "reset"),
        ("close", "closed", "closed"),
        ("garbage", "garbage", "garbage"),
        ("truncate", "truncated", "answered"),
    ] {
        let secure = Secure::start(&format!("streams-{strike}"), &["--clock", "frozen"]);
        let url = secure.server.url();
        let urls = ["/first", "/late", &format!("/{strike}")].map(|path| format!("{url}{path}"));
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--noproxy", "*", "--cacert", text(&secure.certificate)]);
        curl.args(["--parallel", "--http2", "--max-time", "20"]).args(&urls);
        let curl = curl.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut curl = curl.expect("curl is installed");
        // The stream that waits goes on if it is not struck, and so does what curl tries once more.
        let late = || secure.told().into_iter().find(|(target, _)| target == "/late");
        let late = (0..2_000).find_map(|_| {
            let told = secure.told();
            if told.iter().any(|(target, _)| *target == format!("/{strike}")) {
                secure.advance();
                return late();
            }
            None
        });
        curl.kill().expect("it is ours");
        curl.wait().expect("it is ours");
        assert_eq!(late.map(|(_, it)| it).as_deref(), Some(waits), "{strike}: {:?}", secure.told());
        let told = secure.told();
        let struck = told.iter().find(|(target, _)| *target == format!("/{strike}"));
        assert_eq!(struck.map(|(_, it)| &**it), Some(delivery), "{strike}: {told:?}");
        secure.server.stop();
    }
}

/// How many descriptors the server has; a third of them may be held by faults.
const DESCRIPTORS: u64 = 120;
/// More strikes than that, so that a hold which is not given back is missed.
const STRIKES: usize = 60;

#[test]
fn nothing_is_left_of_connections_that_spoke_tls() {
    let arguments = ["--clock", "frozen"];
    let secure = Secure::start_with(Some(DESCRIPTORS), "nothing-left", &arguments);
    secure.settle();
    let idle = secure.server.descriptors();
    for version in VERSIONS {
        for (strike, _, _) in SEEN {
            let urls = format!("{}/{strike}/[1-{STRIKES}]", secure.server.url());
            secure.curl(&[version, "--output", "/dev/null", &urls]);
        }
        for waits in ["never", "late"] {
            let urls = format!("{}/{waits}/[1-10]", secure.server.url());
            secure.curl(&[version, "--max-time", "0.05", "--output", "/dev/null", &urls]);
        }
        secure.settle();
    }
    // Where a hold on the socket is missing, a reset becomes a plain end.
    let told = secure.told();
    for (strike, delivery) in [("reset", "reset"), ("garbage", "garbage"), ("close", "closed")] {
        let deliveries =
            told.iter().filter(|(target, _)| target.starts_with(&format!("/{strike}/")));
        assert!(deliveries.clone().count() >= 2 * STRIKES, "{strike}");
        assert!(deliveries.clone().all(|(_, it)| it == delivery), "{strike}: {told:?}");
    }
    let open = (0..100_000).map(|_| secure.server.descriptors()).find(|open| *open <= idle);
    assert!(open.is_some(), "{} descriptors, {idle} before", secure.server.descriptors());
    secure.server.stop();
}

/// A certificate, its key and a key that is not its, as files.
fn files() -> [PathBuf; 3] {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let CertifiedKey { cert, signing_key } = made.expect("a good name");
    let other = KeyPair::generate().expect("there is chance");
    let files = [path("own.pem"), path("own.key"), path("other.key")];
    let contents = [cert.pem(), signing_key.serialize_pem(), other.serialize_pem()];
    for (file, content) in files.iter().zip(contents) {
        std::fs::write(file, content).expect("the build's folder can be written");
    }
    files
}

#[test]
fn a_certificate_of_ones_own_is_used() {
    let [certificate, key, _] = files();
    let mut serve = Command::new(env!("CARGO_BIN_EXE_imsim"));
    serve.args(["serve", "--addr", "127.0.0.1:0", "--tls-cert", text(&certificate), "--tls-key"]);
    let mut child = serve.arg(&key).stdout(Stdio::piped()).spawn().expect("built");
    let mut lines =
        std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("it is piped")));
    let url = lines.find_map(|line| {
        line.expect("text").strip_prefix("listening on https://127.0.0.1:").map(str::to_owned)
    });
    let url = format!("https://localhost:{}/", url.expect("it listens"));
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--noproxy", "*", "--cacert", text(&certificate), &url]);
    let answered = curl.output().expect("curl is installed").status.success();
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    assert!(answered);
}

#[test]
fn what_tls_cannot_be_spoken_with_is_said() {
    let [certificate, key, other] = files();
    let (certificate, key, other) = (text(&certificate), text(&key), text(&other));
    let locked = path("locked.key");
    let pem = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    std::fs::write(&locked, pem).expect("the build's folder can be written");
    let check = |arguments: &[&str], says: &[&str]| {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_imsim"));
        let output = serve.args(["serve", "--addr", "127.0.0.1:0"]).args(arguments).output();
        let output = output.expect("the program was built");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
        for text in says {
            assert!(errors.contains(text), "{arguments:?}: `{text}` is not in {errors}");
        }
    };
    let both = |certificate: &str, key: &str, says: &[&str]| {
        check(&["--tls-cert", certificate, "--tls-key", key], says);
    };
    both("nowhere.pem", key, &["--tls-cert nowhere.pem: No such file"]);
    both(certificate, "nowhere.key", &["--tls-key nowhere.key: No such file"]);
    both(key, key, &["--tls-cert ", "it has no certificate"]);
    both(certificate, certificate, &["--tls-key ", "it has no private key"]);
    both(certificate, text(&locked), &["is locked by a passphrase; `openssl pkey -in "]);
    both(certificate, other, &["--tls-key ", "it is not the key of --tls-cert "]);
    check(&["--tls-cert", certificate], &["--tls-key <FILE>"]);
    check(&["--tls-key", key], &["--tls-cert <FILE>"]);
    check(&["--tls", "--tls-cert", certificate, "--tls-key", key], &["cannot be used with"]);
    check(&["--tls-name", "a"], &["--tls"]);
    check(&["--tls", "--tls-name", "a b"], &["--tls-name: `a b` is neither the name of a host"]);
    check(&["--tls", "--tls-cert-out", "/nowhere/x.pem"], &["cannot write /nowhere/x.pem"]);
}
