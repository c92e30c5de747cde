//! Packages of classes that belong to one artifact: by them its code is known where nothing else tells it,
//! also when a shading plugin moved it below another root.
//!
//! The names were looked up in the archives of Maven Central. A row names classes that every version has
//! and that no other artifact copies; where two artifacts have the same code (`netty-all`), the row says so.

/// The code of one artifact.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) group: &'static str,
    pub(super) artifact: &'static str,
    /// The folder of its classes, without what relocation replaces: `log4j/core/`.
    pub(super) code: &'static str,
    /// Classes below `code`; one of them is enough.
    pub(super) marks: &'static [&'static str],
    /// Other artifacts that have this code by right; a `*` at the end stands for anything.
    pub(super) homes: &'static [&'static str],
    /// Where the code itself says its version.
    pub(super) version: Stated,
}

/// Where a version is written in the code of an artifact.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stated {
    Nowhere,
    /// A file of properties, by the end of its path, and the key.
    Property(&'static str, &'static str),
    /// A class, by the end of its path, with a constant text that begins so and ends with the version.
    Constant(&'static str, &'static str),
}

use Stated::{Constant, Nowhere, Property};

const fn row(
    coordinates: (&'static str, &'static str),
    code: &'static str,
    marks: &'static [&'static str],
    homes: &'static [&'static str],
    version: Stated,
) -> Root {
    Root { group: coordinates.0, artifact: coordinates.1, code, marks, homes, version }
}

const NETTY: &str = "META-INF/io.netty.versions.properties";

