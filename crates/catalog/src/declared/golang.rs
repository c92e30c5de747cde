//! Go: `go.mod`, and `go.sum` beside it where the former is older than Go 1.17 and does not list
//! what is needed indirectly.
//!
//! Followed: <https://go.dev/ref/mod#go-mod-file>.

use std::collections::{HashMap, HashSet};

use plimsoll_model::{Confidence, FileYield, Scheme, Want};

use super::found::Found;
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput, Read, TreeInput, TreeYield};
use crate::database::{evidence, placed};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = super::row("go-mod", 2, &[Want::Name("go.mod")], read);

/// The row of sums, which are read by the module file beside them.
pub(crate) const SUM_ROW: Cataloguer = Cataloguer {
    name: "go-sum",
    version: 2,
    wants: &[Want::Name("go.mod"), Want::Name("go.sum")],
    max_body_bytes: MAX_SUM_BYTES,
    declared: true,
    read: Read::Tree(read_sums),
};

/// The most bytes of sums, which are kept until all layers are there; real ones have some hundred kB.
const MAX_SUM_BYTES: u64 = 4 << 20;
/// The name of the module file.
const MODULE_FILE: &str = "go.mod";
/// The name of the standard library as a module.
const STANDARD_LIBRARY: &str = "stdlib";
/// The first version of Go whose module files list all that is needed.
const COMPLETE: (u32, u32) = (1, 17);

/// What a module file says.
#[derive(Debug, Default)]
struct Module<'a> {
    go: &'a str,
    toolchain: &'a str,
    /// It tells its name, as all but empty ones do.
    is_named: bool,
    /// The number of the line that begins a list which does not end.
    open_line: Option<usize>,
    required: Vec<(&'a str, &'a str)>,
    /// What is replaced, of all versions or one, and by what; a folder has no version.
    replaced: HashMap<(&'a str, &'a str), (&'a str, &'a str)>,
}

/// Reads one module file: what it requires, with replacements, and the standard library where the
/// file names an exact Go. That is the least that is needed, so it is not sure.
///
/// ```text
/// module example.org/shop
/// go 1.21.3
/// require (
///     golang.org/x/text v0.3.7 // indirect
/// )
/// replace golang.org/x/text => example.org/fork/text v0.3.8
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "golang", parse_module_file)
}

fn parse_module_file(input: &FileInput<'_>, found: &mut Found) {
    let text = parse::text(input.body, found);
    let module = parse_module(&text);
    if let Some(line) = module.open_line {
        found.broken(format!("the list that begins in line {line} does not end"));
    } else if !module.is_named && text.lines().any(|line| !uncommented(line).is_empty()) {
        found.broken("it is none of a module file of Go: no `module`");
    }
    for required in &module.required {
        if let Some((name, version)) = module.real(*required) {
            found.add(name, version);
        }
    }
    let go = module.toolchain.strip_prefix("go").unwrap_or(module.go);
    if go.split('.').count() == 3
        && let Some(package) = found.add(STANDARD_LIBRARY, go)
    {
        package.confidence = Some(Confidence::Low);
    }
}

impl<'a> Module<'a> {
    /// Returns what a requirement is replaced by; `None` where that is a folder.
    fn real(&self, (name, version): (&'a str, &'a str)) -> Option<(&'a str, &'a str)> {
        let replaced =
            self.replaced.get(&(name, version)).or_else(|| self.replaced.get(&(name, "")));
        match replaced {
            None => Some((name, version)),
            Some((_, "")) => None,
            Some(real) => Some(*real),
        }
    }

    /// Returns whether it lists what is needed indirectly too.
    fn is_complete(&self) -> bool {
        let mut parts = self.go.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= COMPLETE
    }
}

fn parse_module(text: &str) -> Module<'_> {
    let mut module = Module::default();
    let mut block = "";
    for (number, line) in text.lines().enumerate() {
        let line = uncommented(line);
        let (verb, rest) = if block.is_empty() {
            line.split_once(char::is_whitespace).unwrap_or((line, ""))
        } else {
            (block, line)
        };
        match rest.trim() {
            "(" => (block, module.open_line) = (verb, Some(number + 1)),
            ")" => (block, module.open_line) = ("", None),
            _ if line == ")" => (block, module.open_line) = ("", None),
            rest => read_line(verb, rest, &mut module),
        }
    }
    module
}

