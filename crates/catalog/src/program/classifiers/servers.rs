//! Servers: web, proxies, names, mail and shells over the network.

use super::{Classifier, high, medium, row};

pub(super) const ROWS: &[Classifier] = &[
    row(
        "openresty",
        &["nginx", "openresty"],
        &[high("openresty/", r"openresty/(<v3>)")],
        &["openresty:openresty"],
    ),
    row(
        "nginx",
        &["nginx", "nginx-debug", "nginx.exe"],
        &[high("nginx version: nginx/", r"nginx/(<v3>)"), high("nginx/", r"\x00nginx/(<v3>)")],
        &["f5:nginx", "nginx:nginx"],
    ),
    row(
        "apache",
        &["httpd", "apache2", "httpd.exe", "libhttpd.so"],
        &[high("Apache/", r"\x00Apache/([12]\.[0-9]{1,2}\.[0-9]{1,3})")],
        &["apache:http_server"],
    ),
    row(
        "haproxy",
        &["haproxy"],
        &[
            high(
                "released ",
                r"\x00 ?version ([1-9]\.[0-9]{1,2}(?:\.[0-9]{1,3}|-dev[0-9]{1,2}))[^\x00]{0,32}, released 20",
            ),
            high(
                "-Proxy version ",
                r"HA-Proxy version ([1-9]\.[0-9]{1,2}(?:\.[0-9]{1,3}|-dev[0-9]{1,2})?)",
            ),
            medium("haproxy_", r"\x00([1-9]\.[0-9]{1,2}\.[0-9]{1,3})[^\x00]{0,24}\x00haproxy_"),
        ],
        &["haproxy:haproxy"],
    ),
    row(
        "envoy",
        &["envoy", "envoy-static", "envoy-bin*"],
        &[
            high(
                "/Clean/RELEASE/",
                r"[0-9a-f]{40}/([1-9]\.[0-9]{1,3}\.[0-9]{1,2}(?:-dev)?)/Clean/RELEASE/",
            ),
            medium(
                " so a non-default",
                r"\x00([1-9]\.[0-9]{1,3}\.[0-9]{1,2})(?:-dev)?\x00 so a non-default",
            ),
            medium("\0Clean\0", r"\x00([1-9]\.[0-9]{1,3}\.[0-9]{1,2})(?:-dev)?\x00"),
        ],
        &["envoyproxy:envoy"],
    ),
    row(
        "lighttpd",
        &["lighttpd"],
        &[high("lighttpd/", r"lighttpd/([1-9]\.[0-9]\.[0-9]{1,3})")],
        &["lighttpd:lighttpd"],
    ),
    row(
        "proftpd",
        &["proftpd"],
        &[high(
            "ProFTPD Version ",
            r"ProFTPD Version ([1-9]\.[0-9]\.[0-9]{1,2}(?:rc[0-9]|[a-z])?)",
        )],
        &["proftpd:proftpd"],
    ),
    row(
        "varnish",
        &["varnishd"],
        &[high("varnish-", r"varnish-([1-9]\.[0-9]{1,2}\.[0-9]{1,2}) revision")],
        &["varnish-software:varnish_cache", "varnish_cache_project:varnish_cache"],
    ),
    row(
        "squid",
        &["squid"],
        &[high("squid/", r"squid/([1-9](?:\.[0-9]{1,2}){1,2})")],
        &["squid-cache:squid"],
    ),
    row(
        "unbound",
        &["unbound", "libunbound.so*"],
        &[high("unbound ", r"unbound ([1-9]\.[0-9]{1,2}\.[0-9]{1,2})")],
        &["nlnetlabs:unbound"],
    ),
    row(
        "bind",
        &["named", "libdns-9*.so", "libisc-9*.so"],
        &[
            high("BIND ", r"BIND (9\.[0-9]{1,2}\.[0-9]{1,3})"),
            medium("\x009.", r"\x00(9\.[0-9]{1,2}\.[0-9]{1,3})(?:-S[0-9])?[-0-9A-Za-z]{0,24}\x00"),
        ],
        &["isc:bind"],
    ),
    row(
        "dnsmasq",
        &["dnsmasq"],
        &[high("dnsmasq-", r"\x00dnsmasq-(2\.[0-9]{1,3})")],
        &["thekelleys:dnsmasq"],
    ),
    row(
        "openssh",
        &["sshd", "ssh", "ssh-keygen", "ssh-agent", "scp", "sftp"],
        &[high("OpenSSH_", r"\x00(?:SSH-2\.0-)?OpenSSH_([1-9][0-9]?\.[0-9]{1,2}p[0-9])[^0-9]")],
        &["openbsd:openssh"],
    ),
    row(
        "dropbear",
        &["dropbear", "dropbearmulti", "dbclient"],
        &[high("dropbear_", r"dropbear_(20[0-9]{2}\.[0-9]{1,3})")],
        &["dropbear_ssh_project:dropbear_ssh"],
    ),
    row(
        "exim",
        &["exim", "exim4"],
        &[high("<<eximversion>>", r"\x00([34]\.[0-9]{2}(?:\.[0-9])?)\x00<<eximversion>>")],
        &["exim:exim"],
    ),
    row(
        "openvpn",
        &["openvpn"],
        &[high("OpenVPN ", r"\x00OpenVPN ([23]\.[0-9]{1,2}\.[0-9]{1,2}) ")],
        &["openvpn:openvpn"],
    ),
    row(
        "tor",
        &["tor"],
        &[high("Tor ", r"Tor (0\.[0-9]\.[0-9]{1,2}\.[0-9]{1,2})")],
        &["torproject:tor"],
    ),
    row(
        "keepalived",
        &["keepalived"],
        &[high("Keepalived v", r"Keepalived v([1-9]\.[0-9]{1,2}\.[0-9]{1,2})")],
        &["keepalived:keepalived"],
    ),
    row(
        "stunnel",
        &["stunnel", "stunnel4"],
        &[high("stunnel ", r"stunnel ([345]\.[0-9]{2})")],
        &["stunnel:stunnel"],
    ),
    row(
        "fluent-bit",
        &["fluent-bit"],
        &[
            high("Fluent Bit v", r"Fluent Bit v([1-9]\.[0-9]{1,2}\.[0-9]{1,2})"),
            high("fluent-bit", r"\x00v?([1-9]\.[0-9]{1,2}\.[0-9]{1,2})\x00+(?:%s)?Fluent Bit"),
            medium("Fluent-Bit", r"\x00v?([1-9]\.[0-9]{1,2}\.[0-9]{1,2})\x00"),
            medium("Fluent Bit", r"\x00v?([1-9]\.[0-9]{1,2}\.[0-9]{1,2})\x00"),
        ],
        &["treasuredata:fluent_bit"],
    ),
];
