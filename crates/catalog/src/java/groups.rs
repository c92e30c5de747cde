//! Groups of artifacts that people know, for archives that tell their artifact and not their group.
//!
//! As Maven Central has them; an artifact that several groups publish is not here.

/// An artifact, or how it begins where a `*` stands at the end; and its group. Whole names stand first.
const GROUPS: &[(&str, &str)] = &[
    ("ant", "org.apache.ant"),
    ("antlr", "antlr"),
    ("antlr4-runtime", "org.antlr"),
    ("aopalliance", "aopalliance"),
    ("arpack_combined_all", "net.sourceforge.f2j"),
    ("asm", "org.ow2.asm"),
    ("avro", "org.apache.avro"),
    ("bson", "org.mongodb"),
    ("caffeine", "com.github.ben-manes.caffeine"),
    ("cglib", "cglib"),
    ("cglib-nodep", "cglib"),
    ("commons-beanutils", "commons-beanutils"),
    ("commons-cli", "commons-cli"),
    ("commons-codec", "commons-codec"),
    ("commons-collections", "commons-collections"),
    ("commons-collections4", "org.apache.commons"),
    ("commons-compress", "org.apache.commons"),
    ("commons-configuration", "commons-configuration"),
    ("commons-configuration2", "org.apache.commons"),
    ("commons-csv", "org.apache.commons"),
    ("commons-daemon", "commons-daemon"),
    ("commons-dbcp", "commons-dbcp"),
    ("commons-dbcp2", "org.apache.commons"),
    ("commons-digester", "commons-digester"),
    ("commons-discovery", "commons-discovery"),
    ("commons-email", "org.apache.commons"),
    ("commons-exec", "org.apache.commons"),
    ("commons-fileupload", "commons-fileupload"),
    ("commons-httpclient", "commons-httpclient"),
    ("commons-io", "commons-io"),
    ("commons-jxpath", "commons-jxpath"),
    ("commons-lang", "commons-lang"),
    ("commons-lang3", "org.apache.commons"),
    ("commons-logging", "commons-logging"),
    ("commons-math", "org.apache.commons"),
    ("commons-math3", "org.apache.commons"),
    ("commons-net", "commons-net"),
    ("commons-pool", "commons-pool"),
    ("commons-pool2", "org.apache.commons"),
    ("commons-text", "org.apache.commons"),
    ("commons-validator", "commons-validator"),
    ("commons-vfs2", "org.apache.commons"),
    ("derby", "org.apache.derby"),
    ("derbyclient", "org.apache.derby"),
    ("derbynet", "org.apache.derby"),
    ("derbytools", "org.apache.derby"),
    ("ehcache-core", "net.sf.ehcache"),
    ("elasticsearch", "org.elasticsearch"),
    ("error_prone_annotations", "com.google.errorprone"),
    ("fastjson", "com.alibaba"),
    ("fop", "org.apache.xmlgraphics"),
    ("freemarker", "org.freemarker"),
    ("gson", "com.google.code.gson"),
    ("guava", "com.google.guava"),
    ("guice", "com.google.inject"),
    ("guice-assistedinject", "com.google.inject.extensions"),
    ("guice-grapher", "com.google.inject.extensions"),
    ("guice-jmx", "com.google.inject.extensions"),
    ("guice-jndi", "com.google.inject.extensions"),
    ("guice-multibindings", "com.google.inject.extensions"),
    ("guice-persist", "com.google.inject.extensions"),
    ("guice-servlet", "com.google.inject.extensions"),
    ("guice-spring", "com.google.inject.extensions"),
    ("guice-struts2", "com.google.inject.extensions"),
    ("guice-throwingproviders", "com.google.inject.extensions"),
    ("h2", "com.h2database"),
    ("hibernate-validator", "org.hibernate.validator"),
    ("hsqldb", "org.hsqldb"),
    ("httpasyncclient", "org.apache.httpcomponents"),
    ("httpclient", "org.apache.httpcomponents"),
    ("httpclient5", "org.apache.httpcomponents.client5"),
    ("httpcore", "org.apache.httpcomponents"),
    ("httpcore-nio", "org.apache.httpcomponents"),
    ("httpcore5", "org.apache.httpcomponents.core5"),
    ("httpmime", "org.apache.httpcomponents"),
    ("ivy", "org.apache.ivy"),
    ("jackson-annotations", "com.fasterxml.jackson.core"),
    ("jackson-core", "com.fasterxml.jackson.core"),
    ("jackson-core-asl", "org.codehaus.jackson"),
    ("jackson-databind", "com.fasterxml.jackson.core"),
    ("jackson-mapper-asl", "org.codehaus.jackson"),
    ("jasypt", "org.jasypt"),
    ("javassist", "org.javassist"),
    ("javax.inject", "javax.inject"),
    ("jaxb-impl", "com.sun.xml.bind"),
    ("jaxen", "jaxen"),
    ("jboss-logging", "org.jboss.logging"),
    ("jcl-over-slf4j", "org.slf4j"),
    ("jdo-api", "javax.jdo"),
    ("jdom2", "org.jdom"),
    ("jedis", "redis.clients"),
    ("jettison", "org.codehaus.jettison"),
    ("jline", "jline"),
    ("jna", "net.java.dev.jna"),
    ("jna-platform", "net.java.dev.jna"),
    ("joda-time", "joda-time"),
    ("jsch", "com.jcraft"),
    ("json", "org.json"),
    ("json-path", "com.jayway.jsonpath"),
    ("json-simple", "com.googlecode.json-simple"),
    ("json-smart", "net.minidev"),
    ("jsoup", "org.jsoup"),
    ("jsr305", "com.google.code.findbugs"),
    ("jta", "javax.transaction"),
    ("jul-to-slf4j", "org.slf4j"),
    ("junit", "junit"),
    ("jython-standalone", "org.python"),
    ("kafka-clients", "org.apache.kafka"),
    ("kotlin-reflect", "org.jetbrains.kotlin"),
    ("kryo", "com.esotericsoftware"),
    ("libfb303", "org.apache.thrift"),
    ("libthrift", "org.apache.thrift"),
    ("log4j", "log4j"),
    ("log4j-1.2-api", "org.apache.logging.log4j"),
    ("log4j-api", "org.apache.logging.log4j"),
    ("log4j-core", "org.apache.logging.log4j"),
    ("log4j-jcl", "org.apache.logging.log4j"),
    ("log4j-jul", "org.apache.logging.log4j"),
    ("log4j-over-slf4j", "org.slf4j"),
    ("log4j-slf4j-impl", "org.apache.logging.log4j"),
    ("log4j-slf4j2-impl", "org.apache.logging.log4j"),
    ("log4j-web", "org.apache.logging.log4j"),
    ("logback-access", "ch.qos.logback"),
    ("logback-classic", "ch.qos.logback"),
    ("logback-core", "ch.qos.logback"),
    ("lz4-java", "org.lz4"),
    ("mariadb-java-client", "org.mariadb.jdbc"),
    ("maven-core", "org.apache.maven"),
    ("maven-model", "org.apache.maven"),
    ("minlog", "com.esotericsoftware"),
    ("mongo-java-driver", "org.mongodb"),
    ("mssql-jdbc", "com.microsoft.sqlserver"),
    ("mysql-connector-j", "com.mysql"),
    ("mysql-connector-java", "mysql"),
    ("objenesis", "org.objenesis"),
    ("okhttp", "com.squareup.okhttp3"),
    ("okio", "com.squareup.okio"),
    ("okio-jvm", "com.squareup.okio"),
    ("opencsv", "com.opencsv"),
    ("oro", "oro"),
    ("pdfbox", "org.apache.pdfbox"),
    ("poi", "org.apache.poi"),
    ("postgresql", "org.postgresql"),
    ("protobuf-java", "com.google.protobuf"),
    ("protobuf-java-util", "com.google.protobuf"),
    ("quartz", "org.quartz-scheduler"),
    ("reload4j", "ch.qos.reload4j"),
    ("rhino", "org.mozilla"),
    ("RoaringBitmap", "org.roaringbitmap"),
    ("rocksdbjni", "org.rocksdb"),
    ("scala-compiler", "org.scala-lang"),
    ("scala-library", "org.scala-lang"),
    ("scala-reflect", "org.scala-lang"),
    ("servlet-api", "javax.servlet"),
    ("snakeyaml", "org.yaml"),
    ("snappy-java", "org.xerial.snappy"),
    ("spring-aop", "org.springframework"),
    ("spring-aspects", "org.springframework"),
    ("spring-beans", "org.springframework"),
    ("spring-context", "org.springframework"),
    ("spring-context-support", "org.springframework"),
    ("spring-core", "org.springframework"),
    ("spring-expression", "org.springframework"),
    ("spring-jcl", "org.springframework"),
    ("spring-jdbc", "org.springframework"),
    ("spring-jms", "org.springframework"),
    ("spring-messaging", "org.springframework"),
    ("spring-orm", "org.springframework"),
    ("spring-oxm", "org.springframework"),
    ("spring-test", "org.springframework"),
    ("spring-tx", "org.springframework"),
    ("spring-web", "org.springframework"),
    ("spring-webflux", "org.springframework"),
    ("spring-webmvc", "org.springframework"),
    ("spring-websocket", "org.springframework"),
    ("sqlite-jdbc", "org.xerial"),
    ("tink", "com.google.crypto.tink"),
    ("transaction-api", "javax.transaction"),
    ("validation-api", "javax.validation"),
    ("velocity-engine-core", "org.apache.velocity"),
    ("woodstox-core", "com.fasterxml.woodstox"),
    ("xalan", "xalan"),
    ("xbean-asm9-shaded", "org.apache.xbean"),
    ("xercesImpl", "xerces"),
    ("xml-apis", "xml-apis"),
    ("xmlbeans", "org.apache.xmlbeans"),
    ("xmlgraphics-commons", "org.apache.xmlgraphics"),
    ("xmlpull", "xmlpull"),
    ("xmlsec", "org.apache.santuario"),
    ("xpp3", "xpp3"),
    ("xpp3_min", "xpp3"),
    ("xstream", "com.thoughtworks.xstream"),
    ("xz", "org.tukaani"),
    ("zookeeper", "org.apache.zookeeper"),
    ("zookeeper-jute", "org.apache.zookeeper"),
    ("zstd-jni", "com.github.luben"),
    ("activemq-*", "org.apache.activemq"),
    ("asm-*", "org.ow2.asm"),
    ("axis2-*", "org.apache.axis2"),
    ("batik-*", "org.apache.xmlgraphics"),
    ("bcmail-*", "org.bouncycastle"),
    ("bcpg-*", "org.bouncycastle"),
    ("bcpkix-*", "org.bouncycastle"),
    ("bcprov-*", "org.bouncycastle"),
    ("bctls-*", "org.bouncycastle"),
    ("bcutil-*", "org.bouncycastle"),
    ("camel-*", "org.apache.camel"),
    ("curator-*", "org.apache.curator"),
    ("cxf-*", "org.apache.cxf"),
    ("flink-*", "org.apache.flink"),
    ("guice-*", "com.google.inject"),
    ("hadoop-*", "org.apache.hadoop"),
    ("hamcrest-*", "org.hamcrest"),
    ("hbase-*", "org.apache.hbase"),
    ("hive-*", "org.apache.hive"),
    ("jackson-dataformat-*", "com.fasterxml.jackson.dataformat"),
    ("jackson-datatype-*", "com.fasterxml.jackson.datatype"),
    ("jetty-*", "org.eclipse.jetty"),
    ("junit-jupiter-*", "org.junit.jupiter"),
    ("kafka_*", "org.apache.kafka"),
    ("kotlin-stdlib*", "org.jetbrains.kotlin"),
    ("kotlinx-coroutines-*", "org.jetbrains.kotlinx"),
    ("lucene-*", "org.apache.lucene"),
    ("mongodb-driver*", "org.mongodb"),
    ("netty-*", "io.netty"),
    ("netty-tcnative-*", "io.netty"),
    ("parquet-*", "org.apache.parquet"),
    ("poi-*", "org.apache.poi"),
    ("shiro-*", "org.apache.shiro"),
    ("slf4j-*", "org.slf4j"),
    ("solr-*", "org.apache.solr"),
    ("spring-boot*", "org.springframework.boot"),
    ("spring-security-*", "org.springframework.security"),
    ("struts2-*", "org.apache.struts"),
    ("tika-*", "org.apache.tika"),
    ("tomcat-embed-*", "org.apache.tomcat.embed"),
    ("undertow-*", "io.undertow"),
];

