//! The program as a person uses it: what it prints, and how it ends.

#[path = "support/program.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{GOOD, WRONG, check, folder, imsim, scenario};

#[test]
fn a_scenario_that_holds_ends_with_0() {
    let folder = folder("holds");
    fs::write(folder.join("good.json"), scenario(GOOD)).expect("written");
    check(
        &folder,
        &["replay", "good.json"],
        0,
        &["passed  good.json  seed 1", "1 passed, 0 failed"],
        &[],
    );
    check(&folder, &["replay", ".", "--seed", "7"], 0, &["seed 7", "digest "], &[]);
}

#[test]
fn a_wrong_expectation_ends_with_1_and_says_step_line_expected_and_found() {
    let folder = folder("wrong");
    fs::write(folder.join("wrong.json"), scenario(WRONG)).expect("written");
    let explained = [
        "FAILED  wrong.json",
        "line 8: steps[0].list_members",
        "members.lab",
        "expected  pending",
        "found     accepted",
        "repeat with: imsim replay wrong.json --seed 3 --shards 2",
        "0 passed, 1 failed",
    ];
    check(&folder, &["replay", "wrong.json", "--seed", "3", "--shards", "2"], 1, &explained, &[]);
}

/// Steps whose expectation is wrong, each with what the report must name. The job takes an hour.
const MUST_FAIL: &[(&str, &str)] = &[
    (r#"{ "wait_job": { "token": "studio", "job": "j", "deadline": "1s" } }"#, "job.state"),
    (
        r#"{ "wait_job": { "token": "studio", "job": "j", "deadline": "1s", "expect": { "status": 200 } } }"#,
        "job.state",
    ),
    (
        r#"{ "wait_job": { "token": "studio", "job": "j", "deadline": "1s", "expect": { "job": { "results": [] } } } }"#,
        "job.results",
    ),
    (
        r#"{ "wait_job": { "token": "studio", "job": "j", "deadline": "1s", "expect": { "job": { "error_code": "IMG.0113" } } } }"#,
        "expected  FAIL",
    ),
    (
        r#"{ "show_job": { "token": "studio", "job": "j", "expect": { "job": { "results": [] } } } }"#,
        "job.results",
    ),
    (
        r#"{ "show_job": { "token": "studio", "job": "j", "expect": { "body": { "nonsense": null } } } }"#,
        "no such key",
    ),
    (
        r#"{ "show_job": { "token": "studio", "job": "j", "expect": { "job": { "took": "1s" } } } }"#,
        "no end",
    ),
    (r#"{ "show_job": { "job": "j" } }"#, "401 with APIGW.0301"),
];

#[test]
fn no_wrong_expectation_passes() {
    let folder = folder("must-fail");
    let submit = r#"{ "add_members": { "token": "studio", "images": ["web"], "projects": ["lab"], "save": "j" } }"#;
    for (number, (step, named)) in MUST_FAIL.iter().enumerate() {
        let text = scenario(&format!("{submit},\n{step}"));
        let slow = text
            .replace("\"steps\"", "\"timing\": { \"init\": { \"fixed\": \"1h\" } },\n\"steps\"");
        let file = format!("wrong-{number}.json");
        fs::write(folder.join(&file), slow).expect("written");
        check(&folder, &["replay", &file], 1, &["steps[1]", named, "0 passed, 1 failed"], &[]);
    }
}

#[test]
fn a_broken_file_ends_with_2_and_its_line_and_column_and_the_others_still_run() {
    let folder = folder("broken");
    let broken = scenario(GOOD).replace("list_members", "list_member");
    fs::write(folder.join("broken.json"), broken).expect("written");
    fs::write(folder.join("good.json"), scenario(GOOD)).expect("written");
    let message = "broken.json:8:19: steps[0]: unknown variant `list_member`";
    check(
        &folder,
        &["replay", "."],
        2,
        &["passed", "1 passed, 0 failed, 1 could not run"],
        &[message],
    );
}

#[test]
fn what_cannot_run_ends_with_2_and_says_why() {
    let folder = folder("cannot");
    fs::write(folder.join("a.json"), scenario(GOOD)).expect("written");
    fs::write(folder.join("b.json"), scenario(GOOD)).expect("written");
    fs::write(folder.join("latin1.json"), b"{\"about\": \"\xe9\"}").expect("written");
    let misnamed = scenario(GOOD).replace("\"images\"", "\"image\"");
    fs::write(folder.join("misnamed.json"), misnamed).expect("written");
    fs::create_dir_all(folder.join("empty")).expect("created");
    let check = |arguments: &[&str], err: &[&str]| check(&folder, arguments, 2, &[], err);
    check(&["replay", "none.json"], &["none.json: No such file"]);
    check(&["replay", "empty"], &["empty: the folder holds no scenario"]);
    check(&["replay", "latin1.json"], &["latin1.json: byte 11 is not UTF-8"]);
    check(&["replay", "a.json", "b.json", "--trace", "t"], &["--trace takes one scenario"]);
    check(&["replay", "a.json", "--trace", "no/such/folder"], &["cannot write no/such/folder"]);
    check(&["replay", "a.json", "--shards", "0"], &["0 is not in 1..=64"]);
    check(&["replay"], &["Usage:"]);
    check(&["serve", "none.json"], &["none.json: No such file"]);
    check(&["serve", "a.json", "--addr", "nowhere"], &["cannot listen on nowhere"]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = listener.local_addr().expect("it listens").to_string();
    let reason = format!("cannot listen on {taken}: Address already in use");
    check(&["serve", "a.json", "--addr", &taken], &[&reason]);
    let (free, own) = ("127.0.0.1:0", "--admin-addr");
    check(&["serve", "a.json", "--addr", free, own, &taken], &[&reason]);
    check(&["serve", "a.json", "--addr", free, own, "nowhere"], &["cannot listen on nowhere"]);
    check(&["serve", "a.json", "--admin-token", ""], &["a value is required for '--admin-token"]);
    let blanks = "a token is sent in a header: printable ASCII without blanks";
    check(&["serve", "a.json", "--admin-token", "two words"], &[blanks]);
    check(&["serve", "a.json", "--admin-token", "ü"], &[blanks]);
    check(&["serve", "misnamed.json"], &["misnamed.json:5:11: world.image: unknown field `image`"]);
    check(&["serve", "a.json", "--keep-for", "soon"], &["`soon` is not a duration"]);
    let modes =
        "a clock is one of frozen, real, xN, auto, auto-per-poll; N is from 0.001 to 1000000";
    check(&["serve", "--clock", "fast"], &["'fast' for '--clock <MODE>'", modes]);
    check(&["serve", "--clock", "x0"], &[modes]);
    check(&["serv"], &["similar subcommand exists: 'serve'"]);
}

#[test]
fn a_run_that_cannot_begin_empties_no_file() {
    let folder = folder("kept");
    let keep = |name: &str, text: &str| fs::write(folder.join(name), text).expect("written");
    keep("good.json", &scenario(GOOD));
    keep("bad.json", "{");
    keep("old.jsonl", "the trace of yesterday");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let check = |arguments: &[&str], err: &str| check(&folder, arguments, 2, &[], &[err]);
    check(&["replay", "bad.json", "--trace", "old.jsonl"], "bad.json:1:1");
    check(&["serve", "good.json", "--addr", &address, "--trace", "old.jsonl"], "cannot listen");
    check(&["replay", "good.json", "--trace", "./good.json"], "would overwrite the scenario");
    check(&["serve", "good.json", "--trace", "good.json"], "would overwrite the scenario");
    let twice = ["serve", "--trace", "new", "--record", "./new"];
    check(&twice, "--trace and --record name the same file");
    keep("key.pem", "a key");
    let key =
        ["serve", "--tls-cert", "bad.json", "--tls-key", "key.pem", "--ready-file", "key.pem"];
    check(&key, "key.pem would overwrite --tls-key");
    let given =
        ["serve", "--tls-cert", "bad.json", "--tls-key", "key.pem", "--tls-cert-out", "new"];
    check(&given, "cannot be used with");
    assert_eq!(fs::read_to_string(folder.join("key.pem")).expect("still there"), "a key");
    assert!(!folder.join("new").exists());
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("still there");
    assert_eq!(read("old.jsonl"), "the trace of yesterday");
    assert_eq!(read("good.json"), scenario(GOOD));
    // A shorter trace leaves nothing of a longer one behind.
    keep("old.jsonl", &"x".repeat(100_000));
    let arguments = ["replay", "good.json", "--trace", "old.jsonl"];
    assert_eq!(imsim(&folder, &arguments).status.code(), Some(0));
    assert!(!read("old.jsonl").contains("xx"));
}

#[test]
fn an_output_that_cannot_be_written_is_no_panic() {
    let folder = folder("output");
    fs::write(folder.join("good.json"), scenario(GOOD)).expect("written");
    let shell = |command: &str| {
        let program = env!("CARGO_BIN_EXE_imsim");
        let command = command.replace("imsim", program);
        let mut bash = Command::new("bash");
        bash.current_dir(&folder).args(["-c", &command]).output().expect("there is a bash")
    };
    let full = shell("imsim replay good.json > /dev/full");
    assert_eq!(full.status.code(), Some(2));
    let said = String::from_utf8_lossy(&full.stderr).into_owned();
    assert!(said.contains("cannot write to standard output"), "{said}");
    let gone = shell("(sleep 0.2; imsim replay good.json; echo $? >&2) | true");
    assert_eq!(String::from_utf8_lossy(&gone.stderr), "0\n");
}

#[cfg(unix)]
#[test]
fn a_folder_with_links_back_pipes_and_dead_links_is_searched_to_an_end() {
    let folder = folder("odd");
    let _ = fs::remove_dir_all(folder.join("in"));
    fs::create_dir_all(folder.join("in/deep")).expect("created");
    fs::write(folder.join("in/deep/good.json"), scenario(GOOD)).expect("written");
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, folder.join("in").join(name)).expect("linked");
    };
    link(".", "again");
    link("..", "deep/up");
    link("/dev/zero", "zero.json");
    check(&folder, &["replay", "in"], 0, &["1 scenario: 1 passed, 0 failed\n"], &[]);
    link("nowhere", "dead.json");
    let out = ["2 scenarios: 1 passed, 0 failed, 1 could not run"];
    check(&folder, &["replay", "in"], 2, &out, &["in/dead.json: No such file"]);
    check(&folder, &["replay", "/dev/zero"], 2, &[], &["/dev/zero: longer than 67108864 bytes"]);
}

#[test]
fn the_trace_is_the_same_to_the_byte() {
    let folder = folder("trace");
    let crash = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios/faults-workers/worker-crash-restarted.json");
    let crash = crash.to_str().expect("the path is text");
    let trace = |name: &str, shards: &str| {
        let arguments = ["replay", crash, "--shards", shards, "--trace", name];
        check(&folder, &arguments, 0, &[], &[]);
        fs::read_to_string(folder.join(name)).expect("the trace was written")
    };
    let first = trace("one.jsonl", "1");
    assert_eq!(first, trace("two.jsonl", "1"));
    assert_eq!(first, trace("eight.jsonl", "8"));
    assert!(first.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert!(first.contains("\"event\":\"worker_died\""));
}

#[test]
fn help_teaches_every_command_with_an_example() {
    let folder = folder("help");
    check(&folder, &["--help"], 0, &["Exit codes:", "imsim replay scenarios/"], &[]);
    check(
        &folder,
        &["serve", "--help"],
        0,
        &["Examples:", "127.0.0.1:8787]", "429", "auto-per-poll"],
        &[],
    );
    check(&folder, &["replay", "--help"], 0, &["Examples:", "--trace <FILE>", "from 1 to 64"], &[]);
}

#[test]
fn a_server_that_cannot_have_its_descriptors_says_so_and_nothing_else() {
    let limited = |limit: u32, shards: &str, arguments: &[&str]| {
        let mut command = Command::new("bash");
        let script = format!("ulimit -n {limit}; exec \"$@\"");
        command.args(["-c", &script, "imsim", env!("CARGO_BIN_EXE_imsim"), "serve"]);
        command.args(["--addr", "127.0.0.1:0", "--shards", shards]).args(arguments);
        let output = command.env("RUST_BACKTRACE", "0").output().expect("the program was built");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // Without the look beforehand each of these died in another part of the start.
    let table: [(u32, &str, &[&str], &str); 4] = [
        (8, "2", &[], "48 file descriptors that 2 shards need"),
        (13, "1", &[], "40 file descriptors that 1 shard needs"),
        (18, "2", &[], "48 file descriptors that 2 shards need"),
        (24, "2", &["--admin-addr", "127.0.0.1:0"], "48 file descriptors that 2 shards need"),
    ];
    for (limit, shards, arguments, needed) in table {
        let expected = format!(
            "imsim: cannot open the {needed}: Too many open files (os error 24); raise the limit \
             (ulimit -n), or say fewer --shards\n"
        );
        assert_eq!(limited(limit, shards, arguments), (Some(2), expected), "{limit}");
    }
}
