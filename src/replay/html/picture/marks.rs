//! Marks on a lane: those that would lie on each other become one that tells of all.

/// How many lines a mark says when the pointer rests on it; the rest is counted.
const MOST_LINES: usize = 8;

/// One thing to mark.
pub(super) struct Mark {
    pub(super) x: f64,
    /// Whether something went wrong.
    pub(super) bad: bool,
    pub(super) line: String,
}

/// Marks that are drawn as one.
pub(super) struct Merged {
    pub(super) x: f64,
    pub(super) good: usize,
    pub(super) bad: usize,
    lines: Vec<String>,
}

impl Merged {
    /// What is said when the pointer rests on it.
    pub(super) fn title(&self) -> String {
        let mut text = self.lines.join("\n");
        let more = (self.good + self.bad).saturating_sub(self.lines.len());
        if more > 0 {
            text.push_str(&format!("\nand {more} more"));
        }
        text
    }
}

/// Merges what lies closer together than this; the marks come from left to right.
pub(super) fn merged(marks: impl IntoIterator<Item = Mark>, apart: f64) -> Vec<Merged> {
    let mut merged: Vec<Merged> = Vec::new();
    for mark in marks {
        let near = merged.last_mut().filter(|last| mark.x - last.x < apart);
        let (good, bad) = (usize::from(!mark.bad), usize::from(mark.bad));
        match near {
            Some(last) => {
                last.good += good;
                last.bad += bad;
                if last.lines.len() < MOST_LINES {
                    last.lines.push(mark.line);
                }
            }
            None => merged.push(Merged { x: mark.x, good, bad, lines: vec![mark.line] }),
        }
    }
    merged
}

/// A coordinate as it is written: tenths of a pixel are more than anybody sees.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// The path of a diamond around a point.
pub(super) fn diamond(x: f64, y: f64, radius: f64) -> String {
    let (x, top, r) = (px(x), px(y - radius), px(radius));
    format!("M{x} {top}l{r} {r} -{r} {r} -{r} -{r}z")
}

/// The path of a cross around a point.
pub(super) fn cross(x: f64, y: f64, radius: f64) -> String {
    let (left, top, low, size) = (px(x - radius), px(y - radius), px(y + radius), px(2.0 * radius));
    format!("M{left} {top}l{size} {size}M{left} {low}l{size} -{size}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_lie_on_each_other_become_one() {
        let mark = |x: f64, bad: bool| Mark { x, bad, line: format!("at {x}") };
        let many = (0..20).map(|_| mark(50.0, true));
        let all = [mark(1.0, false), mark(2.0, true)].into_iter().chain(many);
        let merged = merged(all, 4.0);
        assert_eq!(merged.len(), 2);
        assert_eq!((merged[0].good, merged[0].bad), (1, 1));
        assert_eq!(merged[0].title(), "at 1\nat 2");
        assert!(merged[1].title().ends_with("\nand 12 more"));
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!((px(3.0), px(2.26), px(-0.5)), ("3".into(), "2.3".into(), "-0.5".into()));
    }
}