/// All of them, in the order in which they are told.
pub(super) const ROOTS: &[Root] = &[
    row(
        ("org.apache.logging.log4j", "log4j-core"),
        "log4j/core/",
        &[
            "lookup/JndiLookup.class",
            "lookup/Interpolator.class",
            "config/ConfigurationFactory.class",
        ],
        &[],
        Nowhere,
    ),
    // Moved to where nothing is left of its name: no other library has a class of this.
    row(
        ("org.apache.logging.log4j", "log4j-core"),
        "core/",
        &["lookup/JndiLookup.class"],
        &[],
        Nowhere,
    ),
    row(
        ("log4j", "log4j"),
        "apache/log4j/",
        &["net/JMSAppender.class", "net/SocketServer.class", "PropertyConfigurator.class"],
        &["reload4j", "log4j-1.2-api", "log4j-over-slf4j", "log4j-1.2*", "log4j12*"],
        Nowhere,
    ),
    row(
        ("ch.qos.logback", "logback-classic"),
        "qos/logback/classic/",
        &["LoggerContext.class"],
        &[],
        Nowhere,
    ),
    row(
        ("commons-collections", "commons-collections"),
        "commons/collections/",
        &["functors/InvokerTransformer.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.apache.commons", "commons-collections4"),
        "commons/collections4/",
        &["functors/InvokerTransformer.class", "CollectionUtils.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.apache.commons", "commons-text"),
        "commons/text/",
        &["StringSubstitutor.class", "lookup/ScriptStringLookup.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.apache.commons", "commons-compress"),
        "commons/compress/",
        &["archivers/ArchiveStreamFactory.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.apache.commons", "commons-configuration2"),
        "commons/configuration2/",
        &["PropertiesConfiguration.class"],
        &[],
        Nowhere,
    ),
    row(("commons-io", "commons-io"), "commons/io/", &["FileUtils.class"], &[], Nowhere),
    row(
        ("commons-beanutils", "commons-beanutils"),
        "commons/beanutils/",
        &["PropertyUtilsBean.class"],
        &["commons-beanutils-core"],
        Nowhere,
    ),
    row(
        ("commons-fileupload", "commons-fileupload"),
        "commons/fileupload/",
        &["FileUploadBase.class", "disk/DiskFileItem.class"],
        &[],
        Nowhere,
    ),
    row(
        ("commons-httpclient", "commons-httpclient"),
        "commons/httpclient/",
        &["HttpMethodDirector.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.apache.httpcomponents", "httpclient"),
        "http/impl/client/",
        &["InternalHttpClient.class", "DefaultHttpClient.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.springframework", "spring-core"),
        "springframework/core/",
        &["SpringVersion.class"],
        &["spring"],
        Nowhere,
    ),
    row(
        ("org.springframework", "spring-beans"),
        "springframework/beans/",
        &["CachedIntrospectionResults.class"],
        &["spring"],
        Nowhere,
    ),
    row(
        ("org.springframework", "spring-context"),
        "springframework/context/",
        &["support/GenericApplicationContext.class"],
        &["spring"],
        Nowhere,
    ),
    row(
        ("org.springframework", "spring-expression"),
        "springframework/expression/",
        &["spel/standard/SpelExpressionParser.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.springframework", "spring-web"),
        "springframework/web/",
        &["context/ContextLoader.class", "util/UriComponentsBuilder.class"],
        &["spring"],
        Nowhere,
    ),
    row(
        ("org.springframework", "spring-webmvc"),
        "springframework/web/servlet/",
        &["DispatcherServlet.class"],
        &["spring"],
        Nowhere,
    ),
    row(
        ("org.springframework", "spring-webflux"),
        "springframework/web/reactive/",
        &["DispatcherHandler.class"],
        &[],
        Nowhere,
    ),
    row(
        ("com.fasterxml.jackson.core", "jackson-core"),
        "fasterxml/jackson/core/",
        &["json/PackageVersion.class"],
        &[],
        Constant("fasterxml/jackson/core/json/PackageVersion.class", ""),
    ),
    row(
        ("com.fasterxml.jackson.core", "jackson-databind"),
        "fasterxml/jackson/databind/",
        &["ObjectMapper.class"],
        &[],
        Constant("fasterxml/jackson/databind/cfg/PackageVersion.class", ""),
    ),
    row(
        ("com.fasterxml.jackson.dataformat", "jackson-dataformat-xml"),
        "fasterxml/jackson/dataformat/xml/",
        &["XmlMapper.class"],
        &[],
        Constant("fasterxml/jackson/dataformat/xml/PackageVersion.class", ""),
    ),
    row(
        ("com.fasterxml.jackson.dataformat", "jackson-dataformat-yaml"),
        "fasterxml/jackson/dataformat/yaml/",
        &["YAMLFactory.class"],
        &[],
        Constant("fasterxml/jackson/dataformat/yaml/PackageVersion.class", ""),
    ),
    row(
        ("tools.jackson.core", "jackson-databind"),
        "tools/jackson/databind/",
        &["ObjectMapper.class"],
        &[],
        Constant("tools/jackson/databind/cfg/PackageVersion.class", ""),
    ),
    row(
        ("org.codehaus.jackson", "jackson-mapper-asl"),
        "codehaus/jackson/map/",
        &["ObjectMapper.class"],
        &["jackson-all*", "jackson-mapper-lgpl"],
        Nowhere,
    ),
    row(
        ("com.alibaba", "fastjson"),
        "alibaba/fastjson/",
        &["parser/DefaultJSONParser.class"],
        &["fastjson1-compatible"],
        Constant("alibaba/fastjson/JSON.class", ""),
    ),
    row(
        ("com.alibaba.fastjson2", "fastjson2"),
        "alibaba/fastjson2/",
        &["JSONReader.class"],
        &[],
        Constant("alibaba/fastjson2/JSON.class", ""),
    ),
    row(("com.google.code.gson", "gson"), "google/gson/", &["Gson.class"], &[], Nowhere),
    row(
        ("org.yaml", "snakeyaml"),
        "yaml/snakeyaml/",
        &["constructor/SafeConstructor.class", "Yaml.class"],
        &["snakeyaml*"],
        Nowhere,
    ),
    row(
        ("com.google.guava", "guava"),
        "common/collect/",
        &["ImmutableSortedMultiset.class"],
        &["guava*", "google-collections", "google-collect"],
        Nowhere,
    ),
    row(
        ("com.google.protobuf", "protobuf-java"),
        "google/protobuf/",
        &["GeneratedMessageV3.class"],
        &["protobuf*"],
        Nowhere,
    ),
    row(
        ("io.netty", "netty-common"),
        "io/netty/util/",
        &["internal/PlatformDependent.class"],
        &["netty-all", "netty4*"],
        Property(NETTY, "netty-common.version"),
    ),
    row(
        ("io.netty", "netty-codec"),
        "io/netty/handler/codec/",
        &["ByteToMessageDecoder.class"],
        &["netty-all", "netty4*", "netty-codec-base"],
        Property(NETTY, "netty-codec.version"),
    ),
    row(
        ("io.netty", "netty-codec-http"),
        "io/netty/handler/codec/http/",
        &["HttpObjectDecoder.class"],
        &["netty-all", "netty4*"],
        Property(NETTY, "netty-codec-http.version"),
    ),
    row(
        ("io.netty", "netty-codec-http2"),
        "io/netty/handler/codec/http2/",
        &["Http2ConnectionHandler.class"],
        &["netty-all", "netty4*"],
        Property(NETTY, "netty-codec-http2.version"),
    ),
    row(
        ("io.netty", "netty-handler"),
        "io/netty/handler/ssl/",
        &["SslHandler.class"],
        &["netty-all", "netty4*"],
        Property(NETTY, "netty-handler.version"),
    ),
    row(
        ("io.netty", "netty"),
        "jboss/netty/",
        &["bootstrap/ServerBootstrap.class"],
        &["netty3*"],
        Nowhere,
    ),
    row(
        ("com.thoughtworks.xstream", "xstream"),
        "thoughtworks/xstream/",
        &["XStream.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.apache.struts", "struts2-core"),
        "apache/struts2/",
        &["dispatcher/Dispatcher.class", "StrutsConstants.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.apache.shiro", "shiro-core"),
        "apache/shiro/",
        &["mgt/DefaultSecurityManager.class"],
        &["shiro-all", "shiro-core*"],
        Nowhere,
    ),
    row(
        ("org.apache.velocity", "velocity-engine-core"),
        "velocity/runtime/",
        &["RuntimeInstance.class"],
        &["velocity", "velocity-dep"],
        Nowhere,
    ),
    row(
        ("org.freemarker", "freemarker"),
        "freemarker/",
        &["template/Configuration.class"],
        &["freemarker*"],
        Property("freemarker/version.properties", "version"),
    ),
    row(
        ("com.h2database", "h2"),
        "h2/",
        &["jdbc/JdbcConnection.class", "engine/ConnectionInfo.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.hsqldb", "hsqldb"),
        "hsqldb/",
        &["jdbc/JDBCDriver.class", "jdbcDriver.class"],
        &["hsqldb*"],
        Nowhere,
    ),
    row(
        ("org.postgresql", "postgresql"),
        "postgresql/",
        &["jdbc/PgConnection.class"],
        &[],
        Constant("postgresql/util/DriverInfo.class", ""),
    ),
    row(
        ("com.mysql", "mysql-connector-j"),
        "mysql/cj/",
        &["jdbc/ConnectionImpl.class"],
        &["mysql-connector*"],
        Nowhere,
    ),
    row(
        ("org.bouncycastle", "bcprov-jdk18on"),
        "bouncycastle/jce/",
        &["provider/BouncyCastleProvider.class"],
        &["bcprov*", "bc-fips*", "bcprov-ext*"],
        Constant(
            "bouncycastle/jce/provider/BouncyCastleProvider.class",
            "BouncyCastle Security Provider v",
        ),
    ),
    row(
        ("org.apache.tomcat.embed", "tomcat-embed-core"),
        "apache/catalina/",
        &["core/StandardContext.class"],
        &["tomcat-catalina", "catalina", "tomcat*", "jbossweb*"],
        Property("catalina/util/ServerInfo.properties", "server.number"),
    ),
    row(
        ("org.eclipse.jetty", "jetty-server"),
        "eclipse/jetty/server/",
        &["HttpConnection.class", "internal/HttpConnection.class"],
        &["jetty-all*", "jetty-server*"],
        Property("eclipse/jetty/version/build.properties", "version"),
    ),
    row(
        ("io.undertow", "undertow-core"),
        "io/undertow/",
        &["server/HttpServerExchange.class"],
        &["undertow-core*"],
        Property("io/undertow/version.properties", "undertow.version"),
    ),
    row(
        ("org.codehaus.groovy", "groovy"),
        "groovy/lang/",
        &["GroovyShell.class"],
        &["groovy*"],
        Property("META-INF/groovy-release-info.properties", "ImplementationVersion"),
    ),
    row(
        ("com.squareup.okhttp3", "okhttp"),
        "okhttp3/",
        &["OkHttpClient.class"],
        &["okhttp*"],
        Constant("okhttp3/internal/Version.class", "okhttp/"),
    ),
    row(("org.apache.xmlbeans", "xmlbeans"), "apache/xmlbeans/", &["XmlBeans.class"], &[], Nowhere),
    row(
        ("xerces", "xercesImpl"),
        "apache/xerces/",
        &["impl/XMLEntityManager.class"],
        &["xerces*", "jrt*"],
        Constant("apache/xerces/impl/Version.class", "Xerces-J "),
    ),
    row(("org.dom4j", "dom4j"), "dom4j/", &["io/SAXReader.class"], &["dom4j*"], Nowhere),
    row(("org.jdom", "jdom2"), "jdom2/", &["input/SAXBuilder.class"], &[], Nowhere),
    row(("org.json", "json"), "org/json/", &["JSONTokener.class"], &["json*"], Nowhere),
    row(
        ("com.jayway.jsonpath", "json-path"),
        "jayway/jsonpath/",
        &["JsonPath.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.apache.kafka", "kafka-clients"),
        "apache/kafka/",
        &["clients/NetworkClient.class"],
        &[],
        Property("kafka/kafka-version.properties", "version"),
    ),
    row(
        ("org.apache.zookeeper", "zookeeper"),
        "apache/zookeeper/",
        &["server/ZooKeeperServer.class"],
        &["zookeeper*"],
        Nowhere,
    ),
    row(
        ("org.apache.hadoop", "hadoop-common"),
        "apache/hadoop/",
        &["conf/Configuration.class"],
        &["hadoop-client*", "hadoop-core"],
        Property("common-version-info.properties", "version"),
    ),
    row(("org.apache.avro", "avro"), "apache/avro/", &["file/DataFileStream.class"], &[], Nowhere),
    row(
        ("org.apache.thrift", "libthrift"),
        "apache/thrift/",
        &["transport/TSocket.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.quartz-scheduler", "quartz"),
        "org/quartz/",
        &["impl/StdSchedulerFactory.class"],
        &["quartz*"],
        Property("quartz/core/quartz-build.properties", "version"),
    ),
    row(
        ("org.mozilla", "rhino"),
        "mozilla/javascript/",
        &["NativeJavaObject.class"],
        &["rhino*", "js"],
        Nowhere,
    ),
    row(("org.beanshell", "bsh"), "bsh/", &["Interpreter.class"], &["bsh*", "beanshell"], Nowhere),
    row(
        ("org.apache.ant", "ant"),
        "apache/tools/ant/",
        &["taskdefs/Expand.class"],
        &[],
        Property("apache/tools/ant/version.txt", "VERSION"),
    ),
    row(
        ("org.apache.pdfbox", "pdfbox"),
        "apache/pdfbox/",
        &["pdmodel/PDDocument.class"],
        &["pdfbox*"],
        Property("apache/pdfbox/resources/version.properties", "pdfbox.version"),
    ),
    row(
        ("org.apache.poi", "poi"),
        "apache/poi/",
        &["hssf/usermodel/HSSFWorkbook.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.apache.poi", "poi-ooxml"),
        "apache/poi/",
        &["xssf/usermodel/XSSFWorkbook.class"],
        &[],
        Nowhere,
    ),
    row(
        ("org.hibernate.orm", "hibernate-core"),
        "org/hibernate/",
        &["internal/SessionFactoryImpl.class", "impl/SessionFactoryImpl.class"],
        &["hibernate*"],
        Nowhere,
    ),
    row(
        ("org.hibernate.validator", "hibernate-validator"),
        "hibernate/validator/",
        &["HibernateValidator.class"],
        &["hibernate-validator*"],
        Nowhere,
    ),
    row(("org.jsoup", "jsoup"), "org/jsoup/", &["Jsoup.class"], &[], Nowhere),
    row(("com.nimbusds", "nimbus-jose-jwt"), "nimbusds/jose/", &["JWSObject.class"], &[], Nowhere),
    row(
        ("org.apache.ivy", "ivy"),
        "apache/ivy/",
        &["core/module/id/ModuleRevisionId.class"],
        &["ivy*"],
        Nowhere,
    ),
];

