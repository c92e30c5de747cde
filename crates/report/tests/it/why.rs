//! The words that explain a finding.

use std::fmt::Write as _;

use plimsoll_report::{Style, why, why_not_found};

use crate::sample;
use crate::tables::check;

#[test]
fn findings_are_explained_by_id_and_alias() {
    let report = sample::rich();
    let style = Style::default();
    let mut text = String::new();
    for id in
        ["cve-2023-0286", "CVE-2021-44228", "CVE-2024-35195", "CVE-2026-22184", "CVE-2023-45853"]
    {
        write!(text, "$ {id}\n{}", why(&report, id, &style).unwrap()).unwrap();
    }
    check("why", &text);
    assert_eq!(why(&report, "GHSA-jfh8-c2jp-5v3q", &style), why(&report, "CVE-2021-44228", &style));
    assert_eq!(why(&report, "CVE-2023", &style), None);
    assert_eq!(why(&sample::inventory(), "CVE-2023-0286", &style), None);
}

#[test]
fn a_miss_says_how_much_was_judged() {
    let text = why_not_found(&sample::rich(), "CVE-1999-0001", &Style::default());
    check("why-not-found", &text);
}
