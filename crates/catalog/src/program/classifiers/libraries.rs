//! Libraries that images often hold without a package.

use super::tools::OPENSSL;
use super::{Classifier, Mark, high, medium, name_only, row};

pub(super) const ROWS: &[Classifier] = &[
    row(
        "openssl",
        &["libcrypto.so*", "libssl.so*", "libcrypto-*.so*", "libssl-*.so*", "libcrypto*.dylib"],
        OPENSSL,
        &["openssl:openssl"],
    ),
    row(
        "curl",
        &["libcurl.so*", "libcurl-*.so*"],
        &[high("libcurl/", r"libcurl/([1-9]\.[0-9]{1,3}\.[0-9]{1,2})")],
        &["haxx:libcurl", "haxx:curl"],
    ),
    row(
        "qt",
        &["libQt5Core.so*", "libQt6Core.so*", "libQt5Core-*.so*"],
        &[high("Qt ", r"Qt ([4-6]\.[0-9]{1,2}\.[0-9]{1,2}) \(")],
        &["qt:qt"],
    ),
    row("zlib", &["libz.so*", "libz-*.so*"], ZLIB, &["zlib:zlib"]),
    row(
        "libpng",
        &["libpng1*.so*"],
        &[high("libpng version ", r"libpng version (1\.[0-9]\.[0-9]{1,2})")],
        &["libpng:libpng"],
    ),
    row(
        "expat",
        &["libexpat.so*", "libexpat-*.so*"],
        &[high("expat_", r"expat_([12]\.[0-9]{1,2}\.[0-9]{1,2})")],
        &["libexpat_project:libexpat"],
    ),
    row(
        "libxml2",
        &["libxml2.so*", "libxml2-*.so*"],
        &[name_only(r"^libxml2\.so\.(2\.[0-9]{1,2}\.[0-9]{1,2})$")],
        &["xmlsoft:libxml2"],
    ),
    row(
        "libgcrypt",
        &["libgcrypt.so*"],
        &[high("This is Libgcrypt ", r"Libgcrypt (1\.[0-9]{1,2}\.[0-9]{1,2})")],
        &["gnupg:libgcrypt"],
    ),
    row(
        "gnutls",
        &["libgnutls.so*"],
        &[
            high("GnuTLS ", r"GnuTLS ([1-9]\.[0-9]\.[0-9]{1,2})"),
            medium("\x003.", r"\x00(3\.[0-9]\.[0-9]{1,2})\x00"),
        ],
        &["gnu:gnutls"],
    ),
    row(
        "libtiff",
        &["libtiff.so*", "libtiff-*.so*"],
        &[high("LIBTIFF, Version ", r"LIBTIFF, Version ([34]\.[0-9]\.[0-9]{1,2})")],
        &["libtiff:libtiff"],
    ),
    row(
        "libssh2",
        &["libssh2.so*", "libssh2-*.so*"],
        &[high("libssh2_", r"libssh2_(1\.[0-9]{1,2}\.[0-9]{1,2})")],
        &["libssh2:libssh2"],
    ),
    row(
        "libssh",
        &["libssh.so*", "libssh-*.so*"],
        &[
            high("libssh_", r"libssh_([01]\.[0-9]{1,2}\.[0-9]{1,2})"),
            medium("libssh", r"\x00([01]\.[0-9]{1,2}\.[0-9]{1,2})/openssl"),
        ],
        &["libssh:libssh"],
    ),
    row(
        "pcre2",
        &["libpcre2-8.so*", "libpcre2-8-*.so*"],
        &[high("10.", r"\x00(10\.[0-9]{2}) 20[0-9]{2}-[0-9]{2}-[0-9]{2}\x00")],
        &["pcre:pcre2"],
    ),
    row(
        "openblas",
        &["libopenblas*.so*", "libscipy_openblas*.so*"],
        &[high("OpenBLAS ", r"OpenBLAS ([01]\.[0-9]{1,2}\.[0-9]{1,3})")],
        &["openblas_project:openblas"],
    ),
    row(
        "hdf5",
        &["libhdf5.so*", "libhdf5-*.so*"],
        &[high("HDF5 library version ", r"HDF5 library version (1\.[0-9]{1,2}\.[0-9]{1,3})")],
        &["hdfgroup:hdf5"],
    ),
    row(
        "aws-lc",
        &["libcrypto.so*", "libssl.so*"],
        &[high("AWS-LC ", r"AWS-LC (?:FIPS )?([1-9]\.[0-9]{1,3}\.[0-9]{1,2})")],
        &[],
    ),
];

const ZLIB: &[Mark] = &[
    high("deflate 1.", r"deflate (1\.[0-9]\.[0-9]{1,2}(?:\.[0-9]{1,2})?) Copyright"),
    high("inflate 1.", r"inflate (1\.[0-9]\.[0-9]{1,2}(?:\.[0-9]{1,2})?) Copyright"),
];
