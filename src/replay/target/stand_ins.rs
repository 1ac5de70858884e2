//! What stands on a server for what a file names: real tokens, real ids.

use std::fmt;

use crate::scenario::Names;

/// The header in which a token is sent.
const TOKEN: &str = "x-auth-token";

/// Tokens and ids that stand for the names in scenario files.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StandIns {
    /// By the name of a token: what is sent in its place.
    pub tokens: Vec<(String, String)>,
    /// By the name of an image or project: its id.
    pub ids: Vec<(String, String)>,
}

/// Tokens are secrets and are not shown.
impl fmt::Debug for StandIns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tokens: Vec<&str> = self.tokens.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("StandIns").field("tokens", &tokens).field("ids", &self.ids).finish()
    }
}

impl StandIns {
    /// The names that are not those of a file.
    #[must_use]
    pub fn unknown_in(&self, names: &Names) -> Vec<&str> {
        let tokens = self.tokens.iter().map(|(name, _)| name.as_str());
        let tokens = tokens.filter(|name| !names.has_token(name));
        let ids = self.ids.iter().filter(|(name, id)| !names.has(name, id));
        tokens.chain(ids.map(|(name, _)| name.as_str())).collect()
    }

    /// What is sent in the place of a token.
    pub(crate) fn token<'a>(&'a self, name: &'a str) -> &'a str {
        let meant = self.tokens.iter().find(|(named, _)| named == name);
        meant.map_or(name, |(_, real)| real)
    }

    /// Gives the things of a file their ids on the server. Names of other files are passed over.
    pub(super) fn rename(&self, names: &mut Names) {
        for (name, id) in &self.ids {
            names.give_id(name, id);
        }
    }

    /// The headers of a request, with the token that is meant.
    pub(super) fn headers(&self, headers: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
        let mut headers = headers.to_vec();
        let tokens = headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case(TOKEN));
        for (_, value) in tokens {
            let meant = self.tokens.iter().find(|(name, _)| name.as_bytes() == value.as_slice());
            if let Some((_, real)) = meant {
                *value = real.clone().into_bytes();
            }
        }
        headers
    }
}
