//! The load driver as people use it: the command, its exit codes, its reports.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use imsim::Simulator;
use imsim::load::report_form::{Ended, LoadReport};

/// A file of this test's own.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("load-{name}"))
}

fn load(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imsim"));
    command.arg("load").args(args).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&all).into_owned()
}

/// Runs the command, and gives its report.
fn report(name: &str, args: &[&str], code: i32) -> LoadReport {
    let path = file(name);
    let report = format!("json={}", path.display());
    let output = load(args).args(["--report", &report]).output().expect("the program was built");
    assert_eq!(output.status.code(), Some(code), "{}", text(&output));
    read(&path)
}

fn read(path: &Path) -> LoadReport {
    let text = std::fs::read_to_string(path).expect("the report was written");
    serde_json::from_str(&text).expect("it is a report")
}

/// The whole minute with `IMSIM_FULL=1`, else a few seconds of it.
#[test]
fn a_fifth_of_everything_goes_wrong_and_nothing_is_lost_or_invented() {
    let full = std::env::var_os("IMSIM_FULL").is_some();
    let duration = if full { "1m" } else { "3s" };
    let scenario = "scenarios/load/faults-of-all-kinds.json";
    let report = report("faults.json", &[scenario, "--duration", duration, "--quiet"], 0);
    let planned = if full { 6_000 } else { 300 };
    assert_eq!(report.transactions.planned, planned);
    assert!(report.audit.done && report.held, "{:?}", report.audit);
    assert_eq!(report.audit.total(), 0, "{:?}", report.audit);
    assert!(report.audit.jobs > planned / 4 && report.audit.memberships > planned);
    assert!(report.audit.ambiguous > 0, "some answers were lost behind the work");
    assert!(report.rules.len() > 10, "{:?}", report.rules);
    let ended: Vec<u64> = vec![report.jobs.succeeded, report.jobs.failed, report.jobs.given_up];
    assert!(ended.iter().all(|count| *count > 0), "{ended:?}");
    assert_eq!(ended.iter().sum::<u64>(), report.jobs.accepted);
}

#[test]
fn a_threshold_decides_and_can_end_the_run() {
    let short = ["--rate", "50", "--duration", "1s", "--quiet", "--mix", "show_quota"];
    let held = [&short[..], &["--threshold", "p99 < 10s", "--threshold", "show_quota count = 50"]];
    let report_of_held = report("held.json", &held.concat(), 0);
    assert!(report_of_held.thresholds.iter().all(|threshold| threshold.held));
    let failed = [&short[..], &["--threshold", "show_quota count = 51"]];
    let report_of_failed = report("failed.json", &failed.concat(), 1);
    assert!(!report_of_failed.held && report_of_failed.ended == Ended::Finished);
    let long = ["--rate", "50", "--duration", "10m", "--quiet", "--mix", "show_quota"];
    let aborted = [&long[..], &["--threshold", "show_quota count < 20", "--abort-early"]];
    let report = report("aborted.json", &aborted.concat(), 1);
    assert_eq!(report.ended, Ended::Aborted);
    assert!(report.audit.done);
}

#[test]
fn ctrl_c_ends_it_with_the_report_so_far() {
    stopped_by("-INT", "interrupted");
}

#[test]
fn what_service_managers_send_ends_it_in_the_same_way() {
    stopped_by("-TERM", "terminated");
}

