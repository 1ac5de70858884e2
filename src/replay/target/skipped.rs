//! What could not be done or looked at from outside.

use std::fmt;

/// How much was skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Steps that need the admin API, or a value that such a step would have saved.
    pub steps: usize,
    /// Whether nobody looked at what must be true at the end.
    pub end: bool,
    /// Rules of which nobody knows whether they fired.
    pub must_fire: usize,
    /// Durations measured in real time, where the server's clock goes at another pace.
    pub durations: usize,
}

/// One line for each reason; empty if nothing was skipped.
impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.steps > 0 {
            parts.push(counted(self.steps, "step"));
        }
        if self.end {
            parts.push("what must be true at the end".to_owned());
        }
        if self.must_fire > 0 {
            parts.push(format!("whether {} fired", counted(self.must_fire, "rule")));
        }
        if let Some((last, before)) = parts.split_last() {
            let alone = before.is_empty() && self.steps != 1 && !self.end && self.must_fire == 0;
            let verb = if alone || !before.is_empty() { "need" } else { "needs" };
            let before = before.join(", ");
            let and = if before.is_empty() { "" } else { " and " };
            writeln!(
                f,
                "skipped: {before}{and}{last} {verb} the inside, and there is no admin API"
            )?;
        }
        if self.durations > 0 {
            let durations = counted(self.durations, "duration");
            writeln!(f, "skipped: {durations}, since the target's clock does not go in real time")?;
        }
        Ok(())
    }
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_in_words() {
        let check = |(steps, end, must_fire, durations), says: &str| {
            assert_eq!(Skipped { steps, end, must_fire, durations }.to_string(), says);
        };
        let no_api = "the inside, and there is no admin API\n";
        check((0, false, 0, 0), "");
        check((1, false, 0, 0), &format!("skipped: 1 step needs {no_api}"));
        check((3, false, 0, 0), &format!("skipped: 3 steps need {no_api}"));
        check((0, true, 0, 0), &format!("skipped: what must be true at the end needs {no_api}"));
        check((0, false, 2, 0), &format!("skipped: whether 2 rules fired needs {no_api}"));
        check(
            (2, true, 1, 0),
            &format!(
                "skipped: 2 steps, what must be true at the end and whether 1 rule fired need {no_api}"
            ),
        );
        check(
            (0, false, 0, 2),
            "skipped: 2 durations, since the target's clock does not go in real time\n",
        );
    }
}
