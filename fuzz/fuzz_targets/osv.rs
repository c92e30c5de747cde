//! OSV records, one or a list, and libraries judged by them.

#![no_main]

use std::collections::BTreeMap;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use plimsoll_model::{ECOSYSTEMS, Package, Scheme};
use plimsoll_vuln::osv::{self, Publisher, Row};
use plimsoll_vuln::{
    Database, DatabaseError, ReleaseInfo, RowKind, Shard, ShardBuilder, ShardMeta, judge,
};

/// Rows beyond this many are not judged by: each makes a package.
const MAX_ROWS: usize = 40;

fuzz_target!(|data: &[u8]| {
    let records = osv::parse(data).map(|record| vec![record]);
    let Ok(records) = records.or_else(|_| osv::parse_list(data)) else { return };
    let mut rows = Vec::new();
    for record in &records {
        let converted = osv::convert(record, Publisher { title: "OSV", rater: "osv" });
        assert!(!converted.withdrawn || converted.rows.is_empty());
        for row in &converted.rows {
            for scheme in [Scheme::Semver, Scheme::Pypi, Scheme::Deb, Scheme::Maven] {
                let _ = row.advisory.affected.hit(scheme, "1.2.3");
            }
        }
        rows.extend(converted.rows);
    }
    judge_by(&rows);
});

/// The shards of what was read.
struct Held(BTreeMap<String, Arc<Shard>>);

impl Database for Held {
    fn shard(&self, namespace: &str) -> Result<Arc<Shard>, DatabaseError> {
        let absent = || DatabaseError::NoFeed { namespace: namespace.to_owned() };
        self.0.get(namespace).cloned().ok_or_else(absent)
    }

    fn release(&self) -> ReleaseInfo {
        ReleaseInfo::default()
    }
}

/// Judges a package of each name, in a plain version, one with a build and none at all: what is found has an
/// id once for each package, and what does not count has a reason.
fn judge_by(rows: &[Row]) {
    let is_library = |row: &&Row| ECOSYSTEMS.iter().any(|one| one.namespace == row.namespace);
    let fits = |row: &&Row| !row.name.is_empty() && row.name.len() < 200;
    let rows: Vec<&Row> = rows.iter().filter(is_library).filter(fits).take(MAX_ROWS).collect();
    let mut builders: BTreeMap<&str, ShardBuilder> = BTreeMap::new();
    for row in &rows {
        let meta = || ShardMeta {
            namespace: row.namespace.clone(),
            rows: RowKind::Advisories,
            ..ShardMeta::default()
        };
        let builder =
            builders.entry(&row.namespace).or_insert_with(|| ShardBuilder::new(meta()));
        if builder.add_advisory(&row.name, &row.advisory).is_err() {
            return;
        }
    }
    let mut held = Held(BTreeMap::new());
    for (namespace, builder) in builders {
        let built = builder.finish().expect("rows of records make a shard");
        let shard = Shard::from_bytes(built.bytes).expect("a shard just built opens");
        held.0.insert(namespace.to_owned(), Arc::new(shard));
    }
    let mut packages = Vec::new();
    for row in &rows {
        for version in ["1.2.3", "v1.2.3-rc.1+b", "2.x-dev", ""] {
            let mut package = Package {
                name: row.name.clone(),
                version: version.to_owned(),
                kind: row.namespace.clone(),
                arch: Some("amd64".to_owned()),
                ..Package::default()
            };
            package.finish(None, version);
            if !packages.contains(&package) {
                packages.push(package);
            }
        }
    }
    let judged = judge(&packages, None, &held).expect("shards just built are sound");
    for package in &packages {
        let found = judged.findings.iter().filter(|found| found.package == package.id);
        let mut ids: Vec<&str> = found.map(|found| found.id.as_str()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(count, ids.len(), "a weakness is told once");
    }
    for found in &judged.findings {
        assert!(found.set_aside.as_ref().is_none_or(|aside| !aside.reason.is_empty()));
        assert!(!found.aliases.contains(&found.id));
    }
}
