//! Where the files of a saved image are: in an archive or in a folder.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::archive::{Archive, MAX_DOCUMENT_BYTES};
use crate::digest::{hex_of, sha256};
use crate::door::Door;
use crate::error::SourceError;
use crate::image::Place;
use crate::manifest::{Descriptor, Manifest, parse};
use crate::path::shown;
use crate::sieve::read_at;

/// All documents that are read of one image; real ones have some kilobytes.
pub(crate) const MAX_DOCUMENTS_BYTES: u64 = 64 << 20;

/// The files of a saved image, by their clean names: `blobs/sha256/9f86…`.
#[derive(Debug)]
pub(crate) struct Store {
    files: Files,
    /// Bytes of documents read so far.
    spent: Cell<u64>,
}

#[derive(Debug)]
enum Files {
    Archive(Archive),
    /// The folder, and the door through which its files are had.
    Folder(PathBuf, Door),
}

impl Store {
    /// Takes the files of an archive.
    pub(crate) fn of_archive(archive: Archive) -> Self {
        Self { files: Files::Archive(archive), spent: Cell::new(0) }
    }

    /// Takes the files below a folder.
    pub(crate) fn of_folder(path: PathBuf, door: Door) -> Self {
        Self { files: Files::Folder(path, door), spent: Cell::new(0) }
    }

    /// Returns whether the files are in an archive.
    pub(crate) fn is_archive(&self) -> bool {
        matches!(self.files, Files::Archive(_))
    }

    /// Returns the name of the archive or folder for errors.
    pub(crate) fn path(&self) -> String {
        match &self.files {
            Files::Archive(archive) => archive.path.clone(),
            Files::Folder(path, _) => shown(path.as_os_str().as_encoded_bytes()),
        }
    }

    /// Returns whether a file of this name is there.
    pub(crate) fn contains(&self, name: &str) -> bool {
        match &self.files {
            Files::Archive(archive) => archive.contains(name),
            Files::Folder(_, door) => matches!(door.find(name), Ok(Some(_))),
        }
    }

    /// Returns where a file lies; `None` when it is not there.
    pub(crate) fn locate(&self, name: &str) -> Result<Option<Place>, SourceError> {
        match &self.files {
            Files::Archive(archive) => archive.locate(name),
            Files::Folder(_, door) => Ok(door.find(name)?.map(|(file, length)| Place::Stored {
                file: Arc::new(file),
                offset: 0,
                length,
            })),
        }
    }

    /// Returns a whole document of at most [`MAX_DOCUMENT_BYTES`]; `None` when it is not there.
    ///
    /// Errors: also when all documents together pass [`MAX_DOCUMENTS_BYTES`].
    pub(crate) fn document(&self, name: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let document = match &self.files {
            Files::Archive(archive) => archive.document(name)?,
            Files::Folder(root, door) => self.read(root, door, name)?,
        };
        let bytes = document.as_ref().map_or(0, |document| document.len() as u64);
        self.spent.set(self.spent.get() + bytes);
        if self.spent.get() > MAX_DOCUMENTS_BYTES {
            return Err(self.limit("bytes of all its documents", MAX_DOCUMENTS_BYTES));
        }
        Ok(document)
    }

    fn read(&self, root: &Path, door: &Door, name: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let Some((file, length)) = door.find(name)? else { return Ok(None) };
        if length > MAX_DOCUMENT_BYTES {
            return Err(self.limit(format!("bytes of {}", shown(name)), MAX_DOCUMENT_BYTES));
        }
        let mut body = vec![0; length as usize];
        let found = read_at(&file, &mut body, 0)
            .map_err(|e| SourceError::unreadable(root.join(name), e))?;
        body.truncate(found);
        Ok(Some(body))
    }

    /// Returns the document that a descriptor of an OCI layout points to, checked by size and
    /// digest. `what` is its part in the image, for errors: `manifest`.
    pub(crate) fn blob(&self, descriptor: &Descriptor, what: &str) -> Result<Vec<u8>, SourceError> {
        let name = blob_name(&descriptor.digest, &self.path(), what)?;
        if descriptor.size.is_some_and(|size| size > MAX_DOCUMENT_BYTES) {
            let what = format!("bytes of {what} {}", descriptor.digest);
            return Err(self.limit(what, MAX_DOCUMENT_BYTES));
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

    /// Words a limit that the image is beyond: of what, and the limit.
    pub(crate) fn limit(&self, what: impl Into<String>, limit: u64) -> SourceError {
        SourceError::Limit { path: self.path(), what: what.into(), limit, hint: None }
    }
}

/// Returns the name of the file that holds a blob: `blobs/sha256/9f86…`.
pub(crate) fn blob_name(digest: &str, path: &str, what: &str) -> Result<String, SourceError> {
    Ok(format!("blobs/sha256/{}", hex_of(digest, path, what)?))
}
