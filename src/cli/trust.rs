//! Whom the commands trust that ask a server over TLS.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::tell;
use crate::replay::{BaseUrl, Trust};

/// Whom to trust. The command has an argument `url` that names the server.
#[derive(Debug, Args)]
pub(super) struct TrustArgs {
    /// PEM file with certificates to trust beside the public authorities, when the URL is an https one
    #[arg(long, value_name = "FILE", requires = "url", conflicts_with = "insecure")]
    ca_file: Option<PathBuf>,

    /// Do not look at the certificate of an https server, as `curl -k`
    #[arg(long, requires = "url")]
    insecure: bool,
}

impl TrustArgs {
    /// The file with certificates.
    pub(super) fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// Whom to trust at these URLs. That nobody is looked at is said.
    ///
    /// # Errors
    /// A sentence for people, also if no URL needs any trust.
    pub(super) fn trust<'a>(
        &self,
        urls: impl IntoIterator<Item = &'a BaseUrl>,
    ) -> Result<Trust, String> {
        let mut plain = Vec::new();
        let mut https = Vec::new();
        for url in urls {
            if url.is_https() { https.push(url.to_string()) } else { plain.push(url.to_string()) }
        }
        let option = if self.insecure { "--insecure" } else { "--ca-file" };
        let asked = self.insecure || self.ca_file.is_some();
        if asked && https.is_empty() {
            return Err(format!("{option} is for https, and {} has no TLS", plain.join(", ")));
        }
        if self.insecure {
            let https = https.join(" and ");
            tell(format_args!(
                "imsim: --insecure: the certificate of {https} is not looked at, so that anybody on the way \
                 can read and change what is sent, tokens too; --ca-file is safe"
            ));
            return Ok(Trust::blind());
        }
        self.ca_file.as_deref().map_or_else(|| Ok(Trust::public()), Trust::with_ca_file)
    }
}
