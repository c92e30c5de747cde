//! Bad input is normal input: a clear error or a recorded gap, never a panic, a hang or a silent loss.

use serde_json::Value;

use crate::support::{ALPINE, Lab, alpine, image, image_claiming, layer, sha256, shared};

const DPKG: &[u8] =
    b"Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n";

/// The gaps of a report, as `kind subject`.
fn gaps(report: &Value) -> Vec<String> {
    let gaps = report["coverage"]["gaps"].as_array().unwrap();
    gaps.iter()
        .map(|gap| {
            format!("{} {}", gap["kind"].as_str().unwrap(), gap["subject"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn what_is_no_image_is_told_with_what_to_do() {
    let lab = Lab::new();
    let truncated = alpine(&[("a", "1-r0", "a")]);
    for (name, bytes) in [
        ("empty.tar", Vec::new()),
        ("text.tar", b"hello\n".repeat(1000)),
        ("zeros.tar", vec![0; 10_240]),
        ("no-manifest.tar", layer(&[("a", b"b")])),
        ("no-config.tar", layer(&[("manifest.json", br#"[{"Config":"c.json","Layers":[]}]"#)])),
        ("bad-json.tar", layer(&[("manifest.json", b"[{")])),
        ("cut.tar", truncated[..truncated.len() / 3].to_vec()),
        ("bad.tar.gz", [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0xff; 500]].concat()),
    ] {
        let path = lab.write(name, bytes);
        let ran = lab.run(&["image", path.to_str().unwrap()]);
        assert_eq!(ran.code, 3, "{name}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("error: cannot scan"), "{name}: {}", ran.err);
        assert!(!ran.err.contains("panicked"), "{name}: {}", ran.err);
    }
    assert_eq!(lab.run(&["image", "nothing-here"]).code, 3);
}

#[test]
fn names_that_leave_the_root_write_nothing_and_are_told() {
    let lab = Lab::new();
    let path = lab.write(
        "x.tar",
        image(&[layer(&[("etc/os-release", ALPINE), ("../../escape", b"x"), ("/../etc/x", b"x")])]),
    );
    let report = lab.json(&["image", path.to_str().unwrap(), "-f", "json"]);
    let problems = report["problems"].as_array().unwrap();
    assert!(problems.iter().any(|p| p["detail"].as_str().unwrap().contains("leaves the root")));
    assert!(!lab.path("escape").exists() && !lab.path("../escape").exists());
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let lab = Lab::new();
    let evil = "evil\u{1b}]0;owned\u{7}\u{202e}";
    let path =
        lab.write("x.tar", alpine(&[(evil, "1-r0", evil), ("libssl3", "3.0.7-r0", "openssl")]));
    for format in ["table", "json"] {
        let ran = lab.run(&["image", path.to_str().unwrap(), "-f", format]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\u{202e}'), "{format}");
    }
    let ran = lab.run(&["image", "no\u{1b}[31mfile"]);
    assert!(!ran.err.contains('\u{1b}'));
}

#[test]
fn a_removed_package_database_is_a_gap_and_never_clean() {
    let lab = Lab::new();
    for whiteout in ["var/lib/dpkg/.wh.status", "var/lib/.wh.dpkg"] {
        let path = lab.write(
            "x.tar",
            image(&[
                layer(&[
                    ("etc/os-release", b"ID=debian\nVERSION_ID=12\n"),
                    ("var/lib/dpkg/status", DPKG),
                ]),
                layer(&[(whiteout, b"")]),
            ]),
        );
        let report = lab.json(&["image", path.to_str().unwrap(), "-f", "json"]);
        assert!(
            gaps(&report).iter().any(|gap| gap.starts_with("database_removed")),
            "{whiteout}: {:?}",
            gaps(&report)
        );
        assert_ne!(report["coverage"]["verdict"], "complete");
    }
}

#[test]
fn an_unknown_distribution_is_never_clean() {
    let lab = Lab::new();
    let files: &[(&str, &[u8])] =
        &[("etc/os-release", b"ID=nosuch\nVERSION_ID=1\n"), ("var/lib/dpkg/status", DPKG)];
    let path = lab.write("x.tar", image(&[layer(files)]));
    let report = lab.json(&["image", path.to_str().unwrap(), "-f", "json"]);
    assert_eq!(report["coverage"]["verdict"], "none");
    assert!(gaps(&report).iter().any(|gap| gap.starts_with("no_feed")), "{:?}", gaps(&report));
    assert_eq!(lab.run(&["image", path.to_str().unwrap(), "--fail-on", "gaps"]).code, 1);
}

#[test]
fn an_image_without_packages_says_that_nothing_was_judged() {
    let lab = Lab::new();
    let path = lab.write("x.tar", image(&[layer(&[("hello", b"x")])]));
    let ran = lab.run(&["image", path.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("Coverage: none"), "{}", ran.out);
    assert_eq!(lab.run(&["image", path.to_str().unwrap(), "--fail-on", "gaps"]).code, 1);
}

#[test]
fn a_layer_that_is_not_what_its_digest_says_ends_the_scan_when_it_is_hashed() {
    let lab = Lab::new();
    let good = layer(&[("etc/os-release", ALPINE)]);
    let claimed = format!("sha256:{}", sha256(b"something else"));
    let path = lab.write("x.tar", image_claiming(&[good], &[claimed]));
    let path = path.to_str().unwrap();
    let ran = lab.run(&["image", path, "--strict"]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(ran.err.contains("digest"), "{}", ran.err);
    let report = lab.json(&["image", path, "-f", "json"]);
    assert_eq!(report["target"]["layers"][0]["verified"], false);
}

#[test]
fn a_forged_diff_id_neither_plants_nor_uses_a_cache_entry() {
    let lab = Lab::new();
    let vulnerable = layer(&[
        ("etc/os-release", ALPINE),
        ("lib/apk/db/installed", b"P:libssl3\nV:3.0.7-r0\nA:x86_64\no:openssl\n\n"),
    ]);
    let clean = layer(&[("etc/os-release", ALPINE)]);
    let forged = image_claiming(&[clean], &[format!("sha256:{}", sha256(&vulnerable))]);
    let forged = lab.write("forged.tar", forged);
    let honest = lab.write("honest.tar", image(&[vulnerable]));
    let packages = |path: &std::path::Path, strict: bool| {
        let mut words = vec!["inventory", path.to_str().unwrap(), "-f", "json"];
        if strict {
            words.push("--strict");
        }
        let ran = lab.run(&words);
        serde_json::from_str::<Value>(&ran.out)
            .ok()
            .map(|report| report["packages"].as_array().unwrap().len())
    };
    for _ in 0..2 {
        assert_eq!(packages(&forged, false), Some(0));
        assert_eq!(packages(&forged, true), None, "hashed, it is refused");
        assert_eq!(packages(&honest, true), Some(1));
        assert_eq!(packages(&honest, false), Some(1));
    }
}

/// Name of the image, its packages, the kind of gap it must tell.
type Odd<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

#[test]
fn shared_odd_images_are_read_or_refused_in_words() {
    let Some(folder) = shared("images/built", "odd and hostile images") else { return };
    let lab = Lab::new();
    let expected: &[Odd] = &[
        ("odd-db-removed", &[], "database_removed"),
        ("odd-dup-entries", &[("c", "3")], ""),
        ("odd-empty-layers", &[("bash", "5.2.15-2+b2"), ("openssl", "3.0.9-1")], ""),
        ("odd-gnu-v7", &[("bash", "5.2.15-2+b2"), ("openssl", "3.0.9-1")], ""),
        ("odd-hostile", &[("bash", "5.2.15-2+b2"), ("openssl", "3.0.9-1")], ""),
        ("odd-links", &[("musl", "1.1.24-r0"), ("openssl", "3.0.11-1")], ""),
    ];
    for (name, packages, gap) in expected {
        let path = folder.join(format!("{name}.tar"));
        let report = lab.json(&["image", path.to_str().unwrap(), "-f", "json"]);
        let found: Vec<(&str, &str)> = report["packages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| (p["name"].as_str().unwrap(), p["version"].as_str().unwrap()))
            .collect();
        let mut packages = packages.to_vec();
        packages.sort_unstable();
        let mut sorted = found.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, packages, "{name}");
        assert!(gap.is_empty() || gaps(&report).iter().any(|g| g.starts_with(gap)), "{name}");
    }
    assert!(!std::path::Path::new("/tmp/lab-escape").exists());
    assert!(!std::path::Path::new("/tmp/lab-escape2").exists());
}
