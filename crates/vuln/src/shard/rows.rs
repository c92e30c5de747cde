//! The rows of advisories and details in few bytes: shared texts by number, ids as numbers.

use std::borrow::Cow;

use plimsoll_model::advisory::{Class, Key, Scope};
use plimsoll_model::{Advisory, Affected, Bound, Cvss, Detail, Interval, Severity, State};
use serde::{Deserialize, Serialize};

use super::id::{Address, Day, Id};
use super::text::{Settled, Text, Texts};

/// The numbers of the states; new ones are added at the end.
const STATES: [State; 8] = [
    State::Fixed,
    State::Affected,
    State::WillNotFix,
    State::FixDeferred,
    State::UnderInvestigation,
    State::EndOfLife,
    State::Undetermined,
    State::NotAffected,
];

/// The numbers of the severities; new ones are added at the end.
const SEVERITIES: [Option<Severity>; 7] = [
    None,
    Some(Severity::Critical),
    Some(Severity::High),
    Some(Severity::Medium),
    Some(Severity::Low),
    Some(Severity::Negligible),
    Some(Severity::Unknown),
];

/// The numbers of the keys; new ones are added at the end.
const KEYS: [Key; 3] = [Key::Source, Key::Binary, Key::Both];

/// The numbers of the classes; there is no room for more than these.
const CLASSES: [Class; 4] =
    [Class::Weakness, Class::Curated, Class::Malicious, Class::Informational];

type Decoded<T> = Result<T, &'static str>;

/// An [`Advisory`] as it is written.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct AdvisoryRow<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    aliases: Vec<Id<'a>>,
    /// Place in [`CLASSES`] times 64, place in [`STATES`] times 8, and place in [`SEVERITIES`].
    state: u8,
    scope: ScopeRow<'a>,
    affected: Spread<'a>,
    fixed_versions: Vec<Cow<'a, str>>,
    cvss: Vec<Rating<'a>>,
    record: Text<'a>,
    note: Option<Text<'a>>,
    title: Option<Text<'a>>,
    urls: Vec<Address<'a>>,
}

/// A [`Scope`].
#[derive(Clone, Debug, Deserialize, Serialize)]
struct ScopeRow<'a> {
    /// Place in [`KEYS`].
    key: u8,
    #[serde(borrow)]
    arches: Vec<Text<'a>>,
    #[serde(borrow)]
    module: Option<Text<'a>>,
    #[serde(borrow)]
    products: Vec<Text<'a>>,
}

/// An [`Affected`]; the first three are what most rows have.
#[derive(Clone, Debug, Deserialize, Serialize)]
enum Spread<'a> {
    /// No version.
    Nothing,
    /// Every version.
    All,
    /// Every version below the last of the fixed ones.
    BelowFixed,
    /// Anything else.
    Any(#[serde(borrow)] Vec<(End<'a>, End<'a>)>, Vec<Cow<'a, str>>),
}

