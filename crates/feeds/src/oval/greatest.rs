//! Of several notices about one package, the one that counts: architecture by architecture.

use std::collections::BTreeMap;

use plimsoll_model::Scheme;

/// What is said of each key on each architecture; `None` is every architecture.
pub(crate) struct Greatest<K, A, V> {
    found: BTreeMap<K, Vec<(Option<A>, V)>>,
}

impl<K: Ord, A: Copy + Ord, V: PartialEq> Greatest<K, A, V> {
    /// Makes an empty one.
    pub(crate) fn new() -> Self {
        Self { found: BTreeMap::new() }
    }

    /// Takes a value, if none is there that it does not outweigh.
    pub(crate) fn put(
        &mut self,
        key: K,
        arch: Option<A>,
        value: V,
        outweighs: impl Fn(&V, &V) -> bool,
    ) {
        let known = self.found.entry(key).or_default();
        match known.iter_mut().find(|(known, _)| *known == arch) {
            None => known.push((arch, value)),
            Some((_, old)) if outweighs(&value, old) => *old = value,
            Some(_) => {}
        }
    }

    /// Gives everything out, sorted by key: each value once, with the architectures that it is for,
    /// sorted; none for all.
    pub(crate) fn into_groups(self) -> impl Iterator<Item = (K, Vec<A>, V)>
    where
        K: Clone,
    {
        self.found.into_iter().flat_map(|(key, values)| {
            let mut groups: Vec<(Vec<Option<A>>, V)> = Vec::new();
            for (arch, value) in values {
                match groups.iter_mut().find(|(_, known)| *known == value) {
                    Some((arches, _)) => arches.push(arch),
                    None => groups.push((vec![arch], value)),
                }
            }
            groups.into_iter().map(move |(mut arches, value)| {
                arches.sort_unstable();
                let every = arches.contains(&None);
                let arches =
                    if every { Vec::new() } else { arches.into_iter().flatten().collect() };
                (key.clone(), arches, value)
            })
        })
    }
}

/// Returns whether an RPM version is greater than another; of two that do not compare, neither is.
pub(crate) fn is_greater(new: &str, old: &str) -> bool {
    Scheme::Rpm.compare(new, old).is_ok_and(std::cmp::Ordering::is_gt)
}

/// Takes an RPM version as a state has it, without the epoch that says nothing: `1.2-3` of `0:1.2-3`;
/// `None` where it is none.
pub(crate) fn evr(value: &str) -> Option<&str> {
    let version = value.strip_prefix("0:").unwrap_or(value).trim();
    (!version.is_empty() && Scheme::Rpm.is_valid(version)).then_some(version)
}

/// Reads a pattern of architectures: `(aarch64|x86_64)`, `x86_64`; `None` for any other pattern.
pub(crate) fn arches(pattern: &str) -> Option<Vec<&str>> {
    let inner = pattern.trim_start_matches('^').trim_end_matches('$');
    let inner = inner.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(inner);
    let is_name = |name: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        !name.is_empty() && name.len() <= 16 && name.bytes().all(plain)
    };
    inner.split('|').map(|name| Some(name).filter(|name| is_name(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_counts_on_each_architecture() {
        let mut greatest = Greatest::new();
        for (key, arch, version) in [
            ("b", Some("x86_64"), "1-9"),
            ("a", Some("x86_64"), "1-9"),
            ("a", Some("x86_64"), "1-10"),
            ("a", Some("aarch64"), "1-10"),
            ("a", Some("s390x"), "1-2"),
            ("c", None, "2"),
            ("c", Some("x86_64"), "2"),
        ] {
            greatest.put(key, arch, version, |new, old| is_greater(new, old));
        }
        let groups: Vec<_> = greatest.into_groups().collect();
        assert_eq!(
            groups,
            [
                ("a", vec!["aarch64", "x86_64"], "1-10"),
                ("a", vec!["s390x"], "1-2"),
                ("b", vec!["x86_64"], "1-9"),
                ("c", vec![], "2"),
            ]
        );
    }

    #[test]
    fn patterns_of_architectures_are_read() {
        assert_eq!(arches("(aarch64|x86_64)"), Some(vec!["aarch64", "x86_64"]));
        assert_eq!(arches("^i386$"), Some(vec!["i386"]));
        for pattern in ["", "x.*", "(a|)", "x86[_]64"] {
            assert_eq!(arches(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn versions_lose_an_epoch_of_zero() {
        assert_eq!(
            (evr("0:1.2-3"), evr("1:2-3"), evr("0: 1-2")),
            (Some("1.2-3"), Some("1:2-3"), Some("1-2"))
        );
        assert_eq!((evr(""), evr("0:"), evr("0:1 2")), (None, None, None));
    }
}
