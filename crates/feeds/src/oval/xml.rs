//! XML read as a stream: one element after the other, with its line, its depth and its size bounded.
//!
//! Names are compared without their prefix (`red-def:name` is `name`), as the feeds use several.
//! Follows <https://www.w3.org/TR/xml/>; no document type and no entity of its own is expanded.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;
use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::FeedError;
use crate::text::{Overflow, of_io};

/// Bytes read ahead.
const BUFFER_BYTES: usize = 64 << 10;
/// Elements that stand within each other.
pub(crate) const MAX_DEPTH: usize = 64;
/// Bytes of one tag, or of one text between two tags.
pub(crate) const MAX_PIECE_BYTES: u64 = 4 << 20;
/// Attributes of one element.
pub(crate) const MAX_ATTRIBUTES: usize = 64;

/// A document, read from its first element to its last.
pub(crate) struct Xml<'a> {
    address: &'a str,
    reader: Reader<Metered<'a>>,
    meter: Rc<Cell<u64>>,
    buffer: Vec<u8>,
    /// Line feeds read so far.
    lines: u64,
    /// The names of the open elements.
    open: Vec<Box<str>>,
    /// Names and values of the attributes of the element that was opened last.
    attributes: Vec<(Box<str>, String)>,
}

/// What comes next.
enum Piece {
    Open,
    Close,
    Text,
    End,
}

impl<'a> Xml<'a> {
    /// Begins a document.
    pub(crate) fn new(address: &'a str, body: impl Read + 'a) -> Self {
        let meter = Rc::new(Cell::new(0));
        let body: Box<dyn Read + 'a> = Box::new(body);
        let inner = BufReader::with_capacity(BUFFER_BYTES, body);
        let mut reader = Reader::from_reader(Metered { inner, meter: Rc::clone(&meter) });
        reader.config_mut().expand_empty_elements = true;
        let (buffer, open, attributes) = (Vec::new(), Vec::new(), Vec::new());
        Self { address, reader, meter, buffer, lines: 0, open, attributes }
    }

    /// Opens the outermost element, which must be of this name.
    ///
    /// # Errors
    /// [`FeedError::Malformed`] with line and element, [`FeedError::Limit`]; so for all that follows.
    pub(crate) fn root(&mut self, name: &str) -> Result<(), FeedError> {
        loop {
            match self.next(&mut Kept::nothing())? {
                Piece::Open if self.name() == name => return Ok(()),
                Piece::Open => return Err(self.fault(format!("it is no `{name}`"))),
                Piece::Text => {}
                Piece::Close | Piece::End => return Err(self.fault(format!("no `{name}`"))),
            }
        }
    }

    /// Opens the next element inside the one that is open; `false` when that one ends, which closes
    /// it. Texts between are passed over.
    pub(crate) fn child(&mut self) -> Result<bool, FeedError> {
        loop {
            match self.next(&mut Kept::nothing())? {
                Piece::Open => return Ok(true),
                Piece::Close => return Ok(false),
                Piece::Text => {}
                Piece::End => return Err(self.fault("the document ends early".to_owned())),
            }
        }
    }

    /// Passes over the element that is open, and closes it.
    pub(crate) fn skip(&mut self) -> Result<(), FeedError> {
        self.text(0).map(|_| ())
    }

    /// Takes the text of the element that is open, with that of elements inside, and closes it; of a
    /// longer text, the first bytes.
    pub(crate) fn text(&mut self, max_bytes: usize) -> Result<String, FeedError> {
        let mut kept = Kept { text: String::new(), max_bytes };
        let outer = self.open.len();
        while self.open.len() >= outer {
            if matches!(self.next(&mut kept)?, Piece::End) {
                return Err(self.fault("the document ends early".to_owned()));
            }
        }
        Ok(kept.text)
    }

