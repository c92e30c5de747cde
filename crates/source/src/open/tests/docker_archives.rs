//! The forms in which docker and podman save, and broken ones.

use super::*;

/// An archive of one image, as Docker 24 writes it.
fn saved(tags: &[&str]) -> Saved {
    let mut saved = Saved::default();
    let entry = saved.docker_image(tags, b"layer");
    saved.put_json("manifest.json", &json!([entry]));
    saved
}

#[test]
fn an_archive_of_docker_24_is_described() {
    let file = write(&saved(&["shop:1.4"]).packed());
    let Image { target, layers, config, .. } = open_archive(&file.path, None).unwrap();
    let id = sha256(configuration("amd64", &[b"layer"]).to_string().as_bytes());
    assert_eq!((target.kind.as_str(), target.name.as_str()), ("image", "shop:1.4"));
    assert_eq!((target.image_id, target.digest), (Some(id), None));
    assert_eq!(target.platform.as_deref(), Some("linux/amd64"));
    assert_eq!(target.source.as_deref(), Some("docker-archive"));
    assert_eq!(target.layers.len(), 1);
    let layer = &target.layers[0];
    assert_eq!((layer.index, layer.size, layer.verified), (0, Some(5), false));
    assert_eq!((&layer.digest, &layer.diff_id), (&None, &sha256(b"layer")));
    assert_eq!(layer.created_by.as_deref(), Some("ADD file:9f86 in /"));
    assert_eq!(bytes_of(&layers[0].place), b"layer");
    let text = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(config.labels, [text("a", "1"), text("b", "2")]);
    assert_eq!(config.env, ["PATH=/bin"]);
    assert_eq!(config.history.len(), 2);
    assert!(config.history[1].1);
}

#[test]
fn an_archive_of_docker_26_names_layers_by_digest() {
    let mut saved = Saved::default();
    let layer = sha256(b"layer").replace("sha256:", "blobs/sha256/");
    let config = configuration("amd64", &[b"layer"]).to_string();
    let config_name = sha256(config.as_bytes()).replace("sha256:", "blobs/sha256/");
    saved.put(&config_name, config).put(&layer, "layer");
    saved.put_json("repositories", &json!({}));
    let entry = json!({"Config": config_name, "RepoTags": ["a:1"], "Layers": [layer]});
    saved.put_json("manifest.json", &json!([entry]));
    let file = write(&saved.packed());
    let image = open_archive(&file.path, None).unwrap();
    assert_eq!(image.layers[0].digest, Some(sha256(b"layer")));
    assert_eq!(bytes_of(&image.layers[0].place), b"layer");
}

#[test]
fn podman_links_to_its_layers() {
    let config = configuration("amd64", &[b"one", b"two"]).to_string();
    let mut builder = tar::Builder::new(Vec::new());
    let mut put = |name: &str, body: &[u8], link: Option<(tar::EntryType, &str)>| {
        let mut header = tar::Header::new_ustar();
        header.set_size(body.len() as u64);
        match link {
            Some((kind, target)) => {
                header.set_entry_type(kind);
                builder.append_link(&mut header, name, target).unwrap();
            }
            None => builder.append_data(&mut header, name, body).unwrap(),
        }
    };
    put("1111.tar", b"one", None);
    put("2222.tar", b"two", None);
    put("aaaa/layer.tar", b"", Some((tar::EntryType::Symlink, "../1111.tar")));
    put("bbbb/layer.tar", b"", Some((tar::EntryType::Link, "2222.tar")));
    put("loop/layer.tar", b"", Some((tar::EntryType::Symlink, "layer.tar")));
    put("config.json", config.as_bytes(), None);
    let manifest = |last: &str| {
        json!([{"Config": "config.json", "RepoTags": ["localhost/a:1"],
            "Layers": ["aaaa/layer.tar", last]}])
        .to_string()
    };
    put("manifest.json", manifest("loop/layer.tar").as_bytes(), None);
    put("manifest.json", manifest("bbbb/layer.tar").as_bytes(), None);
    let bytes = builder.into_inner().unwrap();
    let image = open_archive(&write(&bytes).path, None).unwrap();
    assert_eq!(image.target.name, "localhost/a:1");
    assert_eq!(bytes_of(&image.layers[0].place), b"one");
    assert_eq!(bytes_of(&image.layers[1].place), b"two");
}

