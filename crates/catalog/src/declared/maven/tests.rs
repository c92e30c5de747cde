//! Versions that stand in the file, in its parents, and nowhere.

use plimsoll_model::FileYield;

use super::pom::{MAX_DEPENDENCIES, MAX_PARENTS, MAX_PROPERTY_DEPTH, MAX_TEXT_BYTES};
use super::*;

/// Reads files, and returns what the last of them asks for.
fn last_of(files: &[(&str, String)]) -> FileYield {
    let mut poms = Poms::default();
    let mut found = Found::new("maven");
    for (path, body) in files {
        found = Found::new("maven");
        poms.add(path, Pom::new(path, body.as_bytes(), &mut found));
    }
    let last = poms.all.last().unwrap();
    list(&poms.line(last), &last.dependencies, &mut found);
    found.finish()
}

fn shown(found: &FileYield) -> (Vec<String>, Vec<&str>) {
    let packages = found.packages.iter();
    let packages = packages.map(|package| format!("{} {}", package.name, package.version));
    let problems = found.problems.iter().map(|problem| problem.detail.as_str());
    (packages.collect(), problems.collect())
}

fn dependency(artifact: &str, more: &str) -> String {
    format!(
        "<dependency><groupId>g</groupId><artifactId>{artifact}</artifactId>{more}</dependency>"
    )
}

fn version(text: &str) -> String {
    format!("<version>{text}</version>")
}

fn project(artifact: &str, more: &str) -> String {
    format!("<project><groupId>o</groupId><artifactId>{artifact}</artifactId>{more}</project>")
}

fn dependencies(list: &str) -> String {
    format!("<dependencies>{list}</dependencies>")
}

fn managed(list: &str) -> String {
    format!("<dependencyManagement>{}</dependencyManagement>", dependencies(list))
}

fn parent(artifact: &str, more: &str) -> String {
    format!(
        "<parent><groupId>o</groupId><artifactId>{artifact}</artifactId>\
         <version>1</version>{more}</parent>"
    )
}

#[test]
fn versions_stand_in_parents_whose_properties_a_child_may_set() {
    let listed = [
        dependency("a", &version("${v}")),
        dependency("b", &version("1")),
        dependency("b", "<version>2</version><type>test-jar</type><scope>test</scope>"),
        dependency("c", "<version>3</version><scope>test</scope>"),
        dependency("d", "<version>3</version><scope>provided</scope>"),
    ];
    let above = format!(
        "{}<properties><v>2.14.1</v></properties>{}",
        version("1"),
        managed(&listed.concat())
    );
    let uses = ["a", "b", "c", "d", "e"].map(|name| dependency(name, "")).concat();
    let child = |more: &str| format!("{}{more}{}", parent("p", ""), dependencies(&uses));
    let files =
        |more: &str| [("pom.xml", project("p", &above)), ("x/pom.xml", project("x", &child(more)))];
    let told = vec![
        "1 dependency that the place of use provides is left out",
        "1 dependency has no exact version here and cannot be judged: `g:e`",
        "1 development dependency is left out",
    ];
    let found = last_of(&files(""));
    assert_eq!(shown(&found), (vec!["g:a 2.14.1".to_owned(), "g:b 1".to_owned()], told.clone()));
    assert_eq!(found.problems[1].gap, Some(GapKind::Unidentified));
    let found = last_of(&files("<properties><v>2.17.1</v></properties>"));
    assert_eq!(shown(&found), (vec!["g:a 2.17.1".to_owned(), "g:b 1".to_owned()], told));
}

#[test]
fn a_parent_is_the_one_with_its_name_wherever_it_lies() {
    let listed =
        |text: &str| format!("{}{}", version("1"), managed(&dependency("a", &version(text))));
    let child = |more: &str| {
        project("x", &format!("{}{}", parent("p", more), dependencies(&dependency("a", ""))))
    };
    // What lies where it is looked for is another.
    let files = [
        ("other/pom.xml", project("p", &listed("7"))),
        ("pom.xml", project("q", &listed("8"))),
        ("x/pom.xml", child("")),
    ];
    assert_eq!(shown(&last_of(&files)).0, ["g:a 7"]);
    assert_eq!(shown(&last_of(&files[1..])).0, [""; 0]);
    // Of two with the same name, it is the one at the place.
    let files = [
        ("other/pom.xml", project("p", &listed("7"))),
        ("pom.xml", project("p", &listed("8"))),
        ("x/pom.xml", child("")),
        ("x/pom.xml", child("<relativePath>../other</relativePath>")),
    ];
    assert_eq!(shown(&last_of(&files[..3])).0, ["g:a 8"]);
    assert_eq!(shown(&last_of(&files)).0, ["g:a 7"]);
}

