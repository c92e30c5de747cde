//! Images and folders read as a stream into a tree.
