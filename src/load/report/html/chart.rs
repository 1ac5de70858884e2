//! One chart over time. Its curves are stretched to the width of the page, while all words beside it stay as
//! large as they are: so it can be read on a phone as well.

use std::fmt::Write as _;
use std::time::Duration;

use maud::{Markup, html};

use super::buckets::{Bucket, Buckets};
use super::scale::Scale;
use crate::load::words::{grouped, span};

/// The size of a chart in its own units.
const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 200.0;

/// How many parts of a hundred a letter above a chart takes, on a screen for a desk and on a phone; each has
/// labels of its own, of which the other's are hidden.
const LETTERS: [(&str, f64); 2] = [("tags on-desk", 0.75), ("tags on-phone", 2.4)];

/// The most labels below a chart: as many as a phone has room for.
const MOST_LABELS: u64 = 6;

/// A curve.
pub(super) struct Series<'a> {
    pub(super) name: &'a str,
    /// The class that gives it its colour.
    pub(super) class: &'static str,
    /// Whether what is below it is filled.
    pub(super) filled: bool,
    /// Its figure in a bucket; none where there is nothing to measure.
    pub(super) figure: &'a dyn Fn(&Bucket) -> Option<f64>,
}

/// What a chart shows.
pub(super) struct Chart<'a> {
    pub(super) title: &'a str,
    /// The unit, and whatever else is to know.
    pub(super) note: &'a str,
    pub(super) buckets: &'a Buckets,
    /// The second in which no more load was put on.
    pub(super) load_end: f64,
    pub(super) scale: Scale,
    pub(super) series: &'a [Series<'a>],
    /// What is told of a bucket when it is pointed at.
    pub(super) tell: &'a dyn Fn(&Bucket) -> String,
}

/// A length with as many digits as can be seen.
fn px(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// A place as a part of a hundred.
fn percent(place: f64) -> String {
    format!("{}%", px(place * 100.0))
}

impl Buckets {
    /// Where a second stands, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "drawn")]
    fn place(&self, second: u64) -> f64 {
        second as f64 / self.end.max(1) as f64
    }

    /// The left edge of a bucket and its width.
    pub(super) fn edges(&self, place: usize) -> (String, String) {
        let (from, to) = self.bounds(place);
        let (left, right) = (self.place(from) * WIDTH, self.place(to) * WIDTH);
        (px(left), px(right - left))
    }

    /// When a bucket is, in words.
    pub(super) fn when(&self, place: usize) -> String {
        let (from, to) = self.bounds(place);
        let [from, to] = [from, to].map(|second| span(Duration::from_secs(second)));
        format!("{from} to {to}")
    }

    /// The labels of the time axis.
    pub(super) fn axis(&self) -> Markup {
        let nice = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600];
        let fits = |step: &u64| self.end / step < MOST_LABELS;
        let step = nice.into_iter().find(fits).unwrap_or(self.end / (MOST_LABELS - 1));
        let labels = (0..MOST_LABELS).map(|number| number * step).filter(|at| *at <= self.end);
        html! {
            div.times {
                @for at in labels {
                    @let place = self.place(at);
                    span class=(if place > 0.95 { "last" } else { "" }) style=(format!("left:{}", percent(place))) {
                        (span(Duration::from_secs(at)))
                    }
                }
            }
        }
    }
}

/// What fired in a bucket, in words for a tooltip.
pub(super) fn fired(bucket: &Bucket) -> String {
    let mut text = String::new();
    for (id, number) in &bucket.rules {
        let _ = write!(text, "\nrule {id}: {}", grouped(*number));
    }
    text
}

/// A label above a chart, from 0 to 1.
struct Tag {
    at: f64,
    text: String,
}

impl Tag {
    /// From where to where it reaches if a letter is so wide.
    fn reach(&self, letter: f64) -> (f64, f64) {
        #[expect(clippy::cast_precision_loss, reason = "the length of a name")]
        let width = (self.text.chars().count() + 1) as f64 * letter / 100.0;
        if self.at_right(letter) { (self.at - width, self.at) } else { (self.at, self.at + width) }
    }

    /// Whether it stands before its place, since there is no room behind it.
    #[expect(clippy::cast_precision_loss, reason = "the length of a name")]
    fn at_right(&self, letter: f64) -> bool {
        (self.text.chars().count() as f64).mul_add(letter / 100.0, self.at) > 1.0
    }
}

/// Those for which there is room beside those before them.
fn placed(wanted: &[Tag], letter: f64) -> Vec<&Tag> {
    let mut placed: Vec<&Tag> = Vec::new();
    for tag in wanted {
        let (left, right) = tag.reach(letter);
        let free = |other: &&Tag| {
            let (from, to) = other.reach(letter);
            right <= from || to <= left
        };
        if placed.iter().all(free) {
            placed.push(tag);
        }
    }
    placed
}

