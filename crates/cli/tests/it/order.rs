//! `plimsoll order`, as scripts use it.

use std::io::Write;
use std::process::Stdio;

use crate::support::{Lab, Ran, ran};

fn piped(words: &[&str], input: &str) -> Ran {
    let lab = Lab::new();
    let mut command = lab.command(words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let ran = ran(&child.wait_with_output().unwrap());
    writer.join().unwrap().unwrap();
    ran
}

#[test]
fn two_versions_give_a_sign() {
    let lab = Lab::new();
    for (scheme, a, b, sign) in [
        ("deb", "1.0-1", "1.0-1+b1", "<\n"),
        ("apk", "3.0.7-r0", "3.0.8-r0", "<\n"),
        ("rpm", "1:1.0-1", "2.0-1", ">\n"),
        ("pypi", "1.0", "1.0.0", "=\n"),
    ] {
        let ran = lab.run(&["order", scheme, a, b]);
        assert_eq!((ran.code, ran.out.as_str()), (0, sign), "{scheme} {a} {b}: {}", ran.err);
    }
}

#[test]
fn lines_give_a_number_each_and_a_mark_for_what_is_no_version() {
    let ran =
        piped(&["order", "semver"], "1.0.0\t2.0.0\n1.0.0\t1.0.0\n2.0.0\t1.0.0\nx\t1.0.0\nno tab\n");
    assert_eq!((ran.code, ran.out.as_str()), (0, "-1\n0\n1\n!\n!\n"));
}

#[test]
fn thousands_of_lines_are_answered_one_by_one() {
    let input: String = (0..20_000).map(|n| format!("1.{n}\t1.{}\n", n + 1)).collect();
    let ran = piped(&["order", "rpm"], &input);
    assert_eq!(ran.out.lines().count(), 20_000);
    assert!(ran.out.lines().all(|line| line == "-1"));
}

#[test]
fn a_range_tells_inside_from_outside() {
    let ran = piped(&["order", "npm", "--in", ">=1.2 <2"], "1.2.0\n2.0.0\n1.9.9-beta\nnonsense\n");
    assert_eq!((ran.code, ran.out.as_str()), (0, "1\n0\n0\n0\n"), "{}", ran.err);
    let ran = piped(&["order", "deb", "--in", "vers:deb/>=1.0|<2.0"], "1.5-1\n2.0\n");
    assert_eq!(ran.out, "1\n0\n", "{}", ran.err);
    let ran = piped(&["order", "npm", "--in", ""], "1.2.0\n");
    assert_eq!(ran.out, "1\n", "{}", ran.err);
}

#[test]
fn endless_and_binary_lines_are_no_versions() {
    let long = "9".repeat(1 << 20);
    let ran = piped(&["order", "deb"], &format!("{long}\t1\n1\t2\n"));
    assert_eq!((ran.code, ran.out.as_str()), (0, "!\n-1\n"));
}

#[test]
fn unknown_schemes_and_ranges_are_wrong_usage() {
    let lab = Lab::new();
    let ran = lab.run(&["order", "deb64", "1", "2"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("hint: take one of deb, rpm, apk"), "{}", ran.err);
    assert_eq!(lab.run(&["order", "semver", "1.0.0", "x"]).code, 2);
    assert_eq!(lab.run(&["order", "semver", "--in", ">=<"]).code, 2);
}
