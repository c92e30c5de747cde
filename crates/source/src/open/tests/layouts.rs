//! OCI layouts: tags, digests, platforms, attestations, and broken ones.

use super::*;

const NAME: &str = "org.opencontainers.image.ref.name";
const FULL_NAME: &str = "io.containerd.image.name";

fn with(mut descriptor: Value, key: &str, value: Value) -> Value {
    descriptor[key] = value;
    descriptor
}

fn named(descriptor: Value, name: &str) -> Value {
    with(descriptor, "annotations", json!({NAME: name}))
}

fn for_platform(descriptor: Value, architecture: &str, variant: &str) -> Value {
    let platform = json!({"os": "linux", "architecture": architecture, "variant": variant});
    with(descriptor, "platform", platform)
}

fn attestation(saved: &mut Saved) -> Value {
    let attestation = saved.image("unknown", b"statement");
    let platform = json!({"os": "unknown", "architecture": "unknown"});
    let attestation = with(attestation, "platform", platform);
    with(attestation, "annotations", json!({"vnd.docker.reference.type": "attestation-manifest"}))
}

fn layer_of(image: &Image) -> String {
    String::from_utf8(bytes_of(&image.layers[0].place)).unwrap()
}

fn digest_of(descriptor: &Value) -> String {
    descriptor["digest"].as_str().unwrap().to_owned()
}

#[test]
fn a_layout_is_described() {
    let mut saved = Saved::default();
    let config = configuration("arm64", &[b"layer"]);
    let config = saved.blob(CONFIG, config.to_string());
    let id = digest_of(&config);
    let layer = saved.blob(LAYER, "layer");
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": [layer],
        "annotations": {"org.opencontainers.image.base.name": "docker.io/library/alpine:3.17.1",
            "org.opencontainers.image.base.digest": "sha256:00"}});
    let manifest = named(saved.blob(MANIFEST, manifest.to_string()), "docker.io/library/shop:1.4");
    saved.index(std::slice::from_ref(&manifest));
    let folder = saved.unpack();
    let Image { target, config, .. } = open_layout(folder.path(), None).unwrap();
    assert_eq!((target.name.as_str(), target.source.as_deref()), ("shop:1.4", Some("oci-layout")));
    assert_eq!((target.digest, target.image_id), (Some(digest_of(&manifest)), Some(id)));
    assert_eq!(target.platform.as_deref(), Some("linux/arm64"));
    assert_eq!(target.layers[0].digest, Some(sha256(b"layer")));
    assert_eq!(target.layers[0].size, Some(5));
    let base = target.base.unwrap();
    assert_eq!((base.name.as_str(), base.tag.as_deref()), ("alpine", Some("3.17.1")));
    assert_eq!((base.how.as_str(), base.layers), ("annotation", 0));
    assert_eq!(config.annotations.len(), 3);

    let file = write(&saved.packed());
    let image = open_bare(&file.path).unwrap();
    assert_eq!(image.target.source.as_deref(), Some("oci-archive"));
    assert_eq!(layer_of(&image), "layer");
    let image = open_bare(&write(&zstd(&saved.packed())).path).unwrap();
    assert_eq!(layer_of(&image), "layer");
}

#[test]
fn an_image_is_chosen_by_tag_full_name_or_digest() {
    let mut saved = Saved::default();
    let one = named(saved.image("amd64", b"one"), "1.0");
    let two = saved.image("amd64", b"two");
    let two_digest = digest_of(&two);
    let annotations = json!({NAME: "2.0", FULL_NAME: "docker.io/library/shop:2.0"});
    let two = with(two, "annotations", annotations);
    let three = named(saved.image("amd64", b"three"), "localhost:5000/till:3");
    saved.index(&[one, two, three]);
    let folder = saved.unpack();
    let open = |select| open_layout(folder.path(), Some(select));
    for (tag, layer) in [
        ("1.0", "one"),
        ("2.0", "two"),
        ("shop:2.0", "two"),
        ("docker.io/library/shop:2.0", "two"),
        ("localhost:5000/till:3", "three"),
        ("3", "three"),
    ] {
        let image = open(Select::Tag(tag.to_owned())).unwrap();
        assert_eq!(layer_of(&image), layer, "{tag}");
    }
    let image = open(Select::Digest(two_digest)).unwrap();
    assert_eq!((layer_of(&image).as_str(), image.target.name.as_str()), ("two", "shop:2.0"));

    let error = open_layout(folder.path(), None).unwrap_err();
    assert_says(
        &error,
        "several images: `1.0`, `docker.io/library/shop:2.0`, `localhost:5000/till:3`",
    );
    let error = open(Select::Tag("4".to_owned())).unwrap_err();
    assert_says(&error, "has no image `4`; it has `1.0`");
    let error = open(Select::Digest(sha256(b"nothing"))).unwrap_err();
    assert!(matches!(error, SourceError::NoSuchTag { .. }), "{error}");
    assert!(matches!(open(Select::Digest("x".into())), Err(SourceError::Damaged { .. })));
}

