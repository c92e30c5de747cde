//! What a feed is: a row of the table, the bytes it is given, the rows it gives.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read;
use std::sync::Arc;

use plimsoll_model::advisory::Scope;
use plimsoll_model::{Advisory, Affected, Detail, EolRelease, Epss, Kev};
use plimsoll_vuln::RowKind;

use crate::error::FeedError;

/// Most rows that one shard is built of.
pub const MAX_ROWS: u64 = 5_000_000;
/// Longest stamp of an upstream that is kept, in characters.
const MAX_STAMP_CHARS: usize = 64;
/// Most files that the files of a feed may lead on to.
pub(crate) const MAX_FOLLOWED_FILES: usize = 50_000;
/// Most documents that `Harvest::claim` tells apart.
pub(crate) const MAX_CLAIMS: usize = 5_000_000;
/// Most notes that the files of a feed may leave for those after them.
pub const MAX_NOTES: usize = 2_000_000;
/// Longest key (package name, id) of a row; what is longer is dropped and counted.
pub const MAX_KEY_BYTES: usize = 256;

/// One upstream: what it serves, where it lies, how it is read.
#[derive(Debug)]
pub struct Feed {
    /// `alpine`.
    pub id: &'static str,
    /// Its name for people: `Alpine secdb`.
    pub title: &'static str,
    /// The licence of its data; empty where none is stated.
    pub licence: &'static str,
    /// How it says fixed, not affected and no fix, for the docs.
    pub says: &'static str,
    /// What its rows are.
    pub rows: RowKind,
    /// Age after which a shard of it is old: the rhythm of the upstream.
    pub max_age_hours: u32,
    /// Records that a namespace has at the least; fewer are used, and told as a hole. Where it is 0, none at
    /// all are as good as any; elsewhere that is an error.
    pub least_records: usize,
    /// The version of `parse`; raising it makes the shards in caches old.
    pub reader: u32,
    /// Every namespace known by now, sorted; the argument is the year that it is.
    pub namespaces: fn(u16) -> Vec<String>,
    /// The files that make a namespace, in the order they are read; `None` when this feed does not
    /// serve it.
    pub files: fn(&str) -> Option<Vec<SourceFile>>,
    /// Reads one file into the rows of all namespaces that the harvest wants.
    pub parse: fn(Input<'_>, &mut Harvest) -> Result<(), FeedError>,
}

/// One file of an upstream.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct SourceFile {
    /// `https://secdb.alpinelinux.org/v3.17/main.json`.
    pub address: String,
    /// Most bytes it may have as it is stored.
    pub max_bytes: u64,
    /// The namespace is whole without it: old Alpine releases have no community repository.
    pub optional: bool,
}

impl SourceFile {
    pub(crate) fn new(address: String, max_bytes: u64) -> Self {
        Self { address, max_bytes, optional: false }
    }
}

/// The bytes of one file.
pub struct Input<'a> {
    /// Where they are from; for errors and for telling files apart.
    pub address: &'a str,
    /// The file as it is stored: a `.gz` is packed.
    pub body: &'a mut dyn Read,
}

/// One row of a shard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Row {
    /// Keyed by package.
    Advisory(Box<Advisory>),
    /// Keyed by package.
    Lean(Lean),
    /// Keyed by CVE.
    Detail(Box<Detail>),
    /// Keyed by CVE.
    Epss(Epss),
    /// Keyed by CVE.
    Kev(Box<Kev>),
    /// Keyed by product.
    Eol(Box<EolRelease>),
    /// A list of words, keyed by what the feed keys them by.
    Strings(Vec<String>),
}

/// A record that says most of what it says in the words of others; for feeds with millions of rows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lean {
    /// All but what follows.
    pub common: Arc<Advisory>,
    /// Of which packages it speaks.
    pub scope: Arc<Scope>,
    /// The version that mends it: those below are affected. `None`: every version is affected.
    pub fixed_version: Option<Arc<str>>,
}

/// For which CVEs the texts are kept, beside the ratings.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Texts {
    /// For all.
    #[default]
    All,
    /// For these ids alone; all others keep their best rating and whether they are rejected.
    Of(BTreeSet<String>),
}

/// The rows read so far, by namespace; it takes only what was asked for.
#[derive(Debug)]
pub struct Harvest {
    drafts: BTreeMap<String, Draft>,
    texts: Texts,
    max_rows: u64,
    /// Files to read next, in their order.
    followed: Vec<SourceFile>,
    claimed: HashSet<String>,
    max_claims: usize,
    /// What one file of the feed told about what others name.
    notes: BTreeMap<String, String>,
    /// Stamps of a later year are mistakes.
    max_year: u16,
}

