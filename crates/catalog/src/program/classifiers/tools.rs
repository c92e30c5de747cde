//! Shells, tools and browsers.

use super::{Classifier, Mark, high, medium, row};

pub(super) const ROWS: &[Classifier] = &[
    row(
        "bash",
        &["bash", "rbash"],
        &[high("@(#)Bash version ", r"Bash version ([1-9]\.[0-9]{1,2}\.[0-9]{1,3})")],
        &["gnu:bash"],
    ),
    row(
        "busybox",
        &["busybox", "busybox.*"],
        &[high("BusyBox v", r"BusyBox v([1-9]\.[0-9]{1,3}\.[0-9]{1,2})")],
        &["busybox:busybox"],
    ),
    row(
        "toybox",
        &["toybox"],
        &[high("toybox ", r"toybox (0\.[0-9]{1,2}\.[0-9]{1,2})")],
        &["landley:toybox"],
    ),
    row(
        "curl",
        &["curl", "curl.exe"],
        &[
            high("curl/", r"curl/([1-9]\.[0-9]{1,3}\.[0-9]{1,2})"),
            high("curl ", r"\x00curl ([1-9]\.[0-9]{1,3}\.[0-9]{1,2}) \("),
        ],
        &["haxx:curl"],
    ),
    row(
        "wget",
        &["wget"],
        &[
            high("GNU Wget ", r"GNU Wget ([1-9]\.[0-9]{1,3}(?:\.[0-9]{1,2})?)"),
            medium("\x001.", r"\x00(1\.[12][0-9](?:\.[0-9]{1,2})?)\x00\x00"),
        ],
        &["gnu:wget"],
    ),
    row(
        "git",
        &["git", "git-remote-http*", "git-shell", "git-upload-pack"],
        &[
            high("git/", r"git/([1-9]\.[0-9]{1,3}(?:\.[0-9]{1,3}){1,2}<pre>)"),
            high("git version ", r"git version ([1-9]\.[0-9]{1,3}(?:\.[0-9]{1,3}){1,2})"),
        ],
        &["git-scm:git", "git:git"],
    ),
    row(
        "jq",
        &["jq", "libjq.so*"],
        &[
            high("jq-", r"jq-(1\.[0-9]{1,2}(?:\.[0-9])?(?:rc[0-9])?)"),
            medium("\x001.", r"\x00(1\.[5-9](?:\.[0-9])?(?:rc[0-9])?)\x00"),
        ],
        &["jqlang:jq", "stedolan:jq", "jq_project:jq"],
    ),
    row(
        "ffmpeg",
        &[
            "ffmpeg",
            "ffprobe",
            "ffplay",
            "ffmpeg-*",
            "libavcodec*.so*",
            "libavformat*.so*",
            "libavutil*.so*",
            "libavfilter*.so*",
            "libswresample*.so*",
            "libswscale*.so*",
            "libavdevice*.so*",
        ],
        &[
            high("FFmpeg version ", r"FFmpeg version n?([1-9]\.[0-9]{1,2}(?:\.[0-9]{1,2})?)"),
            high("%s version ", r"%s version n?([1-9]\.[0-9]{1,2}(?:\.[0-9]{1,2})?)"),
        ],
        &["ffmpeg:ffmpeg"],
    ),
    row(
        "xz",
        &["xz", "unxz", "xzcat", "lzmainfo", "liblzma.so*"],
        &[
            high("xz (XZ Utils) ", r"xz \(XZ Utils\) (5\.[0-9]{1,2}\.[0-9]{1,2}(?:alpha|beta)?)"),
            high("(XZ Utils) ", r"\(XZ Utils\) (5\.[0-9]{1,2}\.[0-9]{1,2}(?:alpha|beta)?)"),
            high("\x005.", r"\x00(5\.[0-9]{1,2}\.[0-9]{1,2}(?:alpha|beta)?)\x00"),
        ],
        &["tukaani:xz"],
    ),
    row(
        "zstd",
        &["zstd", "zstdmt", "zstd-*", "libzstd.so*"],
        &[
            high("\0v1.", r"\x00v(1\.[0-9]{1,2}\.[0-9]{1,2})\x00"),
            high("\x001.", r"\x00(1\.[0-9]{1,2}\.[0-9]{1,2})\x00"),
        ],
        &["facebook:zstandard"],
    ),
    row("gzip", &["gzip"], &[high("\x001.", r"\x00(1\.[0-9]{1,2})\x00")], &["gnu:gzip"]),
    row(
        "tar",
        &["tar"],
        &[
            high("(GNU tar) ", r"\(GNU tar\) (1\.[0-9]{1,2})"),
            medium("GNU tar", r"\x00(1\.[0-9]{2}(?:\.[0-9])?)\x00"),
        ],
        &["gnu:tar"],
    ),
    row(
        "util-linux",
        &["getopt", "mount", "lsblk", "nsenter", "unshare", "libblkid.so*", "libmount.so*"],
        &[high("util-linux ", r"util-linux (2\.[0-9]{1,2}(?:\.[0-9]{1,2})?)")],
        &["kernel:util-linux"],
    ),
    row(
        "nmap",
        &["nmap", "ncat", "nping"],
        &[
            high("\0Nmap\0", r"\x00([1-9]\.[0-9]{2})(?:SVN)?\x00Nmap\x00"),
            medium("nmap.org", r"\x00([1-9]\.[0-9]{2})\x00"),
        ],
        &["nmap:nmap"],
    ),
    row("openssl", &["openssl", "openssl.exe"], OPENSSL, &["openssl:openssl"]),
    row(
        "gdal",
        &["gdalinfo", "libgdal.so*"],
        &[high("GDAL ", r"GDAL ([1-9]\.[0-9]{1,2}\.[0-9]{1,2})")],
        &["osgeo:gdal"],
    ),
    row(
        "imagemagick",
        &["magick", "convert", "identify", "*-im6.q16", "libMagickCore-*.so*"],
        &[high("ImageMagick ", r"ImageMagick ([67]\.[0-9]{1,2}\.[0-9]{1,2}-[0-9]{1,2})")],
        &["imagemagick:imagemagick"],
    ),
    row(
        "ghostscript",
        &["gs", "libgs.so*"],
        &[high("GPL Ghostscript", r"Ghostscript ([1-9][0-9]?\.[0-9]{1,2}(?:\.[0-9])?)")],
        &["artifex:ghostscript"],
    ),
    row(
        "chrome",
        &[
            "chrome",
            "chromium",
            "chromium-browser",
            "headless_shell",
            "chrome-headless-shell",
            "google-chrome",
            "msedge",
        ],
        &[
            high("Chrome/", r"Chrome/([1-9][0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,5}\.[0-9]{1,4})"),
            medium("\0", r"\x00([1-9][0-9]{1,2}\.0\.[1-9][0-9]{2,4}\.[0-9]{1,3})\x00"),
        ],
        &["google:chrome"],
    ),
    row(
        "firefox",
        &["firefox", "firefox-bin", "firefox-esr"],
        &[
            high(
                "&version=",
                r"&version=([1-9][0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?(?:esr)?)&buildid=",
            ),
            medium(
                "\0mozilla\0",
                r"\x00([1-9][0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?(?:esr)?)\x00[0-9]{14}\x00",
            ),
        ],
        &["mozilla:firefox"],
    ),
    row(
        "crun",
        &["crun"],
        &[
            high("crun version ", r"crun version ([01]\.[0-9]{1,2}(?:\.[0-9]{1,2}){0,2})"),
            high("%s version %s", r"\x00([01]\.[0-9]{1,2}(?:\.[0-9]{1,2}){0,2})\x00%s version %s"),
        ],
        &["crun_project:crun"],
    ),
    row(
        "tini",
        &["tini", "tini-static", "docker-init"],
        &[high("tini version ", r"tini version (0\.[0-9]{1,2}\.[0-9]{1,2})")],
        &[],
    ),
];

/// OpenSSL in whatever file it stands.
pub(super) const OPENSSL: &[Mark] = &[high(
    "OpenSSL ",
    r"OpenSSL ((?:[3-9]\.[0-9]{1,2}\.[0-9]{1,2}(?:-(?:alpha|beta)[0-9]{1,2})?)|(?:1\.[01]\.[0-9][a-z]{0,2})|0\.9\.[0-9][a-z]{0,2})(?:\+quic)?(?:-[a-z0-9]+)?  ?[0-9]{1,2} [A-Z][a-z]{2} 20",
)];