/// A layout of one tag with images for these architectures and an attestation, in a nested index.
fn multi(architectures: &[(&str, &str)]) -> tempfile::TempDir {
    let mut saved = Saved::default();
    let mut inner: Vec<Value> = architectures
        .iter()
        .map(|(architecture, variant)| {
            let layer = format!("{architecture}{variant}");
            let image = saved.image(architecture, layer.as_bytes());
            for_platform(image, architecture, variant)
        })
        .collect();
    inner.push(attestation(&mut saved));
    let index = json!({"schemaVersion": 2, "manifests": inner}).to_string();
    let index = named(saved.blob(INDEX, index), "latest");
    saved.index(&[index]);
    saved.unpack()
}

#[test]
fn without_a_platform_it_is_this_machine_then_the_only_one() {
    let here = this_machine();
    let folder = multi(&[(another(), ""), (&here, "")]);
    let image = open_layout(folder.path(), None).unwrap();
    assert_eq!(layer_of(&image), here);
    assert!(image.target.name.ends_with(":latest"));

    let folder = multi(&[(another(), "")]);
    assert_eq!(layer_of(&open_layout(folder.path(), None).unwrap()), another());

    let folder = multi(&[(another(), ""), ("mips64le", "")]);
    let error = open_layout(folder.path(), None).unwrap_err();
    assert!(matches!(error, SourceError::NoSuchPlatform { .. }));
    assert_says(&error, "it has `linux/mips64le`, `linux/");
    assert_says(&error, "--platform");
}

#[test]
fn a_platform_is_chosen_with_its_variant() {
    let folder = multi(&[("arm", "v6"), ("arm", "v7"), ("arm64", "v8"), ("arm", "v5")]);
    for (asked, layer) in [
        ("linux/arm/v6", "armv6"),
        ("linux/arm/v7", "armv7"),
        ("linux/arm", "armv7"),
        ("linux/arm64", "arm64v8"),
        ("linux/aarch64/v8", "arm64v8"),
    ] {
        assert_eq!(layer_of(&open_for(folder.path(), asked).unwrap()), layer, "{asked}");
    }
    let error = open_for(folder.path(), "windows/amd64").unwrap_err();
    assert_says(&error, "`linux/arm/v5`, `linux/arm/v6`, `linux/arm/v7`, `linux/arm64`");
}

#[test]
fn an_inner_manifest_is_chosen_by_digest() {
    let mut saved = Saved::default();
    let inner = saved.image(another(), b"inner");
    let digest = digest_of(&inner);
    let index = json!({"manifests": [inner]}).to_string();
    let index = named(saved.blob(INDEX, index), "latest");
    let other = named(saved.image("amd64", b"other"), "other");
    saved.index(&[other, index]);
    let folder = saved.unpack();
    let image = open_layout(folder.path(), Some(Select::Digest(digest))).unwrap();
    assert_eq!(layer_of(&image), "inner");
    assert!(image.target.name.ends_with(":latest"), "{}", image.target.name);
}

#[test]
fn a_layout_may_lack_the_platforms_that_are_not_wanted() {
    let mut saved = Saved::default();
    let there = for_platform(saved.image(another(), b"there"), another(), "");
    let absent = for_platform(Saved::default().image("mips64le", b"absent"), "mips64le", "");
    let index = saved.blob(INDEX, json!({"manifests": [absent.clone(), there]}).to_string());
    saved.index(&[index]);
    assert_eq!(layer_of(&open_layout(saved.unpack().path(), None).unwrap()), "there");

    let mut saved = Saved::default();
    saved.index(&[absent]);
    let error = open_layout(saved.unpack().path(), None).unwrap_err();
    assert_says(&error, "has no manifest `sha256:");
}

