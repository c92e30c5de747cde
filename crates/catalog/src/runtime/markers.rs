//! The table of text files that name a product and its version. WordPress has a row of its own, for it has
//! plugins.

use crate::classifier::{Classifier, at_start, high, named, row};

pub(super) const ROWS: &[Classifier] = &[
    row(
        "golang",
        &["VERSION"],
        &[at_start(r"^go(1\.[0-9]{1,2}(?:\.[0-9]{1,2})?(?:(?:rc|beta)[0-9])?)[\s]")],
        &["golang:go"],
    ),
    row(
        "grafana",
        &["grafana/VERSION"],
        &[at_start(r"^v?(<v3><pre>)[\s]*$")],
        &["grafana:grafana"],
    ),
    row(
        "gitlab",
        &["gitlab-rails/VERSION"],
        &[at_start(r"^(<v3>)(?:-ee)?[\s]*$")],
        &["gitlab:gitlab"],
    ),
    row(
        "erlang",
        &["OTP_VERSION"],
        &[at_start(r"^([1-9][0-9](?:\.[0-9]{1,3}){1,4}(?:-rc[0-9])?)[\s*]*$")],
        &["erlang:erlang\\/otp"],
    ),
    row(
        "elixir",
        &["ebin/elixir.app"],
        &[high("{vsn,", "\\{vsn, *\"(<v3><pre>)\"")],
        &["elixir-lang:elixir"],
    ),
    row(
        "rabbitmq",
        &["ebin/rabbit.app"],
        &[high("{vsn,", "\\{vsn, *\"(<v3><pre>)\"")],
        &["vmware:rabbitmq", "broadcom:rabbitmq_server", "pivotal_software:rabbitmq"],
    ),
    row(
        "julia",
        &["julia_version.h"],
        &[high("JULIA_VERSION_STRING ", "JULIA_VERSION_STRING \"(<v3><pre>)\"")],
        &["julialang:julia"],
    ),
    row(
        "dart",
        &["dart-sdk/version", "lib/dart/version"],
        &[at_start(r"^([1-9]\.[0-9]{1,2}\.[0-9]{1,2})[\s]")],
        &["dart:dart_software_development_kit"],
    ),
    row(
        "tomcat",
        &["RELEASE-NOTES"],
        &[high("Apache Tomcat Version ", r"Apache Tomcat Version (<v3>(?:-M[0-9]{1,2})?)")],
        &["apache:tomcat"],
    ),
    row(
        "jetty",
        &["VERSION.txt"],
        &[at_start(r"^jetty-(<v3>(?:\.v[0-9]{8}|-?(?:alpha|beta|RC)[0-9]{1,2})?) ")],
        &["eclipse:jetty"],
    ),
    row(
        "wildfly",
        &["dir/META-INF/MANIFEST.MF"],
        &[high(
            "JBoss-Product-Release-Name: WildFly",
            r"Name: WildFly[^\r\n]{0,40}\r?\nJBoss-Product-Release-Version: (<v3>)",
        )],
        &["redhat:wildfly"],
    ),
    row(
        "jboss-eap",
        &["version.txt"],
        &[high("JBoss Enterprise Application Platform - ", r"Platform - Version (<v3>)")],
        &["redhat:jboss_enterprise_application_platform"],
    ),
    row(
        "keycloak",
        &["version.txt"],
        &[high("Keycloak - Version ", "Keycloak - Version (<v3>)")],
        &["redhat:keycloak"],
    ),
    row(
        "kafka",
        &["libs/kafka_2.*.jar"],
        &[named(r"^kafka_2\.[0-9]{2}-(<v3>)\.jar$")],
        &["apache:kafka"],
    ),
    row(
        "cassandra",
        &["lib/apache-cassandra-*.jar"],
        &[named(r"^apache-cassandra-(<v2><pre>)\.jar$")],
        &["apache:cassandra"],
    ),
    row(
        "activemq",
        &["lib/activemq-broker-*.jar"],
        &[named(r"^activemq-broker-(<v3>)\.jar$")],
        &["apache:activemq"],
    ),
    row(
        "flink",
        &["lib/flink-dist*.jar"],
        &[named(r"^flink-dist(?:_2\.[0-9]{2})?-(<v3>)\.jar$")],
        &["apache:flink"],
    ),
    row("solr", &["solr-core-*.jar"], &[named(r"^solr-core-(<v3>)\.jar$")], &["apache:solr"]),
    row(
        "neo4j",
        &["lib/neo4j-kernel-*.jar"],
        &[named(r"^neo4j-kernel-(<v3>)\.jar$")],
        &["neo4j:neo4j"],
    ),
    row(
        "spark",
        &["RELEASE"],
        &[at_start(r"^Spark (<v3><pre>) (?:\(git revision |built for )")],
        &["apache:spark"],
    ),
    row(
        "elasticsearch",
        &["lang-painless/plugin-descriptor.properties"],
        &[high("elasticsearch.version=", r"[\r\n]elasticsearch\.version=(<v3><pre>)[\r\n]")],
        &["elastic:elasticsearch", "elasticsearch:elasticsearch"],
    ),
    row(
        "opensearch",
        &["lang-painless/plugin-descriptor.properties"],
        &[high("opensearch.version=", r"[\r\n]opensearch\.version=(<v3><pre>)[\r\n]")],
        &["amazon:opensearch"],
    ),
    row(
        "kibana",
        &["kibana/package.json"],
        &[high("\"version\"", "\"version\": *\"(<v3><pre>)\"")],
        &["elastic:kibana"],
    ),
    row(
        "logstash",
        &["logstash/versions-gem-copy.yml"],
        &[high("logstash: ", r"logstash: (<v3><pre>)")],
        &["elastic:logstash"],
    ),
    row(
        "firefox",
        &["application.ini"],
        &[high(
            "Name=Firefox",
            r"\nName=Firefox\r?\n(?:RemotingName=[^\n]*\n)?Version=(<v2>(?:esr)?)",
        )],
        &["mozilla:firefox"],
    ),
    row(
        "thunderbird",
        &["application.ini"],
        &[high(
            "Name=Thunderbird",
            r"\nName=Thunderbird\r?\n(?:RemotingName=[^\n]*\n)?Version=(<v2>)",
        )],
        &["mozilla:thunderbird"],
    ),
    row(
        "nextcloud",
        &["version.php"],
        &[high("$OC_VersionString = '", r"\$OC_VersionString = '(<v3>)")],
        &["nextcloud:nextcloud_server", "nextcloud:nextcloud"],
    ),
    row(
        "moodle",
        &["version.php"],
        &[high("$release ", r"\$release +?= +?'([1-9]\.[0-9]{1,2}(?:\.[0-9]{1,2})?)\+? \(Build")],
        &["moodle:moodle"],
    ),
    row(
        "drupal",
        &["core/lib/Drupal.php", "includes/bootstrap.inc"],
        &[
            high("const VERSION = '", r"const VERSION = '(<v3><pre>)'"),
            high("define('VERSION', '", r"define\('VERSION', '([67]\.[0-9]{1,3})'"),
        ],
        &["drupal:drupal"],
    ),
    row(
        "mediawiki",
        &["includes/Defines.php"],
        &[high("MW_VERSION", r"MW_VERSION', '(<v3><pre>)'")],
        &["mediawiki:mediawiki"],
    ),
    row(
        "joomla",
        &["manifests/files/joomla.xml"],
        &[high("<version>", r"<version>(<v3>)</version>")],
        &["joomla:joomla\\!"],
    ),
    row(
        "phpmyadmin",
        &["libraries/classes/Version.php"],
        &[high("VERSION = '", r"VERSION = '(<v3><pre>)'")],
        &["phpmyadmin:phpmyadmin"],
    ),
    row(
        "composer",
        &["composer.phar", "bin/composer"],
        &[high(
            "'composer/composer',",
            r"'composer/composer',\s*'pretty_version' => '(<v3><pre>)'",
        )],
        &["getcomposer:composer"],
    ),
    row(
        "wp-cli",
        &["wp-cli.phar", "bin/wp"],
        &[high(
            "'wp-cli/wp-cli",
            r"'wp-cli/wp-cli(?:-bundle)?',\s*'pretty_version' => 'v?(<v3><pre>)'",
        )],
        &["wp-cli:wp-cli"],
    ),
];
