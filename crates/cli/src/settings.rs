//! What was meant: flags, environment, configuration files and defaults laid over each other.
//!
//! The order is flag, environment, `./plimsoll.toml`, the user's `plimsoll/plimsoll.toml`, default.
//! `./plimsoll.toml` lies in checkouts that may be hostile: it may set format, table, filters and
//! gate only, and no file to write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::args::{DatabaseArgs, Global, OutputArgs, ReadArgs, ScanArgs};
use crate::failure::Usage;

/// Most bytes of a configuration file.
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// The file in the working folder.
const LOCAL: &str = "plimsoll.toml";

/// The keys and who may set them.
const KEYS: &[(&str, Trust)] = &[
    ("as-of", Trust::User),
    ("baseline", Trust::User),
    ("cache-dir", Trust::User),
    ("db", Trust::User),
    ("declared", Trust::Anyone),
    ("fail-on", Trust::Anyone),
    ("format", Trust::Anyone),
    ("mirror", Trust::User),
    ("no-cache", Trust::User),
    ("offline", Trust::User),
    ("only-fixed", Trust::Anyone),
    ("platform", Trust::User),
    ("quiet", Trust::User),
    ("severity", Trust::Anyone),
    ("strict", Trust::User),
    ("table", Trust::Anyone),
];

#[derive(Clone, Copy, Eq, PartialEq)]
enum Trust {
    /// A file in a checkout may set it.
    Anyone,
    /// Only the user: flags, environment, the user's own file.
    User,
}

/// Configuration files that were read, strongest first.
#[derive(Debug, Default)]
pub(crate) struct Config {
    files: Vec<(PathBuf, BTreeMap<String, toml::Value>)>,
}

impl Config {
    /// Reads `./plimsoll.toml` and the user's file, where they are.
    ///
    /// # Errors
    /// When a file cannot be read, is no TOML, has an unknown key, or one that it may not set.
    pub(crate) fn read(user_folder: Option<&Path>) -> Result<Self> {
        let mut config = Self::default();
        config.add(Path::new(LOCAL), Trust::Anyone)?;
        if let Some(folder) = user_folder {
            config.add(&folder.join("plimsoll").join(LOCAL), Trust::User)?;
        }
        Ok(config)
    }

    /// Returns the names of the files, strongest first: the local one by its bare name, the user's
    /// by a name that does not tell the home folder.
    pub(crate) fn names(&self) -> Vec<String> {
        self.files
            .iter()
            .map(|(path, _)| {
                if path.as_path() == Path::new(LOCAL) {
                    format!("./{LOCAL}")
                } else {
                    format!("user config plimsoll/{LOCAL}")
                }
            })
            .collect()
    }

    fn add(&mut self, path: &Path, writer: Trust) -> Result<()> {
        // A link in a checkout could lead to a file whose content is nobody's business.
        let looked = match writer {
            Trust::Anyone => fs_err::symlink_metadata(path),
            Trust::User => fs_err::metadata(path),
        };
        let Ok(meta) = looked else { return Ok(()) };
        let shown = path.display();
        if !meta.is_file() || meta.len() > MAX_CONFIG_BYTES {
            bail!(Usage::new(format!(
                "`{shown}` is not a file of at most {MAX_CONFIG_BYTES} bytes"
            )));
        }
        let text = fs_err::read_to_string(path).map_err(|error| Usage::new(error.to_string()))?;
        let table: BTreeMap<String, toml::Value> = toml::from_str(&text).map_err(|error| {
            Usage::new(format!("cannot read `{shown}`: {}", fault(&text, &error)))
        })?;
        for (key, value) in &table {
            let Some((_, trust)) = KEYS.iter().find(|(known, _)| known == key) else {
                bail!(Usage::new(format!("`{shown}` has an unknown key `{key}`")));
            };
            let names_file = key == "format" && words(value).iter().any(|word| word.contains('='));
            if writer == Trust::Anyone && (*trust == Trust::User || names_file) {
                let what = if names_file { "a file to write in `format`" } else { key };
                bail!(
                    Usage::new(format!("`{shown}` may not set `{what}`"))
                        .with_hint("set it by a flag, the environment or your own configuration")
                );
            }
        }
        self.files.push((path.to_owned(), table));
        Ok(())
    }

    fn get(&self, key: &str) -> Option<&toml::Value> {
        debug_assert!(KEYS.iter().any(|(known, _)| *known == key), "{key} is not in the table");
        self.files.iter().find_map(|(_, table)| table.get(key))
    }

