//! What `imsim serve` is told about TLS.

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::ServeArgs;
use super::output_file::OutputFile;
use crate::clock::WallTime;
use crate::simulator::live::tls::{Tls, host_of};

/// Whether to speak TLS, and as whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "HTTPS, with HTTP/2 for those who ask for it")]
pub(super) struct TlsArgs {
    /// Speak TLS, also at --admin-addr, with a certificate that is made now for localhost, 127.0.0.1, ::1 and
    /// the hosts listened on
    #[arg(long, conflicts_with = "tls_cert")]
    tls: bool,

    /// Make the certificate good for this host name or IP address, too; may be repeated
    #[arg(long = "tls-name", value_name = "NAME", requires = "tls", conflicts_with = "tls_cert")]
    names: Vec<String>,

    /// Write that certificate, PEM, to this file, for clients to trust: `curl --cacert FILE`
    #[arg(
        long = "tls-cert-out",
        value_name = "FILE",
        requires = "tls",
        conflicts_with = "tls_cert"
    )]
    cert_out: Option<PathBuf>,

    /// Speak TLS with the certificate in this PEM file; those between it and its authority stand behind it
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The key of that certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

/// What the server speaks TLS with, and the file that will tell clients.
pub(super) struct PreparedTls {
    pub(super) tls: Option<Tls>,
    file: Option<OutputFile>,
}

impl TlsArgs {
    /// The file to which the certificate is written.
    pub(super) fn cert_out(&self) -> Option<&Path> {
        self.cert_out.as_deref()
    }

    /// The files that are read: of the certificate, and of its key.
    pub(super) fn read(&self) -> [Option<&Path>; 2] {
        [self.tls_cert.as_deref(), self.tls_key.as_deref()]
    }

    /// Reads or makes the certificate.
    ///
    /// # Errors
    /// A sentence for people.
    pub(super) fn prepare(&self, args: &ServeArgs) -> Result<PreparedTls, String> {
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls::from_files(certificate, key)?),
            _ if self.tls => Some(self.make(args)?),
            _ => None,
        };
        let scenario = args.scenario.as_deref();
        let file = self.cert_out.as_deref();
        let file = file.map(|path| OutputFile::prepare("--tls-cert-out", path, scenario));
        Ok(PreparedTls { tls, file: file.transpose()? })
    }

    fn make(&self, args: &ServeArgs) -> Result<Tls, String> {
        let listened = [Some(&args.addr), args.admin_addr.as_ref()];
        let hosts = listened.into_iter().flatten().filter_map(|address| host_of(address));
        let names: Vec<String> = hosts.chain(self.names.iter().cloned()).collect();
        let made = Tls::self_signed(&names, WallTime::default().since_1970());
        made.map_err(|reason| format!("--tls-name: {reason}"))
    }
}

impl PreparedTls {
    /// Writes the certificate to where it was asked for.
    ///
    /// # Errors
    /// A sentence for people.
    pub(super) fn write(self) -> Result<(), String> {
        let made = self.tls.as_ref().and_then(Tls::made).unwrap_or_default();
        self.file.map_or(Ok(()), |file| file.write(made))
    }
}
