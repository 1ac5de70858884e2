//! The OpenAPI document in itself; that the server keeps to it is held where answers are: in the contract's
//! exchanges, and by `tests/openapi/run` with requests that are made up.

use std::collections::BTreeSet;

use imsim::api::Operation;
use imsim::api::openapi::{Examples, document};
use serde_json::{Value, json};

fn whole() -> Value {
    document(&Examples::default(), "http://localhost:8787")
}

/// Every operation of a document: path, method, and what is said of it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let each = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().expect("methods").clone();
        let path = path.clone();
        methods.into_iter().map(move |(method, said)| (path.clone(), method, said))
    };
    paths.iter().flat_map(each).collect()
}

/// Visits every value within a value.
fn visit(value: &Value, each: &mut impl FnMut(&Value)) {
    each(value);
    match value {
        Value::Array(list) => list.iter().for_each(|value| visit(value, each)),
        Value::Object(map) => map.values().for_each(|value| visit(value, each)),
        _ => {}
    }
}

#[test]
fn every_operation_is_told_with_its_answers_and_refusals() {
    let document = whole();
    let told = operations(&document);
    for operation in Operation::ALL.into_iter().filter(|one| *one != Operation::Unknown) {
        let method = operation.method().unwrap_or_default().to_lowercase();
        let found = told.iter().find(|(path, verb, _)| path == operation.path() && *verb == method);
        let (_, _, said) = found.unwrap_or_else(|| panic!("{operation:?} is not told"));
        assert_eq!(said["operationId"], operation.name());
        let answers = said["responses"].as_object().expect("answers");
        let good = |status: &&String| status.starts_with('2') || *status == "300";
        assert_eq!(answers.keys().filter(good).count(), 1, "{operation:?}");
        assert!(answers.contains_key("404"), "{operation:?}");
        let asks = !operation.is_open() || operation == Operation::CreateToken;
        assert_eq!(answers.contains_key("401"), asks, "{operation:?}");
        assert_eq!(said["requestBody"].is_object(), operation.takes_body(), "{operation:?}");
    }
    assert_eq!(told.len(), Operation::ALL.len() - 1);
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = whole();
    let mut named = BTreeSet::new();
    visit(&document, &mut |value| {
        if let Some(reference) = value["$ref"].as_str() {
            let pointer = reference.strip_prefix('#').expect("within the document");
            assert!(document.pointer(pointer).is_some(), "{reference}");
            named.insert(pointer.rsplit('/').next().expect("a name").to_owned());
        }
    });
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let all: BTreeSet<String> = schemas.keys().cloned().collect();
    assert_eq!(named, all);
}

#[test]
fn every_example_is_as_its_schema_says() {
    let document = whole();
    let hold = |place: &str, schema: &Value, example: &Value| {
        let schema = json!({ "components": document["components"], "allOf": [schema] });
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        if let Err(error) = validator.validate(example) {
            panic!("{place}: {error} in {example}");
        }
    };
    for (path, method, said) in operations(&document) {
        let place = format!("{method} {path}");
        for parameter in said["parameters"].as_array().into_iter().flatten() {
            if !parameter["example"].is_null() {
                hold(&place, &parameter["schema"], &parameter["example"]);
            }
        }
        let answers = said["responses"].as_object().expect("answers").values();
        for body in answers.chain([&said["requestBody"]]) {
            for content in body["content"].as_object().into_iter().flat_map(|it| it.values()) {
                let named = content["examples"].as_object().into_iter().flat_map(|it| it.values());
                named.for_each(|named| hold(&place, &content["schema"], &named["value"]));
                if !content["example"].is_null() {
                    hold(&place, &content["schema"], &content["example"]);
                }
            }
        }
    }
}

/// Their texts contradict their meanings in the sources, so no operation sends them (U-38); nor the code
/// that is reserved for another delete request (U-37).
#[test]
fn codes_that_mean_two_things_are_never_sent() {
    let mut sent = BTreeSet::new();
    visit(&whole(), &mut |value| {
        sent.extend(value["error"]["code"].as_str().map(str::to_owned));
    });
    assert!(sent.contains("IMG.0066"));
    for code in ["IMG.0016", "IMG.0024", "IMG.0081"] {
        assert!(!sent.contains(code), "{code}");
    }
}
