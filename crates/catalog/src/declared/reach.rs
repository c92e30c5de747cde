//! What a project needs, by following what its packages need, where a lock file lists development
//! dependencies too without a mark.

use std::collections::{HashMap, HashSet};

/// What each entry of a lock file needs, by the keys of the file.
pub(super) type Needs<'a> = HashMap<&'a str, Vec<String>>;

/// Returns the keys that the roots lead to, themselves included. Each is visited once.
pub(super) fn reach(roots: Vec<String>, needs: &Needs<'_>) -> HashSet<String> {
    let mut reached = HashSet::new();
    let mut due = roots;
    while let Some(key) = due.pop() {
        if reached.contains(&key) {
            continue;
        }
        if let Some(next) = needs.get(key.as_str()) {
            due.extend(next.iter().filter(|key| !reached.contains(*key)).cloned());
        }
        reached.insert(key);
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_end_and_what_nothing_leads_to_is_left() {
        let needs: Needs<'_> = [
            ("a", vec!["b".to_owned(), "gone".to_owned()]),
            ("b", vec!["a".to_owned()]),
            ("c", vec!["a".to_owned()]),
        ]
        .into();
        let mut reached: Vec<String> = reach(vec!["a".to_owned()], &needs).into_iter().collect();
        reached.sort();
        assert_eq!(reached, ["a", "b", "gone"]);
    }
}
