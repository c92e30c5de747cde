//! The index from a folder and a name to a node: four bytes a place, the names lie in the tree.

const NOTHING: u32 = u32::MAX;
const MIN_PLACES: usize = 64;

/// Nodes by a hash of what they are called. Open addressing; at most three of four places are taken.
#[derive(Debug)]
pub(super) struct Index {
    /// The length is a power of two.
    places: Vec<u32>,
    taken: usize,
}

impl Index {
    /// Starts with nothing.
    pub(super) fn new() -> Self {
        Self { places: vec![NOTHING; MIN_PLACES], taken: 0 }
    }

    /// Returns the node with this hash that `is_it` knows as the one that is looked for.
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.places.len() - 1;
        let mut place = hash as usize & mask;
        while self.places[place] != NOTHING {
            if is_it(self.places[place]) {
                return Some(self.places[place]);
            }
            place = (place + 1) & mask;
        }
        None
    }

    /// Adds a node that is not there yet; `hash_of` tells the hash of any.
    pub(super) fn insert(&mut self, node: u32, hash_of: impl Fn(u32) -> u64) {
        if self.taken * 4 >= self.places.len() * 3 {
            let larger = vec![NOTHING; self.places.len() * 2];
            for node in std::mem::replace(&mut self.places, larger) {
                if node != NOTHING {
                    self.set(node, hash_of(node));
                }
            }
        }
        self.set(node, hash_of(node));
        self.taken += 1;
    }

    fn set(&mut self, node: u32, hash: u64) {
        let mask = self.places.len() - 1;
        let mut place = hash as usize & mask;
        while self.places[place] != NOTHING {
            place = (place + 1) & mask;
        }
        self.places[place] = node;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_found_again_however_often_it_grew_and_however_alike_their_hashes_are() {
        let hash = |node: u32| u64::from(node / 7);
        let mut index = Index::new();
        for node in 0..10_000 {
            assert_eq!(index.find(hash(node), |it| it == node), None);
            index.insert(node, hash);
        }
        for node in 0..10_000 {
            assert_eq!(index.find(hash(node), |it| it == node), Some(node));
        }
        assert_eq!(index.places.len(), 16_384);
    }
}
