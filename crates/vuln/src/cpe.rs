//! CPE names of products, as Red Hat's records and repositories state them, and those of programs.
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

/// The namespace of what the NVD says of products; that of one alone is `nvd:VENDOR:PRODUCT`.
pub const NAMESPACE: &str = "nvd";
/// How names of applications begin.
const APPLICATION: &str = "cpe:2.3:a:";
/// Parts of a name behind `cpe:2.3:a`.
const PARTS: usize = 10;
/// Longest vendor and product that are looked up, in bytes.
const MAX_PRODUCT_BYTES: usize = 128;
/// Longest name that is read, in bytes.
const MAX_BYTES: usize = 1024;

/// A name of an application, `cpe:2.3:a:openbsd:openssh:9.3:p1:*:*:*:*:*:*` (`NISTIR` 7695, 6.2): the text of
/// each part, `*` for any and `-` for none, backslashes taken out, in lower case.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Application {
    /// `openbsd`.
    pub vendor: String,
    /// `openssh`.
    pub product: String,
    /// `9.3`.
    pub version: String,
    /// `p1`.
    pub update: String,
    /// For which program or system it is: `wordpress`, `windows`.
    pub target_sw: String,
    /// For which architecture it is.
    pub target_hw: String,
}

/// Reads the name of an application; `None` for another name, or a vendor or product that is open.
pub fn application(name: &str) -> Option<Application> {
    if name.len() > MAX_BYTES {
        return None;
    }
    let parts = parts(name.strip_prefix(APPLICATION)?);
    let mut parts: [String; PARTS] = parts.try_into().ok()?;
    let mut take = |place: usize| std::mem::take(&mut parts[place]);
    let found = Application {
        vendor: take(0),
        product: take(1),
        version: take(2),
        update: take(3),
        target_sw: take(7),
        target_hw: take(8),
    };
    let is_named = |text: &str| !matches!(text, "" | "*" | "-");
    (is_named(&found.vendor) && is_named(&found.product)).then_some(found)
}

/// Returns vendor and product of the name of an application: `nodejs:node.js`.
pub fn product(name: &str) -> Option<String> {
    application(name).map(|found| format!("{}:{}", found.vendor, found.product))
}

/// Returns whether vendor and product are ones that a namespace and an address are made of: not long, and of
/// visible ASCII letters without slashes.
pub fn is_plain(product: &str) -> bool {
    let is_odd = |byte: u8| !byte.is_ascii_graphic() || matches!(byte, b'/' | b'\\');
    product.len() <= MAX_PRODUCT_BYTES && !product.bytes().any(is_odd)
}

/// Splits at each `:` that no backslash is in front of, and takes the backslashes out.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ':' => parts.push(String::new()),
            letter => {
                let letter = if letter == '\\' { letters.next() } else { Some(letter) };
                if let (Some(part), Some(letter)) = (parts.last_mut(), letter) {
                    part.extend(letter.to_lowercase());
                }
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_applications_are_read() {
        let found = application("cpe:2.3:a:OpenBSD:openssh:9.3:p1:*:*:*:linux:*:*").unwrap();
        assert_eq!((found.vendor.as_str(), found.version.as_str()), ("openbsd", "9.3"));
        assert_eq!((found.update.as_str(), found.target_sw.as_str()), ("p1", "linux"));
        assert_eq!(product("cpe:2.3:a:a\\:b:c\\+\\+:1:*:*:*:*:*:*:*").as_deref(), Some("a:b:c++"));
        let long = format!("cpe:2.3:a:a:{}:1:*:*:*:*:*:*:*", "b".repeat(MAX_BYTES));
        for none in [
            "",
            "cpe:/a:b:c",
            "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*",
            "cpe:2.3:a:*:c:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:b:c:1:*:*:*:*:*:*",
            "cpe:2.3:a:b:c:1:*:*:*:*:*:*:*:*",
            &long,
        ] {
            assert_eq!(application(none), None, "{none}");
        }
    }

    #[test]
    fn odd_products_are_not_looked_up() {
        assert!(is_plain("nodejs:node.js") && is_plain(&"a".repeat(MAX_PRODUCT_BYTES)));
        for odd in ["a:../b", "a:b c", "a:\u{e9}", "a:b\0", &"a".repeat(MAX_PRODUCT_BYTES + 1)] {
            assert!(!is_plain(odd), "{odd}");
        }
    }

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
