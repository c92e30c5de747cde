//! What can end the reading of a target, with the place and with what to do.

use std::fmt::Write as _;
use std::io;

/// Why a target cannot be read. Names of files and texts of the target stand in it escaped.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file or folder is not there, or the system does not let it be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// The file or folder.
        path: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file is something else than an image.
    #[error("`{path}` is not an image: {found}")]
    NotAnImage {
        /// The file or folder.
        path: String,
        /// What it is: `it is empty`, `it is no tar archive`.
        found: String,
        /// What to do.
        hint: Option<String>,
    },
    /// An archive, a blob or a document is cut off or malformed.
    #[error("`{path}` is damaged: {place}: {detail}")]
    Damaged {
        /// The file or folder.
        path: String,
        /// Where in it: `byte 1024`, `manifest.json`, `blob sha256:…`.
        place: String,
        /// What is wrong there.
        detail: String,
    },
    /// Something that the image needs is not in it.
    #[error("`{path}` has no {what}")]
    Missing {
        /// The file or folder.
        path: String,
        /// ``manifest.json`, ``layer `abc/layer.tar` ``.
        what: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The bytes of a blob are not those that its name promises.
    #[error(
        "{blob} of `{path}` is not what its digest says: expected `{expected}`, found `{found}`"
    )]
    WrongDigest {
        /// The file or folder.
        path: String,
        /// `configuration`, `manifest`, `layer 3`.
        blob: String,
        /// `sha256:…` as stated.
        expected: String,
        /// `sha256:…` as computed.
        found: String,
    },
    /// No image of that name is in the archive or layout.
    #[error("`{path}` has no image `{tag}`; it has {}", list(present))]
    NoSuchTag {
        /// The file or folder.
        path: String,
        /// What was asked for.
        tag: String,
        /// What is there, sorted.
        present: Vec<String>,
    },
    /// There are several images and nothing says which is meant.
    #[error("`{path}` has several images: {}", list(present))]
    SeveralImages {
        /// The file or folder.
        path: String,
        /// What is there, sorted.
        present: Vec<String>,
        /// What to do.
        hint: String,
    },
    /// The image is not there for that platform.
    #[error("`{path}` has no image for `{wanted}`; it has {}", list(present))]
    NoSuchPlatform {
        /// The file or folder.
        path: String,
        /// `linux/amd64`.
        wanted: String,
        /// What is there, sorted.
        present: Vec<String>,
    },
    /// Something is known and not read.
    #[error("{what}")]
    Unsupported {
        /// What it is and that it is not read.
        what: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Something is larger than a limit of this program.
    #[error("`{path}` is beyond a limit: {what} (at most {limit})")]
    Limit {
        /// The file or folder.
        path: String,
        /// `entries`, `bytes of manifest.json`.
        what: String,
        /// The limit.
        limit: u64,
        /// What to do.
        hint: Option<String>,
    },
    /// The thread that read it came to no result: a defect of this program, or no thread to be had.
    #[error("cannot read `{path}`")]
    Failed {
        /// The file or folder.
        path: String,
        /// What happened to the thread.
        #[source]
        source: crate::sandbox::SandboxError,
    },
    /// What the user wrote cannot be understood.
    #[error("cannot understand `{text}`: {detail}")]
    Wording {
        /// As written.
        text: String,
        /// What is wrong, and what is expected.
        detail: String,
    },
}

impl SourceError {
    /// Returns what the user can do about it, as one sentence without a period.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("check the path; relative ones start at the current folder".to_owned())
            }
            Self::Unreadable { .. } | Self::Failed { .. } | Self::Wording { .. } => None,
            Self::NotAnImage { hint, .. }
            | Self::Missing { hint, .. }
            | Self::Unsupported { hint, .. }
            | Self::Limit { hint, .. } => hint.clone(),
            Self::SeveralImages { hint, .. } => Some(hint.clone()),
            Self::Damaged { .. } | Self::WrongDigest { .. } => {
                Some("save or copy the image again; the copy is not whole".to_owned())
            }
            Self::NoSuchTag { .. } => Some("name one of those that are there".to_owned()),
            Self::NoSuchPlatform { .. } => {
                Some("choose one of those that are there with `--platform`".to_owned())
            }
        }
    }

    /// Words that a thread came to no result with the target that it read.
    pub(crate) fn failed(path: &str, source: crate::sandbox::SandboxError) -> Self {
        Self::Failed { path: path.to_owned(), source }
    }

    /// Words a failure of the system with the file that it is about.
    pub(crate) fn unreadable(path: impl AsRef<std::path::Path>, source: io::Error) -> Self {
        let path = crate::path::shown(path.as_ref().as_os_str().as_encoded_bytes());
        Self::Unreadable { path, source }
    }
}

/// Joins names for an error: `` `a`, `b` ``; the first [`MAX_LISTED`] of many.
fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let mut text = names
        .iter()
        .take(MAX_LISTED)
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > MAX_LISTED {
        let _ = write!(text, " and {} more", names.len() - MAX_LISTED);
    }
    text
}

/// Names that one error lists.
const MAX_LISTED: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_thing_and_says_what_to_do() {
        let error = SourceError::NoSuchTag {
            path: "shop.tar".to_owned(),
            tag: "shop:2".to_owned(),
            present: vec!["shop:1".to_owned(), "shop:3".to_owned()],
        };
        assert_eq!(
            error.to_string(),
            "`shop.tar` has no image `shop:2`; it has `shop:1`, `shop:3`"
        );
        assert_eq!(error.hint().as_deref(), Some("name one of those that are there"));
    }

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<String> = (0..=MAX_LISTED).map(|number| number.to_string()).collect();
        assert!(list(&names).ends_with("`29` and 1 more"), "{}", list(&names));
    }
}
