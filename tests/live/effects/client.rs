//! Two clients that tell exactly what they see: a bare socket, and curl.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

/// How long a client waits before it calls the server hung.
const PATIENCE: Duration = Duration::from_secs(20);

/// A bare socket.
pub(crate) struct Wire {
    stream: TcpStream,
    /// Whether a reset was met while something was sent: the kernel tells of it once, and what is read
    /// afterwards looks like a plain end.
    was_reset: bool,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With a plain end.
    Closed,
    /// With a reset.
    Reset,
}

impl Wire {
    pub(crate) fn open(address: SocketAddr) -> Self {
        Self::try_open(address).expect("it listens")
    }

    /// A server that resets what it accepts may do so before this ends.
    pub(crate) fn try_open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, was_reset: false })
    }

    /// A client for whom the kernel holds little, so that the server notices when he does not read.
    pub(crate) fn with_small_buffer(address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None);
        let socket = socket.expect("there are descriptors");
        socket.set_recv_buffer_size(4_096).expect("it can be set");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        socket.connect(&address.into()).expect("it listens");
        Self { stream: socket.into(), was_reset: false }
    }

    /// Sends bytes as they are; a server that already closed does not matter here.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        if let Err(error) = self.stream.write_all(bytes.as_ref()) {
            self.was_reset |= error.kind() == ErrorKind::ConnectionReset;
        }
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish(&mut self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
    }

    /// Closes with a reset.
    pub(crate) fn reset(self) {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).expect("it is open");
    }

    /// Asks for something as `owner`.
    pub(crate) fn get(&mut self, path: &str) {
        self.send(get(path));
    }

    /// The next bytes.
    pub(crate) fn read(&mut self, length: usize) -> String {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).expect("so many bytes come");
        String::from_utf8(bytes).expect("text")
    }

    /// The head of the next answer, without the body.
    pub(crate) fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push_str(&self.read(1));
        }
        head
    }

    /// Everything until the end, and what the end is.
    pub(crate) fn rest(&mut self) -> (Vec<u8>, End) {
        let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) if self.was_reset => return (all, End::Reset),
                Ok(0) => return (all, End::Closed),
                Ok(length) => all.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                    return (all, End::Reset);
                }
                Err(error) => panic!("after {} bytes: {error}", all.len()),
            }
        }
    }

    /// Whether nothing has come: no byte and no end.
    pub(crate) fn is_silent(&self) -> bool {
        self.stream.set_nonblocking(true).expect("it can be set");
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false).expect("it can be set");
        peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}

/// A request of `owner`.
pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: owner\r\n\r\n")
}

/// What an answer's head says under this name.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// Splits an answer; the body is what came of it.
pub(crate) fn split(answer: &[u8]) -> (String, usize) {
    let text = String::from_utf8_lossy(answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {text:?}"));
    (head.to_owned(), body.len())
}

/// curl on its way.
pub(crate) struct Curl(Child);

/// What curl says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Curled {
    pub(crate) exit: i32,
    pub(crate) status: u16,
    /// Bytes of the body.
    pub(crate) length: usize,
}

impl Curl {
    /// Asks for something as `owner`.
    pub(crate) fn get(address: SocketAddr, path: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new("curl");
        command.args(["--silent", "--noproxy", "*", "--output", "/dev/null"]);
        command.args(["--header", "X-Auth-Token: owner"]);
        command.args(["--write-out", "%{http_code} %{size_download}"]).args(arguments);
        command.arg(format!("http://{address}{path}")).stdout(Stdio::piped());
        Self(command.spawn().expect("curl is installed"))
    }

    /// Whether it still waits.
    pub(crate) fn waits(&mut self) -> bool {
        self.0.try_wait().expect("it is ours").is_none()
    }

    pub(crate) fn end(self) -> Curled {
        let output = self.0.wait_with_output().expect("it is ours");
        let text = String::from_utf8(output.stdout).expect("text");
        let mut numbers = text.split(' ').map(|word| word.parse::<usize>().expect("a number"));
        let mut number = || numbers.next().expect("two numbers");
        let status = u16::try_from(number()).expect("a status");
        let exit = output.status.code().expect("no signal");
        Curled { exit, status, length: number() }
    }
}
