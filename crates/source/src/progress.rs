//! How far the reading of a target has come, told to whoever shows it.

/// Is told how far the layers are. Called from several threads at once.
pub trait Progress: Sync {
    /// Something begins that will pass so many bytes.
    fn start(&self, label: &str, total_bytes: u64);
    /// So many bytes more are done.
    fn advance(&self, bytes: u64);
    /// It is over.
    fn finish(&self);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _label: &str, _total_bytes: u64) {}
    fn advance(&self, _bytes: u64) {}
    fn finish(&self) {}
}
