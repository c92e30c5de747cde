//! OVAL 5, as Oracle, SUSE and Microsoft publish it: definitions whose criteria name tests on packages.
//!
//! ```xml
//! <oval_definitions><definitions>
//!   <definition id="oval:x:def:1" class="patch"><metadata>
//!     <title>ELSA-2007-0057: bind security update (MODERATE)</title>
//!     <reference source="CVE" ref_id="CVE-2007-0493"/>
//!     <advisory><severity>MODERATE</severity></advisory></metadata>
//!   <criteria operator="AND"><criterion test_ref="oval:x:tst:1" comment="…"/></criteria>
//!   </definition></definitions>
//! <tests><rpminfo_test id="oval:x:tst:1"><object object_ref="oval:x:obj:1"/>
//!   <state state_ref="oval:x:ste:1"/></rpminfo_test></tests>
//! <objects><rpminfo_object id="oval:x:obj:1"><name>bind</name></rpminfo_object></objects>
//! <states><rpminfo_state id="oval:x:ste:1">
//!   <evr operation="less than">30:9.3.3-8.el5</evr></rpminfo_state></states>
//! </oval_definitions>
//! ```
//!
//! Tests, objects and states stand behind the definitions that need them, so all is held, in a compact
//! form, until the document has ended: a text once, a criterion in a few bytes. Variables, filters and
//! extended definitions are not followed; what needs them is a leaf without a test.
//! Source: <https://oval.mitre.org/language/version5.11/>.

mod document;
mod greatest;
mod held;
mod walk;
mod xml;

use std::io::Read;

pub(crate) use document::Limits;
pub(crate) use greatest::{Greatest, arches, evr, is_greater};
pub(crate) use held::{Text, Texts};
pub(crate) use walk::{Beside, each_package};

use crate::error::FeedError;

/// One definition, its criteria brought together with their tests.
#[derive(Debug)]
pub(crate) struct Definition<'a> {
    /// On one line, cut; empty where there is none. So are the other texts.
    pub(crate) title: &'a str,
    /// In the publisher's word.
    pub(crate) severity: &'a str,
    /// Whether there is a fix, as Microsoft says it: `true`, `false`, `Not Applicable`.
    pub(crate) patchable: &'a str,
    /// Microsoft's number: `56898-1`.
    pub(crate) advisory_id: &'a str,
    /// In the order of the document.
    pub(crate) references: Vec<Reference<'a>>,
    /// In the order of the document.
    pub(crate) cves: Vec<Cve<'a>>,
    /// Which systems it is about.
    pub(crate) criteria: Criteria<'a>,
}

/// What a definition refers to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Reference<'a> {
    /// `CVE`, `elsa`, `SUSE-SU`.
    pub(crate) source: &'a str,
    /// `CVE-2007-0493`.
    pub(crate) id: &'a str,
}

/// A `cve` element.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Cve<'a> {
    /// The text in it: `CVE-2007-0493`.
    pub(crate) text: &'a str,
    /// `7.8/AV:N/AC:L/Au:N/C:N/I:N/A:C`; empty where there is none.
    pub(crate) cvss2: &'a str,
    /// `7.8/CVSS:3.1/AV:L/…`; empty where there is none.
    pub(crate) cvss3: &'a str,
    /// `7.8/CVSS:4.0/AV:L/…`; empty where there is none.
    pub(crate) cvss4: &'a str,
}

/// When a definition holds.
#[derive(Debug)]
pub(crate) enum Criteria<'a> {
    /// When all of them do.
    All(Vec<Criteria<'a>>),
    /// When any of them does.
    Any(Vec<Criteria<'a>>),
    /// When its test does.
    Leaf(Leaf<'a>),
}

/// A criterion.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Leaf<'a> {
    /// In words: `bind is earlier than 30:9.3.3-8.el5`, `Oracle Linux arch is x86_64`.
    pub(crate) comment: &'a str,
    /// What it asks of a package; `None` where it asks something else, or where that is missing.
    pub(crate) test: Option<PackageTest<'a>>,
}

/// What is asked of an installed package.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct PackageTest<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Its `epoch:version-release`.
    pub(crate) evr: Option<Comparison<'a>>,
    /// Its version alone.
    pub(crate) version: Option<Comparison<'a>>,
    /// Its architecture.
    pub(crate) arch: Option<Comparison<'a>>,
}

/// How something compares with a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Comparison<'a> {
    /// How.
    pub(crate) operation: Operation,
    /// With what.
    pub(crate) value: &'a str,
}

/// The operations of OVAL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    /// `equals`, and where none is stated.
    Equals,
    /// `less than`.
    Less,
    /// `less than or equal`.
    LessOrEqual,
    /// `greater than`.
    Greater,
    /// `greater than or equal`.
    GreaterOrEqual,
    /// `pattern match`.
    Matches,
    /// Any other.
    Other,
}

/// Reads a document and hands out its definitions in their order; returns the time that it states
/// (`2025-02-24T13:05:27`), or an empty text.
///
/// # Errors
/// [`FeedError::Malformed`] with byte and element, [`FeedError::Limit`], and what `take` gives.
pub(crate) fn read(
    address: &str,
    body: impl Read,
    limits: Limits,
    mut take: impl FnMut(Definition<'_>) -> Result<(), FeedError>,
) -> Result<String, FeedError> {
    let held = document::read(xml::Xml::new(address, body), limits)?;
    for index in 0..held.len() {
        take(held.definition(index))?;
    }
    Ok(held.timestamp().to_owned())
}

#[cfg(test)]
mod tests;