#[test]
fn a_layer_link_that_leads_in_a_circle_is_a_missing_layer() {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, target) in [("a/layer.tar", "../b/layer.tar"), ("b/layer.tar", "../a/layer.tar")] {
        let mut header = tar::Header::new_ustar();
        header.set_size(0);
        header.set_entry_type(tar::EntryType::Symlink);
        builder.append_link(&mut header, name, target).unwrap();
    }
    let config = configuration("amd64", &[b"x"]).to_string();
    let manifest = json!([{"Config": "c", "Layers": ["a/layer.tar"]}]).to_string();
    for (name, body) in [("c", config), ("manifest.json", manifest)] {
        let mut header = tar::Header::new_ustar();
        header.set_size(body.len() as u64);
        builder.append_data(&mut header, name, body.as_bytes()).unwrap();
    }
    let error = open_archive(&write(&builder.into_inner().unwrap()).path, None).unwrap_err();
    assert_says(&error, "has no layer `a/layer.tar`");
}

#[test]
fn of_entries_with_one_name_the_last_counts_and_names_are_cleaned() {
    let mut plain = saved(&["a:1"]);
    let mut odd = Saved::default();
    odd.put("manifest.json", "no json");
    for (number, (name, body)) in plain.files.drain(..).enumerate() {
        odd.put(&format!("{}{name}", if number % 2 == 0 { "./" } else { "/" }), body);
    }
    assert_eq!(open_bare(&write(&odd.packed()).path).unwrap().target.name, "a:1");
    let zipped = write(&gzip(&odd.packed()));
    assert_eq!(open_bare(&zipped.path).unwrap().target.name, "a:1");
}

#[test]
fn long_names_of_both_kinds_are_read() {
    let long = format!("{}/layer.tar", "d".repeat(150));
    for pax in [false, true] {
        let mut builder = tar::Builder::new(Vec::new());
        let config = configuration("amd64", &[b"layer"]).to_string();
        let manifest = json!([{"Config": "c.json", "Layers": [long]}]).to_string();
        for (name, body) in
            [(long.as_str(), "layer"), ("c.json", &config), ("manifest.json", &manifest)]
        {
            let mut header = if pax { tar::Header::new_ustar() } else { tar::Header::new_gnu() };
            header.set_size(body.len() as u64);
            if pax {
                builder.append_pax_extensions([("path", name.as_bytes())]).unwrap();
                builder.append_data(&mut header, "short", body.as_bytes()).unwrap();
            } else {
                builder.append_data(&mut header, name, body.as_bytes()).unwrap();
            }
        }
        let image = open_archive(&write(&builder.into_inner().unwrap()).path, None).unwrap();
        assert_eq!(bytes_of(&image.layers[0].place), b"layer", "pax: {pax}");
    }
}

#[test]
fn a_compressed_archive_is_the_same_image() {
    let plain = saved(&["a:1"]).packed();
    let expected = open_archive(&write(&plain).path, None).unwrap();
    // gzip in two members, as `cat a.gz b.gz` makes it.
    let (first, second) = plain.split_at(700);
    let members = [gzip(first), gzip(second)].concat();
    for packed in [gzip(&plain), members, zstd(&plain)] {
        let file = write(&packed);
        let image = open_bare(&file.path).unwrap();
        assert_eq!(image.target, expected.target);
        assert!(matches!(image.layers[0].place, crate::image::Place::Inflated { .. }));
        assert_eq!(bytes_of(&image.layers[0].place), b"layer");
    }
}

fn two_images() -> Written {
    let mut saved = Saved::default();
    let first = saved.docker_image(&["shop:1", "docker.io/library/shop:stable"], b"one");
    let second = saved.docker_image(&["shop:2", "acme/till:2"], b"two");
    let third = saved.docker_image(&[], b"three");
    saved.put_json("manifest.json", &json!([first, second, third]));
    write(&saved.packed())
}

