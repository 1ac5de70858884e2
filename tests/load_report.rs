//! The JSON form of a load run's report: its schema is what the program prints, a report is valid against it,
//! and reads back as what was written.

use std::process::Command;

use expect_test::expect_file;
use imsim::load::report_form::{LoadReport, schema};
use serde_json::{Value, json};

fn report() -> Value {
    serde_json::from_str(include_str!("load/report.json")).expect("it is JSON")
}

#[test]
fn the_printed_schema_is_what_it_was_and_is_a_schema() {
    let printed = Command::new(env!("CARGO_BIN_EXE_imsim"))
        .args(["schema", "load-report"])
        .output()
        .expect("it runs");
    let printed = String::from_utf8(printed.stdout).expect("it is text");
    expect_file!["schema/load_report.json"].assert_eq(&printed);
    jsonschema::draft202012::meta::validate(schema().as_value()).expect("its meta schema takes it");
}

#[test]
fn a_report_is_valid_and_reads_back_as_it_was_written() {
    let read: LoadReport = serde_json::from_value(report()).expect("it is a report");
    let written = serde_json::to_value(&read).expect("it can be written");
    let again: LoadReport = serde_json::from_value(written.clone()).expect("it is one still");
    assert_eq!(again, read);
    let validator = jsonschema::draft202012::new(schema().as_value()).expect("a good schema");
    for document in [&report(), &written] {
        let errors: Vec<String> =
            validator.iter_errors(document).map(|error| error.to_string()).collect();
        assert_eq!(errors, [] as [&str; 0]);
    }
}

/// What the reader refuses the schema refuses, too.
#[test]
fn what_is_no_report_is_refused() {
    let validator = jsonschema::draft202012::new(schema().as_value()).expect("a good schema");
    let check = |pointer: &str, value: Value| {
        let mut document = report();
        *document.pointer_mut(pointer).expect(pointer) = value;
        assert!(!validator.is_valid(&document), "{pointer}");
        assert!(serde_json::from_value::<LoadReport>(document).is_err(), "{pointer}");
    };
    check("/ended", json!("soon"));
    check("/requests/count", json!(-1));
    check("/timeline/0", json!({ "second": 0 }));
    check("/audit/violations/0/kind", json!("lost"));
    check("/target", json!({ "url": "", "own": true, "simulator": true, "more": 1 }));
    check("/kinds/0/outcomes/0/error", json!("no"));
}
