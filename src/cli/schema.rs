//! `imsim schema`.

use super::args::{SchemaArgs, SchemaOf};
use super::check_report;
use super::output::Output;
use super::{Exit, could_not_run};
use crate::replay::report_form;
use crate::scenario::schema;

pub(super) fn schema(args: &SchemaArgs) -> Exit {
    let schema = match args.of {
        SchemaOf::Scenario => schema::schema(),
        SchemaOf::CheckReport => check_report::schema(),
        SchemaOf::ReplayReport => report_form::schema(),
    };
    match serde_json::to_string_pretty(&schema) {
        Ok(text) => {
            let mut output = Output::default();
            output.print(text + "\n");
            output.exit(Exit::Held)
        }
        Err(error) => could_not_run(&error),
    }
}
