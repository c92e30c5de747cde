//! CVSS ratings as feeds state them, checked and put into order.
//!
//! Vectors follow the FIRST specifications of CVSS 2.0, 3.0, 3.1 and 4.0.

use plimsoll_model::Cvss;

/// Longest vector that is kept, in bytes.
const MAX_VECTOR_BYTES: usize = 512;
/// Most ratings of one CVE.
pub const MAX_RATINGS: usize = 8;

/// Who states a rating; the order is that of preference.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Rank {
    /// The database that all compare with: what NVD calls primary.
    Primary,
    /// The numbering authority of the CVE, or who enriches it.
    Secondary,
}

/// Makes a rating of what a feed states: the score is computed where it is missing or impossible.
/// `None` when there is neither a score nor a vector to compute it from.
pub fn rating(source: &str, version: &str, vector: &str, score: Option<f64>) -> Option<Cvss> {
    let vector = vector.trim();
    if vector.len() > MAX_VECTOR_BYTES || !matches!(version, "2.0" | "3.0" | "3.1" | "4.0") {
        return None;
    }
    let stated = score.filter(|score| (0.0..=10.0).contains(score));
    let score = stated.or_else(|| base_score(version, vector))?;
    Some(Cvss {
        source: source.to_owned(),
        version: version.to_owned(),
        vector: vector.to_owned(),
        score: (score * 10.0).round() / 10.0,
    })
}

/// Computes the score of a vector: 0.0 to 10.0, one decimal. `None` when it is not one of `version`.
pub fn base_score(version: &str, vector: &str) -> Option<f64> {
    let score = if version == "2.0" {
        vector.parse::<cvss::v2::Vector>().ok()?.score().value()
    } else {
        let prefix = vector.strip_prefix("CVSS:")?;
        if !prefix.starts_with(version) {
            return None;
        }
        vector.parse::<cvss::Cvss>().ok()?.score()
    };
    (0.0..=10.0).contains(&score).then_some(score)
}

/// Puts ratings into order: by rank, the newest version of CVSS first, then by source; no two
/// alike, at most [`MAX_RATINGS`].
pub(crate) fn in_order(mut ratings: Vec<(Rank, Cvss)>) -> Vec<Cvss> {
    ratings.sort_by(|(a_rank, a), (b_rank, b)| {
        let by_version = b.version.cmp(&a.version);
        a_rank.cmp(b_rank).then(by_version).then_with(|| a.source.cmp(&b.source))
    });
    let mut ratings: Vec<Cvss> = ratings.into_iter().map(|(_, cvss)| cvss).collect();
    ratings.dedup();
    ratings.truncate(MAX_RATINGS);
    ratings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_score_is_computed() {
        for (version, vector, score) in [
            ("2.0", "AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8),
            ("3.0", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
            ("3.1", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H", 7.4),
            ("4.0", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3),
        ] {
            let cvss = rating("nvd", version, vector, None).unwrap();
            assert!((cvss.score - score).abs() < 0.01, "{vector}: {}", cvss.score);
        }
        assert!(
            rating("nvd", "3.1", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", None).is_none()
        );
        assert!(rating("nvd", "3.1", "nonsense", None).is_none());
        assert!(rating("nvd", "1.0", "AV:N", Some(5.0)).is_none());
        assert!(rating("nvd", "3.1", &"x".repeat(MAX_VECTOR_BYTES + 1), Some(5.0)).is_none());
        let kept = rating("nvd", "3.1", "CVSS:3.1/AV:N", Some(5.0)).unwrap();
        assert_eq!((kept.vector.as_str(), kept.score.to_string().as_str()), ("CVSS:3.1/AV:N", "5"));
        let computed = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H";
        assert!((rating("x", "3.1", computed, Some(74.0)).unwrap().score - 7.4).abs() < 0.01);
    }

    #[test]
    fn primary_ratings_come_first_then_newer_versions() {
        let of = |source: &str, version: &str| rating(source, version, "", Some(5.0)).unwrap();
        let ordered = in_order(vec![
            (Rank::Secondary, of("cna", "4.0")),
            (Rank::Primary, of("nvd", "2.0")),
            (Rank::Primary, of("nvd", "3.1")),
            (Rank::Primary, of("nvd", "3.1")),
            (Rank::Secondary, of("cisa-adp", "3.1")),
        ]);
        let names: Vec<String> =
            ordered.iter().map(|c| format!("{} {}", c.source, c.version)).collect();
        assert_eq!(names, ["nvd 3.1", "nvd 2.0", "cna 4.0", "cisa-adp 3.1"]);
        let many = (0..20).map(|n| (Rank::Primary, of(&n.to_string(), "2.0"))).collect();
        assert_eq!(in_order(many).len(), MAX_RATINGS);
    }
}