/// Returns the group of an artifact.
pub(super) fn of_artifact(artifact: &str) -> Option<&'static str> {
    let fits = |(known, _): &&(&str, &str)| match known.strip_suffix('*') {
        Some(start) => artifact.starts_with(start),
        None => artifact == *known,
    };
    GROUPS.iter().find(fits).map(|(_, group)| *group)
}

/// How distributions call artifacts whose older line they keep, and the artifact.
const RENAMED: &[(&str, &str)] = &[
    ("commons-collections3", "commons-collections"),
    ("log4j-1.2", "log4j"),
    ("log4j12", "log4j"),
    ("spring3-aop", "spring-aop"),
    ("spring3-aspects", "spring-aspects"),
    ("spring3-beans", "spring-beans"),
    ("spring3-context", "spring-context"),
    ("spring3-core", "spring-core"),
    ("spring3-expression", "spring-expression"),
    ("spring3-web", "spring-web"),
];

/// Returns the artifact that a distribution calls so.
pub(super) fn upstream(name: &str) -> Option<&'static str> {
    RENAMED.iter().find(|(known, _)| *known == name).map(|(_, artifact)| *artifact)
}

/// Bundles of OSGi whose name is not made of group and artifact, and what they are.
const BUNDLES: &[(&str, &str, &str)] = &[
    ("com.sun.jna", "net.java.dev.jna", "jna"),
    ("org.apache.log4j", "log4j", "log4j"),
    ("org.apache.xalan", "xalan", "xalan"),
    ("org.apache.xerces", "xerces", "xercesImpl"),
    ("org.h2", "com.h2database", "h2"),
    ("org.junit", "junit", "junit"),
    ("org.mozilla.javascript", "org.mozilla", "rhino"),
    ("org.objectweb.asm", "org.ow2.asm", "asm"),
];