/// What becomes one shard.
#[derive(Debug, Default, Eq, PartialEq)]
pub struct Draft {
    /// Keys and rows, in the order read.
    pub rows: Vec<(String, Row)>,
    /// Records that could not be used.
    pub dropped: u64,
    /// The upstream's own stamp; empty when it has none.
    pub updated: String,
    /// It holds only what was asked for by id.
    pub partial: bool,
}

impl Harvest {
    /// Makes one that takes rows of these namespaces.
    pub fn of<'a>(namespaces: impl IntoIterator<Item = &'a str>, texts: Texts) -> Self {
        let drafts = namespaces.into_iter().map(|name| (name.to_owned(), Draft::default()));
        Self {
            drafts: drafts.collect(),
            texts,
            max_rows: MAX_ROWS,
            followed: Vec::new(),
            claimed: HashSet::new(),
            max_claims: MAX_CLAIMS,
            notes: BTreeMap::new(),
            max_year: u16::MAX,
        }
    }

    /// Takes no stamps of a year after this one, which is the year that it is: some upstreams have dates
    /// in the future.
    #[must_use]
    pub fn up_to(self, year: u16) -> Self {
        Self { max_year: year, ..self }
    }

    /// Returns whether rows of this namespace are taken.
    pub fn wants(&self, namespace: &str) -> bool {
        self.drafts.contains_key(namespace)
    }

    /// Returns the namespaces that are wanted, sorted.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.drafts.keys().map(String::as_str)
    }

    /// Returns whether the texts of this CVE are kept.
    pub fn wants_text(&self, id: &str) -> bool {
        match &self.texts {
            Texts::All => true,
            Texts::Of(ids) => ids.contains(id),
        }
    }

    /// Takes a row, when its namespace is wanted; one with a key or an id that cannot be right is
    /// counted as dropped.
    ///
    /// # Errors
    /// [`FeedError::Limit`] at [`MAX_ROWS`].
    pub fn push(&mut self, namespace: &str, key: &str, row: Row) -> Result<(), FeedError> {
        let Some(draft) = self.drafts.get_mut(namespace) else { return Ok(()) };
        let fits = |text: &str| !text.is_empty() && text.len() <= MAX_KEY_BYTES;
        if !fits(key) || !row.names().iter().all(|name| fits(name)) {
            draft.dropped += 1;
            return Ok(());
        }
        if draft.rows.len() as u64 >= self.max_rows {
            let address = namespace.to_owned();
            return Err(FeedError::Limit { address, what: "records", limit: self.max_rows });
        }
        draft.rows.push((key.to_owned(), row));
        Ok(())
    }

    /// Asks for a further file that the one being read leads on to (a list of mirrors, an index of
    /// advisories); it is read before those that the row of the feed names after this one.
    ///
    /// # Errors
    /// [`FeedError::Limit`] at 50,000 files.
    pub fn follow(&mut self, file: SourceFile) -> Result<(), FeedError> {
        if self.followed.len() >= MAX_FOLLOWED_FILES {
            let limit = MAX_FOLLOWED_FILES as u64;
            return Err(FeedError::Limit { address: file.address, what: "further files", limit });
        }
        self.followed.push(file);
        Ok(())
    }

    /// Takes out the files that were asked for since the last call.
    pub fn take_followed(&mut self) -> Vec<SourceFile> {
        std::mem::take(&mut self.followed)
    }

    /// Returns whether this is the first time that the document is claimed: what is read first counts,
    /// where a feed has a document twice (in an archive, and newer beside it).
    /// At the limit all are refused, and the file ends the build: see [`Harvest::check_claims`].
    pub fn claim(&mut self, document: &str) -> bool {
        self.claimed.len() < self.max_claims && self.claimed.insert(document.to_owned())
    }

    /// Refuses a file that names more documents than are told apart, so that none is passed over.
    ///
    /// # Errors
    /// [`FeedError::Limit`].
    pub(crate) fn check_claims(&self, address: &str) -> Result<(), FeedError> {
        if self.claimed.len() < self.max_claims {
            return Ok(());
        }
        let (address, limit) = (address.to_owned(), self.max_claims as u64);
        Err(FeedError::Limit { address, what: "documents", limit })
    }

    /// Keeps what one file of a feed tells about what a later one names: the module of a package. What
    /// is told first stays.
    ///
    /// # Errors
    /// [`FeedError::Limit`] at [`MAX_NOTES`].
    pub fn remember(&mut self, key: &str, value: &str) -> Result<(), FeedError> {
        if self.notes.len() >= MAX_NOTES {
            let (address, limit) = (key.to_owned(), MAX_NOTES as u64);
            return Err(FeedError::Limit { address, what: "notes before it", limit });
        }
        self.notes.entry(key.to_owned()).or_insert_with(|| value.to_owned());
        Ok(())
    }

    /// Returns what an earlier file told.
    pub fn recall(&self, key: &str) -> Option<&str> {
        self.notes.get(key).map(String::as_str)
    }

    /// Counts a record that could not be used.
    pub fn drop_record(&mut self, namespace: &str) {
        if let Some(draft) = self.drafts.get_mut(namespace) {
            draft.dropped += 1;
        }
    }

    /// Counts a record that could not be used, and of which it is not known where it belongs.
    pub fn drop_everywhere(&mut self) {
        for draft in self.drafts.values_mut() {
            draft.dropped += 1;
        }
    }

    /// Notes the upstream's own stamp, for all namespaces; the newest stays. One of the future is left out.
    pub fn stamp(&mut self, stamp: &str) {
        let year = stamp.get(..4).and_then(|year| year.parse::<u16>().ok());
        if year.is_some_and(|year| year > self.max_year) {
            return;
        }
        let stamp = crate::text::cut(stamp, MAX_STAMP_CHARS);
        for draft in self.drafts.values_mut() {
            if draft.updated < stamp {
                draft.updated.clone_from(&stamp);
            }
        }
    }

    /// Gives the drafts out, sorted by namespace.
    pub fn into_drafts(self) -> BTreeMap<String, Draft> {
        self.drafts
    }
}

