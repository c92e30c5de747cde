//! Tests of the model against the shared vectors and by properties.

mod vectors_lang;
mod vectors_os;
