//! Layers of every compression, in every kind of archive, laid over each other.

use std::sync::Mutex;

use plimsoll_source::{Options, Progress};

use crate::images::{
    Place, docker_archive, gzip, gzipped, layer, oci_layout, options, plain, sha256, taken, text,
    verified, zstd,
};

fn three_layers() -> Vec<Vec<u8>> {
    vec![
        layer(&[
            ("usr/lib/os-release", "ID=test"),
            ("etc/os-release -> ../usr/lib/os-release", ""),
            ("srv/a.jar", "a one"),
            ("srv/b.jar", "b one"),
            ("var/lib/dpkg/status", "old"),
        ]),
        layer(&[("srv/.wh.a.jar", ""), ("srv/b.jar", "b two")]),
        layer(&[("var/lib/dpkg/status", "new"), ("srv/c.jar", "c three")]),
    ]
}

fn check(contents: &plimsoll_source::Contents) {
    let tree = &contents.tree;
    assert_eq!(text(tree, "etc/os-release"), Some("ID=test"));
    assert_eq!(text(tree, "var/lib/dpkg/status"), Some("new"));
    let own = |path: &str, layer, name: &str| (path.to_owned(), layer, name.to_owned());
    assert_eq!(taken(tree), [own("srv/b.jar", 1, "b two"), own("srv/c.jar", 2, "c three")]);
    assert_eq!(tree.problems(), []);
}

#[test]
fn layers_of_every_compression_make_the_same_tree() {
    let place = Place::new();
    let layers = three_layers();
    let stored = [plain(&layers[0]), gzipped(&layers[1]), (zstd(&layers[2]), sha256(&layers[2]))];
    let path = place.write("image.tar", &docker_archive(&stored));
    let contents = place.read(&path).unwrap();
    check(&contents);
    assert_eq!(verified(&contents), [false, true, true], "what was walked was not hashed");
    let strict = place.read_with(&path, &Options { strict: true, ..options() }).unwrap();
    check(&strict);
    assert_eq!(verified(&strict), [true, true, true]);
}

#[test]
fn an_archive_compressed_as_a_whole_is_read_in_one_pass() {
    let place = Place::new();
    let layers = three_layers();
    let stored = [plain(&layers[0]), gzipped(&layers[1]), plain(&layers[2])];
    let archive = docker_archive(&stored);
    for (name, bytes) in [("image.tar.gz", gzip(&archive)), ("image.tar.zst", zstd(&archive))] {
        let contents = place.read(&place.write(name, &bytes)).unwrap();
        check(&contents);
        assert_eq!(verified(&contents), [true, true, true]);
    }
}

#[test]
fn a_layout_is_read_with_one_thread_and_with_many() {
    let place = Place::new();
    let layers: Vec<_> = three_layers().iter().map(|layer| gzipped(layer)).collect();
    oci_layout(place.folder.path(), &layers);
    for threads in [1, 2, 16] {
        let with = Options { threads: Some(threads), ..options() };
        let contents = place.read_with(place.folder.path(), &with).unwrap();
        check(&contents);
        assert_eq!(verified(&contents), [true, true, true]);
    }
}

#[test]
fn a_layer_that_is_there_twice_counts_twice() {
    let place = Place::new();
    let gone = layer(&[("srv/.wh.a.jar", "")]);
    let there = layer(&[("srv/a.jar", "a")]);
    for compress in [plain, gzipped] {
        let stored = [compress(&there), compress(&gone), compress(&there), compress(&gone)];
        let path = place.write("image.tar", &docker_archive(&stored[..3]));
        assert_eq!(taken(&place.read(&path).unwrap().tree).len(), 1);
        let path = place.write("image.tar", &docker_archive(&stored));
        assert_eq!(taken(&place.read(&path).unwrap().tree).len(), 0);
        let path = place.write("image.tar.gz", &gzip(&docker_archive(&stored[..3])));
        assert_eq!(taken(&place.read(&path).unwrap().tree).len(), 1);
    }
}

