//! Advisories as JSON of Arch Linux, Echo and Fedora, the catalogue of Amazon's extras, and lists of
//! mirrors: every reader gets the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_feeds::{amazon, arch, echo, fedora};
use plimsoll_fuzz::rows::{self, Parse};
use plimsoll_vuln::RowKind;

const FILES: &[(Parse, &str, &str)] = &[
    (arch::parse, "https://security.archlinux.org/all.json", "arch"),
    (echo::parse, "https://advisory.echohq.com/data.json", "echo"),
    (fedora::parse, "https://bodhi.fedoraproject.org/updates/?type=security&page=1", "fedora:40"),
    (amazon::parse, "https://cdn.amazonlinux.com/2/extras-catalog.json", "amazon:2"),
    (amazon::parse, "https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list", "amazon:2"),
];

fuzz_target!(|data: &[u8]| {
    for (parse, address, namespace) in FILES {
        rows::check(*parse, address, data, RowKind::Advisories, &[namespace]);
    }
});
