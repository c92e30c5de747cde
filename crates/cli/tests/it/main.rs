//! The whole program, run as people run it: wiring, exit codes, output, bad input.

mod bad_input;
mod config;
mod gate;
mod help;
mod mirror;
mod order;
mod real_images;
mod report;
mod shop;
mod support;