#[test]
fn several_gzip_members_are_one_layer() {
    let place = Place::new();
    let layer = layer(&[("a.jar", "a"), ("b.jar", "b")]);
    let (front, back) = layer.split_at(700);
    let stored = [gzip(front), gzip(back), b"\0\0padding".to_vec()].concat();
    let path = place.write("image.tar", &docker_archive(&[(stored, sha256(&layer))]));
    assert_eq!(taken(&place.read(&path).unwrap().tree).len(), 2);
}

#[test]
fn what_links_lead_to_is_looked_for_again() {
    let place = Place::new();
    let lower = layer(&[
        ("data/dpkg/status", "linked"),
        ("var/lib/dpkg -> /data/dpkg", ""),
        ("opt/blob", "a hard one"),
        ("opt/x.jar => opt/blob", ""),
        ("usr/lib -> lib64", ""),
        ("usr/lib64/os-release", "ID=far"),
    ]);
    let upper = layer(&[("data/dpkg/status", "linked again")]);
    for compress in [plain, gzipped] {
        let stored = [compress(&lower), compress(&upper)];
        let archive = docker_archive(&stored);
        for bytes in [gzip(&archive), archive] {
            let heard = Mutex::new(Vec::new());
            let hint = |path: &str, body: &[u8]| {
                heard.lock().unwrap().push((path.to_owned(), body.to_vec()));
            };
            let path = place.write("image.tar", &bytes);
            let contents = place.read_with(&path, &Options { hint: &hint, ..options() }).unwrap();
            let tree = &contents.tree;
            assert_eq!(text(tree, "var/lib/dpkg/status"), Some("linked again"));
            assert_eq!(text(tree, "usr/lib/os-release"), Some("ID=far"));
            let hard = ("opt/x.jar".to_owned(), 0, "a hard one".to_owned());
            assert!(taken(tree).contains(&hard));
            assert_eq!(place.stub.take_asked(), ["opt/x.jar"]);
            assert_eq!(tree.problems(), []);
            let heard = heard.into_inner().unwrap();
            assert!(heard.contains(&("usr/lib/os-release".to_owned(), b"ID=far".to_vec())));
        }
    }
}

#[derive(Default)]
struct Count(Mutex<(u64, u64, u32)>);

impl Progress for Count {
    fn start(&self, _label: &str, total_bytes: u64) {
        self.0.lock().unwrap().0 = total_bytes;
    }

    fn advance(&self, bytes: u64) {
        self.0.lock().unwrap().1 += bytes;
    }

    fn finish(&self) {
        self.0.lock().unwrap().2 += 1;
    }
}

#[test]
fn progress_reaches_what_was_told_at_the_start() {
    let place = Place::new();
    let layers: Vec<_> = three_layers().iter().map(|layer| gzipped(layer)).collect();
    let path = place.write("image.tar", &docker_archive(&layers));
    let count = Count::default();
    place.read_with(&path, &Options { progress: &count, ..options() }).unwrap();
    let (total, done, finished) = *count.0.lock().unwrap();
    assert!(total > 0);
    assert_eq!((done, finished), (total, 1));
}

#[test]
fn many_layers_are_applied_in_their_order() {
    let place = Place::new();
    let layers: Vec<_> = (0..120)
        .map(|index| {
            let body = index.to_string();
            let filling = "x".repeat((index * 7919) % 50_000);
            layer(&[("filling", &filling), ("etc/keep", &body), (&format!("{index}.jar"), &body)])
        })
        .map(|layer| gzipped(&layer))
        .collect();
    let path = place.write("image.tar", &docker_archive(&layers));
    let contents = place.read_with(&path, &Options { threads: Some(4), ..options() }).unwrap();
    assert_eq!(text(&contents.tree, "etc/keep"), Some("119"));
    let taken = taken(&contents.tree);
    assert_eq!(taken.len(), 120);
    assert!(taken.iter().all(|(_, layer, name)| layer.to_string() == *name));
    let (history, visible) = contents.tree.history("etc/keep");
    assert!(visible);
    assert_eq!(history.len(), 120);
}
