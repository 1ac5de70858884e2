//! Keeps what is typed off the screen.

use std::io::{self, IsTerminal};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::foreground::has_keyboard;

/// While it lives a terminal does not show what is typed, which would tear the view apart. Everything else stays
/// as it is; above all Ctrl-C still makes a signal. Dropped, it gives back what was, and throws away what was
/// typed meanwhile: it was not meant for the shell.
#[derive(Debug)]
pub(super) struct Silenced {
    before: Option<Termios>,
}

impl Silenced {
    /// Silences the terminal of standard input, if it is one, and ours.
    pub(super) fn new() -> Self {
        let stdin = io::stdin();
        let is_ours = stdin.is_terminal() && has_keyboard();
        let before = if is_ours { tcgetattr(&stdin).ok() } else { None };
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
        // Where it is ours no more, the shell has set it as it wants it.
        if let Some(before) = self.before.as_ref().filter(|_| has_keyboard()) {
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, before);
        }
    }
}
