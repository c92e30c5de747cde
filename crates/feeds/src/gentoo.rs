//! Gentoo: its security advisories (GLSA), an XML document each, in the daily snapshot of the tree.
//!
//! ```xml
//! <glsa id="202301-01"><title>NTFS-3G: Multiple Vulnerabilities</title>
//!   <affected><package name="sys-fs/ntfs3g" auto="yes" arch="*">
//!     <unaffected range="ge">2022.10.3</unaffected><vulnerable range="lt">2022.10.3</vulnerable>
//!   </package></affected><impact type="high"/>
//!   <references><uri link="https://…">CVE-2022-40284</uri></references></glsa>
//! ```
//!
//! Affected is what a `vulnerable` range holds and no `unaffected` one. The ranges whose name begins
//! with `r` hold revisions of one version alone: `rge` `1.2-r3` is `1.2-r3`, `1.2-r4` and so on.
//!
//! A range with a slot is about that slot alone. Slots are not told of packages here; where the version
//! begins with the slot (`slot="3.8"`, `3.8.13`), the range is cut to the versions that do, else the
//! slot is passed over. An architecture that an advisory is about is passed over too.
//! Source: <https://wiki.gentoo.org/wiki/GLSA>, <https://www.gentoo.org/glep/glep-0014.html>.

use std::cmp::Ordering;

use plimsoll_model::{Advisory, Affected, Bound, Interval, Scheme, Scope, Severity, State};
use plimsoll_vuln::RowKind;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, Row, SourceFile};
use crate::packed::{ArchiveLimits, each_in_tar};
use crate::text::{cut, cves_in};
use crate::xml::{Document, Node, take};

/// Most bytes of the snapshot as it is stored; it has some 50 MB.
pub const MAX_PACKED_BYTES: u64 = 512 << 20;
/// What the snapshot may have; it has some 170,000 files in 700 MB.
const LIMITS: ArchiveLimits =
    ArchiveLimits { max_bytes: 8 << 30, max_member_bytes: 64 << 20, max_members: 2_000_000 };
/// Most packages of one advisory.
pub const MAX_PACKAGES: usize = 1_000;
/// Most ranges of one package.
pub const MAX_RANGES: usize = 200;
/// Most CVEs of one advisory.
pub const MAX_CVES: usize = 2_000;
const MAX_TITLE_CHARS: usize = 200;
const NAMESPACE: &str = "gentoo";
const ADDRESS: &str = "https://distfiles.gentoo.org/snapshots/gentoo-latest.tar.xz";
const LAST_REVISION: u32 = 999_999_999;

/// Gentoo.
pub const GENTOO: Feed = Feed {
    id: "gentoo",
    title: "Gentoo GLSA",
    licence: "CC-BY-SA-4.0",
    says: "fixed: the versions of `unaffected`; no fix: a package without them; not affected: not told, \
        unfixed weaknesses are mostly missing",
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 1_000,
    reader: 1,
    namespaces: |_| vec![NAMESPACE.to_owned()],
    files: |namespace| {
        (namespace == NAMESPACE)
            .then(|| vec![SourceFile::new(ADDRESS.to_owned(), MAX_PACKED_BYTES)])
    },
    parse,
};

/// Reads all advisories of the archive into `gentoo`, keyed by `category/name`, one row a CVE. An
/// advisory, or a package of one, that cannot be read is dropped and counted.
///
/// # Errors
/// [`FeedError::Malformed`] with the member, when the archive is broken; [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address.to_owned();
    each_in_tar(input, LIMITS, |path, body| {
        let name = path.rsplit('/').next().unwrap_or_default();
        if name.strip_prefix("glsa-").and_then(|name| name.strip_suffix(".xml")).is_none() {
            return Ok(());
        }
        if let Ok(glsa) = Glsa::read(&address, body) {
            return glsa.harvest(harvest);
        }
        harvest.drop_record(NAMESPACE);
        Ok(())
    })
}

/// One advisory.
#[derive(Debug, Default)]
struct Glsa {
    id: String,
    title: String,
    impact: String,
    revised: String,
    cves: Vec<String>,
    packages: Vec<Package>,
}

#[derive(Debug, Default)]
struct Package {
    name: String,
    ranges: Vec<Range>,
}

