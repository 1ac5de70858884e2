//! The program: reads its arguments and does what they say. Everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    imsim::cli::run()
}