#[test]
fn one_of_several_images_is_named_by_tag() {
    let file = two_images();
    for (tag, name, body) in [
        ("shop:1", "shop:1", "one"),
        ("docker.io/library/shop:1", "shop:1", "one"),
        ("shop:stable", "shop:stable", "one"),
        ("stable", "shop:stable", "one"),
        ("acme/till:2", "acme/till:2", "two"),
    ] {
        let image = open_archive(&file.path, Some(tag)).unwrap();
        assert_eq!(bytes_of(&image.layers[0].place), body.as_bytes(), "{tag}");
        // The tag alone says not which of several names is meant; the first is as good as any.
        if tag.contains(':') {
            assert_eq!(image.target.name, name, "{tag}");
        }
    }
    let id = sha256(configuration("amd64", &[b"three"]).to_string().as_bytes());
    let image = open_archive(&file.path, Some(&id)).unwrap();
    assert_eq!(bytes_of(&image.layers[0].place), b"three");
}

#[test]
fn a_choice_that_is_none_lists_what_there_is() {
    let file = two_images();
    let error = open_archive(&file.path, None).unwrap_err();
    assert!(matches!(error, SourceError::SeveralImages { .. }));
    assert_says(&error, "`acme/till:2`, `docker.io/library/shop:stable`, `sha256:");
    let error = open_archive(&file.path, Some("shop:3")).unwrap_err();
    assert_says(&error, "has no image `shop:3`; it has `acme/till:2`");
    let error = open_archive(&file.path, Some("latest")).unwrap_err();
    assert!(matches!(error, SourceError::NoSuchTag { .. }));
}

#[test]
fn a_platform_that_is_not_there_is_an_error() {
    let file = write(&saved(&["a:1"]).packed());
    assert!(open_for(&file.path, "linux/amd64").is_ok());
    let error = open_for(&file.path, "linux/arm64").unwrap_err();
    assert_says(&error, "has no image for `linux/arm64`; it has `linux/amd64`");
}

#[test]
fn an_archive_with_both_indexes_gives_the_other_platforms_too() {
    let mut saved = saved(&["a:1"]);
    let (amd, other) = (saved.image("amd64", b"layer"), saved.image("s390x", b"other"));
    saved.index(&[amd, other]);
    let file = write(&saved.packed());
    assert_eq!(open_bare(&file.path).unwrap().target.source.as_deref(), Some("docker-archive"));
    let image = open_for(&file.path, "linux/s390x").unwrap();
    assert_eq!(image.target.source.as_deref(), Some("oci-archive"));
    assert_eq!(bytes_of(&image.layers[0].place), b"other");
}

