//! What is held of a document: each text once, and everything else as numbers.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Comparison, Criteria, Cve, Definition, Leaf, Operation, PackageTest, Reference};

/// The number of a text.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Text(u32);

/// All texts, each once; the first is the empty one.
pub(crate) struct Texts {
    all: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    bytes: usize,
}

/// What a document holds.
#[derive(Default)]
pub(crate) struct Held {
    pub(super) texts: Texts,
    pub(super) timestamp: Text,
    pub(super) definitions: Vec<HeldDefinition>,
    pub(super) references: Vec<(Text, Text)>,
    pub(super) cves: Vec<[Text; 4]>,
    pub(super) nodes: Vec<Node>,
    pub(super) tests: HashMap<Text, HeldTest>,
    /// The names that objects ask for.
    pub(super) objects: HashMap<Text, Text>,
    pub(super) states: HashMap<Text, State>,
}

/// A definition; of lists, where its part ends. It begins where that of the one before ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HeldDefinition {
    pub(super) title: Text,
    pub(super) severity: Text,
    pub(super) patchable: Text,
    pub(super) advisory_id: Text,
    pub(super) references: usize,
    pub(super) cves: usize,
    pub(super) nodes: usize,
}

/// A step through criteria: groups are opened and closed around their members.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Node {
    All,
    Any,
    /// A group that means something else (`NOT`, `ONE`, `XOR`): it says nothing here.
    Unknown,
    Close,
    Leaf {
        test: Text,
        comment: Text,
    },
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HeldTest {
    pub(super) object: Text,
    /// `None` where there are several, or where it asks for none.
    pub(super) state: Option<Text>,
    pub(super) comment: Text,
}

/// What a state says, by the tags that are known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    pub(super) evr: Option<(Operation, Text)>,
    pub(super) version: Option<(Operation, Text)>,
    pub(super) arch: Option<(Operation, Text)>,
}

impl Texts {
    /// Returns the number of a text.
    pub(crate) fn number(&mut self, text: &str) -> Text {
        if let Some(number) = self.numbers.get(text) {
            return Text(*number);
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        // Beside the bytes themselves: two counters, two pointers, a row of the table.
        self.bytes += text.len() + 64;
        self.all.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        Text(number)
    }

    /// Returns about how much memory they take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the text of a number that was given here.
    pub(crate) fn get(&self, text: Text) -> &str {
        self.all.get(text.0 as usize).map_or("", |text| text)
    }
}

impl Default for Texts {
    fn default() -> Self {
        let mut texts = Self { all: Vec::new(), numbers: HashMap::new(), bytes: 0 };
        texts.number("");
        texts
    }
}

impl Held {
    /// Returns the number of definitions.
    pub(crate) fn len(&self) -> usize {
        self.definitions.len()
    }

    /// Returns the time that the document states, or an empty text.
    pub(crate) fn timestamp(&self) -> &str {
        self.texts.get(self.timestamp)
    }

    /// Returns a definition with its criteria.
    pub(crate) fn definition(&self, index: usize) -> Definition<'_> {
        let held = self.definitions.get(index).copied().unwrap_or_default();
        let before = index.checked_sub(1).and_then(|index| self.definitions.get(index)).copied();
        let before = before.unwrap_or_default();
        let text = |text| self.texts.get(text);
        let references = self.references[before.references..held.references].iter();
        let cves = self.cves[before.cves..held.cves].iter();
        Definition {
            title: text(held.title),
            severity: text(held.severity),
            patchable: text(held.patchable),
            advisory_id: text(held.advisory_id),
            references: references
                .map(|(source, id)| Reference { source: text(*source), id: text(*id) })
                .collect(),
            cves: cves.map(|cve| self.cve(cve)).collect(),
            criteria: self.criteria(&mut self.nodes[before.nodes..held.nodes].iter()),
        }
    }

    fn cve(&self, [text, cvss2, cvss3, cvss4]: &[Text; 4]) -> Cve<'_> {
        let get = |text: &Text| self.texts.get(*text);
        Cve { text: get(text), cvss2: get(cvss2), cvss3: get(cvss3), cvss4: get(cvss4) }
    }

    /// Gives the steps their shape; the depth is that of the document. Several outermost members, of
    /// which OVAL knows none, would all have to hold.
    fn criteria(&self, nodes: &mut std::slice::Iter<'_, Node>) -> Criteria<'_> {
        let mut members = self.members(nodes);
        match members.pop() {
            Some(only) if members.is_empty() => only,
            Some(last) => {
                members.push(last);
                Criteria::All(members)
            }
            None => Criteria::All(members),
        }
    }

    /// Takes steps up to the end of the group that is open.
    fn members(&self, nodes: &mut std::slice::Iter<'_, Node>) -> Vec<Criteria<'_>> {
        let mut members = Vec::new();
        while let Some(node) = nodes.next() {
            members.push(match node {
                Node::All => Criteria::All(self.members(nodes)),
                Node::Any => Criteria::Any(self.members(nodes)),
                Node::Unknown => {
                    self.members(nodes);
                    Criteria::Leaf(Leaf::default())
                }
                Node::Close => break,
                Node::Leaf { test, comment } => Criteria::Leaf(self.leaf(*test, *comment)),
            });
        }
        members
    }

    fn leaf(&self, test: Text, comment: Text) -> Leaf<'_> {
        let test = self.tests.get(&test);
        let comment = match test {
            Some(test) if comment == Text::default() => test.comment,
            _ => comment,
        };
        let test = test.and_then(|test| self.test(test));
        Leaf { comment: self.texts.get(comment), test }
    }

    fn test(&self, test: &HeldTest) -> Option<PackageTest<'_>> {
        let name = self.texts.get(*self.objects.get(&test.object)?);
        let state = self.states.get(&test.state?)?;
        let comparison = |held: Option<(Operation, Text)>| {
            held.map(|(operation, value)| Comparison { operation, value: self.texts.get(value) })
        };
        (!name.is_empty()).then_some(PackageTest {
            name,
            evr: comparison(state.evr),
            version: comparison(state.version),
            arch: comparison(state.arch),
        })
    }
}
