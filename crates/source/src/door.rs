//! Files for a thread in the sandbox, which can open none: it asks by name, and a thread outside
//! opens what lies below one folder.

use std::fs::File;
use std::path::Path;
use std::sync::mpsc;

use crate::archive::open_file;
use crate::error::SourceError;
use crate::path::clean_path;

/// An open file and its length; `None` when there is none of that name.
type Found = Result<Option<(File, u64)>, SourceError>;

/// The side of the thread in the sandbox.
#[derive(Debug)]
pub(crate) struct Door(mpsc::Sender<Wish>);

/// The side of the thread outside.
pub(crate) struct Wishes(mpsc::Receiver<Wish>);

struct Wish {
    name: String,
    answer: mpsc::Sender<Found>,
}

/// Makes the two sides.
pub(crate) fn door() -> (Door, Wishes) {
    let (ask, asked) = mpsc::channel();
    (Door(ask), Wishes(asked))
}

impl Door {
    /// Asks for a regular file by its name below the folder: `blobs/sha256/9f86…`.
    pub(crate) fn find(&self, name: &str) -> Found {
        let (answer, answered) = mpsc::channel();
        let wish = Wish { name: name.to_owned(), answer };
        // Nobody outside any more means that the whole read is over.
        if self.0.send(wish).is_err() {
            return Ok(None);
        }
        answered.recv().unwrap_or(Ok(None))
    }
}

impl Wishes {
    /// Opens what is asked for until the other side is gone.
    pub(crate) fn grant(self, root: &Path) {
        for Wish { name, answer } in self.0 {
            // The one who asked may be gone; then nobody misses the answer.
            let _ = answer.send(find(root, &name));
        }
    }
}

fn find(root: &Path, name: &str) -> Found {
    // Names come from documents of the image: what is not plain is not there.
    if clean_path(name.as_bytes()).is_ok_and(|clean| clean == name) {
        let path = root.join(name);
        if path.exists() {
            return open_file(&path).map(Some);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_below_the_folder_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("layout");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("index.json"), b"{}").unwrap();
        std::fs::write(folder.path().join("secret"), b"s").unwrap();
        let (door, wishes) = door();
        std::thread::scope(|scope| {
            scope.spawn(|| wishes.grant(&root));
            let found = door.find("index.json").unwrap().map(|(_, length)| length);
            assert_eq!(found, Some(2));
            for name in ["../secret", "/etc/passwd", "missing", ""] {
                assert!(!matches!(door.find(name), Ok(Some(_))), "{name}");
            }
            drop(door);
        });
    }
}
