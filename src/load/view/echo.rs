//! Keeps what is typed off the screen.

use std::io::{self, IsTerminal};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// While it lives a terminal does not show what is typed, which would tear the view apart. Everything else stays
/// as it is; above all Ctrl-C still makes a signal. Dropped, it gives back what was, and throws away what was
/// typed meanwhile: it was not meant for the shell.
#[derive(Debug)]
pub(super) struct Silenced {
    before: Option<Termios>,
}

impl Silenced {
    /// Silences the terminal of standard input, if it is one.
    pub(super) fn new() -> Self {
        let stdin = io::stdin();
        let before = if stdin.is_terminal() { tcgetattr(&stdin).ok() } else { None };
        if let Some(before) = &before {
            let mut silent = before.clone();
            silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
            // A view with a letter in it is better than no view.
            let _ = tcsetattr(&stdin, OptionalActions::Now, &silent);
        }
        Self { before }
    }
}

impl Drop for Silenced {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, before);
        }
    }
}