    fn text(&self, key: &str) -> Option<String> {
        self.get(key).map(|value| match value {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }

    fn list(&self, key: &str) -> Option<Vec<String>> {
        self.get(key).map(words)
    }

    fn switch(&self, key: &str) -> Result<Option<bool>> {
        match self.get(key) {
            None => Ok(None),
            Some(toml::Value::Boolean(on)) => Ok(Some(*on)),
            Some(other) => bail!(Usage::new(format!("`{key}` is `{other}`, not true or false"))),
        }
    }
}

/// Says what is wrong and in which line, without a word of the file.
fn fault(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().map_or(0, |span| span.start).min(text.len());
    let line = text.get(..before).unwrap_or(text).matches('\n').count() + 1;
    format!("line {line} is no TOML that fits here")
}

/// A list, or one text parted by commas.
fn words(value: &toml::Value) -> Vec<String> {
    let split = |text: &str| text.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>();
    match value {
        toml::Value::Array(items) => items.iter().flat_map(words).collect(),
        toml::Value::String(text) => split(text),
        other => vec![other.to_string()],
    }
}

impl Global {
    /// Fills in from the configuration files.
    pub(crate) fn fill(&mut self, config: &Config) -> Result<()> {
        self.quiet = self.quiet.or(config.switch("quiet")?);
        self.offline = self.offline.or(config.switch("offline")?);
        self.mirror = self.mirror.take().or_else(|| config.text("mirror"));
        self.cache_dir =
            self.cache_dir.take().or_else(|| config.text("cache-dir").map(PathBuf::from));
        Ok(())
    }
}

impl ReadArgs {
    /// Fills in from the configuration files.
    pub(crate) fn fill(&mut self, config: &Config) -> Result<()> {
        self.platform = self.platform.take().or_else(|| config.text("platform"));
        self.as_of = self.as_of.take().or_else(|| config.text("as-of"));
        self.declared = self.declared.or(config.switch("declared")?);
        self.strict = self.strict.or(config.switch("strict")?);
        self.no_cache = self.no_cache.or(config.switch("no-cache")?);
        Ok(())
    }
}

impl DatabaseArgs {
    /// Fills in from the configuration files.
    pub(crate) fn fill(&mut self, config: &Config) {
        self.db = self.db.take().or_else(|| config.text("db"));
    }
}

impl OutputArgs {
    /// Fills in from the configuration files.
    pub(crate) fn fill(&mut self, config: &Config) {
        self.format = given(self.format.take()).or_else(|| config.list("format"));
        self.table = self.table.take().or_else(|| config.text("table"));
    }
}

impl ScanArgs {
    /// Fills in from the configuration files.
    pub(crate) fn fill(&mut self, config: &Config) -> Result<()> {
        self.output.fill(config);
        self.read.fill(config)?;
        self.database.fill(config);
        self.severity = given(self.severity.take()).or_else(|| config.list("severity"));
        if is_empty(self.fail_on.as_ref())
            && std::env::var_os("PLIMSOLL_FAIL_ON").is_none_or(|text| !text.is_empty())
        {
            bail!(Usage::new("`--fail-on` names no condition").with_hint(
                "leave it out where no gate is meant; a gate that fails on nothing is none"
            ));
        }
        self.fail_on = given(self.fail_on.take()).or_else(|| config.list("fail-on"));
        self.only_fixed = self.only_fixed.or(config.switch("only-fixed")?);
        self.baseline = self.baseline.take().or_else(|| config.text("baseline").map(PathBuf::from));
        Ok(())
    }
}

/// A list without a word, as an empty variable gives it, counts as not given.
fn given(list: Option<Vec<String>>) -> Option<Vec<String>> {
    if is_empty(list.as_ref()) { None } else { list }
}

fn is_empty(list: Option<&Vec<String>>) -> bool {
    list.is_some_and(|words| words.iter().all(|word| word.trim().is_empty()))
}

/// Where files of the user lie, from the environment by the XDG base directory specification.
#[derive(Debug, Default)]
pub(crate) struct Folders {
    /// Configuration.
    pub(crate) config: Option<PathBuf>,
    /// Cache.
    pub(crate) cache: Option<PathBuf>,
}

impl Folders {
    /// Reads `XDG_CONFIG_HOME`, `XDG_CACHE_HOME` and `HOME`; relative paths are ignored as the
    /// specification asks.
    pub(crate) fn from_environment() -> Self {
        let absolute = |name: &str| {
            std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
        };
        let home = absolute("HOME");
        let below = |folder: &str| home.as_ref().map(|home| home.join(folder));
        Self {
            config: absolute("XDG_CONFIG_HOME").or_else(|| below(".config")),
            cache: absolute("XDG_CACHE_HOME").or_else(|| below(".cache")),
        }
    }
}

/// Returns the folder for what is kept.
pub(crate) fn cache_dir(global: &Global, folders: &Folders) -> Result<PathBuf> {
    match (&global.cache_dir, &folders.cache) {
        (Some(folder), _) => Ok(folder.clone()),
        (None, Some(cache)) => Ok(cache.join("plimsoll")),
        (None, None) => Err(Usage::new("there is no cache folder".to_owned())
            .with_hint("give one with `--cache-dir DIR`, or set `HOME`"))
        .context("cannot find the user's folders"),
    }
}
