//! Vectors of the language ecosystems.
