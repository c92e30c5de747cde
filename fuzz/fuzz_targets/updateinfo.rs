//! XML of RPM repositories and of Gentoo, and lists of modules: every reader gets the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_feeds::{amazon, bottlerocket, gentoo, rocky};
use plimsoll_fuzz::rows::{self, Parse};
use plimsoll_fuzz::tar;
use plimsoll_vuln::RowKind;

const FILES: &[(Parse, &str, &str)] = &[
    (amazon::parse, "https://cdn.amazonlinux.com/2/x/repodata/updateinfo.xml", "amazon:2"),
    (amazon::parse, "https://cdn.amazonlinux.com/2/x/repodata/repomd.xml", "amazon:2"),
    (bottlerocket::parse, "https://advisories.bottlerocket.aws/updateinfo.xml", "bottlerocket"),
    (rocky::parse, "https://h.example/rocky/9/x/os/repodata/a-updateinfo.xml", "rocky:9"),
    (rocky::parse, "https://h.example/rocky/9/x/os/repodata/repomd.xml", "rocky:9"),
    (rocky::parse, "https://h.example/rocky/9/x/os/repodata/b-modules.yaml", "rocky:9"),
];

fuzz_target!(|data: &[u8]| {
    for (parse, address, namespace) in FILES {
        rows::check(*parse, address, data, RowKind::Advisories, &[namespace]);
    }
    let archive = archive(data);
    let address = "https://h.example/gentoo-latest.tar";
    rows::check(gentoo::parse, address, &archive, RowKind::Advisories, &["gentoo"]);
});

/// Makes an archive of one advisory.
fn archive(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    tar::put_file(&mut bytes, b"gentoo/metadata/glsa/glsa-200401-01.xml", body);
    tar::finish(&mut bytes);
    bytes
}
