//! Databases, caches and queues.

use super::{Classifier, Mark, high, medium, name_only, row};

pub(super) const ROWS: &[Classifier] = &[
    row(
        "valkey",
        &["valkey-server", "valkey-cli", "valkey-benchmark", "valkey-sentinel", "valkey-check-*"],
        STORE,
        &["lfprojects:valkey", "linuxfoundation:valkey"],
    ),
    row("keydb", &["keydb-server", "keydb-cli"], STORE, &[]),
    Classifier {
        name: "redis",
        files: &["redis-server", "redis-cli", "redis-benchmark", "redis-sentinel", "redis-check-*"],
        marks: STORE,
        cpes: &["redis:redis", "redislabs:redis"],
        unless: &["Valkey"],
    },
    row(
        "memcached",
        &["memcached"],
        &[high("memcached ", r"\x00memcached ([1-9]\.[0-9]{1,2}\.[0-9]{1,3})")],
        &["memcached:memcached"],
    ),
    row(
        "postgresql",
        &[
            "postgres",
            "postmaster",
            "psql",
            "pg_*",
            "pgbench",
            "initdb",
            "createdb",
            "createuser",
            "dropdb",
            "dropuser",
            "clusterdb",
            "vacuumdb",
            "reindexdb",
            "libpq.so*",
        ],
        &[
            high(
                "(PostgreSQL) ",
                r"\(PostgreSQL\) ((?:[1-9][0-9]|[89]\.[0-9])(?:\.[0-9]{1,2})?(?:(?:beta|rc|devel)[0-9]?)?)",
            ),
            high(
                "PostgreSQL ",
                r"\x00PostgreSQL ((?:[1-9][0-9]|[89]\.[0-9])(?:\.[0-9]{1,2})?(?:(?:beta|rc|devel)[0-9]?)?)[ \x00]",
            ),
        ],
        &["postgresql:postgresql"],
    ),
    row(
        "pgpool",
        &["pgpool"],
        &[high("pgpool-II", r"\x00([3-9]\.[0-9]{1,2}\.[0-9]{1,2})\x00pgpool-II")],
        &["pgpool:pgpool-ii"],
    ),
    row(
        "pgbouncer",
        &["pgbouncer"],
        &[high("PgBouncer ", r"PgBouncer ([1-9]\.[0-9]{1,2}\.[0-9]{1,2})")],
        &["pgbouncer:pgbouncer"],
    ),
    // Before MySQL, whose names they keep.
    row(
        "mariadb",
        &[
            "mariadbd",
            "mariadb",
            "mysqld",
            "mysql",
            "mariadb-*",
            "mysql_*",
            "mysqld_safe_helper",
            "libmariadb.so*",
        ],
        &[
            high("-MariaDB", r"\x00([1-9][0-9]?\.[0-9]{1,2}\.[0-9]{1,2})-MariaDB"),
            high("MariaDB ", r"\x00MariaDB ([1-9][0-9]\.[0-9]{1,2}\.[0-9]{1,2})\x00"),
        ],
        &["mariadb:mariadb"],
    ),
    row(
        "percona-xtradb-cluster",
        &["mysqld", "mysql"],
        &[high("percona-xtradb-cluster-", r"(?i)percona-xtradb-cluster-(<v3>(?:-[0-9]{1,3})?)")],
        &["percona:xtradb_cluster"],
    ),
    row(
        "percona-server",
        &["mysqld", "mysql"],
        &[high("percona-server-", r"percona-server-(<v3>(?:-[0-9]{1,3})?)")],
        &["percona:percona_server"],
    ),
    row(
        "percona-xtrabackup",
        &["xtrabackup"],
        &[high("percona-xtrabackup-", r"percona-xtrabackup-(<v3>(?:-[0-9]{1,3})?)")],
        &["percona:xtrabackup"],
    ),
    row(
        "mysql",
        &["mysqld", "mysql", "mysqladmin", "mysqldump", "libmysqlclient.so*"],
        &[
            high("/mysql-", r"/mysql-([5-9]\.[0-9]{1,2}\.[0-9]{1,3})"),
            high("mysql-community-server", r"([5-9]\.[0-9]{1,2}\.[0-9]{1,3})"),
            high("mysql_native_password", r"\x00([5-9]\.[0-9]{1,2}\.[0-9]{1,3})\x00"),
        ],
        &["oracle:mysql", "mysql:mysql"],
    ),
    row(
        "mongodb",
        &["mongod", "mongos", "mongo"],
        &[
            high("/mongodb-src-", r"/mongodb-src-r([3-9]\.[0-9]\.[0-9]{1,2}<pre>)"),
            high("mozjs", r"\x00v?([3-9]\.[0-9]\.[0-9]{1,2}<pre>)\x00"),
            medium("tcmalloc", r"\x00v?([3-9]\.[0-9]\.[0-9]{1,2}<pre>)\x00[0-9a-f]{40}"),
            medium("gitVersion", r"\x00v?([3-9]\.[0-9]\.[0-9]{1,2}<pre>)\x00"),
        ],
        &["mongodb:mongodb"],
    ),
    row(
        "sqlcipher",
        &["sqlcipher", "libsqlcipher.so*"],
        &[
            high(" community", r"\x00([1-9]\.[0-9]{1,2}\.[0-9]{1,2}) community"),
            high(
                "cipher_version",
                r"\x00([1-9]\.[0-9]{1,2}\.[0-9]{1,2}) (?:community|commercial|enterprise)",
            ),
        ],
        &["zetetic:sqlcipher"],
    ),
    row(
        "sqlite",
        &["sqlite3", "libsqlite3.so*", "libsqlite3*.dylib", "sqldiff"],
        &[
            high("SQLite ", r"SQLite version (3\.[0-9]{1,2}\.[0-9]{1,2})"),
            // The number of the release stands between the constants of its limits.
            high("\x003.", r"\x00(3\.[0-9]{1,2}\.[0-9]{1,2})\x00\x00?\x01\x00\x00"),
            medium("\x003.", r"\x00(3\.[0-9]{1,2}\.[0-9]{1,2})\x00"),
        ],
        &["sqlite:sqlite"],
    ),
    row(
        "arangodb",
        &["arangod", "arangosh"],
        &[
            high("ArangoDB ", r"ArangoDB (?:v|Version )?([23]\.[0-9]{1,2}\.[0-9]{1,2})"),
            medium("arangodb-", r"\x00([23]\.[0-9]{1,2}\.[0-9]{1,2}(?:-[0-9])?) \[linux\]"),
            medium(" [linux]", r"\x00([23]\.[0-9]{1,2}\.[0-9]{1,2}(?:-[0-9])?) \[linux\]"),
        ],
        &["arangodb:arangodb"],
    ),
    row(
        "clickhouse",
        &["clickhouse", "clickhouse-server"],
        &[
            high("VERSION_STRING", r"\x00([1-9][0-9]\.[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,5})\x00"),
            high("ClickHouse/", r"ClickHouse/([1-9][0-9]\.[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,5})"),
        ],
        &["clickhouse:clickhouse"],
    ),
    row(
        "openldap",
        &["slapd", "libldap*.so*", "liblber*.so*"],
        &[high("OpenLDAP: ", r"OpenLDAP: [a-z]+ (2\.[0-9]\.[0-9]{1,3})")],
        &["openldap:openldap"],
    ),
    row(
        "mosquitto",
        &["mosquitto", "libmosquitto.so*"],
        &[
            high("mosquitto version ", r"\x00(<v3>)\x00mosquitto version %s"),
            name_only(r"^libmosquitto\.so\.(<v3>)$"),
        ],
        &["eclipse:mosquitto"],
    ),
];

/// Redis and those that came from it.
const STORE: &[Mark] = &[
    high("-builtin", r"\x00([1-9]\.[0-9]{1,2}\.[0-9]{1,3})\x00(?:c11|atomic|sync)-builtin"),
    high(" (git:%s", r"\x00([1-9]\.[0-9]{1,2}\.[0-9]{1,3})\x00+ \(git:%s"),
    high("buildkitsandbox-", r"([1-9]\.[0-9]{1,2}\.[0-9]{1,3})buildkitsandbox-"),
    high("\0%llx\0", r"\x00([1-9]\.[0-9]{1,2}\.[0-9]{1,2})[0-9a-z-]{0,32}-[0-9]{19}\x00%llx"),
    // The name of the machine that built it follows the version: twelve hex digits of a container.
    medium("00000000\0", r"\x00([1-9]\.[0-9]{1,2}\.[0-9]{1,2})[0-9a-f]{12}-[0-9]{10,19}\x00"),
    medium("edis version", r"edis version (?:v=)?([1-9]\.[0-9]{1,2}\.[0-9]{1,3})"),
];
