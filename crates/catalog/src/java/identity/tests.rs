//! Tests of `identity`.

use super::super::pom::coordinates;
use super::*;

fn pom(group: &str, artifact: &str, version: &str) -> Pom {
    let path = format!("META-INF/maven/{group}/{artifact}/pom.properties");
    Pom::properties(&path, &format!("version={version}\ngroupId={group}\nartifactId={artifact}\n"))
        .unwrap()
}

fn show(identity: &Identity) -> String {
    let Identity { group, artifact, version, confidence, .. } = identity;
    format!("{group}:{artifact}:{version} {confidence:?}")
}

fn main_of(stem: &str, manifest: &str, poms: Vec<Pom>) -> Option<String> {
    let manifest = Manifest::parse(manifest);
    identify(&Clues { stem, manifest, poms, ..Clues::default() }).main.as_ref().map(show)
}

#[test]
fn the_own_pom_is_told_from_bundled_ones() {
    let poms = || vec![pom("org.yaml", "snakeyaml", "1.26"), pom("com.example", "shaded", "3.0")];
    let own = Some("com.example:shaded:3.0 High".to_owned());
    assert_eq!(main_of("shaded-3.0", "", poms()), own);
    assert_eq!(main_of("shaded-3.0-jar-with-dependencies", "", poms()), own);
    assert_eq!(main_of("shaded", "", poms()), own);
    assert_eq!(main_of("shaded-9", "", poms()), own);
    assert_eq!(main_of("app", "Implementation-Title: shaded\n", poms()), own);
    assert_eq!(main_of("app", "", poms()), None);
    let clues = Clues { stem: "shaded-3.0", poms: poms(), ..Clues::default() };
    let bundled = identify(&clues).bundled;
    assert_eq!(bundled.len(), 1);
    assert_eq!(bundled[0].1, "META-INF/maven/org.yaml/snakeyaml/pom.properties");
}

#[test]
fn a_single_pom_may_be_that_of_a_bundled_library() {
    let one = || vec![pom("org.yaml", "snakeyaml", "1.26")];
    assert_eq!(main_of("app", "", one()).as_deref(), Some("org.yaml:snakeyaml:1.26 High"));
    assert_eq!(main_of("tool-2.0", "", one()).as_deref(), Some(":tool:2.0 Low"));
    let guice =
        "Bundle-Name: guice\nBundle-SymbolicName: com.google.inject\nBundle-Version: 4.2.3\n";
    let expected = Some("com.google.inject:guice:4.2.3 Medium".to_owned());
    assert_eq!(main_of("guice", guice, vec![pom("cglib", "cglib", "3.2.12")]), expected);
}

#[test]
fn the_manifest_names_what_has_no_pom() {
    let whole = "Manifest-Version: 1.0\nImplementation-Title: xercesImpl\nImplementation-Version: 2.12.2\n\
        Implementation-Vendor-Id: xerces\n\nName: org/apache/xerces/xni/\nImplementation-Title: x\n";
    let expected = Some("xerces:xercesImpl:2.12.2 Medium".to_owned());
    assert_eq!(main_of("xercesImpl-2.12.2", whole, Vec::new()), expected);
    assert_eq!(main_of("renamed", whole, Vec::new()), expected);
    let bundle = "Bundle-SymbolicName: org.example.tool;singleton:=true\nBundle-Version: 1.2.3\n";
    let expected = Some("org.example:tool:1.2.3 Medium".to_owned());
    assert_eq!(main_of("x", bundle, Vec::new()), expected);
    assert_eq!(main_of("tool-1.2.3", bundle, Vec::new()), expected);
}

#[test]
fn titles_for_people_are_no_artifacts() {
    let manifest = "Implementation-Title: Apache Commons IO\nImplementation-Version: 2.4\n\
        Implementation-Vendor: The Apache Software Foundation\n";
    let expected = Some("commons-io:commons-io:2.4 Medium".to_owned());
    assert_eq!(main_of("commons-io-2.4", manifest, Vec::new()), expected);
    assert_eq!(main_of("io", manifest, Vec::new()), Some(":io:2.4 Low".to_owned()));
    assert_eq!(main_of("io", "Implementation-Title: ${title}\n", Vec::new()), None);
}

#[test]
fn the_group_of_the_parent_is_none() {
    let manifest = "Implementation-Vendor-Id: org.apache\nImplementation-Version: 1.2.17\n";
    let expected = Some("log4j:log4j:1.2.17 Medium".to_owned());
    assert_eq!(main_of("log4j-1.2-1.2.17", manifest, Vec::new()), expected);
}

#[test]
fn the_file_name_goes_before_a_title_of_the_same_version() {
    let manifest = "Implementation-Title: core\nImplementation-Version: 2.0.1\n\
        Implementation-Vendor-Id: org.typelevel\n";
    let expected = Some("org.typelevel:algebra_2.12:2.0.1 Medium".to_owned());
    assert_eq!(main_of("algebra_2.12-2.0.1", manifest, Vec::new()), expected);
    let expected = Some("org.typelevel:core:2.0.1 Medium".to_owned());
    assert_eq!(main_of("algebra", manifest, Vec::new()), expected);
}

