//! The contract, as requests beside the exact answers to them.
//!
//! Each file in `tests/contract` cites the part of the contract that it covers and holds exchanges in a
//! text form that [`golden`] explains. They run in process and in virtual time through the whole HTTP
//! service, and the file must come out as it went in. `UPDATE_EXPECT=1 cargo test --test contract`
//! writes what the program answers into the files; what it writes must then be read beside the contract,
//! because an answer that was only recorded proves nothing.

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
    files::folder("tests/contract")
}

fn check(file: &str) {
    let path = folder().join(file);
    let expected = expect_file![&path];
    let text = expected.data();
    assert!(text.starts_with("# Contract, \""), "{file}: the first line cites the contract");
    expected.assert_eq(&golden::answered(&text, &folder()));
}

files::files! {
    folder(),
    a_batch_is_read_as_the_contract_says: "01-batch-bodies.txt",
    checks_before_a_job_exists_come_in_their_order: "02-checks-in-order.txt",
    a_caller_is_known_by_his_token: "03-authentication.txt",
    each_pair_is_decided_by_the_first_rule_that_matches: "04-pairs.txt",
    both_endpoints_show_a_job_in_each_of_its_states: "05-jobs.txt",
    jobs_are_refused_and_forgotten_as_the_contract_says: "06-job-queries.txt",
    members_are_shown_to_those_who_may_see_them: "07-members.txt",
    what_is_not_served_is_unknown_to_everybody: "08-unknown-paths.txt",
    errors_have_one_of_three_forms: "09-error-forms.txt",
    each_switch_changes_what_it_says: "10-switches.txt",
    tokens_are_given_out_and_signatures_verified: "11-identity.txt",
    members_are_changed_at_once_by_those_who_may: "12-native-members.txt",
    images_are_listed_to_those_who_see_them: "13-image-lists.txt",
    versions_and_quota_are_shown_as_the_contract_says: "14-versions-and-quota.txt",
    an_image_is_deleted_by_its_owner_and_missed_by_jobs: "15-delete-image.txt",
    members_and_images_are_described: "16-schemas.txt",
    later_fields_are_there_only_where_they_are_switched_on: "17-later-fields.txt",
}

/// The rows of "Exact texts of the codes the simulator sends".
const TEXTS: [(&str, &str); 23] = [
    ("IMG.0001", "The request message format is invalid."),
    ("IMG.0007", "The request body is empty."),
    ("IMG.0017", "The URL format is incorrect."),
    ("IMG.0023", "An exception occurred during task query."),
    (
        "IMG.0026",
        "The role is invalid. You need to apply for the required permissions or pass the real-name \
         authentication.",
    ),
    ("IMG.0030", "The project ID and token in the request are invalid."),
    ("IMG.0046", "The image is unavailable."),
    ("IMG.0047", "This operation can be performed only by the image owner."),
    ("IMG.0066", "The image ID is incorrect."),
    ("IMG.0067", "The project ID is incorrect."),
    ("IMG.0076", "You cannot share an image with yourself."),
    ("IMG.0087", "The token is incorrect."),
    ("IMG.0088", "The number of shared images has reached the maximum allowed."),
    ("IMG.0089", "The public image or Marketplace image cannot be shared."),
    ("IMG.0098", "The encrypted image cannot be shared or published in Marketplace."),
    ("IMG.0105", "The operation is not supported."),
    ("IMG.0107", "The Marketplace image cannot be shared."),
    ("IMG.0108", "The tenant ID was not found in the current region."),
    ("IMG.0112", "Failed to add the tenant."),
    ("IMG.0113", "Failed to delete the tenant."),
    ("IMG.0114", "Failed to query the tenant details."),
    ("IMG.0135", "The full-ECS image cannot be shared."),
    ("IMG.0184", "Failed to obtain the vault."),
];

#[test]
fn every_code_that_is_sent_stands_in_an_answer_with_its_exact_text() {
    let paths = files::names(&folder()).into_iter().map(|name| folder().join(name));
    let all: Vec<String> = paths.map(|p| std::fs::read_to_string(p).expect("text")).collect();
    for (code, text) in TEXTS {
        let refused = format!("< {{\"error\":{{\"message\":\"{text}\",\"code\":\"{code}\"}}}}");
        let failed = format!("\"error_code\":\"{code}\",\"fail_reason\":\"{text}\"");
        let shown = all.iter().any(|file| file.contains(&refused) || file.contains(&failed));
        assert!(shown, "no answer carries {code} with its text");
    }
}
