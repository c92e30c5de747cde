//! XML as a stream of small events, with the byte at which a fault lies.
//!
//! A document type is passed over and what it declares is not known: only the five entities of XML
//! itself and numbered characters stand for something.
//! Source: <https://www.w3.org/TR/xml/>.

use std::io::{self, BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::error::FeedError;
use crate::text::of_io;

/// Most bytes of one tag, comment or stretch of text between two tags.
pub(crate) const MAX_EVENT_BYTES: u64 = 4 << 20;
/// Most elements inside one another.
pub(crate) const MAX_DEPTH: usize = 64;
/// Most attributes of one element.
pub(crate) const MAX_ATTRIBUTES: usize = 64;
/// Longest text of an element that is kept, in bytes; what is beyond is left out.
pub(crate) const MAX_TEXT_BYTES: usize = 64 << 10;

/// What a document is made of.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Node {
    /// An element begins; its name has no prefix.
    Start(String, Vec<(String, String)>),
    /// An element ends; the text is what stood in it since the last tag, without blanks around it.
    End(String, String),
}

/// A document that is being read.
pub(crate) struct Document<'a> {
    address: &'a str,
    reader: Reader<Metered<BufReader<Box<dyn Read + 'a>>>>,
    buffer: Vec<u8>,
    text: String,
    depth: usize,
    /// The element around all others has begun.
    begun: bool,
}

impl<'a> Document<'a> {
    /// Begins to read; `body` is unpacked.
    pub(crate) fn new(address: &'a str, body: Box<dyn Read + 'a>) -> Self {
        let mut reader = Reader::from_reader(Metered { inner: BufReader::new(body), taken: 0 });
        reader.config_mut().expand_empty_elements = true;
        let (buffer, text) = (Vec::new(), String::new());
        Self { address, reader, buffer, text, depth: 0, begun: false }
    }

    /// How many elements are open: 1 after the outermost began.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Reads on to the next tag; `None` at the end of a whole document.
    ///
    /// # Errors
    /// [`FeedError::Malformed`] with the byte, [`FeedError::Limit`].
    pub(crate) fn next(&mut self) -> Result<Option<Node>, FeedError> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().taken = 0;
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(fault) => return Err(self.of_xml(fault)),
            };
            let open = self.depth > 0;
            match event {
                Event::Start(start) => {
                    let node = node(&start);
                    self.text.clear();
                    return self.start(node);
                }
                Event::End(end) => {
                    let name = end.local_name().as_ref().to_owned();
                    self.depth = self.depth.saturating_sub(1);
                    let text = self.text.trim().to_owned();
                    self.text.clear();
                    return Ok(Some(Node::End(name, text)));
                }
                Event::Text(text) if open => push(&mut self.text, &text.xml10_content()),
                Event::CData(text) if open => push(&mut self.text, &text.xml10_content()),
                Event::GeneralRef(name) if open => {
                    let letter = match name.resolve_char_ref() {
                        Ok(Some(letter)) => Some(letter),
                        Ok(None) => entity(&name.xml10_content()),
                        Err(_) => None,
                    };
                    let Some(letter) = letter else {
                        return Err(self.fault("an entity that XML does not have"));
                    };
                    push(&mut self.text, letter.encode_utf8(&mut [0; 4]));
                }
                Event::Text(text) if !text.xml10_content().trim().is_empty() => {
                    return Err(self.fault("text outside of the document"));
                }
                Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(self.fault("text outside of the document"));
                }
                Event::Eof if self.begun && !open => return Ok(None),
                Event::Eof => return Err(self.fault("the document ends early")),
                _ => {}
            }
        }
    }

    fn start(&mut self, node: Option<Node>) -> Result<Option<Node>, FeedError> {
        if self.depth == 0 && self.begun {
            return Err(self.fault("a second document"));
        }
        let Some(node) = node else { return Err(self.fault("a broken attribute, or too many")) };
        self.begun = true;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let (address, limit) = (self.address.to_owned(), MAX_DEPTH as u64);
            return Err(FeedError::Limit { address, what: "elements inside one another", limit });
        }
        Ok(Some(node))
    }

    /// Words a fault at the place that was read last.
    pub(crate) fn fault(&self, detail: &str) -> FeedError {
        let place = format!("byte {}", self.reader.buffer_position());
        FeedError::Malformed { address: self.address.to_owned(), place, detail: detail.to_owned() }
    }

    fn of_xml(&self, fault: quick_xml::Error) -> FeedError {
        if self.reader.get_ref().taken > MAX_EVENT_BYTES {
            let (address, limit) = (self.address.to_owned(), MAX_EVENT_BYTES);
            return FeedError::Limit { address, what: "bytes between two tags", limit };
        }
        let place = format!("byte {}", self.reader.error_position());
        match fault {
            quick_xml::Error::Io(fault) => {
                let fault = std::sync::Arc::try_unwrap(fault)
                    .unwrap_or_else(|fault| io::Error::new(fault.kind(), fault.to_string()));
                of_io(self.address, place, fault)
            }
            fault => self.fault(&fault.to_string()),
        }
    }
}