/// Bundles whose artifact is the whole name of the bundle begin so.
const WHOLE_NAMED: &[&str] = &[
    "org.apache.aries.",
    "org.apache.felix.",
    "org.apache.karaf.",
    "org.apache.servicemix.",
    "org.apache.sling.",
    "org.eclipse.",
    "org.osgi.",
];

/// What names of bundles that are turned domains begin with; alone none is a group.
pub(super) const TOP_LEVELS: &[&str] = &["ch", "com", "de", "dev", "fr", "io", "me", "net", "org"];

/// Returns group and artifact of a bundle by its symbolic name: `org.yaml.snakeyaml` is `org.yaml` and
/// `snakeyaml`, `org.apache.commons.io` is `commons-io` of that, since people know it so. `None` if it is no
/// turned domain.
pub(super) fn of_bundle(name: &str) -> Option<(String, String)> {
    let (front, last) = name.rsplit_once('.')?;
    let (top, _) = name.split_once('.')?;
    if !TOP_LEVELS.contains(&top) {
        return None;
    }
    if let Some((_, group, artifact)) = BUNDLES.iter().find(|(known, ..)| *known == name) {
        return Some(((*group).to_owned(), (*artifact).to_owned()));
    }
    let middle = front.rsplit('.').next().unwrap_or(front);
    let middle = if middle == "springframework" { "spring" } else { middle };
    for artifact in [last.to_owned(), format!("{middle}-{last}")] {
        if let Some(group) = of_artifact(&artifact).filter(|group| is_akin(group, name)) {
            return Some((group.to_owned(), artifact));
        }
    }
    if WHOLE_NAMED.iter().any(|start| name.starts_with(start)) {
        return Some((front.to_owned(), name.to_owned()));
    }
    // `org.objenesis` is the group of `objenesis`.
    let group = if front == top { name } else { front };
    Some((group.to_owned(), last.to_owned()))
}

