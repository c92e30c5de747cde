//! What the targets share: foreign formats made from the bytes of the fuzzer, with the sums that a
//! mutation would break put right, and checks of what came out.

pub mod patch;
pub mod report;
pub mod rows;
pub mod rpm;
pub mod scratch;
pub mod tar;
pub mod zip;

pub use patch::Patch;
pub use scratch::Scratch;
