//! A document walked element by element: into the next one inside, or past it.

use std::io::Read;

use crate::error::FeedError;
use crate::text::cut;
use crate::xml::{Document, Node};

/// Characters of the name of an element that are told in an error.
const MAX_NAME_CHARS: usize = 60;

/// A document, and the elements that are open.
pub(crate) struct Xml<'a> {
    address: &'a str,
    document: Document<'a>,
    open: Vec<String>,
    /// The attributes of the element that was opened last.
    attributes: Vec<(String, String)>,
}

impl<'a> Xml<'a> {
    /// Begins a document; `body` is unpacked.
    pub(crate) fn new(address: &'a str, body: impl Read + 'a) -> Self {
        let document = Document::new(address, Box::new(body));
        Self { address, document, open: Vec::new(), attributes: Vec::new() }
    }

    /// Opens the outermost element, which must be of this name.
    ///
    /// # Errors
    /// [`FeedError::Malformed`] with place and element, [`FeedError::Limit`]; so for all that follows.
    pub(crate) fn root(&mut self, name: &str) -> Result<(), FeedError> {
        match self.next()? {
            Some(Node::Start(..)) if self.name() == name => Ok(()),
            _ => Err(self.told(self.document.fault("another kind of document"))),
        }
    }

    /// Opens the next element inside the one that is open; `false` when that one ends, which closes
    /// it. Texts between are passed over.
    pub(crate) fn child(&mut self) -> Result<bool, FeedError> {
        Ok(matches!(self.next()?, Some(Node::Start(..))))
    }

    /// Passes over the element that is open, and closes it.
    pub(crate) fn skip(&mut self) -> Result<(), FeedError> {
        self.text().map(|_| ())
    }

    /// Takes the text of the element that is open, without that of elements in it, and closes it. The
    /// reader of XML cuts a long one.
    pub(crate) fn text(&mut self) -> Result<String, FeedError> {
        let outer = self.open.len();
        loop {
            if let Some(Node::End(_, text)) = self.next()?
                && self.open.len() < outer
            {
                return Ok(text);
            }
        }
    }

    /// Reads what stands behind the outermost element: nothing but blanks and comments.
    pub(crate) fn end(&mut self) -> Result<(), FeedError> {
        self.next().map(|_| ())
    }

    /// Returns the name of the element that is open.
    pub(crate) fn name(&self) -> &str {
        self.open.last().map_or("", String::as_str)
    }

    /// Returns an attribute of the element that was opened last.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Words a limit that is met.
    pub(crate) fn limit(&self, what: &'static str, limit: usize) -> FeedError {
        FeedError::Limit { address: self.address.to_owned(), what, limit: limit as u64 }
    }

    fn next(&mut self) -> Result<Option<Node>, FeedError> {
        let mut node = match self.document.next() {
            Ok(node) => node,
            Err(fault) => return Err(self.told(fault)),
        };
        match &mut node {
            Some(Node::Start(name, attributes)) => {
                self.open.push(std::mem::take(name));
                self.attributes = std::mem::take(attributes);
            }
            Some(Node::End(..)) => {
                self.open.pop();
            }
            None => {}
        }
        Ok(node)
    }

    /// Adds the element that is open to the place of a fault.
    fn told(&self, mut fault: FeedError) -> FeedError {
        if let (FeedError::Malformed { place, .. }, Some(name)) = (&mut fault, self.open.last()) {
            *place = format!("{place} in `{}`", cut(name, MAX_NAME_CHARS));
        }
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Result<String, FeedError> {
        let mut xml = Xml::new("https://h.example/x.xml", text.as_bytes());
        xml.root("a")?;
        let mut seen = String::new();
        while xml.child()? {
            let (name, id) = (xml.name().to_owned(), xml.attribute("id").map(str::to_owned));
            let text = xml.text()?;
            seen = format!("{seen}{name} {} {text}|", id.unwrap_or_default());
        }
        xml.end()?;
        Ok(seen)
    }

    #[test]
    fn elements_are_walked_one_by_one() {
        let text = "<?xml version='1.0'?><!-- x --><p:a>\n<q:b id='1 &lt; 2'><c>y</c>x &amp; z</q:b>\
                    <d id=\"e\"/><e><![CDATA[<&>]]>&#65;</e></p:a>\n";
        assert_eq!(outline(text).unwrap(), "b 1 < 2 x & z|d e |e  <&>A|");
    }

    #[test]
    fn a_fault_is_told_with_its_element() {
        for (text, element) in [
            ("<a>\n<b>\n</c></a>", " in `b`"),
            ("<a>\n<b id='1>\n</b></a>", " in `a`"),
            ("<a>\n<b>&unknown;</b></a>", " in `b`"),
            ("<a>\n\n<b>x", " in `b`"),
            ("<b/>", " in `b`"),
            ("", ""),
            ("x", ""),
            ("<a/>\n{}", ""),
            ("<a/><a/>", ""),
        ] {
            let error = outline(text).unwrap_err();
            let FeedError::Malformed { place, .. } = &error else { panic!("{error}") };
            assert!(place.starts_with("byte ") && place.ends_with(element), "{text}: {error}");
            assert_eq!(place.contains(" in "), !element.is_empty(), "{text}: {error}");
        }
    }
}
