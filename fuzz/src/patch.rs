//! Small changes to well-formed bytes.

use arbitrary::{Arbitrary, Result, Unstructured};

/// One change at some place of the bytes.
#[derive(Arbitrary, Clone, Debug)]
pub struct Patch {
    at: u32,
    change: Change,
}

#[derive(Arbitrary, Clone, Debug)]
enum Change {
    Set(u8),
    Flip(u8),
    Put([u8; 4]),
    Cut(u16),
    Repeat(u8),
}

/// Takes a few patches; often none.
pub fn patches(u: &mut Unstructured<'_>) -> Result<Vec<Patch>> {
    let count = u.int_in_range(0..=6)?;
    (0..count).map(|_| u.arbitrary()).collect()
}

/// Makes the changes, each at a place that is there.
pub fn apply(bytes: &mut Vec<u8>, patches: &[Patch]) {
    for patch in patches {
        if bytes.is_empty() {
            return;
        }
        let at = patch.at as usize % bytes.len();
        match patch.change {
            Change::Set(byte) => bytes[at] = byte,
            Change::Flip(bits) => bytes[at] ^= bits,
            Change::Put(word) => {
                let end = (at + word.len()).min(bytes.len());
                bytes[at..end].copy_from_slice(&word[..end - at]);
            }
            Change::Cut(count) => {
                let end = (at + count as usize).min(bytes.len());
                bytes.drain(at..end);
            }
            Change::Repeat(count) => {
                let end = (at + count as usize).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
}
