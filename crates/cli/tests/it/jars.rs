//! Java archives that only their digest tells: from a list to a finding.

use serde_json::Value;

use crate::support::Lab;

/// A ZIP file of one stored, empty member.
fn archive(name: &str) -> Vec<u8> {
    let mut head = vec![20, 0];
    head.extend([0; 20]);
    head.extend((name.len() as u16).to_le_bytes());
    head.extend([0; 2]);
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend(&head);
    bytes.extend(name.bytes());
    let directory = bytes.len() as u32;
    bytes.extend(b"PK\x01\x02\x14\0");
    bytes.extend(&head);
    bytes.extend([0; 14]);
    bytes.extend(name.bytes());
    let length = bytes.len() as u32 - directory;
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend(length.to_le_bytes());
    bytes.extend(directory.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

fn gaps(report: &Value, kind: &str) -> Vec<String> {
    let gaps = report["coverage"]["gaps"].as_array().unwrap().iter();
    gaps.filter(|gap| gap["kind"] == kind).map(|gap| gap["subject"].to_string()).collect()
}

#[test]
fn a_known_digest_names_an_archive_that_nothing_else_names() {
    let lab = Lab::new();
    lab.write("app/lib/renamed.jar", archive("a/B.class"));
    lab.write("app/lib/guess-1.0.jar", archive("a/C.class"));
    let report = lab.json(&["inventory", "app", "-f", "json"]);
    assert_eq!(gaps(&report, "unidentified"), ["\"lib/renamed.jar\""]);
    let digest = report["artifacts"][0]["digest"].as_str().unwrap().to_owned();
    // No shards: the same, and nothing is said to be missing.
    let report = lab.json(&["dir", "app", "-f", "json"]);
    assert_eq!(
        gaps(&report, "unidentified"),
        ["\"archives of an unknown group\"", "\"lib/renamed.jar\""]
    );
    assert_eq!(gaps(&report, "feed_unavailable"), ["\"maven\""], "only for want of a network");

    let guess = sha1_of(&lab, "app/lib/guess-1.0.jar");
    let list = format!(
        "# digests\n{} org.apache.logging.log4j:log4j-core:2.14.1\n{guess}\torg.real\tguess\t1.0\nbad\n",
        digest.strip_prefix("sha1:").unwrap()
    );
    lab.write("list", list);
    let ran = lab.run(&["db", "build", "--known-jars", "list", "--out", "db"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("known JARs"), "{}", ran.out);
    let report = lab.json(&["dir", "app", "--db", "db", "-f", "json"]);
    assert!(gaps(&report, "unidentified").is_empty());
    assert!(report["artifacts"].is_null());
    let find = |name: &str| {
        let packages = report["packages"].as_array().unwrap();
        packages.iter().find(|package| package["name"] == name).unwrap().clone()
    };
    let log4j = find("org.apache.logging.log4j:log4j-core");
    assert_eq!(log4j["confidence"], "high");
    assert_eq!(log4j["evidence"][0]["cataloguer"], "known digest");
    assert_eq!(log4j["evidence"][0]["path"], "lib/renamed.jar");
    assert_eq!(find("org.real:guess")["purl"], "pkg:maven/org.real/guess@1.0");
    let findings = report["findings"].as_array().unwrap();
    let hit = findings.iter().find(|finding| finding["id"] == "CVE-2021-44228").unwrap();
    assert_eq!(hit["package"], log4j["id"]);
    let shards = report["database"]["shards"].as_array().unwrap().iter();
    let jars = shards.filter(|shard| shard["namespace"].as_str().unwrap().starts_with("jars:"));
    assert_eq!(jars.count(), 2, "only those of the two archives");
}

/// The digest, as the report tells it of an archive whose name says nothing.
fn sha1_of(lab: &Lab, path: &str) -> String {
    let body = std::fs::read(lab.path(path)).unwrap();
    lab.write("other/x.jar", body);
    let report = lab.json(&["inventory", "other", "-f", "json"]);
    let digest = report["artifacts"][0]["digest"].as_str().unwrap();
    digest.strip_prefix("sha1:").unwrap().to_owned()
}

#[test]
fn a_list_without_records_is_refused() {
    let lab = Lab::new();
    lab.write("list", "hello\n");
    let ran = lab.run(&["db", "build", "--known-jars", "list", "--out", "db"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("`list` has no line"), "{}", ran.err);
    assert!(!lab.path("db/manifest.json").exists());
    let ran = lab.run(&["db", "build", "--known-jars", "nothing", "--out", "db"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("`nothing`"), "{}", ran.err);
}
