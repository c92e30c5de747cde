//! The build of a layer, from the Dockerfile that Red Hat's build system leaves in it.
//!
//! The name of the file ends in version and release, its labels give name and architecture; what the
//! instructions look like is told at <https://docs.docker.com/reference/dockerfile/>.

use std::collections::HashMap;

use plimsoll_model::tree::File;

/// How the name of such a file begins.
pub(super) const PREFIX: &str = "Dockerfile-";
/// The most bytes of one instruction, all its lines together.
const MAX_INSTRUCTION_BYTES: usize = 64 << 10;
/// The most variables that are known.
const MAX_VARIABLES: usize = 1000;
/// The most bytes of one word (`key=value`), with what its variables stand for.
const MAX_WORD_BYTES: usize = 1000;

/// Returns the build, as `nvr:ubi8-container-8.3-227 x86_64`, or nothing where the file does not tell.
///
/// ```text
/// root/buildinfo/Dockerfile-ubi8-8.3-227
/// LABEL com.redhat.component="ubi8-container" \
///       architecture="x86_64"
/// ```
#[allow(clippy::unnecessary_wraps)] // It stands where readers that can fail stand.
pub(super) fn read(file: &File<'_>) -> Result<Vec<String>, serde_json::Error> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    Ok(build(name, &String::from_utf8_lossy(file.body)).into_iter().collect())
}

fn build(file_name: &str, text: &str) -> Option<String> {
    let mut parts = file_name.strip_prefix(PREFIX)?.rsplitn(3, '-');
    let (release, version, _) = (parts.next()?, parts.next()?, parts.next()?);
    let labels = labels(text);
    let get = |key: &str| labels.get(key).filter(|value| !value.is_empty());
    let (component, arch) = (get("com.redhat.component")?, get("architecture")?);
    Some(format!("nvr:{component}-{version}-{release} {arch}"))
}

/// Returns the two labels that are wanted; of two instructions for one the last counts.
fn labels(text: &str) -> HashMap<String, String> {
    let (mut labels, mut variables) = (HashMap::new(), HashMap::new());
    for instruction in instructions(text) {
        let Some((word, rest)) = instruction.trim_start().split_once(char::is_whitespace) else {
            continue;
        };
        let is_label = word.eq_ignore_ascii_case("LABEL");
        let is_variable = word.eq_ignore_ascii_case("ENV") || word.eq_ignore_ascii_case("ARG");
        if !is_label && !is_variable {
            continue;
        }
        for (key, value) in pairs(rest, &variables) {
            if is_label && matches!(key.as_str(), "com.redhat.component" | "architecture") {
                labels.insert(key, value);
            } else if is_variable && variables.len() < MAX_VARIABLES {
                variables.insert(key, value);
            }
        }
    }
    labels
}

/// Joins the lines of each instruction; comments between them are left out, and so is what is too long.
fn instructions(text: &str) -> impl Iterator<Item = String> {
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    std::iter::from_fn(move || {
        let mut whole = String::new();
        let mut line = lines.next()?;
        loop {
            let end = line.trim_end();
            let (part, goes_on) = end.strip_suffix('\\').map_or((end, false), |part| (part, true));
            if whole.len() + part.len() < MAX_INSTRUCTION_BYTES {
                whole.push_str(part);
                whole.push(' ');
            }
            let next = if goes_on { lines.next() } else { None };
            let Some(next) = next else { return Some(whole) };
            line = next;
        }
    })
}

/// Reads `key=value "other key"="other value"`, or the old form `key value`.
fn pairs(text: &str, variables: &HashMap<String, String>) -> Vec<(String, String)> {
    let words = words(text, variables);
    if words.first().is_some_and(|word| !word.contains('=')) {
        let mut words = words.into_iter();
        let key = words.next().unwrap_or_default();
        return vec![(key, words.collect::<Vec<_>>().join(" "))];
    }
    let pair =
        |word: &String| word.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
    words.iter().filter_map(pair).collect()
}

