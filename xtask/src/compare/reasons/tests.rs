//! Samples of each reason, and of what looks alike and is none.

use serde_json::{Value, json};

use super::*;

/// A package as another tool lists it.
fn theirs(purl: &str, place: &str, facts: Value) -> Item {
    let found_by = if purl.starts_with("pkg:maven") { "java-archive-cataloger" } else { "another" };
    let key = Key::of(purl).unwrap();
    Item { key, place: place.to_owned(), found_by: found_by.to_owned(), owner: None, facts }
}

/// What we list: package URL, place, confidence.
fn ours(rows: &[(&str, &str, &str)]) -> Inventory {
    let item = |(purl, place, confidence): &(&str, &str, &str)| Item {
        key: Key::of(purl).unwrap(),
        place: (*place).to_owned(),
        found_by: "ours".to_owned(),
        owner: None,
        facts: json!({ "confidence": confidence }),
    };
    Inventory::of(rows.iter().map(item).collect())
}

/// The name of the first reason that holds.
fn told(theirs: &Item, ours: &Inventory) -> Option<&'static str> {
    REASONS.iter().find(|reason| (reason.holds)(theirs, ours)).map(|reason| reason.name)
}

#[test]
fn a_lock_file_declares_and_an_installed_file_does_not() {
    let none = ours(&[]);
    let locked = theirs("pkg:npm/a@1", "app/package-lock.json", Value::Null);
    assert_eq!(told(&locked, &none), Some("declared, not installed"));
    let installed = theirs("pkg:npm/a@1", "app/node_modules/a/package.json", Value::Null);
    assert_eq!(told(&installed, &none), None);
}

#[test]
fn a_jar_under_another_group_name_or_version() {
    let place = "usr/share/java/xpp3-1.1.4c.jar";
    let repeated = theirs("pkg:maven/xpp3/xpp3@1.1.4c", place, Value::Null);
    let alone = ours(&[("pkg:maven/xpp3@1.1.4c", place, "low")]);
    assert_eq!(told(&repeated, &alone), Some("no group is known"));
    assert_eq!(told(&repeated, &ours(&[("pkg:maven/xpp3@1.1.5", place, "low")])), None);

    let guessed = theirs("pkg:maven/org.mongodb.bson/bson@3.6", "a/bson.jar", Value::Null);
    let other = ours(&[("pkg:maven/org.mongodb/bson@3.6", "a/bson.jar", "medium")]);
    assert_eq!(told(&guessed, &other), Some("group differs"));
    let elsewhere = ours(&[("pkg:maven/org.mongodb/bson@3.6", "b/bson.jar", "medium")]);
    assert_eq!(told(&guessed, &elsewhere), None);
    // What pom.properties says is no guess: then we are wrong.
    let pom = json!({ "metadata": { "pomProperties": { "artifactId": "bson" } } });
    let sure = theirs("pkg:maven/org.mongodb.bson/bson@3.6", "a/bson.jar", pom);
    assert_eq!(told(&sure, &other), None);

    let longer = theirs("pkg:maven/t/t@1.0-all", "a/t-1.0-all.jar", Value::Null);
    let short = ours(&[("pkg:maven/t@1.0", "a/t-1.0-all.jar", "low")]);
    assert_eq!(told(&longer, &short), Some("version written longer"));
}

#[test]
fn pom_properties_name_the_file_only_when_they_are_its_own() {
    let file = "usr/share/java/maven3-core.jar";
    let guessed = theirs("pkg:maven/maven3-core/maven3-core@3.8.7", file, Value::Null);
    let inside = format!("{file} > META-INF/maven/org.apache.maven/maven-core/pom.properties");
    let own = ours(&[("pkg:maven/org.apache.maven/maven-core@3.8.7", &inside, "high")]);
    assert_eq!(told(&guessed, &own), Some("named by its pom.properties"));
    // What is shaded into a file does not name it.
    let shaded = ours(&[("pkg:maven/cglib/cglib@3.2.12", file, "high")]);
    assert_eq!(told(&guessed, &shaded), None);
    let hint = ours(&[("pkg:maven/org.apache.maven/maven-core@3.8.7", file, "low")]);
    assert_eq!(told(&guessed, &hint), Some("named after the file"));
}

#[test]
fn names_out_of_the_manifest() {
    let manifest = |name: &str| {
        let main = json!([{ "key": "Bundle-SymbolicName", "value": name }]);
        json!({ "metadata": { "manifest": { "main": main } } })
    };
    let place = "usr/share/java/x-servlet.jar";
    let servlet = ours(&[("pkg:maven/com.x/servlet@4", place, "medium")]);
    let bundle =
        theirs("pkg:maven/com.x.servlet/x-servlet@4", place, manifest("com.x.servlet;a=b"));
    assert_eq!(told(&bundle, &servlet), Some("Bundle-SymbolicName split"));
    let other = theirs("pkg:maven/com.x.servlet/x-servlet@4", place, manifest("com.x"));
    assert_eq!(told(&other, &servlet), Some("named after the file"));
    let newer = theirs("pkg:maven/com.x.servlet/x-servlet@5", place, manifest("com.x.servlet"));
    assert_eq!(told(&newer, &servlet), None);

    let place = "usr/share/java/spring3-aop-3.2.jar";
    let file = theirs("pkg:maven/spring3-aop/spring3-aop@3.2", place, Value::Null);
    let known = ours(&[("pkg:maven/org.springframework/spring-aop@3.2", place, "medium")]);
    assert_eq!(told(&file, &known), Some("named after the file"));
    let shaded = ours(&[("pkg:maven/cglib/cglib@3.2", place, "medium")]);
    assert_eq!(told(&file, &shaded), None);

    let place = "usr/share/java/commons-logging-1.2.jar";
    let title = theirs("pkg:maven/org.apache/logging@1.2", place, Value::Null);
    let by_file = ours(&[("pkg:maven/org.apache.commons/commons-logging@1.2", place, "medium")]);
    assert_eq!(told(&title, &by_file), Some("name out of the manifest"));
}

