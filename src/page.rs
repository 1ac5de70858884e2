//! Pages of HTML: each is one text with everything in it, which needs neither a network nor a script.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A page with this title, these looks, one laid over the other, and this inside its body.
pub fn page(title: &str, styles: &[&str], body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // Colours follow what the reader prefers.
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { @for style in styles { (PreEscaped(style)) } }
            }
            body { (body) }
        }
    };
    page.into_string()
}
