//! What is known of a program by its bytes alone: digest, build id, and why its parts are not known.

use memchr::memmem;
use plimsoll_model::{Artifact, ArtifactKind};
use sha2::{Digest as _, Sha256};

use super::{Image, go};

/// What the packer UPX writes near both ends of a program.
const UPX: &[u8] = b"UPX!";
/// The bytes at either end that are searched for it.
const MAX_UPX_BYTES: usize = 4 << 10;

/// Returns what is to be told of a program that its file does not name; `None` for a library, which belongs
/// to the programs that load it.
///
/// `body` is the whole file, `images` the programs in it.
pub(super) fn artifact(body: &[u8], images: &[Image<'_>]) -> Option<Artifact> {
    let image = images.iter().find(|image| image.is_program())?;
    let digest = Sha256::digest(body);
    let digest =
        digest.iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"));
    Some(Artifact {
        kind: ArtifactKind::Program,
        path: String::new(),
        layer: None,
        digest,
        build_id: image.build_id(),
        detail: detail(image).map(str::to_owned),
    })
}

fn detail(image: &Image<'_>) -> Option<&'static str> {
    if is_packed(image.body) {
        Some("packed by UPX")
    } else if go::is_go(image) {
        Some("Go, no build information")
    } else {
        None
    }
}

fn is_packed(body: &[u8]) -> bool {
    let head = body.get(..MAX_UPX_BYTES).unwrap_or(body);
    let tail = body.get(body.len().saturating_sub(MAX_UPX_BYTES)..).unwrap_or_default();
    memmem::find(head, UPX).is_some() && memmem::find(tail, UPX).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::made::{Elf, mach_o, pe};

    fn of(elf: &Elf) -> Option<Artifact> {
        let bytes = elf.bytes();
        artifact(&bytes, &Image::open_all("a", &bytes))
    }

    #[test]
    fn programs_are_told_and_libraries_are_not() {
        assert!(of(&Elf::program()).is_some());
        assert!(of(&Elf::library()).is_none());
        assert!(of(&Elf::library().with_loader()).is_some());
        assert!(of(&Elf::library().that_moves()).is_some());
        assert!(of(&Elf::program().with_outline()).is_none());
        assert!(of(&Elf::program().of_32().big()).is_some());
        let of = |bytes: &[u8]| artifact(bytes, &Image::open_all("a", bytes));
        assert!(of(&pe(0, b"x")).is_some());
        assert!(of(&pe(0x2000, b"x")).is_none());
        assert!(of(&mach_o("x", b"x")).is_some());
    }

    #[test]
    fn digest_build_id_and_packer_are_told() {
        let found = of(&Elf::program().with_note(".note.gnu.build-id", b"GNU\0", 3, &[0xab, 0x01]));
        let found = found.unwrap();
        assert_eq!(found.build_id.as_deref(), Some("ab01"));
        assert_eq!((found.digest.len(), found.detail), (71, None));
        let found = of(&Elf::program().with(".gopclntab", b"x")).unwrap();
        assert_eq!(found.detail.as_deref(), Some("Go, no build information"));
        let packed = of(&Elf::program().with("UPX0", b"UPX!\x0d").with("UPX1", b"UPX!")).unwrap();
        assert_eq!(packed.detail.as_deref(), Some("packed by UPX"));
    }
}
