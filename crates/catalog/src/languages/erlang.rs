//! Applications of Erlang and Elixir as they are installed: the resource file `ebin/NAME.app` of each.
//!
//! The format is that of `app(4)` (<https://www.erlang.org/doc/apps/kernel/app.html>). The applications that
//! come with Erlang/OTP or with Elixir have the purl type `otp`. All others are taken for packages of Hex, where
//! nearly all of them come from; that the application has the name of its package is a convention, so that
//! identity is of medium confidence.

use plimsoll_model::{Confidence, FileYield, Package, Want};

use super::term::{self, Term};
use super::{add_license, ends, of_one, package, text, unreadable};
use crate::cataloguer::{Cataloguer, FileInput, Read};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "erlang",
    version: 1,
    wants: &[Want::Beneath("ebin", ".app")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

/// Applications of Erlang/OTP, releases 17 to 28, and of Elixir; sorted.
const OF_OTP: &[&str] = &[
    "asn1",
    "common_test",
    "compiler",
    "cosEvent",
    "cosEventDomain",
    "cosFileTransfer",
    "cosNotification",
    "cosProperty",
    "cosTime",
    "cosTransactions",
    "crypto",
    "debugger",
    "dialyzer",
    "diameter",
    "edoc",
    "eex",
    "eldap",
    "elixir",
    "erl_docgen",
    "erl_interface",
    "erts",
    "et",
    "eunit",
    "ex_unit",
    "ftp",
    "hipe",
    "ic",
    "iex",
    "inets",
    "jinterface",
    "kernel",
    "logger",
    "megaco",
    "mix",
    "mnesia",
    "observer",
    "odbc",
    "orber",
    "os_mon",
    "ose",
    "otp_mibs",
    "parsetools",
    "percept",
    "public_key",
    "reltool",
    "runtime_tools",
    "sasl",
    "snmp",
    "ssh",
    "ssl",
    "stdlib",
    "syntax_tools",
    "test_server",
    "tftp",
    "tools",
    "typer",
    "webtool",
    "wx",
    "xmerl",
];

fn read(input: &FileInput<'_>) -> FileYield {
    if ends(input.path).get(1) != Some(&"ebin") {
        return FileYield::default();
    }
    match parse_app(input.body) {
        Ok(package) => of_one(package, "Erlang application"),
        Err(detail) => unreadable(detail),
    }
}

/// Reads a resource file; `Ok(None)` when it states no name or no version, an error when it is no term.
///
/// ```text
/// {application, cowboy, [{description, "Small, fast, modern HTTP server."}, {vsn, "2.9.0"}]}.
/// ```
fn parse_app(body: &[u8]) -> Result<Option<Package>, String> {
    let Term::Tuple(parts) = term::parse(&text(body))? else { return Ok(None) };
    let [Term::Atom(kind), Term::Atom(name), properties, ..] = parts.as_slice() else {
        return Ok(None);
    };
    if kind != "application" {
        return Ok(None);
    }
    let is_otp = OF_OTP.binary_search(&name.as_str()).is_ok();
    let version = properties.get("vsn").and_then(Term::text).unwrap_or_default();
    let Some(mut package) = package(if is_otp { "otp" } else { "hex" }, name, version) else {
        return Ok(None);
    };
    package.confidence = (!is_otp).then_some(Confidence::Medium);
    if let Some(Term::List(licenses)) = properties.get("licenses") {
        licenses.iter().filter_map(Term::text).for_each(|text| add_license(&mut package, text));
    }
    Ok(Some(package))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_applications_of_otp_are_sorted() {
        assert!(OF_OTP.is_sorted());
    }

    #[test]
    fn applications_of_otp_are_told_from_packages() {
        let ssl =
            b"%% This is an -*- erlang -*- file.\n{application, ssl,\n  [{vsn, \"10.9.1\"}]}.\n";
        let package = parse_app(ssl).unwrap().unwrap();
        assert_eq!((package.kind.as_str(), package.version.as_str()), ("otp", "10.9.1"));
        assert_eq!(package.confidence, None);
        let jason = b"{application,jason,[{licenses,[\"Apache-2.0\"]},{vsn,\"1.4.0\"}]}.";
        let package = parse_app(jason).unwrap().unwrap();
        assert_eq!((package.kind.as_str(), package.name.as_str()), ("hex", "jason"));
        assert_eq!(package.confidence, Some(Confidence::Medium));
        assert_eq!(package.licenses, ["Apache-2.0"]);
    }

    #[test]
    fn what_is_none_is_told() {
        assert_eq!(parse_app(b"{application, x, [{vsn, git}]}."), Ok(None));
        assert_eq!(parse_app(b"[a]."), Ok(None));
        assert_eq!(parse_app(b"{release, x, []}."), Ok(None));
        let found = read(&FileInput { path: "a/ebin/x.app", body: b"{application, x" });
        assert_eq!((found.packages.len(), found.problems.len()), (0, 1));
        let found = read(&FileInput { path: "ebin/x/x.app", body: b"" });
        assert_eq!(found, FileYield::default());
    }
}
