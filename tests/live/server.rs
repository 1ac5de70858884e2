//! The built program as a child process, and raw connections to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// How long a test waits for an answer before it calls the server hung.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; killed when dropped, unless it was stopped.
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Where its standard error goes; a pipe that nobody reads could fill and stop the server.
    stderr: PathBuf,
    pub(crate) address: SocketAddr,
    /// Where the admin API is.
    pub(crate) admin: SocketAddr,
    scheme: &'static str,
}

/// How a server ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// What it printed after the welcome.
    pub(crate) stdout: String,
}

impl Server {
    /// Serves a scenario on a free port.
    pub(crate) fn start(name: &str, scenario: &Value, arguments: &[&str]) -> Self {
        Self::start_in(&[], name, scenario, arguments)
    }

    /// The same with these variables in its environment.
    pub(crate) fn start_in(
        environment: &[(&str, &str)],
        name: &str,
        scenario: &Value,
        arguments: &[&str],
    ) -> Self {
        // It starts with few descriptors, so that only a server that raises its limit holds the tests' load.
        Self::launch("-S -n 256", environment, name, scenario, arguments)
    }

    /// The same with no more than so many descriptors.
    pub(crate) fn start_with(
        descriptors: u64,
        name: &str,
        scenario: &Value,
        arguments: &[&str],
    ) -> Self {
        Self::launch(&format!("-n {descriptors}"), &[], name, scenario, arguments)
    }

    fn launch(
        limit: &str,
        environment: &[(&str, &str)],
        name: &str,
        scenario: &Value,
        arguments: &[&str],
    ) -> Self {
        let file = scenario_file(name, scenario);
        let mut command = Command::new("bash");
        let limited = format!("ulimit {limit}; exec \"$@\"");
        command.args(["-c", &limited, "imsim", env!("CARGO_BIN_EXE_imsim")]);
        command.arg("serve").arg(file).args(["--addr", "127.0.0.1:0"]).args(arguments);
        let stderr = temporary(&format!("live-{name}.stderr"));
        let errors = std::fs::File::create(&stderr).expect("the build's folder can be written");
        command.envs(environment.iter().copied()).stdout(Stdio::piped()).stderr(errors);
        let mut child = command.spawn().expect("the program was built");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let scheme = if arguments.contains(&"--tls") { "https" } else { "http" };
        let mut address = |before: &str, behind: &str| loop {
            let mut line = String::new();
            assert!(stdout.read_line(&mut line).expect("text") > 0, "{name}: it did not start");
            let before = format!("{before} {scheme}://");
            let found = line.trim().strip_prefix(&before).and_then(|it| it.strip_suffix(behind));
            if let Some(address) = found {
                break address.parse().expect("an address");
            }
        };
        let service = address("listening on", "");
        let admin = address("admin API on", "/__admin");
        Self { child, stdout, stderr, address: service, admin, scheme }
    }

    /// The beginning of its URLs.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The beginning of the URLs of its admin API.
    pub(crate) fn admin_url(&self) -> String {
        format!("{}://{}", self.scheme, self.admin)
    }

    /// Sends a signal by its name, to this process alone.
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &pid]).status();
        assert!(sent.expect("there is a kill").success());
    }

    /// Waits for the end that a signal brought about, and checks that no thread panicked until then: a
    /// panic in a handler only closes its connection, so a client may not notice it.
    pub(crate) fn wait(mut self) -> Ended {
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).expect("it prints text");
        let code = self.child.wait().expect("it is ours").code();
        let errors = std::fs::read_to_string(&self.stderr).expect("the log is text");
        assert!(!errors.contains("panicked"), "{errors}");
        Ended { code, stdout }
    }

    /// Stops the server as Ctrl-C does, and checks that every accepted job ended.
    pub(crate) fn stop(self) -> Ended {
        self.signal("INT");
        let ended = self.wait();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let (accepted, done) = ended.counts();
        assert_eq!(accepted, done, "accepted jobs end");
        ended
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.address)
    }

    /// A connection to the admin API.
    pub(crate) fn connect_admin(&self) -> Connection {
        Connection::open(self.admin)
    }

    /// One request on a connection of its own.
    pub(crate) fn call(&self, method: &str, path: &str, token: &str, body: &str) -> Answer {
        self.connect().call(method, path, token, body)
    }

    /// How many descriptors the server has open.
    pub(crate) fn descriptors(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.child.id());
        std::fs::read_dir(folder).expect("a Linux").count()
    }

    /// How many bytes of memory the server has.
    pub(crate) fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("a Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        let kilobytes = line.trim().strip_suffix(" kB").map(str::parse::<usize>);
        1_024 * kilobytes.and_then(Result::ok).unwrap_or_else(|| panic!("{line}"))
    }
}

impl Ended {
    /// Jobs accepted and jobs ended, from the line that the server prints when it stops.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let line = self.stdout.lines().find(|line| line.starts_with("jobs:")).expect("its counts");
        let number = |place: usize| {
            line.split(|c: char| !c.is_ascii_digit()).filter(|w| !w.is_empty()).nth(place)
        };
        let read = |place| number(place).and_then(|n| n.parse().ok()).expect("a number");
        (read(0), read(1))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn scenario_file(name: &str, scenario: &Value) -> PathBuf {
    let file = temporary(&format!("live-{name}.json"));
    std::fs::write(&file, scenario.to_string()).expect("the build's folder can be written");
    file
}

/// A connection on which anything can be sent.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

/// An HTTP answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) text: String,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.set_nodelay(true).expect("it can be set");
        Self { stream: BufReader::new(stream) }
    }

    /// Sends bytes as they are; a server that already closed does not matter here.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.get_mut().write_all(bytes);
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish(&mut self) {
        let _ = self.stream.get_mut().shutdown(std::net::Shutdown::Write);
    }

    /// Sends a well-formed request.
    pub(crate) fn request(&mut self, method: &str, path: &str, token: &str, body: &str) {
        let length = body.len();
        let token =
            if token.is_empty() { String::new() } else { format!("X-Auth-Token: {token}\r\n") };
        self.send(
            format!("{method} {path} HTTP/1.1\r\nHost: t\r\n{token}Content-Length: {length}\r\n\r\n{body}")
                .as_bytes(),
        );
    }

    /// The next answer; `None` if the server closed without one.
    ///
    /// # Panics
    /// If nothing comes for [`PATIENCE`]: the server hangs.
    pub(crate) fn answer(&mut self) -> Option<Answer> {
        let mut head = String::new();
        loop {
            match self.stream.read_line(&mut head) {
                Ok(0) => return None,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("no answer"),
                Err(_) => return None,
                Ok(_) if head.ends_with("\r\n\r\n") => break,
                Ok(_) => {}
            }
        }
        let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
        let mut answer = Answer { status, head, text: String::new() };
        // An answer without content says so by its status alone.
        let length =
            if status == 204 { 0 } else { answer.header("content-length")?.parse().ok()? };
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        answer.text = String::from_utf8_lossy(&body).into_owned();
        Some(answer)
    }

    pub(crate) fn call(&mut self, method: &str, path: &str, token: &str, body: &str) -> Answer {
        self.request(method, path, token, body);
        self.answer().expect("an answer")
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named =
            |line: &&str| line.split(':').next().is_some_and(|n| n.eq_ignore_ascii_case(name));
        self.head.lines().find(named)?.split_once(':').map(|(_, value)| value.trim())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The id of the job that was accepted.
    pub(crate) fn job(&self) -> String {
        let id = self.json()["job_id"].as_str().map(str::to_owned);
        id.unwrap_or_else(|| panic!("no job: {self:?}"))
    }
}
