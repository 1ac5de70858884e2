//! The text of a scenario's sections, to be written into another file as it stands.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::file::ScenarioFile;
use super::span::Span;
use super::world_section::AuthEntry;
use crate::domain::identity::Gate;

/// Where a simulation came from, as it was written.
#[derive(Clone, Debug)]
pub(super) struct Source {
    text: Arc<str>,
    /// What the section may not say, where the command line decides: how long jobs are kept.
    keep_jobs_for: Option<Span>,
    /// The same: how closely credentials are looked at.
    auth: Option<AuthEntry>,
}

/// The sections that say how a simulation starts.
#[derive(Default, Deserialize)]
pub(super) struct Start<'a> {
    #[serde(borrow)]
    pub(super) world: Option<&'a RawValue>,
    pub(super) timing: Option<&'a RawValue>,
    pub(super) supervision: Option<&'a RawValue>,
    pub(super) faults: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct World<'a> {
    #[serde(borrow)]
    settings: Option<&'a RawValue>,
}

impl Source {
    /// The source of a scenario.
    pub(super) fn of(file: &ScenarioFile) -> Self {
        let settings = &file.sections.world.settings;
        let (keep_jobs_for, auth) = (settings.keep_jobs_for, settings.auth);
        Self { text: Arc::clone(&file.text), keep_jobs_for, auth }
    }

    /// The sections as they were written. The text was read before, so it can be read again.
    pub(super) fn sections(&self) -> Start<'_> {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The world's section, with what the command line said.
    pub(super) fn world(&self) -> String {
        let Some(world) = self.sections().world.map(RawValue::get) else { return "{}".to_owned() };
        let settings = serde_json::from_str(world).ok().and_then(|it: World<'_>| it.settings);
        let old: Value = settings
            .and_then(|settings| serde_json::from_str(settings.get()).ok())
            .unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        let mut new = old.clone();
        if let Some(keep) = self.keep_jobs_for {
            new["keep_jobs_for"] = keep.0.to_string().into();
        }
        if let Some(auth) = self.auth {
            new["auth"] = Gate::from(auth).name().into();
        }
        if new == old {
            return world.to_owned();
        }
        match settings.map(RawValue::get) {
            Some(settings) => {
                // A slice of the text, so its place is known.
                let at = settings.as_ptr().addr() - world.as_ptr().addr();
                format!("{}{new}{}", &world[..at], &world[at + settings.len()..])
            }
            None => {
                let rest = world.trim_start_matches('{');
                let comma = if rest.trim() == "}" { "" } else { "," };
                format!("{{\n    \"settings\": {new}{comma}{rest}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::clock::SimDuration;

    #[test]
    fn what_the_command_line_says_goes_into_the_text() {
        let check = |world: &str, keep: Option<u64>, expected: &str| {
            let text = format!("{{\"format\": 1, \"world\": {world}}}");
            let mut file = ScenarioFile::parse(Path::new("w"), text).expect("a scenario");
            if let Some(seconds) = keep {
                let span = Span(SimDuration::from_millis(1_000 * seconds));
                Arc::make_mut(&mut file.sections.world).settings.keep_jobs_for = Some(span);
            }
            let written = Source::of(&file).world();
            assert_eq!(written, expected);
            let text = format!("{{\"format\": 1, \"world\": {written}}}");
            let again = ScenarioFile::parse(Path::new("w"), text).expect("a scenario").sections;
            let kept = again.world.settings.keep_jobs_for;
            assert_eq!(kept, file.sections.world.settings.keep_jobs_for);
        };
        let plain = r#"{ "projects": { "b": {}, "a": {} } }"#;
        check(plain, None, plain);
        let added = "{\n    \"settings\": {\"keep_jobs_for\":\"9s\"}, \"projects\": { \"b\": {}, \"a\": {} } }";
        check(plain, Some(9), added);
        let own = r#"{ "projects": {}, "settings": { "keep_jobs_for": "5s" }, "images": {} }"#;
        check(own, None, own);
        check(own, Some(5), own);
        let changed = r#"{ "projects": {}, "settings": {"keep_jobs_for":"9s"}, "images": {} }"#;
        check(own, Some(9), changed);
    }

    #[test]
    fn how_closely_credentials_are_looked_at_goes_into_the_text() {
        let text = r#"{"format": 1, "world": {"projects": {}}}"#.to_owned();
        let mut file = ScenarioFile::parse(Path::new("w"), text).expect("a scenario");
        Arc::make_mut(&mut file.sections.world).settings.auth = Some(AuthEntry::Off);
        let written = "{\n    \"settings\": {\"auth\":\"off\"},\"projects\": {}}";
        assert_eq!(Source::of(&file).world(), written);
    }
}
