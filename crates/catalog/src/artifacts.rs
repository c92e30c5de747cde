//! Archives and programs that no package explains.

use std::collections::{BTreeMap, HashMap, HashSet};

use plimsoll_model::{Artifact, ArtifactKind, Gap, GapKind};

use crate::catalogue::{Catalogued, INSIDE, evidence_path, outermost};
use crate::owned::{self, Owned};

/// Leaves the artifacts that nothing explains: those at whose path no package was found, and whose file
/// belongs to no package of the distribution. Sorts them.
pub(crate) fn explain(found: &mut Catalogued, owned: &Owned) {
    let hash_of = |path: &str| owned::hash(outermost(path).as_bytes());
    let hashes = found.artifacts.iter().map(|artifact| hash_of(&artifact.path));
    let owners: HashMap<u64, usize> = owned.owners(hashes);
    let places: HashSet<&str> = found.packages.iter().map(evidence_path).collect();
    found.artifacts.retain(|artifact| {
        !places.contains(artifact.path.as_str()) && !owners.contains_key(&hash_of(&artifact.path))
    });
    found.artifacts.sort();
    found.artifacts.dedup();
}

/// The most names that the sentence of a gap tells; the artifacts of the report tell them all.
const MAX_NAMES: usize = 3;

/// Returns the gaps that archives make which nothing identified: one for each outermost file, sorted.
pub fn unidentified(artifacts: &[Artifact]) -> Vec<Gap> {
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for artifact in artifacts.iter().filter(|artifact| artifact.kind == ArtifactKind::Archive) {
        files.entry(outermost(&artifact.path)).or_default().push(&artifact.path);
    }
    let gap = |(file, paths): (&str, Vec<&str>)| Gap {
        kind: GapKind::Unidentified,
        subject: file.to_owned(),
        detail: sentence(file, &paths),
    };
    files.into_iter().map(gap).collect()
}

fn sentence(file: &str, paths: &[&str]) -> String {
    if paths == [file] {
        return "nothing in the archive tells what it is".to_owned();
    }
    let inner = |path: &str| match path.strip_prefix(file).and_then(|p| p.strip_prefix(INSIDE)) {
        Some(inner) => format!("`{inner}`"),
        None => "itself".to_owned(),
    };
    let names: Vec<String> = paths.iter().take(MAX_NAMES).map(|path| inner(path)).collect();
    let more = match paths.len().saturating_sub(MAX_NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("nothing tells what {} of its archives are: {}{more}", paths.len(), names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(path: &str) -> Artifact {
        Artifact {
            kind: ArtifactKind::Archive,
            path: path.to_owned(),
            layer: None,
            digest: "sha1:00".to_owned(),
            build_id: None,
            detail: None,
        }
    }

    #[test]
    fn archives_make_one_gap_a_file() {
        let mut artifacts = vec![archive("a.jar")];
        artifacts.extend((0..5).map(|number| archive(&format!("b.war > lib/{number}.jar"))));
        artifacts.push(Artifact { kind: ArtifactKind::Program, ..archive("bin/x") });
        let gaps = unidentified(&artifacts);
        let shown: Vec<(&str, &str)> =
            gaps.iter().map(|gap| (gap.subject.as_str(), gap.detail.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("a.jar", "nothing in the archive tells what it is"),
                (
                    "b.war",
                    "nothing tells what 5 of its archives are: `lib/0.jar`, `lib/1.jar`, `lib/2.jar` \
                     and 2 more"
                )
            ]
        );
    }
}
