//! An opened image: its description and where each layer lies, before any layer is read.

use std::fs::File;
use std::sync::Arc;

use plimsoll_model::report::Target;

/// An image whose manifest and configuration were read and whose layers were located.
#[derive(Debug)]
pub(crate) struct Image {
    /// The description for the report; `verified` of every layer is still `false`.
    pub(crate) target: Target,
    /// The layers, lowest first; as many as `target.layers`.
    pub(crate) layers: Vec<LayerBlob>,
    /// What else the configuration tells.
    pub(crate) config: ImageConfig,
    /// Whether the thread that parsed its documents was in a closed sandbox; set by who started it.
    pub(crate) sandboxed: bool,
}

/// Where one layer lies.
#[derive(Clone, Debug)]
pub(crate) struct LayerBlob {
    /// 0 is the lowest.
    pub(crate) index: u32,
    /// `sha256:…` of the bytes as stored, where a manifest states it.
    pub(crate) digest: Option<String>,
    /// `sha256:…` of the uncompressed bytes, as the configuration states it; empty where it does not.
    pub(crate) diff_id: String,
    /// Where the bytes are.
    pub(crate) place: Place,
}

impl LayerBlob {
    /// Returns whether the image states any digest of it.
    pub(crate) fn is_stated(&self) -> bool {
        self.digest.is_some() || !self.diff_id.is_empty()
    }

    /// Returns its bytes as stored.
    pub(crate) fn length(&self) -> u64 {
        let (Place::Stored { length, .. } | Place::Inflated { length, .. }) = self.place;
        length
    }
}

/// Where the stored bytes of a layer are.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// `length` bytes at `offset` of a file that can be read anywhere (an uncompressed archive, or a
    /// blob of a layout).
    Stored {
        /// The open file.
        file: Arc<File>,
        /// First byte.
        offset: u64,
        /// Bytes.
        length: u64,
    },
    /// `length` bytes at `offset` of what a compressed archive (`image.tar.gz`) inflates to.
    Inflated {
        /// The open archive.
        archive: Arc<File>,
        /// First byte of the inflated stream.
        offset: u64,
        /// Bytes.
        length: u64,
    },
}

/// What the image configuration and its manifest tell beside the layers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ImageConfig {
    /// Labels, sorted by key.
    pub labels: Vec<(String, String)>,
    /// Annotations of the manifest and of its descriptor in the index, sorted by key.
    pub annotations: Vec<(String, String)>,
    /// Environment, `KEY=value`, in the order stated.
    pub env: Vec<String>,
    /// The instruction of each entry of the history and whether it made no layer, oldest first.
    pub history: Vec<(String, bool)>,
}