#[derive(Debug, Default)]
struct Range {
    is_vulnerable: bool,
    op: String,
    slot: String,
    version: String,
}

impl Glsa {
    fn read(address: &str, body: &[u8]) -> Result<Self, FeedError> {
        let mut document = Document::new(address, Box::new(body));
        let mut glsa = Self::default();
        let mut range = Range::default();
        while let Some(node) = document.next()? {
            match node {
                Node::Start(name, mut attributes) => {
                    let mut word = |name: &str| take(&mut attributes, name).unwrap_or_default();
                    match name.as_str() {
                        "glsa" => glsa.id = word("id"),
                        "impact" => glsa.impact = word("type"),
                        "package" => {
                            let package = Package { name: word("name"), ..Package::default() };
                            glsa.packages.push(package);
                        }
                        "vulnerable" | "unaffected" => {
                            range = Range { op: word("range"), slot: word("slot"), ..range };
                            range.is_vulnerable = name == "vulnerable";
                        }
                        "uri" => glsa.name_cves(&word("link")),
                        _ => {}
                    }
                }
                Node::End(name, text) => match (name.as_str(), document.depth()) {
                    ("title", 1) => glsa.title = cut(&text, MAX_TITLE_CHARS),
                    ("revised", 1) => glsa.revised = text,
                    ("uri", _) => glsa.name_cves(&text),
                    ("vulnerable" | "unaffected", _) => {
                        if let Some(package) = glsa.packages.last_mut() {
                            let range = std::mem::take(&mut range);
                            package.ranges.push(Range { version: text, ..range });
                        }
                    }
                    _ => {}
                },
            }
            let ranges = glsa.packages.last().map_or(0, |package| package.ranges.len());
            if glsa.packages.len() > MAX_PACKAGES
                || ranges > MAX_RANGES
                || glsa.cves.len() > MAX_CVES
            {
                return Err(document.fault("an advisory with too many parts"));
            }
        }
        if glsa.id.is_empty() {
            return Err(document.fault("an advisory without an id"));
        }
        Ok(glsa)
    }

    fn name_cves(&mut self, text: &str) {
        for cve in cves_in(text) {
            if !self.cves.contains(&cve) {
                self.cves.push(cve);
            }
        }
    }

    fn harvest(self, harvest: &mut Harvest) -> Result<(), FeedError> {
        let own = format!("GLSA-{}", self.id);
        // `2023-01-11`, or `January 11, 2023: 02` of old.
        if self.revised.starts_with(|letter: char| letter.is_ascii_digit()) {
            harvest.stamp(self.revised.get(..10).unwrap_or_default());
        }
        let ids = if self.cves.is_empty() { std::slice::from_ref(&own) } else { &self.cves };
        for package in &self.packages {
            let Some(intervals) = package.affected().filter(|_| !package.name.is_empty()) else {
                harvest.drop_record(NAMESPACE);
                continue;
            };
            let fixed_versions = package.fixed();
            let state = if fixed_versions.is_empty() { State::Affected } else { State::Fixed };
            for id in ids {
                let advisory = Advisory {
                    class: plimsoll_model::Class::Weakness,
                    id: id.clone(),
                    aliases: Some(own.clone()).filter(|own| own != id).into_iter().collect(),
                    state,
                    scope: Scope::default(),
                    affected: Affected { intervals: intervals.clone(), versions: Vec::new() },
                    fixed_versions: fixed_versions.clone(),
                    severity: severity(&self.impact),
                    cvss: Vec::new(),
                    record: format!("Gentoo {own}"),
                    note: None,
                    title: Some(self.title.clone()).filter(|title| !title.is_empty()),
                    urls: vec![format!("https://security.gentoo.org/glsa/{}", self.id)],
                };
                harvest.push(NAMESPACE, &package.name, Row::Advisory(Box::new(advisory)))?;
            }
        }
        Ok(())
    }
}

fn severity(impact: &str) -> Option<Severity> {
    match impact {
        "normal" => Some(Severity::Medium),
        "minimal" => Some(Severity::Low),
        word => Severity::from_word(word),
    }
}

