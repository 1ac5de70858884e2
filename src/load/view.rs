//! A load while it runs, drawn in a terminal.
//!
//! The view takes the alternate screen, so that what stood in the terminal is there again afterwards, with the
//! report beneath it. Signals are left alone: Ctrl-C reaches the program as ever.

mod echo;
mod screen;
mod sections;

use std::io::{self, BufWriter, Stderr};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};

use super::report_form::LoadReport;
use echo::Silenced;
use screen::Screen;

/// The view of a running load on standard error, which leaves standard output to the report. Dropping it, also
/// while a panic unwinds, gives the terminal back as it was.
#[derive(Debug)]
pub struct View {
    terminal: Terminal<CrosstermBackend<BufWriter<Stderr>>>,
    planned: Duration,
    /// Gives back what the terminal does with what is typed.
    _silenced: Silenced,
}

impl View {
    /// Takes the screen for a run that is planned to take so long; zero if that is not known.
    ///
    /// # Errors
    /// Standard error is no terminal, or it cannot be drawn on; then it is as it was.
    pub fn new(planned: Duration) -> io::Result<Self> {
        let mut stderr = io::stderr();
        let backend = CrosstermBackend::new(BufWriter::new(io::stderr()));
        let terminal = Terminal::new(backend)?;
        // From here on dropping it undoes whatever was done.
        let mut view = Self { terminal, planned, _silenced: Silenced::new() };
        execute!(stderr, EnterAlternateScreen)?;
        view.terminal.hide_cursor()?;
        view.terminal.clear()?;
        Ok(view)
    }

    /// Draws how the run stands, in the size that the terminal has now.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, report: &LoadReport) -> io::Result<()> {
        let planned = self.planned;
        self.terminal
            .draw(|frame| frame.render_widget(Screen { report, planned }, frame.area()))?;
        Ok(())
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // If the terminal is gone there is nothing to give back.
        let _ = self.terminal.show_cursor();
        let _ = execute!(self.terminal.backend_mut(), LeaveAlternateScreen);
    }
}

#[cfg(test)]
mod tests;