#[derive(Clone, Debug, Deserialize, Serialize)]
enum End<'a> {
    Open,
    Included(#[serde(borrow)] Cow<'a, str>),
    Excluded(#[serde(borrow)] Cow<'a, str>),
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Rating<'a> {
    #[serde(borrow)]
    source: Text<'a>,
    /// `None`: as the vector says.
    version: Option<Text<'a>>,
    vector: Text<'a>,
    score: Score,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
enum Score {
    Tenths(u8),
    Exact(f64),
}

impl AdvisoryRow<'_> {
    /// Takes an advisory in.
    pub(super) fn new(advisory: &Advisory, texts: &mut Texts) -> AdvisoryRow<'static> {
        let id = &advisory.id;
        let state = STATES.iter().position(|state| *state == advisory.state).unwrap_or(0);
        let severity = SEVERITIES.iter().position(|severity| *severity == advisory.severity);
        let class = CLASSES.iter().position(|class| *class == advisory.class).unwrap_or(0);
        AdvisoryRow {
            id: Id::new(id, texts),
            aliases: advisory.aliases.iter().map(|alias| Id::new(alias, texts)).collect(),
            state: (class * 64 + state * 8 + severity.unwrap_or(0)) as u8,
            scope: ScopeRow::new(&advisory.scope, texts),
            affected: Spread::new(&advisory.affected, &advisory.fixed_versions),
            fixed_versions: advisory.fixed_versions.iter().map(|text| own(text)).collect(),
            cvss: advisory.cvss.iter().map(|cvss| Rating::new(cvss, texts)).collect(),
            record: texts.intern(&advisory.record),
            note: advisory.note.as_deref().map(|note| texts.intern(note)),
            title: advisory.title.as_deref().map(|title| texts.intern(title)),
            urls: advisory.urls.iter().map(|url| Address::new(url, id, texts)).collect(),
        }
    }

    /// Gives every text its last place.
    pub(super) fn settle(&mut self, settled: &Settled) {
        let ids = std::iter::once(&mut self.id).chain(&mut self.aliases);
        ids.filter_map(Id::text_mut).for_each(|text| settled.place(text));
        self.cvss.iter_mut().for_each(|rating| rating.settle(settled));
        self.scope.settle(settled);
        settled.place(&mut self.record);
        self.note.iter_mut().chain(&mut self.title).for_each(|text| settled.place(text));
        self.urls.iter_mut().for_each(|url| settled.place(url.text_mut()));
    }

    /// Returns the advisory as it was.
    pub(super) fn resolve(self, texts: &[String]) -> Decoded<Advisory> {
        let id = self.id.resolve(texts)?;
        let class = CLASSES[usize::from(self.state / 64)];
        let state = STATES[usize::from(self.state / 8 % 8)];
        let severity = SEVERITIES.get(usize::from(self.state % 8)).ok_or("no such severity")?;
        let fixed_versions: Vec<String> =
            self.fixed_versions.into_iter().map(Cow::into_owned).collect();
        let optional = |text: Option<Text<'_>>| text.map(|text| text.resolve(texts)).transpose();
        Ok(Advisory {
            aliases: self
                .aliases
                .into_iter()
                .map(|id| id.resolve(texts))
                .collect::<Decoded<_>>()?,
            class,
            state,
            scope: self.scope.resolve(texts)?,
            affected: self.affected.resolve(&fixed_versions)?,
            fixed_versions,
            severity: *severity,
            cvss: self.cvss.into_iter().map(|cvss| cvss.resolve(texts)).collect::<Decoded<_>>()?,
            record: self.record.resolve(texts)?,
            note: optional(self.note)?,
            title: optional(self.title)?,
            urls: resolve_urls(self.urls, &id, texts)?,
            id,
        })
    }
}

impl ScopeRow<'_> {
    fn new(scope: &Scope, texts: &mut Texts) -> ScopeRow<'static> {
        let key = KEYS.iter().position(|key| *key == scope.key).unwrap_or(0);
        ScopeRow {
            key: key as u8,
            arches: scope.arches.iter().map(|arch| texts.intern(arch)).collect(),
            module: scope.module.as_deref().map(|module| texts.intern(module)),
            products: scope.products.iter().map(|product| texts.intern(product)).collect(),
        }
    }

    fn settle(&mut self, settled: &Settled) {
        let lists = self.arches.iter_mut().chain(&mut self.products);
        lists.chain(&mut self.module).for_each(|text| settled.place(text));
    }

    fn resolve(self, texts: &[String]) -> Decoded<Scope> {
        let all = |list: Vec<Text<'_>>| {
            list.into_iter().map(|text| text.resolve(texts)).collect::<Decoded<Vec<String>>>()
        };
        Ok(Scope {
            key: *KEYS.get(usize::from(self.key)).ok_or("a row has no such key")?,
            arches: all(self.arches)?,
            module: self.module.map(|text| text.resolve(texts)).transpose()?,
            products: all(self.products)?,
        })
    }
}

impl Spread<'_> {
    fn new(affected: &Affected, fixed_versions: &[String]) -> Spread<'static> {
        if let (true, [interval]) = (affected.versions.is_empty(), affected.intervals.as_slice())
            && interval.low == Bound::Open
        {
            match (&interval.high, fixed_versions.last()) {
                (Bound::Open, _) => return Spread::All,
                (Bound::Excluded(high), Some(fixed)) if high == fixed => return Spread::BelowFixed,
                _ => {}
            }
        }
        if affected.intervals.is_empty() && affected.versions.is_empty() {
            return Spread::Nothing;
        }
        let ends = affected.intervals.iter().map(|i| (End::new(&i.low), End::new(&i.high)));
        Spread::Any(ends.collect(), affected.versions.iter().map(|text| own(text)).collect())
    }

    fn resolve(self, fixed_versions: &[String]) -> Decoded<Affected> {
        Ok(match self {
            Self::Nothing => Affected::default(),
            Self::All => Affected::all(),
            Self::BelowFixed => {
                Affected::below(fixed_versions.last().ok_or("a row has no fixed version")?)
            }
            Self::Any(ends, versions) => Affected {
                intervals: ends
                    .into_iter()
                    .map(|(low, high)| Interval { low: low.resolve(), high: high.resolve() })
                    .collect(),
                versions: versions.into_iter().map(Cow::into_owned).collect(),
            },
        })
    }
}

