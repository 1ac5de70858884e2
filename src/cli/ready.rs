//! What a program is told that started a server and waits for it: where it is, and what is in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::output_file::OutputFile;
use crate::http::admin::PREFIX;
use crate::scenario::Contents;
use crate::seed::Seed;
use crate::simulator::live::{LiveServer, reachable};

/// How programs learn that the server is ready.
#[derive(Debug, Args)]
#[command(next_help_heading = "For test harnesses")]
pub(super) struct ReadyArgs {
    /// As soon as the server listens, write to this file where, and what is in its world, as one JSON object; it
    /// appears whole, and goes when the server stops
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,

    /// Print the same as one line, in place of the welcome
    #[arg(long)]
    pub(super) ready_json: bool,
}

/// The file that says that a server is ready.
pub(super) struct ReadyFile {
    path: PathBuf,
    file: Option<OutputFile>,
    written: Option<String>,
}

impl ReadyArgs {
    /// The file that is written.
    pub(super) fn file(&self) -> Option<&Path> {
        self.ready_file.as_deref()
    }

    /// Makes sure that the file can be written. One from before goes, since whoever waits for it would take
    /// it for that of this server.
    ///
    /// # Errors
    /// A sentence for people.
    pub(super) fn prepare(&self, scenario: Option<&Path>) -> Result<Option<ReadyFile>, String> {
        let Some(path) = self.ready_file.clone() else { return Ok(None) };
        let file = Some(OutputFile::prepare("--ready-file", &path, scenario)?);
        let ready = ReadyFile { path, file, written: None };
        if ready.path.is_file() {
            ready.take_away()?;
        }
        Ok(Some(ready))
    }
}

impl ReadyFile {
    /// Writes it.
    ///
    /// # Errors
    /// A sentence for people.
    pub(super) fn write(&mut self, text: String) -> Result<(), String> {
        self.file.take().map_or(Ok(()), |file| file.write(&text))?;
        self.written = Some(text);
        Ok(())
    }

    /// Takes it away, unless it has become that of another server.
    ///
    /// # Errors
    /// A sentence for people.
    pub(super) fn end(self) -> Result<(), String> {
        // What a device or a pipe was told stays told.
        let is_ours = self.path.is_file() && fs::read_to_string(&self.path).ok() == self.written;
        if is_ours { self.take_away() } else { Ok(()) }
    }

    fn take_away(&self) -> Result<(), String> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(format!("cannot remove {}: {error}", self.path.display()))
            }
            _ => Ok(()),
        }
    }
}

#[derive(Serialize)]
struct Ready<'a> {
    pid: u32,
    url: String,
    urls: Vec<String>,
    admin_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<ReadyTls<'a>>,
    seed: u64,
    #[serde(flatten)]
    contents: Contents,
}

#[derive(Serialize)]
struct ReadyTls<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cert_file: Option<&'a Path>,
    sha256: String,
}

/// Says where a server is and what is in its world, as a line of JSON. `certificate` is the file to which the
/// server's certificate was written.
pub(super) fn ready(live: &LiveServer, seed: Seed, certificate: Option<&Path>) -> String {
    let url = |address: &_| live.url(reachable(*address));
    let urls: Vec<String> = live.addresses().iter().map(url).collect();
    let admin = live.admin_addresses().first().map(url).unwrap_or_default();
    let told = Ready {
        pid: std::process::id(),
        url: urls.first().cloned().unwrap_or_default(),
        urls,
        admin_url: format!("{admin}{PREFIX}"),
        tls: live.tls().map(|tls| ReadyTls { cert_file: certificate, sha256: tls.fingerprint() }),
        seed: seed.number(),
        contents: Contents::of(&live.shared().world),
    };
    serde_json::to_string(&told).map_or_else(|error| error.to_string(), |line| line + "\n")
}
