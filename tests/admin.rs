//! The admin API, as requests beside the exact answers to them.
//!
//! The files in `tests/admin` have the text form of the contract's exchanges, see [`golden`]; what needs
//! sockets is tested with the live server. `UPDATE_EXPECT=1 cargo test --test admin` writes what the
//! program answers into the files, which must then be read.

#[path = "contract/documented.rs"]
mod documented;
#[path = "contract/files.rs"]
mod files;
#[path = "contract/golden.rs"]
mod golden;
#[path = "contract/stage.rs"]
mod stage;
#[path = "contract/words.rs"]
mod words;

use std::path::PathBuf;

use expect_test::expect_file;

fn folder() -> PathBuf {
    files::folder("tests/admin")
}

fn check(file: &str) {
    let expected = expect_file![folder().join(file)];
    expected.assert_eq(&golden::answered(&expected.data(), &folder()));
}

files::files! {
    folder(),
    the_frame_lists_its_endpoints_and_refuses_what_it_does_not_know: "01-frame.txt",
    the_journal_shows_what_happened: "02-journal.txt",
    counters_know_every_call: "03-counters.txt",
    calls_are_verified: "04-verify.txt",
    jobs_are_shown_whoever_owns_them: "05-jobs.txt",
    a_job_can_be_waited_for: "06-wait.txt",
    rules_change_while_everything_runs: "07-faults.txt",
    time_is_advanced_by_hand: "08-clock.txt",
    the_world_changes_behind_the_clients_back: "09-world.txt",
    a_reset_goes_back_to_the_beginning: "10-reset.txt",
    users_and_access_keys_come_and_go: "11-people.txt",
    a_replay_has_no_scopes: "11-scopes.txt",
}
