//! A folder for one process, with a file that is written anew for each input.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folder; it goes with `TMPDIR`, which is best a file system in memory.
#[derive(Debug)]
pub struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    /// Returns the folder of this process.
    pub fn get() -> &'static Self {
        static SCRATCH: OnceLock<Scratch> = OnceLock::new();
        SCRATCH.get_or_init(|| Self { folder: tempfile::tempdir().expect("a scratch folder") })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file and returns its path.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).expect("a scratch file");
        path
    }

    /// Writes a file and opens it.
    pub fn open(&self, name: &str, bytes: &[u8]) -> File {
        File::open(self.write(name, bytes)).expect("the scratch file just written")
    }
}
