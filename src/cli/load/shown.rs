//! What a person sees of a load while it runs: a view in a terminal, else a line now and then.

use std::ffi::OsString;
use std::io::{IsTerminal as _, stderr};
use std::time::Duration;

use super::Prepared;
use crate::cli::args::VerdictArgs;
use crate::cli::output::tell;
use crate::clock::SimDuration;
use crate::load::progress_line::{self, line};
use crate::load::report_form::LoadReport;
use crate::load::view::View;
use crate::replay::shell_word;
use crate::scenario::ScenarioFile;
use crate::scenario::load_section::{LoadSection, Profile};

/// How the run is shown.
pub(super) enum Shown {
    View(Box<View>),
    /// A view, once there is a run to show.
    ViewToCome {
        planned: Duration,
    },
    /// With the time of the run at which the next line is due.
    Lines(Duration),
    Nothing,
}

impl Shown {
    /// Whatever the arguments and the terminal allow.
    pub(super) fn new(args: &VerdictArgs, planned: Duration) -> Self {
        if args.quiet {
            return Self::Nothing;
        }
        if !args.no_view && stderr().is_terminal() {
            return Self::ViewToCome { planned };
        }
        Self::Lines(progress_line::FIRST_AFTER)
    }

    /// Takes the screen when the first report comes. Before, while a server is started and its world is read,
    /// Ctrl-C ends the program at once, and nobody would give the terminal back.
    fn begin(&mut self) {
        if let Self::ViewToCome { planned } = *self {
            *self = match View::new(planned) {
                Ok(view) => Self::View(Box::new(view)),
                // A terminal that cannot be drawn on, or not by a program in its background, can still be written to.
                Err(_) => Self::Lines(progress_line::FIRST_AFTER),
            };
        }
    }

    /// Shows how the run stands.
    pub(super) fn show(&mut self, report: &LoadReport) {
        self.begin();
        match self {
            // If the terminal is gone, nobody looks any more, and the run goes on.
            Self::View(view) => drop(view.draw(report)),
            Self::Lines(due) => {
                let at = Duration::from_millis(report.took_ms);
                if at >= *due {
                    tell(line(report));
                    *due = at + progress_line::EVERY;
                }
            }
            Self::ViewToCome { .. } | Self::Nothing => {}
        }
    }
}

/// How long load will be put on; zero if only the run itself will know.
pub(super) fn planned(prepared: &Prepared) -> Duration {
    let built_in = ScenarioFile::built_in_load().ok().and_then(|file| file.sections.load);
    let of_file = built_in.filter(|_| prepared.scenario.is_none() && prepared.target.is_none());
    let section = of_file.unwrap_or_default().with(prepared.section.clone());
    let LoadSection { rate, users, duration, ramp, .. } = section;
    let stages = [rate, users].into_iter().flatten().find(Profile::has_stages);
    let duration = duration.map(|span| span.0);
    let length = match (stages, duration) {
        (Some(Profile::Stages(stages)), _) => {
            stages.iter().fold(SimDuration::ZERO, |sum, stage| sum + stage.over)
        }
        (_, duration) => duration.unwrap_or(crate::load::USUAL_DURATION),
    };
    (length + ramp.map_or(SimDuration::ZERO, |span| span.0)).to_std()
}

/// The command as a shell takes it.
pub(super) fn command(args: impl Iterator<Item = OsString>) -> String {
    let words = args.map(|arg| shell_word(&arg.to_string_lossy()));
    std::iter::once("imsim".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}