/// Parts a text at blanks outside quotes, takes the quotes off, and puts in what variables stand for.
fn words(text: &str, variables: &HashMap<String, String>) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            (' ' | '\t', None) => words.extend(word.take()),
            ('"' | '\'', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (closing, Some(open)) if closing == open => quote = None,
            ('\\', None | Some('"')) => push(word.get_or_insert_default(), letters.next()),
            ('$', None | Some('"')) => {
                let name = variable(&mut letters);
                let value = variables.get(&name).map_or("", String::as_str);
                push(word.get_or_insert_default(), value.chars());
            }
            _ => push(word.get_or_insert_default(), [letter]),
        }
    }
    words.extend(word);
    words
}

fn push(word: &mut String, letters: impl IntoIterator<Item = char>) {
    for letter in letters {
        if word.len() < MAX_WORD_BYTES {
            word.push(letter);
        }
    }
}

/// Reads `NAME` or `{NAME}` behind a `$`; a default (`{NAME:-x}`) is not looked at.
fn variable(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let is_name = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '_';
    let has_braces = letters.next_if_eq(&'{').is_some();
    let mut name = String::new();
    while let Some(letter) = letters.next_if(is_name) {
        name.push(letter);
    }
    if has_braces {
        letters.by_ref().find(|letter| *letter == '}');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(text: &str) -> Option<String> {
        build("Dockerfile-ubi8-minimal-8.3-227", text)
    }

    #[test]
    fn labels_give_name_and_architecture() {
        let told = Some("nvr:ubi8-minimal-container-8.3-227 x86_64".to_owned());
        let lines = "FROM sha256:1\n# LABEL architecture=\"no\"\nLABEL name=\"ubi8\" \\\n  # why\n  \
            com.redhat.component='ubi8-minimal-container'\\\n  architecture=\"x86_64\"\nUSER root\n";
        assert_eq!(built(lines), told);
        let old = "label com.redhat.component ubi8-minimal-container\nLABEL architecture  x86_64";
        assert_eq!(built(old), told);
        let variables = "ENV NAME=ubi8-minimal ARCH=\"x86_64\"\nLABEL \\\n\
            \"com.redhat.component\"=\"${NAME}-container\" \"architecture\"=$ARCH x='$NAME'\n";
        assert_eq!(built(variables), told);
        let twice = format!("LABEL com.redhat.component=x architecture=y\n{old}");
        assert_eq!(built(&twice), told);
    }

    #[test]
    fn what_does_not_tell_gives_nothing() {
        assert_eq!(built("LABEL com.redhat.component=ubi8-container"), None);
        assert_eq!(built("LABEL com.redhat.component=\"\" architecture=\"x86_64\""), None);
        assert_eq!(built("RUN echo LABEL com.redhat.component=a architecture=b"), None);
        assert_eq!(built("LABEL \\"), None);
        assert_eq!(built("\\\n\\"), None);
        let labels = "LABEL com.redhat.component=a architecture=b";
        assert_eq!(build("Dockerfile-8.3", labels), None);
        assert_eq!(build("other-a-1-2", labels), None);
    }

    #[test]
    fn instructions_variables_and_values_have_limits() {
        let long = format!(
            "LABEL x=\"{}\" \\\n architecture=b com.redhat.component=a",
            "x".repeat(MAX_INSTRUCTION_BYTES)
        );
        assert_eq!(built(&long).as_deref(), None);
        let mut lines = vec![format!("ENV A={}", "a".repeat(100))];
        lines.extend(vec![format!("ENV A={}", "$A".repeat(40)); 20]);
        lines.push("LABEL com.redhat.component=$A architecture=b".to_owned());
        let name_bytes = MAX_WORD_BYTES - "com.redhat.component=".len();
        assert_eq!(built(&lines.join("\n")).unwrap().len(), "nvr:-8.3-227 b".len() + name_bytes);
        let mut lines: Vec<String> = (0..MAX_VARIABLES).map(|n| format!("ENV V{n}=1")).collect();
        lines.push("ENV LATE=1".to_owned());
        lines.push("LABEL com.redhat.component=c$LATE architecture=b$V0".to_owned());
        assert_eq!(built(&lines.join("\n")).as_deref(), Some("nvr:c-8.3-227 b1"));
    }
}