impl End<'_> {
    fn new(bound: &Bound) -> End<'static> {
        match bound {
            Bound::Open => End::Open,
            Bound::Included(version) => End::Included(own(version)),
            Bound::Excluded(version) => End::Excluded(own(version)),
        }
    }

    fn resolve(self) -> Bound {
        match self {
            Self::Open => Bound::Open,
            Self::Included(version) => Bound::Included(version.into_owned()),
            Self::Excluded(version) => Bound::Excluded(version.into_owned()),
        }
    }
}

impl Rating<'_> {
    fn new(cvss: &Cvss, texts: &mut Texts) -> Rating<'static> {
        let tenths = (cvss.score * 10.0).round();
        let exact =
            (0.0..=255.0).contains(&tenths) && (tenths / 10.0).to_bits() == cvss.score.to_bits();
        let stated = cvss.version != stated_version(&cvss.vector);
        Rating {
            source: texts.intern(&cvss.source),
            version: stated.then(|| texts.intern(&cvss.version)),
            vector: texts.intern(&cvss.vector),
            score: if exact { Score::Tenths(tenths as u8) } else { Score::Exact(cvss.score) },
        }
    }

    fn settle(&mut self, settled: &Settled) {
        settled.place(&mut self.source);
        self.version.iter_mut().for_each(|version| settled.place(version));
        settled.place(&mut self.vector);
    }

    fn resolve(self, texts: &[String]) -> Decoded<Cvss> {
        let vector = self.vector.resolve(texts)?;
        Ok(Cvss {
            source: self.source.resolve(texts)?,
            version: match self.version {
                Some(version) => version.resolve(texts)?,
                None => stated_version(&vector).to_owned(),
            },
            vector,
            score: match self.score {
                Score::Tenths(tenths) => f64::from(tenths) / 10.0,
                Score::Exact(score) => score,
            },
        })
    }
}

/// Returns the version that a vector names in front: `3.1`; version 2 names none.
fn stated_version(vector: &str) -> &str {
    vector.strip_prefix("CVSS:").and_then(|rest| rest.split('/').next()).unwrap_or("2.0")
}

/// A [`Detail`] as it is written.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct DetailRow<'a> {
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    cwe: Vec<Id<'a>>,
    cvss: Vec<Rating<'a>>,
    urls: Vec<Address<'a>>,
    #[serde(borrow)]
    published: Option<Day<'a>>,
    rejected: bool,
}

impl DetailRow<'_> {
    /// Takes the details of the CVE `id` in.
    pub(super) fn new(id: &str, detail: &Detail, texts: &mut Texts) -> DetailRow<'static> {
        DetailRow {
            title: detail.title.as_deref().map(|title| texts.intern(title)),
            description: detail.description.as_deref().map(|text| texts.intern(text)),
            cwe: detail.cwe.iter().map(|cwe| Id::new(cwe, texts)).collect(),
            cvss: detail.cvss.iter().map(|cvss| Rating::new(cvss, texts)).collect(),
            urls: detail.urls.iter().map(|url| Address::new(url, id, texts)).collect(),
            published: detail.published.as_deref().map(Day::new),
            rejected: detail.rejected,
        }
    }

    /// Gives every text its last place.
    pub(super) fn settle(&mut self, settled: &Settled) {
        self.title.iter_mut().chain(&mut self.description).for_each(|text| settled.place(text));
        self.cwe.iter_mut().filter_map(Id::text_mut).for_each(|text| settled.place(text));
        self.cvss.iter_mut().for_each(|rating| rating.settle(settled));
        self.urls.iter_mut().for_each(|url| settled.place(url.text_mut()));
    }

    /// Returns the details of the CVE `id` as they were.
    pub(super) fn resolve(self, id: &str, texts: &[String]) -> Decoded<Detail> {
        let optional = |text: Option<Text<'_>>| text.map(|text| text.resolve(texts)).transpose();
        Ok(Detail {
            title: optional(self.title)?,
            description: optional(self.description)?,
            cwe: self.cwe.into_iter().map(|cwe| cwe.resolve(texts)).collect::<Decoded<_>>()?,
            cvss: self.cvss.into_iter().map(|cvss| cvss.resolve(texts)).collect::<Decoded<_>>()?,
            urls: resolve_urls(self.urls, id, texts)?,
            published: self.published.map(Day::resolve),
            rejected: self.rejected,
        })
    }
}

fn resolve_urls(urls: Vec<Address<'_>>, id: &str, texts: &[String]) -> Decoded<Vec<String>> {
    urls.into_iter().map(|url| url.resolve(id, texts)).collect()
}

fn own(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.to_owned())
}