/// Returns whether group and bundle are of one house: their first two parts are the same. Groups of
/// Apache's older libraries have one part.
fn is_akin(group: &str, bundle: &str) -> bool {
    let house = |name: &str| name.splitn(3, '.').take(2).map(str::to_owned).collect::<Vec<_>>();
    house(group) == house(bundle)
        || group.starts_with("commons-") && bundle.starts_with("org.apache.commons.")
}

/// Returns the group of an artifact that is known by its whole name, where its house is that of a bundle.
pub(super) fn of_house(artifact: &str, bundle: &str) -> Option<&'static str> {
    let found = GROUPS.iter().find(|(known, _)| *known == artifact);
    found.map(|(_, group)| *group).filter(|group| is_akin(group, bundle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_have_the_names_of_maven_central() {
        for (bundle, expected) in [
            ("org.yaml.snakeyaml", "org.yaml:snakeyaml"),
            ("org.apache.commons.io", "commons-io:commons-io"),
            ("org.apache.commons.lang3", "org.apache.commons:commons-lang3"),
            (
                "com.fasterxml.jackson.core.jackson-databind",
                "com.fasterxml.jackson.core:jackson-databind",
            ),
            ("org.apache.logging.log4j.core", "org.apache.logging.log4j:log4j-core"),
            ("org.springframework.core", "org.springframework:spring-core"),
            ("org.eclipse.jetty.server", "org.eclipse.jetty:jetty-server"),
            ("org.eclipse.jdt.core", "org.eclipse.jdt:org.eclipse.jdt.core"),
            ("org.apache.felix.framework", "org.apache.felix:org.apache.felix.framework"),
            ("org.objectweb.asm", "org.ow2.asm:asm"),
            ("org.objenesis", "org.objenesis:objenesis"),
            ("com.acme.netty.util", "com.acme.netty:util"),
            ("com.acme.guava", "com.acme:guava"),
        ] {
            let (group, artifact) = of_bundle(bundle).unwrap();
            assert_eq!(format!("{group}:{artifact}"), expected, "{bundle}");
        }
        assert_eq!(of_bundle("javax.servlet-api"), None);
        assert_eq!(of_bundle("snakeyaml"), None);
    }

    #[test]
    fn names_are_whole_or_begin_so() {
        assert_eq!(of_artifact("commons-lang3"), Some("org.apache.commons"));
        assert_eq!(of_artifact("kafka_2.13"), Some("org.apache.kafka"));
        assert_eq!(of_artifact("my-guava"), None);
        assert_eq!(of_artifact("guava-testlib"), None);
    }
}
