//! Languages: interpreters, compilers and virtual machines.

use super::{Classifier, high, medium, name_only, row};

const PYTHON: &[&str] = &["python:python", "python_software_foundation:python"];

pub(super) const ROWS: &[Classifier] = &[
    row(
        "node",
        &["node", "nodejs", "libnode.so*", "node.exe"],
        &[
            high("node.js/v", r"\x00node\.js/v(<v3><pre>)[^0-9]"),
            high("/download/release/v", r"/download/release/v(<v3><pre>)/node-v"),
            // Up to version 10.
            medium("\0v", r"\x00v([0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3})\x00"),
        ],
        &["nodejs:node.js"],
    ),
    row(
        "pypy",
        &["libpypy*.so*", "pypy", "pypy2*", "pypy3*"],
        &[high("[PyPy ", r"\[PyPy (<v3><pre>)")],
        &["pypy:pypy"],
    ),
    row(
        "python",
        &["python", "python2*", "python3*", "libpython*.so*", "libpython*.dylib"],
        &[
            high("\0{short}.", r"\x00([23]\.[0-9]{1,2}\.[0-9]{1,2}(?:(?:a|b|rc)[0-9]+)?)\+?\x00"),
            high(
                "%.80s (%.80s) %.80s",
                r"\x00([23]\.[0-9]{1,2}\.[0-9]{1,2}(?:(?:a|b|rc)[0-9]+)?)\+?\x00",
            ),
            // Where the prefix ends with the version, the linker keeps one text for both.
            medium("{short}.", r"[/-]([23]\.[0-9]{1,2}\.[0-9]{1,2}(?:(?:a|b|rc)[0-9]+)?)\+?\x00"),
            name_only(r"^(?:lib)?python([23]\.[0-9]{1,2})(?:m?\.so.*|\.dylib|m|d)?$"),
        ],
        PYTHON,
    ),
    row(
        "ruby",
        &["ruby", "ruby2*", "ruby3*", "ruby4*", "libruby*.so*", "libruby*.dylib"],
        &[high(
            "ruby ",
            r"\x00ruby ([1-9]\.[0-9]{1,2}\.[0-9]{1,2}(?:preview[0-9]|rc[0-9]|dev)?)(?:p-?[0-9]+)? \(20",
        )],
        &["ruby-lang:ruby"],
    ),
    row(
        "perl",
        &["perl", "perl5*", "libperl.so*"],
        &[
            high("PERL_INTERNAL_RAND_SEED", r"\x00v(5\.[0-9]{1,2}\.[0-9]{1,2})\x00"),
            high("\0v5.", r"\x00v(5\.[0-9]{1,2}\.[0-9]{1,2})\x00"),
            medium("/perl", r"/perl5?/(5\.[0-9]{1,2}\.[0-9]{1,2})[/\x00]"),
        ],
        &["perl:perl"],
    ),
    row(
        "php",
        &["php", "php5*", "php7*", "php8*", "php-fpm*", "php-cgi*", "libphp*.so"],
        &[high(
            "X-Powered-By: PHP/",
            r"PHP/([4-9]\.[0-9]{1,2}\.[0-9]{1,3}(?:(?:alpha|beta|RC)[0-9]+)?)",
        )],
        &["php:php"],
    ),
    // GraalVM first: it is an OpenJDK too.
    row(
        "graalvm",
        &["bin/java", "lib/server/libjvm.so", "libjvm.so"],
        &[high("GraalVM ", r"GraalVM (?:CE|EE)? ?([0-9]{2}\.[0-9]{1,2}\.[0-9]{1,2})(?:\+| |\))")],
        &["oracle:graalvm", "oracle:graalvm_for_jdk"],
    ),
    row(
        "zulu",
        &["bin/java", "libjvm.so"],
        &[medium(
            "(Zulu",
            r"\x00?([0-9]{1,2}(?:\.[0-9]{1,3}){0,3}\+[0-9]{1,3}|1\.[5-8]\.0_[0-9]{1,3}-b[0-9]{2})[^\x00]{0,64}\(Zulu",
        )],
        &["azul:zulu", "oracle:openjdk"],
    ),
    row(
        "openj9",
        &["libj9vm*.so", "libj9jvm*.so"],
        &[high("openj9-", r"openj9-(<v3>)")],
        &["eclipse:openj9"],
    ),
    row(
        "java",
        &["bin/java", "bin/javac", "bin/jdb", "libjvm.so"],
        &[
            high(
                "openjdk\0java\0",
                r"openjdk\x00java\x00(?:0\.0|1\.[0-9])?\x00* ?(1\.[5-8]\.0(?:_[0-9]{1,3})?(?:-b[0-9]{2,3})?|(?:9|[1-9][0-9])(?:\.[0-9]{1,3}){0,4}(?:\+[0-9]{1,3})?)[^\x00]{0,48}\x00",
            ),
            high(
                "java\0",
                r"\x00java\x00(?:0\.0|1\.[0-9])\x00*([0-9]{1,2}(?:\.[0-9]{1,3}){0,4}\+[0-9]{1,3})[^\x00]{0,48}\x00",
            ),
            high("_", r"\x00 ?(1\.[5-8]\.0_[0-9]{1,3}(?:-b[0-9]{2})?)[^\x00]{0,32}\x00"),
            high("Server VM (", r"Server VM \(([0-9]{1,2}(?:\.[0-9]{1,3}){0,4}\+[0-9]{1,3})"),
        ],
        &["oracle:openjdk", "oracle:jdk", "oracle:jre"],
    ),
    row(
        "deno",
        &["deno", "deno.exe"],
        &[high("Deno/", r"Deno/(<v3><pre>)(?:\+[0-9a-f]{7})?Deno/")],
        &["deno:deno"],
    ),
    row(
        "bun",
        &["bun", "bunx", "bun-profile"],
        &[
            high("bun.sh/", r"/bun-v(<v3>)"),
            high("Bun/", r"Bun/(<v3>)"),
            high("Bun v", r"Bun v(<v3>)"),
        ],
        &["bun:bun"],
    ),
    row(
        "erlang",
        &["beam.smp", "beam*.smp", "erlexec", "beam"],
        &[
            // The release of OTP: the folder it was built in, as distributions and images name it.
            medium(
                "otp",
                r"(?:otp_src_|otp-OTP-|/otp-|/otp_src-)([1-9][0-9](?:\.[0-9]{1,3}){1,4}(?:-rc[0-9])?)/",
            ),
            medium("erlang-", r"/erlang-([1-9][0-9](?:\.[0-9]{1,3}){1,4})(?:\+[a-z0-9]+)?/"),
        ],
        &["erlang:erlang\\/otp"],
    ),
    row(
        "julia",
        &["libjulia-internal.so*", "libjulia.so*", "julia"],
        &[
            high("JULIA_VERSION", r"\x00v?(1\.[0-9]{1,2}\.[0-9]{1,2}<pre>)\x00"),
            high("julia version ", r"julia version (1\.[0-9]{1,2}\.[0-9]{1,2}<pre>)"),
            medium("__init__\0", r"\x00(1\.[0-9]{1,2}\.[0-9]{1,2}<pre>)\x00verify"),
            medium("libjulia-internal.so.", r"libjulia-internal\.so\.(1\.[0-9]{1,2}\.[0-9]{1,2})"),
            name_only(r"^libjulia(?:-internal)?\.so\.(1\.[0-9]{1,2}\.[0-9]{1,2})$"),
        ],
        &["julialang:julia"],
    ),
    row(
        "rust",
        &["rustc", "rustdoc", "librustc_driver-*.so", "libstd-*.so", "libstd-*.dylib", "rustc.exe"],
        &[
            high("rustc version ", r"rustc version (<v3>(?:-(?:nightly|beta\.[0-9]+))?) \("),
            high(
                "rustc ",
                r"rustc (1\.[0-9]{1,3}\.[0-9]{1,2}(?:-(?:nightly|beta\.[0-9]+))?) \([0-9a-f]{9}",
            ),
            medium("/rustc-", r"/rustc-(1\.[0-9]{1,3}\.[0-9]{1,2})"),
        ],
        &["rust-lang:rust"],
    ),
    row(
        "golang",
        &["go/bin/go", "bin/go", "go/bin/gofmt", "bin/gofmt"],
        &[high("go1.", r"\x00go(1\.[0-9]{1,2}(?:\.[0-9]{1,2})?(?:(?:rc|beta)[0-9])?)[\x00 ]")],
        &["golang:go"],
    ),
    row(
        "lua",
        &["lua", "lua5*", "liblua*.so*", "luac*"],
        &[high("Lua 5.", r"Lua (5\.[0-9]\.[0-9]{1,2})")],
        &["lua:lua"],
    ),
    row(
        "luajit",
        &["luajit*", "libluajit*.so*"],
        &[high("LuaJIT 2.", r"LuaJIT (2\.[0-9]\.[0-9]{1,10}(?:-beta[0-9])?)")],
        &["luajit:luajit"],
    ),
    row(
        "dart",
        &["dart", "dartaotruntime", "dartvm"],
        &[
            high("(stable)", r"\x00([1-9]\.[0-9]{1,2}\.[0-9]{1,2}) \(stable\)"),
            high("(beta)", r"\x00([1-9]\.[0-9]{1,2}\.[0-9]{1,2}-[0-9.]+beta) \(beta\)"),
        ],
        &["dart:dart_software_development_kit"],
    ),
    row(
        "swi-prolog",
        &["swipl", "swipl.rc", "libswipl.so*"],
        &[
            high("swipl-", r"swipl-([1-9]\.[0-9]{1,2}\.[0-9]{1,2})"),
            high("SWI-Prolog version ", r"SWI-Prolog version ([1-9]\.[0-9]{1,2}\.[0-9]{1,2})"),
            name_only(r"^libswipl\.so\.([1-9]\.[0-9]{1,2}\.[0-9]{1,2})$"),
        ],
        &["swi-prolog:swi-prolog"],
    ),
    row(
        "ghc",
        &["ghc", "ghc-8*", "ghc-9*", "ghc-pkg*", "ghci", "runghc"],
        &[
            high("ghc-", r"libHSghc(?:-boot)?-(<v3>)-ghc"),
            high("GHC ", r"(?:GHC|Compiler) version (<v3>)"),
            name_only(r"^ghc-(<v3>)$"),
        ],
        &["haskell:ghc"],
    ),
    row(
        "cabal",
        &["cabal"],
        &[high("cabal-install-", r"cabal-install-(<v3>)")],
        &["haskell:cabal"],
    ),
    row(
        "stack",
        &["stack"],
        &[
            medium("/stack-", r"/stack-(<v3>)[\x00/-]"),
            high("Version ", r"Version (<v3>), Git revision"),
        ],
        &["haskell:stack"],
    ),
    row(
        "gcc",
        &["gcc", "*-gcc", "gcc-*", "*-gcc-*", "g++", "*-g++*", "cc1", "cc1plus"],
        &[
            high(
                "gcc version ",
                r"\x00([1-9][0-9]?\.[0-9]{1,2}\.[0-9]{1,2})\x00[^\x00]{0,64}\x00?gcc version",
            ),
            high("GNU C", r"\x00([1-9][0-9]?\.[0-9]{1,2}\.[0-9]{1,2})\x00"),
            high("%d.%d.%d\0", r"%d\.%d\.%d\x00([1-9][0-9]?\.[0-9]{1,2}\.[0-9]{1,2})\x00"),
        ],
        &["gnu:gcc"],
    ),
];