impl Package {
    /// Returns the affected intervals, lowest first; `None` when a range cannot be read, or none is
    /// left.
    fn affected(&self) -> Option<Vec<Interval>> {
        let mut spans = Vec::new();
        for range in self.ranges.iter().filter(|range| range.is_vulnerable) {
            spans.extend(range.spans()?);
        }
        for range in self.ranges.iter().filter(|range| !range.is_vulnerable) {
            for good in range.spans()? {
                spans = spans.into_iter().flat_map(|span: Span| span.without(&good)).collect();
            }
        }
        spans.sort_by(|a, b| a.low.order(&b.low));
        let intervals: Vec<Interval> = spans.into_iter().map(Span::into_interval).collect();
        (!intervals.is_empty()).then_some(intervals)
    }

    /// Returns the versions from which on it is mended, lowest first.
    fn fixed(&self) -> Vec<String> {
        let mends = |range: &&Range| {
            !range.is_vulnerable && matches!(range.op.as_str(), "ge" | "rge" | "eq")
        };
        let mut fixed: Vec<String> =
            self.ranges.iter().filter(mends).map(|range| range.version.clone()).collect();
        fixed.sort_by(|a, b| compare(a, b));
        fixed.dedup();
        fixed
    }
}

fn compare(a: &str, b: &str) -> Ordering {
    Scheme::Ebuild.compare(a, b).unwrap_or_else(|_| a.cmp(b))
}

/// A place between versions.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Cut {
    Start,
    Before(String),
    After(String),
    End,
}

/// The versions between two places.
#[derive(Clone, Debug)]
struct Span {
    low: Cut,
    high: Cut,
}

impl Range {
    /// Returns the versions that it holds, in one span or none; `None` when it is no range.
    fn spans(&self) -> Option<Vec<Span>> {
        let version = self.version.as_str();
        if !Scheme::Ebuild.is_valid(version) {
            return None;
        }
        let base = version.split_once("-r").map_or(version, |(base, _)| base);
        let (before, after) = (Cut::Before(version.to_owned()), Cut::After(version.to_owned()));
        let first = Cut::Before(base.to_owned());
        let last = Cut::After(format!("{base}-r{LAST_REVISION}"));
        let (low, high) = match self.op.as_str() {
            "lt" => (Cut::Start, before),
            "le" => (Cut::Start, after),
            "eq" => (before, after),
            "ge" => (before, Cut::End),
            "gt" => (after, Cut::End),
            "rlt" => (first, before),
            "rle" => (first, after),
            "rge" => (before, last),
            "rgt" => (after, last),
            _ => return None,
        };
        let whole = Span { low: Cut::Start, high: Cut::End };
        let slot = self.slot_span().unwrap_or(whole);
        Some(Span { low, high }.within(&slot).into_iter().collect())
    }

    /// Returns the versions of the slot, where they can be told by it.
    fn slot_span(&self) -> Option<Span> {
        let slot = self.slot.split('/').next().unwrap_or_default();
        let rest = self.version.strip_prefix(slot)?;
        if matches!(slot, "" | "*" | "0")
            || rest.starts_with(|letter: char| letter.is_ascii_digit())
        {
            return None;
        }
        let (front, number) = slot.rsplit_once('.').map_or(("", slot), |(front, n)| (front, n));
        let next = number.parse::<u64>().ok()?.checked_add(1)?;
        let next = if front.is_empty() { next.to_string() } else { format!("{front}.{next}") };
        let low = Cut::Before(format!("{slot}_alpha"));
        Some(Span { low, high: Cut::Before(format!("{next}_alpha")) })
    }
}

impl Cut {
    fn order(&self, other: &Self) -> Ordering {
        let rank = |cut: &Self| match cut {
            Self::Start => 0,
            Self::Before(_) | Self::After(_) => 1,
            Self::End => 2,
        };
        match (self, other) {
            (Self::Before(a) | Self::After(a), Self::Before(b) | Self::After(b)) => {
                let is_after = |cut: &Self| matches!(cut, Self::After(_));
                compare(a, b).then(is_after(self).cmp(&is_after(other)))
            }
            _ => rank(self).cmp(&rank(other)),
        }
    }

    fn min(&self, other: &Self) -> Self {
        if self.order(other).is_gt() { other.clone() } else { self.clone() }
    }

    fn max(&self, other: &Self) -> Self {
        if self.order(other).is_lt() { other.clone() } else { self.clone() }
    }
}

