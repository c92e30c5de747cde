//! Every cataloguer on its fixtures, and the distribution on the peers' cases.

mod cases;
mod fixtures;
mod image;
