//! `imsim record`, and what `imsim serve --record` writes at its end.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::args::RecordArgs;
use super::output::{Output, tell};
use super::output_file::OutputFile;
use super::{Exit, could_not_run};
use crate::clock::SimDuration;
use crate::replay::{Question, ask_admin};
use crate::scenario::file::LARGEST_FILE;
use crate::scenario::recording::Recorded;

/// How long the server gets to answer: a full journal becomes a file in a second or two.
const SLOWEST_ANSWER: SimDuration = SimDuration::from_millis(60_000);

/// The longest answer that is read: the longest file, and room for what stands around it.
const LONGEST_ANSWER: u64 = LARGEST_FILE + 64 * 1024;

/// What the server answers.
#[derive(Deserialize)]
struct Answer {
    happenings: usize,
    left_out: usize,
    missing: u64,
    scenario: Box<RawValue>,
}

#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    message: String,
}

pub(super) fn record(args: &RecordArgs) -> Exit {
    let file = args.output.as_deref().map(|path| OutputFile::prepare("--output", path, None));
    let file = match file.transpose() {
        Ok(file) => file,
        Err(reason) => return could_not_run(&reason),
    };
    let recorded = match ask(args) {
        Ok(recorded) => recorded,
        Err(reason) => return could_not_run(&reason),
    };
    for line in remarks(&recorded) {
        tell(format_args!("imsim: {line}"));
    }
    let mut output = Output::default();
    match file.map(|file| file.write(&recorded.scenario)) {
        None => output.print(&recorded.scenario),
        Some(Ok(())) => {
            let to = args.output.as_deref().unwrap_or_else(|| "".as_ref());
            output.print(summary(&recorded, to));
        }
        Some(Err(reason)) => return could_not_run(&reason),
    }
    output.exit(Exit::Held)
}

/// Says what was written where.
pub(super) fn summary(recorded: &Recorded, to: &std::path::Path) -> String {
    let calls = if recorded.happenings == 1 { "call or change" } else { "calls and changes" };
    format!("recording: {} {calls} in {}\n", recorded.happenings, to.display())
}

/// Says what a recording lacks, so that nobody wonders when it does not replay.
pub(super) fn remarks(recorded: &Recorded) -> Vec<String> {
    let mut remarks = Vec::new();
    if recorded.missing > 0 {
        remarks.push(format!(
            "the recording is not complete: {} entries were no longer, or not, kept",
            recorded.missing
        ));
    }
    if recorded.left_out > 0 {
        remarks.push(format!(
            "{} calls are left out of the recording, since no step can say them",
            recorded.left_out
        ));
    }
    if recorded.scenario.len() as u64 > LARGEST_FILE {
        remarks.push(format!(
            "the recording is longer than {LARGEST_FILE} bytes, the longest file that is replayed"
        ));
    }
    remarks
}

fn ask(args: &RecordArgs) -> Result<Recorded, String> {
    let trust = args.trust.trust([&args.url])?;
    let question = Question { slowest: SLOWEST_ANSWER, longest: LONGEST_ANSWER };
    let token = args.admin_token.as_deref();
    let (url, status, text) = ask_admin(&args.url, "/recording", token, &trust, &question)?;
    if status != 200 {
        let reason: Option<Refusal> = serde_json::from_str(&text).ok();
        let reason = reason.map_or_else(
            || "no admin API of imsim answers there".to_owned(),
            |it| it.error.message,
        );
        return Err(format!("{url} answers {status}: {reason}"));
    }
    let answer: Answer = serde_json::from_str(&text)
        .map_err(|error| format!("what {url} answers is no recording: {error}"))?;
    Ok(Recorded {
        scenario: format!("{}\n", answer.scenario.get()),
        happenings: answer.happenings,
        left_out: answer.left_out,
        missing: answer.missing,
    })
}
