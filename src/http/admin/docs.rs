//! A page that shows the OpenAPI document to people; it needs neither a network nor a script.

use maud::{Markup, html};
use serde_json::Value;

use super::PREFIX;
use super::endpoints::{self, Endpoint};
use crate::api::Operation;

mod operation;

/// How the page looks; colours follow what the reader prefers.
const STYLE: &str = include_str!("docs/style.css");

/// The page about a document.
pub(super) fn page(document: &Value) -> String {
    let title = text(&document["info"]["title"]);
    let body = html! {
        nav { (contents(document)) }
        main {
            header {
                h1 { (title) }
                p { (text(&document["info"]["description"])) }
                p {
                    "Served at " code { (server(document)) } ". The same for tools: "
                    a href={ (PREFIX) "/openapi.json" } { "openapi.json" } "."
                }
                (security(document))
            }
            @for tag in list(&document["tags"]) { (group(document, tag)) }
            (simulator())
        }
    };
    crate::page::page(title, &[STYLE], &body)
}

/// The operations with a tag, each with its path and method, in the order of the table of operations.
fn tagged<'a>(document: &'a Value, tag: &str) -> Vec<(&'a str, &'a str, &'a Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    });
    let mut tagged: Vec<_> = all.filter(|(_, _, operation)| operation["tags"][0] == tag).collect();
    tagged.sort_by_key(|(_, _, operation)| {
        Operation::ALL.iter().position(|one| operation["operationId"] == one.name())
    });
    tagged
}

fn contents(document: &Value) -> Markup {
    html! {
        p class="brand" { "imsim" }
        @for tag in list(&document["tags"]) {
            @let name = text(&tag["name"]);
            p { (name) }
            ul {
                @for (_, method, operation) in tagged(document, name) {
                    @let id = text(&operation["operationId"]);
                    li { a href={ "#" (id) } { span class={ "verb " (method) } { (method) } (id) } }
                }
            }
        }
        p { a href="#simulator" { "the simulator's own" } }
    }
}

fn security(document: &Value) -> Markup {
    let schemes = document["components"]["securitySchemes"].as_object();
    html! {
        h2 { "Who calls" }
        dl {
            @for scheme in schemes.into_iter().flat_map(|schemes| schemes.values()) {
                dt { code { (text(&scheme["name"])) } }
                dd { (text(&scheme["description"])) }
            }
        }
    }
}

fn group(document: &Value, tag: &Value) -> Markup {
    let name = text(&tag["name"]);
    html! {
        section {
            h2 { (name) }
            p { (text(&tag["description"])) }
            @for (path, method, operation) in tagged(document, name) {
                (operation::section(document, path, method, operation))
            }
        }
    }
}

/// What the simulator offers beside the service.
fn simulator() -> Markup {
    let row = |endpoint: &Endpoint| {
        html! {
            tr {
                td { span class={ "verb " (endpoint.method.to_ascii_lowercase()) } { (endpoint.method) } }
                td { code { (PREFIX) (endpoint.path) } }
                td { (endpoint.says) }
            }
        }
    };
    html! {
        section id="simulator" {
            h2 { "The simulator's own" }
            p { "No fault touches these, and no call to them is in the journal." }
            table { @for endpoint in endpoints::all() { (row(endpoint)) } }
        }
    }
}

fn server(document: &Value) -> &str {
    text(&document["servers"][0]["url"])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
