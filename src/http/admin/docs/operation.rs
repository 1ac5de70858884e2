//! One operation on the page.

use maud::{Markup, html};
use serde_json::Value;

use super::{list, server, text};

/// How many levels of schemas within schemas are told; ours have no more.
const DEEPEST: usize = 4;

/// All that the document says of an operation.
pub(super) fn section(document: &Value, path: &str, method: &str, operation: &Value) -> Markup {
    let about = text(&operation["description"]);
    let body = &operation["requestBody"]["content"]["application/json"];
    html! {
        article id=(text(&operation["operationId"])) {
            h3 { span class={ "verb " (method) } { (method) } code { (path) } }
            p { (text(&operation["summary"])) "." }
            @if !about.is_empty() { p { (about) } }
            (parameters(&operation["parameters"]))
            @if !body.is_null() {
                h4 { "Body" }
                (fields(document, &body["schema"], 0))
            }
            h4 { "Try" }
            pre { (curl(document, path, method, operation)) }
            h4 { "Answers" }
            @for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
                (answered(document, status, answer))
            }
        }
    }
}

fn parameters(parameters: &Value) -> Markup {
    html! {
        @if !list(parameters).is_empty() {
            h4 { "Parameters" }
            table {
                @for parameter in list(parameters) {
                    tr {
                        td { code { (text(&parameter["name"])) } }
                        td class="faint" { (text(&parameter["in"])) }
                        td { (kind(&parameter["schema"])) }
                        td { (text(&parameter["description"])) }
                    }
                }
            }
        }
    }
}

/// A ready-made call with the examples of the document.
fn curl(document: &Value, path: &str, method: &str, operation: &Value) -> String {
    let mut path = path.to_owned();
    for parameter in list(&operation["parameters"]) {
        let place = format!("{{{}}}", text(&parameter["name"]));
        path = path.replace(&place, text(&parameter["example"]));
    }
    let mut command = String::from("curl");
    if method != "get" {
        command += &format!(" -X {}", method.to_ascii_uppercase());
    }
    command += &format!(" '{}{path}'", server(document));
    if !list(&operation["security"]).is_empty() {
        command += " \\\n  -H \"X-Auth-Token: $TOKEN\"";
    }
    let example = &operation["requestBody"]["content"]["application/json"]["example"];
    if !example.is_null() {
        command += &format!(" \\\n  -H 'Content-Type: application/json' \\\n  -d '{example}'");
    }
    command
}

fn answered(document: &Value, status: &str, answer: &Value) -> Markup {
    let good = status.starts_with('2') || status == "300";
    let meaning = text(&answer["description"]);
    let content = answer["content"].as_object();
    html! {
        details open[good] {
            summary {
                span class=(if good { "status good" } else { "status" }) { (status) }
                @if good { (meaning) } @else { (codes(meaning)) }
            }
            @if !good { ul { @for line in meaning.lines() { li { (line.trim_start_matches("- ")) } } } }
            @for (media_type, body) in content.into_iter().flatten() {
                p class="faint" { (media_type) }
                (fields(document, &body["schema"], 0))
                @if let Some(example) = example(body) { pre { (example) } }
            }
        }
    }
}

/// The codes that a description of refusals lists.
fn codes(meaning: &str) -> String {
    let codes = meaning.lines().filter_map(|line| line.trim_start_matches("- ").split_once(": "));
    let mut codes: Vec<&str> = codes.map(|(code, _)| code).collect();
    codes.dedup();
    codes.join(", ")
}

/// The first example of a body.
fn example(body: &Value) -> Option<String> {
    let named = body["examples"].as_object().and_then(|named| named.values().next());
    let example = named.map_or(&body["example"], |named| &named["value"]);
    match example {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => serde_json::to_string_pretty(other).ok(),
    }
}

/// The fields of an object, or those of its elements.
fn fields(document: &Value, schema: &Value, depth: usize) -> Markup {
    let schema = resolved(document, schema);
    let inner =
        if schema["items"].is_null() { schema } else { resolved(document, &schema["items"]) };
    let required = list(&inner["required"]);
    let properties = inner["properties"].as_object();
    html! {
        @if let Some(properties) = properties.filter(|_| depth < DEEPEST) {
            table {
                @for (name, property) in properties {
                    @let property = resolved(document, property);
                    tr {
                        td { code { (name) } @if !required.contains(&Value::from(name.as_str())) { span class="faint" { " optional" } } }
                        td { (kind(property)) }
                        td { (text(&property["description"])) (fields(document, property, depth + 1)) }
                    }
                }
            }
        }
    }
}

/// What a reference stands for.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

/// The type of a value in a few words.
fn kind(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        return words.join(" | ");
    }
    match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")
        }
        Value::String(kind) if kind == "array" => "list".to_owned(),
        kind => text(kind).to_owned(),
    }
}
