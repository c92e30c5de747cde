//! Tests of the model against the shared vectors and by properties.

// A test may panic, in its helpers too.
#![allow(clippy::unwrap_used)]

mod distro_cases;
mod order;
mod shared;
mod vectors_lang;
mod vectors_os;
