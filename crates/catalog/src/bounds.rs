//! What a name and a version may be, whoever read them: a file of a target could else fill the memory with one
//! name, and the report with one line.

use plimsoll_model::{FileYield, GapKind, Package, Problem};

/// The most bytes of a name, a version, an architecture or a licence. The longest names of real packages (modules
/// of Go, by their address) have about 200.
pub(crate) const MAX_TEXT_BYTES: usize = 1_000;
/// The most bytes of a problem's sentence, which may quote what it is about.
const MAX_DETAIL_BYTES: usize = 1_000;

/// Takes packages out of a yield whose texts no package manager would make, and tells them; cuts the rest.
pub(crate) fn bound(found: &mut FileYield) {
    bound_packages(&mut found.packages, &mut found.problems);
    for problem in &mut found.problems {
        cut(&mut problem.detail, MAX_DETAIL_BYTES);
    }
}

/// As [`bound`], for the packages of a merged tree.
pub(crate) fn bound_packages(packages: &mut Vec<Package>, problems: &mut Vec<Problem>) {
    packages.retain_mut(|package| {
        let Some((detail, gap)) = fault(package) else {
            package.licenses.iter_mut().for_each(|license| cut(license, MAX_TEXT_BYTES));
            return true;
        };
        let evidence = package.evidence.first();
        problems.push(Problem {
            path: evidence.map_or_else(String::new, |evidence| evidence.path.clone()),
            layer: evidence.and_then(|evidence| evidence.layer),
            detail,
            gap: Some(gap),
        });
        false
    });
}

/// Returns what is wrong with the texts of a package.
fn fault(package: &Package) -> Option<(String, GapKind)> {
    let texts = [
        ("name", package.name.as_str()),
        ("version", package.version.as_str()),
        ("architecture", package.arch.as_deref().unwrap_or_default()),
    ];
    texts.into_iter().find_map(|(what, text)| {
        if text.len() > MAX_TEXT_BYTES {
            let detail = format!(
                "the {what} of a package has {} bytes, more than {MAX_TEXT_BYTES}; it is left out",
                text.len()
            );
            return Some((detail, GapKind::Limit));
        }
        text.contains(char::is_control).then(|| {
            let text = text.escape_default();
            let detail = format!("`{text}` is no {what} of a package; it is left out");
            (detail, GapKind::Unreadable)
        })
    })
}

fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str) -> Package {
        Package { name: name.to_owned(), version: version.to_owned(), ..Package::default() }
    }

    #[test]
    fn texts_have_limits_and_no_control_characters() {
        let long = "x".repeat(MAX_TEXT_BYTES + 1);
        let mut found = FileYield {
            packages: vec![
                package(&long[1..], "1"),
                package(&long, "1"),
                package("x", &long),
                package("b\u{1b}[31m", "1"),
            ],
            problems: vec![Problem { detail: "é".repeat(1_000), ..Problem::default() }],
            ..FileYield::default()
        };
        found.packages[0].licenses = vec![long.clone()];
        bound(&mut found);
        assert_eq!(found.packages.len(), 1);
        assert_eq!(found.packages[0].licenses[0].len(), MAX_TEXT_BYTES + '…'.len_utf8());
        let gaps: Vec<_> = found.problems.iter().map(|problem| problem.gap).collect();
        let limit = Some(GapKind::Limit);
        assert_eq!(gaps, [None, limit, limit, Some(GapKind::Unreadable)]);
        assert_eq!(found.problems[0].detail.chars().count(), 501);
        assert_eq!(
            found.problems[3].detail,
            "`b\\u{1b}[31m` is no name of a package; it is left out"
        );
    }
}
