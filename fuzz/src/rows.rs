//! The rows that a feed gives, checked: they compare, and a shard gives them back as they went in.

use plimsoll_feeds::{FeedError, Harvest, Input, Row, Texts};
use plimsoll_model::{Advisory, Bound, Scheme};
use plimsoll_vuln::{RowKind, Shard, ShardBuilder, ShardMeta};

/// Reads one file as a feed does.
pub type Parse = fn(Input<'_>, &mut Harvest) -> Result<(), FeedError>;

/// Parses bytes for these namespaces twice, once without texts, and checks what came.
pub fn check(parse: Parse, address: &str, bytes: &[u8], kind: RowKind, namespaces: &[&str]) {
    for texts in [Texts::Of(Default::default()), Texts::All] {
        let mut harvest = Harvest::of(namespaces.iter().copied(), texts);
        let mut body = bytes;
        if parse(Input { address, body: &mut body }, &mut harvest).is_err() {
            return;
        }
        for (namespace, draft) in harvest.into_drafts() {
            check_rows(&namespace, kind, &draft.rows, bytes.len() % 4 == 0);
        }
    }
}

fn check_rows(namespace: &str, kind: RowKind, rows: &[(String, Row)], with_shard: bool) {
    for (_, row) in rows {
        match row {
            Row::Advisory(advisory) => check_advisory(advisory, scheme_of(namespace)),
            Row::Lean(lean) => check_advisory(&lean.advisory(), scheme_of(namespace)),
            _ => {}
        }
    }
    if rows.is_empty() || rows.len() > 200 || !with_shard {
        return;
    }
    let meta = ShardMeta { namespace: namespace.to_owned(), rows: kind, ..ShardMeta::default() };
    let mut builder = ShardBuilder::new(meta);
    for (key, row) in rows {
        let added = match row {
            Row::Advisory(advisory) => builder.add_advisory(key, advisory),
            Row::Lean(lean) => builder.add_advisory(key, &lean.advisory()),
            Row::Detail(detail) => builder.add_detail(key, detail),
            Row::Epss(epss) => builder.add_epss(key, *epss),
            Row::Kev(kev) => builder.add(key, &**kev),
            Row::Eol(release) => builder.add(key, &**release),
            Row::Strings(words) => builder.add(key, words),
        };
        added.expect("a row of a feed goes into a shard");
    }
    let built = builder.finish().expect("rows of a feed make a shard");
    let shard = Shard::from_bytes(built.bytes).expect("a shard just built opens");
    shard.verify(Some(&built.digest)).expect("a shard just built is sound");
    for (key, row) in rows {
        let found = match row {
            Row::Advisory(advisory) => {
                shard.advisories(key).map(|found| found.iter().any(|found| found == &**advisory))
            }
            Row::Lean(lean) => {
                shard.advisories(key).map(|found| found.contains(&lean.advisory()))
            }
            Row::Detail(_) => shard.details(key).map(|found| found.is_some()),
            Row::Epss(_) => shard.epss(key).map(|found| found.is_some()),
            Row::Kev(_) => shard.kev(key).map(|found| found.is_some()),
            Row::Eol(release) => {
                shard.eol(key).map(|found| found.iter().any(|found| found == &**release))
            }
            Row::Strings(words) => shard.strings(key).map(|found| found.as_ref() == Some(words)),
        };
        assert!(found.expect("a shard just built can be read"), "`{key}` does not come back");
    }
}

/// Checks that the versions in an advisory compare, or that one that is none compares with nothing.
pub fn check_advisory(advisory: &Advisory, scheme: Scheme) {
    let mut versions: Vec<&String> = advisory.fixed_versions.iter().collect();
    for interval in &advisory.affected.intervals {
        for bound in [&interval.low, &interval.high] {
            if let Bound::Included(version) | Bound::Excluded(version) = bound {
                versions.push(version);
            }
        }
    }
    // secdb and Debian's tracker hold versions that are none; matching tells them, and compares nothing.
    if let Some(odd) = versions.iter().find(|version| !scheme.is_valid(version)) {
        let is_kept = matches!(scheme, Scheme::Apk | Scheme::Deb);
        assert!(is_kept, "`{odd}` in `{}` cannot be compared", advisory.id);
        assert!(advisory.affected.hit(scheme, odd).is_err(), "`{odd}` compares with something");
        return;
    }
    for version in versions {
        advisory.affected.hit(scheme, version).expect("a bound compares with the others");
    }
}

fn scheme_of(namespace: &str) -> Scheme {
    let name = namespace.split(':').next().unwrap_or(namespace);
    let language = plimsoll_model::ecosystem::find(name).map(|row| row.scheme);
    let rows = plimsoll_model::distro::DISTROS.iter();
    let distro = || rows.clone().find(|row| row.namespace == name).map(|row| row.scheme);
    let product = (name == plimsoll_vuln::cpe::NAMESPACE).then_some(Scheme::Generic);
    product.or(language).or_else(distro).unwrap_or(Scheme::Apk)
}
