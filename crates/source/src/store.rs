//! Where the files of a saved image are: in an archive or in a folder.

use std::path::PathBuf;
use std::sync::Arc;

use crate::archive::{Archive, MAX_DOCUMENT_BYTES, open_file};
use crate::digest::{hex_of, sha256};
use crate::error::SourceError;
use crate::image::Place;
use crate::manifest::{Descriptor, Manifest, parse};
use crate::path::shown;
use crate::sieve::read_at;

/// The files of a saved image, by their clean names: `blobs/sha256/9f86…`.
#[derive(Debug)]
pub(crate) enum Store {
    /// A tar archive.
    Archive(Archive),
    /// A folder.
    Folder(PathBuf),
}

impl Store {
    /// Returns the name of the archive or folder for errors.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Archive(archive) => archive.path.clone(),
            Self::Folder(path) => shown(path.as_os_str().as_encoded_bytes()),
        }
    }

    /// Returns whether a file of this name is there.
    pub(crate) fn contains(&self, name: &str) -> bool {
        match self {
            Self::Archive(archive) => archive.contains(name),
            Self::Folder(path) => path.join(name).is_file(),
        }
    }

    /// Returns where a file lies; `None` when it is not there.
    pub(crate) fn locate(&self, name: &str) -> Result<Option<Place>, SourceError> {
        match self {
            Self::Archive(archive) => archive.locate(name),
            Self::Folder(path) => {
                let path = path.join(name);
                if !path.exists() {
                    return Ok(None);
                }
                let (file, length) = open_file(&path)?;
                Ok(Some(Place::Stored { file: Arc::new(file), offset: 0, length }))
            }
        }
    }

    /// Returns a whole document of at most [`MAX_DOCUMENT_BYTES`]; `None` when it is not there.
    pub(crate) fn document(&self, name: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let Self::Folder(root) = self else {
            let Self::Archive(archive) = self else { return Ok(None) };
            return archive.document(name);
        };
        let path = root.join(name);
        if !path.exists() {
            return Ok(None);
        }
        let (file, length) = open_file(&path)?;
        if length > MAX_DOCUMENT_BYTES {
            return Err(self.too_large(&shown(name)));
        }
        let mut body = vec![0; length as usize];
        let found =
            read_at(&file, &mut body, 0).map_err(|error| SourceError::unreadable(&path, error))?;
        body.truncate(found);
        Ok(Some(body))
    }

    /// Returns the document that a descriptor of an OCI layout points to, checked by size and
    /// digest. `what` is its part in the image, for errors: `manifest`.
    pub(crate) fn blob(&self, descriptor: &Descriptor, what: &str) -> Result<Vec<u8>, SourceError> {
        let name = blob_name(&descriptor.digest, &self.path(), what)?;
        if descriptor.size.is_some_and(|size| size > MAX_DOCUMENT_BYTES) {
            return Err(self.too_large(&format!("{what} {}", descriptor.digest)));
        }
        let Some(body) = self.document(&name)? else {
            return Err(SourceError::Missing {
                path: self.path(),
                what: format!("{what} `{}`", descriptor.digest),
                hint: Some("the copy is not whole; save or copy the image again".to_owned()),
            });
        };
        self.check_size(descriptor, body.len() as u64, what)?;
        self.check_digest(&descriptor.digest, &body, what)?;
        Ok(body)
    }

    /// Returns the manifest or index that a descriptor points to, checked as [`Store::blob`] does.
    ///
    /// Errors: also the old form, schema 1.
    pub(crate) fn manifest(&self, descriptor: &Descriptor) -> Result<Manifest, SourceError> {
        let body = self.blob(descriptor, "manifest")?;
        let place = format!("manifest {}", descriptor.digest);
        let manifest: Manifest = parse(&body).map_err(|detail| self.damaged(&place, detail))?;
        if manifest.schema_version == Some(1) || manifest.old_layers.is_some() {
            return Err(SourceError::Unsupported {
                what: format!("{place} in `{}` is of the old form, schema 1", self.path()),
                hint: Some("push or copy the image anew with a newer tool".to_owned()),
            });
        }
        Ok(manifest)
    }

    /// Compares the size that a descriptor states with that of the blob.
    pub(crate) fn check_size(
        &self,
        descriptor: &Descriptor,
        found: u64,
        what: &str,
    ) -> Result<(), SourceError> {
        match descriptor.size {
            Some(size) if size != found => Err(SourceError::Damaged {
                path: self.path(),
                place: format!("{what} {}", descriptor.digest),
                detail: format!("it has {found} bytes where its descriptor says {size}"),
            }),
            _ => Ok(()),
        }
    }

    /// Compares the digest that a name states with that of the bytes.
    pub(crate) fn check_digest(
        &self,
        expected: &str,
        body: &[u8],
        what: &str,
    ) -> Result<(), SourceError> {
        let found = sha256(body);
        if found == expected {
            return Ok(());
        }
        let (path, blob, expected) = (self.path(), what.to_owned(), shown(expected));
        Err(SourceError::WrongDigest { path, blob, expected, found })
    }

    /// Words a malformed document with the reason.
    pub(crate) fn damaged(&self, place: &str, detail: impl Into<String>) -> SourceError {
        let (path, place, detail) = (self.path(), place.to_owned(), detail.into());
        SourceError::Damaged { path, place, detail }
    }

    fn too_large(&self, what: &str) -> SourceError {
        let (path, limit) = (self.path(), MAX_DOCUMENT_BYTES);
        SourceError::Limit { path, what: format!("bytes of {what}"), limit, hint: None }
    }
}

/// Returns the name of the file that holds a blob: `blobs/sha256/9f86…`.
pub(crate) fn blob_name(digest: &str, path: &str, what: &str) -> Result<String, SourceError> {
    Ok(format!("blobs/sha256/{}", hex_of(digest, path, what)?))
}