impl Lean {
    /// Returns the whole record.
    pub fn advisory(&self) -> Advisory {
        let fixed = self.fixed_version.as_deref();
        Advisory {
            scope: Scope::clone(&self.scope),
            affected: fixed.map_or_else(Affected::all, Affected::below),
            fixed_versions: fixed.map(str::to_owned).into_iter().collect(),
            ..Advisory::clone(&self.common)
        }
    }
}

impl Row {
    /// Returns the names in it that are as short as a key.
    fn names(&self) -> &[String] {
        match self {
            Self::Advisory(advisory) => std::slice::from_ref(&advisory.id),
            Self::Lean(row) => std::slice::from_ref(&row.common.id),
            Self::Eol(release) => std::slice::from_ref(&release.release),
            Self::Strings(words) => words,
            Self::Detail(_) | Self::Epss(_) | Self::Kev(_) => &[],
        }
    }
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("address", &self.address).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for_is_taken() {
        let mut harvest = Harvest::of(["a"], Texts::Of(BTreeSet::from(["x".to_owned()])));
        let row = || Row::Epss(Epss::default());
        harvest.push("a", "x", row()).unwrap();
        harvest.push("b", "x", row()).unwrap();
        harvest.push("a", &"k".repeat(MAX_KEY_BYTES + 1), row()).unwrap();
        harvest.stamp("2026-01-02");
        harvest.stamp("2026-01-01");
        assert!(harvest.wants_text("x") && !harvest.wants_text("y"));
        let drafts = harvest.into_drafts();
        assert_eq!(drafts.len(), 1);
        assert_eq!((drafts["a"].rows.len(), drafts["a"].dropped), (1, 1));
        assert_eq!(drafts["a"].updated, "2026-01-02");
    }

    #[test]
    fn more_documents_than_are_told_apart_are_refused() {
        let mut harvest = Harvest::of(["a"], Texts::All).up_to(2026);
        harvest.stamp("2026-01-02");
        harvest.stamp("2027-01-01");
        assert_eq!(harvest.into_drafts()["a"].updated, "2026-01-02");

        let mut harvest = Harvest { max_claims: 2, ..Harvest::of(["a"], Texts::All) };
        assert!(harvest.claim("x") && !harvest.claim("x"));
        assert!(harvest.check_claims("file").is_ok());
        assert!(harvest.claim("y") && !harvest.claim("z"));
        let error = harvest.check_claims("file").unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: 2, .. }), "{error}");
    }

    #[test]
    fn a_shard_takes_only_so_many_rows() {
        let mut harvest = Harvest { max_rows: 2, ..Harvest::of(["a"], Texts::All) };
        for _ in 0..2 {
            harvest.push("a", "x", Row::Epss(Epss::default())).unwrap();
        }
        let error = harvest.push("a", "x", Row::Epss(Epss::default())).unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: 2, .. }), "{error}");
    }
}
