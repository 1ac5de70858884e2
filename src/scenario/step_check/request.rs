//! Checks requests that are written out.

use super::unless_open;
use crate::scenario::named;
use crate::scenario::names::Names;
use crate::scenario::problem::{Misfit, Within};
use crate::scenario::step::RequestStep;

/// Headers that say how long a body is: what is sent says it.
const OF_LENGTH: [&str; 2] = ["content-length", "transfer-encoding"];

/// Checks that a request can be sent as it is written.
pub(super) fn request(step: &RequestStep, names: &Names) -> Result<(), Misfit> {
    if !named::is_header(&step.method) {
        let message = format!("`{}` is no method; say one such as `GET`", step.method);
        return Err(Misfit::new(message)).within("method");
    }
    path(&step.path).within("path")?;
    if step.body.is_some() && step.text.is_some() {
        let message = "stands beside `body`; a request has one body";
        return Err(Misfit::new(message)).within("text");
    }
    sendable(step.token.as_deref().unwrap_or_default()).within("token")?;
    if let Some(sign) = &step.sign {
        let known = unless_open(&sign.access_key, |key| names.access_key(key).map(drop));
        known.within("access_key").within("sign")?;
        let own = step.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if let Some((name, _)) = own {
            let message = "stands beside `sign`, which writes it";
            return Err(Misfit::new(message)).within(name).within("headers");
        }
    }
    for (name, value) in step.headers.iter() {
        header(name).and_then(|()| sendable(value)).within(name).within("headers")?;
    }
    Ok(())
}

/// Checks the name of a header.
fn header(name: &str) -> Result<(), Misfit> {
    if !named::is_header(name) {
        return Err(Misfit::new("no name of a header: letters, digits and `-`"));
    }
    if OF_LENGTH.iter().any(|of| name.eq_ignore_ascii_case(of)) {
        return Err(Misfit::new("what is sent says itself how long the body is; leave it out"));
    }
    Ok(())
}

/// Checks the value of a header.
pub(super) fn sendable(value: &str) -> Result<(), Misfit> {
    if value.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return Err(Misfit::new("a header is sent as printable ASCII"));
    }
    Ok(())
}

/// Checks path and query: what cannot stand in them would not be sent as it is written.
fn path(path: &str) -> Result<(), Misfit> {
    let wrong = |c: char| !c.is_ascii_graphic() || "#<>`\"".contains(c);
    let Some(c) = path.chars().find(|c| wrong(*c)) else {
        // A link that an answer gave is one only when the step is done.
        if path.starts_with('/') || path.starts_with("${") {
            return Ok(());
        }
        return Err(Misfit::new(format!("`{path}` does not begin with `/`, as path and query do")));
    };
    let mut bytes = [0; 4];
    let escaped = c.encode_utf8(&mut bytes).bytes();
    let escaped: String = escaped.map(|byte| format!("%{byte:02X}")).collect();
    Err(Misfit::new(format!("`{c}` cannot stand in a path; write it as `{escaped}`")))
}
