//! Plays a scene: each request goes through the whole HTTP service in virtual time.

use std::borrow::Cow;
use std::path::Path;

use actix_web::http::{Method, Uri};
use imsim::api::time;
use imsim::clock::{SimDuration, WallTime};
use imsim::domain::admission::AdmissionLimits;
use imsim::domain::signature::{self, Signable};
use imsim::scenario::ScenarioFile;
use imsim::seed::{Seed, Subject};
use imsim::simulator::Options;
use imsim::simulator::virtual_run::{VirtualAnswer, VirtualRequest, VirtualRun, VirtualService};

use super::documented::Documented;
use super::golden::{Item, Scene};
use super::words::{Words, is_id};

/// What the SDK sends with a body. Contract, "Reading guide".
const SENT_TYPE: &str = "application/json;charset=utf-8";

/// The header of a file that is not sent: an access key and a secret, with which the request is signed.
const SIGNER: &str = "Signed-By";

/// The host that signed requests name, with a port (contract, C-6).
const HOST: &str = "ims.sim.example.com:8443";

/// Two shards, taken in turn, so that jobs are also queried where they do not live.
const SHARDS: usize = 2;

/// The lines of the scene with the answers to its requests.
pub(super) fn play(scene: Scene) -> Vec<String> {
    let text = scene.world.to_string();
    let file = ScenarioFile::parse(Path::new("world"), text).unwrap_or_else(|e| panic!("{e}"));
    let epoch = file.sections.epoch.expect("a world says when it starts").0;
    let mut options = Options::new(Seed::DEFAULT, SHARDS);
    if let Some(running_jobs) = scene.running_jobs {
        options.limits = AdmissionLimits { running_jobs, ..AdmissionLimits::default() };
    }
    let run = VirtualRun::new(&file, &options, epoch, WallTime::default());
    let run = run.unwrap_or_else(|problem| panic!("{problem}"));
    run.run(|service| Stage::new(service, &scene).play(scene.items), |_| {})
        .expect("every exchange comes to its end")
}

struct Stage {
    service: VirtualService,
    words: Words,
    lines: Vec<String>,
    turns: usize,
    show_names: bool,
    documented: Documented,
}

impl Stage {
    fn new(service: VirtualService, scene: &Scene) -> Self {
        let words = Words::of(&service.shared.world, scene.show_ids);
        let show_names = scene.show_names;
        let documented = Documented::new();
        Self { service, words, lines: Vec::new(), turns: 0, show_names, documented }
    }

    async fn play(mut self, items: Vec<Item>) -> Vec<String> {
        for item in items {
            match item {
                Item::Line(line) => self.lines.push(line),
                Item::Wait(line, ms) => {
                    self.lines.push(line);
                    self.pass(ms).await;
                }
                Item::Drain(line) => {
                    self.lines.push(line);
                    self.service.shared.admission.drain();
                }
                Item::Request(lines) => self.exchange(&lines).await,
            }
        }
        self.lines
    }

    /// Takes a turn in the clock's queue, after all work that is due at the same instant.
    async fn pass(&mut self, ms: u64) {
        let clock = &self.service.shared.clock;
        let due = clock.now() + SimDuration::from_millis(ms);
        clock.sleep_until(due, Subject::Step(self.turns as u64), clock.busy(0)).await;
        self.turns += 1;
    }

    async fn exchange(&mut self, lines: &[String]) {
        self.pass(0).await;
        self.lines.extend(lines.iter().map(|line| marked('>', line)));
        let request = self.request(lines);
        let answer = self.service.call(self.turns % SHARDS, &request).await;
        let names_scope = request.headers.iter().any(|(name, _)| name == "X-Imsim-Scope");
        let own = names_scope || request.target.path().split('/').nth(1) == Some("__admin");
        if own {
            self.write_own(&answer);
        } else {
            self.documented.hold(&request.method, request.target.path(), &answer);
            self.write(&answer);
        }
    }

    fn request(&self, lines: &[String]) -> VirtualRequest {
        let (head, rest) = lines.split_first().expect("a request has a first line");
        let (method, target) = head.split_once(' ').expect("a method and a target");
        let target = String::from_utf8(self.words.expand(target)).expect("a target is text");
        let is_header = |line: &&String| {
            let name = line.split_once(':').map_or("", |(name, _)| name);
            !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        };
        let headers = rest.iter().take_while(is_header);
        let headers = headers.filter_map(|line| line.split_once(':'));
        let value = |text: &str| self.words.expand(text.trim_start());
        let mut headers: Vec<(String, Vec<u8>)> =
            headers.map(|(name, text)| (name.to_owned(), value(text))).collect();
        let body = rest[headers.len()..].join("\n");
        let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if !body.is_empty() && !typed {
            headers.push(("content-type".to_owned(), SENT_TYPE.as_bytes().to_vec()));
        }
        let signer = headers.iter().position(|(name, _)| name == SIGNER);
        let signer = signer.map(|place| headers.remove(place).1);
        let mut request = VirtualRequest {
            method: Method::from_bytes(method.as_bytes()).expect("a method"),
            target: target.parse::<Uri>().expect("a target"),
            headers,
            body: self.words.expand(&body).into(),
        };
        if let Some(signer) = signer {
            let signer = String::from_utf8(signer).expect("a key and a secret are text");
            let (access, secret) = signer.split_once(' ').expect("a key and a secret");
            self.sign(&mut request, access, secret);
        }
        request
    }

