//! The whole screen: what it shows depends on how much room there is.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Gauge, Paragraph, Sparkline, Widget};

use super::sections::{self, Section};
use crate::load::report_form::{Ended, LoadReport};
use crate::load::words::{model, span, target, visible};

/// From this size on sections stand in frames, in two columns.
const ROOMY: (u16, u16) = (76, 22);

/// How many seconds a sparkline shows.
const LAST_SECONDS: usize = 60;

/// What is told at the bottom.
const HINT: &str = "Ctrl-C ends and reports";

/// How a run stands, as a picture of the terminal's size.
pub(super) struct Screen<'a> {
    pub(super) report: &'a LoadReport,
    /// How long the run is to take; zero if that is not known.
    pub(super) planned: Duration,
}

impl Widget for Screen<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let roomy = area.width >= ROOMY.0 && area.height >= ROOMY.1;
        let head = if roomy { 2 } else { 1 };
        let parts = [head, 1].map(Constraint::Length).into_iter();
        let parts = parts.chain([Constraint::Fill(1), Constraint::Length(1)]);
        let [head, gauge, body, hint] = Layout::vertical(parts).areas(area);
        Paragraph::new(self.head(roomy)).render(head, buffer);
        self.gauge().render(gauge, buffer);
        let sections = sections::all(self.report);
        if roomy {
            framed(sections, body, buffer)
        } else {
            stacked(sections, body, buffer)
        }
        let soft = Style::new().add_modifier(Modifier::DIM);
        Line::styled(HINT, soft).render(hint, buffer);
    }
}

impl Screen<'_> {
    fn head(&self, roomy: bool) -> Vec<Line<'static>> {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let name = Span::styled("imsim load", bold);
        let (seed, target) = (format!("  seed {}", self.report.seed), target(self.report));
        if !roomy {
            return vec![Line::from(vec![name, seed.into(), format!("  {target}").into()])];
        }
        let model = visible(&model(self.report));
        vec![
            Line::from(vec![name, format!("  {target}").into(), seed.into()]),
            Line::from(format!("{}; {model}", visible(&self.report.scenario))),
        ]
    }

    /// How much of the planned time is over; then jobs end.
    fn gauge(&self) -> Gauge<'static> {
        let elapsed = Duration::from_millis(self.report.took_ms);
        let (ratio, label) = if self.planned.is_zero() {
            (0.0, span(elapsed))
        } else {
            let ratio = elapsed.as_secs_f64() / self.planned.as_secs_f64();
            (ratio.min(1.0), format!("{} of {}", span(elapsed), span(self.planned)))
        };
        let over = ratio >= 1.0 && self.report.ended == Ended::NotYet;
        let label = if over { format!("{label}; jobs end") } else { label };
        let style = Style::new().fg(Color::Blue).bg(Color::Reset);
        Gauge::default().ratio(ratio).label(label).gauge_style(style)
    }
}

/// Two columns of sections in frames; each as high as what it shows, the last of a column takes the rest.
fn framed(sections: Vec<Section>, body: Rect, buffer: &mut Buffer) {
    // The left one holds the longest line.
    let columns = Layout::horizontal([3, 2].map(Constraint::Fill)).areas::<2>(body);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for section in sections {
        if section.left { left.push(section) } else { right.push(section) }
    }
    for (sections, mut area) in [left, right].into_iter().zip(columns) {
        let number = sections.len();
        for (place, section) in sections.into_iter().enumerate() {
            let curve = u16::from(!section.curve.is_empty()) * 2;
            let wanted = u16::try_from(section.lines.len()).unwrap_or(u16::MAX).saturating_add(2);
            let height = if place + 1 == number { area.height } else { wanted + curve };
            let [frame, rest] =
                Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(area);
            section.render_framed(frame, buffer);
            area = rest;
        }
    }
}

/// One column without frames, the most important first, as far as there is room.
fn stacked(sections: Vec<Section>, body: Rect, buffer: &mut Buffer) {
    let mut lines: Vec<(u8, Line<'static>)> = Vec::new();
    for section in sections {
        let mut name = Some(section.title);
        for (rank, line) in section.lines {
            let head = format!("{:<9}", name.take().unwrap_or_default());
            let spans = [Span::styled(head, Style::new().add_modifier(Modifier::BOLD))];
            lines.push((rank, spans.into_iter().chain(line.spans).collect()));
        }
    }
    // Of those of lowest rank as many are left out as there is no room for.
    let room = usize::from(body.height);
    let mut ranks: Vec<u8> = lines.iter().map(|(rank, _)| *rank).collect();
    ranks.sort_unstable();
    let highest = if ranks.len() > room { ranks.get(room).copied() } else { None };
    let shown = lines.into_iter().filter(|(rank, _)| highest.is_none_or(|highest| *rank < highest));
    let lines: Vec<Line> = shown.map(|(_, line)| line).collect();
    Paragraph::new(lines).render(body, buffer);
}

impl Section {
    fn render_framed(self, area: Rect, buffer: &mut Buffer) {
        let block = Block::new().borders(Borders::ALL).title(format!(" {} ", self.title));
        let inner = block.inner(area);
        block.render(area, buffer);
        let curve = if self.curve.is_empty() { 0 } else { 2 };
        let [text, spark] =
            Layout::vertical([Constraint::Fill(1), Constraint::Length(curve)]).areas(inner);
        let lines: Vec<Line> = self.lines.into_iter().map(|(_, line)| line).collect();
        Paragraph::new(lines).render(text, buffer);
        // The newest second stands at the right edge.
        let room = usize::from(spark.width).min(LAST_SECONDS);
        let curve = &self.curve[self.curve.len().saturating_sub(room)..];
        let width = u16::try_from(curve.len()).unwrap_or(spark.width);
        let area = Rect { x: spark.right() - width, width, ..spark };
        Sparkline::default().data(curve).style(Style::new().fg(Color::Blue)).render(area, buffer);
    }
}
