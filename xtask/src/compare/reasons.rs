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
        name: "named by its pom.properties",
        sentence: "they name the file after itself; we have the same version by the pom.properties in it",
        holds: named_by_pom,
    },
    Reason {
        name: "Bundle-SymbolicName split",
        sentence: "the file has no pom.properties; our group and artifact are its Bundle-SymbolicName, split at the last dot",
        holds: bundle_split,
    },
    Reason {
        name: "named after the file",
        sentence: "the file has no pom.properties; they name it after itself, ours is the artifact by the manifest or the classes, in the same version",
        holds: named_after_file,
    },
    Reason {
        name: "name out of the manifest",
        sentence: "the file has no pom.properties; they take a title or a package for the name, ours is that of the file",
        holds: named_by_title,
    },
    Reason {
        name: "part of the JDK",
        sentence: "jrt-fs.jar is the JDK's own; the JDK is in our list by what lies beside it, or as the package that owns it",
        holds: part_of_jdk,
    },
    Reason {
        name: "the same program by another name",
        sentence: "both give the file's folder the same CPE name, vendor, product and version",
        holds: same_cpe,
    },
    Reason {
        name: "Go module without a version",
        sentence: "a folder of the builder took its place, so that nothing tells what it is; the file's other modules are listed",
        holds: module_of_folder,
    },
    Reason {
        name: "Go program by its own name",
        sentence: "they list the path of its main package; our classifiers name the program of the file, in the same version",
        holds: go_program,
    },
    Reason {
        name: "program under another type",
        sentence: "both name the file and its version by its version resource; it is no package of NuGet, ours is generic",
        holds: by_version_resource,
    },
    Reason {
        name: "owned by a package, without a version",
        sentence: "they list a name without a version; by their own list the file is of a package of the distribution that we list",
        holds: owned_without_version,
    },
    Reason {
        name: "package.json without a version",
        sentence: "it marks a folder of a package that we list; npm installs nothing without a version",
        holds: npm_subfolder,
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

fn named_by_pom(theirs: &Item, ours: &Inventory) -> bool {
    let sure = |item: &Item| {
        let version = &theirs.key.version;
        item.key.kind == "maven"
            && item.facts["confidence"] == "high"
            && (version.is_empty() || *version == item.key.version)
            && (shares_a_word(theirs.key.artifact(), item.key.artifact())
                || group(&theirs.key) == group(&item.key))
    };
    let stem = file_stem(&theirs.place);
    is_guess(theirs)
        && stem.starts_with(theirs.key.artifact())
        && ours.named_by(&theirs.place).any(sure)
}

fn named_after_file(theirs: &Item, ours: &Inventory) -> bool {
    let artifact = theirs.key.artifact();
    let same =
        |key: &Key| key.version == theirs.key.version && shares_a_word(artifact, key.artifact());
    is_guess(theirs)
        && file_stem(&theirs.place).starts_with(artifact)
        && ours.at(&theirs.place).iter().any(same)
}

fn shares_a_word(one: &str, other: &str) -> bool {
    let words = |name: &str| -> Vec<String> {
        let parts = name.split(|letter: char| !letter.is_ascii_alphabetic());
        parts.filter(|word| word.len() > 2).map(str::to_ascii_lowercase).collect()
    };
    let others = words(other);
    words(one).iter().any(|word| others.contains(word))
}

fn group(key: &Key) -> Option<&str> {
    key.name.rsplit_once('/').map(|(group, _)| group)
}

fn bundle_split(theirs: &Item, ours: &Inventory) -> bool {
    let manifest = theirs.facts["metadata"]["manifest"]["main"].as_array();
    let Some(name) = manifest.into_iter().flatten().find_map(|line| {
        (line["key"] == "Bundle-SymbolicName").then(|| line["value"].as_str()).flatten()
    }) else {
        return false;
    };
    let name = name.split(';').next().unwrap_or_default().trim();
    let split =
        |key: &Key| key.version == theirs.key.version && key.name.replacen('/', ".", 1) == name;
    is_guess(theirs) && ours.at(&theirs.place).iter().any(split)
}

fn part_of_jdk(theirs: &Item, ours: &Inventory) -> bool {
    let Some(home) = theirs.place.strip_suffix("lib/jrt-fs.jar") else { return false };
    if theirs.owner.as_ref().is_some_and(|owner| owner.name.contains("jdk") && ours.has(owner)) {
        return true;
    }
    ours.items.iter().any(|item| {
        let beside = item.place.starts_with(home) && item.key.kind == "generic";
        beside && ["java", "jdk", "jre", "openjdk"].contains(&item.key.artifact())
    })
}

fn same_cpe(theirs: &Item, ours: &Inventory) -> bool {
    let named: Vec<String> = cpes(&theirs.facts).filter_map(|cpe| identity(&cpe)).collect();
    let home = theirs.place.rsplit_once('/').map_or("", |(folder, _)| folder);
    theirs.key.kind == "generic"
        && ours.items.iter().filter(|item| item.place.starts_with(home)).any(|item| {
            cpes(&item.facts).filter_map(|cpe| identity(&cpe)).any(|cpe| named.contains(&cpe))
        })
}

/// Returns the CPE names of a package: theirs are objects, ours texts.
fn cpes(facts: &serde_json::Value) -> impl Iterator<Item = String> {
    let all = facts["cpes"].as_array().into_iter().flatten();
    all.filter_map(|cpe| cpe["cpe"].as_str().or(cpe.as_str())).map(str::to_owned)
}

/// Returns vendor, product and version of a CPE name.
fn identity(cpe: &str) -> Option<String> {
    let parts: Vec<&str> = cpe.split(':').collect();
    parts.get(3..6).map(|parts| parts.join(":"))
}

fn module_of_folder(theirs: &Item, ours: &Inventory) -> bool {
    let listed = ours.at(&theirs.place).iter().filter(|key| key.kind == "golang").count();
    let main = theirs.facts["metadata"]["mainModule"].as_str();
    theirs.key.kind == "golang"
        && theirs.key.version.is_empty()
        && main.is_none_or(|main| !main.eq_ignore_ascii_case(&theirs.key.name))
        && listed > 1
}

fn go_program(theirs: &Item, ours: &Inventory) -> bool {
    let main = theirs.facts["metadata"]["mainModule"].as_str();
    let version = &theirs.key.version;
    let same = |key: &Key| {
        key.kind == "generic" && (version.is_empty() || version.starts_with(&key.version))
    };
    theirs.key.kind == "golang"
        && main.is_some_and(|main| main.eq_ignore_ascii_case(&theirs.key.name))
        && ours.at(&theirs.place).iter().any(same)
}

fn by_version_resource(theirs: &Item, ours: &Inventory) -> bool {
    let same = |key: &Key| {
        key.kind == "generic"
            && key.name.eq_ignore_ascii_case(&theirs.key.name)
            && key.version == theirs.key.version
    };
    theirs.found_by == "dotnet-portable-executable-cataloger"
        && ours.at(&theirs.place).iter().any(same)
}

fn owned_without_version(theirs: &Item, ours: &Inventory) -> bool {
    let owner = theirs.owner.as_ref();
    theirs.key.version.is_empty() && owner.is_some_and(|owner| ours.has(owner))
}

fn npm_subfolder(theirs: &Item, ours: &Inventory) -> bool {
    let mut folder = theirs.place.strip_suffix("/package.json").unwrap_or_default();
    while let Some((above, _)) = folder.rsplit_once('/') {
        let listed = ours.at(&format!("{above}/package.json"));
        if listed.iter().any(|key| key.kind == "npm") {
            return theirs.key.kind == "npm" && theirs.key.version.is_empty();
        }
        folder = above;
    }
    false
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

#[cfg(test)]
mod tests;
