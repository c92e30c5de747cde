//! Release folders: written, read back, and what is wrong with them told.

use std::path::Path;

use plimsoll_model::{Advisory, Affected, State};
use plimsoll_vuln::manifest::{self, MAX_MANIFEST_BYTES, MAX_SHARDS};
use plimsoll_vuln::{
    Database, DatabaseError, FolderDatabase, Manifest, ManifestError, ShardBuilder, ShardEntry,
    ShardMeta,
};

fn shard(folder: &Path, namespace: &str) -> ShardEntry {
    let meta = ShardMeta {
        namespace: namespace.to_owned(),
        title: "A feed".to_owned(),
        updated: "2026-08-20".to_owned(),
        dropped: 3,
        ..ShardMeta::default()
    };
    let mut builder = ShardBuilder::new(meta.clone());
    let advisory = Advisory {
        id: "CVE-2023-0286".to_owned(),
        aliases: Vec::new(),
        class: plimsoll_model::Class::default(),
        state: State::Fixed,
        scope: plimsoll_model::Scope::default(),
        affected: Affected::below("3.0.8-r0"),
        fixed_versions: vec!["3.0.8-r0".to_owned()],
        severity: None,
        cvss: Vec::new(),
        record: "A feed".to_owned(),
        note: None,
        title: None,
        urls: Vec::new(),
    };
    builder.add_advisory("openssl", &advisory).unwrap();
    manifest::put_shard(folder, &meta, &builder.finish().unwrap()).unwrap()
}

fn release(folder: &Path) -> Manifest {
    let mut manifest = Manifest::new("2026-08-22T10:00:00Z", "0.1.0");
    for namespace in ["npm", "alpine:3.17", "alpine:3.18", "npm"] {
        manifest.put(shard(folder, namespace));
    }
    manifest
}

#[test]
fn a_release_is_written_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = release(folder.path());
    let digest = manifest.write(folder.path()).unwrap();
    let database = FolderDatabase::open(folder.path()).unwrap();
    assert_eq!(database.manifest(), &manifest);
    let names: Vec<&str> = manifest.shards.iter().map(|entry| entry.namespace.as_str()).collect();
    assert_eq!(names, ["alpine:3.17", "alpine:3.18", "npm"]);
    let info = database.release();
    assert_eq!(info.digest.as_deref(), Some(digest.as_str()));
    assert_eq!(info.built.as_deref(), Some("2026-08-22T10:00:00Z"));
    let shard = database.shard("alpine:3.17").unwrap();
    assert_eq!(shard.advisories("openssl").unwrap().len(), 1);
    assert!(std::sync::Arc::ptr_eq(&shard, &database.shard("alpine:3.17").unwrap()));
    let missing = database.shard("debian:12").unwrap_err();
    assert_eq!(missing, DatabaseError::NoFeed { namespace: "debian:12".to_owned() });
    // The same release has the same identity, and nothing is left aside.
    let other = tempfile::tempdir().unwrap();
    assert_eq!(release(other.path()).write(other.path()).unwrap(), digest);
    let files = std::fs::read_dir(folder.path().join("shards")).unwrap().count();
    assert_eq!(files, 3);
}

#[test]
fn a_changed_or_missing_shard_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = release(folder.path());
    manifest.write(folder.path()).unwrap();
    let path = |namespace| folder.path().join(&manifest.find(namespace).unwrap().file);
    std::fs::remove_file(path("npm")).unwrap();
    // A whole shard, but another one: its checksums are right, its digest is not.
    std::fs::copy(path("alpine:3.17"), path("alpine:3.18")).unwrap();
    let database = FolderDatabase::open(folder.path()).unwrap();
    assert!(matches!(database.shard("npm"), Err(DatabaseError::Unavailable { .. })));
    assert!(matches!(database.shard("alpine:3.18"), Err(DatabaseError::Damaged { .. })));
    assert!(database.shard("alpine:3.17").is_ok());
    assert_eq!(database.shard("npm").unwrap_err(), database.shard("npm").unwrap_err());
}

#[test]
fn what_no_manifest_names_is_pruned() {
    let folder = tempfile::tempdir().unwrap();
    let mut manifest = release(folder.path());
    manifest.shards.retain(|entry| entry.namespace != "npm");
    assert_eq!(manifest::prune(folder.path(), &manifest).unwrap(), 1);
    assert_eq!(manifest::prune(folder.path(), &manifest).unwrap(), 0);
    assert!(manifest.shards.iter().all(|entry| folder.path().join(&entry.file).exists()));
}

#[test]
fn a_folder_without_a_manifest_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let error = FolderDatabase::open(folder.path()).unwrap_err();
    assert!(matches!(error, ManifestError::Missing { .. }));
    assert!(error.to_string().ends_with("it has no `manifest.json`"), "{error}");
}

#[test]
fn bad_manifests_are_refused() {
    let hex = "0".repeat(64);
    let entry = |namespace: &str, file: &str| ShardEntry {
        namespace: namespace.to_owned(),
        digest: format!("sha256:{hex}"),
        file: file.to_owned(),
        ..ShardEntry::default()
    };
    let good = format!("shards/{hex}.shard");
    let refused = |shards: Vec<ShardEntry>| {
        let manifest = Manifest { shards, ..Manifest::new("2026-08-22T10:00:00Z", "0.1.0") };
        Manifest::parse(&manifest.to_bytes()).err()
    };
    assert_eq!(refused(vec![entry("a", &good), entry("b", &good)]), None);
    for (shards, reason) in [
        (vec![entry("a", "../../etc/passwd")], "`a` does not lie where its digest says"),
        (vec![entry("a", "/etc/passwd")], "`a` does not lie where its digest says"),
        (vec![entry("b", &good), entry("a", &good)], "`a` is out of order"),
        (vec![entry("a", &good), entry("a", &good)], "`a` is out of order"),
    ] {
        assert_eq!(refused(shards).as_deref(), Some(reason));
    }
    let many = (0..=MAX_SHARDS).map(|number| entry(&format!("{number:08}"), &good)).collect();
    assert_eq!(refused(many), Some(format!("it names more than {MAX_SHARDS} shards")));

    assert!(Manifest::parse(b"{").is_err());
    let newer = br#"{"schema_version": 2, "built": "", "tool_version": "", "shards": []}"#;
    assert!(Manifest::parse(newer).unwrap_err().contains("its version is 2"));
    let folder = tempfile::tempdir().unwrap();
    let mut large = Manifest::new("", "").to_bytes();
    large.resize(MAX_MANIFEST_BYTES as usize + 1, b' ');
    std::fs::write(folder.path().join("manifest.json"), &large).unwrap();
    let error = Manifest::read(folder.path()).unwrap_err();
    assert!(matches!(error, ManifestError::Malformed { .. }), "{error}");
    large.pop();
    std::fs::write(folder.path().join("manifest.json"), &large).unwrap();
    Manifest::read(folder.path()).unwrap();
}