#[test]
fn attestations_and_artefacts_are_no_images() {
    let mut saved = Saved::default();
    let beside = attestation(&mut saved);
    let image = saved.image("amd64", b"image");
    let chart = saved.blob("application/vnd.cncf.helm.config.v1+json", "{}");
    let chart = json!({"config": chart, "layers": []}).to_string();
    let chart = named(saved.blob(MANIFEST, chart), "chart");
    let mut both = saved.clone();
    both.index(&[beside.clone(), image]);
    assert_eq!(layer_of(&open_layout(both.unpack().path(), None).unwrap()), "image");
    let mut alone = saved.clone();
    let index = alone.blob(INDEX, json!({"manifests": [beside]}).to_string());
    alone.index(&[index]);
    let error = open_layout(alone.unpack().path(), None).unwrap_err();
    assert_says(&error, "only attestations or other artefacts");
    saved.index(&[chart]);
    let error = open_layout(saved.unpack().path(), None).unwrap_err();
    assert_says(&error, "an artefact of type `application/vnd.cncf.helm.config.v1+json`");
}

#[test]
fn indexes_may_nest_up_to_the_limit() {
    let nested = |depth: usize| {
        let mut saved = Saved::default();
        let mut descriptor = saved.image("amd64", b"deep");
        for _ in 0..depth {
            descriptor = saved.blob(INDEX, json!({"manifests": [descriptor]}).to_string());
        }
        saved.index(&[descriptor]);
        open_layout(saved.unpack().path(), None)
    };
    assert_eq!(layer_of(&nested(MAX_INDEX_DEPTH).unwrap()), "deep");
    let error = nested(MAX_INDEX_DEPTH + 1).unwrap_err();
    assert!(matches!(error, SourceError::Limit { .. }), "{error}");
}

#[test]
fn an_index_that_points_to_itself_has_the_wrong_digest() {
    let mut saved = Saved::default();
    let digest = sha256(b"any");
    let loops = json!({"mediaType": INDEX, "digest": digest});
    saved.put_json(&digest.replace("sha256:", "blobs/sha256/"), &json!({"manifests": [loops]}));
    saved.index(&[loops]);
    let error = open_layout(saved.unpack().path(), None).unwrap_err();
    assert!(matches!(error, SourceError::WrongDigest { .. }), "{error}");
    let other = Some(Select::Digest(sha256(b"other")));
    let error = open_layout(saved.unpack().path(), other).unwrap_err();
    assert!(matches!(error, SourceError::WrongDigest { .. }), "{error}");
}

#[test]
fn an_index_that_spreads_out_is_bounded() {
    // Ten levels of forty pointers to the level below are 40^10 manifests.
    let mut saved = Saved::default();
    let mut descriptor = saved.image("amd64", b"x");
    for _ in 0..MAX_INDEX_DEPTH {
        let many = vec![descriptor; 40];
        descriptor = saved.blob(INDEX, json!({"manifests": many}).to_string());
    }
    saved.index(&[descriptor]);
    let folder = saved.unpack();
    let error = open_layout(folder.path(), None).unwrap_err();
    assert!(matches!(error, SourceError::Limit { .. }), "{error}");
    let other = Some(Select::Digest(sha256(b"other")));
    let error = open_layout(folder.path(), other).unwrap_err();
    assert!(matches!(error, SourceError::Limit { limit, .. } if limit == MAX_MANIFESTS as u64));
}

/// Opens a layout whose only manifest is changed before it is packed.
fn changed(change: impl FnOnce(&mut Value, &mut Saved)) -> Result<Image, SourceError> {
    let mut saved = Saved::default();
    let config = saved.blob(CONFIG, configuration("amd64", &[b"layer"]).to_string());
    let layer = saved.blob(LAYER, "layer");
    let mut manifest = json!({"schemaVersion": 2, "config": config, "layers": [layer]});
    change(&mut manifest, &mut saved);
    let manifest = saved.blob(MANIFEST, manifest.to_string());
    saved.index(&[manifest]);
    open_layout(saved.unpack().path(), None)
}

