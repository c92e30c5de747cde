//! CPE names of products, as Red Hat's records and repositories state them.
//!
//! `cpe:/a:redhat:enterprise_linux:9::appstream` is a name of CPE 2.2: part, vendor, product, version,
//! update, edition (`NISTIR` 7695). A record speaks of a target when its name is as wide as the target's
//! or wider (`NISTIR` 7696), with two additions: what the target leaves open fits, since a target that
//! does not tell its repositories may have any; and a version of fewer parts stands for all below it, as
//! Red Hat writes `openshift:4`.

/// Returns whether a record about the product `record` speaks of a target that has the product `target`.
pub(crate) fn covers(record: &str, target: &str) -> bool {
    let (Some(record), Some(target)) = (record.strip_prefix("cpe:/"), target.strip_prefix("cpe:/"))
    else {
        return false;
    };
    let mut record = record.split(':');
    let mut target = target.split(':');
    let mut place = 0;
    loop {
        let (a, b) = (record.next(), target.next());
        if a.is_none() && b.is_none() {
            return true;
        }
        if !fits(place, a.unwrap_or_default(), b.unwrap_or_default()) {
            return false;
        }
        place += 1;
    }
}

/// The place of the version in a name.
const VERSION: usize = 3;

fn fits(place: usize, record: &str, target: &str) -> bool {
    if record.is_empty() || target.is_empty() || record == target {
        return true;
    }
    // `%02` is any text in the URI form of CPE 2.3.
    if let Some((head, tail)) = record.split_once("%02") {
        return target.strip_prefix(head).is_some_and(|rest| rest.ends_with(tail));
    }
    place == VERSION && target.strip_prefix(record).is_some_and(|rest| rest.starts_with('.'))
}

/// Returns the minor release of a target that stays on it, from a product of extended support:
/// `4` of `cpe:/o:redhat:rhel_eus:9.4::baseos`.
pub(crate) fn extended_minor(product: &str) -> Option<u32> {
    let mut parts = product.strip_prefix("cpe:/")?.split(':').skip(2);
    let name = parts.next()?;
    if !matches!(name, "rhel_eus" | "rhel_aus" | "rhel_tus" | "rhel_e4s" | "rhel_eus_long_life") {
        return None;
    }
    parts.next()?.split_once('.')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_name_covers_a_narrower_one() {
        let baseos = "cpe:/o:redhat:enterprise_linux:8::baseos";
        assert!(covers(baseos, baseos));
        assert!(covers("cpe:/o:redhat:enterprise_linux:8", baseos));
        assert!(covers(baseos, "cpe:/o:redhat:enterprise_linux:8"));
        assert!(covers("cpe:/a:redhat:openshift:4", "cpe:/a:redhat:openshift:4.13::el8"));
        assert!(covers("cpe:/a:redhat:openshift:4.%02::el8", "cpe:/a:redhat:openshift:4.13::el8"));
        assert!(!covers("cpe:/a:redhat:openshift:4.1", "cpe:/a:redhat:openshift:4.13::el8"));
        assert!(!covers("cpe:/a:redhat:openshift:4.13", "cpe:/a:redhat:openshift:4"));
        assert!(!covers("cpe:/o:redhat:enterprise_linux:8::appstream", baseos));
        assert!(!covers("cpe:/o:redhat:enterprise_linux:9", baseos));
        assert!(!covers("cep:o:redhat:enterprise_linux:8::baseos", baseos));
        assert!(!covers(baseos, ""));
    }

    #[test]
    fn extended_support_tells_the_minor_release() {
        assert_eq!(extended_minor("cpe:/o:redhat:rhel_eus:9.4::baseos"), Some(4));
        assert_eq!(extended_minor("cpe:/a:redhat:rhel_aus:8.2::appstream"), Some(2));
        assert_eq!(extended_minor("cpe:/o:redhat:enterprise_linux:9.4"), None);
        assert_eq!(extended_minor("cpe:/o:redhat:rhel_eus"), None);
    }
}
