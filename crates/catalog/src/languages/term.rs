//! Terms in the syntax of Erlang: `{application, ssl, [{vsn, "10.9"}]}.`
//!
//! Read as data up to the first full stop: atoms, texts, tuples, lists. What else a term may hold (numbers,
//! binaries, maps) becomes an atom of its letters, so that a file with one is still read. The source is the
//! reference manual of Erlang, "Data Types" (<https://www.erlang.org/doc/reference_manual/data_types.html>).

/// The most terms in each other.
const MAX_DEPTH: usize = 64;
/// The most terms of one file.
const MAX_TERMS: usize = 200_000;

/// A term.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Term {
    Atom(String),
    Text(String),
    Tuple(Vec<Term>),
    List(Vec<Term>),
}

impl Term {
    /// Returns the value of the pair `{key, value}` of a list.
    pub(crate) fn get(&self, key: &str) -> Option<&Term> {
        let Self::List(entries) = self else { return None };
        entries.iter().find_map(|entry| match entry {
            Self::Tuple(pair) => match pair.as_slice() {
                [Self::Atom(name), value] if name == key => Some(value),
                _ => None,
            },
            _ => None,
        })
    }

    /// Returns a text; a list of nothing is an empty one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(entries) if entries.is_empty() => Some(""),
            _ => None,
        }
    }
}

/// Reads the first term of a file. An error says at which line it is none.
pub(crate) fn parse(text: &str) -> Result<Term, String> {
    let mut input = Input { text, at: 0, terms: 0 };
    input.term(0).map_err(|what| {
        let lines = text.get(..input.at).unwrap_or(text).lines().count().max(1);
        format!("it is no Erlang term: {what} in line {lines}")
    })
}

struct Input<'a> {
    text: &'a str,
    at: usize,
    terms: usize,
}

impl<'a> Input<'a> {
    fn term(&mut self, depth: usize) -> Result<Term, &'static str> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err("too many terms");
        }
        self.skip_blanks();
        match self.peek().ok_or("the end")? {
            '{' | '[' if depth == MAX_DEPTH => Err("terms too deep in each other"),
            '{' => self.sequence(depth, '}').map(Term::Tuple),
            '[' => self.sequence(depth, ']').map(Term::List),
            '"' => self.texts(),
            '\'' => self.quoted('\'').map(Term::Atom),
            _ => self.word(),
        }
    }

    fn sequence(&mut self, depth: usize, end: char) -> Result<Vec<Term>, &'static str> {
        self.at += 1;
        let mut terms = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek().ok_or("the end")? {
                closing if closing == end => {
                    self.at += 1;
                    return Ok(terms);
                }
                // The tail of a list, `[a | b]`, is one more entry here.
                ',' | '|' => self.at += 1,
                _ => terms.push(self.term(depth + 1)?),
            }
        }
    }

    /// Texts that follow each other are one.
    fn texts(&mut self) -> Result<Term, &'static str> {
        let mut whole = String::new();
        while self.peek() == Some('"') {
            whole.push_str(&self.quoted('"')?);
            self.skip_blanks();
        }
        Ok(Term::Text(whole))
    }

    fn quoted(&mut self, quote: char) -> Result<String, &'static str> {
        self.at += 1;
        let mut content = String::new();
        let mut letters = self.rest().char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => content.extend(letters.next().map(|(_, escaped)| escaped)),
                _ if letter == quote => {
                    self.at += at + letter.len_utf8();
                    return Ok(content);
                }
                _ => content.push(letter),
            }
        }
        Err("a text without an end")
    }

    fn word(&mut self) -> Result<Term, &'static str> {
        let rest = self.rest();
        let is_end = |letter: char| letter.is_whitespace() || "{}[],|\"'%".contains(letter);
        let length = rest.find(is_end).unwrap_or(rest.len());
        if length == 0 {
            return Err("a letter that opens no term");
        }
        self.at += length;
        Ok(Term::Atom(rest[..length].to_owned()))
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('%') {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn terms_are_read() {
        let term =
            parse("%% made\n{'my app', -1,[{vsn,\"1.\" \"2\\\"\"}, a|b], #{}, <<\"x\">>}. rest")
                .unwrap();
        let Term::Tuple(parts) = &term else { panic!("{term:?}") };
        assert_eq!(parts[0], Term::Atom("my app".to_owned()));
        assert_eq!(parts[2].get("vsn").and_then(Term::text), Some("1.2\""));
        assert_eq!(parts[2].get("none"), None);
        assert_eq!(Term::List(Vec::new()).text(), Some(""));
    }

    #[test]
    fn what_is_broken_names_the_line() {
        for (text, line) in [("", 1), ("{a,\n[b}", 2), ("{a,\n\"b", 2), ("{a,\n\nb", 3)] {
            let error = parse(text).unwrap_err();
            assert!(error.ends_with(&format!("line {line}")), "{text}: {error}");
        }
    }

    #[test]
    fn depth_and_number_have_limits() {
        assert!(parse(&("[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH))).is_ok());
        assert!(parse(&"[".repeat(1_000_000)).unwrap_err().contains("too deep"));
        let many = format!("[{}]", "a,".repeat(MAX_TERMS));
        assert!(parse(&many).unwrap_err().contains("too many"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[a-c{}\\[\\]\",|'% \n\\\\]{0,60}") {
            let _ = parse(&text);
        }
    }
}
