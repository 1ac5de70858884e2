//! `imsim schema`.

use super::Exit;
use super::args::{SchemaArgs, SchemaOf};
use super::check_report;
use super::output::print_json;
use crate::replay::report_form;
use crate::scenario::schema;

pub(super) fn schema(args: &SchemaArgs) -> Exit {
    let schema = match args.of {
        SchemaOf::Scenario => schema::schema(),
        SchemaOf::CheckReport => check_report::schema(),
        SchemaOf::ReplayReport => report_form::schema(),
    };
    print_json(&schema)
}
