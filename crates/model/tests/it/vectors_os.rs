//! Vectors of the operating systems and of the SemVer family.
