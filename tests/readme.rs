//! Runs every console block of the README and compares what it prints.
//!
//! `cargo run --` stands for the built program, and the port is a free one. A command that serves goes on
//! in the background; the others, and those that end with `&`, run one after the other in one shell. Ids, times and durations are
//! masked before the comparison. `UPDATE_EXPECT=1` writes what was printed into the README.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use imsim::api::Operation;
use regex::Regex;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const PORT: &str = "8787";
/// Ends the output of each command in the shell.
const MARK: &str = "--- end of output ---";

/// A piece of the README: text to keep, or a command with the output beneath it.
enum Piece {
    Text(String),
    Command(String),
}

/// Splits the README; what stands below a command in a console block is its output and is left out.
fn pieces(readme: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match line.strip_prefix("$ ") {
            Some(command) if inside => pieces.push(Piece::Command(command.to_owned())),
            _ if line.starts_with("```") => {
                inside = line == "```console";
                pieces.push(Piece::Text(line.to_owned()));
            }
            _ if inside => {}
            _ => pieces.push(Piece::Text(line.to_owned())),
        }
    }
    pieces
}

/// Servers that go on in the background; they end with the test.
#[derive(Default)]
struct Servers(Vec<Child>);

impl Drop for Servers {
    fn drop(&mut self) {
        for server in &mut self.0 {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Servers {
    /// Starts a server on a free port and returns what it prints at first, and its port.
    fn start(&mut self, command: &str) -> (String, String) {
        let mut words = command.split_whitespace().skip_while(|word| *word != "serve");
        let mut serve = Command::new(env!("CARGO_BIN_EXE_imsim"));
        serve.arg(words.next().expect("a command that serves")).args(words);
        if !command.contains("--addr") {
            serve.args(["--addr", "127.0.0.1:0"]);
        }
        serve.current_dir(env!("CARGO_MANIFEST_DIR")).stdout(Stdio::piped());
        let mut server = serve.spawn().expect("the program was built");
        let text = first_output(server.stdout.take().expect("it is piped"));
        self.0.push(server);
        let port = Regex::new(r"http://127\.0\.0\.1:(\d+)").expect("a good pattern");
        let port = port.captures(&text).expect("it prints where it listens")[1].to_owned();
        (text, port)
    }
}

/// What a server prints before it waits for requests: it ends with the second empty line after "try".
fn first_output(stdout: ChildStdout) -> String {
    let mut text = String::new();
    let mut tried = false;
    for line in BufReader::new(stdout).lines() {
        let line = line.expect("it prints text");
        if tried && line.is_empty() {
            break;
        }
        tried |= line == "try";
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Runs commands one after the other in one shell and returns the output of each.
fn run_in_shell(commands: &[String]) -> Vec<String> {
    let program = format!("{} ", env!("CARGO_BIN_EXE_imsim"));
    let mut script = String::from("exec 2>&1\n");
    for command in commands {
        script.push_str(&command.replace("cargo run -- ", &program));
        script.push_str(&format!("\necho; echo '{MARK}'\n"));
    }
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(&script).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = shell.output().expect("there is a bash");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mark = format!("{MARK}\n");
    let parts = text.split(&mark).map(|part| part.trim_end().to_owned());
    parts.take(commands.len()).collect()
}

/// Whether a command serves in the foreground; one in the background is the shell's own.
fn serves(command: &str) -> bool {
    let serves = command.starts_with("cargo run -- serve");
    serves && !command.contains("--help") && !command.ends_with('&')
}

/// Renders the README with the output that its commands have now.
fn rendered(readme: &str) -> String {
    let mut servers = Servers::default();
    let mut started = Vec::new();
    let mut port = None;
    let pieces = pieces(readme);
    let mut in_shell = Vec::new();
    for piece in &pieces {
        let Piece::Command(command) = piece else { continue };
        if serves(command) {
            let (text, its_port) = servers.start(command);
            started.push(text.replace(&its_port, PORT));
            port.get_or_insert(its_port);
        } else {
            let port = port.as_deref().unwrap_or(PORT);
            in_shell.push(command.replace(PORT, port));
        }
    }
    let actual = port.as_deref().unwrap_or(PORT);
    let (mut started, mut outputs) = (started.into_iter(), run_in_shell(&in_shell).into_iter());
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(line) => text.push_str(&(line + "\n")),
            Piece::Command(command) => {
                let output = if serves(&command) { started.next() } else { outputs.next() };
                let output = output
                    .expect("every command was run")
                    .replace(&format!(":{actual}"), &format!(":{PORT}"));
                text.push_str(&format!("$ {command}\n"));
                if !output.trim().is_empty() {
                    text.push_str(output.trim_end());
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// Puts a word in place of what differs from run to run.
fn masked(text: &str) -> String {
    let masks = [
        (r"[0-9a-f]{32}", "<id>"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
        (r"real +[0-9.]+ms", "real <ms>"),
        (r"\d+ shards", "<n> shards"),
        (r#""pid":\d+"#, r#""pid":<pid>"#),
        (r"127\.0\.0\.1:\d+", "<address>"),
    ];
    masks.iter().fold(text.to_owned(), |text, (pattern, word)| {
        Regex::new(pattern).expect("a good pattern").replace_all(&text, *word).into_owned()
    })
}

#[test]
fn every_console_block_of_the_readme_prints_what_it_shows() {
    let readme = fs::read_to_string(Path::new(README)).expect("there is a README");
    let now = rendered(&readme);
    if masked(&now) == masked(&readme) {
        return;
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(README, &now).expect("the README can be written");
    } else {
        // Only to show the difference: the masked texts, one against the other.
        let expected = masked(&readme);
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme-masked.md");
        fs::write(&file, &expected).expect("the build's folder can be written");
        expect_test::expect_file![file].assert_eq(&masked(&now));
    }
}

#[test]
fn the_readme_lists_every_operation() {
    let readme = fs::read_to_string(README).expect("there is a README");
    let served = Operation::ALL.into_iter().filter(|operation| *operation != Operation::Unknown);
    for operation in served {
        let (method, path) = (operation.method().unwrap_or_default(), operation.path());
        let row = format!("| `{method} {path}` | `{}` | ", operation.name());
        let line = readme.lines().find(|line| line.starts_with(&row));
        assert!(line.is_some_and(|line| line.ends_with(" | yes |")), "no row begins with {row}");
    }
}
