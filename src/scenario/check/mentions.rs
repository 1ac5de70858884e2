//! What the texts of a document may name.

use rustc_hash::FxHashSet;
use serde_json::Value;
use wildmatch::WildMatch;

use crate::scenario::pattern::LONGEST_PATTERN;

/// The most patterns that names are held against; with more, everything counts as named.
const MOST_PATTERNS: usize = 100;

/// Everything that some texts name, or may name. Too much is found rather than too little: a text counts
/// as a whole and in words, and patterns and placeholders stand for whatever they may become.
#[derive(Default)]
pub(super) struct Mentions {
    said: FxHashSet<String>,
    /// What stands before a hyphen and a number, as in `name-7`.
    numbered: FxHashSet<String>,
    patterns: FxHashSet<String>,
}

/// Keys whose values name nothing: texts for people, and where a name is only given.
const NAMES_NOTHING: [&str; 3] = ["about", "$schema", "save"];

impl Mentions {
    /// Adds all texts and keys of a document.
    pub(super) fn add(&mut self, document: &Value) {
        match document {
            Value::String(text) => self.say(text),
            Value::Array(list) => list.iter().for_each(|value| self.add(value)),
            Value::Object(keys) => {
                for (key, value) in keys {
                    self.say(key);
                    if !NAMES_NOTHING.contains(&key.as_str()) {
                        self.add(value);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn say(&mut self, text: &str) {
        let pattern = pattern(text);
        if pattern.contains(['*', '?']) && self.patterns.len() <= MOST_PATTERNS {
            self.patterns.insert(pattern);
        }
        self.said.insert(text.to_owned());
        for word in text.split(|c: char| !is_of_word(c)) {
            self.said.insert(word.to_ascii_lowercase());
            self.said.insert(word.to_owned());
            for part in word.split('.') {
                self.said.insert(part.to_owned());
                if let Some((stem, number)) = part.rsplit_once('-')
                    && number.bytes().all(|digit| digit.is_ascii_digit())
                {
                    self.numbered.insert(stem.to_owned());
                }
            }
        }
    }

    /// Whether a name may be meant somewhere.
    pub(super) fn name(&self, name: &str) -> bool {
        // A name with other characters may stand within a text where no word is it.
        !name.chars().all(is_of_word) || self.said.contains(name) || self.any_pattern_fits(name)
    }

    /// Whether some of the numbered names of an entry, `name-0` and so on, may be meant somewhere.
    pub(super) fn numbered(&self, name: &str) -> bool {
        let stem = format!("{name}-");
        let may_fit = |pattern: &String| {
            let start = pattern.split(['*', '?']).next().unwrap_or_default();
            start.starts_with(&stem) || stem.starts_with(start)
        };
        !name.chars().all(is_of_word)
            || self.numbered.contains(name)
            || self.has_too_many_patterns()
            || self.patterns.iter().any(may_fit)
    }

    fn any_pattern_fits(&self, name: &str) -> bool {
        self.has_too_many_patterns()
            || self.patterns.iter().any(|pattern| WildMatch::new(pattern).matches(name))
    }

    fn has_too_many_patterns(&self) -> bool {
        self.patterns.len() > MOST_PATTERNS
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// A text as a pattern, in which a placeholder stands for anything.
fn pattern(text: &str) -> String {
    let mut pattern = String::new();
    let mut depth = 0_usize;
    for c in text.chars().take(LONGEST_PATTERN) {
        match c {
            '{' => {
                depth += 1;
                pattern.push('*');
            }
            '}' => depth = depth.saturating_sub(1),
            '$' => pattern.push('*'),
            _ if depth == 0 => pattern.push(c),
            _ => {}
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn too_much_is_found_rather_than_too_little() {
        let check = |text: &str, name: &str, expected: bool| {
            let mut mentions = Mentions::default();
            mentions.add(&json!({"about": "web", "key": [text]}));
            assert_eq!(mentions.name(name), expected, "`{name}` in `{text}`");
        };
        check("web", "web", true);
        check("web-base", "web", false);
        check("/v2/images/web/members", "web", true);
        check("${ids.web}", "web", true);
        check("we*", "web", true);
        check("web-{i}", "web-7", true);
        check("base-{i}", "web-7", false);
        check("0A1B", "0a1b", true);
        check("other", "two words", true);
    }

    #[test]
    fn one_numbered_name_is_enough() {
        let check = |text: &str, expected: bool| {
            let mut mentions = Mentions::default();
            mentions.add(&json!([text]));
            assert_eq!(mentions.numbered("web"), expected, "`{text}`");
        };
        check("web-*", true);
        check("web-17", true);
        check("web-1?", true);
        check("w*", true);
        check("web", false);
        check("web-base", false);
        check("db-*", false);
    }
}