#[test]
fn files_without_a_version() {
    let war = theirs("pkg:maven/site/site", "opt/site.war", Value::Null);
    let filled = ours(&[("pkg:maven/a/b@1", "opt/site.war > WEB-INF/lib/b.jar", "high")]);
    assert_eq!(told(&war, &filled), Some("a container without a version"));
    assert_eq!(told(&war, &ours(&[])), None);
    let mut told_of = ours(&[]);
    told_of.admitted.insert("opt/site.war".to_owned());
    assert_eq!(told(&war, &told_of), Some("not identified, and said so"));

    let mut owned = theirs("pkg:maven/x/x", "usr/share/x.jar", Value::Null);
    owned.owner = Key::of("pkg:deb/debian/x-java@1");
    let distribution = ours(&[("pkg:deb/debian/x-java@1", "var/lib/dpkg/status", "")]);
    assert_eq!(told(&owned, &distribution), Some("owned by a package, without a version"));
    assert_eq!(told(&owned, &ours(&[])), None);

    let below = theirs("pkg:npm/x-es6", "srv/x/es6/deep/package.json", Value::Null);
    let above = ours(&[("pkg:npm/x@1", "srv/x/package.json", "")]);
    assert_eq!(told(&below, &above), Some("package.json without a version"));
    let beside = ours(&[("pkg:npm/y@1", "srv/y/package.json", "")]);
    assert_eq!(told(&below, &beside), None);
}

#[test]
fn programs_by_another_name() {
    let jar = theirs("pkg:maven/jrt-fs/jrt-fs@25", "opt/java/lib/jrt-fs.jar", Value::Null);
    let jdk = ours(&[("pkg:generic/java@25", "opt/java/bin/java", "high")]);
    assert_eq!(told(&jar, &jdk), Some("part of the JDK"));
    assert_eq!(told(&jar, &ours(&[("pkg:generic/java@25", "opt/other/bin/java", "high")])), None);

    let mut owned = jar.clone();
    owned.owner = Key::of("pkg:deb/debian/openjdk-25-jre-headless@25");
    let package = ours(&[("pkg:deb/debian/openjdk-25-jre-headless@25", "var/lib/dpkg/status", "")]);
    assert_eq!(told(&owned, &package), Some("part of the JDK"));

    let mut launcher = theirs("pkg:nuget/Simple%20Launcher@1.1.0", "lib/t32.exe", Value::Null);
    let generic = ours(&[("pkg:generic/Simple%20Launcher@1.1.0", "lib/t32.exe", "")]);
    assert_eq!(told(&launcher, &generic), None);
    launcher.found_by = "dotnet-portable-executable-cataloger".to_owned();
    assert_eq!(told(&launcher, &generic), Some("program under another type"));

    let cpe = "cpe:2.3:a:oracle:openjdk:25:*:*:*:*:*:*:*";
    let facts = json!({ "cpes": [{ "cpe": cpe }] });
    let theirs = theirs("pkg:generic/oracle/openjdk@25", "opt/java/release", facts);
    let mut item = jdk.items[0].clone();
    item.facts = json!({ "cpes": ["cpe:2.3:a:oracle:openjdk:24:*:*:*:*:*:*:*"] });
    assert_eq!(told(&theirs, &Inventory::of(vec![item.clone()])), None);
    item.facts = json!({ "cpes": [cpe] });
    assert_eq!(told(&theirs, &Inventory::of(vec![item])), Some("the same program by another name"));
}

#[test]
fn go_programs_and_modules_without_a_version() {
    let file = "usr/bin/kubectl";
    let listed = ours(&[
        ("pkg:generic/kubectl@1.32.4", file, "high"),
        ("pkg:golang/stdlib@1.23.8", file, ""),
        ("pkg:golang/sigs.k8s.io/yaml@v1.4.0", file, ""),
    ]);
    let of_main = json!({ "metadata": { "mainModule": "k8s.io/kubernetes" } });
    let folder = theirs("pkg:golang/k8s.io/api@%28devel%29", file, of_main.clone());
    assert_eq!(told(&folder, &listed), Some("Go module without a version"));
    let whole = theirs("pkg:golang/k8s.io/api@v0.1.0", file, of_main.clone());
    assert_eq!(told(&whole, &listed), None);
    let main = theirs("pkg:golang/k8s.io/kubernetes@v1.32.4-x", file, of_main.clone());
    assert_eq!(told(&main, &listed), Some("Go program by its own name"));
    let other = theirs("pkg:golang/k8s.io/kubernetes@v1.33.0", file, of_main);
    assert_eq!(told(&other, &listed), None);
}