/// Takes an attribute out.
pub(crate) fn take(attributes: &mut [(String, String)], name: &str) -> Option<String> {
    let (_, value) = attributes.iter_mut().find(|(key, _)| key == name)?;
    Some(std::mem::take(value))
}

fn node(start: &BytesStart<'_>) -> Option<Node> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok().filter(|_| attributes.len() < MAX_ATTRIBUTES)?;
        let key = attribute.key.local_name().as_ref().to_owned();
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
        attributes.push((key, value.into_owned()));
    }
    Some(Node::Start(start.local_name().as_ref().to_owned(), attributes))
}

fn push(text: &mut String, more: &str) {
    let room = MAX_TEXT_BYTES.saturating_sub(text.len());
    text.push_str(&more[..more.floor_char_boundary(room)]);
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// A reader that counts what is taken of it, and fails beyond [`MAX_EVENT_BYTES`].
struct Metered<R> {
    inner: R,
    taken: u64,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.taken += count as u64;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken > MAX_EVENT_BYTES {
            return Err(io::Error::other("too much between two tags"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.taken += count as u64;
        self.inner.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, FeedError> {
        let mut document = Document::new("x.xml", Box::new(text.as_bytes()));
        let mut seen = Vec::new();
        while let Some(node) = document.next()? {
            seen.push(match node {
                Node::Start(name, attributes) => {
                    let pairs = attributes.iter().map(|(key, value)| format!(" {key}={value}"));
                    format!("<{name}{}>", pairs.collect::<Vec<_>>().concat())
                }
                Node::End(name, text) => format!("{text}</{name}>"),
            });
        }
        Ok(seen.concat())
    }

    #[test]
    fn elements_attributes_and_texts_come_out_plain() {
        let text = "<?xml version=\"1.0\"?>\n<!DOCTYPE a SYSTEM \"a.dtd\">\n<!-- c --><a x:b='1 &amp; &#50;'> \
            <b/>t &lt;<![CDATA[ <u> ]]>&#x41; </a>\n";
        assert_eq!(read(text).unwrap(), "<a b=1 & 2><b></b>t < <u> A</a>");
    }

    #[test]
    fn what_is_broken_is_told_with_its_byte() {
        for text in [
            "",
            " ",
            "<a>",
            "<a></b>",
            "<a",
            "<a/><b/>",
            "<a/>{}",
            "{}<a/>",
            "<a>&what;</a>",
            "</a>",
            "<a b=1/>",
            "<a b='1' b='2'/>",
            "<a>\u{0}</a",
            "<a/>&amp;",
        ] {
            let error = read(text).unwrap_err();
            let FeedError::Malformed { place, .. } = &error else { panic!("{text}: {error}") };
            assert!(place.starts_with("byte "), "{text}: {error}");
        }
    }

    #[test]
    fn depth_and_text_have_limits() {
        assert!(read(&format!("{}{}", "<a>".repeat(64), "</a>".repeat(64))).is_ok());
        let error = read(&"<a>".repeat(65)).unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: 64, .. }), "{error}");
        let many = |count| (0..count).fold(String::new(), |all, n| format!("{all} a{n}=''"));
        assert!(read(&format!("<a{}/>", many(MAX_ATTRIBUTES))).is_ok());
        assert!(read(&format!("<a{}/>", many(MAX_ATTRIBUTES + 1))).is_err());
        let long = |letter: &str| letter.repeat(MAX_EVENT_BYTES as usize + (1 << 16));
        for text in [format!("<a>{}</a>", long("x")), format!("<a b='{}'/>", long("x"))] {
            let error = read(&text).unwrap_err();
            assert!(matches!(error, FeedError::Limit { limit: MAX_EVENT_BYTES, .. }), "{error}");
        }
        let kept = read(&format!("<a>{}</a>", "é".repeat(MAX_TEXT_BYTES))).unwrap();
        assert_eq!(kept.len(), "<a></a>".len() + MAX_TEXT_BYTES);
    }
}
