//! Progress bars on standard error: bytes, rate and time left of what is read and fetched.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The bars of one run; they draw nothing when progress is not shown.
pub(crate) struct Bars {
    all: MultiProgress,
    layers: Mutex<Option<ProgressBar>>,
    downloads: Mutex<HashMap<String, ProgressBar>>,
    shown: bool,
}

impl Bars {
    /// Makes bars that are drawn or not.
    pub(crate) fn new(shown: bool) -> Self {
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let all = MultiProgress::with_draw_target(target);
        Self { all, layers: Mutex::default(), downloads: Mutex::default(), shown }
    }

    /// Removes what is drawn, before a report is written.
    pub(crate) fn clear(&self) {
        if self.shown {
            // A terminal that cannot be cleared shows a stale bar, which harms nothing.
            let _ = self.all.clear();
        }
    }

    /// Adds a bar; without a length it counts bytes.
    fn add(&self, label: &str, total_bytes: Option<u64>) -> ProgressBar {
        // Added first: a bar on its own draws itself, and leaves a line behind.
        let bar = self.all.add(match total_bytes {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::no_length(),
        });
        bar.set_style(style(if total_bytes.is_some() { BYTES } else { OPEN }));
        bar.set_prefix(plimsoll_report::shown(label));
        bar
    }
}

const BYTES: &str =
    "{prefix:28!} [{bar:24}] {bytes:>10}/{total_bytes:<10} {bytes_per_sec:>12} {eta:>4}";
const OPEN: &str = "{prefix:28!} {spinner} {bytes:>10} {bytes_per_sec:>12}";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

impl plimsoll_source::Progress for Bars {
    fn start(&self, label: &str, total_bytes: u64) {
        let bar = self.add(label, Some(total_bytes));
        *self.layers.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }

    fn advance(&self, bytes: u64) {
        if let Some(bar) = &*self.layers.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.inc(bytes);
        }
    }

    fn finish(&self) {
        if let Some(bar) = self.layers.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }
}

impl plimsoll_net::Progress for Bars {
    fn started(&self, url: &str, total_bytes: Option<u64>) {
        let bar = self.add(short(url), total_bytes);
        let mut bars = self.downloads.lock().unwrap_or_else(PoisonError::into_inner);
        bars.insert(url.to_owned(), bar);
    }

    fn received(&self, url: &str, bytes: u64) {
        let bars = self.downloads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = bars.get(url) {
            bar.inc(bytes);
        }
    }

    fn ended(&self, url: &str) {
        let mut bars = self.downloads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = bars.remove(url) {
            bar.finish_and_clear();
        }
    }
}

/// The end of an address, which tells more than its beginning: `v3.17/main.json`.
fn short(url: &str) -> &str {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let cut = path.rmatch_indices('/').nth(1).map_or(0, |(at, _)| at + 1);
    &path[cut..]
}
