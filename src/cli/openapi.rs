//! `imsim openapi`.

use super::Exit;
use super::args::OpenapiArgs;
use super::output::print_json;
use crate::api::openapi::{self, Examples};

pub(super) fn openapi(args: &OpenapiArgs) -> Exit {
    print_json(&openapi::document(&Examples::default(), &args.server))
}
