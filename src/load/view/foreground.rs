//! Whose turn it is at a terminal.

use std::io::{Result, Stderr, Stdin, stderr, stdin};
use std::os::fd::AsFd;

use rustix::process::{Pid, getpgrp};
use rustix::termios::tcgetpgrp;

/// Whether the terminal of standard error is there for this program to draw on. A program that a shell started in
/// the background, or put there, is stopped by the system when it changes its terminal, and stays so until
/// somebody fetches it; and the shell has the screen.
pub(super) fn has_screen() -> bool {
    is_ours::<Stderr>(&stderr())
}

/// The same of the terminal of standard input.
pub(super) fn has_keyboard() -> bool {
    is_ours::<Stdin>(&stdin())
}

fn is_ours<T: AsFd>(terminal: &T) -> bool {
    in_front(tcgetpgrp(terminal).map_err(Into::into), getpgrp())
}

/// What is not the terminal that controls this program says of no group, and then nobody is stopped for it.
fn in_front(group_in_front: Result<Pid>, own_group: Pid) -> bool {
    group_in_front.map_or(true, |group| group == own_group)
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn only_a_terminal_that_another_group_has_is_not_ours() {
        let group = |number| Pid::from_raw(number).expect("it is no zero");
        let check = |in_terminal: Result<i32>, expected: bool| {
            let said = format!("{in_terminal:?}");
            assert_eq!(in_front(in_terminal.map(group), group(7)), expected, "{said}");
        };
        check(Ok(7), true);
        check(Ok(8), false);
        check(Err(Error::from(ErrorKind::Unsupported)), true);
    }
}
