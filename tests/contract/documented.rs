//! Holds every answer against the OpenAPI document: it has a status, a type and a body that are told there.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use imsim::api::openapi::{self, Examples};
use imsim::simulator::virtual_run::VirtualAnswer;
use jsonschema::Validator;
use serde_json::{Value, json};

/// The document, and what was made of it to check bodies.
pub(super) struct Documented {
    document: Value,
    /// By the place of the schema.
    validators: BTreeMap<String, Validator>,
}

impl Documented {
    pub(super) fn new() -> Self {
        let document = openapi::document(&Examples::default(), "http://localhost");
        Self { document, validators: BTreeMap::new() }
    }

    /// Panics unless the answer to a request is one that the document tells.
    pub(super) fn hold(&mut self, method: &Method, path: &str, answer: &VirtualAnswer) {
        let status = answer.status;
        let by_rule = answer.headers.contains_key("x-imsim-rules");
        let Some(template) = self.template(path).filter(|_| !by_rule) else { return };
        let method = method.as_str().to_ascii_lowercase();
        let operation = &self.document["paths"][&template][&method];
        if operation.is_null() {
            assert_eq!(status, 404, "{method} {path}: a method that is not told");
            return;
        }
        let told = &operation["responses"][status.to_string()];
        assert!(!told.is_null(), "{method} {template}: the status {status} is not told");
        let media_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = media_type.map(|value| value.split(';').next().unwrap_or_default());
        let Some(media_type) = media_type else {
            assert!(told["content"].is_null(), "{method} {template}: {status} has no body");
            return;
        };
        let schema = &told["content"][media_type]["schema"];
        assert!(!schema.is_null(), "{method} {template}: {status} as {media_type} is not told");
        let body = serde_json::from_slice(&answer.body)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&answer.body)));
        let schema = json!({ "components": self.document["components"], "allOf": [schema] });
        let place = format!("{method} {template} {status} {media_type}");
        let validator = self.validators.entry(place.clone());
        let validator = validator.or_insert_with(|| {
            jsonschema::validator_for(&schema).expect("the document has schemas")
        });
        if let Err(error) = validator.validate(&body) {
            panic!("{place}: {error}\nat {}\nin {body}", error.instance_path());
        }
    }

    /// The path of the document that a request's path is one of; fixed ones are preferred.
    fn template(&self, path: &str) -> Option<String> {
        let paths = self.document["paths"].as_object().expect("a document has paths");
        let mut fitting: Vec<&String> = paths.keys().filter(|told| fits(told, path)).collect();
        fitting.sort_by_key(|told| told.contains('{'));
        fitting.first().map(|told| (*told).clone())
    }
}

fn fits(told: &str, path: &str) -> bool {
    if told == "/" || path == "/" {
        return told == path;
    }
    let (told, path) = (told.split('/'), path.strip_suffix('/').unwrap_or(path).split('/'));
    told.clone().count() == path.clone().count()
        && told.zip(path).all(|(told, found)| match told {
            "{api_version}" => found.starts_with("v1") || found.starts_with("v2"),
            told => told == found || told.starts_with('{') && !found.is_empty(),
        })
}
