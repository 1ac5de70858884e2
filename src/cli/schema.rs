//! `imsim schema`.

use super::Exit;
use super::args::{SchemaArgs, SchemaOf};
use super::check_report;
use super::output::print_json;
use crate::load;
use crate::replay;
use crate::scenario::schema;

pub(super) fn schema(args: &SchemaArgs) -> Exit {
    let schema = match args.of {
        SchemaOf::Scenario => schema::schema(),
        SchemaOf::CheckReport => check_report::schema(),
        SchemaOf::ReplayReport => replay::report_form::schema(),
        SchemaOf::LoadReport => load::report_form::schema(),
    };
    print_json(&schema)
}
