//! What test harnesses are told: a file or a line that says that the server is ready.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::world::{OWNER, image, world};

/// A server that tells no test where it is but by what it is for; killed when dropped.
struct Told {
    child: Child,
    /// The first line that it prints.
    line: String,
}

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ready-{name}"))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of this build is text")
}

impl Told {
    fn start(name: &str, scenario: &Value, arguments: &[&str]) -> Self {
        let file = path(&format!("{name}.scenario.json"));
        fs::write(&file, scenario.to_string()).expect("the build's folder can be written");
        let mut serve = Command::new(env!("CARGO_BIN_EXE_imsim"));
        serve.arg("serve").arg(file).args(["--addr", "127.0.0.1:0"]).args(arguments);
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("built");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("text");
        Self { child, line }
    }

    fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("a kill").success());
        assert_eq!(self.child.wait().expect("it is ours").code(), Some(0));
    }
}

/// Reads a file as soon as it is there.
fn read(file: &Path) -> Value {
    let whole = (0..20_000_000).find_map(|_| {
        std::thread::yield_now();
        fs::read_to_string(file).ok()
    });
    serde_json::from_str(&whole.expect("it appears")).expect("it is whole")
}

fn get(url: &str, arguments: &[&str]) -> String {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--fail", "--noproxy", "*"]).args(arguments).arg(url);
    let output = curl.output().expect("curl is installed");
    assert!(output.status.success(), "{url}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn a_file_says_when_a_server_is_ready_and_goes_when_it_stops() {
    let file = path("file.json");
    fs::write(&file, "of a server that was killed").expect("the build's folder can be written");
    let arguments = ["--ready-file", text(&file), "--seed", "7", "--admin-addr", "127.0.0.1:0"];
    let server = Told::start("file", &world("0s", "0s"), &arguments);
    assert!(server.line.starts_with("imsim "), "the welcome is printed all the same");
    let ready = read(&file);
    let url = ready["url"].as_str().expect("a URL");
    let members = format!("{url}/v2/images/{}/members", image(0));
    assert!(get(&members, &["--header", "X-Auth-Token: owner"]).contains("accepted"));
    let admin = ready["admin_url"].as_str().expect("a URL");
    assert!(get(&format!("{admin}/health"), &[]).contains("\"ok\""));
    assert_eq!(
        (&ready["pid"], &ready["urls"], &ready["seed"]),
        (&json!(server.child.id()), &json!([url]), &json!(7))
    );
    assert_eq!(ready["tokens"]["owner"], "owner", "the name of its project");
    assert_eq!(ready["users"]["owner"], "owner", "his password");
    let key = json!({ "secret": "sk-owner", "project": "owner" });
    assert_eq!(ready["access_keys"]["ak-owner"], key);
    assert_eq!(ready["projects"]["owner"], json!(OWNER));
    assert!(ready["images"].as_object().is_some_and(|all| all.values().any(|id| id == &image(0))));
    assert_eq!(ready.get("tls"), None);
    server.stop();
    assert!(!file.exists());
}

#[test]
fn a_line_says_the_same_in_place_of_the_welcome() {
    let certificate = path("line.pem");
    let arguments = ["--ready-json", "--tls", "--tls-cert-out", text(&certificate)];
    let server = Told::start("line", &world("0s", "0s"), &arguments);
    let ready: Value = serde_json::from_str(&server.line).expect("a line of JSON");
    let admin = format!("{}/health", ready["admin_url"].as_str().expect("a URL"));
    assert!(admin.starts_with("https://127.0.0.1:"), "{ready}");
    assert!(get(&admin, &["--cacert", text(&certificate)]).contains("\"ok\""));
    assert_eq!(ready["tls"]["cert_file"], json!(text(&certificate)));
    assert_eq!(ready["tls"]["sha256"].as_str().map(str::len), Some(64));
    server.stop();
}

#[test]
fn a_large_world_is_told_in_part_and_so_is_that_it_is() {
    let scenario = json!({
        "format": 1,
        "world": {
            "projects": {"studio": {}, "team": {"count": 1_500}},
            "images": {"web": {"owner": "studio", "count": 1_000}},
            "tokens": {"studio": {"project": "studio"}},
        },
    });
    let server = Told::start("large", &scenario, &["--ready-json"]);
    let ready: Value = serde_json::from_str(&server.line).expect("a line of JSON");
    let told = |kind: &str| ready[kind].as_object().map(serde_json::Map::len);
    assert_eq!(
        (told("projects"), told("images"), told("tokens")),
        (Some(1_000), Some(1_000), Some(1))
    );
    let kinds = ["tokens", "users", "access_keys", "projects", "images"];
    let total = kinds.map(|kind| ready["total"][kind].as_u64());
    assert_eq!(total, [1, 1_501, 1_501, 1_501, 1_000].map(Some));
    server.stop();
}

#[test]
fn the_file_of_another_server_is_left_alone() {
    let file = path("other.json");
    let server = Told::start("other", &world("0s", "0s"), &["--ready-file", text(&file)]);
    read(&file);
    fs::write(&file, "another's").expect("the build's folder can be written");
    server.stop();
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "another's");
}

#[test]
fn a_server_that_cannot_start_is_never_ready() {
    let file = path("never.json");
    fs::write(&file, "old").expect("the build's folder can be written");
    let server = Told::start(
        "never",
        &world("0s", "0s"),
        &["--ready-file", text(&file), "--admin-addr", "nowhere"],
    );
    assert_eq!(server.line, "");
    assert!(!file.exists());
    let folder = env!("CARGO_TARGET_TMPDIR");
    let server = Told::start("folder", &world("0s", "0s"), &["--ready-file", folder]);
    assert_eq!(server.line, "");
}