/// Group and artifact.
type Coordinates = (&'static str, &'static str);

/// Coordinates that an artifact had below a version: group and artifact now, the version, group and artifact
/// then.
pub(super) const RENAMED: &[(Coordinates, &str, Coordinates)] = &[
    (("com.mysql", "mysql-connector-j"), "8.0.31", ("mysql", "mysql-connector-java")),
    (("org.apache.velocity", "velocity-engine-core"), "2.0", ("org.apache.velocity", "velocity")),
    (("org.bouncycastle", "bcprov-jdk18on"), "1.71", ("org.bouncycastle", "bcprov-jdk15on")),
    (("org.dom4j", "dom4j"), "2.0.0", ("dom4j", "dom4j")),
    (("org.hibernate.orm", "hibernate-core"), "6.0.0", ("org.hibernate", "hibernate-core")),
];

/// A class that people take out of an archive so that a weakness cannot be reached.
#[derive(Debug)]
pub(super) struct Removable {
    /// The artifact that has it.
    pub(super) artifact: &'static str,
    /// Any class below this folder shows that the code of the artifact is there.
    pub(super) code: &'static str,
    /// The end of the path of the class, as `code` begins it.
    pub(super) class: &'static str,
    /// Its whole path, as Maven Central has it.
    pub(super) path: &'static str,
}

