//! Tests of the model against the shared vectors and by properties.

mod order;
mod shared;
mod vectors_lang;
mod vectors_os;