#[test]
fn a_bundle_gives_way_to_the_file_name() {
    let bundle = "Bundle-SymbolicName: org.apache.example.example-io\nBundle-Version: 1.26.0\n";
    let expected = Some("org.apache.example:example-io:1.26 Medium".to_owned());
    assert_eq!(main_of("example-io-1.26", bundle, Vec::new()), expected);
    let expected = Some("org.apache.example:example-io:1.26.0 Medium".to_owned());
    assert_eq!(main_of("x", bundle, Vec::new()), expected);
    let module = "Automatic-Module-Name: org.example.tool\nImplementation-Version: 1.2\n";
    let expected = Some("org.example:tool:1.2 Medium".to_owned());
    assert_eq!(main_of("x", module, Vec::new()), expected);
    let top = "Bundle-SymbolicName: org.sample\n";
    assert_eq!(
        main_of("sample-1.0", top, Vec::new()),
        Some("org.sample:sample:1.0 Medium".to_owned())
    );
}

#[test]
fn a_file_that_is_called_as_the_bundle_has_the_artifact_of_that() {
    let main = |stem: &str, bundle: &str, version: &str| {
        let manifest = format!("Bundle-SymbolicName: {bundle}\nBundle-Version: {version}\n");
        main_of(stem, &manifest, Vec::new()).unwrap()
    };
    let yaml = "org.yaml.snakeyaml";
    let expected = "org.yaml:snakeyaml:1.26 Medium";
    assert_eq!(
        main("org.yaml.snakeyaml-1.26", "org.yaml.snakeyaml;singleton:=true", "1.26.0"),
        expected
    );
    assert_eq!(
        main("org.yaml.snakeyaml_1.26.0", yaml, "1.26.0"),
        "org.yaml:snakeyaml:1.26.0 Medium"
    );
    assert_eq!(
        main("org.apache.commons.io_2.6.0", "org.apache.commons.io", "2.6.0"),
        "commons-io:commons-io:2.6.0 Medium"
    );
    assert_eq!(
        main("javax.servlet-api-3.1.0", "javax.servlet-api", "3.1.0"),
        ":javax.servlet-api:3.1.0 Medium"
    );
    assert_eq!(
        main("guice-multibindings", "com.google.inject", "4.2.3"),
        "com.google.inject.extensions:guice-multibindings:4.2.3 Medium"
    );
    assert_eq!(main("guice-servlet", "org.acme.servlet", "4.2.3"), "org.acme:servlet:4.2.3 Medium");
}

#[test]
fn a_file_name_without_a_version_takes_that_of_the_manifest() {
    let manifest = "Implementation-Title: Flink : RPC : Akka\nImplementation-Version: 1.14.0\n\
        Implementation-Vendor-Id: org.apache.flink\n";
    let expected = Some("org.apache.flink:flink-rpc-akka:1.14.0 Low".to_owned());
    assert_eq!(main_of("flink-rpc-akka", manifest, Vec::new()), expected);
}

#[test]
fn archives_of_tomcat_have_the_names_of_maven_central() {
    let manifest = "Implementation-Title: Apache Tomcat\nImplementation-Version: 9.0.70\n";
    for (stem, artifact) in [
        ("catalina", "tomcat-catalina"),
        ("tomcat9-catalina-9.0.70", "tomcat-catalina"),
        ("tomcat10-coyote", "tomcat-coyote"),
        ("tomcat-util-scan", "tomcat-util-scan"),
        ("servlet-api", "tomcat-servlet-api"),
    ] {
        let expected = Some(format!("org.apache.tomcat:{artifact}:9.0.70 Medium"));
        assert_eq!(main_of(stem, manifest, Vec::new()), expected, "{stem}");
    }
}

#[test]
fn a_pom_xml_lends_its_group() {
    let path = "META-INF/maven/com.example/demo/pom.xml";
    let pom_xmls = vec![Pom::xml(path, "<project/>").unwrap()];
    let clues = Clues { stem: "demo-1.0", pom_xmls, ..Clues::default() };
    let main = identify(&clues).main.unwrap();
    assert_eq!(show(&main), "com.example:demo:1.0 Medium");
}

#[test]
fn a_plugin_names_itself() {
    let manifest = "Short-Name: git\nPlugin-Version: 4.2.2 (private)\nImplementation-Title: git\n";
    let manifest = Manifest::parse(manifest);
    let clues = Clues { stem: "git", is_plugin: true, manifest, ..Clues::default() };
    let main = identify(&clues).main.unwrap();
    assert_eq!(show(&main), "org.jenkins-ci.plugins:git:4.2.2 High");
}

#[test]
fn manifests_of_the_peers_cases() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/identification.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: manifests_of_the_peers_cases: ../shared is not there");
        return;
    };
    let cases: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut compared = 0;
    for case in cases["jar_manifest"].as_array().unwrap() {
        let case = &case["case"];
        if let Some(path) = case["path"].as_str() {
            let expected = (case["wantOK"] == true).then(|| {
                let text = |key: &str| case[key].as_str().unwrap().to_owned();
                (text("wantGroup"), text("wantArt"))
            });
            assert_eq!(coordinates(path, "pom.xml"), expected, "{path}");
            compared += 1;
        }
        if let (Some(manifest), Some(want)) = (case["manifest"].as_str(), case["want"].as_object())
        {
            let stem = want["FilePath"].as_str().unwrap().strip_suffix(".jar").unwrap();
            let text = |key: &str| want[key].as_str().unwrap();
            let expected =
                format!("{}:{}:{} Medium", text("GroupID"), text("ArtifactID"), text("Version"));
            assert_eq!(main_of(stem, manifest, Vec::new()), Some(expected));
            compared += 1;
        }
    }
    assert!(compared >= 5, "{compared} cases compared");
}