const fn removable(
    artifact: &'static str,
    code: &'static str,
    class: &'static str,
    path: &'static str,
) -> Removable {
    Removable { artifact, code, class, path }
}

/// A name in a class by which newer versions of an artifact are told from older ones.
#[derive(Debug)]
pub(super) struct Telling {
    /// The artifact that has it.
    pub(super) artifact: &'static str,
    /// The end of the path of the class, wherever it was moved to.
    pub(super) class: &'static str,
    /// Its whole path, as Maven Central has it.
    pub(super) path: &'static str,
    /// The name, a text among the constants of the class.
    pub(super) name: &'static str,
}

/// All of them. What each means stands with the matchers, in `plimsoll-vuln`.
pub(super) const TELLING: &[Telling] = &[Telling {
    artifact: "log4j-core",
    class: "core/net/JndiManager.class",
    path: "org/apache/logging/log4j/core/net/JndiManager.class",
    name: "isJndiEnabled",
}];

const LOG4J_1: &str = "apache/log4j/";

/// All of them. Which weakness each is about stands with the matchers, in `plimsoll-vuln`.
pub(super) const REMOVABLE: &[Removable] = &[
    removable(
        "log4j-core",
        "log4j/core/",
        "log4j/core/lookup/JndiLookup.class",
        "org/apache/logging/log4j/core/lookup/JndiLookup.class",
    ),
    removable(
        "log4j",
        LOG4J_1,
        "apache/log4j/net/JMSAppender.class",
        "org/apache/log4j/net/JMSAppender.class",
    ),
    removable(
        "log4j",
        LOG4J_1,
        "apache/log4j/net/JMSSink.class",
        "org/apache/log4j/net/JMSSink.class",
    ),
    removable(
        "log4j",
        LOG4J_1,
        "apache/log4j/net/SocketServer.class",
        "org/apache/log4j/net/SocketServer.class",
    ),
    removable(
        "log4j",
        LOG4J_1,
        "apache/log4j/jdbc/JDBCAppender.class",
        "org/apache/log4j/jdbc/JDBCAppender.class",
    ),
    removable(
        "commons-collections",
        "commons/collections/",
        "commons/collections/functors/InvokerTransformer.class",
        "org/apache/commons/collections/functors/InvokerTransformer.class",
    ),
];
