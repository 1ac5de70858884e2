//! The command line: arguments as typed, commands as meant, exit codes.

mod args;
mod check;
mod check_report;
mod descriptors;
mod files_apart;
mod load;
mod openapi;
mod output;
mod output_file;
mod ready;
mod record;
mod replay;
mod schema;
mod serve;
mod target;
mod tls;
mod trace_file;
mod trust;
mod welcome;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// All went well, and all that was expected held.
    Held = 0,
    /// Something that was expected did not hold.
    DidNotHold = 1,
    /// It could not run: a bad file, a bad argument, an address in use.
    CouldNotRun = 2,
}

/// What is logged unless somebody asks for more. Bytes that are not HTTP are the client's affair, and the
/// HTTP library would report each of them.
const QUIET: &str = "error,actix_http=off";

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    // Wrong usage ends here with code 2 and an explanation; help and version with code 0.
    let arguments = Arguments::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(QUIET)).init();
    let exit = match arguments.command {
        Command::Serve(options) => serve::serve(&options),
        Command::Replay(options) => replay::replay(&options),
        Command::Check(options) => check::run(&options),
        Command::Schema(options) => schema::schema(&options),
        Command::Openapi(options) => openapi::openapi(&options),
        Command::Record(options) => record::record(&options),
        Command::Load(options) => load::load(&options),
    };
    ExitCode::from(exit as u8)
}

/// Says why the program could not run.
fn could_not_run(reason: &dyn std::fmt::Display) -> Exit {
    output::tell(format_args!("imsim: {reason}"));
    Exit::CouldNotRun
}