impl Span {
    fn new(low: Cut, high: Cut) -> Option<Self> {
        low.order(&high).is_lt().then_some(Self { low, high })
    }

    fn within(&self, other: &Self) -> Option<Self> {
        Self::new(self.low.max(&other.low), self.high.min(&other.high))
    }

    fn without(&self, other: &Self) -> impl Iterator<Item = Self> + use<> {
        let below = Self::new(self.low.clone(), self.high.min(&other.low));
        let above = Self::new(self.low.max(&other.high), self.high.clone());
        below.into_iter().chain(above)
    }

    fn into_interval(self) -> Interval {
        let low = match self.low {
            Cut::Before(version) => Bound::Included(version),
            Cut::After(version) => Bound::Excluded(version),
            Cut::Start | Cut::End => Bound::Open,
        };
        let high = match self.high {
            Cut::Before(version) => Bound::Excluded(version),
            Cut::After(version) => Bound::Included(version),
            Cut::Start | Cut::End => Bound::Open,
        };
        Interval { low, high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes `v lt 1.2` and `u rge:slot 1.2-r3`, and says what is affected.
    fn affected(ranges: &[&str]) -> Option<String> {
        let range = |text: &&str| {
            let words: Vec<&str> = text.split(' ').collect();
            let (op, slot) = words[1].split_once(':').unwrap_or((words[1], ""));
            Range {
                is_vulnerable: words[0] == "v",
                op: op.to_owned(),
                slot: slot.to_owned(),
                version: words[2].to_owned(),
            }
        };
        let package =
            Package { name: "a/b".to_owned(), ranges: ranges.iter().map(range).collect() };
        let intervals = package.affected()?;
        Some(intervals.iter().map(ToString::to_string).collect::<Vec<_>>().join(" || "))
    }

    #[test]
    fn affected_is_vulnerable_without_unaffected() {
        for (ranges, expected) in [
            (&["v lt 1.2", "u ge 1.2"][..], "<1.2"),
            (&["v le 1.2"], "<=1.2"),
            (&["v lt 2.0", "u rge 1.2-r3", "u ge 2.0"], "<1.2-r3 || >1.2-r999999999, <2.0"),
            (&["v le 2.0", "u gt 1.5", "u eq 1.1"], "<1.1 || >1.1, <=1.5"),
            (&["v ge 1.0", "u rlt 1.4-r2"], ">=1.0, <1.4 || >=1.4-r2"),
            (&["v eq 1.0-r1", "v rgt 3.0-r1"], ">=1.0-r1, <=1.0-r1 || >3.0-r1, <=3.0-r999999999"),
            (
                &["v lt:3.8 3.8.13", "v lt:3.9 3.9.12", "u ge:3.8 3.8.13", "u ge:3.9 3.9.12"],
                ">=3.8_alpha, <3.8.13 || >=3.9_alpha, <3.9.12",
            ),
            (&["v lt:4/37 2.38.5", "u ge:0 2.38.5"], "<2.38.5"),
        ] {
            assert_eq!(affected(ranges).as_deref(), Some(expected), "{ranges:?}");
        }
        assert_eq!(affected(&["v lt 1.2", "u lt 2"]), None, "nothing is left");
        assert_eq!(affected(&["v what 1.2"]), None);
        assert_eq!(affected(&["v lt x.y"]), None);
    }

    #[test]
    fn an_advisory_is_limited() {
        let read =
            |parts: String| Glsa::read("x", format!("<glsa id='1'>{parts}</glsa>").as_bytes());
        assert!(read(String::new()).is_ok());
        let range = "<vulnerable range='lt'>1</vulnerable>";
        for (part, limit) in [("<package/>", MAX_PACKAGES), (range, MAX_RANGES)] {
            let wrap = |count: usize| read(format!("<package>{}</package>", part.repeat(count)));
            assert!(wrap(limit - 1).is_ok(), "{part}");
            assert!(wrap(limit + 1).is_err(), "{part}");
        }
        let cves: Vec<String> =
            (0..=MAX_CVES).map(|n| format!("<uri>CVE-2020-{n:05}</uri>")).collect();
        assert!(read(cves.concat()).is_err());
        assert!(Glsa::read("x", b"<glsa/>").is_err());
    }
}
