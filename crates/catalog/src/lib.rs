//! Files in, packages out.
