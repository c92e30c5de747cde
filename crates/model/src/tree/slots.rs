//! Where the bytes of files lie, and what was kept of them: of those files alone of which something
//! was kept, or that lie elsewhere than under their own path.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Content, NONE};

/// Where the bytes of a file lie, and what was kept.
#[derive(Debug)]
pub(super) struct Slot {
    /// The layer that has it.
    pub(super) layer: u16,
    /// The node whose name it has there.
    pub(super) node: u32,
    /// The folder that it has there, when that is not the one of the node: of [`Slots::folder`].
    pub(super) folder: u32,
    /// What was kept.
    pub(super) content: Option<Box<Content>>,
}

impl Slot {
    /// Makes one of which nothing was kept, under the path of the node.
    pub(super) fn new(layer: u16, node: u32) -> Self {
        Self { layer, node, folder: NONE, content: None }
    }

    /// Returns whether it lies in its layer under the path of this node.
    pub(super) fn is_at(&self, node: u32) -> bool {
        self.node == node && self.folder == NONE
    }
}

/// All slots, and the folders that are called otherwise in a layer than in the tree.
#[derive(Debug, Default)]
pub(super) struct Slots {
    all: Vec<Slot>,
    folders: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    text_bytes: usize,
}

impl Slots {
    /// Adds a slot and returns its number.
    pub(super) fn add(&mut self, slot: Slot) -> u32 {
        self.all.push(slot);
        self.all.len() as u32 - 1
    }

    pub(super) fn get(&self, number: u32) -> Option<&Slot> {
        self.all.get(number as usize)
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Slot> {
        self.all.get_mut(number as usize)
    }

    /// Returns the number for a folder as a layer calls it.
    pub(super) fn folder_number(&mut self, folder: &str) -> u32 {
        if let Some(&number) = self.numbers.get(folder) {
            return number;
        }
        let (number, folder) = (self.folders.len() as u32, Arc::<str>::from(folder));
        self.text_bytes += folder.len();
        self.folders.push(Arc::clone(&folder));
        self.numbers.insert(folder, number);
        number
    }

    /// Returns the folder with this number.
    pub(super) fn folder(&self, number: u32) -> Option<&str> {
        self.folders.get(number as usize).map(|folder| &**folder)
    }

    /// Returns the number of folders that have one.
    pub(super) fn folders(&self) -> usize {
        self.folders.len()
    }

    /// Returns the number of slots.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Returns the bytes of the names of all folders that have a number.
    pub(super) fn text_bytes(&self) -> usize {
        self.text_bytes
    }
}
