//! Image names: `[host/]repository[:tag]`, and what Docker leaves out of them.
//!
//! Source: <https://github.com/distribution/reference>.

/// Splits `localhost:5000/shop:1.4` into name and tag.
pub(crate) fn split_tag(reference: &str) -> (&str, Option<&str>) {
    match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') && !name.is_empty() => (name, Some(tag)),
        _ => (reference, None),
    }
}

/// Returns an image name without what Docker adds by itself: `docker.io/library/alpine` is
/// `alpine`.
pub(crate) fn familiar(name: &str) -> &str {
    let short = name
        .strip_prefix("docker.io/")
        .or_else(|| name.strip_prefix("index.docker.io/"))
        .unwrap_or(name);
    short.strip_prefix("library/").unwrap_or(short)
}

/// Returns a name as archives state it: `alpine` and `docker.io/library/alpine` are
/// `alpine:latest`.
pub(crate) fn full_name(name: &str) -> String {
    let (name, tag) = split_tag(name);
    format!("{}:{}", familiar(name), tag.unwrap_or("latest"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(split_tag("localhost:5000/shop"), ("localhost:5000/shop", None));
        assert_eq!(split_tag("localhost:5000/shop:1.4"), ("localhost:5000/shop", Some("1.4")));
    }

    #[test]
    fn what_docker_leaves_out_makes_no_difference() {
        for name in ["alpine", "alpine:latest", "library/alpine", "docker.io/library/alpine"] {
            assert_eq!(full_name(name), "alpine:latest", "{name}");
        }
        assert_eq!(full_name("docker.io/acme/shop:1"), "acme/shop:1");
        assert_eq!(full_name("localhost/shop"), "localhost/shop:latest");
    }
}
