//! What the user named, parsed: `docker-archive:shop.tar:shop:1.4`, `oci:layout@sha256:…`, a path.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::SourceError;
use crate::path::shown;
use crate::select::INDEX;

/// Which image of a layout is meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Select {
    /// `1.4`, `shop:1.4`: the name that `index.json` gives it.
    Tag(String),
    /// `sha256:…`: the digest of its manifest, or of an index of manifests.
    Digest(String),
}

/// A target that can be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reference {
    /// An archive as `docker save` and `podman save` write it.
    DockerArchive {
        /// The archive.
        path: PathBuf,
        /// The image in it: a name, a tag alone, or the digest of its configuration.
        tag: Option<String>,
    },
    /// A folder that is an OCI layout.
    OciLayout {
        /// The folder.
        path: PathBuf,
        /// The image in it.
        select: Option<Select>,
    },
    /// An archive of an OCI layout.
    OciArchive {
        /// The archive.
        path: PathBuf,
        /// The image in it.
        select: Option<Select>,
    },
    /// An archive of one of the two kinds; which of them, its content tells.
    Archive {
        /// The archive.
        path: PathBuf,
    },
    /// A folder with a root file system or a project.
    Dir {
        /// The folder.
        path: PathBuf,
    },
}

impl Reference {
    /// Parses what the user wrote; `PATH` may hold colons, the longest path that is there counts.
    ///
    /// `docker-archive:PATH[:TAG]`, `oci:PATH[:TAG|@DIGEST]`, `oci-archive:PATH[:TAG|@DIGEST]`,
    /// `dir:PATH`, or a path alone: a file is an archive, a folder an OCI layout if it looks like one.
    ///
    /// Errors: the path is not there; images of registries and engines, which are not read yet.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        // A file that is there is meant, even if its name starts like a kind of source.
        if let Ok(metadata) = std::fs::metadata(text) {
            return Ok(Self::of_path(PathBuf::from(text), metadata.is_dir()));
        }
        let Some((kind, rest)) = text.split_once(':') else { return Err(not_there(text)) };
        match kind {
            "docker-archive" => {
                let (path, select) = split_path(rest)?;
                let tag = select.map(|(Select::Tag(name) | Select::Digest(name))| name);
                Ok(Self::DockerArchive { path, tag })
            }
            "oci" => split_path(rest).map(|(path, select)| Self::OciLayout { path, select }),
            "oci-archive" => {
                split_path(rest).map(|(path, select)| Self::OciArchive { path, select })
            }
            "dir" => {
                let path = PathBuf::from(rest);
                let metadata = std::fs::metadata(&path)
                    .map_err(|error| SourceError::unreadable(&path, error))?;
                if !metadata.is_dir() {
                    let error = io::Error::from(io::ErrorKind::NotADirectory);
                    return Err(SourceError::unreadable(&path, error));
                }
                Ok(Self::Dir { path })
            }
            "registry" | "docker" | "podman" | "containerd" => Err(not_yet(rest)),
            _ => Err(not_there(text)),
        }
    }

    /// Returns the target in words: ``docker archive `shop.tar` ``.
    pub fn describe(&self) -> String {
        let kind = match self {
            Self::DockerArchive { .. } => "docker archive",
            Self::OciLayout { .. } => "OCI layout",
            Self::OciArchive { .. } => "OCI archive",
            Self::Archive { .. } => "archive",
            Self::Dir { .. } => "folder",
        };
        format!("{kind} `{}`", shown(self.path().as_os_str().as_encoded_bytes()))
    }

    /// Returns the file or folder.
    pub fn path(&self) -> &Path {
        match self {
            Self::DockerArchive { path, .. }
            | Self::OciLayout { path, .. }
            | Self::OciArchive { path, .. }
            | Self::Archive { path }
            | Self::Dir { path } => path,
        }
    }

    fn of_path(path: PathBuf, is_folder: bool) -> Self {
        if !is_folder {
            return Self::Archive { path };
        }
        let is_layout = path.join(INDEX).is_file()
            && (path.join("oci-layout").is_file() || path.join("blobs/sha256").is_dir());
        if is_layout {
            return Self::OciLayout { path, select: None };
        }
        Self::Dir { path }
    }
}

/// Splits `PATH[:TAG|@DIGEST]` at the last place where a path that is there ends.
fn split_path(text: &str) -> Result<(PathBuf, Option<Select>), SourceError> {
    if Path::new(text).exists() {
        return Ok((PathBuf::from(text), None));
    }
    for (at, mark) in text.char_indices().rev().filter(|(_, mark)| matches!(mark, ':' | '@')) {
        let (path, rest) = (&text[..at], &text[at + 1..]);
        if path.is_empty() || !Path::new(path).exists() {
            continue;
        }
        if rest.is_empty() {
            let detail = "nothing follows the path; leave the mark out or name an image".to_owned();
            return Err(SourceError::Wording { text: shown(text), detail });
        }
        // `NAME@DIGEST` is the digest; the name before it is for people.
        let digest = rest.rsplit('@').next().unwrap_or(rest);
        let is_digest = mark == '@' || digest.starts_with("sha256:");
        let select =
            if is_digest { Select::Digest(digest.into()) } else { Select::Tag(rest.into()) };
        return Ok((PathBuf::from(path), Some(select)));
    }
    Err(SourceError::unreadable(text, io::Error::from(io::ErrorKind::NotFound)))
}

