//! How things are drawn, as the command line says it.

use std::str::FromStr;

use super::{DrawEntry, STEEPEST_ZIPF};
use crate::scenario::problem::nearest;

impl FromStr for DrawEntry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let right = "`uniform`, `zipf:N` with N from 0 to 10, such as `zipf:1.1`, or `each-once`";
        match text.split_once(':').map_or((text, None), |(name, number)| (name, Some(number))) {
            ("uniform", None) => Ok(Self::Uniform),
            // Words of the command line have hyphens; the file says `each_once`.
            ("each-once", None) => Ok(Self::EachOnce),
            ("zipf", None) => Err(format!("`zipf` does not say how steep; it is {right}")),
            ("zipf", Some(number)) => {
                let number = number.parse::<f64>().ok();
                let good = number.filter(|number| (0.0..=STEEPEST_ZIPF).contains(number));
                good.map(Self::Zipf).ok_or_else(|| format!("`{text}` is not {right}"))
            }
            (name, _) => {
                let near = nearest(name, ["uniform", "zipf", "each-once"].into_iter());
                Err(format!("`{text}` is not {right}{near}"))
            }
        }
    }
}
