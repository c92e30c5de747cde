//! From elements to what is held of them.

use super::Operation;
use super::held::{Held, HeldDefinition, HeldTest, Node, State, Text};
use super::xml::Xml;
use crate::error::FeedError;
use crate::text::cut;

/// Bytes of a name, a version, an id; a longer one counts as missing.
pub(crate) const MAX_VALUE_BYTES: usize = 1 << 10;
/// Characters of a title that are kept.
pub(crate) const MAX_TITLE_CHARS: usize = 200;
/// Bytes of a title that are looked at.
const MAX_TITLE_BYTES: usize = 4 << 10;

/// What a document may have, and what its texts may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Definitions.
    pub(crate) definitions: usize,
    /// Criteria, groups of them, references and `cve` elements, of all definitions.
    pub(crate) parts: usize,
    /// Tests, objects and states.
    pub(crate) tests: usize,
    /// Bytes of memory for all different texts.
    pub(crate) text_bytes: usize,
}

impl Limits {
    /// Far above what any publisher has: SUSE's largest has some 20,000 definitions with some millions
    /// of criteria.
    pub(crate) const USUAL: Self =
        Self { definitions: 500_000, parts: 20_000_000, tests: 8_000_000, text_bytes: 600 << 20 };
}

/// Reads a whole document.
pub(super) fn read(xml: Xml<'_>, limits: Limits) -> Result<Held, FeedError> {
    let mut reading = Reading { xml, held: Held::default(), limits };
    reading.document()?;
    Ok(reading.held)
}

struct Reading<'a> {
    xml: Xml<'a>,
    held: Held,
    limits: Limits,
}

