//! Whole targets, read from the file to the merged tree.

mod cache;
mod damage;
mod folder;
mod images;
mod layers;
mod shared;
