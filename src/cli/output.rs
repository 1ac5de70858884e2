//! What the program prints. A reader that has gone away is no reason to fail, a full disk is; neither is
//! a reason to panic, as the standard macros do.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use super::{Exit, could_not_run};

/// Standard output, with the first error that writing to it met.
#[derive(Default)]
pub(super) struct Output {
    failed: Option<io::Error>,
}

impl Output {
    /// Prints a text as it is; after an error nothing more is printed.
    pub(super) fn print(&mut self, text: impl Display) {
        if self.failed.is_none() {
            let mut stdout = io::stdout().lock();
            self.failed = write!(stdout, "{text}").and_then(|()| stdout.flush()).err();
        }
    }

    /// How the program ends, given how it would have ended if all that it printed had arrived.
    pub(super) fn exit(self, exit: Exit) -> Exit {
        match self.failed {
            None => exit,
            Some(error) if error.kind() == ErrorKind::BrokenPipe => exit,
            Some(error) => could_not_run(&format!("cannot write to standard output: {error}")),
        }
    }
}

/// Prints a JSON document, indented.
pub(super) fn print_json(document: &impl Serialize) -> Exit {
    match serde_json::to_string_pretty(document) {
        Ok(text) => {
            let mut output = Output::default();
            output.print(text + "\n");
            output.exit(Exit::Held)
        }
        Err(error) => could_not_run(&error),
    }
}

/// Tells a person something beside the output.
pub(super) fn tell(text: impl Display) {
    // If standard error is gone, too, nobody is left to be told.
    let _ = writeln!(io::stderr(), "{text}");
}
