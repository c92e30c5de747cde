//! The memory of layers that are read before those below them: a thread that reads one waits when
//! they hold too much together, and the lowest layer never waits.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use plimsoll_model::tree::Content;
use plimsoll_model::{FileYield, LayerListing};

/// Bytes that the layers above the lowest one hold together before their threads wait.
pub(crate) const MAX_WAITING_BYTES: usize = 64 << 20;
/// Bytes that a listing grows by before it is asked whether there is room.
pub(crate) const STEP_BYTES: usize = 1 << 20;
/// About what one package in memory takes.
const PACKAGE_BYTES: usize = 512;

/// What is held, and by which layers.
#[derive(Debug)]
pub(crate) struct Waiting {
    most: usize,
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Debug)]
struct Held {
    /// The layer that is laid next; of those below it nothing is held any more.
    lowest: usize,
    bytes: BTreeMap<usize, usize>,
    /// Nobody waits any more.
    open: bool,
}

impl Waiting {
    /// Starts with nothing held.
    pub(crate) fn new(most: usize) -> Self {
        let held = Held { lowest: 0, bytes: BTreeMap::new(), open: false };
        Self { most, held: Mutex::new(held), changed: Condvar::new() }
    }

    /// Notes that a layer holds so many bytes now. Waits while those above the lowest one hold too
    /// much, if it is one of them.
    pub(crate) fn hold(&self, layer: usize, bytes: usize) {
        let mut held = self.lock();
        held.bytes.insert(layer, bytes);
        while !held.open && layer > held.lowest && held.above() > self.most {
            held = self.changed.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes which layer is laid next.
    pub(crate) fn laid(&self, lowest: usize) {
        let mut held = self.lock();
        held.lowest = lowest;
        held.bytes = held.bytes.split_off(&lowest);
        self.changed.notify_all();
    }

    /// Lets all go on, since no layer is laid any more.
    pub(crate) fn open(&self) {
        self.lock().open = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn above(&self) -> usize {
        self.bytes.range(self.lowest + 1..).map(|(_, bytes)| bytes).sum()
    }
}

/// Returns about how many bytes a listing takes in memory.
pub(crate) fn weight(listing: &LayerListing) -> usize {
    listing.packed().len() + listing.contents().iter().map(content_weight).sum::<usize>()
}

/// Returns about how many bytes take what was kept of one file.
pub(crate) fn content_weight(content: &Content) -> usize {
    let weight = |taken: &FileYield| {
        taken.packages.len() * PACKAGE_BYTES + size_of_val(taken.owned.as_slice())
    };
    let yields: usize = content.yields.iter().map(|(_, taken)| weight(taken)).sum();
    let body = content.body.as_ref().map_or(0, |body| body.len());
    size_of::<Content>() + body + yields
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_is_not_the_lowest_waits_for_those_below() {
        let waiting = Waiting::new(100);
        let went_on = AtomicBool::new(false);
        waiting.hold(0, 1000);
        waiting.hold(1, 100);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                waiting.hold(2, 1);
                went_on.store(true, Ordering::SeqCst);
            });
            std::thread::sleep(Duration::from_millis(50));
            assert!(!went_on.load(Ordering::SeqCst));
            waiting.laid(1);
        });
        assert!(went_on.load(Ordering::SeqCst));
        waiting.hold(1, 1000);
        waiting.open();
        waiting.hold(2, 1000);
    }
}
