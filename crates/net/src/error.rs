//! What can go wrong on the way to an address, worded for people.

use std::time::Duration;

/// Why an address could not be read.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The network is switched off, and no mirror folder stands in for it.
    #[error("cannot fetch `{url}` while offline")]
    Offline {
        /// The address.
        url: String,
    },
    /// The address is not one of `http` or `https` that can be asked.
    #[error("`{address}` is not an address that can be fetched")]
    BadAddress {
        /// The text, cut to 200 characters.
        address: String,
    },
    /// There is nothing at the address: 404, 410, or no such file in a mirror folder.
    #[error("there is no `{url}` ({place})")]
    NotFound {
        /// The address.
        url: String,
        /// Who said so: `HTTP 404`, `no file secdb…/main.json in the mirror`.
        place: String,
    },
    /// The server answered, but not with what was asked for.
    #[error("`{url}` was refused with HTTP {status}")]
    Refused {
        /// The address.
        url: String,
        /// The status of the last try.
        status: u16,
    },
    /// The server leads in circles, or from `https` to `http`.
    #[error("cannot follow the redirects of `{url}`")]
    Redirect {
        /// The address.
        url: String,
        /// What was wrong with them.
        #[source]
        source: reqwest::Error,
    },
    /// No answer came: names, routes, proxies, certificates.
    #[error("cannot reach `{host}` for `{url}`")]
    Unreachable {
        /// The address.
        url: String,
        /// Its host.
        host: String,
        /// What happened.
        #[source]
        source: reqwest::Error,
    },
    /// The body broke off and could not be resumed.
    #[error("`{url}` broke off after {bytes} bytes")]
    Broken {
        /// The address.
        url: String,
        /// Bytes that had arrived.
        bytes: u64,
        /// What happened.
        #[source]
        source: std::io::Error,
    },
    /// The file changed at the server while it was being resumed.
    #[error("`{url}` changed at the server during the download")]
    Changed {
        /// The address.
        url: String,
    },
    /// More bytes than the caller takes.
    #[error("`{url}` is larger than {limit} bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The time for the whole download is up.
    #[error("`{url}` took longer than {} seconds", limit.as_secs_f32())]
    Timeout {
        /// The address.
        url: String,
        /// The time that was given.
        limit: Duration,
    },
    /// A file of the mirror could not be read.
    #[error("cannot read `{path}` in the mirror")]
    Io {
        /// The file.
        path: String,
        /// What happened.
        #[source]
        source: std::io::Error,
    },
    /// The HTTP client itself could not be set up (certificates, proxy settings).
    #[error("cannot set up the HTTP client")]
    Setup {
        /// What happened.
        #[source]
        source: reqwest::Error,
    },
}

impl NetError {
    /// Returns the advice that goes with it, where there is one.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Offline { .. } => "leave out --offline, or name a mirror folder with --mirror",
            Self::BadAddress { .. } => "an address looks like https://host/path",
            Self::Refused { status: 401 | 403 | 407, .. } => {
                "the server, or a proxy before it, wants credentials or does not let you in"
            }
            Self::Refused { status: 429, .. } => "the server asks for fewer requests: wait a while",
            Self::Refused { .. } | Self::Broken { .. } | Self::Changed { .. } => "try again later",
            Self::Unreachable { .. } => {
                "check the network, HTTPS_PROXY and SSL_CERT_FILE, or use a mirror folder with --mirror"
            }
            Self::Timeout { .. } => "the line is slow: try again, or use a mirror with --mirror",
            Self::Setup { .. } => "check HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE",
            Self::NotFound { .. }
            | Self::Redirect { .. }
            | Self::TooLarge { .. }
            | Self::Io { .. } => {
                return None;
            }
        })
    }

    /// Takes the error out of the `io::Error` that a [`Response`](crate::Response) gave while it
    /// was read; an `io::Error` of another origin comes back as it was.
    ///
    /// # Errors
    /// When the `io::Error` holds none of ours.
    pub fn from_io(error: std::io::Error) -> Result<Self, std::io::Error> {
        error.downcast::<Self>()
    }
}
