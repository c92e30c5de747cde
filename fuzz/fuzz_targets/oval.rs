//! OVAL as Oracle, SUSE and Microsoft have it, and the lists of Photon OS: a text that begins as XML is read
//! as each of the three, one that begins as a list as the fourth.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_feeds::{azure, oracle, photon, suse};
use plimsoll_fuzz::{rows, tar};
use plimsoll_vuln::RowKind;

fuzz_target!(|data: &[u8]| {
    let check = |parse, address, data: &[u8], namespaces: &[&str]| {
        rows::check(parse, address, data, RowKind::Advisories, namespaces);
    };
    match data {
        [b'[', ..] => {
            let folder = "https://packages.broadcom.com/photon/photon_cve_metadata";
            check(
                photon::parse,
                &format!("{folder}/cve_data_photon4.0.json"),
                data,
                &["photon:4.0"],
            );
        }
        [b'<', ..] => {
            check(oracle::parse, "https://h.example/elsa.xml", data, &["oracle:5", "oracle:8"]);
            let namespaces = ["suse:15.4", "suse:15.5", "suse-micro:5.5", "opensuse-tumbleweed"];
            check(suse::parse, "https://h.example/suse.xml", data, &namespaces);
            let mut archive = Vec::new();
            tar::put_file(&mut archive, b"azurelinux-3.0-oval.xml", data);
            tar::finish(&mut archive);
            check(azure::parse, "https://h.example/main.tar", &archive, &["azurelinux:3.0"]);
        }
        _ => {}
    }
});
