//! Why a package that another scanner lists is not in our list: a table of reasons.
//!
//! Each reason is checked against the data of the row that it explains, theirs and ours; the first that holds is
//! told. What we list of the same file stands beside the row, so that each can be checked by hand.

use super::inventory::{Inventory, Item, Key};

/// One reason.
pub(crate) struct Reason {
    /// A few words: `declared, not installed`.
    pub(crate) name: &'static str,
    /// One sentence.
    pub(crate) sentence: &'static str,
    /// Whether it is true of a package that only they list, by what they and we wrote.
    pub(crate) holds: fn(&Item, &Inventory) -> bool,
}

/// The reasons, the most telling first.
pub(crate) const REASONS: &[Reason] = &[
    Reason {
        name: "declared, not installed",
        sentence: "their place is a lock file or a manifest, which tells what is asked for; --declared reads it",
        holds: declared,
    },
    Reason {
        name: "no group is known",
        sentence: "they repeat the name as the group; we list the same file under the name alone",
        holds: group_repeated,
    },
    Reason {
        name: "group differs",
        sentence: "the file has no pom.properties; both name the same artifact and version of the same file",
        holds: group_differs,
    },
    Reason {
        name: "version written longer",
        sentence: "both name the same file; their version holds ours and a word of the file name more, or ours theirs",
        holds: version_longer,
    },
    Reason {
        name: "pom.properties of another part",
        sentence: "we list the file by the pom.properties in it; their name is made of the name of the file",
        holds: named_by_file,
    },
    Reason {
        name: "name out of the manifest",
        sentence: "the file has no pom.properties; they take a title or a package for the name, ours is that of the file",
        holds: named_by_title,
    },
    Reason {
        name: "a container without a version",
        sentence: "nothing in the archive tells what it is, they list its name alone; what is in it is in our list",
        holds: container,
    },
    Reason {
        name: "not identified, and said so",
        sentence: "they list a name without a version; our report has the file as an artifact, a problem or a gap",
        holds: admitted,
    },
];

/// Files that tell what is asked for.
const DECLARING: [&str; 20] = [
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "Cargo.lock",
    "requirements.txt",
    "poetry.lock",
    "Pipfile.lock",
    "uv.lock",
    "pdm.lock",
    "Gemfile.lock",
    "composer.lock",
    "go.mod",
    "pom.xml",
    "packages.lock.json",
    "mix.lock",
    "pubspec.lock",
    "Package.resolved",
    "conan.lock",
];

fn declared(theirs: &Item, _ours: &Inventory) -> bool {
    let file = theirs.place.rsplit('/').next().unwrap_or_default();
    DECLARING.contains(&file)
}

fn group_repeated(theirs: &Item, ours: &Inventory) -> bool {
    let artifact = theirs.key.artifact();
    let repeated = theirs.key.name == format!("{artifact}/{artifact}");
    let same = |key: &Key| key.name == artifact && key.version == theirs.key.version;
    is_guess(theirs) && repeated && ours.at(&theirs.place).iter().any(same)
}

fn group_differs(theirs: &Item, ours: &Inventory) -> bool {
    let same =
        |key: &Key| key.artifact() == theirs.key.artifact() && key.version == theirs.key.version;
    is_guess(theirs) && ours.at(&theirs.place).iter().any(same)
}

fn version_longer(theirs: &Item, ours: &Inventory) -> bool {
    let longer = |long: &str, short: &str| !short.is_empty() && long.contains(short);
    let same = |key: &Key| {
        key.artifact() == theirs.key.artifact()
            && (longer(&theirs.key.version, &key.version)
                || longer(&key.version, &theirs.key.version))
    };
    is_guess(theirs) && ours.at(&theirs.place).iter().any(same)
}

fn named_by_file(theirs: &Item, ours: &Inventory) -> bool {
    let artifact = theirs.key.artifact();
    let file = file_stem(&theirs.place);
    let sure = ours.items.iter().any(|item| {
        item.place == theirs.place && item.facts["confidence"] == "high" && item.key.kind == "maven"
    });
    is_guess(theirs) && file.starts_with(artifact) && sure
}

fn named_by_title(theirs: &Item, ours: &Inventory) -> bool {
    let file = file_stem(&theirs.place);
    let by_file = |key: &Key| {
        let artifact = key.artifact();
        !artifact.is_empty()
            && file.starts_with(artifact)
            && artifact.len() > theirs.key.artifact().len()
    };
    is_guess(theirs) && ours.at(&theirs.place).iter().any(by_file)
}

fn container(theirs: &Item, ours: &Inventory) -> bool {
    is_guess(theirs) && theirs.key.version.is_empty() && ours.inside(&theirs.place)
}

fn admitted(theirs: &Item, ours: &Inventory) -> bool {
    theirs.key.version.is_empty() && ours.admitted.contains(&theirs.place)
}

/// Returns whether it is a JAR that they named without pom.properties.
fn is_guess(theirs: &Item) -> bool {
    theirs.key.kind == "maven"
        && theirs.found_by == "java-archive-cataloger"
        && theirs.facts["metadata"]["pomProperties"].is_null()
}

/// Returns the name of the innermost file up to its suffix.
fn file_stem(place: &str) -> &str {
    let file = place.rsplit(" > ").next().unwrap_or_default();
    let file = file.rsplit('/').next().unwrap_or_default();
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}