#[test]
fn a_list_of_the_target_may_be_imported_and_the_nearest_list_counts() {
    let list = |text: &str| managed(&dependency("a", &version(text)));
    let bom = format!("{}<properties><v>5</v></properties>{}", version("1"), list("${v}"));
    let import = "<dependency><groupId>o</groupId><artifactId>bom</artifactId><version>${b}</version>\
                  <type>pom</type><scope>import</scope></dependency>";
    let uses = |own: &str| {
        let properties = "<properties><b>1</b><v>6</v></properties>";
        let uses = dependencies(&dependency("a", ""));
        project("x", &format!("{properties}{}{uses}", managed(&format!("{import}{own}"))))
    };
    let found =
        |own: &str| last_of(&[("bom/pom.xml", project("bom", &bom)), ("pom.xml", uses(own))]);
    assert_eq!(shown(&found("")).0, ["g:a 5"]);
    assert_eq!(shown(&found(&dependency("a", &version("4")))).0, ["g:a 4"]);
    assert_eq!(shown(&last_of(&[("pom.xml", uses(""))])).0, [""; 0]);
}

#[test]
fn parents_have_a_limit_and_circles_end() {
    let chain = |length: usize| -> Vec<(String, String)> {
        let one = |n: usize| {
            let more = if n == length {
                managed(&dependency("a", &version("9")))
            } else {
                parent(&format!("p{}", n + 1), "")
            };
            let uses = if n == 0 { dependencies(&dependency("a", "")) } else { String::new() };
            (
                format!("{n}/pom.xml"),
                project(&format!("p{n}"), &format!("{}{more}{uses}", version("1"))),
            )
        };
        (0..=length).rev().map(one).collect()
    };
    let packages = |files: &[(String, String)]| {
        let files: Vec<_> =
            files.iter().map(|(path, body)| (path.as_str(), body.clone())).collect();
        last_of(&files).packages.len()
    };
    assert_eq!(packages(&chain(MAX_PARENTS)), 1);
    assert_eq!(packages(&chain(MAX_PARENTS + 1)), 0);
    let circle = |own: &str, other: &str| {
        let uses = dependencies(&dependency("a", ""));
        project(own, &format!("{}{}{uses}", version("1"), parent(other, "")))
    };
    let files =
        [("a/pom.xml".to_owned(), circle("x", "y")), ("b/pom.xml".to_owned(), circle("y", "x"))];
    assert_eq!(packages(&files), 0);
}

#[test]
fn what_is_no_project_is_unreadable() {
    for body in ["<html/>", "<project><a", "", "x"] {
        let found = last_of(&[("pom.xml", body.to_owned())]);
        let gaps: Vec<_> = found.problems.iter().map(|problem| problem.gap).collect();
        assert_eq!(gaps, [Some(GapKind::Unreadable)], "{body}");
    }
    assert!(last_of(&[("pom.xml", "<project/>".to_owned())]).problems.is_empty());
}

#[test]
fn files_bytes_and_dependencies_of_a_target_have_limits() {
    assert_eq!(exceeded(MAX_POMS - 1, MAX_ALL_BYTES, MAX_ALL_DEPENDENCIES), None);
    for (poms, bytes, dependencies) in
        [(MAX_POMS, 0, 0), (0, MAX_ALL_BYTES + 1, 0), (0, 0, MAX_ALL_DEPENDENCIES + 1)]
    {
        assert!(exceeded(poms, bytes, dependencies).is_some());
    }
    let gaps = |count: usize| -> Vec<_> {
        let list = dependencies(&dependency("a", &version("1")).repeat(count));
        let found = last_of(&[("pom.xml", project("x", &list))]);
        found.problems.into_iter().filter_map(|problem| problem.gap).collect()
    };
    assert_eq!(gaps(MAX_DEPENDENCIES), []);
    assert_eq!(gaps(MAX_DEPENDENCIES + 1), [GapKind::Limit]);
}

#[test]
fn properties_have_limits_of_depth_and_size() {
    let versions = |properties: &str, text: &str| -> Vec<String> {
        let uses = dependencies(&dependency("b", &version(text)));
        let body = project("x", &format!("<properties>{properties}</properties>{uses}"));
        let found = last_of(&[("pom.xml", body)]);
        found.packages.into_iter().map(|package| package.version).collect()
    };
    let chain = |length: usize| -> String {
        let link = |n: usize| format!("<p{n}>${{p{}}}</p{n}>", n + 1);
        let links: String = (1..length).map(link).collect();
        format!("{links}<p{length}>1.0</p{length}>")
    };
    assert_eq!(versions(&chain(MAX_PROPERTY_DEPTH), "${p1}"), ["1.0"]);
    assert!(versions(&chain(MAX_PROPERTY_DEPTH + 1), "${p1}").is_empty());
    let long = |bytes: usize| format!("<p>{}</p>", "1".repeat(bytes));
    assert_eq!(versions(&long(400), "${p}"), ["1".repeat(400)]);
    assert!(versions(&long(MAX_TEXT_BYTES + 1), "${p}").is_empty());
    // Each stands for the one before twice.
    let double = |n: usize| format!("<p{n}>${{p{0}}}${{p{0}}}</p{n}>", n + 1);
    let doubles: String = (1..60).map(double).collect();
    assert!(versions(&format!("{doubles}<p60>1</p60>"), "${p1}").is_empty());
}