    /// Signs all headers, as the SDK does, at the present time unless the request says another.
    fn sign(&self, request: &mut VirtualRequest, access: &str, secret: &str) {
        let now = self.service.shared.clock.now();
        for (name, value) in [("host", HOST.to_owned()), ("x-sdk-date", signature::date(now))] {
            if !request.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                request.headers.push((name.to_owned(), value.into_bytes()));
            }
        }
        let signed = request.headers.iter().filter(|(name, _)| !name.contains('_'));
        let mut names: Vec<String> = signed.map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let header = |name: &str| {
            let mut all = request.headers.iter();
            let found = all.find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| Cow::Borrowed(&value[..]))
        };
        let signable = Signable {
            method: request.method.as_str(),
            path: request.target.path(),
            query: request.target.query().unwrap_or_default(),
            header: &header,
            body: &request.body,
        };
        let value = signature::sign(&signable, &names, access, secret);
        request.headers.push(("authorization".to_owned(), value.into_bytes()));
    }

    /// Writes an answer of the simulator's own, which is JSON for people, or figures, and has no request id.
    fn write_own(&mut self, answer: &VirtualAnswer) {
        let body = std::str::from_utf8(&answer.body).expect("answers are UTF-8");
        if header(answer, "content-type") != "text/plain; version=0.0.4; charset=utf-8" {
            assert_eq!(header(answer, "content-type"), "application/json");
            serde_json::from_str::<serde_json::Value>(body).expect("it is JSON");
        }
        let body = body.strip_suffix('\n').expect("it ends with a line break");
        self.write_text(answer, body, None);
    }

    fn write(&mut self, answer: &VirtualAnswer) {
        let request_id = header(answer, "x-request-id");
        assert!(is_id(&request_id), "X-Request-Id is `{request_id}`");
        let body = std::str::from_utf8(&answer.body).expect("answers are UTF-8");
        let content_type = header(answer, "content-type");
        if content_type.contains("json") {
            serde_json::from_str::<serde_json::Value>(body)
                .expect("an answer of type JSON is JSON");
        }
        assert!(!body.ends_with('\n'), "no answer ends with a line break, which would not be seen");
        let short = self.show_names.then(|| by_name(body)).flatten();
        self.write_text(answer, short.as_deref().unwrap_or(body), Some(&request_id));
    }

    fn write_text(&mut self, answer: &VirtualAnswer, body: &str, request_id: Option<&str>) {
        let now = self.service.shared.clock.now();
        assert_eq!(header(answer, "date"), time::http_date(now.as_millis()), "Date is simulated");
        let content_type = header(answer, "content-type");
        self.lines.push(format!("< {} {content_type}", answer.status).trim_end().to_owned());
        let usual = ["content-type", "content-length", "x-request-id", "date"];
        let others = answer.headers.iter().filter(|(name, _)| !usual.contains(&name.as_str()));
        for (name, value) in others {
            let value = value.to_str().expect("headers are text");
            let value = match name.as_str() {
                "x-subject-token" => self.words.token(value),
                _ => value.to_owned(),
            };
            self.lines.push(format!("< {name}: {value:?}"));
        }
        let body = self.words.hide(body, request_id, now);
        self.lines.extend(body.split('\n').map(|line| marked('<', line)));
    }
}

/// A list of images with the name of each in its place; `None` if the body is none. The images stand last.
fn by_name(body: &str) -> Option<String> {
    let (head, images) = body.split_once("\"images\":[")?;
    let images: Vec<serde_json::Value> =
        serde_json::from_str(&format!("[{}", images.strip_suffix('}')?)).ok()?;
    let names = images.iter().map(|image| image["name"].as_str().expect("an image has a name"));
    Some(format!("{head}\"images\":[{}]}}", names.collect::<Vec<_>>().join(", ")))
}

/// The value of a header that stands once at most; empty if it does not stand at all.
fn header(answer: &VirtualAnswer, name: &str) -> String {
    let mut values = answer.headers.get_all(name);
    let value = values.next().and_then(|value| value.to_str().ok());
    assert_eq!(values.count(), 0, "{name} stands once at most");
    value.unwrap_or_default().to_owned()
}

/// A line with its mark, and no blank behind the mark of an empty one.
fn marked(mark: char, line: &str) -> String {
    if line.is_empty() { mark.to_string() } else { format!("{mark} {line}") }
}