    /// Reads what stands behind the outermost element: nothing but blanks and comments.
    pub(crate) fn end(&mut self) -> Result<(), FeedError> {
        loop {
            match self.next(&mut Kept::nothing())? {
                Piece::End => return Ok(()),
                Piece::Text => {}
                Piece::Open | Piece::Close => {
                    return Err(self.fault("more than one outermost element".to_owned()));
                }
            }
        }
    }

    /// Returns the name of the element that is open.
    pub(crate) fn name(&self) -> &str {
        self.open.last().map_or("", |name| name)
    }

    /// Returns an attribute of the element that was opened last.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| **known == *name).map(|(_, value)| value.as_str())
    }

    /// Words a fault at the place that is read.
    pub(crate) fn fault(&self, detail: String) -> FeedError {
        FeedError::Malformed { address: self.address.to_owned(), place: self.place(), detail }
    }

    /// Words a limit that is met.
    pub(crate) fn limit(&self, what: &'static str, limit: usize) -> FeedError {
        FeedError::Limit { address: self.address.to_owned(), what, limit: limit as u64 }
    }

    fn place(&self) -> String {
        let line = self.lines + 1;
        match self.open.last() {
            Some(name) => format!("line {line} in `{}`", crate::text::cut(name, 60)),
            None => format!("line {line}"),
        }
    }

    fn next(&mut self, kept: &mut Kept) -> Result<Piece, FeedError> {
        loop {
            self.meter.set(0);
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.clear();
            let piece = self.step(&mut buffer, kept);
            self.lines += buffer.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            self.buffer = buffer;
            if let Some(piece) = piece? {
                return Ok(piece);
            }
        }
    }

    /// Reads one event; `None` for what means nothing here.
    fn step(&mut self, buffer: &mut Vec<u8>, kept: &mut Kept) -> Result<Option<Piece>, FeedError> {
        let event = match self.reader.read_event_into(buffer) {
            Ok(event) => event,
            Err(fault) => return Err(self.of_xml(fault)),
        };
        Ok(Some(match event {
            Event::Start(tag) | Event::Empty(tag) => {
                self.enter(&tag)?;
                Piece::Open
            }
            Event::End(_) => {
                self.open.pop();
                Piece::Close
            }
            Event::Text(text) if self.open.is_empty() && !text.trim().is_empty() => {
                return Err(self.fault("text outside of the document".to_owned()));
            }
            Event::CData(_) | Event::GeneralRef(_) if self.open.is_empty() => {
                return Err(self.fault("text outside of the document".to_owned()));
            }
            Event::Text(text) => {
                kept.push(&text);
                Piece::Text
            }
            Event::CData(text) => {
                kept.push(&text);
                Piece::Text
            }
            Event::GeneralRef(name) => {
                let reference = format!("&{};", &*name);
                let text = quick_xml::escape::unescape(&reference);
                kept.push(&text.map_err(|fault| self.fault(fault.to_string()))?);
                Piece::Text
            }
            Event::Eof if self.open.is_empty() => Piece::End,
            Event::Eof => return Err(self.fault("the document ends early".to_owned())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {
                return Ok(None);
            }
        }))
    }

    fn enter(&mut self, tag: &BytesStart<'_>) -> Result<(), FeedError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(self.limit("elements within each other", MAX_DEPTH));
        }
        self.open.push(tag.local_name().as_ref().into());
        self.attributes.clear();
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|fault| self.fault(fault.to_string()))?;
            if self.attributes.len() >= MAX_ATTRIBUTES {
                return Err(self.limit("attributes of one element", MAX_ATTRIBUTES));
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|fault| self.fault(fault.to_string()))?;
            let name = attribute.key.local_name().as_ref().into();
            self.attributes.push((name, value.into_owned()));
        }
        Ok(())
    }

    fn of_xml(&self, fault: quick_xml::Error) -> FeedError {
        match fault {
            quick_xml::Error::Io(fault) => {
                let fault = Arc::try_unwrap(fault)
                    .unwrap_or_else(|shared| io::Error::other(shared.to_string()));
                of_io(self.address, self.place(), fault)
            }
            fault => self.fault(fault.to_string()),
        }
    }
}

