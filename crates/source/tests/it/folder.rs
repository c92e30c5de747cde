//! Folders: the walk, links, names that would be whiteouts in a layer.

use std::os::unix::fs::symlink;
use std::sync::Mutex;

use plimsoll_source::Options;

use crate::images::{Place, options, taken, text};

#[test]
fn a_folder_is_read_as_it_stands() {
    let place = Place::new();
    let root = place.folder.path().join("root");
    for folder in ["etc", "usr/lib", "srv", "data/dpkg", "var/lib"] {
        fs_err::create_dir_all(root.join(folder)).unwrap();
    }
    fs_err::write(root.join("usr/lib/os-release"), "ID=test").unwrap();
    symlink("../usr/lib/os-release", root.join("etc/os-release")).unwrap();
    symlink("/data/dpkg", root.join("var/lib/dpkg")).unwrap();
    symlink("..", root.join("srv/loop")).unwrap();
    fs_err::write(root.join("data/dpkg/status"), "linked").unwrap();
    fs_err::write(root.join("srv/a.jar"), "a").unwrap();
    fs_err::write(root.join("srv/.wh.a.jar"), "only a file here").unwrap();
    fs_err::write(root.join("srv/.wh..wh..opq"), "").unwrap();
    let heard = Mutex::new(Vec::new());
    let hint = |path: &str, _: &[u8]| heard.lock().unwrap().push(path.to_owned());
    let contents = place.read_with(&root, &Options { hint: &hint, ..options() }).unwrap();
    let tree = &contents.tree;
    assert_eq!(text(tree, "etc/os-release"), Some("ID=test"));
    assert_eq!(text(tree, "var/lib/dpkg/status"), Some("linked"));
    let taken: Vec<_> = taken(tree).into_iter().map(|(path, _, name)| (path, name)).collect();
    let jars = [("srv/.wh.a.jar", "only a file here"), ("srv/a.jar", "a")];
    assert_eq!(taken, jars.map(|(path, name)| (path.to_owned(), name.to_owned())));
    assert_eq!(tree.problems(), []);
    assert_eq!(contents.target.kind, "dir");
    assert!(contents.target.layers.is_empty());
    assert_eq!(heard.into_inner().unwrap(), ["usr/lib/os-release"]);
}

#[test]
fn problems_of_a_folder_have_no_layer() {
    let place = Place::new();
    let root = place.folder.path().join("root");
    fs_err::create_dir_all(root.join("etc")).unwrap();
    let file = fs_err::File::create(root.join("etc/os-release")).unwrap();
    file.set_len(64 << 20).unwrap();
    let problems = place.read(&root).unwrap().tree.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].layer, None);
    assert_eq!(problems[0].gap, Some(plimsoll_model::GapKind::Limit));
}
