//! The program: reads its arguments and does what they say. Everything else is in the library.

use std::process::ExitCode;

/// A job is many small pieces that live briefly, so the allocator decides a good part of the throughput.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    imsim::cli::run()
}