#[test]
fn layers_may_be_empty_or_none_or_there_twice() {
    let mut saved = Saved::default();
    let config = configuration("amd64", &[b"", b"x", b"x"]).to_string();
    saved.put("c.json", config).put("e", "").put("x", "x");
    saved.put_json("manifest.json", &json!([{"Config": "c.json", "Layers": ["e", "x", "x"]}]));
    let image = open_archive(&write(&saved.packed()).path, None).unwrap();
    let sizes: Vec<_> = image.target.layers.iter().map(|layer| layer.size).collect();
    assert_eq!(sizes, [Some(0), Some(1), Some(1)]);
    // Three layers and one instruction: no layer is said to be made by it.
    assert!(image.target.layers.iter().all(|layer| layer.created_by.is_none()));

    let mut none = Saved::default();
    none.put("c.json", r#"{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":null}}"#);
    none.put_json("manifest.json", &json!([{"Config": "c.json", "Layers": null}]));
    assert!(open_archive(&write(&none.packed()).path, None).unwrap().layers.is_empty());
}

/// Replaces, adds or (with `None`) removes one file of a sound archive and opens what comes out.
fn broken(name: &str, body: Option<&str>) -> SourceError {
    let mut saved = saved(&["a:1"]);
    saved.files.retain(|(there, _)| !there.ends_with(name));
    if let Some(body) = body {
        saved.put(name, body);
    }
    open_archive(&write(&saved.packed()).path, None).unwrap_err()
}

#[test]
fn what_an_archive_lacks_is_named() {
    assert_says(&broken("layer.tar", None), "/layer.tar`");
    assert_says(&broken("manifest.json", None), "neither `manifest.json` nor `index.json`");
    let config = format!(
        "{}.json",
        &sha256(configuration("amd64", &[b"layer"]).to_string().as_bytes())[7..]
    );
    assert_says(&broken(&config, None), "has no configuration `");
    let error = broken(&config, Some("{}"));
    assert!(matches!(error, SourceError::WrongDigest { .. }), "{error}");
}

#[test]
fn a_manifest_that_makes_no_sense_is_damage() {
    for body in [
        "",
        "{}",
        "[]",
        "[{}]",
        "[{\"Config\":7}]",
        "not json",
        "[{\"Config\":\"../../etc/passwd\",\"Layers\":[]}]",
        "[[[[",
    ] {
        let error = broken("manifest.json", Some(body));
        let is_told = matches!(error, SourceError::Damaged { .. } | SourceError::Missing { .. });
        assert!(is_told, "{body}: {error:?}");
    }
    let deep = "[".repeat(1 << 20);
    assert!(matches!(broken("manifest.json", Some(&deep)), SourceError::Damaged { .. }));
}

#[test]
fn counts_that_disagree_and_digests_that_are_none_are_damage() {
    let open_with = |config: Value| {
        let mut saved = Saved::default();
        saved.put_json("c.json", &config).put("x", "x");
        saved.put_json("manifest.json", &json!([{"Config": "c.json", "Layers": ["x"]}]));
        open_archive(&write(&saved.packed()).path, None).unwrap_err()
    };
    assert_says(&open_with(configuration("amd64", &[])), "lists 0 layers where the manifest has 1");
    let error = open_with(json!({"rootfs": {"diff_ids": ["sha256:xyz\u{1b}"]}}));
    assert_says(&error, "`sha256:xyz\\u{1b}` is no digest");
    let error = open_with(json!({"rootfs": {"diff_ids": [format!("sha512:{}", "0".repeat(128))]}}));
    assert_says(&error, "only sha256 is read");
    assert_says(&open_with(json!({"id": "9f86", "os": "linux"})), "schema 1");
}

#[test]
fn limits_are_kept_on_layers_and_images() {
    let open_with = |layers: usize| {
        let mut saved = Saved::default();
        let bodies = vec![b"x".as_slice(); layers];
        saved.put_json("c.json", &configuration("amd64", &bodies)).put("x", "x");
        let names = vec!["x"; layers];
        saved.put_json("manifest.json", &json!([{"Config": "c.json", "Layers": names}]));
        open_archive(&write(&saved.packed()).path, None)
    };
    assert_eq!(open_with(MAX_LAYERS).unwrap().layers.len(), MAX_LAYERS);
    assert!(matches!(open_with(MAX_LAYERS + 1), Err(SourceError::Limit { .. })));

    let mut saved = saved(&["a:1"]);
    let many = vec![json!({"Config": "c"}); MAX_MANIFESTS + 1];
    saved.put_json("manifest.json", &json!(many));
    let error = open_archive(&write(&saved.packed()).path, None).unwrap_err();
    assert!(matches!(error, SourceError::Limit { .. }), "{error}");
}

#[test]
fn an_archive_of_before_docker_1_10_is_refused_by_name() {
    let mut old = Saved::default();
    old.put_json("repositories", &json!({"a": {"latest": "9f86"}})).put("9f86/json", "{}");
    let error = open_archive(&write(&old.packed()).path, None).unwrap_err();
    assert_says(&error, "older than 1.10 (schema 1)");
}

#[test]
fn an_oci_archive_is_not_taken_for_a_docker_archive() {
    let mut saved = Saved::default();
    let image = saved.image("amd64", b"x");
    saved.index(&[image]);
    let file = write(&saved.packed());
    assert_says(&open_archive(&file.path, None).unwrap_err(), "`oci-archive:PATH`");
    assert!(open_bare(&file.path).is_ok());
}

#[test]
fn documents_have_a_limit_together() {
    use crate::archive::MAX_DOCUMENT_BYTES;
    use crate::store::MAX_DOCUMENTS_BYTES;
    let mut body = configuration("amd64", &[]).to_string();
    body.push_str(&" ".repeat(MAX_DOCUMENT_BYTES as usize - body.len()));
    let open_with = |images: u64| {
        let mut saved = Saved::default();
        saved.put("c.json", body.as_str());
        let images = vec![json!({"Config": "c.json", "Layers": []}); images as usize];
        saved.put_json("manifest.json", &json!(images));
        open_archive(&write(&saved.packed()).path, None)
    };
    let most = MAX_DOCUMENTS_BYTES / MAX_DOCUMENT_BYTES;
    // The manifest takes some bytes too.
    assert!(open_with(most - 1).is_ok());
    let error = open_with(most).unwrap_err();
    assert!(matches!(error, SourceError::Limit { limit: MAX_DOCUMENTS_BYTES, .. }), "{error}");
}