impl Chart<'_> {
    pub(super) fn draw(&self) -> Markup {
        let ticks = self.scale.ticks();
        html! {
            figure.chart {
                figcaption {
                    h3 { (self.title) } span.note { (self.note) }
                    ul.legend {
                        @for series in self.series {
                            li { span class=(format!("key {}", series.class)) {} (series.name) }
                        }
                    }
                }
                (self.tags())
                div.plot {
                    div.ticks { @for (place, label) in &ticks { span style=(format!("bottom:{}", percent(*place))) { (label) } } }
                    div.area {
                        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" role="img" aria-label=(self.title) {
                            (self.marks())
                            g.grid {
                                @for (place, _) in &ticks {
                                    @let y = px(HEIGHT * (1.0 - place));
                                    line x1="0" y1=(y) x2=(WIDTH) y2=(y) {}
                                }
                            }
                            (self.load_end())
                            @for series in self.series { (self.curve(series)) }
                            (self.targets())
                        }
                    }
                }
                (self.buckets.axis())
            }
        }
    }

    /// The seconds in which fault rules fired; the more answers they struck the darker.
    #[expect(clippy::cast_precision_loss, reason = "drawn")]
    fn marks(&self) -> Markup {
        html! {
            g.fired {
                @for (place, bucket) in self.buckets.known().filter(|(_, it)| !it.rules.is_empty()) {
                    @let (left, width) = self.buckets.edges(place);
                    @let struck: u64 = bucket.rules.values().sum();
                    @let part = (struck as f64 / bucket.requests.max(1) as f64).min(1.0);
                    rect x=(left) y="0" width=(width) height=(HEIGHT) fill-opacity=(format!("{:.2}", part.sqrt().mul_add(0.5, 0.15))) {}
                }
            }
        }
    }

    /// The ids of the rules above the seconds in which they begin to fire, where there is room for them.
    fn tags(&self) -> Markup {
        let wanted = self.wanted_tags();
        html! {
            @for (class, letter) in LETTERS.iter().filter(|_| !wanted.is_empty()) {
                div class=(class) {
                    @for tag in placed(&wanted, *letter) {
                        span class=(if tag.at_right(*letter) { "last" } else { "" }) style=(format!("left:{}", percent(tag.at))) { (tag.text) }
                    }
                }
            }
        }
    }

    /// One for each stretch in which the same rules fire; the first of each comes first.
    fn wanted_tags(&self) -> Vec<Tag> {
        let (mut first, mut again, mut before) = (Vec::new(), Vec::new(), String::new());
        for (place, bucket) in self.buckets.known() {
            let mut ids = bucket.rules.keys();
            let text = match (ids.next(), ids.count()) {
                (None, _) => String::new(),
                (Some(id), 0) => id.clone(),
                (Some(id), more) => format!("{id} +{more}"),
            };
            if text != before && !text.is_empty() {
                let at = self.buckets.place(self.buckets.bounds(place).0);
                let known = first.iter().any(|tag: &Tag| tag.text == text);
                let tag = Tag { at, text: text.clone() };
                if known { again.push(tag) } else { first.push(tag) }
            }
            before = text;
        }
        first.append(&mut again);
        first
    }

    /// Where no more load was put on; behind it jobs end.
    #[expect(clippy::cast_precision_loss, reason = "drawn")]
    fn load_end(&self) -> Markup {
        let x = px((self.load_end / self.buckets.end.max(1) as f64).min(1.0) * WIDTH);
        html! {
            @if self.load_end + 0.5 < self.buckets.end as f64 {
                line.over x1=(x) y1="0" x2=(x) y2=(HEIGHT) { title { "No more load was put on from here" } }
            }
        }
    }

    /// A curve through the middles of the buckets, with gaps where there is nothing. A stretch of it begins and
    /// ends at the edges, so that one of a single bucket can be seen.
    fn curve(&self, series: &Series<'_>) -> Markup {
        let (mut line, mut fill, mut stretch) = (String::new(), String::new(), Vec::new());
        let figures = self.buckets.list.iter().map(|it| it.as_ref().and_then(series.figure));
        for (place, figure) in figures.chain([None]).enumerate() {
            if let Some(figure) = figure {
                stretch.push((place, HEIGHT * (1.0 - self.scale.place(figure))));
                continue;
            }
            let Some(path) = self.stretch(&stretch) else { continue };
            let (first, last) = (stretch[0].0, stretch[stretch.len() - 1].0);
            let [left, right] = [self.buckets.bounds(first).0, self.buckets.bounds(last).1];
            let [left, right] = [left, right].map(|at| px(self.buckets.place(at) * WIDTH));
            let _ = write!(line, "M{path}");
            let _ = write!(fill, "M{left} {HEIGHT}L{path}L{right} {HEIGHT}Z");
            stretch.clear();
        }
        html! {
            @if series.filled && !fill.is_empty() { path class=(format!("fill {}", series.class)) d=(fill) {} }
            @if !line.is_empty() { path class=(format!("line {}", series.class)) d=(line) {} }
        }
    }

    /// The points of a stretch; none if it is empty.
    fn stretch(&self, points: &[(usize, f64)]) -> Option<String> {
        let (first, last) = (points.first()?, points.last()?);
        let edge = |second: u64, y: f64| (self.buckets.place(second) * WIDTH, y);
        let middle = |(place, y): &(usize, f64)| {
            let (from, to) = self.buckets.bounds(*place);
            ((self.buckets.place(from) + self.buckets.place(to)) / 2.0 * WIDTH, *y)
        };
        let begin = edge(self.buckets.bounds(first.0).0, first.1);
        let end = edge(self.buckets.bounds(last.0).1, last.1);
        let all = [begin].into_iter().chain(points.iter().map(middle)).chain([end]);
        let all: Vec<String> = all.map(|(x, y)| format!("{} {}", px(x), px(y))).collect();
        Some(all.join("L"))
    }

    /// What is pointed at to be told of.
    fn targets(&self) -> Markup {
        html! {
            @for (place, bucket) in self.buckets.known() {
                @let (left, width) = self.buckets.edges(place);
                rect.target x=(left) y="0" width=(width) height=(HEIGHT) {
                    title { (self.buckets.when(place)) "\n" ((self.tell)(bucket)) (fired(bucket)) }
                }
            }
        }
    }
}
