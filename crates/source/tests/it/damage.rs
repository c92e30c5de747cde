//! Images that are damaged, forged or beyond limits: an error that names the layer.

use plimsoll_source::SourceError;

use crate::images::{Place, docker_archive, gzip, gzipped, layer, oci_layout, plain, sha256, zstd};

fn sample() -> Vec<u8> {
    let mut noise = String::new();
    for index in 0..4000u32 {
        noise += &index.wrapping_mul(2_654_435_761).to_string();
    }
    layer(&[("a/keep", &noise), ("b.jar", "b")])
}

fn error_of(place: &Place, bytes: &[u8]) -> SourceError {
    let path = place.write("image.tar", bytes);
    place.read(&path).unwrap_err()
}

#[test]
fn compressed_data_that_is_broken_or_cut_off_ends_the_scan() {
    let place = Place::new();
    let sample = sample();
    for compressed in [gzip(&sample), zstd(&sample)] {
        let cut = compressed[..compressed.len() / 2].to_vec();
        let mut broken = compressed.clone();
        let middle = broken.len() / 2;
        broken[middle] ^= 0xff;
        for stored in [cut, broken] {
            let layers = [plain(&sample), (stored, sha256(&sample))];
            let archive = docker_archive(&layers);
            for bytes in [gzip(&archive), archive] {
                let error = error_of(&place, &bytes);
                let text = error.to_string();
                assert!(text.contains("layer 1"), "{text}");
                let damaged =
                    matches!(error, SourceError::Damaged { .. } | SourceError::WrongDigest { .. });
                assert!(damaged, "{text}");
            }
        }
    }
}

#[test]
fn the_lowest_layer_that_is_damaged_is_named() {
    let place = Place::new();
    let broken: Vec<_> = (0..8)
        .map(|index| {
            let mut stored = gzip(&layer(&[("x", &index.to_string().repeat(1000))]));
            stored.truncate(20 + index);
            (stored, sha256(b"never"))
        })
        .collect();
    for _ in 0..20 {
        let error = error_of(&place, &docker_archive(&broken));
        assert!(error.to_string().contains("layer 0"), "{error}");
    }
}

#[test]
fn a_digest_that_is_not_that_of_the_bytes_ends_the_scan() {
    let place = Place::new();
    let sample = sample();
    let other = sha256(b"other");
    let error = error_of(&place, &docker_archive(&[(gzip(&sample), other.clone())]));
    let SourceError::WrongDigest { blob, expected, found, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((blob.as_str(), expected, found), ("layer 0", other, sha256(&sample)));

    oci_layout(place.folder.path(), &[gzipped(&sample)]);
    let blob = place.folder.path().join("blobs/sha256").join(&sha256(&gzip(&sample))[7..]);
    // As long as before, and gzip has no quarrel with it: the time in its head is changed.
    let mut stored = fs_err::read(&blob).unwrap();
    stored[4] ^= 1;
    fs_err::write(&blob, stored).unwrap();
    let error = place.read(place.folder.path()).unwrap_err();
    assert!(matches!(error, SourceError::WrongDigest { .. }), "{error}");
}

#[test]
fn compressions_that_are_not_read_are_named() {
    let place = Place::new();
    for (start, name) in [(&b"BZh91AY&SY"[..], "bzip2"), (b"\xfd7zXZ\0\0\x04", "xz")] {
        let stored = [start, &[0; 600]].concat();
        let error = error_of(&place, &docker_archive(&[(stored, sha256(b""))]));
        assert!(matches!(error, SourceError::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains(name) && error.to_string().contains("layer 0"));
        assert!(error.hint().is_some());
    }
}

#[test]
fn a_layer_that_is_no_archive_is_a_problem_and_a_gap() {
    let place = Place::new();
    let path = place.write("image.tar", &docker_archive(&[plain(&[b'x'; 2048])]));
    let problems = place.read(&path).unwrap().tree.problems();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].layer, Some(0));
    assert_eq!(problems[0].gap, Some(plimsoll_model::GapKind::Unreadable));
}

#[test]
fn a_thread_that_panics_is_an_error_and_no_hang() {
    let mut place = Place::new();
    place.stub.panics = true;
    let layers: Vec<_> = (0..40)
        .map(|index| layer(&[(if index % 9 == 4 { "x.jar" } else { "x" }, &index.to_string())]))
        .map(|layer| gzipped(&layer))
        .collect();
    let archive = docker_archive(&layers);
    for bytes in [gzip(&archive), archive] {
        let error = error_of(&place, &bytes);
        assert!(matches!(error, SourceError::Failed { .. }), "{error}");
    }
}
