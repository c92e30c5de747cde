//! The embedded minimum: a few famous advisories and the ends of life, carried by the program.
//!
//! Facts written by hand in OSV form (`embedded/*.json`), so that a first run without a network says
//! something true. What judges by them alone must say so: the shards are [`ShardMeta::partial`].

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use plimsoll_model::{Advisory, EolRelease};

use crate::database::{Database, DatabaseError, ReleaseInfo};
use crate::osv::{self, Publisher};
use crate::shard::{RowKind, Shard, ShardBuilder, ShardError, ShardMeta};

/// The day on which the facts were last looked over.
pub const UPDATED: &str = "2026-08-22";

const PUBLISHER: Publisher<'static> =
    Publisher { title: "Plimsoll's embedded list", rater: "embedded" };

/// The lists, each a JSON array of OSV records.
const LISTS: [(&str, &str); 6] = [
    ("golang", include_str!("../embedded/golang.json")),
    ("maven", include_str!("../embedded/maven.json")),
    ("npm", include_str!("../embedded/npm.json")),
    ("pypi", include_str!("../embedded/pypi.json")),
    ("alpine", include_str!("../embedded/alpine.json")),
    ("debian", include_str!("../embedded/debian.json")),
];

/// `{"alpine-linux": [["3.17", "2024-11-22", "", "3.17.10"], …]}`: release, last day of support,
/// last day of extended support, newest version.
const EOL: &str = include_str!("../embedded/eol.json");

type Rows = BTreeMap<String, Vec<(String, Advisory)>>;

static SHARDS: LazyLock<BTreeMap<String, Arc<Shard>>> = LazyLock::new(|| {
    // The lists are part of the program and a test reads them all: nothing can be missing here.
    build().unwrap_or_default()
});

static RELEASES: LazyLock<BTreeMap<String, Vec<EolRelease>>> =
    LazyLock::new(|| parse_eol(EOL).unwrap_or_default());

/// Returns the shard of a namespace; `None` when the list has nothing for it. Also answers `eol`.
pub fn shard(namespace: &str) -> Option<Arc<Shard>> {
    SHARDS.get(namespace).cloned()
}

/// Returns the namespaces that the list has something for, sorted; `eol` is among them.
pub fn namespaces() -> impl Iterator<Item = &'static str> {
    SHARDS.keys().map(String::as_str)
}

/// Returns the releases of a product of endoflife.date, newest first; none for an unknown one.
pub fn eol(product: &str) -> &'static [EolRelease] {
    RELEASES.get(product).map_or(&[], Vec::as_slice)
}

/// The embedded minimum as a database.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmbeddedDatabase;

impl Database for EmbeddedDatabase {
    fn shard(&self, namespace: &str) -> Result<Arc<Shard>, DatabaseError> {
        shard(namespace).ok_or_else(|| DatabaseError::NoFeed { namespace: namespace.to_owned() })
    }

    fn release(&self) -> ReleaseInfo {
        ReleaseInfo::default()
    }

    fn held(&self, namespace: &str) -> Option<Arc<Shard>> {
        shard(namespace)
    }
}

fn build() -> Result<BTreeMap<String, Arc<Shard>>, ShardError> {
    let mut shards = BTreeMap::new();
    for (namespace, rows) in rows() {
        let mut builder = ShardBuilder::new(meta(&namespace, RowKind::Advisories));
        for (name, advisory) in &rows {
            builder.add_advisory(name, advisory)?;
        }
        shards.insert(namespace, open(builder)?);
    }
    let mut builder = ShardBuilder::new(meta("eol", RowKind::Eol));
    for (product, releases) in RELEASES.iter() {
        for release in releases {
            builder.add(product, release)?;
        }
    }
    shards.insert("eol".to_owned(), open(builder)?);
    Ok(shards)
}

fn open(builder: ShardBuilder) -> Result<Arc<Shard>, ShardError> {
    let built = builder.finish()?;
    Ok(Arc::new(Shard::from_bytes(built.bytes)?.with_digest(&built.digest)))
}

fn meta(namespace: &str, rows: RowKind) -> ShardMeta {
    ShardMeta {
        namespace: namespace.to_owned(),
        title: PUBLISHER.title.to_owned(),
        updated: UPDATED.to_owned(),
        partial: rows == RowKind::Advisories,
        rows,
        ..ShardMeta::default()
    }
}

fn rows() -> Rows {
    let mut rows = Rows::new();
    for (_, list) in LISTS {
        for record in osv::parse_list(list.as_bytes()).unwrap_or_default() {
            for row in osv::convert(&record, PUBLISHER).rows {
                rows.entry(row.namespace).or_default().push((row.name, row.advisory));
            }
        }
    }
    rows
}

fn parse_eol(text: &str) -> Result<BTreeMap<String, Vec<EolRelease>>, serde_json::Error> {
    let products: BTreeMap<String, Vec<[String; 4]>> = serde_json::from_str(text)?;
    let release = |[release, date, extended, latest]: [String; 4]| EolRelease {
        release,
        date,
        extended,
        latest,
    };
    let products = products.into_iter();
    Ok(products.map(|(name, rows)| (name, rows.into_iter().map(release).collect())).collect())
}
