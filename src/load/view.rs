//! A load while it runs, drawn in a terminal.
//!
//! The view takes the alternate screen, so that what stood in the terminal is there again afterwards, with the
//! report beneath it. Signals are left alone: Ctrl-C reaches the program as ever.

mod echo;
mod foreground;
mod screen;
mod sections;

use std::io::{self, BufWriter, Stderr};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use ratatui::layout::{Position, Rect};

use super::report_form::LoadReport;
use echo::Silenced;
use foreground::has_screen;
use screen::Screen;

/// The view of a running load on standard error, which leaves standard output to the report. Dropping it, also
/// while a panic unwinds, gives the terminal back as it was.
#[derive(Debug)]
pub struct View {
    terminal: Terminal<CrosstermBackend<BufWriter<Stderr>>>,
    planned: Duration,
    /// Whether it was another program's turn when it was to be drawn last.
    away: bool,
    /// Gives back what the terminal does with what is typed.
    _silenced: Silenced,
}

impl View {
    /// Takes the screen for a run that is planned to take so long; zero if that is not known.
    ///
    /// # Errors
    /// Standard error is no terminal, or it cannot be drawn on, or it is another program's turn there; then it is as
    /// it was.
    pub fn new(planned: Duration) -> io::Result<Self> {
        if !has_screen() {
            return Err(io::Error::other("the program runs in the background of its terminal"));
        }
        let mut stderr = io::stderr();
        let backend = CrosstermBackend::new(BufWriter::new(io::stderr()));
        let terminal = Terminal::new(backend)?;
        // From here on dropping it undoes whatever was done.
        let mut view = Self { terminal, planned, away: false, _silenced: Silenced::new() };
        execute!(stderr, EnterAlternateScreen)?;
        view.terminal.hide_cursor()?;
        view.clear()?;
        Ok(view)
    }

    /// Empties the screen. The library's own way asks the terminal where its cursor is, takes what is typed for the
    /// answer, waits for one that some terminals do not give, and never ends where the terminal is gone.
    fn clear(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Draws how the run stands, in the size that the terminal has now. While the program is in the background
    /// nothing is drawn.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, report: &LoadReport) -> io::Result<()> {
        if !has_screen() {
            self.away = true;
            return Ok(());
        }
        if std::mem::take(&mut self.away) {
            // Only what changes is drawn, and something else stands there now.
            self.clear()?;
        }
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
