//! The forms of an error body. Contract, "Errors" and, for identity, "Token".

use schemars::JsonSchema;
use serde::Serialize;

use super::operation::Family;
use super::refusal::Refusal;

/// Reason phrases of the statuses in the error table, as the native API prints them.
fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        413 => "Request Entity Too Large",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Error",
    }
}

/// The media type of every JSON answer; C-9 wants it exactly so.
pub const JSON: &str = "application/json";
/// The media type of native errors for clients that do not ask for JSON.
pub const HTML: &str = "text/html; charset=UTF-8";

/// An error of the image service.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServiceError")]
pub(super) struct Nested<'a> {
    error: Inner<'a>,
}

/// What is wrong.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ServiceErrorContent")]
pub(super) struct Inner<'a> {
    message: &'a str,
    code: &'a str,
}

/// An error of the gateway in front of the service.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GatewayError")]
pub(super) struct Flat<'a> {
    error_msg: &'a str,
    error_code: &'a str,
    request_id: &'a str,
}

/// An error of the native API for those who ask for JSON.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NativeError")]
pub(super) struct NativeJson<'a> {
    message: String,
    code: &'a str,
    title: &'a str,
}

/// An error of the identity service.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentityError")]
pub(super) struct Keystone<'a> {
    error: KeystoneError<'a>,
}

/// What is wrong.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentityErrorContent")]
pub(super) struct KeystoneError<'a> {
    code: u16,
    message: &'a str,
    title: &'a str,
}

fn json<T: Serialize>(body: &T) -> (&'static str, String) {
    (JSON, serde_json::to_string(body).expect("strings always become JSON"))
}

/// The media type and body of a refusal.
///
/// Codes of the gateway are flat wherever they occur; the others take the form of the operation's
/// family. `wants_json` says whether `Accept` names `application/json` (DECISION U-11); `request_id` is
/// the value of `X-Request-Id`, which gateway bodies repeat.
#[must_use]
pub fn render(
    refusal: &Refusal,
    family: Family,
    wants_json: bool,
    request_id: &str,
) -> (&'static str, String) {
    let code = refusal.code;
    let text = refusal.text.as_ref();
    if code.is_gateway() {
        return json(&Flat { error_msg: text, error_code: code.code(), request_id });
    }
    match family {
        Family::Extension => json(&Nested { error: Inner { message: text, code: code.code() } }),
        Family::Native => native(code.status(), text, wants_json),
        Family::Identity => {
            let (status, title) = (code.status(), reason(code.status()));
            json(&Keystone { error: KeystoneError { code: status, message: text, title } })
        }
    }
}

fn native(status: u16, text: &str, wants_json: bool) -> (&'static str, String) {
    let title = reason(status);
    let line = format!("{status} {title}");
    if wants_json {
        let message = format!("{text}<br /><br />\n\n\n");
        return json(&NativeJson { message, code: &line, title });
    }
    let escaped = escape(text);
    let page = format!(
        "<html>\n <head>\n  <title>{line}</title>\n </head>\n <body>\n  <h1>{line}</h1>\n  \
         {escaped}<br /><br />\n\n\n\n </body>\n</html>"
    );
    (HTML, page)
}

/// Texts name ids as the client wrote them, so they must not become markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::Code;
    use super::*;

    fn check(code: Code, family: Family, wants_json: bool, expected: &str) {
        let refusal = Refusal::naming(code, "<i>", "m");
        let (_, body) = render(&refusal, family, wants_json, "00ff");
        assert_eq!(body, expected);
    }

    #[test]
    fn each_form_is_the_contracts() {
        check(
            Code::Img0066,
            Family::Extension,
            true,
            r#"{"error":{"message":"The image ID is incorrect.","code":"IMG.0066"}}"#,
        );
        check(
            Code::TokenExpired,
            Family::Native,
            false,
            r#"{"error_msg":"The token must be updated.","error_code":"APIGW.0307","request_id":"00ff"}"#,
        );
        check(
            Code::NativeImageNotFound,
            Family::Native,
            true,
            r#"{"message":"Image <i> not found.<br /><br />\n\n\n","code":"404 Not Found","title":"Not Found"}"#,
        );
        check(
            Code::NativeImageNotFound,
            Family::Native,
            false,
            "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  \
             Image &lt;i&gt; not found.<br /><br />\n\n\n\n </body>\n</html>",
        );
    }
}
