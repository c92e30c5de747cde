//! Who may write and use the layer cache: only what was hashed.

use std::time::Duration;

use plimsoll_source::{Options, SourceError, cache};

use crate::images::{
    Place, docker_archive, gzip, gzipped, layer, oci_layout, options, plain, sha256, taken, text,
    verified,
};

/// Longer than the tick within which a changed file is not trusted.
const TICK: Duration = Duration::from_millis(2100);

fn sample(body: &str) -> Vec<u8> {
    layer(&[("a.jar", body), ("etc/keep", body)])
}

#[test]
fn a_layer_seen_before_is_not_read_again() {
    let place = Place::new();
    let path = place.write("image.tar", &docker_archive(&[gzipped(&sample("one"))]));
    std::thread::sleep(TICK);
    place.read_cached(&path).unwrap();
    assert_eq!(place.stub.take_asked(), ["a.jar"]);
    let heard = std::sync::Mutex::new(Vec::new());
    let hint = |path: &str, _: &[u8]| heard.lock().unwrap().push(path.to_owned());
    let folder = place.cache();
    let with = Options { cache: Some(&folder), hint: &hint, ..options() };
    let again = place.read_with(&path, &with).unwrap();
    assert!(place.stub.take_asked().is_empty());
    assert_eq!(verified(&again), [true]);
    assert_eq!(taken(&again.tree)[0].2, "one");
    assert_eq!(text(&again.tree, "etc/keep"), Some("one"));
    assert_eq!(heard.into_inner().unwrap(), ["etc/keep"]);
}

#[test]
fn a_file_that_changed_is_read_again() {
    let place = Place::new();
    let path = place.write("image.tar", &docker_archive(&[gzipped(&sample("one"))]));
    std::thread::sleep(TICK);
    place.read_cached(&path).unwrap();
    let other = docker_archive(&[gzipped(&sample("two"))]);
    let size = fs_err::metadata(&path).unwrap().len();
    let modified = fs_err::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(other.len() as u64, size, "only the times tell");
    fs_err::write(&path, &other).unwrap();
    // Times can be set back; that of the last change of the inode cannot.
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    let contents = place.read_cached(&path).unwrap();
    assert_eq!(taken(&contents.tree)[0].2, "two");
}

#[test]
fn a_blob_is_known_by_its_digest_in_another_file() {
    let place = Place::new();
    let layers = [gzipped(&sample("one"))];
    let [first, second] = ["first", "second"].map(|name| place.folder.path().join(name));
    oci_layout(&first, &layers);
    oci_layout(&second, &layers);
    place.read_cached(&first).unwrap();
    assert_eq!(place.stub.take_asked(), ["a.jar"]);
    let contents = place.read_cached(&second).unwrap();
    assert!(place.stub.take_asked().is_empty());
    assert_eq!(verified(&contents), [true]);
    assert_eq!(taken(&contents.tree)[0].2, "one");
    // The same name with other bytes inside is found out, although the cache knows the name.
    let blob = second.join("blobs/sha256").join(&sha256(&layers[0].0)[7..]);
    let mut stored = fs_err::read(&blob).unwrap();
    stored[4] ^= 1;
    fs_err::write(&blob, stored).unwrap();
    let error = place.read_cached(&second).unwrap_err();
    assert!(matches!(error, SourceError::WrongDigest { .. }), "{error}");
}

#[test]
fn a_forged_diff_id_neither_plants_nor_uses_an_entry() {
    let place = Place::new();
    let (clean, evil) = (sample("clean"), sample("evil!"));
    // What is streamed is found out; the claim is that the evil layer is the clean one.
    let forged = place.write("forged.tar", &docker_archive(&[(gzip(&evil), sha256(&clean))]));
    // What is walked is believed by nobody.
    let walked = place.write("walked.tar", &docker_archive(&[(evil.clone(), sha256(&clean))]));
    let honest = place.write("honest.tar", &docker_archive(&[gzipped(&clean)]));
    let turned = place.write("turned.tar", &docker_archive(&[(clean.clone(), sha256(&evil))]));
    std::thread::sleep(TICK);
    for round in 0..2 {
        let error = place.read_cached(&forged).unwrap_err();
        assert!(matches!(error, SourceError::WrongDigest { .. }), "{error}");
        let contents = place.read_cached(&walked).unwrap();
        assert_eq!(taken(&contents.tree)[0].2, "evil!", "round {round}");
        assert_eq!(verified(&contents), [false]);
        let contents = place.read_cached(&honest).unwrap();
        assert_eq!(taken(&contents.tree)[0].2, "clean", "round {round}");
        assert_eq!(verified(&contents), [true]);
        let contents = place.read_cached(&turned).unwrap();
        assert_eq!(taken(&contents.tree)[0].2, "clean", "round {round}");
        let folder = place.cache();
        let strict = Options { strict: true, cache: Some(&folder), ..options() };
        assert!(place.read_with(&walked, &strict).is_err());
        assert!(place.read_with(&turned, &strict).is_err());
    }
}

#[test]
fn what_was_walked_is_not_kept_and_what_was_hashed_is() {
    let place = Place::new();
    let path = place.write("image.tar", &docker_archive(&[plain(&sample("one"))]));
    std::thread::sleep(TICK);
    let folder = place.cache();
    place.read_cached(&path).unwrap();
    assert_eq!(cache::status(&folder), cache::CacheStatus::default());
    let strict = Options { strict: true, cache: Some(&folder), ..options() };
    place.read_with(&path, &strict).unwrap();
    assert_eq!(cache::status(&folder).entries, 2, "a listing and the identity of the file");
    place.stub.take_asked();
    let contents = place.read_cached(&path).unwrap();
    assert!(place.stub.take_asked().is_empty());
    assert_eq!(verified(&contents), [true], "hashed when the same file was last read");
}

#[test]
fn a_damaged_cache_is_made_anew() {
    let place = Place::new();
    let path = place.write("image.tar", &docker_archive(&[gzipped(&sample("one"))]));
    std::thread::sleep(TICK);
    place.read_cached(&path).unwrap();
    for entry in fs_err::read_dir(place.cache()).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs_err::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs_err::write(&path, bytes).unwrap();
    }
    place.stub.take_asked();
    let contents = place.read_cached(&path).unwrap();
    assert_eq!(place.stub.take_asked(), ["a.jar"]);
    assert_eq!(taken(&contents.tree)[0].2, "one");
    place.read_cached(&path).unwrap();
    assert!(place.stub.take_asked().is_empty());
}
