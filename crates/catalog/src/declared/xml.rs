//! Small documents of XML, held whole, within limits.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::found::Found;
use super::parse;

/// The most bytes of a document; real ones have some hundred kB.
pub(super) const MAX_XML_BYTES: usize = 4 << 20;
/// The most elements of a document.
pub(super) const MAX_XML_ELEMENTS: usize = 200_000;
/// The most attributes of one element that are looked at.
const MAX_ATTRIBUTES: usize = 50;
/// The most elements in one another.
pub(super) const MAX_XML_DEPTH: usize = 64;

/// One element; names have no prefix.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// Returns an attribute, whatever the case of its name; empty where there is none.
    pub(super) fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.trim())
    }

    /// Returns the first element of this name right in it.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Returns the elements of this name right in it.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Returns the text of the first element of this name right in it; empty where there is none.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", Self::text)
    }

    /// Returns its own text without blanks around it.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }
}

/// Reads a document and returns its root; one that cannot be read is a problem and an empty element.
pub(super) fn read(body: &[u8], found: &mut Found) -> Element {
    if body.len() > MAX_XML_BYTES {
        found.over(format!("more than {MAX_XML_BYTES} bytes; it is not read"));
        return Element::default();
    }
    let text = parse::lossy(body);
    let mut reader = Reader::from_str(&text);
    // The element at the bottom holds the root.
    let mut open = vec![Element::default()];
    let mut elements = 0;
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let place = format!("{error} at byte {}", reader.error_position());
                return parse::failed::<NoElement>("XML", &place, found).0;
            }
        };
        elements += usize::from(matches!(event, Event::Start(_) | Event::Empty(_)));
        if elements > MAX_XML_ELEMENTS || open.len() > MAX_XML_DEPTH + 1 {
            found.over("more elements, or more of them in one another, than are read");
            return Element::default();
        }
        match event {
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => place(element(&start), &mut open),
            Event::End(_) => {
                if let Some(closed) = open.pop() {
                    place(closed, &mut open);
                }
            }
            Event::Text(text) => push(&mut open, &text.xml10_content()),
            Event::CData(text) => push(&mut open, &text.xml10_content()),
            Event::Eof => break,
            _ => {}
        }
    }
    if open.len() != 1 {
        return parse::failed::<NoElement>("XML", "it ends early", found).0;
    }
    let root = open.pop().and_then(|bottom| bottom.children.into_iter().next());
    root.unwrap_or_else(|| parse::failed::<NoElement>("XML", "it has no element", found).0)
}

/// What stands in for a document that cannot be read.
#[derive(Default)]
struct NoElement(Element);

fn element(start: &BytesStart<'_>) -> Element {
    let mut attributes = Vec::new();
    for attribute in start.attributes().with_checks(false).take(MAX_ATTRIBUTES).flatten() {
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or_default();
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    let name = start.local_name().as_ref().to_owned();
    Element { name, attributes, ..Element::default() }
}

/// Puts an element into the innermost that is open.
fn place(closed: Element, open: &mut [Element]) {
    if let Some(around) = open.last_mut() {
        around.children.push(closed);
    }
}

fn push(open: &mut [Element], text: &str) {
    if let Some(around) = open.last_mut() {
        around.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_model::GapKind;

    use super::*;

    fn gap(body: &str) -> Option<GapKind> {
        let mut found = Found::new("maven");
        read(body.as_bytes(), &mut found);
        found.finish().problems.first().and_then(|problem| problem.gap)
    }

    #[test]
    fn elements_attributes_and_texts_are_read() {
        let mut found = Found::new("maven");
        let body =
            b"<?xml version='1.0'?><m:a xmlns:m='x'><b C=' 1 '/><b> t<![CDATA[<]]> </b></m:a>";
        let root = read(body, &mut found);
        assert_eq!((root.name.as_str(), root.all("b").count()), ("a", 2));
        assert_eq!(root.children[0].attribute("c"), "1");
        assert_eq!((root.text_of("b"), root.children[1].text()), ("", "t<"));
        assert!(found.finish().problems.is_empty());
    }

    #[test]
    fn what_is_no_document_is_unreadable() {
        for body in ["", "text", "<a>", "<a></b>", "<a", "</a>"] {
            assert_eq!(gap(body), Some(GapKind::Unreadable), "{body}");
        }
    }

    #[test]
    fn size_number_and_depth_have_limits() {
        let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert_eq!(gap(&deep(MAX_XML_DEPTH)), None);
        assert_eq!(gap(&deep(MAX_XML_DEPTH + 1)), Some(GapKind::Limit));
        let wide = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
        assert_eq!(gap(&wide(MAX_XML_ELEMENTS - 1)), None);
        assert_eq!(gap(&wide(MAX_XML_ELEMENTS)), Some(GapKind::Limit));
        let large = |count: usize| format!("<a/>{}", " ".repeat(count));
        assert_eq!(gap(&large(MAX_XML_BYTES - 4)), None);
        assert_eq!(gap(&large(MAX_XML_BYTES)), Some(GapKind::Limit));
    }
}