fn stopped_by(signal: &str, name: &str) {
    let path = file(&format!("{name}.json"));
    let json = format!("json={}", path.display());
    let page = file(&format!("{name}.html"));
    let html = format!("html={}", page.display());
    let args = ["--rate", "50", "--duration", "10m", "--report", &json, "--report", &html];
    let mut child = load(&args).spawn().expect("the program was built");
    // The first line is there when the run goes on.
    let mut line = [0_u8; 1];
    let stderr = child.stderr.as_mut().expect("it is piped");
    std::io::Read::read_exact(stderr, &mut line).expect("it tells how it goes");
    let pid = child.id().to_string();
    let killed = Command::new("kill").args([signal, &pid]).status().expect("there is a kill");
    assert!(killed.success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let report = read(&path);
    assert_eq!(report.ended, Ended::Interrupted);
    assert!(report.transactions.finished > 0 && report.audit.done);
    assert_eq!(report.transactions.in_flight, 0);
    let html = std::fs::read_to_string(page).expect("it was written, too");
    assert!(html.contains("<svg"));
}

#[test]
fn a_run_is_compared_with_an_earlier_one() {
    let args = ["--rate", "400", "--duration", "1s", "--quiet", "--mix", "show_quota"];
    let before = report("before.json", &args, 0);
    let path = file("before.json");
    // Latencies of two runs differ on a busy machine; a factor of a hundred is none of its doing.
    let path = path.to_str().expect("a plain path");
    let same = [&args[..], &["--baseline", path, "--regression", "10000%"]].concat();
    let now = report("same.json", &same, 0);
    let comparison = now.baseline.expect("it was compared");
    assert!(comparison.held && !comparison.figures.is_empty(), "{comparison:?}");
    let mut better = before;
    better.transactions.per_second *= 3.0;
    let text = serde_json::to_string(&better).expect("it is JSON");
    std::fs::write(file("better.json"), text).expect("it can be written");
    let better = file("better.json");
    let better = better.to_str().expect("a plain path");
    let worse = [&args[..], &["--baseline", better, "--regression", "50%"]].concat();
    let now = report("worse.json", &worse, 1);
    let comparison = now.baseline.expect("it was compared");
    let failed: Vec<&str> =
        comparison.figures.iter().filter(|it| !it.held).map(|it| it.name.as_str()).collect();
    assert!(failed.contains(&"transactions per second"), "{comparison:?}");
}

#[test]
fn a_server_that_runs_is_loaded_with_the_world_that_it_has() {
    let service = Simulator::builder().shards(2).start().expect("there is a free port");
    let url = service.url();
    let mix = "add_members=2,delete_members=2,show_image=1,list_members=1";
    let args = [
        "--target",
        &url,
        "--rate",
        "40",
        "--duration",
        "1s",
        "--mix",
        mix,
        "--projects-per-batch",
        "1",
        "--quiet",
    ];
    let report = report("target.json", &args, 0);
    assert!(!report.target.own && report.target.simulator);
    assert_eq!(report.transactions.planned, 40);
    assert!(report.audit.done && report.audit.memberships > 0, "{:?}", report.audit);
    assert_eq!(report.jobs.accepted, report.jobs.succeeded + report.jobs.failed);
    // The server has it all in its journal, as from any client.
    let counters = service.admin("GET", "/counters", "").expect("it tells");
    let calls: u64 = counters["calls"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| row["count"].as_u64())
        .sum();
    assert_eq!(calls, report.requests.count);
}

/// Answers everything with 200 and a page, as a proxy or a wrong port does, until the test ends.
#[expect(clippy::disallowed_methods, reason = "it stands for a server somewhere else")]
fn says_yes_to_everything() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let url = format!("http://{}", listener.local_addr().expect("it has one"));
    let answer = |mut stream: std::net::TcpStream| {
        let page = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\n<p>yes";
        let _ = std::io::Read::read(&mut stream, &mut [0_u8; 4_096]);
        let _ = std::io::Write::write_all(&mut stream, page.as_bytes());
    };
    std::thread::spawn(move || listener.incoming().flatten().for_each(answer));
    url
}

/// A server that is no simulator, and never answers anything but that; tells when it was asked anything else.
#[expect(clippy::disallowed_methods, reason = "it stands for a server somewhere else")]
fn says_nothing() -> (String, std::sync::mpsc::Receiver<()>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let url = format!("http://{}", listener.local_addr().expect("it has one"));
    let (tell, asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let mut head = [0_u8; 4_096];
            let read = std::io::Read::read(&mut stream, &mut head).unwrap_or(0);
            if String::from_utf8_lossy(&head[..read]).contains(" /__admin") {
                let none =
                    b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
                let _ = std::io::Write::write_all(&mut stream, none);
            } else {
                kept.push(stream);
                let _ = tell.send(());
            }
        }
    });
    (url, asked)
}

#[test]
fn ctrl_c_ends_it_while_memberships_are_read_at_the_start() {
    let (url, asked) = says_nothing();
    let path = file("never-begun.json");
    let json = format!("json={}", path.display());
    let scenario = "scenarios/load/hundred-by-hundred.json";
    let args = [scenario, "--target", &url, "--duration", "10m", "--quiet", "--report", &json];
    let child = load(&args).spawn().expect("the program was built");
    asked.recv().expect("it asks for members");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("there is a kill").success());
    let output = child.wait_with_output().expect("it ends");
    let report = read(&path);
    assert_eq!(report.ended, Ended::Interrupted, "{}", text(&output));
    assert_eq!((report.transactions.planned, report.requests.count), (0, 0));
    let why_not = report.audit.why_not.unwrap_or_default();
    assert!(why_not.contains("before the load began"), "{why_not}");
    assert!(!report.held);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
}

#[test]
fn a_server_of_which_nothing_can_be_compared_does_not_hold() {
    let url = says_yes_to_everything();
    let scenario = "scenarios/load/hundred-by-hundred.json";
    let args =
        [scenario, "--target", &url, "--rate", "20", "--duration", "500ms", "--mix", "add_members"];
    let report = report("nothing-compared.json", &[&args[..], &["--quiet"]].concat(), 1);
    assert!(!report.held && !report.audit.done, "{:?}", report.audit);
    assert_eq!(report.requests.errors, report.requests.count);
    assert_eq!(report.kinds[0].outcomes[0].outcome, "unreadable");
    assert_eq!((report.audit.jobs, report.audit.memberships, report.audit.total()), (0, 0, 0));
    assert!(report.audit.ambiguous > 0 && report.audit.why_not.is_some(), "{:?}", report.audit);
}

#[test]
fn what_cannot_be_run_says_why() {
    let check = |args: &[&str], says: &str| {
        let output = load(args).output().expect("the program was built");
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output));
        assert!(text(&output).contains(says), "{args:?}: {}", text(&output));
    };
    check(&["--target", "http://127.0.0.1:1", "--duration", "1s"], "cannot be reached");
    check(&["--rate", "fast"], "`fast` is not a number, or stages");
    check(&["--rate", "5", "--users", "5"], "cannot be used with");
    check(&["--mix", "add_member=1,add_membres=2"], "did you mean `add_members`?");
    check(&["--threshold", "p99 < 20"], "20");
    check(&["no-such-file.json"], "no-such-file.json");
}