#[test]
fn sizes_and_digests_are_checked() {
    assert!(changed(|_, _| ()).is_ok());
    let error = changed(|manifest, _| manifest["layers"][0]["size"] = json!(6)).unwrap_err();
    assert_says(&error, "it has 5 bytes where its descriptor says 6");
    let error = changed(|manifest, _| manifest["config"]["size"] = json!(1)).unwrap_err();
    assert_says(&error, "where its descriptor says 1");
    for size in [json!(-1), json!("5"), json!(1e300)] {
        let error = changed(|manifest, _| manifest["config"]["size"] = size).unwrap_err();
        assert!(matches!(error, SourceError::Damaged { .. }), "{error}");
    }
    let error = changed(|manifest, _| manifest["config"]["size"] = json!(u64::MAX)).unwrap_err();
    assert!(matches!(error, SourceError::Limit { .. }), "{error}");
    let error = changed(|manifest, saved| {
        let other = sha256(b"other");
        saved.put(&other.replace("sha256:", "blobs/sha256/"), "{}");
        manifest["config"] = json!({"mediaType": CONFIG, "digest": other});
    })
    .unwrap_err();
    assert!(matches!(error, SourceError::WrongDigest { .. }), "{error}");
    let error =
        changed(|manifest, _| manifest["config"]["digest"] = json!("sha256:../../x")).unwrap_err();
    assert_says(&error, "is no digest");
}

#[test]
fn layers_that_cannot_be_read_are_named() {
    let layer = |change: Value| {
        changed(|manifest, _| {
            for (key, value) in change.as_object().unwrap() {
                manifest["layers"][0][key.as_str()] = value.clone();
            }
        })
    };
    let absent = sha256(b"absent");
    let error = layer(json!({"digest": absent})).unwrap_err();
    assert_says(&error, &format!("has no layer `{absent}`"));
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    let change = json!({"digest": absent, "mediaType": foreign, "urls": ["https://example.com/l"]});
    let error = layer(change).unwrap_err();
    assert_says(&error, "stays with its maker, at `https://example.com/l`");
    // A foreign layer that was copied along is a layer.
    assert!(layer(json!({"mediaType": foreign})).is_ok());
    assert!(
        layer(json!({"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip"})).is_ok()
    );
    for kind in
        ["application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "application/vnd.in-toto+json"]
    {
        let error = layer(json!({"mediaType": kind})).unwrap_err();
        assert_says(&error, kind);
    }
}

#[test]
fn old_manifests_are_refused_by_name() {
    let error = changed(|manifest, _| {
        *manifest = json!({"schemaVersion": 1, "name": "a", "fsLayers": [{"blobSum": "x"}]});
    })
    .unwrap_err();
    assert_says(&error, "schema 1");
}

#[test]
fn an_index_of_nothing_or_nonsense_is_damage() {
    let open_with = |index: &str| {
        let mut saved = Saved::default();
        saved.put("oci-layout", "{}").put("index.json", index);
        open_layout(saved.unpack().path(), None).unwrap_err()
    };
    for index in ["", "{}", "[]", "{\"manifests\":[]}", "{\"manifests\":7}", "\u{0}"] {
        let error = open_with(index);
        assert!(matches!(error, SourceError::Damaged { .. }), "{index}: {error}");
    }
    let many = json!({"manifests": vec![json!({}); MAX_MANIFESTS + 1]}).to_string();
    assert!(matches!(open_with(&many), SourceError::Limit { .. }));
    let large = " ".repeat(crate::archive::MAX_DOCUMENT_BYTES as usize + 1);
    assert!(matches!(open_with(&large), SourceError::Limit { .. }));
    let empty = tempfile::tempdir().unwrap();
    let error = open_layout(empty.path(), None).unwrap_err();
    assert_says(&error, "has no `index.json`");
}

#[test]
fn a_blob_that_is_a_folder_or_a_pipe_is_an_error() {
    let mut saved = Saved::default();
    let image = saved.image("amd64", b"x");
    saved.index(std::slice::from_ref(&image));
    let folder = saved.unpack();
    let blob = folder.path().join(digest_of(&image).replace("sha256:", "blobs/sha256/"));
    fs_err::remove_file(&blob).unwrap();
    fs_err::create_dir(&blob).unwrap();
    assert_says(&open_layout(folder.path(), None).unwrap_err(), "it is a folder");
}
