//! Images that real engines saved, where they are there.

use super::*;

fn image(test: &str, name: &str) -> Option<(PathBuf, Image)> {
    let path = shared(test, name)?;
    let image = open_bare(&path).unwrap();
    Some((path, image))
}

#[test]
fn real_alpine_archives_are_compressed_as_a_whole() {
    const TEST: &str = "real_alpine_archives_are_compressed_as_a_whole";
    for (name, tag, id) in [
        (
            "fixtures/alpine-310.tar.gz",
            "alpine:3.10",
            "sha256:af341ccd2df8b0e2d67cf8dd32e087bfda4e5756ebd1c76bbf3efa0dc246590e",
        ),
        (
            "fixtures/alpine-311.tar.gz",
            "alpine:3.11",
            "sha256:a187dde48cd289ac374ad8539930628314bc581a481cdb41409c9289419ddb72",
        ),
    ] {
        let Some((path, image)) = image(TEST, name) else { return };
        assert_eq!(image.target.image_id.as_deref(), Some(id));
        assert!(image.target.layers[0].created_by.as_ref().unwrap().starts_with("ADD file:"));
        assert_eq!(sha256(&bytes_of(&image.layers[0].place)), image.layers[0].diff_id);
        let named = open_archive(&path, Some(&image.target.name)).unwrap();
        assert_eq!(named.target, image.target);
        assert_eq!(image.target.name, tag);
    }
}

#[test]
fn real_archives_of_docker_hold_layers_of_the_stated_digest() {
    const TEST: &str = "real_archives_of_docker_hold_layers_of_the_stated_digest";
    for (name, layers) in [
        ("rpm-fedora38-sqlite", 2),
        ("rpm-rhel8-bdb", 2),
        ("rpm-sles15-ndb", 2),
        ("odd-db-removed", 3),
        ("odd-dup-entries", 3),
        ("odd-empty-layers", 4),
        ("odd-gnu-v7", 3),
        ("odd-hostile", 2),
        ("odd-links", 6),
    ] {
        let Some((_, image)) = image(TEST, &format!("built/{name}.tar")) else { return };
        assert_eq!(image.layers.len(), layers, "{name}");
        assert_eq!(image.target.platform.as_deref(), Some("linux/amd64"), "{name}");
        for layer in &image.layers {
            assert_eq!(sha256(&bytes_of(&layer.place)), layer.diff_id, "{name}");
        }
    }
}

#[test]
fn a_real_archive_that_is_cut_off_is_damage_wherever_the_cut_is() {
    const TEST: &str = "a_real_archive_that_is_cut_off_is_damage_wherever_the_cut_is";
    let Some(path) = shared(TEST, "built/rpm-rhel8-bdb.tar") else { return };
    let whole = fs_err::read(path).unwrap();
    for length in [1, 511, 512, 1000, 5000, 100_000, 300_000, whole.len() - 15_000] {
        let error = open_bare(&write(&whole[..length]).path).unwrap_err();
        assert!(
            matches!(
                error,
                SourceError::Damaged { .. }
                    | SourceError::NotAnImage { .. }
                    | SourceError::Missing { .. }
            ),
            "{length}: {error:?}"
        );
    }
    let packed = gzip(&whole);
    for length in [20, 1000, packed.len() / 2, packed.len() - 4] {
        let error = open_bare(&write(&packed[..length]).path).unwrap_err();
        assert!(matches!(error, SourceError::Damaged { .. }), "{length}: {error:?}");
    }
}