/// A text that is kept up to a number of bytes.
struct Kept {
    text: String,
    max_bytes: usize,
}

impl Kept {
    fn nothing() -> Self {
        Self { text: String::new(), max_bytes: 0 }
    }

    fn push(&mut self, text: &str) {
        let room = self.max_bytes - self.text.len();
        self.text.push_str(&text[..text.floor_char_boundary(room)]);
        if room < text.len() {
            // What follows must not close the gap.
            self.max_bytes = self.text.len();
        }
    }
}

/// A reader that fails when more than [`MAX_PIECE_BYTES`] are taken since the meter was set to zero.
struct Metered<'a> {
    inner: BufReader<Box<dyn Read + 'a>>,
    meter: Rc<Cell<u64>>,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Metered<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.meter.get() > MAX_PIECE_BYTES {
            return Err(io::Error::other(Overflow::new(MAX_PIECE_BYTES, "bytes in one piece")));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.meter.set(self.meter.get() + count as u64);
        self.inner.consume(count);
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
            let text = xml.text(20)?;
            seen = format!("{seen}{name} {} {text}|", id.unwrap_or_default());
        }
        xml.end()?;
        Ok(seen)
    }

    #[test]
    fn elements_are_read_whatever_their_prefix() {
        let text = "<?xml version='1.0'?><!-- x --><p:a>\n<q:b id='1 &lt; 2'>x &amp; <c>y</c></q:b>\
                    <d id=\"e\"/><e><![CDATA[<&>]]>&#65;</e></p:a>\n";
        assert_eq!(outline(text).unwrap(), "b 1 < 2 x & y|d e |e  <&>A|");
    }

    #[test]
    fn a_fault_is_told_with_line_and_element() {
        for (text, place) in [
            ("<a>\n<b>\n</c></a>", "line 3 in `b`"),
            ("<a>\n<b id='1>\n</b></a>", "line 2 in `a`"),
            ("<a>\n<b>&unknown;</b></a>", "line 2 in `b`"),
            ("<a>\n\n<b>x", "line 3 in `b`"),
            ("<b/>", "line 1 in `b`"),
            ("", "line 1"),
            ("x", "line 1"),
            ("<a/>\n{}", "line 2"),
            ("<a/>&amp;", "line 1"),
            ("<a/><a/>", "line 1 in `a`"),
        ] {
            let error = outline(text).unwrap_err();
            let FeedError::Malformed { place: told, .. } = &error else { panic!("{error}") };
            assert_eq!(told, place, "{text}: {error}");
        }
    }

    #[test]
    fn long_texts_are_cut_and_long_pieces_refused() {
        let text = format!("<a><b>{}&amp;x</b></a>", "ä".repeat(30));
        assert_eq!(outline(&text).unwrap(), format!("b  {}|", "ä".repeat(10)));
        let large = "x".repeat(usize::try_from(MAX_PIECE_BYTES).unwrap() + 2 * BUFFER_BYTES);
        for text in [format!("<a>{large}</a>"), format!("<a><b id='{large}'/></a>")] {
            let error = outline(&text).unwrap_err();
            assert!(
                matches!(error, FeedError::Limit { what: "bytes in one piece", .. }),
                "{error}"
            );
        }
    }

    #[test]
    fn depth_and_attributes_have_limits() {
        let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(outline(&deep(MAX_DEPTH)).is_ok());
        let error = outline(&deep(MAX_DEPTH + 1)).unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: 64, .. }), "{error}");
        let many = |count: usize| format!("<a {}/>", "x='' ".repeat(count));
        assert!(outline(&many(MAX_ATTRIBUTES)).is_ok());
        let error = outline(&many(MAX_ATTRIBUTES + 1)).unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: 64, .. }), "{error}");
    }
}
