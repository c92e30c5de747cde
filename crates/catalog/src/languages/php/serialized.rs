//! PHP's serialisation of values, as data: arrays, texts and numbers. Objects and references are refused.
//!
//! The format is that of `serialize()` (<https://www.php.net/manual/en/function.serialize.php>): a letter for
//! the kind, then lengths in decimal, counted in bytes. Nothing is ever made of it but the values below.

/// The most arrays in each other.
const MAX_DEPTH: usize = 64;
/// The most values of one file; a registry entry with a list of ten thousand files has some 200,000.
const MAX_VALUES: usize = 1_000_000;

/// A value that was serialised.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Value {
    Array(Vec<(Value, Value)>),
    Text(String),
    /// A number, a truth value, or nothing.
    Plain,
}

impl Value {
    /// Returns the first value under a key of an array.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        let Self::Array(pairs) = self else { return None };
        pairs.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// Returns a text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads one value; what follows it does not matter. An error says at which byte it is none.
///
/// ```text
/// a:2:{s:4:"name";s:3:"APC";i:0;b:1;}
/// ```
pub(super) fn parse(body: &[u8]) -> Result<Value, String> {
    let mut input = Input { body, at: 0, values: 0 };
    input.value(0).map_err(|what| format!("it is no serialised value: {what} at byte {}", input.at))
}

struct Input<'a> {
    body: &'a [u8],
    at: usize,
    values: usize,
}

impl Input<'_> {
    fn value(&mut self, depth: usize) -> Result<Value, &'static str> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err("too many values");
        }
        let kind = *self.body.get(self.at).ok_or("the end")?;
        self.at += 1;
        match kind {
            b'a' if depth == MAX_DEPTH => Err("arrays too deep in each other"),
            b'a' => self.array(depth),
            b's' => self.text(),
            b'N' => self.expect(b";").map(|()| Value::Plain),
            b'i' | b'b' | b'd' => {
                self.expect(b":")?;
                let length = self.rest().iter().position(|byte| *byte == b';');
                self.at += length.ok_or("a number without an end")? + 1;
                Ok(Value::Plain)
            }
            _ => Err("a kind that is not known"),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, &'static str> {
        self.expect(b":")?;
        let count = self.number()?;
        self.expect(b":{")?;
        let mut pairs = Vec::new();
        for _ in 0..count {
            pairs.push((self.value(depth + 1)?, self.value(depth + 1)?));
        }
        self.expect(b"}")?;
        Ok(Value::Array(pairs))
    }

    fn text(&mut self) -> Result<Value, &'static str> {
        self.expect(b":")?;
        let length = self.number()?;
        self.expect(b":\"")?;
        let bytes = self.rest().get(..length).ok_or("a text longer than the file")?;
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.at += length;
        self.expect(b"\";")?;
        Ok(Value::Text(text))
    }

    fn number(&mut self) -> Result<usize, &'static str> {
        let rest = self.rest();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = std::str::from_utf8(&rest[..digits]).unwrap_or_default();
        let number = text.parse().map_err(|_| "no length");
        self.at += digits;
        number
    }

    fn expect(&mut self, what: &'static [u8]) -> Result<(), &'static str> {
        if !self.rest().starts_with(what) {
            return Err("something else than the format says");
        }
        self.at += what.len();
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        self.body.get(self.at..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_of_all_kinds_are_read() {
        let value = parse(
            b"a:4:{i:0;N;s:1:\"b\";b:1;s:1:\"c\";d:0.5;s:2:\"\xc3\xa4\";a:1:{i:1;s:0:\"\";}}x",
        )
        .unwrap();
        assert_eq!(value.get("b"), Some(&Value::Plain));
        assert_eq!(
            value.get("\u{e4}"),
            Some(&Value::Array(vec![(Value::Plain, Value::Text(String::new()))]))
        );
        assert_eq!(value.get("z"), None);
    }

    #[test]
    fn what_is_broken_names_the_place() {
        for (body, place) in [
            ("", 0),
            ("a:99999999999:{", 15),
            ("a:99999999999999999999:{", 22),
            ("s:5:\"abc\";", 10),
            ("s:9:\"abc\";", 5),
            ("s:1:\"abc\";", 6),
            ("O:8:\"stdClass\":0:{}", 1),
            ("i:1", 2),
        ] {
            let error = parse(body.as_bytes()).unwrap_err();
            assert!(error.ends_with(&format!("at byte {place}")), "{body}: {error}");
        }
    }

    #[test]
    fn depth_and_number_have_limits() {
        let nested = |depth: usize| "a:1:{i:0;".repeat(depth) + "N;" + &"}".repeat(depth);
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err().contains("too deep"));
        let pairs = MAX_VALUES / 2;
        let many = format!("a:{pairs}:{{{}}}", "N;N;".repeat(pairs));
        assert!(parse(many.as_bytes()).unwrap_err().contains("too many"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(body in "[asidbN0-3:;\"{}]{0,60}") {
            let _ = parse(body.as_bytes());
        }
    }
}