fn uncommented(line: &str) -> &str {
    line.split("//").next().unwrap_or_default().trim()
}

fn read_line<'a>(verb: &str, rest: &'a str, module: &mut Module<'a>) {
    let words: Vec<&str> =
        rest.split_whitespace().take(6).map(|word| word.trim_matches(['"', '`'])).collect();
    match (verb, &words[..]) {
        ("module", [_, ..]) => module.is_named = true,
        ("go", [version]) => module.go = version,
        ("toolchain", [name]) => module.toolchain = name,
        ("require", [name, version]) => module.required.push((name, version)),
        ("replace", [name, "=>", by @ ..]) => insert(module, (name, ""), by),
        ("replace", [name, version, "=>", by @ ..]) => insert(module, (name, version), by),
        _ => {}
    }
}

fn insert<'a>(module: &mut Module<'a>, what: (&'a str, &'a str), by: &[&'a str]) {
    match by {
        [name, version] => module.replaced.insert(what, (name, version)),
        [folder] => module.replaced.insert(what, (folder, "")),
        _ => None,
    };
}

/// Lists what the sums beside old module files add to them.
fn read_sums(input: &TreeInput<'_>) -> TreeYield {
    let mut found = TreeYield::default();
    let mut folders: HashSet<String> = HashSet::new();
    for (path, ..) in input.tree.yields() {
        let Some(folder) = path.strip_suffix(MODULE_FILE) else { continue };
        if !(folder.is_empty() || folder.ends_with('/')) || !folders.insert(folder.to_owned()) {
            continue;
        }
        let sum = input.tree.read(&format!("{folder}go.sum"));
        let (Some(file), Some(sum)) = (input.tree.read(&path), sum) else { continue };
        let text = parse::lossy(file.body);
        let module = parse_module(&text);
        if module.is_complete() {
            continue;
        }
        let mut added = Found::new("golang");
        add_sums(&parse::text(sum.body, &mut added), &module, &mut added);
        let added = added.finish();
        for mut package in added.packages {
            package.evidence = vec![evidence(&sum.path, sum.layer)];
            package.layer = Some(sum.layer);
            found.packages.push(package);
        }
        found.problems.extend(placed(added.problems, &sum.path, sum.layer));
    }
    found
}

/// Adds the highest version of each module whose code was checked and that the module file does not
/// name.
///
/// ```text
/// golang.org/x/text v0.3.7 h1:olpwvP2KacW1ZWvsR7uQhoyTYvKAupfQrRGBFM352Gk=
/// golang.org/x/text v0.3.7/go.mod h1:u+2+/6zg+i71rQMx5EYifcz6MCKuco9NR6JIITiCfzQ=
/// ```
fn add_sums(text: &str, module: &Module<'_>, found: &mut Found) {
    let mut highest: Vec<(&str, &str)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let named: HashSet<&str> = module.required.iter().map(|(name, _)| *name).collect();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        if version.ends_with("/go.mod") || named.contains(name) {
            continue;
        }
        let place = *places.entry(name).or_insert(highest.len());
        match highest.get_mut(place) {
            None => highest.push((name, version)),
            Some((_, known)) => {
                if Scheme::Golang.compare(known, version).is_ok_and(std::cmp::Ordering::is_lt) {
                    *known = version;
                }
            }
        }
    }
    for required in highest {
        if let Some((name, version)) = module.real(required) {
            found.add(name, version);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_lines_and_replacements_are_read() {
        let module = parse_module(
            "module a\n\ngo 1.16 // old\nrequire (\n\tb v1.0.0\n\tc v1.0.0 // indirect\n)\n\
             require d v1.0.0\nreplace (\n\tb => e v2.0.0\n)\nreplace c v1.0.0 => ../c\n\
             exclude f v1.0.0\n",
        );
        assert_eq!(module.required, [("b", "v1.0.0"), ("c", "v1.0.0"), ("d", "v1.0.0")]);
        let real: Vec<_> = module.required.iter().map(|required| module.real(*required)).collect();
        assert_eq!(real, [Some(("e", "v2.0.0")), None, Some(("d", "v1.0.0"))]);
        assert!(!module.is_complete());
        assert!(parse_module("go 1.17").is_complete() && parse_module("go 2").is_complete());
        assert!(!parse_module("").is_complete());
    }
}