impl Reading<'_> {
    fn document(&mut self) -> Result<(), FeedError> {
        self.xml.root("oval_definitions")?;
        while self.xml.child()? {
            match self.xml.name() {
                "generator" => self.generator()?,
                "definitions" => self.each(Self::definition)?,
                "tests" => self.each(Self::test)?,
                "objects" => self.each(Self::object)?,
                "states" => self.each(Self::state)?,
                _ => self.xml.skip()?,
            }
        }
        self.xml.end()
    }

    /// Reads the elements inside the one that is open, and checks what they have added.
    fn each(&mut self, read: fn(&mut Self) -> Result<(), FeedError>) -> Result<(), FeedError> {
        while self.xml.child()? {
            read(self)?;
            let (held, limits) = (&self.held, &self.limits);
            let tests = held.tests.len() + held.objects.len() + held.states.len();
            for (what, count, limit) in [
                ("definitions", held.definitions.len(), limits.definitions),
                ("tests, objects and states", tests, limits.tests),
            ] {
                if count > limit {
                    return Err(self.xml.limit(what, limit));
                }
            }
            self.check_parts()?;
        }
        Ok(())
    }

    fn check_parts(&self) -> Result<(), FeedError> {
        let (held, limits) = (&self.held, &self.limits);
        let parts = held.nodes.len() + held.references.len() + held.cves.len();
        if parts > limits.parts {
            return Err(self.xml.limit("criteria and references", limits.parts));
        }
        if held.texts.bytes() > limits.text_bytes {
            return Err(self.xml.limit("bytes of different texts", limits.text_bytes));
        }
        Ok(())
    }

    fn generator(&mut self) -> Result<(), FeedError> {
        while self.xml.child()? {
            if self.xml.name() == "timestamp" {
                self.held.timestamp = self.value()?;
            } else {
                self.xml.skip()?;
            }
        }
        Ok(())
    }

    fn definition(&mut self) -> Result<(), FeedError> {
        let mut definition = HeldDefinition::default();
        while self.xml.child()? {
            match self.xml.name() {
                "metadata" => self.metadata(&mut definition)?,
                "criteria" | "criterion" | "extend_definition" => self.criteria()?,
                _ => self.xml.skip()?,
            }
        }
        definition.references = self.held.references.len();
        definition.cves = self.held.cves.len();
        definition.nodes = self.held.nodes.len();
        self.held.definitions.push(definition);
        Ok(())
    }

    /// Reads metadata; publishers differ in which of it stands inside `advisory`.
    fn metadata(&mut self, definition: &mut HeldDefinition) -> Result<(), FeedError> {
        while self.xml.child()? {
            self.check_parts()?;
            match self.xml.name() {
                "title" => definition.title = self.line()?,
                "severity" => definition.severity = self.value()?,
                "patchable" => definition.patchable = self.value()?,
                "advisory_id" => definition.advisory_id = self.value()?,
                "advisory" => self.metadata(definition)?,
                "reference" => {
                    let reference = (self.named("source"), self.named("ref_id"));
                    self.held.references.push(reference);
                    self.xml.skip()?;
                }
                "cve" => {
                    let [cvss2, cvss3, cvss4] = ["cvss2", "cvss3", "cvss4"].map(|n| self.named(n));
                    let text = self.value()?;
                    self.held.cves.push([text, cvss2, cvss3, cvss4]);
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    /// Reads a criterion, or a group with all that is in it.
    fn criteria(&mut self) -> Result<(), FeedError> {
        self.check_parts()?;
        let negated = matches!(self.xml.attribute("negate"), Some("true" | "1"));
        if self.xml.name() != "criteria" {
            let test = if negated { Text::default() } else { self.named("test_ref") };
            let comment = if negated { Text::default() } else { self.named("comment") };
            self.held.nodes.push(Node::Leaf { test, comment });
            return self.xml.skip();
        }
        let node = match self.xml.attribute("operator") {
            _ if negated => Node::Unknown,
            None | Some("AND") => Node::All,
            Some("OR") => Node::Any,
            Some(_) => Node::Unknown,
        };
        self.held.nodes.push(node);
        while self.xml.child()? {
            match self.xml.name() {
                "criteria" | "criterion" | "extend_definition" => self.criteria()?,
                _ => self.xml.skip()?,
            }
        }
        self.held.nodes.push(Node::Close);
        Ok(())
    }

    fn test(&mut self) -> Result<(), FeedError> {
        let (id, comment) = (self.id(), self.named("comment"));
        let is_of_package = matches!(self.xml.name(), "rpminfo_test" | "dpkginfo_test");
        let mut test = HeldTest { comment, ..HeldTest::default() };
        let mut states = 0;
        while self.xml.child()? {
            match self.xml.name() {
                "object" => test.object = self.named("object_ref"),
                "state" => {
                    test.state = Some(self.named("state_ref"));
                    states += 1;
                }
                _ => {}
            }
            self.xml.skip()?;
        }
        test.state = test.state.filter(|_| states == 1 && is_of_package);
        self.held.tests.insert(id, test);
        Ok(())
    }

    fn object(&mut self) -> Result<(), FeedError> {
        let id = self.id();
        let mut name = Text::default();
        while self.xml.child()? {
            match self.xml.name() {
                "name" => name = self.value()?,
                _ => self.xml.skip()?,
            }
        }
        self.held.objects.insert(id, name);
        Ok(())
    }

    fn state(&mut self) -> Result<(), FeedError> {
        let id = self.id();
        let mut state = State::default();
        while self.xml.child()? {
            let operation = Operation::parse(self.xml.attribute("operation"));
            match self.xml.name() {
                "evr" => state.evr = Some((operation, self.value()?)),
                "version" => state.version = Some((operation, self.value()?)),
                "arch" => state.arch = Some((operation, self.value()?)),
                _ => self.xml.skip()?,
            }
        }
        self.held.states.insert(id, state);
        Ok(())
    }

    fn id(&mut self) -> Text {
        self.named("id")
    }

    /// Takes an attribute; empty where there is none, or one that is too long.
    fn named(&mut self, name: &str) -> Text {
        let value = self.xml.attribute(name).unwrap_or_default().trim();
        let value = if value.len() > MAX_VALUE_BYTES { "" } else { value };
        self.held.texts.number(value)
    }

    /// Takes the text of the element that is open; empty where it is too long.
    fn value(&mut self) -> Result<Text, FeedError> {
        let value = self.xml.text()?;
        let value = if value.len() > MAX_VALUE_BYTES { "" } else { value.trim() };
        Ok(self.held.texts.number(value))
    }

    /// Takes the text of the element that is open, on one line, cut.
    fn line(&mut self) -> Result<Text, FeedError> {
        let text = self.xml.text()?;
        let text = cut(&text[..text.floor_char_boundary(MAX_TITLE_BYTES)], MAX_TITLE_CHARS);
        Ok(self.held.texts.number(&text))
    }
}

impl Operation {
    fn parse(text: Option<&str>) -> Self {
        match text {
            None | Some("equals") => Self::Equals,
            Some("less than") => Self::Less,
            Some("less than or equal") => Self::LessOrEqual,
            Some("greater than") => Self::Greater,
            Some("greater than or equal") => Self::GreaterOrEqual,
            Some("pattern match") => Self::Matches,
            Some(_) => Self::Other,
        }
    }
}
