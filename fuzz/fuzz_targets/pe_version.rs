//! PE files: their version resources, and what they are named by. The input is cut into the head of a file, which
//! is put right, and its section of resources.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::readers;
use plimsoll_model::Readers;

const HEAD_BYTES: usize = 0x200;

fuzz_target!(|data: &[u8]| {
    let Some((&choice, rest)) = data.split_first() else { return };
    let body = if choice & 1 == 0 { rest.to_vec() } else { file(choice, rest) };
    let readers = readers(false);
    let rows = readers.wants().ask("opt/a.dll", false);
    assert_ne!(rows, 0);
    for (_, taken) in readers.read("opt/a.dll", rows, &body) {
        for package in &taken.packages {
            assert!(package.confidence.is_some() && !package.name.is_empty());
            assert!(package.name.len() <= 2000 && !package.version.is_empty());
        }
    }
});

/// A head with one section at address 0x2000, its resources in it, before the bytes of the fuzzer.
fn file(choice: u8, section: &[u8]) -> Vec<u8> {
    let mut head = vec![0; HEAD_BYTES];
    let mut put = |at: usize, value: u32| head[at..at + 4].copy_from_slice(&value.to_le_bytes());
    put(0, 0x5a4d);
    put(0x3c, 0x80);
    put(0x80, 0x4550);
    put(0x84, 0x0001_014c);
    put(0x94, 0xe0);
    put(0x98, 0x10b);
    put(0x98 + 96 + 2 * 8, 0x2000);
    put(0x98 + 96 + 2 * 8 + 4, section.len() as u32);
    put(0x98 + 96 + 14 * 8, u32::from(choice & 2));
    put(0x98 + 96 + 14 * 8 + 4, 72);
    put(0x98 + 0xe0 + 12, 0x2000);
    put(0x98 + 0xe0 + 16, section.len() as u32);
    put(0x98 + 0xe0 + 20, HEAD_BYTES as u32);
    head.extend_from_slice(section);
    head
}
