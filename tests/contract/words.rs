//! The words in angle brackets: what they stand for in requests, and which ids they hide in answers.
//!
//! | Word | Stands for |
//! |---|---|
//! | `<web>` | the id of the image or project with this name |
//! | `<upper web>` | the same in upper case |
//! | `<fleet 0..99>` | the ids of `fleet-0` to `fleet-99` in quotes, with commas between |
//! | `<job 1>` | the id of the first job that an answer showed |
//! | `<token 1>` | the first token that was given out |
//! | `<repeat 3 x>` | `xxx` |
//! | `<bytes fffe>` | these bytes, given in hex |
//! | `<pad 100>` | as many blanks as bring the text to a hundred bytes |
//!
//! In answers, `<request id>` stands for the value of `X-Request-Id`.

use std::borrow::Cow;

use imsim::clock::SimTime;
use imsim::domain::World;
use serde_json::Value;

/// The ids of a scene and their words.
pub(super) struct Words {
    named: Vec<(String, String)>,
    jobs: Vec<String>,
    tokens: Vec<String>,
    show_ids: bool,
}

impl Words {
    /// The words of a world.
    pub(super) fn of(world: &World, show_ids: bool) -> Self {
        let images = world.images().into_iter();
        let images = images.map(|it| (it.id.to_string(), it.name.to_string()));
        let projects = world.projects().into_iter();
        let projects = projects.map(|it| (it.id.to_string(), it.name.to_string()));
        Self {
            named: images.chain(projects).collect(),
            jobs: Vec::new(),
            tokens: Vec::new(),
            show_ids,
        }
    }

    /// The bytes that a text of a request stands for.
    pub(super) fn expand(&self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some((before, word)) = rest.split_once('<') {
            bytes.extend_from_slice(before.as_bytes());
            let (word, after) = word.split_once('>').expect("a word ends with `>`");
            self.expand_word(word, &mut bytes);
            rest = after;
        }
        bytes.extend_from_slice(rest.as_bytes());
        bytes
    }

    fn expand_word(&self, word: &str, bytes: &mut Vec<u8>) {
        let number = |text: &str| text.parse::<usize>().expect("a number");
        match word.split_once(' ') {
            None => bytes.extend_from_slice(self.id(word).as_bytes()),
            Some(("upper", name)) => {
                bytes.extend_from_slice(self.id(name).to_uppercase().as_bytes())
            }
            Some(("job", nth)) => {
                let job = self.jobs.get(number(nth) - 1);
                bytes.extend_from_slice(job.expect("a job that an answer showed").as_bytes());
            }
            Some(("token", nth)) => {
                let token = self.tokens.get(number(nth) - 1);
                bytes.extend_from_slice(token.expect("a token that was given out").as_bytes());
            }
            Some(("repeat", what)) => {
                let (times, text) = what.split_once(' ').expect("how often, and what");
                bytes.extend_from_slice(text.repeat(number(times)).as_bytes());
            }
            Some(("bytes", hex)) => {
                let digits = hex.as_bytes().chunks(2).map(|two| std::str::from_utf8(two));
                let byte = |two: &str| u8::from_str_radix(two, 16).expect("hex digits");
                bytes.extend(digits.map(|two| byte(two.expect("ASCII"))));
            }
            Some(("pad", length)) => bytes.resize(number(length), b' '),
            Some((name, range)) => {
                let (from, to) = range.split_once("..").expect("a word that is known");
                let numbers = number(from)..=number(to);
                let ids = numbers.map(|nth| format!("\"{}\"", self.id(&format!("{name}-{nth}"))));
                bytes.extend_from_slice(ids.collect::<Vec<_>>().join(",").as_bytes());
            }
        }
    }

    fn id(&self, name: &str) -> &str {
        let found = self.named.iter().find(|(_, word)| word == name);
        &found.unwrap_or_else(|| panic!("nothing is named `{name}`")).0
    }

    /// The word for a token that an answer carries; tokens that files name have none.
    pub(super) fn token(&mut self, value: &str) -> String {
        if value.len() < 64 {
            return value.to_owned();
        }
        let known = self.tokens.iter().position(|token| token == value);
        let place = known.unwrap_or_else(|| {
            assert!(value.starts_with("MII"), "`{value}` looks like no token");
            self.tokens.push(value.to_owned());
            self.tokens.len() - 1
        });
        format!("<token {}>", place + 1)
    }

    /// An answer's body with words for its ids. Each of them stands for one id and no id is left over,
    /// so nothing of the answer is lost.
    pub(super) fn hide(&mut self, body: &str, request_id: Option<&str>, now: SimTime) -> String {
        self.learn_job(body, now);
        let mut text = Cow::Borrowed(body);
        let mut put = |id: &str, word: String| {
            if text.contains(id) {
                text = Cow::Owned(text.replace(id, &word));
            }
        };
        if let Some(id) = request_id {
            put(id, "<request id>".to_owned());
        }
        for (nth, job) in (1..).zip(&self.jobs) {
            put(job, format!("<job {nth}>"));
        }
        for (id, name) in self.named.iter().filter(|_| !self.show_ids) {
            put(id, format!("<{name}>"));
        }
        text.into_owned()
    }

    /// A job id that was not seen before was just made, so it carries the present time.
    fn learn_job(&mut self, body: &str, now: SimTime) {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let Some(id) = body["job_id"].as_str() else { return };
        if self.jobs.iter().any(|known| known == id) {
            return;
        }
        assert!(is_id(id), "`{id}` has not the form of a job id");
        let submitted = u64::from_str_radix(&id[16..28], 16).expect("hex digits");
        assert_eq!(submitted, now.as_millis(), "digits 17 to 28 of `{id}` are the submission time");
        self.jobs.push(id.to_owned());
    }
}

/// Whether a text is 32 hex digits in lower case.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
