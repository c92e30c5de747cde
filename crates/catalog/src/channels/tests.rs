//! Readers of channels on layers made here, and their limits.

use plimsoll_model::tree::Content;
use plimsoll_model::{Entry, EntryKind, LayerListing};
use proptest::prelude::*;

use super::*;

/// Makes a tree of layers, each with one file that was read.
fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (layer, (path, text)) in (0..).zip(files) {
        let mut listing = LayerListing::default();
        let content = Some(listing.keep(Content::of_body(text.as_bytes().into(), 1)));
        assert!(listing.push(&Entry { path, kind: EntryKind::File, executable: false, content }));
        tree.apply(layer, listing);
    }
    tree
}

fn told(files: &[(&str, &str)]) -> (Vec<(Option<u32>, String)>, Vec<Problem>) {
    let mut problems = Vec::new();
    let channels = read(&tree(files), &mut problems);
    (channels.iter().map(|channel| (channel.layer, channel.names.join(" "))).collect(), problems)
}

#[test]
fn manifests_of_layers_add_up() {
    let (channels, problems) = told(&[
        (
            "root/buildinfo/content_manifests/ubi8-8.5-1.json",
            r#"{"metadata": {"icm_version": 1}, "image_contents": [],
                "content_sets": ["rhel-8-for-x86_64-baseos-rpms__8", "b", "a"]}"#,
        ),
        ("usr/share/buildinfo/content_manifests/x.json", r#"{"content_sets": ["c__9_DOT_2"]}"#),
        (
            "usr/share/buildinfo/content-sets.json",
            r#"{"content_sets": ["d__"], "from_dnf_hint": true}"#,
        ),
        (
            "root/buildinfo/Dockerfile-web-1-2",
            "LABEL com.redhat.component=web-container architecture=ppc64le",
        ),
        ("root/buildinfo/labels.json", r#"{"cpe": "cpe:/a:redhat:openshift:4.16::el9", "n": 1}"#),
        (
            "root/buildinfo/content_manifests/none.json",
            r#"{"content_sets": null, "from_dnf_hint": true}"#,
        ),
    ]);
    let expected = [
        (0, "a b rhel-8-for-x86_64-baseos-rpms"),
        (1, "c__9_DOT_2"),
        (2, "d__"),
        (3, "nvr:web-container-1-2 ppc64le"),
        (4, "cpe:/a:redhat:openshift:4.16::el9"),
    ];
    assert_eq!(channels, expected.map(|(layer, names)| (Some(layer), names.to_owned())));
    assert_eq!(problems, []);
}

#[test]
fn services_of_ubuntu_hold_for_all_packages() {
    let status = r#"{"attached": true, "services": [
        {"name": "esm-infra", "status": "enabled"}, {"name": "esm-apps", "status": "disabled"},
        {"name": "livepatch", "status": "enabled"}, {"name": "fips-updates", "status": "enabled"}]}"#;
    let (channels, problems) = told(&[(UBUNTU_PRO, status)]);
    assert_eq!((channels, problems), (vec![(None, "esm-infra fips-updates".to_owned())], vec![]));
    let (channels, problems) = told(&[(UBUNTU_PRO, r#"{"services": []}"#)]);
    assert_eq!((channels, problems), (vec![], vec![]));
}

#[test]
fn broken_files_are_problems_and_others_are_passed_over() {
    let (channels, problems) = told(&[
        ("root/buildinfo/content_manifests/a.json", r#"{"content_sets": ["a"#),
        ("root/buildinfo/content_manifests/b.json", r#"{"content_sets": "a"}"#),
        ("root/buildinfo/content_manifests/README", "text"),
        ("root/buildinfo/other.json", "["),
        ("root/buildinfo/labels.json", r#"["cpe"]"#),
        ("usr/share/buildinfo/labels.json", r#"{"cpe": "2.3"}"#),
        (UBUNTU_PRO, ""),
    ]);
    assert_eq!(channels, []);
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert!(problems.iter().all(|problem| problem.gap == Some(GapKind::Unreadable)));
    assert_eq!(problems[0].path, "root/buildinfo/labels.json");
}

#[test]
fn files_names_and_their_length_have_limits() {
    let set = |count: usize, bytes: usize| {
        let names: Vec<String> = (0..count).map(|n| format!("\"{n:0>bytes$}\"")).collect();
        format!(r#"{{"content_sets": [{}]}}"#, names.join(","))
    };
    let path = "root/buildinfo/content_manifests/a.json";
    let (channels, problems) = told(&[(path, &set(MAX_NAMES + 1, 4))]);
    assert_eq!((channels[0].1.split(' ').count(), problems.len()), (MAX_NAMES, 1));
    let (channels, problems) = told(&[(path, &set(2, MAX_NAME_BYTES + 1))]);
    assert_eq!((channels.len(), problems.len()), (0, 1));
    assert_eq!(problems[0].gap, Some(GapKind::Limit));
    let paths: Vec<String> = (0..=MAX_FILES).map(|n| format!("{MANIFESTS}/{n}.json")).collect();
    let files: Vec<(&str, &str)> =
        paths.iter().map(|path| (path.as_str(), r#"{"content_sets": ["a"]}"#)).collect();
    let (channels, problems) = told(&files);
    assert_eq!((channels.len(), problems.len()), (MAX_FILES, 1));
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,200}", json in "[\\[{\"a,:\\]}]{0,60}") {
        for text in [text, json] {
            for path in [UBUNTU_PRO, "root/buildinfo/Dockerfile-a-1-2", "root/buildinfo/labels.json"] {
                let _ = told(&[(path, &text)]);
            }
            let line = format!("LABEL com.redhat.component={text}\\\n architecture={text}");
            let _ = told(&[("root/buildinfo/Dockerfile-a-1-2", &line)]);
        }
    }
}