/// Words a name that is no file: a tag behind a path, a path with a slip of the pen, or an image of a
/// registry.
fn not_there(text: &str) -> SourceError {
    if let Ok((path, Some(_))) = split_path(text)
        && path.is_file()
    {
        let what = format!("`{}` is no file", shown(text));
        let hint = format!("to name an image in an archive write `docker-archive:{}`", shown(text));
        return SourceError::Unsupported { what, hint: Some(hint) };
    }
    let is_path = text.is_empty()
        || text.starts_with(['/', '.', '~'])
        || text.contains('\\')
        || [".tar", ".gz", ".tgz", ".zst", ".oci"].iter().any(|end| text.ends_with(end));
    if is_path {
        return SourceError::unreadable(text, io::Error::from(io::ErrorKind::NotFound));
    }
    not_yet(text)
}

fn not_yet(name: &str) -> SourceError {
    let name = shown(name);
    SourceError::Unsupported {
        what: format!(
            "`{name}` is no file or folder here, and images of registries and engines are not read yet"
        ),
        hint: Some(format!(
            "save it with `docker save -o image.tar {name}` and name `image.tar` instead"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap().to_owned();
        (folder, path)
    }

    #[test]
    fn the_longest_path_that_is_there_counts() {
        let (_guard, root) = folder();
        std::fs::write(format!("{root}/a.tar"), b"x").unwrap();
        std::fs::write(format!("{root}/a.tar:1"), b"x").unwrap();
        let parse =
            |rest: &str| Reference::parse(&format!("docker-archive:{root}/{rest}")).unwrap();
        let archive = |path: &str, tag: Option<&str>| Reference::DockerArchive {
            path: PathBuf::from(format!("{root}/{path}")),
            tag: tag.map(str::to_owned),
        };
        assert_eq!(parse("a.tar"), archive("a.tar", None));
        assert_eq!(parse("a.tar:1"), archive("a.tar:1", None));
        assert_eq!(parse("a.tar:2"), archive("a.tar", Some("2")));
        assert_eq!(parse("a.tar:1:2"), archive("a.tar:1", Some("2")));
        assert_eq!(parse("a.tar:host:50/a:2"), archive("a.tar", Some("host:50/a:2")));
    }

    #[test]
    fn a_layout_takes_a_tag_or_a_digest() {
        let (_guard, root) = folder();
        let digest = format!("sha256:{}", "0".repeat(64));
        let select = |rest: &str| match Reference::parse(&format!("oci:{root}{rest}")).unwrap() {
            Reference::OciLayout { select, .. } => select,
            other => panic!("{other:?}"),
        };
        assert_eq!(select(""), None);
        assert_eq!(select(":1.4"), Some(Select::Tag("1.4".to_owned())));
        assert_eq!(select(&format!("@{digest}")), Some(Select::Digest(digest.clone())));
        assert_eq!(select(&format!(":shop:1@{digest}")), Some(Select::Digest(digest)));
        assert!(Reference::parse(&format!("oci:{root}:")).is_err());
    }

    #[test]
    fn a_path_alone_is_told_by_what_is_there() {
        let (_guard, root) = folder();
        assert!(matches!(Reference::parse(&root).unwrap(), Reference::Dir { .. }));
        std::fs::write(format!("{root}/index.json"), b"{}").unwrap();
        assert!(matches!(Reference::parse(&root).unwrap(), Reference::Dir { .. }));
        std::fs::write(format!("{root}/oci-layout"), b"{}").unwrap();
        assert!(matches!(Reference::parse(&root).unwrap(), Reference::OciLayout { .. }));
        let file = format!("{root}/index.json");
        assert!(matches!(Reference::parse(&file).unwrap(), Reference::Archive { .. }));
        assert!(matches!(Reference::parse(&format!("dir:{root}")).unwrap(), Reference::Dir { .. }));
        assert!(Reference::parse(&format!("dir:{file}")).is_err());
    }

    #[test]
    fn images_of_registries_and_engines_are_refused_with_a_way_out() {
        for text in ["registry:alpine:3.20", "docker:alpine:3.20", "podman:alpine", "alpine:3.20"] {
            let error = Reference::parse(text).unwrap_err();
            assert!(error.to_string().contains("not read yet"), "{error}");
            assert!(error.hint().unwrap().contains("docker save -o image.tar alpine"), "{text}");
        }
        for text in ["./nothing", "/nothing/there", "nothing.tar", "oci:/nothing", "dir:nothing"] {
            let error = Reference::parse(text).unwrap_err();
            assert!(matches!(error, SourceError::Unreadable { .. }), "{text}: {error}");
        }
    }

    #[test]
    fn a_tag_behind_a_bare_path_is_told_how_to_write_it() {
        let (_guard, root) = folder();
        std::fs::write(format!("{root}/a.tar"), b"x").unwrap();
        let error = Reference::parse(&format!("{root}/a.tar:1")).unwrap_err();
        assert!(error.hint().unwrap().ends_with(&format!("`docker-archive:{root}/a.tar:1`")));
        // A folder of the name of an image does not make `alpine:3.20` a path.
        std::fs::create_dir(format!("{root}/alpine")).unwrap();
        let error = Reference::parse(&format!("{root}/alpine:3.20")).unwrap_err();
        assert!(matches!(error, SourceError::Unreadable { .. }), "{error}");
    }
}
